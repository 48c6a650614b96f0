//! What happened in the lives of some dossiers, and what is expected in them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;

use super::{
    Cause, Change, DossierId, EventId, Expectation, ExpectationId, Filing, Occurrence, Report, Sign, Subject,
    Task, TaskId,
};

/// A part of what the ledger knows about dossiers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Lives {
    /// What happened in each dossier, in no order.
    pub occurrences: HashMap<DossierId, Vec<Occurrence>>,
    /// What is or was expected: of those dossiers, and of nobody that is known.
    pub expectations: BTreeMap<ExpectationId, Expectation>,
    /// In which dossiers a task lies.
    pub filed: HashMap<TaskId, Vec<DossierId>>,
    /// What the notices tell that are put in dossiers next.
    told: HashMap<TaskId, Occurrence>,
}

impl Lives {
    /// Those of these dossiers alone, and what is expected of nobody that is known.
    #[must_use]
    pub fn of(&self, dossiers: &BTreeSet<DossierId>) -> Self {
        let occurrences = self.occurrences.iter();
        let filed = self.filed.iter();
        let expectations = self.expectations.iter();
        let is_wanted = |about: &Subject| match about {
            Subject::Dossier(dossier) => dossiers.contains(dossier),
            Subject::Week { .. } => true,
        };
        Self {
            occurrences: occurrences
                .filter(|(dossier, _)| dossiers.contains(dossier))
                .map(|(dossier, all)| (*dossier, all.clone()))
                .collect(),
            filed: filed
                .filter(|(_, of)| of.iter().any(|dossier| dossiers.contains(dossier)))
                .map(|(task, of)| (*task, of.clone()))
                .collect(),
            expectations: expectations
                .filter(|(_, expectation)| is_wanted(&expectation.about))
                .map(|(id, expectation)| (*id, expectation.clone()))
                .collect(),
            told: HashMap::new(),
        }
    }

    /// Whether it is known whom a task is about: only then can it be kept what happened to them.
    #[must_use]
    pub fn is_about_somebody(&self, task: TaskId) -> bool {
        self.filed.get(&task).is_some_and(|filed| !filed.is_empty())
    }

    /// What happened in a dossier, in no order.
    #[must_use]
    pub fn of_life(&self, dossier: DossierId) -> &[Occurrence] {
        self.occurrences.get(&dossier).map_or(&[][..], Vec::as_slice)
    }

    /// What is or was expected of a dossier.
    pub fn of_dossier(&self, dossier: DossierId) -> impl Iterator<Item = &Expectation> {
        self.expectations
            .values()
            .filter(move |expectation| expectation.about == Subject::Dossier(dossier))
    }

    /// When this event was told with this task; nothing when it was not, or that was taken back.
    #[must_use]
    pub fn told(&self, task: TaskId, event: &EventId, at: Timestamp) -> Option<Timestamp> {
        let filed = self.filed.get(&task)?.iter();
        let mut lived = filed.flat_map(|dossier| self.of_life(*dossier));
        let is_it = |known: &&Occurrence| {
            known.task == task && known.at == at && matches!(&known.sign, Sign::Event(of) if of == event)
        };
        lived.find(is_it).map(|known| known.told)
    }

    /// Makes it what it will be once this is written.
    pub fn absorb(&mut self, change: &Change) {
        match change {
            Change::Opened(task) => {
                self.told
                    .extend(notice(task).map(|occurrence| (task.id, occurrence)));
            }
            Change::Moved(task) => self.retype(task),
            Change::Filed(filing) => self.file(filing),
            Change::Reported(report) => self.report(report),
            Change::ExpectationNoted(expectation) => {
                self.expectations
                    .insert(expectation.id, expectation.as_ref().clone());
            }
            _ => {}
        }
    }

    fn file(&mut self, filing: &Filing) {
        let dossier = filing.dossier.id;
        if let Some(gone) = filing.absorbs {
            self.join(gone, dossier);
        }
        let told = self.told.get(&filing.task).cloned();
        let life = self.occurrences.entry(dossier).or_default();
        life.extend(told.filter(|told| !life.contains(told)));
        let filed = self.filed.entry(filing.task).or_default();
        if !filed.contains(&dossier) {
            filed.push(dossier);
        }
    }

    /// Two dossiers turned out to be of one person.
    fn join(&mut self, gone: DossierId, kept: DossierId) {
        let lived = self.occurrences.remove(&gone).unwrap_or_default();
        let life = self.occurrences.entry(kept).or_default();
        for occurrence in lived {
            if !life.contains(&occurrence) {
                life.push(occurrence);
            }
        }
        for expectation in self.expectations.values_mut() {
            if expectation.about == Subject::Dossier(gone) {
                expectation.about = Subject::Dossier(kept);
            }
        }
        for filed in self.filed.values_mut() {
            if let Some(place) = filed.iter_mut().find(|dossier| **dossier == gone) {
                *place = kept;
            }
            filed.dedup();
        }
    }

    /// What is told a second time counts once; what is taken back, not at all.
    fn report(&mut self, report: &Report) {
        let occurrence = Occurrence {
            at: report.at,
            told: report.told,
            sign: Sign::Event(report.event.clone()),
            task: report.task,
        };
        let is_it = |known: &Occurrence| {
            (known.task, &known.sign, known.at) == (occurrence.task, &occurrence.sign, occurrence.at)
        };
        for dossier in self.filed.get(&report.task).into_iter().flatten() {
            let life = self.occurrences.entry(*dossier).or_default();
            life.retain(|known| !is_it(known));
            if report.taken_back.is_none() {
                life.push(occurrence.clone());
            }
        }
    }

    /// A notice turned out to be about something else.
    fn retype(&mut self, task: &Task) {
        let Some(occurrence) = notice(task) else { return };
        self.told.insert(task.id, occurrence.clone());
        for life in self.occurrences.values_mut() {
            let is_it =
                |known: &&mut Occurrence| known.task == task.id && matches!(known.sign, Sign::Notice(_));
            if let Some(known) = life.iter_mut().find(is_it) {
                *known = occurrence.clone();
            }
        }
    }
}

/// What the notice of a task tells about a dossier; nothing when it is a drill, or did not come of a notice.
#[must_use]
pub fn notice(task: &Task) -> Option<Occurrence> {
    let is_one = matches!(task.cause, Cause::Notice(_)) && !task.drill;
    is_one.then(|| Occurrence {
        at: task.received,
        told: task.received,
        sign: Sign::Notice(task.kind.clone()),
        task: task.id,
    })
}
