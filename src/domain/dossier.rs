//! Whom messages are about, told apart without saying who they are.

use super::{CaseloadId, DossierId, TaskId};

/// A number of a person as a keyed hash: equal for equal numbers, and telling nothing to whoever lacks the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PersonKey(pub [u8; 16]);

/// Tells the keys of installations apart, without telling anything about them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyId(pub [u8; 8]);

/// The people that a message is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct People {
    /// By their V-nummers, in order of appearance.
    pub v_nummers: Vec<PersonKey>,
    /// By their burgerservicenummers, in order of appearance.
    pub bsns: Vec<PersonKey>,
}

impl People {
    /// All of them, V-nummers first.
    pub fn keys(&self) -> impl Iterator<Item = PersonKey> + '_ {
        self.v_nummers.iter().chain(&self.bsns).copied()
    }

    /// Whether it is about nobody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.v_nummers.is_empty() && self.bsns.is_empty()
    }

    /// Whether both numbers are of one person: a message with one V-nummer and one BSN.
    #[must_use]
    pub fn is_one_person(&self) -> bool {
        self.v_nummers.len() == 1 && self.bsns.len() == 1
    }
}

/// Whom a mail names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// Everybody.
    pub all: People,
    /// Whom each of the codes in it is about; nobody where it does not tell one from the other.
    pub signals: Vec<People>,
}

/// What is kept of a message's content, readable with the key of the installation only.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Kept {
    /// The numbers of the people it is about; empty when there are none.
    pub references: Vec<u8>,
    /// The message as it arrived; empty when it could not be kept.
    pub raw: Vec<u8>,
}

impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Kept({} + {} bytes)", self.references.len(), self.raw.len())
    }
}

/// The dossiers of some people, as the ledger knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dossier {
    /// Its number.
    pub id: DossierId,
    /// Where everything about this person goes, once a notice told.
    pub caseload: Option<CaseloadId>,
}

/// A task is put in a dossier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filing {
    /// The task.
    pub task: TaskId,
    /// The dossier as it is from now on; a new number makes a new one.
    pub dossier: Dossier,
    /// Keys that lead to it from now on.
    pub keys: Vec<PersonKey>,
    /// Another dossier that turned out to be of the same person, and is one with this from now on.
    pub absorbs: Option<DossierId>,
}
