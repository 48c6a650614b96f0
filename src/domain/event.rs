//! What can happen to the office.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::civil::Date;

use super::{
    About, AbsenceId, Arrival, Away, ChoreId, Classification, Delivery, Earlier, EventId, ExpectationId,
    Fingerprint, Hole, LetterId, LetterName, Nature, Origin, People, PersonId, PersonKey, RefusedRules,
    RulesText, TaskId, Verdict,
};

/// Something that came in.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A mail arrived.
    MailArrived(Arc<Arrival>),
    /// A stored moment came.
    MomentCame(Moment),
    /// A person acted.
    PersonActed {
        /// Who.
        by: PersonId,
        /// On which task.
        task: TaskId,
        /// What they did.
        act: Act,
    },
    /// Somebody wants a drill held.
    DrillCalled {
        /// Where its mail goes: an address of a watched mailbox.
        to: String,
    },
    /// A person asked for all that is known about somebody, by their numbers.
    DossierAsked {
        /// Who.
        by: PersonId,
        /// The tasks that they are shown.
        tasks: Vec<TaskId>,
    },
    /// A person says that two numbers are of one person: a partner names a V-nummer, the other a burgerservicenummer.
    SamePerson {
        /// Who says so.
        by: PersonId,
        /// The numbers.
        people: People,
        /// The tasks that are about them.
        tasks: Vec<TaskId>,
    },
    /// A person tells what happened in a dossier of which no task is open.
    DossierReported {
        /// Who.
        by: PersonId,
        /// The newest task in it.
        task: TaskId,
        /// What happened, and on which day; of an event that moves a term, its new last day.
        event: (EventId, Date),
    },
    /// A person says that something did not happen that was told of somebody, or not on that day.
    ReportTakenBack {
        /// Who.
        by: PersonId,
        /// All tasks in the dossier: it was told with one of them.
        tasks: Vec<TaskId>,
        /// What was told, and of which day.
        event: (EventId, Date),
    },
    /// Somebody says when a colleague is not there.
    AbsenceEntered {
        /// Who says so.
        by: PersonId,
        /// Who is away, and when.
        away: Away,
    },
    /// Somebody says that a colleague is there again, or can be reached.
    AbsenceEnded {
        /// Who says so.
        by: PersonId,
        /// Which absence.
        absence: AbsenceId,
    },
    /// All that the rules, or all that the calendar files, now say about absence.
    AbsencesRead {
        /// Where it stands.
        origin: Origin,
        /// All of it.
        away: Vec<Away>,
    },
    /// Rules were loaded and checked out.
    RulesLoaded(Arc<RulesText>),
    /// Rules were brought and could not be used.
    RulesRefused(RefusedRules),
    /// The cover of the coming weeks was proved: every hole in it.
    CoverProved(Vec<Hole>),
    /// It is time to look at what the partners sent.
    PartnersDue {
        /// Where it is told that what one of them sends is not recognised any more.
        admin: Option<String>,
    },
    /// A letter was sent, or was not.
    LetterTried(LetterTried),
    /// The watch is taken up: a daemon starts, or the clock was set back.
    WatchTakenUp,
}

/// A stored moment: of what.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Moment {
    /// An absence starts or ends. These come first, so that nobody is told who is just leaving.
    Absence {
        /// Which.
        absence: AbsenceId,
        /// Whose.
        person: PersonId,
    },
    /// A task wants attention.
    Task(TaskId),
    /// The mail of a drill must have come in.
    Drill(LetterId),
    /// Somebody must be asked about something that is expected.
    Expectation(ExpectationId),
    /// Something that comes again and again.
    Routine(Routine),
}

/// Something that is done again and again.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Routine {
    /// Each lead is shown what is open.
    Overview,
    /// The cover of the coming weeks is proved. That takes longer than a decision may: the moment alone decides nothing,
    /// but what was found does.
    Cover,
    /// A drill is held.
    Drill,
    /// It is looked at what the partners sent. The moment alone decides nothing: only the desk knows who is to be told.
    Partners,
    /// A chore comes: somebody is to do it.
    Chore(ChoreId),
}

impl Routine {
    /// Those of the office itself. Chores are as many as the rules have.
    pub const OWN: [Self; 4] = [Self::Overview, Self::Cover, Self::Drill, Self::Partners];

    /// How the names of chores start in the ledger.
    const OF_CHORES: &str = "chore.";

    /// Its name in the ledger.
    #[must_use]
    pub fn name(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Overview => "overview",
            Self::Cover => "cover",
            Self::Drill => "drill",
            Self::Partners => "partners",
            Self::Chore(chore) => return Cow::Owned(format!("{}{chore}", Self::OF_CHORES)),
        })
    }

    /// The routine of this name in the ledger.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name.strip_prefix(Self::OF_CHORES) {
            Some(chore) => Some(Self::Chore(ChoreId::new(chore))),
            None => Self::OWN.into_iter().find(|routine| routine.name() == name),
        }
    }
}

/// An attempt to send a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterTried {
    /// The letter.
    pub letter: LetterId,
    /// Why there was one.
    pub about: About,
    /// When it was decided.
    pub queued: jiff::Timestamp,
    /// How often it had been tried before.
    pub attempts: u32,
    /// Since when it is put off for its own sake.
    pub put_off: Option<jiff::Timestamp>,
    /// After which letter the message is named that it shared with others; none: it was alone.
    pub together: Option<LetterId>,
    /// What became of it.
    pub delivery: Delivery,
}

impl LetterTried {
    /// Whether more follows for the task than that the letter left, or waits on.
    fn matters_to_its_task(&self) -> bool {
        match self.delivery {
            Delivery::Accepted => self.attempts > 0,
            Delivery::Deferred { .. } | Delivery::NotTried => false,
            // It may be given up.
            Delivery::PutOff { .. } => self.put_off.is_some(),
            Delivery::Refused { .. } => true,
        }
    }
}

/// What a person can do with a task.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    /// "I do this."
    Take,
    /// "This is handled."
    Done {
        /// A remark for the history.
        remark: Option<String>,
        /// What happened with it, and on which day; of an event that moves a term, its new last day.
        event: Option<(EventId, Date)>,
    },
    /// "This was not handled after all."
    Reopen {
        /// A remark for the history.
        remark: Option<String>,
    },
    /// "Somebody else has to do this", without saying who.
    Decline,
    /// "I need to know who this is about": told to them, and to the history.
    LookUp,
    /// "This is about something else."
    Retype(Arc<Retyping>),
    /// "Somebody else does this."
    Reassign {
        /// Who.
        to: PersonId,
    },
}

/// What a task's mail is taken for from now on.
#[derive(Debug, Clone, PartialEq)]
pub struct Retyping {
    /// The mail.
    pub of: Earlier,
    /// What it is.
    pub classification: Classification,
}

/// What must be known before an event can be decided on. Who is away soon is always known.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a question of its own to the ledger, and any may go with any other"
)]
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    /// Messages that may have been seen before.
    pub fingerprints: Vec<Fingerprint>,
    /// People that messages are about.
    pub people: Vec<PersonKey>,
    /// Tasks with their history, which letters about them still wait, and the tasks by which answers about them are read.
    pub tasks: Vec<TaskId>,
    /// Tasks of chores and silences: those beside them that are open and came of the same.
    pub beside: Vec<TaskId>,
    /// Letters that messages speak of, with the drills whose mail they are, and the tasks of all letters that left in
    /// one message with them.
    pub letters: Vec<LetterName>,
    /// Tasks of which the lives of their dossiers matter, and what was expected when they came of that.
    pub lives_of: Vec<TaskId>,
    /// Something expected, by its number.
    pub expectations: Vec<ExpectationId>,
    /// What is expected of nobody that is known.
    pub weeks: bool,
    /// Drills, by their letters.
    pub drills: Vec<LetterId>,
    /// Open tasks, with their history, of whoever has them now.
    pub with: Vec<PersonId>,
    /// The open tasks of these chores, with their history.
    pub chores: Vec<ChoreId>,
    /// Absences, whenever they are, with the tasks that were handed on because of them.
    pub absences: Vec<AbsenceId>,
    /// All absences of one origin that are not over.
    pub absences_of: Vec<Origin>,
    /// About whose silence a task is open.
    pub silent: bool,
    /// How the rulebook stands.
    pub rulebook: bool,
    /// When routines are due.
    pub routines: bool,
    /// What rests until a moment that is still to come: letters that wait, and open tasks to which something happened last
    /// at a moment that is still to come itself.
    pub resting: bool,
    /// What these routines look at: the overview at the open critical tasks of each caseload and how far the mailboxes were
    /// read, the proof of cover at what the last one found and at all absences that are not over, whenever they are, a look at
    /// the partners at what they sent, the last task about the silence of each, and how far the mailboxes were read.
    pub look_at: Vec<Routine>,
}

impl Needs {
    /// Whether what this routine looks at is needed.
    #[must_use]
    pub fn looks_at(&self, routine: &Routine) -> bool {
        self.look_at.contains(routine)
    }

    fn do_routine(&mut self, routine: Routine) {
        self.routines = true;
        self.look_at.push(routine);
    }
}

impl Event {
    /// Adds what this event needs to know.
    pub fn ask(&self, needs: &mut Needs) {
        match self {
            Self::MailArrived(arrival) => {
                needs.fingerprints.push(arrival.mail.fingerprint);
                needs.people.extend(arrival.named.all.keys());
                needs.weeks |= arrival.named.all.is_empty();
                if let Some(earlier) = &arrival.earlier {
                    needs.people.extend(earlier.named.all.keys());
                    needs.weeks = true;
                }
                let (task, letter) = match &arrival.mail.nature {
                    Nature::Answer(answer) => (answer.task, &answer.letter),
                    Nature::Bounce(bounce) => (bounce.task, &bounce.letter),
                    _ => (None, &None),
                };
                needs.tasks.extend(task);
                needs.lives_of.extend(task);
                needs.letters.extend(letter.clone());
                needs.letters.extend(arrival.mail.letter.clone());
                needs.silent |= matches!(arrival.mail.sender.verdict, Verdict::Partner(_));
            }
            Self::DossierReported { task, .. } => {
                needs.tasks.push(*task);
                needs.lives_of.push(*task);
            }
            Self::ReportTakenBack { tasks, .. } => {
                needs.tasks.extend(tasks);
                needs.lives_of.extend(tasks);
            }
            Self::SamePerson { people, tasks, .. } => {
                needs.people.extend(people.keys());
                needs.tasks.extend(tasks);
                needs.lives_of.extend(tasks);
            }
            Self::WatchTakenUp => (needs.resting, needs.routines) = (true, true),
            Self::RulesLoaded(_) => (needs.rulebook, needs.routines) = (true, true),
            Self::RulesRefused(_) => needs.rulebook = true,
            Self::MomentCame(Moment::Task(task)) => needs.tasks.push(*task),
            Self::PersonActed { task, act, .. } => {
                needs.tasks.push(*task);
                if matches!(act, Act::Done { .. } | Act::Reopen { .. } | Act::Retype(_)) {
                    needs.lives_of.push(*task);
                    needs.weeks = true;
                }
                if let Act::Retype(retyping) = act {
                    needs.people.extend(retyping.of.named.all.keys());
                }
                if matches!(act, Act::Reopen { .. }) {
                    needs.beside.push(*task);
                }
            }
            Self::MomentCame(Moment::Expectation(expectation)) => {
                needs.expectations.push(*expectation);
                needs.weeks = true;
            }
            Self::MomentCame(Moment::Absence { absence, person }) => {
                needs.absences.push(*absence);
                needs.with.push(person.clone());
            }
            Self::MomentCame(Moment::Routine(Routine::Overview)) => {
                needs.do_routine(Routine::Overview);
            }
            Self::MomentCame(Moment::Routine(Routine::Cover | Routine::Partners))
            | Self::DrillCalled { .. }
            | Self::DossierAsked { .. } => {}
            Self::AbsenceEntered { by, .. } => needs.absences_of.push(Origin::Entered { by: by.clone() }),
            Self::MomentCame(Moment::Routine(Routine::Drill)) => needs.routines = true,
            Self::MomentCame(Moment::Routine(Routine::Chore(chore))) => {
                needs.routines = true;
                needs.chores.push(chore.clone());
            }
            Self::MomentCame(Moment::Drill(letter)) => needs.drills.push(*letter),
            Self::CoverProved(_) => needs.do_routine(Routine::Cover),
            Self::PartnersDue { .. } => needs.do_routine(Routine::Partners),
            Self::AbsenceEnded { absence, .. } => needs.absences.push(*absence),
            Self::AbsencesRead { origin, .. } => needs.absences_of.push(origin.clone()),
            Self::LetterTried(tried) => {
                needs
                    .tasks
                    .extend(tried.about.task().filter(|_| tried.matters_to_its_task()));
                needs
                    .drills
                    .extend((tried.about == About::Drill).then_some(tried.letter));
            }
        }
    }
}
