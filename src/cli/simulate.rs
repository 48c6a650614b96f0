//! `koppelwacht simulate`: what would follow if a notice came in at some moment, to the minute, without touching anything.
//!
//! It is the decisions themselves that are asked, one stored moment after the other. Mail is taken to arrive at once.

use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp};

use crate::decide::{decide, suppose};
use crate::domain::{
    Absence, AbsenceId, AbsenceState, Act, Away, CaseloadId, Change, Event, Origin, PersonId, Refusal,
    Snapshot, TaskId, TypeId,
};
use crate::rules::Rules;

use super::{AnyConfig, Exit, fail, installation, say, words};

/// The most moments that are gone through: somebody acts, or it goes on for ever.
const MOST_MOMENTS: usize = 200;

#[derive(Debug, clap::Args)]
pub(super) struct Simulate {
    /// The type of the notice, such as coa.koppeling
    #[arg(long = "type", value_name = "TYPE")]
    kind: String,

    /// When it arrives, on the clock of the town hall
    #[arg(long, value_name = "YYYY-MM-DD HH:MM")]
    at: String,

    /// Where it goes; otherwise the routes decide
    #[arg(long, value_name = "CASELOAD")]
    caseload: Option<String>,

    /// Who is away all the time, besides those whose leave stands in the rules
    #[arg(long, value_name = "PERSON,..", value_delimiter = ',')]
    absent: Vec<String>,

    /// Who takes it, and how long after it arrived: "s.deboer after 3h"; otherwise nobody acts
    #[arg(long, value_name = "PERSON after TIME")]
    acts: Option<String>,

    /// For how many days to look on
    #[arg(long, value_name = "DAYS", default_value_t = 7, value_parser = clap::value_parser!(u16).range(1..=400))]
    days: u16,

    #[command(flatten)]
    config: AnyConfig,
}

impl Simulate {
    pub(super) fn run(&self) -> Exit {
        let installation = match installation(self.config.file().as_deref()) {
            Ok(installation) => installation,
            Err(exit) => return exit,
        };
        match self.tell(&installation.office.rules) {
            Ok(told) => say(&told, Exit::Fine),
            Err(reason) => fail(&reason),
        }
    }

    /// The whole story, a line for each thing that happens.
    fn tell(&self, rules: &Rules) -> Result<String, String> {
        let calendar = &rules.calendar;
        let arrives = DateTime::strptime("%Y-%m-%d %H:%M", &self.at)
            .map_err(|_| format!("`{}` is no moment; write it as \"2026-12-24 16:40\"", self.at))?;
        let arrives = calendar.at(arrives.date(), arrives.time());
        let caseload = self.caseload.as_deref().map(CaseloadId::new);
        if let Some(unknown) = caseload.as_ref().filter(|id| !rules.caseloads.contains_key(*id)) {
            return Err(words::no_caseload(unknown, rules));
        }
        let acting = self.acts.as_deref().map(acting).transpose()?;
        let absent = self.absent.iter().map(|id| PersonId::new(id));
        let mut office = Supposed::new(rules, absent.collect(), arrives)?;
        let kind = TypeId::new(&self.kind);
        let opened = suppose(rules, &office.snapshot, &kind, caseload.as_ref(), arrives);
        let opened = opened.map_err(|refusal| words::refused(&refusal, rules))?;
        office.absorb(&opened);

        let end = arrives + SignedDuration::from_hours(24 * i64::from(self.days));
        let acting = acting.map(|(person, after)| (person, arrives + after));
        let ending = office
            .live(acting, end)
            .map_err(|refusal| words::refused(&refusal, rules))?;
        let lines = office.snapshot.tasks.values().flat_map(|task| {
            let zone = |at| calendar.zoned(at).strftime("%a %Y-%m-%d %H:%M").to_string();
            let first = format!("{} in {}, due {}", task.kind, task.caseload, zone(task.due));
            let history = office.snapshot.history.get(&task.id).into_iter().flatten();
            let last = format!("{}  {}", zone(ending), words::state(task, &zone));
            let history = history.map(|line| words::line(line, &zone));
            let all: Vec<String> = std::iter::once(first).chain(history).chain([last]).collect();
            all
        });
        Ok(lines.map(|line| line + "\n").collect())
    }
}

/// `s.deboer after 3h`.
fn acting(text: &str) -> Result<(PersonId, SignedDuration), String> {
    let read = text
        .split_once(" after ")
        .and_then(|(person, after)| Some((PersonId::new(person.trim()), after.trim().parse().ok()?)));
    read.ok_or_else(|| format!("`{text}` does not say who acts when; write it as \"s.deboer after 3h\""))
}

/// An office in which only one thing happens.
struct Supposed<'a> {
    rules: &'a Rules,
    snapshot: Snapshot,
    now: Timestamp,
}

impl<'a> Supposed<'a> {
    /// With the leave that stands in the rules, and these people away all the time.
    fn new(rules: &'a Rules, absent: Vec<PersonId>, now: Timestamp) -> Result<Self, String> {
        if let Some(unknown) = absent.iter().find(|id| !rules.people.contains_key(*id)) {
            return Err(words::refused(&Refusal::UnknownPerson(unknown.clone()), rules));
        }
        let always = absent.into_iter().map(|person| Away {
            person,
            from: now,
            until: None,
        });
        let leave = rules.absences.iter().map(|leave| leave.away(&rules.calendar));
        let mut snapshot = Snapshot::empty();
        snapshot.absences = (1..)
            .zip(leave.chain(always))
            .map(|(number, away)| Absence {
                id: AbsenceId(number),
                away,
                origin: Origin::Rules,
                noted: now,
                state: AbsenceState::Ahead,
            })
            .collect();
        Ok(Self { rules, snapshot, now })
    }

    /// Everything that is stored comes at its moment, and somebody acts, until it is over. Says when that is.
    fn live(&mut self, acting: Option<(PersonId, Timestamp)>, end: Timestamp) -> Result<Timestamp, Refusal> {
        let mut acting = acting.filter(|(_, at)| *at <= end);
        for _ in 0..MOST_MOMENTS {
            let next = self.snapshot.next_moment().filter(|(_, at)| *at <= end);
            let act = acting.take_if(|(_, at)| next.as_ref().is_none_or(|(_, moment)| *at <= *moment));
            let (event, at) = match (act, next) {
                (Some((by, at)), _) => {
                    let (task, act) = (TaskId(1), Act::Take);
                    (Event::PersonActed { by, task, act }, at)
                }
                (None, Some((moment, at))) => (Event::MomentCame(moment), at),
                (None, None) => return Ok(end),
            };
            self.now = self.now.max(at);
            self.happens(&event)?;
        }
        Ok(self.now)
    }

    fn happens(&mut self, event: &Event) -> Result<(), Refusal> {
        let changes = decide(self.rules, &self.snapshot, event, self.now);
        self.absorb(&changes);
        let refused = changes.into_iter().find_map(|change| match change {
            Change::Refused(refusal) => Some(refusal),
            _ => None,
        });
        refused.map_or(Ok(()), Err)
    }

    /// What was decided is so, and its letters leave at once.
    fn absorb(&mut self, changes: &[Change]) {
        self.snapshot.absorb(changes);
        self.snapshot.unsent.clear();
    }
}
