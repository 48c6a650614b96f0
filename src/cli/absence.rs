//! `koppelwacht absence`: who is away, and who says so.

use clap::Subcommand;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use serde_json::json;

use crate::desk::Desk;
use crate::domain::{Absence, AbsenceId, AbsenceState, Away, Calendar, End, Origin, PersonId};

use super::task::Who;
use super::{Config, Exit, fail, fail_at, say, tell};

#[derive(Debug, clap::Args)]
pub(super) struct Absences {
    #[command(flatten)]
    config: Config,

    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List who is away now or soon, whose mailbox cannot be reached, and how that is known
    List {
        /// Those that are over as well
        #[arg(long)]
        all: bool,
        /// Print one JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Say that somebody is away: what they have goes to somebody else at once
    Add {
        /// Who is away, as named in rules/people.toml
        colleague: String,
        /// The first day, as 2026-12-21, or a moment, as 2026-12-21T13:00; without it: now
        #[arg(long, value_name = "DAY")]
        from: Option<Moment>,
        /// The last day, or the moment at which they are back; without it: until somebody ends it
        #[arg(long, value_name = "DAY")]
        until: Option<Moment>,
        #[command(flatten)]
        who: Who,
    },
    /// Say that somebody is back, or can be reached again: they are shown what was handed on
    End {
        /// The absence's number
        absence: i64,
        #[command(flatten)]
        who: Who,
    },
}

/// A day, or a moment, in the calendar's zone.
#[derive(Debug, Clone, Copy)]
enum Moment {
    Day(Date),
    At(DateTime),
}

impl std::str::FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(day) = Date::strptime("%Y-%m-%d", text) {
            return Ok(Self::Day(day));
        }
        let moment = DateTime::strptime("%Y-%m-%dT%H:%M", text)
            .map_err(|_| "write a day, as 2026-12-21, or a moment, as 2026-12-21T13:00".to_owned());
        moment.map(Self::At)
    }
}

impl Moment {
    /// Where it starts.
    fn start(self, calendar: &Calendar) -> Timestamp {
        match self {
            Self::Day(day) => calendar.start_of(day),
            Self::At(moment) => calendar.at(moment.date(), moment.time()),
        }
    }

    /// Where it ends: a day as a whole.
    fn end(self, calendar: &Calendar) -> Timestamp {
        match self {
            Self::Day(day) => calendar.start_of(day.tomorrow().unwrap_or(Date::MAX)),
            Self::At(_) => self.start(calendar),
        }
    }
}

impl Absences {
    pub(super) async fn run(self) -> Exit {
        let desk = match self.config.desk().await {
            Ok(desk) => desk,
            Err(exit) => return exit,
        };
        match self.action {
            Action::List { all, json } => list(&desk, all, json).await,
            Action::Add {
                colleague,
                from,
                until,
                who,
            } => add(&desk, &colleague, from, until, who).await,
            Action::End { absence, who } => finish(&desk, AbsenceId(absence), who).await,
        }
    }
}

async fn add(desk: &Desk, person: &str, from: Option<Moment>, until: Option<Moment>, who: Who) -> Exit {
    let by = match who.id() {
        Ok(by) => by,
        Err(exit) => return exit,
    };
    let calendar = &desk.office().rules.calendar;
    let away = Away {
        person: PersonId::new(person),
        from: from.map_or_else(|| desk.now(), |from| from.start(calendar)),
        until: until.map(|until| until.end(calendar)),
    };
    let before = match desk.absences(false).await {
        Ok(before) => before,
        Err(error) => return fail(&error),
    };
    if let Err(error) = desk.enter_absence(by, away.clone()).await {
        return fail_at(desk, &error);
    }
    tell_beside(&before, &away, calendar);
    list(desk, false, false).await
}

/// Says by what else somebody is away who was just said to be: they are until the last of these ends.
fn tell_beside(before: &[Absence], away: &Away, calendar: &Calendar) {
    for other in before.iter().filter(|other| other.away.overlaps(away)) {
        tell(&format_args!(
            "`{}` is away already, {} (absence {}); both hold, and they are back when the last one ends",
            other.away.person,
            end(other, calendar),
            other.id
        ));
    }
}

async fn finish(desk: &Desk, absence: AbsenceId, who: Who) -> Exit {
    let by = match who.id() {
        Ok(by) => by,
        Err(exit) => return exit,
    };
    match desk.end_absence(by, absence).await {
        Ok(()) => list(desk, false, false).await,
        Err(error) => fail_at(desk, &error),
    }
}

async fn list(desk: &Desk, all: bool, json: bool) -> Exit {
    let absences = match desk.absences(all).await {
        Ok(absences) => absences,
        Err(error) => return fail(&error),
    };
    let calendar = &desk.office().rules.calendar;
    let lines: Vec<String> = match absences.as_slice() {
        [] if !json => vec!["nobody is away\n".to_owned()],
        absences if json => absences
            .iter()
            .map(in_json)
            .map(|object| format!("{object}\n"))
            .collect(),
        absences => absences.iter().map(|absence| line(absence, calendar)).collect(),
    };
    say(&lines.concat(), Exit::Fine)
}

fn line(absence: &Absence, calendar: &Calendar) -> String {
    let over = if absence.state == AbsenceState::Over {
        ", over"
    } else {
        ""
    };
    let handed = match absence.handed().count() {
        0 => String::new(),
        1 => ", 1 task handed on".to_owned(),
        count => format!(", {count} tasks handed on"),
    };
    format!(
        "{:<5} {:<16} {} {}{over}{handed} ({})\n",
        absence.id,
        absence.away.person,
        calendar.zoned(absence.away.from).strftime("%a %Y-%m-%d %H:%M"),
        end(absence, calendar),
        origin(&absence.origin)
    )
}

fn end(absence: &Absence, calendar: &Calendar) -> String {
    match (&absence.origin, absence.away.end(calendar)) {
        (Origin::Bounced, End::Open) => "until mail of theirs arrives".to_owned(),
        (_, end) => end.to_string(),
    }
}

fn origin(origin: &Origin) -> String {
    match origin {
        Origin::Rules => "stands in the rules".to_owned(),
        Origin::Calendar => "stands in a calendar".to_owned(),
        Origin::Entered { by } => format!("{by} said so"),
        Origin::Answered => "their mailbox answered by itself".to_owned(),
        Origin::Bounced => "a letter to them came back".to_owned(),
    }
}

fn in_json(absence: &Absence) -> serde_json::Value {
    let by = match &absence.origin {
        Origin::Entered { by } => Some(by),
        _ => None,
    };
    json!({
        "absence": absence.id, "person": absence.away.person, "from": absence.away.from,
        "until": absence.away.until, "origin": absence.origin.word(), "by": by,
        "over": absence.state == AbsenceState::Over, "handed_on": absence.handed().collect::<Vec<_>>(),
    })
}
