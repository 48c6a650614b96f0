//! Tasks and their history in words, for the terminal.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::desk::{Desk, DeskError};
use crate::domain::{
    CaseloadId, Caution, EventId, Happening, HistoryLine, PersonId, Refusal, Role, Skip, Task, TaskId,
    TaskState, Told, TypeId, WhyNot,
};
use crate::findings::instead;
use crate::rules::Rules;

/// How to write down an instant at this office.
pub(super) fn zone(desk: &Desk) -> impl Fn(Timestamp) -> String + use<> {
    let calendar = desk.office().rules.calendar.clone();
    move |at| calendar.zoned(at).strftime("%a %Y-%m-%d %H:%M").to_string()
}

/// Where a task stands.
pub(super) fn state(task: &Task, zone: &dyn Fn(Timestamp) -> String) -> String {
    match &task.state {
        TaskState::Waiting(climb) => {
            let next = climb
                .next
                .map_or_else(String::new, |at| format!(", next escalation {}", zone(at)));
            format!("waits for somebody{next}")
        }
        TaskState::Taken { by, until, .. } => {
            let until = until.map_or_else(String::new, |at| format!(", held until {}", zone(at)));
            format!("taken by {by}{until}")
        }
        TaskState::Done { by: Some(by), at } => format!("done by {by} on {}", zone(*at)),
        TaskState::Done { by: None, at } if task.drill => {
            format!("over since {}: nobody answered", zone(*at))
        }
        // Why stands in its history.
        TaskState::Done { by: None, at } => format!("over by itself since {}", zone(*at)),
    }
}

/// A line of the history.
pub(super) fn line(line: &HistoryLine, zone: &dyn Fn(Timestamp) -> String) -> String {
    let who = line.by.as_ref().map_or("koppelwacht", PersonId::as_str);
    format!("{}  {who:<12} {}", zone(line.at), happening(&line.what))
}

/// A line of the history of one of several tasks.
pub(super) fn line_of(task: TaskId, line: &HistoryLine, zone: &dyn Fn(Timestamp) -> String) -> String {
    let who = line
        .by
        .as_ref()
        .map_or_else(String::new, |person| format!("{person}: "));
    format!("{}  #{task}  {who}{}", zone(line.at), happening(&line.what))
}

/// How many mistakes were in rules that were refused.
pub(super) fn mistakes(count: u32) -> String {
    match count {
        1 => "1 mistake".to_owned(),
        count => format!("{count} mistakes"),
    }
}

/// What somebody tells that happened; today, unless they say when.
pub(super) fn event(name: &str, on: Option<Date>, desk: &Desk) -> (EventId, Date) {
    let today = || desk.office().rules.calendar.day(desk.now());
    (EventId::new(name), on.unwrap_or_else(today))
}

fn happening(what: &Happening) -> String {
    match what {
        Happening::Opened {
            rule, why, caution, ..
        } => {
            let caution = match caution {
                None => "",
                Some(Caution::Unchecked) => "; the sender could not be checked",
                Some(Caution::Forged) => "; the sender is not who they claim to be",
            };
            format!("opened by rule {rule}: {}{caution}", why.join("; "))
        }
        Happening::Told {
            role,
            person,
            round,
            hurried,
            ..
        } => {
            let hurried = if *hurried {
                ", with less time than usual: it is due soon"
            } else {
                ""
            };
            format!("told {}{hurried}", told(*role, person.as_ref(), *round))
        }
        Happening::Skipped { role, reason } => format!("skipped {}: {}", self::role(*role), skip(reason)),
        Happening::NobodyThere => {
            "nobody on the ladder is there; tried again when the office opens".to_owned()
        }
        Happening::Taken => "took it".to_owned(),
        Happening::HoldEnded { person } => {
            format!("{person} did not handle it in time; the ladder starts again")
        }
        Happening::Reassigned { to } => format!("handed it to {to}"),
        Happening::Done { remark, event } => {
            let event = event.as_ref().map(|(event, on)| format!(", {event} on {on}"));
            let remark = remark.as_ref().map(|remark| format!(": {remark}"));
            format!("done{}{}", event.unwrap_or_default(), remark.unwrap_or_default())
        }
        Happening::Reopened { remark } => {
            let remark = remark.as_ref().map(|remark| format!(": {remark}"));
            format!("opened it again{}", remark.unwrap_or_default())
        }
        Happening::CameAfterAll { sign } => {
            let what = sign.as_ref().map_or("what it waited for", |sign| sign.as_str());
            format!("over: {what} came after all")
        }
        Happening::SamePerson => "said that two numbers are of one person".to_owned(),
        Happening::Reported { event: (event, on) } => format!("told: {event} on {on}"),
        Happening::TakenBack { event: (event, on) } => format!("took back: {event} on {on}"),
        Happening::NotNeeded { sign } => sign.as_ref().map_or_else(
            || "over: what started it turned out to be something else, or was taken back".to_owned(),
            |sign| format!("over: not needed any more, because of {}", sign.as_str()),
        ),
        Happening::TermMoved { last_day } => format!("over: the term now ends on {last_day}"),
        Happening::Retyped { from, to, why } => {
            format!("{to} instead of {from}: {}", why.join("; "))
        }
        Happening::AnswerUnclear { triage } => {
            format!("answered, and was not understood: see task {triage}")
        }
        Happening::AnsweredAgain { task } => {
            format!("over: answered again about task {task}, and was understood")
        }
        Happening::LookedUp => "asked whom it is about".to_owned(),
        Happening::HandedOn { from, unreachable } => {
            let why = if *unreachable {
                "cannot be reached"
            } else {
                "is away"
            };
            format!("{from} {why}: it goes to somebody else")
        }
        Happening::CameAgain { why } => format!("the time for it came again: {}", why.join("; ")),
        Happening::Declined => "says that somebody else has to do it".to_owned(),
        Happening::DrillAnswered => "the drill is over: somebody answered".to_owned(),
        Happening::DrillUnanswered => "the drill is over: nobody answered in time".to_owned(),
        Happening::NotSent => {
            "the letter still waits for the mail server; that call does not count".to_owned()
        }
        Happening::LetterBounced { code, call } => {
            let code = code
                .as_ref()
                .map_or_else(String::new, |code| format!(" ({code})"));
            format!("the letter{} came back{code}", of(*call))
        }
        Happening::LetterRefused { code, call } => {
            format!(
                "the mail server refused the letter{} for good ({code})",
                of(*call)
            )
        }
    }
}

fn told(role: Role, person: Option<&PersonId>, round: u32) -> String {
    let who = match person {
        Some(person) => format!("{person} as {}", self::role(role)),
        None => "everybody behind the functional address".to_owned(),
    };
    let again = (round > 0).then(|| format!(", round {}", round + 1));
    format!("{who}{}", again.unwrap_or_default())
}

/// Which call a letter carried.
fn of(call: Option<Told>) -> String {
    call.map_or_else(String::new, |call| {
        format!(" for rung {} of round {}", call.rung + 1, call.round + 1)
    })
}

fn skip(reason: &Skip) -> String {
    match reason {
        Skip::Nobody => "nobody has this role".to_owned(),
        Skip::Each { people } => {
            let each: Vec<String> = people
                .iter()
                .map(|missed| format!("{} {}", missed.person, why_not(missed.why)))
                .collect();
            each.join(", ")
        }
    }
}

fn why_not(why: WhyNot) -> &'static str {
    match why {
        WhyNot::Nobody => "is nobody",
        WhyNot::Absent => "is away",
        WhyNot::OffDuty => "does not work then",
        WhyNot::Unreachable => "cannot be reached",
        WhyNot::Declined => "said that somebody else has to do it",
        WhyNot::AlreadyTold => "was told already",
    }
}

/// Why the desk did not do it; of a name that the rules do not know, with the one that may be meant.
pub(super) fn why_not_done(error: &DeskError, rules: &Rules) -> String {
    match error {
        DeskError::Refused(refusal) => refused(refusal, rules),
        other => other.to_string(),
    }
}

/// Why something cannot be; of a name that the rules do not know, with the one that may be meant.
pub(super) fn refused(refusal: &Refusal, rules: &Rules) -> String {
    let meant = match refusal {
        Refusal::UnknownPerson(id) => instead(id.as_str(), rules.people.keys().map(PersonId::as_str)),
        Refusal::UnknownType(id) => instead(id.as_str(), rules.types.keys().map(TypeId::as_str)),
        Refusal::UnknownEvent(id) => instead(id.as_str(), rules.events.keys().map(EventId::as_str)),
        other => return other.to_string(),
    };
    format!("{refusal}; {meant}")
}

/// That the rules have no such caseload, and which they have.
pub(super) fn no_caseload(unknown: &CaseloadId, rules: &Rules) -> String {
    let known = rules.caseloads.keys().map(CaseloadId::as_str);
    format!(
        "there is no caseload `{unknown}` in the rules; {}",
        instead(unknown.as_str(), known)
    )
}

/// What a role is called.
pub(super) fn role(role: Role) -> &'static str {
    match role {
        Role::Holder => "holder",
        Role::Deputy => "deputy",
        Role::OnCall => "on call",
        Role::Lead => "team lead",
        Role::Functional => "functional address",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_mistake_is_no_mistakes() {
        assert_eq!(mistakes(1), "1 mistake");
        assert_eq!(mistakes(4), "4 mistakes");
    }
}
