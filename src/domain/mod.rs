//! The nouns of the office. Values only: nothing here asks the time, reads a file or opens a socket.

mod calendar;
mod change;
mod event;
mod id;
mod ladder;
mod letter;
mod mail;
mod notification;
mod people;
mod snapshot;
mod source;
mod task;

pub use calendar::{Calendar, DayOff, Due, Term};
pub use change::{Batch, Change, Message, Outcome};
pub use event::{Act, Event, LetterTried, Needs};
pub use id::{CaseloadId, LadderId, LetterId, MessageId, PersonId, RulesVersion, SourceId, TaskId, TypeId};
pub use ladder::{Ladder, Role, Rung};
pub use letter::{Content, Delivery, Facts, Letter, Occasion, Sealed, Told, Tried, WhyNot, Words};
pub use mail::{
    Address, Arrival, Fingerprint, Flaw, FolderRef, Mail, Nature, Place, References, Seal, Sender, Signature,
    Standing, Verdict,
};
pub use notification::{Classification, Effect, Kind, NotificationType, Signal, TargetGroup};
pub use people::{Absence, Caseload, Person, Route};
pub use snapshot::{NextIds, Seen, Snapshot};
pub use source::{Decryption, PrivateKey, Smime, Source, Trust};
pub use task::{Caution, Climb, Happening, HistoryLine, Refusal, Skip, Task, TaskState};
