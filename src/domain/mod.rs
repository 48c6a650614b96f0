//! The nouns of the office. Values only: nothing here asks the time, reads a file or opens a socket.

mod absence;
mod automatic;
mod calendar;
mod change;
mod chore;
mod contents;
mod dossier;
mod drill;
mod event;
mod expectation;
mod history;
mod id;
mod ladder;
mod letter;
mod lives;
mod mail;
mod notification;
mod occurrence;
mod parcel;
mod partner;
mod people;
mod promise;
mod recurrence;
mod refusal;
mod rulebook;
mod snapshot;
mod source;
mod task;

pub use absence::{Absence, AbsenceState, Away, End, Leave, Origin};
pub use automatic::{Answer, Bounce, DaysNamed, Intent, LetterName, LetterOf, StatusCode, Undelivered};
pub use calendar::{Calendar, DayOff, Due, Period, Term};
pub use change::{Batch, Change, Message, Outcome, Outdated, Overtaken};
pub use chore::Chore;
pub use contents::{
    AnswerTrouble, Answered, Asked, AwayThen, AwayToday, Back, Drift, DriftWeek, EventHeard, HandedTask,
    Instead, Late, OpenTask, Overview, Thin, ThinWeek, WorkTime,
};
pub use dossier::{Dossier, Filing, Kept, KeyId, Named, People, PersonKey};
pub use drill::{Drill, DrillPolicy, DrillState, LostMail};
pub use event::{Act, Event, LetterTried, Moment, Needs, Retyping, Routine};
pub use expectation::{
    Ahead, Asks, Expectation, ExpectationState, Expected, Standing as ExpectationStanding, Subject,
};
pub use history::{Caution, EarlierNotice, Happening, HistoryLine, Missed, Skip, WhyNot};
pub use id::{
    AbsenceId, CaseloadId, ChoreId, DossierId, EventId, ExpectationId, ExpectedId, LadderId, LetterId,
    MessageId, PersonId, RotaId, RulesVersion, SourceId, TaskId, TeamId, TypeId,
};
pub use ladder::{Ladder, Role, Rung};
pub use letter::{
    About, CameOf, Content, DrillFailed, DrillMail, Facts, Letter, NoticeBefore, Occasion, RulesRefused,
    Told, Tried,
};
pub use lives::{Lives, notice};
pub use mail::{
    Address, Arrival, Deceit, Earlier, Fingerprint, Flaw, FolderRef, Mail, Nature, Place, References, Seal,
    Sender, Signature, Standing, Verdict,
};
pub use notification::{Classification, Effect, Kind, NotificationType, Signal, TargetGroup};
pub use occurrence::{Occurrence, Report, Sign};
pub use parcel::{Delivery, Parcel, Sealed, Words};
pub use partner::{DriftPolicy, PartnerDay, PartnerWatch, Partners, Patience, SilencePolicy};
pub use people::{Caseload, LetterPolicy, Person, Rota, Route, Shift, Team, Weeks, WorkWeek, standing_in};
pub use promise::{Foresight, Hole, LatestRead, Outlook, Promise};
pub use recurrence::{NoRecurrence, Recurrence};
pub use refusal::Refusal;
pub use rulebook::{RefusedRules, Rulebook, RulebookEvent, RulebookLine, RulesText, newer_rules};
pub use snapshot::{LetterRef, NextIds, Pile, Resting, Seen, Snapshot};
pub use source::{Attested, Decryption, DkimSignature, PrivateKey, Proof, Smime, Source, Trust};
pub use task::{Cause, Climb, Task, TaskState};
