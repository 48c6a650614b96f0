//! A plan as a story.

use std::fmt;

use jiff::{SignedDuration, Timestamp, ToSpan};
use koppelwacht::domain::{Role, Term, Weeks, WorkWeek};

use super::mails::samples;
use super::plan::{Deed, Killed, Plan, Reaction, person, shipped};

/// The story, in words.
impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let setup = &self.setup;
        for (number, (week, deputy)) in setup.people.iter().enumerate() {
            let works = week.as_ref().map_or_else(|| "every day".to_owned(), in_words);
            writeln!(
                f,
                "{} works {works}; {} stands in",
                person(number),
                person(*deputy)
            )?;
        }
        for (caseload, who) in shipped().caseloads.keys().zip(setup.caseloads.iter().cycle()) {
            let [owner, deputy, lead] = who.map(person);
            writeln!(f, "caseload {caseload}: {owner}, then {deputy}; led by {lead}")?;
        }
        writeln!(
            f,
            "ladder: {}; held for {}",
            rungs_in_words(&setup.ladder),
            term(setup.hold)
        )?;
        writeln!(
            f,
            "letters gathered for {} minutes, overview: {}, proved each night: {}",
            setup.gather, setup.overview, setup.nightly
        )?;
        for (who, after, days) in &setup.leave {
            let from = setup.start.saturating_add(after.days());
            writeln!(f, "{} has leave from {from}, {} days", person(*who), days + 1)?;
        }
        let mut at = self.start();
        for (gap, deed) in &self.deeds {
            at += SignedDuration::from_mins(i64::from(*gap));
            writeln!(f, "{} {deed}", clock_time(at))?;
        }
        Ok(())
    }
}

/// A moment as stories tell it.
pub(crate) fn clock_time(at: Timestamp) -> String {
    shipped()
        .calendar
        .zoned(at)
        .strftime("%a %Y-%m-%d %H:%M")
        .to_string()
}

fn in_words(week: &WorkWeek) -> String {
    let shifts = week.0.iter().map(|shift| {
        let hours = shift.hours.map_or_else(String::new, |(from, until)| {
            format!(" {}-{}", from.strftime("%H:%M"), until.strftime("%H:%M"))
        });
        let weeks = match shift.weeks {
            Weeks::Every => "",
            Weeks::Even => " in even weeks",
            Weeks::Odd => " in odd weeks",
        };
        format!("{:?}{hours}{weeks}", shift.day)
    });
    shifts.collect::<Vec<_>>().join(", ")
}

fn rungs_in_words(ladder: &[(Role, Term)]) -> String {
    let rungs = ladder
        .iter()
        .map(|(role, wait)| format!("{role:?} {}", term(*wait)));
    rungs.collect::<Vec<_>>().join(", ")
}

fn term(term: Term) -> String {
    match term {
        Term::WorkingMinutes(minutes) => format!("{minutes} working minutes"),
        Term::ClockMinutes(minutes) => format!("{minutes} minutes"),
        Term::WorkingDays(days) => format!("{days} working days"),
        other @ Term::Statutory(_) => format!("{other:?}"),
    }
}

impl fmt::Display for Deed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mail { sample, readers } => {
                write!(f, "mail {} arrives", samples().name(*sample))?;
                for reaction in readers {
                    write!(f, "; its next reader {reaction}")?;
                }
                Ok(())
            }
            Self::Leave {
                who,
                in_hours,
                hours,
                in_calendar,
            } => {
                let (who, source) = (person(*who), if *in_calendar { "a calendar" } else { "somebody" });
                write!(
                    f,
                    "{source} says that {who} is away in {in_hours} hours, for {hours}"
                )
            }
            Self::Longer { who, hours } => {
                write!(
                    f,
                    "the calendar says that {} is away {hours} hours longer",
                    person(*who)
                )
            }
            Self::Illness { who, hours, answers } => {
                let said = if *answers { "; their mailbox answers" } else { "" };
                write!(
                    f,
                    "{} is ill for {hours} hours, and says nothing{said}",
                    person(*who)
                )
            }
            Self::Back { who } => write!(f, "{} is back, and it is said", person(*who)),
            Self::PostDown { hours } => write!(f, "the mail server is down for {hours} hours"),
            Self::Refused { who, hours } => {
                write!(f, "letters to {} are refused for {hours} hours", person(*who))
            }
            Self::Full { who, hours } => {
                write!(f, "the mailbox of {} is full for {hours} hours", person(*who))
            }
            Self::Bounces { who, hours } => {
                write!(f, "letters to {} come back for {hours} hours", person(*who))
            }
            Self::Outage { hours } => write!(f, "the program stands still for {hours} hours"),
            Self::Killed(Killed::BeforeCommit) => write!(f, "the program is killed before its next commit"),
            Self::Killed(Killed::AfterCommit) => write!(f, "the program is killed after its next commit"),
            Self::Killed(Killed::AfterSending) => {
                write!(
                    f,
                    "the program is killed after letters left, before it writes that down"
                )
            }
            Self::Busy { times } => write!(f, "the ledger is busy {times} times"),
            Self::NewRules { ladder } => write!(f, "new rules: {}", rungs_in_words(ladder)),
        }
    }
}

impl fmt::Display for Reaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let way = |by_mail: bool| if by_mail { " by mail" } else { "" };
        match self {
            Self::Nothing => write!(f, "does nothing"),
            Self::Takes { hours, by_mail } => {
                write!(f, "takes it{}, and handles it after {hours} hours", way(*by_mail))
            }
            Self::Forgets => write!(f, "takes it and forgets it"),
            Self::Finishes { by_mail } => write!(f, "handles it{}", way(*by_mail)),
            Self::Mistakes { hours, by, by_mail } => write!(
                f,
                "handles it{} by mistake, and {} opens it again after {hours} hours",
                way(*by_mail),
                person(*by)
            ),
            Self::Declines { by_mail } => write!(f, "says{} that it is not theirs", way(*by_mail)),
            Self::Hands { to } => write!(f, "gives it to {}", person(*to)),
        }
    }
}
