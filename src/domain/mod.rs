//! The nouns of the office. Values only: nothing here asks the time, reads a file or opens a socket.

mod automatic;
mod calendar;
mod change;
mod dossier;
mod event;
mod id;
mod ladder;
mod letter;
mod mail;
mod notification;
mod people;
mod rulebook;
mod snapshot;
mod source;
mod task;

pub use automatic::{Answer, Bounce, Intent, StatusCode, Undelivered};
pub use calendar::{Calendar, DayOff, Due, Period, Term};
pub use change::{Batch, Change, Message, Outcome};
pub use dossier::{Dossier, Filing, Kept, KeyId, People, PersonKey};
pub use event::{Act, Event, LetterTried, Needs, Retyping};
pub use id::{
    CaseloadId, DossierId, LadderId, LetterId, MessageId, PersonId, RulesVersion, SourceId, TaskId, TypeId,
};
pub use ladder::{Ladder, Role, Rung};
pub use letter::{
    About, Content, Delivery, Facts, Letter, Occasion, RulesRefused, Sealed, Told, Tried, WhyNot, Words,
};
pub use mail::{
    Address, Arrival, Deceit, Fingerprint, Flaw, FolderRef, Mail, Nature, Place, References, Seal, Sender,
    Signature, Standing, Verdict,
};
pub use notification::{Classification, Effect, Kind, NotificationType, Signal, TargetGroup};
pub use people::{Absence, Caseload, Person, Route};
pub use rulebook::{RefusedRules, Rulebook, RulebookEvent, RulebookLine, RulesText};
pub use snapshot::{NextIds, Seen, Snapshot};
pub use source::{Attested, Decryption, DkimSignature, PrivateKey, Proof, Smime, Source, Trust};
pub use task::{Caution, Climb, Happening, HistoryLine, Refusal, Skip, Task, TaskState};
