//! Every *if* about the office: what came in, what is known and what time it is go in; what is to be written comes out.
//!
//! Guarantees:
//! * pure: no clock, no socket, no database, no logging; the same arguments give the same changes;
//! * whatever the mail, exactly one message is recorded, or a known one is seen again;
//! * a critical task that is open always has a next moment, and that moment lies after `now`, or is `now` where a wrong
//!   clock had put it off;
//! * an event that comes twice, or too early, changes nothing the second time.

mod absence;
mod act;
mod answer;
mod called;
mod chore;
mod classify;
mod dossier;
mod drift;
mod drill;
mod escalate;
mod expect;
mod holes;
mod leads;
mod nobody;
mod open;
mod overview;
mod partners;
mod post;
mod presence;
mod remark;
mod resume;
mod retype;
mod route;
mod routine;
mod rulebook;
mod silence;
mod suppose;
mod take_back;
mod tell;
mod timing;
mod unread;

use jiff::Timestamp;

use crate::domain::{Absence, Change, Event, Moment, Routine, Snapshot};
use crate::rules::Rules;

pub use classify::{classify, notice_of};
pub use drift::{Share, drifting};
pub use open::{Plan, plan};
pub use presence::{candidates, shifts};
pub use resume::AHEAD;
pub use retype::by_hand;
pub use route::{Routed, route};
pub use silence::{Ground, History, Watched, watched};
pub use suppose::suppose;

/// What is to be written because of `event`, given what the ledger knows.
#[must_use]
pub fn decide(rules: &Rules, snapshot: &Snapshot, event: &Event, now: Timestamp) -> Vec<Change> {
    let office = Office {
        rules,
        absences: &snapshot.absences,
        now,
    };
    let mut changes = decided(office, snapshot, event);
    changes.extend(expect::follow(office, snapshot, &changes));
    changes
}

/// What it means in itself.
fn decided(office: Office<'_>, snapshot: &Snapshot, event: &Event) -> Vec<Change> {
    match event {
        Event::MailArrived(arrival) => open::mail_arrived(office, snapshot, arrival),
        Event::MomentCame(Moment::Task(task)) => escalate::moment_came(office, snapshot, *task),
        Event::MomentCame(Moment::Absence { absence, .. }) => {
            absence::moment_came(office, snapshot, *absence)
        }
        Event::MomentCame(Moment::Drill(letter)) => drill::moment_came(office, snapshot, *letter),
        Event::MomentCame(Moment::Expectation(expectation)) => {
            expect::moment_came(office, snapshot, *expectation)
        }
        Event::MomentCame(Moment::Routine(Routine::Overview)) => overview::moment_came(office, snapshot),
        // What was found, or who is to be told, is decided on, not that it is time to look.
        Event::MomentCame(Moment::Routine(Routine::Cover | Routine::Partners)) => Vec::new(),
        Event::PartnersDue { admin } => partners::due(office, snapshot, admin.as_deref()),
        Event::CoverProved(holes) => holes::found(office, snapshot, holes),
        Event::MomentCame(Moment::Routine(Routine::Drill)) => drill::routine_came(office, snapshot),
        Event::MomentCame(Moment::Routine(Routine::Chore(chore))) => {
            chore::moment_came(office, snapshot, chore)
        }
        Event::DrillCalled { to } => drill::called(office, snapshot, to),
        Event::AbsenceEntered { by, away } => absence::entered(office, snapshot, by, away),
        Event::AbsenceEnded { by, absence } => absence::ended(office, snapshot, by, *absence),
        Event::AbsencesRead { origin, away } => absence::read(office, snapshot, origin, away),
        Event::PersonActed { by, task, act } => act::person_acted(office, snapshot, by, *task, act),
        Event::SamePerson { by, people, tasks } => act::same_person(office, snapshot, by, people, tasks),
        Event::DossierReported { by, task, event } => act::told(office, snapshot, by, *task, event),
        Event::ReportTakenBack { by, tasks, event } => {
            take_back::report_taken_back(office, snapshot, by, tasks, event)
        }
        Event::DossierAsked { by, tasks } => act::dossier_asked(office, by, tasks),
        Event::RulesLoaded(text) => rulebook::loaded(office, snapshot, text),
        Event::RulesRefused(refused) => rulebook::refused(office, snapshot, refused),
        Event::LetterTried(tried) => post::letter_tried(office, snapshot, tried),
        Event::WatchTakenUp => resume::taken_up(office, snapshot),
    }
}

/// The rules in force, who is away and the time: what every decision looks at.
#[derive(Clone, Copy)]
struct Office<'a> {
    rules: &'a Rules,
    absences: &'a [Absence],
    now: Timestamp,
}
