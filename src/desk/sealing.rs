//! Letters are put into words, which costs more than deciding on them: many at once are shared out among the processors.

use std::thread;

use jiff::Timestamp;

use super::Office;
use crate::domain::{About, Letter, LetterId, Sealed};
use crate::templates::{ReplyTo, bare};

/// How many letters are worth a thread of their own: putting so many into words takes a millisecond.
const WORTH_A_THREAD: usize = 32;

/// Puts letters into words. They stay in order.
pub(super) fn seal_all(mut letters: Vec<Letter>, office: &Office) -> Vec<Sealed> {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let share = letters.len().div_ceil(processors).max(WORTH_A_THREAD);
    thread::scope(|scope| {
        let mut others = Vec::new();
        while letters.len() > share {
            let last = letters.split_off(letters.len() - share);
            others.push(scope.spawn(|| seal_each(last, office)));
        }
        let mut sealed = seal_each(letters, office);
        for other in others.into_iter().rev() {
            sealed.extend(
                other
                    .join()
                    .unwrap_or_else(|defect| std::panic::resume_unwind(defect)),
            );
        }
        sealed
    })
}

fn seal_each(letters: Vec<Letter>, office: &Office) -> Vec<Sealed> {
    letters.into_iter().map(|letter| seal(letter, office)).collect()
}

/// Puts a letter into words. Words that fail at run time, though every template was tried with samples at the start,
/// are replaced by bare ones: a plain letter is better than none.
fn seal(letter: Letter, office: &Office) -> Sealed {
    let token = format!("{:016x}", rand::random::<u64>());
    let reply_to = ReplyTo {
        address: &office.trust.own_address,
        token: &token,
    };
    let rendered = office.templates.render(&letter.content, &reply_to);
    let words = rendered.unwrap_or_else(|error| {
        tracing::error!(%error, letter = %letter.id, "a bare letter goes out instead");
        bare::section(&letter.content, &reply_to)
    });
    Sealed {
        id: letter.id,
        about: letter.about,
        message_id: message_id(letter.about, letter.id, &token, &office.trust.letter_domain),
        to: letter.to,
        name: letter.name,
        occasion: letter.content.name().to_owned(),
        queued: letter.queued,
        not_before: match letter.about {
            About::Drill => letter.queued,
            About::Task { .. } | About::Office => gathered(letter.queued, office.rules.letters.gather),
        },
        words,
        attempts: 0,
        put_off: None,
    }
}

/// Answers and bounces are recognised by it: its first part tells what they are about, the second cannot be guessed.
fn message_id(about: About, letter: LetterId, token: &str, domain: &str) -> String {
    match about {
        About::Task { task, .. } => format!("task-{task}.{token}@{domain}"),
        About::Office | About::Drill => format!("letter-{letter}.{token}@{domain}"),
    }
}

/// When a letter may leave that was queued then: at the end of the interval of so many minutes on the clock, so that
/// letters queued in one interval leave together.
fn gathered(queued: Timestamp, minutes: u32) -> Timestamp {
    let interval = i64::from(minutes) * 60;
    let Some(passed) = queued.as_second().checked_rem_euclid(interval) else {
        return queued;
    };
    Timestamp::from_second(queued.as_second() - passed + interval).unwrap_or(queued)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::civil::DateTime;

    use super::*;
    use crate::domain::{Content, DrillMail, Smime, Trust};
    use crate::rules::Rules;
    use crate::templates::Templates;

    fn office() -> Office {
        let trust = Trust {
            authserv_id: "mx.gemeente.example".to_owned(),
            own_domains: Vec::new(),
            guests: Vec::new(),
            own_address: "koppelwacht@gemeente.example".to_owned(),
            letter_domain: "gemeente.example".to_owned(),
            sources: Vec::new(),
            smime: Smime::default(),
        };
        Office {
            rules: Rules::shipped(),
            templates: Arc::new(Templates::shipped()),
            trust: Arc::new(trust),
            admin: None,
        }
    }

    #[test]
    fn letters_stay_in_order_however_many_there_are() {
        let office = office();
        for count in [0, 1, 32, 33, 500] {
            let letter = |number| Letter {
                id: LetterId(number),
                about: About::Office,
                to: "team@gemeente.example".to_owned(),
                name: None,
                queued: Timestamp::UNIX_EPOCH,
                content: Content::Drill(DrillMail { at: DateTime::MIN }),
            };
            let letters = (1..=count).map(letter).collect();
            let sealed = seal_all(letters, &office);
            let order = sealed.iter().map(|letter| letter.id.0);
            assert!(order.eq(1..=count), "{count}");
        }
    }

    #[test]
    fn letters_queued_in_one_interval_leave_together_at_its_end() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        for (queued, minutes, leaves) in [
            ("2026-11-24T08:31:00.5Z", 1, "2026-11-24T08:32:00Z"),
            ("2026-11-24T08:31:59.9Z", 1, "2026-11-24T08:32:00Z"),
            ("2026-11-24T08:32:00Z", 1, "2026-11-24T08:33:00Z"),
            ("2026-11-24T08:31:00Z", 15, "2026-11-24T08:45:00Z"),
            ("2026-11-24T08:31:00.5Z", 0, "2026-11-24T08:31:00.5Z"),
            ("1969-12-31T23:59:58.5Z", 1, "1970-01-01T00:00:00Z"),
        ] {
            assert_eq!(
                gathered(at(queued), minutes),
                at(leaves),
                "{queued}, {minutes} minutes"
            );
        }
        assert_eq!(gathered(Timestamp::MAX, 1), Timestamp::MAX, "the end of time");
    }
}
