//! The desk: the one door for every write.
//!
//! Guarantees: what one event means is decided and written in one transaction (the message, its tasks, history and
//! letters, or none of them); decisions are made on what the ledger holds inside that transaction, so that two
//! processes cannot decide on the same past; several events share a transaction, and each is decided as if those
//! before it were written already; one mail that cannot be written never keeps another from being written.
//!
//! The desk reads the clock, draws the unguessable part of Message-IDs and puts letters into words; everything else
//! it is told by [`decide`].
//!
//! Known race, accepted: a commit whose answer got lost is repeated; the ledger then sees the same place and
//! fingerprint again and writes nothing new.

mod batch;
mod moments;
mod newer;
mod parcels;
mod patience;
mod people;
mod questions;
mod sealing;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use arc_swap::{ArcSwap, ArcSwapOption};
use jiff::Timestamp;
use tokio::sync::Notify;

use crate::clock::Clock;
use crate::decide::decide;
use crate::domain::{
    AbsenceId, Act, Arrival, Away, Batch, Event, FolderRef, Hole, LetterId, Moment, Needs, Origin, PersonId,
    Place, Refusal, RefusedRules, TaskId, Trust,
};
use crate::rules::Rules;
use crate::store::Store;
use crate::templates::Templates;
use crate::vault::{OpenError, Vault};

pub use patience::{Patience, until_written};

pub use crate::store::{
    Books, DossierFile, DrillFile, DrillPost, LetterToSeeTo, Reading, StoreError, TaskFile, TaskFilter,
    Watched,
};

/// What the desk works by: replaced as a whole when rules are reloaded.
#[derive(Debug)]
pub struct Office {
    /// The rules in force.
    pub rules: Rules,
    /// The words of letters.
    pub templates: Arc<Templates>,
    /// What judging a sender needs.
    pub trust: Arc<Trust>,
    /// Who is told what only the rules can mend; nobody when the settings name nobody.
    pub admin: Option<String>,
}

/// The desk.
#[derive(Debug)]
pub struct Desk {
    store: Arc<dyn Store>,
    office: ArcSwap<Office>,
    newer: ArcSwapOption<newer::Newer>,
    vault: Arc<Vault>,
    clock: Clock,
    letter_queued: Notify,
    moment_stored: Notify,
    proof_planned: Notify,
    /// What is due and the ledger does not take, with what the log knows of it.
    stuck: Mutex<BTreeMap<Moment, Patience>>,
}

/// Why the desk did not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeskError {
    /// The ledger did not take it; nothing was written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The person asked for something that cannot be.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Some of the mails that were brought are not taken, now or later. All others are in the ledger.
    #[error("{} of the mails that were brought are not in the ledger: {why}", places.len())]
    Untaken {
        /// Where they lie.
        places: Vec<Place>,
        /// Why the first of them is not taken.
        why: StoreError,
    },
    /// What was kept cannot be read.
    #[error(transparent)]
    Sealed(#[from] OpenError),
}

impl DeskError {
    /// Whether the same call may succeed later without anybody changing anything.
    #[must_use]
    pub fn retry_helps(&self) -> bool {
        matches!(self, Self::Store(StoreError::Later(_)))
    }

    /// Whether the ledger cannot be used at all: nothing helps but a human who looks.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        matches!(self, Self::Store(StoreError::Broken(_)))
    }
}

impl Desk {
    /// A desk at this ledger.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, office: Office, vault: Vault, clock: Clock) -> Self {
        Self {
            store,
            office: ArcSwap::from_pointee(office),
            newer: ArcSwapOption::empty(),
            vault: Arc::new(vault),
            clock,
            letter_queued: Notify::new(),
            moment_stored: Notify::new(),
            proof_planned: Notify::new(),
            stuck: Mutex::default(),
        }
    }

    /// What is needed to judge senders, under the rules in force.
    #[must_use]
    pub fn trust(&self) -> Arc<Trust> {
        self.office.load().trust.clone()
    }

    /// What seals the content of messages.
    #[must_use]
    pub fn vault(&self) -> Arc<Vault> {
        self.vault.clone()
    }

    /// What time it is at the desk.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Takes in mails: all are in the ledger, with tasks and letters, once this returns. Call it with batches.
    ///
    /// # Errors
    /// Some are not taken: [`DeskError::Untaken`] says which. Or the ledger cannot be written; then those that are not
    /// in it can be brought again.
    pub async fn receive(&self, arrivals: &[Arc<Arrival>]) -> Result<(), DeskError> {
        let events: Vec<Event> = arrivals.iter().cloned().map(Event::MailArrived).collect();
        let mut places = Vec::new();
        let mut first_failure = None;
        for (event, why) in self.settle_apart(&events).await? {
            let Event::MailArrived(arrival) = event else {
                continue;
            };
            let bare = Event::MailArrived(Arc::new(arrival.unreadable()));
            match self.settle(&[bare]).await {
                Err(DeskError::Store(why @ StoreError::Unwritable(_))) => {
                    places.push(arrival.place.clone());
                    first_failure.get_or_insert(why);
                }
                done => {
                    drop(done?);
                    let item = &arrival.place.item;
                    tracing::error!(item, %why, "a mail is not taken as it is; somebody has to read it where it lies");
                }
            }
        }
        first_failure.map_or(Ok(()), |why| Err(DeskError::Untaken { places, why }))
    }

    /// Settles events together where the ledger takes them, in ever smaller parts where it does not. Returns those that
    /// it does not take even alone, and why: one bad event never keeps another from being written. Who asked tells the log,
    /// since only they know whether it is tried again.
    async fn settle_apart<'e>(&self, events: &'e [Event]) -> Result<Vec<(&'e Event, StoreError)>, DeskError> {
        let mut unwritable = Vec::new();
        let mut parts = vec![events];
        while let Some(part) = parts.pop() {
            match self.settle(part).await {
                Err(DeskError::Store(why @ StoreError::Unwritable(_))) => {
                    if let [event] = part {
                        unwritable.push((event, why));
                    } else {
                        let (first, second) = part.split_at(part.len() / 2);
                        parts.extend([second, first]);
                    }
                }
                done => drop(done?),
            }
        }
        Ok(unwritable)
    }

    /// A person acts on a task.
    ///
    /// # Errors
    /// What they ask for cannot be, or the ledger cannot be written.
    pub async fn act(&self, by: PersonId, task: TaskId, act: Act) -> Result<(), DeskError> {
        self.settle_one(Event::PersonActed { by, task, act }).await
    }

    /// Works by these rules from now on. They are in the rulebook, with their text, before anything is decided by them;
    /// whom they say to be away is so from now on.
    ///
    /// # Errors
    /// The ledger cannot be written; then the office works on as before.
    pub async fn enforce(&self, office: Arc<Office>) -> Result<(), DeskError> {
        let rules = &office.rules;
        let away = rules.absences.iter().map(|leave| leave.away(&rules.calendar));
        let events = [
            Event::RulesLoaded(Arc::clone(&rules.text)),
            Event::AbsencesRead {
                origin: Origin::Rules,
                away: away.collect(),
            },
        ];
        self.settle_by(&office, &events).await?;
        self.newer.store(None);
        self.office.store(office);
        Ok(())
    }

    /// Somebody says when a colleague is not there.
    ///
    /// # Errors
    /// That cannot be, or the ledger cannot be written.
    pub async fn enter_absence(&self, by: PersonId, away: Away) -> Result<(), DeskError> {
        self.settle_one(Event::AbsenceEntered { by, away }).await
    }

    /// Somebody says that a colleague is there again, or can be reached.
    ///
    /// # Errors
    /// That cannot be, or the ledger cannot be written.
    pub async fn end_absence(&self, by: PersonId, absence: AbsenceId) -> Result<(), DeskError> {
        self.settle_one(Event::AbsenceEnded { by, absence }).await
    }

    /// Takes in all that the calendar files now say about absence.
    ///
    /// # Errors
    /// The ledger cannot be written.
    pub async fn absences_read(&self, origin: Origin, away: Vec<Away>) -> Result<(), DeskError> {
        self.settle_one(Event::AbsencesRead { origin, away }).await
    }

    /// Starts a drill, whose mail goes to an address of a watched mailbox; says by which letter it is known.
    ///
    /// # Errors
    /// The ledger cannot be written.
    pub async fn call_drill(&self, to: String) -> Result<LetterId, DeskError> {
        let event = Event::DrillCalled { to };
        let (batch, _) = self.settle_by(&self.office.load_full(), &[event]).await?;
        let drill = batch.drills.first().map(|drill| drill.letter);
        let defect = "no drill came of it; please report this defect";
        drill.ok_or_else(|| StoreError::Unwritable(defect.to_owned()).into())
    }

    /// Writes down that rules were brought which cannot be used, and tells the admin.
    ///
    /// # Errors
    /// The ledger cannot be written.
    pub async fn refuse(&self, rules: RefusedRules) -> Result<(), DeskError> {
        self.settle(&[Event::RulesRefused(rules)]).await?;
        Ok(())
    }

    /// The cover of the coming weeks was proved, by the rules in force and with the absences of the ledger.
    ///
    /// # Errors
    /// The ledger cannot be written; the moment stays stored.
    pub async fn cover_proved(&self, holes: Vec<Hole>) -> Result<(), DeskError> {
        self.settle_one(Event::CoverProved(holes)).await
    }

    /// Decides on events, one after the other, and writes all that follows in one transaction. Returns what was
    /// refused.
    async fn settle(&self, events: &[Event]) -> Result<Vec<Refusal>, DeskError> {
        Ok(self.settle_by(&self.office.load_full(), events).await?.1)
    }

    /// The same with one event, whose refusal is an error.
    async fn settle_one(&self, event: Event) -> Result<(), DeskError> {
        let refusals = self.settle(&[event]).await?;
        refusals
            .into_iter()
            .next()
            .map_or(Ok(()), |refusal| Err(refusal.into()))
    }

    async fn settle_by(&self, office: &Office, events: &[Event]) -> Result<(Batch, Vec<Refusal>), DeskError> {
        let mut needs = Needs::default();
        for event in events {
            event.ask(&mut needs);
        }
        let newer = self.newer(&office.rules, &needs).await?;
        let mut transaction = self.store.begin().await?;
        let now = self.now();
        let mut snapshot = transaction.load(&needs, now).await?;
        snapshot.newer = newer;
        let mut changes = Vec::new();
        for event in events {
            let decided = decide(&office.rules, &snapshot, event, now);
            snapshot.absorb(&decided);
            changes.extend(decided);
        }
        let (batch, refusals) = batch::sort(changes, office);
        transaction.apply(&batch).await?;
        transaction.commit().await?;
        self.wake(&batch);
        Ok((batch, refusals))
    }

    fn wake(&self, batch: &Batch) {
        if !batch.letters.is_empty() || !batch.settled.is_empty() {
            self.letter_queued.notify_one();
        }
        let is_planned = !batch.absences.is_empty()
            || !batch.routines.is_empty()
            || !batch.drills.is_empty()
            || !batch.expectations.is_empty();
        if !batch.opened.is_empty() || !batch.moved.is_empty() || is_planned {
            self.moment_stored.notify_one();
        }
        if !batch.routines.is_empty() {
            self.proof_planned.notify_one();
        }
    }

    /// Remembers that these items are marked in the mailbox.
    ///
    /// # Errors
    /// The ledger cannot be written; they are marked once more at the next start.
    pub async fn marked(&self, folder: &FolderRef, items: &[String]) -> Result<(), DeskError> {
        let mut transaction = self.store.begin().await?;
        transaction.mark(folder, items).await?;
        Ok(transaction.commit().await?)
    }

    /// From now on these folders are watched, and no others: how reading those went says nothing any more.
    ///
    /// # Errors
    /// The ledger cannot be written.
    pub async fn watches(&self, folders: &[Watched]) -> Result<(), DeskError> {
        let mut transaction = self.store.begin().await?;
        transaction.watch(folders).await?;
        Ok(transaction.commit().await?)
    }

    /// Remembers how reading a folder went.
    ///
    /// # Errors
    /// The ledger cannot be written.
    pub async fn note_reading(&self, reading: Reading) -> Result<(), DeskError> {
        let mut transaction = self.store.begin().await?;
        transaction.note_reading(&reading).await?;
        Ok(transaction.commit().await?)
    }

    /// The office as it works now.
    #[must_use]
    pub fn office(&self) -> Arc<Office> {
        self.office.load_full()
    }
}
