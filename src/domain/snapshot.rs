//! What a decision knows of the ledger: a small part of it, in memory.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;

use super::{
    About, Absence, AbsenceId, CaseloadId, Cause, Change, Dossier, DossierId, Drill, ExpectationId,
    ExpectedId, Filing, Fingerprint, HistoryLine, LetterId, Lives, MessageId, Moment, Outlook, Partners,
    PersonKey, Routine, Rulebook, Task, TaskId, Told,
};

/// The part of the ledger that some events are about. Several events in one transaction share a snapshot: each
/// decision is folded in with [`Snapshot::absorb`] before the next is made.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// Messages seen before, by fingerprint, with the first task they opened.
    pub seen: HashMap<Fingerprint, Seen>,
    /// Tasks by number.
    pub tasks: HashMap<TaskId, Task>,
    /// Their histories, oldest line first.
    pub history: HashMap<TaskId, Vec<HistoryLine>>,
    /// The dossiers of people, by each key that leads to one.
    pub dossiers: HashMap<PersonKey, Dossier>,
    /// What happened in those dossiers, and what is expected in them.
    pub lives: Lives,
    /// Calls of the ladder whose letters still wait for the mail server.
    pub unsent: HashSet<(TaskId, Told)>,
    /// Letters that wait and are not tried before a moment that is still to come, where those were asked for.
    pub resting: Vec<Resting>,
    /// Letters that messages speak of, by their tokens.
    pub letters: HashMap<String, LetterRef>,
    /// Drills by their letters, where those were asked for.
    pub drills: HashMap<LetterId, Drill>,
    /// Absences that are not over and start within the coming weeks, and those that were asked for.
    pub absences: Vec<Absence>,
    /// How the rulebook stands, where that was asked for.
    pub rulebook: Rulebook,
    /// Since when rules about what is expected are in force that are newer than the ledger.
    pub newer: BTreeMap<ExpectedId, Timestamp>,
    /// When routines are due, where that was asked for.
    pub routines: HashMap<Routine, Timestamp>,
    /// What the last proof of cover found; none when none was made, or nobody asked.
    pub outlook: Option<Outlook>,
    /// The open critical tasks of each caseload that has any, where that was asked for.
    pub piles: HashMap<CaseloadId, Pile>,
    /// What is known of partners, where that was asked for.
    pub partners: Partners,
    /// Until when every watched folder is known to have been read; none when one never was, or nobody asked.
    pub read: Option<Timestamp>,
    /// The numbers to hand out next.
    pub next: NextIds,
}

/// A message that was seen before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Its number.
    pub message: MessageId,
    /// The first task it opened.
    pub task: Option<TaskId>,
}

/// A letter that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterRef {
    /// Its number.
    pub id: LetterId,
    /// Why there was one.
    pub about: About,
    /// The calls in the message that bears its name: its own, and those of the letters that left with it.
    pub calls: Vec<(TaskId, Told)>,
    /// Where it went.
    pub to: String,
}

/// A letter that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resting {
    /// Its number.
    pub id: LetterId,
    /// Before this it does not leave: letters are gathered.
    pub leaves: Timestamp,
    /// When it may be tried next: it was claimed, or tried in vain.
    pub next: Timestamp,
}

/// The open critical tasks of a caseload.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pile {
    /// How many.
    pub open: u64,
    /// How many of them should have been done.
    pub overdue: u64,
    /// Those that are due first; a few dozen at most.
    pub first: Vec<Task>,
}

/// The numbers to hand out next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NextIds {
    /// For a message.
    pub message: MessageId,
    /// For a task.
    pub task: TaskId,
    /// For a letter.
    pub letter: LetterId,
    /// For a dossier.
    pub dossier: DossierId,
    /// For an absence.
    pub absence: AbsenceId,
    /// For something expected.
    pub expectation: ExpectationId,
}

impl Snapshot {
    /// What comes first of the moments that are stored with what is known here, and when.
    #[must_use]
    pub fn next_moment(&self) -> Option<(Moment, Timestamp)> {
        let absences = self.absences.iter().filter_map(|absence| {
            let moment = Moment::Absence {
                absence: absence.id,
                person: absence.away.person.clone(),
            };
            Some((moment, absence.next_moment()?))
        });
        let tasks = self.tasks.values();
        let tasks = tasks.filter_map(|task| Some((Moment::Task(task.id), task.next_moment()?)));
        let drills = self.drills.values();
        let drills = drills.filter_map(|drill| Some((Moment::Drill(drill.letter), drill.next_moment()?)));
        let expectations = self.lives.expectations.values();
        let expectations = expectations
            .filter_map(|expected| Some((Moment::Expectation(expected.id), expected.next_moment()?)));
        let routines = self.routines.iter();
        let routines = routines.map(|(routine, at)| (Moment::Routine(routine.clone()), *at));
        absences
            .chain(tasks)
            .chain(drills)
            .chain(expectations)
            .chain(routines)
            .min_by_key(|(moment, at)| (*at, moment.clone()))
    }

    /// A snapshot of an empty ledger.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            seen: HashMap::new(),
            tasks: HashMap::new(),
            history: HashMap::new(),
            dossiers: HashMap::new(),
            lives: Lives::default(),
            unsent: HashSet::new(),
            resting: Vec::new(),
            letters: HashMap::new(),
            drills: HashMap::new(),
            absences: Vec::new(),
            rulebook: Rulebook::default(),
            newer: BTreeMap::new(),
            routines: HashMap::new(),
            outlook: None,
            piles: HashMap::new(),
            partners: Partners::default(),
            read: None,
            next: NextIds {
                message: MessageId(1),
                task: TaskId(1),
                letter: LetterId(1),
                dossier: DossierId(1),
                absence: AbsenceId(1),
                expectation: ExpectationId(1),
            },
        }
    }

    /// Makes the snapshot what it will be once `changes` are written.
    pub fn absorb(&mut self, changes: &[Change]) {
        for change in changes {
            self.lives.absorb(change);
            match change {
                Change::Recorded(message) => {
                    self.seen.insert(
                        message.fingerprint,
                        Seen {
                            message: message.id,
                            task: message.task,
                        },
                    );
                    self.next.message = message.id.next();
                }
                Change::Opened(task) => {
                    self.next.task = task.id.next();
                    self.note_silence(task);
                    self.tasks.insert(task.id, task.as_ref().clone());
                }
                Change::Moved(task) => {
                    self.note_silence(task);
                    self.tasks.insert(task.id, task.as_ref().clone());
                }
                Change::Noted(line) => self.history.entry(line.task).or_default().push(line.clone()),
                Change::Queued(letter) => {
                    self.next.letter = letter.id.next();
                    if let About::Task { task, told } = letter.about {
                        self.unsent.insert((task, told));
                    }
                }
                Change::AbsenceNoted(absence) => self.note_absence(absence),
                Change::DrillNoted(drill) => {
                    self.drills.insert(drill.letter, drill.as_ref().clone());
                }
                Change::RoutineSet { routine, next } => {
                    match next {
                        Some(next) => self.routines.insert(routine.clone(), *next),
                        None => self.routines.remove(routine),
                    };
                }
                Change::OutlookNoted(outlook) => self.outlook = Some(outlook.clone()),
                Change::Counted(day) => day.clone().add_to(&mut self.partners.days),
                Change::DriftTold { source, at } => {
                    self.partners.told.insert(source.clone(), *at);
                }
                Change::Filed(filing) => self.file(filing),
                Change::RulebookNoted(line) => self.rulebook.note(line),
                Change::ExpectationNoted(expectation) => {
                    self.next.expectation = self.next.expectation.max(expectation.id.next());
                }
                Change::SeenAgain { .. }
                | Change::Reported(_)
                | Change::RulesKept(_)
                | Change::Kept(..)
                | Change::Overtaken { .. }
                | Change::Settled { .. }
                | Change::Refused(_) => {}
            }
        }
    }

    fn note_silence(&mut self, task: &Task) {
        let Cause::Silence(source) = &task.cause else {
            return;
        };
        if task.is_open() {
            self.partners.silent.insert(source.clone());
        } else {
            self.partners.silent.remove(source);
        }
    }

    fn note_absence(&mut self, absence: &Absence) {
        if absence.id >= self.next.absence {
            // A new one, of thousands perhaps: none of those that are known is looked at.
            self.next.absence = absence.id.next();
        } else {
            self.absences.retain(|known| known.id != absence.id);
        }
        self.absences.push(absence.clone());
    }

    fn file(&mut self, filing: &Filing) {
        let mut dossier = filing.dossier.clone();
        let is_same = |known: &&Dossier| known.id == dossier.id;
        if dossier.caseload.is_none() {
            let before = self.dossiers.values().find(is_same);
            dossier.caseload = before.and_then(|known| known.caseload.clone());
        }
        if dossier.id >= self.next.dossier {
            self.next.dossier = dossier.id.next();
        }
        for key in &filing.keys {
            self.dossiers.insert(*key, dossier.clone());
        }
        for known in self.dossiers.values_mut() {
            if known.id == dossier.id || Some(known.id) == filing.absorbs {
                *known = dossier.clone();
            }
        }
    }
}
