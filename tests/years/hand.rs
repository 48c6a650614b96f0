//! The hand that meddles with the ledger: it makes commits fail as power cuts and other writers do; and it can plant a
//! defect, so that it is seen that somebody would notice.

use std::borrow::Cow;
use std::collections::{BTreeSet, VecDeque};
use std::sync::{Mutex, MutexGuard};

use jiff::{SignedDuration, Timestamp};
use koppelwacht::domain::{
    AbsenceId, Batch, Happening, HistoryLine, Moment, Sealed, Task, TaskId, TaskState, Term,
};
use koppelwacht::store::StoreError;

use super::plan::shipped;
use super::support::tampered::{Fate, Tamper};

/// A defect that the program might have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Defect {
    /// What was open when the program started is never escalated again.
    LadderForgottenOnRestart,
    /// Whoever cannot be told is passed over only when their time is over.
    SkipThatCostsADelay,
    /// Who has a task keeps it when their absence starts.
    LeaseThatSurvivesAbsence,
    /// What lies beyond a change of the clock comes an hour late.
    HourLateAtSummerTime,
    /// What lies beyond a change of the clock comes an hour early.
    HourEarlyAtSummerTime,
    /// An absence that was entered before the program started never starts.
    AbsenceForgottenOnRestart,
    /// What waits for the mail server leaves, whoever has done it meanwhile.
    LetterThatIsNotTakenBack,
    /// On a day on which somebody is sent an overview they are sent nothing else.
    DigestThatReplacesAnEscalation,
    /// A task that is opened again waits until somebody looks: nobody is told.
    ReopenedInSilence,
    /// The proof takes everybody to work every day.
    ProofThatIgnoresPartTime,
}

impl Defect {
    pub(crate) const ALL: [Self; 10] = [
        Self::LadderForgottenOnRestart,
        Self::SkipThatCostsADelay,
        Self::LeaseThatSurvivesAbsence,
        Self::HourLateAtSummerTime,
        Self::HourEarlyAtSummerTime,
        Self::AbsenceForgottenOnRestart,
        Self::LetterThatIsNotTakenBack,
        Self::DigestThatReplacesAnEscalation,
        Self::ReopenedInSilence,
        Self::ProofThatIgnoresPartTime,
    ];

    /// What is said of it.
    pub(crate) const fn complaint(self) -> &'static str {
        match self {
            Self::LadderForgottenOnRestart => "its moment came, and nothing happened",
            Self::SkipThatCostsADelay => "somebody is passed over, and nobody told instead",
            Self::LeaseThatSurvivesAbsence => "who is known to be away",
            Self::HourLateAtSummerTime | Self::HourEarlyAtSummerTime => {
                "at another moment than its time ends"
            }
            Self::AbsenceForgottenOnRestart => "starts or ends, and nothing happened",
            Self::LetterThatIsNotTakenBack => "leaves after it was done",
            Self::DigestThatReplacesAnEscalation => "1 calls and 0 letters",
            Self::ReopenedInSilence => "is opened again, and nobody is told",
            Self::ProofThatIgnoresPartTime => "and the proof says",
        }
    }
}

/// What goes wrong with a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mishap {
    /// Somebody else writes.
    Busy,
    /// The program is killed before it commits.
    KilledBefore,
    /// The program is killed after it committed.
    KilledAfter,
}

/// The hand.
#[derive(Debug, Default)]
pub(crate) struct Hand {
    pub(crate) defect: Option<Defect>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    now: Timestamp,
    mishaps: VecDeque<Mishap>,
    was_killed: bool,
    written: Vec<Batch>,
    /// Tasks that were touched since the program started.
    touched: BTreeSet<TaskId>,
    /// Absences likewise.
    noted: BTreeSet<AbsenceId>,
    /// Who was sent an overview, and when.
    overviews: BTreeSet<(String, jiff::civil::Date)>,
}

impl Hand {
    pub(crate) fn with(defect: Option<Defect>) -> Self {
        Self {
            defect,
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(crate) fn time_is(&self, now: Timestamp) {
        self.state().now = now;
    }

    /// This goes wrong with one of the next transactions.
    pub(crate) fn plan(&self, mishap: Mishap) {
        self.state().mishaps.push_back(mishap);
    }

    /// What was written since this was asked last.
    pub(crate) fn take_written(&self) -> Vec<Batch> {
        std::mem::take(&mut self.state().written)
    }

    /// Whether the program was killed since this was asked last.
    pub(crate) fn killed(&self) -> bool {
        std::mem::take(&mut self.state().was_killed)
    }

    /// Whether something is about to go wrong.
    pub(crate) fn has_plans(&self) -> bool {
        !self.state().mishaps.is_empty()
    }

    /// The program starts: it knows nothing but what is in the ledger.
    pub(crate) fn starts(&self) {
        let mut state = self.state();
        state.touched.clear();
        state.noted.clear();
    }

    fn spoil(&self, defect: Defect, batch: &mut Batch) {
        let mut state = self.state();
        match defect {
            Defect::SkipThatCostsADelay => delay_skips(batch),
            Defect::LeaseThatSurvivesAbsence => keep_leases(batch),
            Defect::HourLateAtSummerTime => shift_all(batch, state.now, SignedDuration::from_hours(1)),
            Defect::HourEarlyAtSummerTime => shift_all(batch, state.now, SignedDuration::from_hours(-1)),
            Defect::LetterThatIsNotTakenBack => batch.overtaken.clear(),
            Defect::ReopenedInSilence => silence_reopened(batch),
            Defect::DigestThatReplacesAnEscalation => {
                let today = shipped().calendar.day(state.now);
                let overviews = batch
                    .letters
                    .iter()
                    .filter(|letter| letter.occasion == "overview");
                state
                    .overviews
                    .extend(overviews.map(|letter| (letter.to.clone(), today)));
                batch.letters.retain(|letter| {
                    letter.about.task().is_none() || !state.overviews.contains(&(letter.to.clone(), today))
                });
            }
            Defect::LadderForgottenOnRestart
            | Defect::AbsenceForgottenOnRestart
            | Defect::ProofThatIgnoresPartTime => {}
        }
    }
}

impl Tamper for Hand {
    fn begin(&self) -> Result<(), StoreError> {
        let mut state = self.state();
        if state.mishaps.front() == Some(&Mishap::Busy) {
            state.mishaps.pop_front();
            return Err(StoreError::Later("somebody else writes".to_owned()));
        }
        Ok(())
    }

    fn write<'b>(&self, batch: &'b Batch) -> Result<Cow<'b, Batch>, StoreError> {
        let Some(defect) = self.defect else {
            return Ok(Cow::Borrowed(batch));
        };
        let mut batch = batch.clone();
        self.spoil(defect, &mut batch);
        Ok(Cow::Owned(batch))
    }

    fn commit(&self) -> Fate {
        let mut state = self.state();
        let died = || StoreError::Later("the program was killed".to_owned());
        let fate = match state.mishaps.front() {
            Some(Mishap::KilledBefore) => Fate::Undone(died()),
            Some(Mishap::KilledAfter) => Fate::AnswerLost(died()),
            Some(Mishap::Busy) | None => return Fate::Kept,
        };
        state.mishaps.pop_front();
        state.was_killed = true;
        fate
    }

    fn written(&self, batches: Vec<Batch>) {
        let mut state = self.state();
        let tasks = batches
            .iter()
            .flat_map(|batch| batch.opened.iter().chain(&batch.moved));
        state.touched.extend(tasks.map(|task| task.id));
        let absences = batches.iter().flat_map(|batch| &batch.absences);
        state.noted.extend(absences.map(|absence| absence.id));
        state.written.extend(batches);
    }

    fn due(&self, mut moments: Vec<Moment>) -> Vec<Moment> {
        let state = self.state();
        moments.retain(|moment| match (self.defect, moment) {
            (Some(Defect::LadderForgottenOnRestart), Moment::Task(task)) => state.touched.contains(task),
            (Some(Defect::AbsenceForgottenOnRestart), Moment::Absence { absence, .. }) => {
                state.noted.contains(absence)
            }
            _ => true,
        });
        moments
    }
}

fn is_told(line: &HistoryLine) -> bool {
    matches!(line.what, Happening::Told { .. })
}

/// What is opened again is told to nobody.
fn silence_reopened(batch: &mut Batch) {
    let reopened = batch.history.iter();
    let reopened: BTreeSet<TaskId> = reopened
        .filter(|line| matches!(line.what, Happening::Reopened { .. }))
        .map(|line| line.task)
        .collect();
    let tells = |line: &HistoryLine| is_told(line) || line.what == Happening::NobodyThere;
    batch
        .history
        .retain(|line| !(reopened.contains(&line.task) && tells(line)));
    let is_about_it = |letter: &Sealed| letter.about.task().is_some_and(|task| reopened.contains(&task));
    batch.letters.retain(|letter| !is_about_it(letter));
}

/// A rung that nobody has costs an hour, and the next one is told then.
fn delay_skips(batch: &mut Batch) {
    let skipped = |line: &&HistoryLine| matches!(line.what, Happening::Skipped { .. });
    let late: BTreeSet<TaskId> = batch
        .history
        .iter()
        .filter(skipped)
        .map(|line| line.task)
        .collect();
    batch
        .history
        .retain(|line| !(late.contains(&line.task) && is_told(line)));
    batch
        .letters
        .retain(|letter| !letter.about.task().is_some_and(|task| late.contains(&task)));
    let all = batch.opened.iter_mut().chain(&mut batch.moved);
    for task in all.filter(|task| late.contains(&task.id)) {
        if let TaskState::Waiting(climb) = &mut task.state {
            climb.rung = climb.rung.saturating_sub(1);
            let wait = shipped().calendar.due(task.opened, Term::WorkingMinutes(60)).at;
            climb.next = climb.next.map(|next| next.max(wait));
        }
    }
}

/// Nothing is handed on.
fn keep_leases(batch: &mut Batch) {
    let handed = |line: &&HistoryLine| matches!(line.what, Happening::HandedOn { .. });
    let kept: BTreeSet<TaskId> = batch
        .history
        .iter()
        .filter(handed)
        .map(|line| line.task)
        .collect();
    batch.history.retain(|line| !kept.contains(&line.task));
    batch.moved.retain(|task| !kept.contains(&task.id));
    batch
        .letters
        .retain(|letter| !letter.about.task().is_some_and(|task| kept.contains(&task)));
}

fn shift_all(batch: &mut Batch, now: Timestamp, by: SignedDuration) {
    let all = batch.opened.iter_mut().chain(&mut batch.moved);
    all.for_each(|task| shift(task, now, by));
}

/// A moment beyond a change of the clock comes later, or earlier, but ahead.
fn shift(task: &mut Task, now: Timestamp, by: SignedDuration) {
    let zone = shipped().calendar.zone();
    let moment = match &mut task.state {
        TaskState::Waiting(climb) => climb.next.as_mut(),
        TaskState::Taken { until, .. } => until.as_mut(),
        TaskState::Done { .. } => None,
    };
    if let Some(moment) = moment
        && zone.to_offset(*moment) != zone.to_offset(now)
    {
        *moment = (*moment + by).max(now + SignedDuration::from_mins(1));
    }
}
