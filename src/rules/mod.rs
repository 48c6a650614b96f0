//! Rules files -> checked rules (skeleton).

mod lookup;

use std::collections::BTreeMap;

use crate::domain::{
    Absence, Calendar, Caseload, CaseloadId, Ladder, LadderId, NotificationType, Person, PersonId, Route,
    RulesVersion, Source, TypeId,
};

/// A checked set of rules: every name in it is defined in it.
#[derive(Debug, Clone)]
pub struct Rules {
    /// A hash over the text of the files.
    pub version: RulesVersion,
    /// Days and hours.
    pub calendar: Calendar,
    /// The partners.
    pub sources: Vec<Source>,
    /// The notification types.
    pub types: BTreeMap<TypeId, NotificationType>,
    /// The caseloads.
    pub caseloads: BTreeMap<CaseloadId, Caseload>,
    /// Which task goes where; the last one fits everything.
    pub routes: Vec<Route>,
    /// The people.
    pub people: BTreeMap<PersonId, Person>,
    /// Who is away when.
    pub absences: Vec<Absence>,
    /// The ladders.
    pub ladders: BTreeMap<LadderId, Ladder>,
}
