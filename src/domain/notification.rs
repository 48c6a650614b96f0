//! Notification types: what a notice means to the office.

use serde::Serialize;

use super::{LadderId, Term, TypeId};

/// A notification type of the catalogue, with what this municipality does about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationType {
    /// Its id in the catalogue.
    pub id: TypeId,
    /// What happened, in Dutch, as letters and worklists show it.
    pub title: String,
    /// Whether somebody must act or read.
    pub kind: Kind,
    /// Whether it must be picked up, guaranteed (handreiking 3.1).
    pub critical: bool,
    /// What to do, in Dutch: the work instruction in the letter.
    pub instruction: String,
    /// What becomes of a message of this type.
    pub effect: Effect,
    /// The people it concerns, where the type itself says so.
    pub target_group: Option<TargetGroup>,
}

/// Action or information (handreiking 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The municipality must do something.
    Actie,
    /// New relevant information: read and record it.
    Info,
}

/// What becomes of a message of a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// A task of its own.
    Task {
        /// When it must be handled, counted from receipt.
        due: Term,
        /// Who is told, and who next.
        ladder: LadderId,
    },
    /// Recorded; it is about our own letters and opens no task.
    Recorded,
}

/// The group a person belongs to under the Wet inburgering 2021.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetGroup {
    /// Asielstatushouder.
    Asiel,
    /// Gezinsmigrant or overige migrant.
    Gezin,
}

/// What a message turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Classification {
    /// One for nearly every mail, several for an overview that lists several signals. Never empty.
    pub signals: Vec<Signal>,
    /// The grounds, in order, in English and without personal data.
    pub why: Vec<String>,
}

/// One thing that a message tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signal {
    /// Its type.
    pub kind: TypeId,
    /// The rule that said so, such as `coa.koppeling/gekoppeld`.
    pub rule: String,
    /// Which people it concerns, where that is known.
    pub target_group: Option<TargetGroup>,
}
