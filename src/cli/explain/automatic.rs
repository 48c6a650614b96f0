//! What a mail says that came back because of a letter of ours.

use jiff::civil::Date;
use serde::Serialize;

use crate::domain::{Intent, Nature, Undelivered};

/// A letter of ours that was not delivered.
#[derive(Debug, Serialize)]
pub(super) struct Bounce {
    pub(super) recipient: Option<String>,
    pub(super) permanent: bool,
    pub(super) reason: Undelivered,
    pub(super) status: Option<String>,
    pub(super) task: Option<i64>,
}

/// Somebody's automatic answer.
#[derive(Debug, Serialize)]
pub(super) struct Absence {
    pub(super) until: Option<Date>,
}

/// Somebody's answer to a letter of ours.
#[derive(Debug, Serialize)]
pub(super) struct Answer {
    pub(super) task: Option<i64>,
    pub(super) intent: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) remark: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) set_type: Option<String>,
}

/// What a mail says that came back because of a letter of ours.
pub(super) fn come_back(nature: Nature) -> (Option<Bounce>, Option<Absence>, Option<Answer>) {
    match nature {
        Nature::Bounce(bounce) => {
            let bounce = Bounce {
                recipient: bounce.recipient,
                permanent: bounce.permanent,
                reason: bounce.reason,
                status: bounce.status.map(|status| status.to_string()),
                task: bounce.task.map(|task| task.0),
            };
            (Some(bounce), None, None)
        }
        Nature::OutOfOffice { until } => (None, Some(Absence { until }), None),
        Nature::Answer(answer) => {
            let intent = answer.intent.as_ref().map(Intent::word);
            let (mut remark, mut to, mut set_type) = (None, None, None);
            match answer.intent {
                Some(Intent::Done { remark: said, .. }) => remark = said,
                Some(Intent::HandOver { to: person }) => to = Some(person),
                Some(Intent::SetType { kind }) => set_type = Some(kind),
                Some(Intent::Take | Intent::NotMine) | None => {}
            }
            let answer = Answer {
                task: answer.task.map(|task| task.0),
                intent,
                remark,
                to,
                set_type,
            };
            (None, None, Some(answer))
        }
        Nature::Notice | Nature::Receipt | Nature::Own | Nature::Sealed(_) => (None, None, None),
    }
}
