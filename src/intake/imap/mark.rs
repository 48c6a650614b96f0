//! Marking: telling other readers of the mailbox what is in the ledger. Can be done twice without harm.

use super::talk::{Answer, Lost, SET, Stream, Talk};
use super::wording::{is_atom, quoted, set_of, stretches};
use crate::settings::Mark;

/// Marks messages in the folder that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Marker {
    /// There is nothing to do.
    Nothing,
    /// `UID STORE set +FLAGS.SILENT (flag)`.
    Flag(String),
    /// `UID MOVE set target`.
    Move(String),
}

impl Marker {
    /// The marker for a mark of the settings; nothing if it cannot be written in IMAP.
    pub(super) fn new(mark: &Mark) -> Option<Self> {
        match mark {
            Mark::Nothing => Some(Self::Nothing),
            Mark::Keyword(keyword) => is_atom(keyword).then(|| Self::Flag(keyword.clone())),
            Mark::Seen => Some(Self::Flag("\\Seen".to_owned())),
            Mark::Move(target) => quoted(target).map(Self::Move),
        }
    }

    /// Marks messages by sorted UID. Returns those that are marked now, and why the others are not. UIDs that are no
    /// longer there count as marked, for the server says OK about them and there is nothing left to mark.
    pub(super) async fn mark<S: Stream>(
        &self,
        talk: &mut Talk<S>,
        uids: &[u32],
    ) -> Result<(Vec<u32>, Option<String>), Lost> {
        let mut marked = Vec::with_capacity(uids.len());
        let mut refusal = None;
        for some in stretches(uids, SET) {
            let set = set_of(some);
            let answer = match self {
                Self::Nothing => Answer::Ok { read_only: false },
                Self::Flag(flag) => {
                    talk.run(&format!("UID STORE {set} +FLAGS.SILENT ({flag})"))
                        .await?
                }
                Self::Move(target) => talk.run(&format!("UID MOVE {set} {target}")).await?,
            };
            match answer {
                Answer::Ok { .. } => marked.extend(some),
                Answer::Refused(code) => refusal = Some(code),
            }
        }
        Ok((marked, refusal))
    }
}
