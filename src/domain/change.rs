//! What is to be written. Decisions produce changes; the desk writes them in one transaction.

use std::sync::Arc;

use jiff::Timestamp;

use super::{
    Absence, Drill, Expectation, Filing, Fingerprint, HistoryLine, Kept, Letter, LetterId, MessageId,
    Outlook, PartnerDay, Place, Refusal, Report, Routine, RulebookLine, RulesText, Sealed, SourceId, Task,
    TaskId,
};

/// One thing to write.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// A message enters the ledger.
    Recorded(Box<Message>),
    /// A message that the ledger knows lies in one more place.
    SeenAgain {
        /// The new place.
        place: Place,
        /// The message.
        message: MessageId,
        /// When.
        at: Timestamp,
    },
    /// A task is opened.
    Opened(Box<Task>),
    /// A task has a new state.
    Moved(Box<Task>),
    /// A line is added to a task's history.
    Noted(HistoryLine),
    /// The content of a message is kept.
    Kept(MessageId, Arc<Kept>),
    /// A task is put in a dossier.
    Filed(Filing),
    /// The text of rules is kept; keeping it again changes nothing.
    RulesKept(Arc<RulesText>),
    /// A line is added to the rulebook.
    RulebookNoted(RulebookLine),
    /// An absence becomes known, goes on, or ends.
    AbsenceNoted(Box<Absence>),
    /// A drill is started, or goes on.
    DrillNoted(Box<Drill>),
    /// Something is expected, or stands otherwise from now on.
    ExpectationNoted(Box<Expectation>),
    /// A colleague told what happened in a dossier, or took that back.
    Reported(Report),
    /// When something that comes again and again is due next.
    RoutineSet {
        /// What.
        routine: Routine,
        /// When; never again when nobody wants it.
        next: Option<Timestamp>,
    },
    /// The cover of the coming weeks was proved.
    OutlookNoted(Outlook),
    /// A mail of a partner adds to what came from it on that day.
    Counted(PartnerDay),
    /// Somebody is told that what a partner sends is not recognised.
    DriftTold {
        /// Whom it is from.
        source: SourceId,
        /// When.
        at: Timestamp,
    },
    /// A letter is to be written and sent.
    Queued(Box<Letter>),
    /// What still waits to be sent about this no longer holds.
    Overtaken {
        /// What.
        what: Outdated,
        /// When.
        at: Timestamp,
    },
    /// A letter needs no more attempts, or the next one later.
    Settled {
        /// The letter.
        letter: LetterId,
        /// How it stands.
        outcome: Outcome,
    },
    /// A person asked for something that cannot be; nothing is written.
    Refused(Refusal),
}

/// How a letter stands after an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A server took it.
    Sent {
        /// When.
        at: Timestamp,
        /// After which letter the message is named that it shared with others; none: it left alone.
        together: Option<LetterId>,
    },
    /// It is tried again.
    Again {
        /// When.
        at: Timestamp,
        /// Why it failed, without personal data.
        reason: String,
        /// Since when it is put off for its own sake; none: this attempt says nothing of that.
        put_off: Option<Timestamp>,
    },
    /// It was claimed and not tried, or rested for nothing: it waits as before, and this was no attempt.
    GivenBack {
        /// When it may be claimed again.
        at: Timestamp,
    },
    /// It will never be taken.
    Refused {
        /// When.
        at: Timestamp,
        /// The server's status code.
        code: String,
    },
}

/// A message as the ledger keeps it in the open. Its content is in [`Kept`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its number.
    pub id: MessageId,
    /// Where it was found first.
    pub place: Place,
    /// For recognising a second delivery.
    pub fingerprint: Fingerprint,
    /// The Message-ID, for finding it back in the mailbox.
    pub message_id: Option<String>,
    /// The sender's domain. Not the address: that may name a person.
    pub sender_domain: String,
    /// The judgement about the sender, as in `explain`.
    pub sender_verdict: String,
    /// When the municipality's server took it in.
    pub received: Timestamp,
    /// When it entered the ledger.
    pub recorded: Timestamp,
    /// The types found in it, in order.
    pub kinds: Vec<super::TypeId>,
    /// The rule that recognised it.
    pub rule: String,
    /// The rules it was read under.
    pub rules: super::RulesVersion,
    /// The first task it opened.
    pub task: Option<TaskId>,
}

/// What letters are about that do not hold any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outdated {
    /// A task.
    Task(TaskId),
    /// Rules that were refused.
    RefusedRules,
}

/// What waits to be sent about something does not hold any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overtaken {
    /// What it is about.
    pub what: Outdated,
    /// Since when.
    pub at: Timestamp,
    /// Letters from this one on still hold: they were queued after it, in the same batch. None: there are none.
    pub before: Option<LetterId>,
}

/// All that one transaction writes, sorted by table so that it can go in with few statements.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Batch {
    /// New messages.
    pub messages: Vec<Message>,
    /// Known messages in one more place.
    pub again: Vec<(Place, MessageId, Timestamp)>,
    /// What is kept of new messages.
    pub kept: Vec<(MessageId, Arc<Kept>)>,
    /// Tasks put in dossiers, in order.
    pub filed: Vec<Filing>,
    /// Texts of rules to keep.
    pub rules: Vec<Arc<RulesText>>,
    /// Lines for the rulebook, in order.
    pub rulebook: Vec<RulebookLine>,
    /// New tasks.
    pub opened: Vec<Task>,
    /// Tasks with a new state. A task occurs once.
    pub moved: Vec<Task>,
    /// Absences, new or with a new state. An absence occurs once.
    pub absences: Vec<Absence>,
    /// Drills, new or with a new state. A drill occurs once.
    pub drills: Vec<Drill>,
    /// Expectations, new or with a new state. An expectation occurs once.
    pub expectations: Vec<Expectation>,
    /// What colleagues told, and took back.
    pub reported: Vec<Report>,
    /// When routines are due next.
    pub routines: Vec<(Routine, Option<Timestamp>)>,
    /// What the last proof of cover found; none: it was not made.
    pub outlook: Option<Outlook>,
    /// What partners sent besides what is known. A day of a partner occurs once.
    pub partner_days: Vec<PartnerDay>,
    /// When it was told of which partners that what they send is not recognised.
    pub drifts: Vec<(SourceId, Timestamp)>,
    /// History lines, in order.
    pub history: Vec<HistoryLine>,
    /// What waiting letters are about that do not hold any more.
    pub overtaken: Vec<Overtaken>,
    /// Letters in words.
    pub letters: Vec<Sealed>,
    /// Letters that were tried. A letter occurs once.
    pub settled: Vec<(LetterId, Outcome)>,
}
