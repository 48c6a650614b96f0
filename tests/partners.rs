//! What partners send, and what they do not: silence that nobody would have noticed, and words that the rules no longer know.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

#[path = "partners/drift.rs"]
mod drift;
#[path = "partners/learning.rs"]
mod learning;
#[path = "partners/ledger.rs"]
mod ledger;
#[path = "partners/silence.rs"]
mod silence;

use std::sync::Arc;

use jiff::Timestamp;
use koppelwacht::domain::{Arrival, Change, Event, Sender, SourceId, Verdict};
use support::on_paper::{Office, arrival};

const COA: (&str, &str) = ("coa", "Er is een statushouder aan uw gemeente gekoppeld.");
const DUO: (&str, &str) = ("duo", "Niet-vrijstellende opleiding beëindigd");
/// What DUO writes since it changed its words.
const NEW_WORDS: (&str, &str) = ("duo", "Er is iets nieuws voor u.");
const ADMIN: &str = "functioneelbeheer@gemeente-voorbeeld.nl";

/// A mail of a partner, as its own mail server sent it.
fn notice(number: u32, received: Timestamp, (source, text): (&str, &str)) -> Arrival {
    let mut arrival = arrival(number, received);
    arrival.mail.flaws.clear();
    text.clone_into(&mut arrival.mail.text);
    arrival.mail.sender = Sender {
        verdict: Verdict::Partner(SourceId::new(source)),
        reason: "for the story".to_owned(),
        deceit: None,
    };
    arrival
}

/// A mail of a partner comes in, now.
fn sends(office: &mut Office, mail: (&str, &str)) -> Vec<Change> {
    office.mails += 1;
    let arrival = notice(office.mails, office.now, mail);
    let changes = office.happens(&Event::MailArrived(Arc::new(arrival)));
    // Whatever it asked for comes at once.
    let now = office.zoned();
    office.time_passes_until(&now);
    changes
}
