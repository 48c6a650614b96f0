//! The program: the real desk on a real ledger, doing what intake, ticker and outbox have it do.

use std::sync::{Arc, LazyLock};

use jiff::{SignedDuration, Timestamp};
use koppelwacht::app::Installation;
use koppelwacht::cover;
use koppelwacht::desk::{Desk, DeskError, Office};
use koppelwacht::domain::{Act, Delivery, Parcel, PersonId, TaskId};
use koppelwacht::findings::Findings;
use koppelwacht::rules::Rules;
use koppelwacht::store::Store as _;
use koppelwacht::store::sqlite::SqliteStore;
use koppelwacht::vault::Vault;

use super::hand::Defect;
use super::mails;
use super::run::{Later, Run};
use super::support::tampered::Tampered;
use super::tally::Violation;
use super::words::clock_time;

/// How often the program may find something to do at one moment.
const ROUNDS: usize = 100;

/// The program while it runs.
pub(crate) struct House {
    pub(crate) desk: Desk,
    pub(crate) ledger: SqliteStore,
}

/// Something of which the ledger says when it is due next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Due {
    Moment,
    Letter,
    Proof,
}

/// The shipped office, with these rules.
fn office(rules: &Rules) -> Office {
    static SHIPPED: LazyLock<Office> = LazyLock::new(|| {
        let shipped = Installation::load(None, &mut Findings::default());
        shipped.expect("the example checks out").office
    });
    Office {
        rules: rules.clone(),
        templates: Arc::clone(&SHIPPED.templates),
        trust: Arc::clone(&SHIPPED.trust),
        admin: None,
    }
}

impl Run {
    /// The desk, at which somebody can work while the daemon is down as well.
    pub(crate) async fn desk(&mut self) -> &Desk {
        if self.house.is_none() {
            let ledger = SqliteStore::open(&self.ledger()).await.unwrap();
            let store = Tampered {
                ledger: ledger.clone(),
                tamper: Arc::clone(&self.hand),
            };
            let vault = Vault::with_key(include_str!("../support/vault.key")).unwrap();
            let desk = Desk::new(Arc::new(store), office(&self.rules), vault, self.clock.clone());
            self.house = Some(House { desk, ledger });
        }
        &self.house.as_ref().expect("just opened").desk
    }

    /// The program dies, or is stopped.
    pub(crate) async fn dies(&mut self) {
        self.stored.clear();
        if let Some(house) = self.house.take() {
            house.ledger.close().await;
        }
    }

    pub(crate) async fn starts(&mut self) {
        self.dies().await;
        self.hand.starts();
        self.new_rules().await;
    }

    /// What the program does first, and when rules are loaded anew.
    pub(crate) async fn new_rules(&mut self) {
        let office = Arc::new(office(&self.rules));
        self.watch.rules = Arc::clone(&self.rules);
        self.watch.proved_by = Some(self.proved_by());
        self.hand.time_is(self.now());
        while self.desk().await.enforce(Arc::clone(&office)).await.is_err() {
            // Whatever was to go wrong has gone wrong once.
            self.hand.killed();
        }
    }

    fn proved_by(&self) -> Arc<Rules> {
        if self.hand.defect != Some(Defect::ProofThatIgnoresPartTime) {
            return Arc::clone(&self.rules);
        }
        let mut rules = self.rules.as_ref().clone();
        rules.people.values_mut().for_each(|person| person.week = None);
        Arc::new(rules)
    }

    /// When the program has something to do next, as the ledger says.
    pub(crate) async fn next_stored(&mut self) -> Option<Timestamp> {
        let moment = self.due(Due::Moment).await;
        let letter = self.due(Due::Letter).await;
        let proof = self.due(Due::Proof).await;
        [moment, letter, proof].into_iter().flatten().min()
    }

    /// When this is due next. The ledger is asked once, until something is written.
    async fn due(&mut self, what: Due) -> Option<Timestamp> {
        if let Some(at) = self.stored.get(&what) {
            return *at;
        }
        self.desk().await;
        let ledger = &self.house.as_ref().expect("it is open").ledger;
        let at = match what {
            Due::Moment => ledger.next_moment().await,
            Due::Letter => ledger.next_letter().await,
            Due::Proof => ledger.next_proof().await,
        };
        let at = at.unwrap();
        self.stored.insert(what, at);
        at
    }

    async fn is_due(&mut self, what: Due) -> bool {
        self.due(what).await.is_some_and(|at| at <= self.now())
    }

    /// Somebody acts on a task.
    pub(crate) async fn acts(&mut self, by: &PersonId, task: TaskId, act: Act) -> Result<(), Violation> {
        let acted = self.desk().await.act(by.clone(), task, act).await;
        was_done(acted);
        self.look()
    }

    /// The program works until nothing is left to do.
    pub(crate) async fn works(&mut self) -> Result<(), Violation> {
        for round in 0..ROUNDS {
            self.hand.time_is(self.now());
            if self.hand.killed() {
                self.starts().await;
            }
            self.look()?;
            if self.is_down() {
                return Ok(());
            }
            let mut worked = false;
            for turn in 0..4 {
                worked |= match (round + turn) % 4 {
                    0 => self.takes_in().await,
                    1 => self.ticks().await,
                    2 => self.proves().await,
                    _ => self.sends().await?,
                };
                self.look()?;
            }
            if !worked && !self.hand.killed() {
                return self.watch.at_rest(self.now());
            }
        }
        Err(Violation {
            what: format!("the program never comes to rest at {}", clock_time(self.now())),
            history: Vec::new(),
        })
    }

    /// Sees what was written.
    fn look(&mut self) -> Result<(), Violation> {
        let (now, is_calm) = (self.now(), self.is_calm());
        for batch in self.hand.take_written() {
            // A proof is planned as a routine, and by nothing else.
            self.stored
                .retain(|what, _| *what == Due::Proof && batch.routines.is_empty());
            self.watch.see(&batch, now, is_calm)?;
        }
        Ok(())
    }

    async fn takes_in(&mut self) -> bool {
        let waiting: Vec<usize> = (0..self.mailbox.len())
            .filter(|item| !self.mailbox[*item].is_entered)
            .collect();
        if waiting.is_empty() {
            return false;
        }
        self.desk().await;
        let desk = &self.house.as_ref().expect("it is open").desk;
        let arrivals = waiting.iter().map(|item| {
            let lying = &self.mailbox[*item];
            lying.letter.arrival(desk, *item, lying.received)
        });
        let arrivals: Vec<_> = arrivals.collect();
        let entered = desk.receive(&arrivals).await;
        if entered.is_ok() {
            for item in waiting {
                self.mailbox[item].is_entered = true;
            }
        }
        was_done(entered);
        true
    }

    async fn ticks(&mut self) -> bool {
        if !self.is_due(Due::Moment).await {
            return false;
        }
        match self.desk().await.tick().await {
            // A program that has forgotten something says that it is due, and does nothing.
            Ok(count) => count > 0,
            Err(error) => {
                was_done(Err(error));
                true
            }
        }
    }

    async fn proves(&mut self) -> bool {
        if !self.is_due(Due::Proof).await {
            return false;
        }
        let away = self.watch.known_away();
        let holes = cover::ahead(&self.rules, &away, self.now());
        was_done(self.desk().await.cover_proved(holes).await);
        true
    }

    async fn sends(&mut self) -> Result<bool, Violation> {
        if !self.is_due(Due::Letter).await {
            return Ok(false);
        }
        // A claim moves letters on.
        self.stored.remove(&Due::Letter);
        let Ok(parcels) = self.desk().await.claim_letters(50).await else {
            return Ok(true);
        };
        let now = self.now();
        let mut tried: Vec<(Parcel, Delivery)> = Vec::new();
        for parcel in parcels {
            parcel
                .letters
                .iter()
                .try_for_each(|letter| self.watch.leaves(letter))?;
            let delivery = self.world.takes(&parcel.to, now);
            if delivery == Delivery::Accepted {
                self.leaves(&parcel);
            }
            tried.push((parcel, delivery));
        }
        if std::mem::take(&mut self.dies_after_sending) {
            self.watch.disturb();
            self.starts().await;
            return Ok(true);
        }
        let told = self.desk().await.letters_tried(&tried).await;
        was_done(told);
        Ok(true)
    }

    /// A letter is in the hands of the mail server.
    fn leaves(&mut self, parcel: &Parcel) {
        let now = self.now();
        let soon = now + SignedDuration::from_mins(1);
        let number = self.number();
        if self.world.comes_back(&parcel.to, now) {
            self.later(soon, Later::Mail(mails::bounce(parcel, number)));
            return;
        }
        let reader = self.world.reader(&parcel.to).cloned();
        if let Some(reader) = &reader
            && self.world.answers_by_itself(reader, now)
            && self.inbox.first_answer_to(reader, now)
        {
            self.later(soon, Later::Mail(mails::automatic(parcel, number)));
        }
        self.inbox
            .put(parcel.clone(), reader, &self.watch, &self.world, now);
    }
}

/// What was refused, or could not be written just then, is not done: people try that again, or do not.
pub(crate) fn was_done(outcome: Result<(), DeskError>) {
    match outcome {
        Ok(()) | Err(DeskError::Refused(_)) => {}
        Err(error) => assert!(error.retry_helps(), "{error}"),
    }
}
