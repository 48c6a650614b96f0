//! Letters become messages: those that go to one recipient and leave together share an envelope.
//!
//! A letter is stored as what it says, without a greeting. When letters are claimed to be sent, those to one address are
//! put into one envelope, so that a colleague whom one minute brings five tasks gets one mail, with what matters most on
//! top: what is critical and overdue, what is critical, what is overdue, other tasks, and then what is about no task; by
//! number within each. Drills stand below everything real. Whether that is so is asked of the ledger now, not when the letter was decided.
//!
//! Must guarantee: each claimed letter is in exactly one message, and what became of the message is reported for each
//! letter in it. A letter alone keeps its own subject and Message-ID. A message with several is named
//! `letter-<number>.<token>@` after the first in it, so that an answer to it does not silently mean one of its tasks; each
//! task in it brings its own way to answer.
//!
//! The mail of a drill is never put together with another: it goes by its own Message-ID or not at all. Nor is an overview:
//! its reader looks for it every working day, and misses it when it does not come. Nor is what is said about an answer, which can
//! be answered itself.
//!
//! Accepted: letters that are tried again may be put together in another way, since some were taken back or others came
//! due. Then a message whose fate was unknown may reach its reader a second time under another Message-ID, as a part of
//! another message; every letter reaches them. When the first of the two messages comes back then, that is about its
//! first letter alone: which letters share a message is written down when a mail server took it.

use jiff::{SignedDuration, Timestamp};

use super::{Desk, DeskError, Office};
use crate::domain::{
    About, Answered, Delivery, Event, LetterTried, Needs, Overview, Parcel, Sealed, Snapshot, Task, TaskId,
    TaskState, Words,
};
use crate::templates::bare;

/// How long claimed letters are left alone: longer than the longest attempt to send a claim's worth of them. A daemon that
/// starts gives back those of the one before it ([`Desk::take_up`]).
const CLAIM: SignedDuration = SignedDuration::from_mins(10);
/// How many letters one message holds.
const FOLDED: usize = 50;

impl Desk {
    /// Takes waiting letters, so that nobody else sends them for the coming minutes, and puts them into messages.
    ///
    /// # Errors
    /// The ledger cannot be read or written.
    pub async fn claim_letters(&self, limit: u32) -> Result<Vec<Parcel>, DeskError> {
        let now = self.now();
        let until = now.checked_add(CLAIM).unwrap_or(Timestamp::MAX);
        let mut transaction = self.store.begin().await?;
        let letters = transaction.claim(now, until, limit).await?;
        let piles = by_recipient(letters);
        let needs = Needs {
            tasks: tasks_to_compare(&piles),
            ..Needs::default()
        };
        let snapshot = if needs.tasks.is_empty() {
            Snapshot::empty()
        } else {
            transaction.load(&needs, now).await?
        };
        transaction.commit().await?;
        let office = self.office();
        Ok(piles
            .into_iter()
            .flat_map(|pile| wrap_all(pile, &snapshot, now, &office))
            .collect())
    }

    /// Reports what became of messages, letter by letter.
    ///
    /// # Errors
    /// The ledger cannot be written; the letters are sent once more when their claim ends.
    pub async fn letters_tried(&self, tried: &[(Parcel, Delivery)]) -> Result<(), DeskError> {
        let events: Vec<Event> = tried
            .iter()
            .flat_map(|(parcel, delivery)| {
                parcel
                    .letters
                    .iter()
                    .map(move |letter| (parcel, letter, delivery))
            })
            .map(|(parcel, letter, delivery)| {
                Event::LetterTried(LetterTried {
                    letter: letter.id,
                    about: letter.about,
                    queued: letter.queued,
                    attempts: letter.attempts,
                    put_off: letter.put_off,
                    together: parcel.together(),
                    delivery: delivery.clone(),
                })
            })
            .collect();
        let failed = self.settle_apart(&events).await?;
        for (event, why) in failed {
            // Its claim runs out and it is sent once more, under the same Message-ID.
            tracing::error!(
                ?event,
                %why,
                "what became of a letter cannot be written down; please report this defect"
            );
        }
        Ok(())
    }
}

/// The letters to each address, in the order in which the first of them was claimed; what leaves alone by itself.
fn by_recipient(letters: Vec<Sealed>) -> Vec<Vec<Sealed>> {
    let mut piles: Vec<Vec<Sealed>> = Vec::new();
    for letter in letters {
        let same = |pile: &&mut Vec<Sealed>| {
            pile.first()
                .is_some_and(|first| !leaves_alone(first) && first.to.eq_ignore_ascii_case(&letter.to))
        };
        if leaves_alone(&letter) {
            piles.push(vec![letter]);
            continue;
        }
        match piles.iter_mut().find(same) {
            Some(pile) => pile.push(letter),
            None => piles.push(vec![letter]),
        }
    }
    piles
}

fn leaves_alone(letter: &Sealed) -> bool {
    let own = [Overview::NAME, Answered::NAME].contains(&letter.occasion.as_str());
    letter.about == About::Drill || (letter.about == About::Office && own)
}

/// The tasks that must be known to say which letter of a message matters most.
fn tasks_to_compare(piles: &[Vec<Sealed>]) -> Vec<TaskId> {
    let several = piles.iter().filter(|pile| pile.len() > 1).flatten();
    several.filter_map(|letter| letter.about.task()).collect()
}

/// The letters to one address in as few messages as hold them.
fn wrap_all(mut pile: Vec<Sealed>, snapshot: &Snapshot, now: Timestamp, office: &Office) -> Vec<Parcel> {
    pile.sort_by_key(|letter| (rank(letter, snapshot, now), letter.id));
    let mut parcels = Vec::new();
    while !pile.is_empty() {
        let rest = pile.split_off(pile.len().min(FOLDED));
        parcels.extend(wrap(pile, office));
        pile = rest;
    }
    parcels
}

/// How far down a letter stands in its message.
fn rank(letter: &Sealed, snapshot: &Snapshot, now: Timestamp) -> u8 {
    let About::Task { task, .. } = letter.about else {
        return 4;
    };
    let is_overdue = |task: &Task| task.due < now && !matches!(task.state, TaskState::Done { .. });
    match snapshot.tasks.get(&task) {
        Some(task) if task.drill => 5,
        Some(task) if task.critical && is_overdue(task) => 0,
        Some(task) if task.critical => 1,
        Some(task) if is_overdue(task) => 2,
        _ => 3,
    }
}

/// Letters in their envelope; nothing when there are none.
fn wrap(letters: Vec<Sealed>, office: &Office) -> Option<Parcel> {
    let first = letters.first()?;
    let is_alone = letters.len() == 1;
    let name = first.name.clone();
    let name = name.filter(|_| letters.iter().all(|letter| letter.name == first.name));
    let sections: Vec<&Words> = letters.iter().map(|letter| &letter.words).collect();
    let tasks = letters.iter().any(|letter| letter.about.task().is_some());
    let words = office
        .templates
        .envelope(name.as_deref(), &sections, tasks)
        .unwrap_or_else(|error| {
            tracing::error!(%error, letter = %first.id, "a bare envelope goes out instead");
            bare::envelope(name.as_deref(), &sections)
        });
    let (occasion, message_id) = if is_alone {
        (first.occasion.clone(), first.message_id.clone())
    } else {
        (Parcel::SEVERAL.to_owned(), name_of_several(first))
    };
    Some(Parcel {
        id: first.id,
        to: first.to.clone(),
        occasion,
        queued: letters.iter().map(|letter| letter.queued).max()?,
        message_id,
        words,
        letters,
    })
}

/// The Message-ID of a message with several letters: the number and the token of its first.
fn name_of_several(first: &Sealed) -> String {
    let secret = first.message_id.split_once('.').map_or("", |(_, secret)| secret);
    format!("letter-{}.{secret}", first.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{CaseloadId, Cause, Climb, LetterId, MessageId, RulesVersion, Told, TypeId};

    fn task(number: i64, critical: bool, due: Timestamp) -> Task {
        Task {
            id: TaskId(number),
            cause: Cause::Notice(MessageId(1)),
            kind: TypeId::unknown(),
            title: "Nieuwe koppeling".to_owned(),
            critical,
            drill: false,
            caseload: CaseloadId::new("asiel"),
            assignee: None,
            received: due,
            opened: due,
            due,
            rules: RulesVersion::new("0"),
            state: TaskState::Waiting(Climb {
                rung: 0,
                told: None,
                round: 0,
                next: None,
            }),
        }
    }

    fn letter(number: i64, about: About) -> Sealed {
        Sealed {
            id: LetterId(number),
            about,
            to: "sanne@gemeente.example".to_owned(),
            name: None,
            occasion: String::new(),
            queued: Timestamp::UNIX_EPOCH,
            message_id: String::new(),
            not_before: Timestamp::UNIX_EPOCH,
            words: Words {
                subject: String::new(),
                text: String::new(),
                html: String::new(),
            },
            attempts: 0,
            put_off: None,
        }
    }

    #[test]
    fn what_is_critical_and_overdue_stands_on_top_and_a_drill_below_everything() {
        let now: Timestamp = "2026-11-24T08:31:00Z".parse().unwrap();
        let (past, future) = (
            now - SignedDuration::from_secs(1),
            now + SignedDuration::from_secs(1),
        );
        let mut snapshot = Snapshot::empty();
        let tasks = [
            task(1, false, future),
            task(2, false, past),
            task(3, true, future),
            task(4, true, past),
            Task {
                drill: true,
                ..task(7, true, past)
            },
        ];
        snapshot.tasks.extend(tasks.map(|task| (task.id, task)));
        let told = Told { rung: 0, round: 0 };
        let about = |task| About::Task {
            task: TaskId(task),
            told,
        };
        let mut pile = vec![letter(10, About::Office)];
        pile.extend((1..=5).map(|number| letter(number, about(number))));
        pile.push(letter(6, about(3)));
        pile.push(letter(7, about(7)));
        pile.sort_by_key(|letter| (rank(letter, &snapshot, now), letter.id));
        let order: Vec<i64> = pile.iter().map(|letter| letter.id.0).collect();
        assert_eq!(
            order,
            [4, 3, 6, 2, 1, 5, 10, 7],
            "the task of letter 5 is not in the ledger"
        );
    }

    #[test]
    fn the_mail_of_a_drill_an_overview_and_what_is_said_about_an_answer_leave_alone() {
        let pile = [
            About::Office,
            About::Drill,
            About::Office,
            About::Drill,
            About::Office,
        ];
        let letters = (1..).zip(pile).map(|(number, about)| letter(number, about));
        let mut letters: Vec<Sealed> = letters.collect();
        for (number, occasion) in [(6, Overview::NAME), (7, Answered::NAME)] {
            letters.push(Sealed {
                occasion: occasion.to_owned(),
                ..letter(number, About::Office)
            });
        }
        let piles: Vec<Vec<i64>> = by_recipient(letters)
            .iter()
            .map(|pile| pile.iter().map(|letter| letter.id.0).collect())
            .collect();
        assert_eq!(piles, [vec![1, 3, 5], vec![2], vec![4], vec![6], vec![7]]);
    }
}
