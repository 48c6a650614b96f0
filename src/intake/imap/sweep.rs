//! A sweep: everything that lies in the folder and is not in the ledger goes to the desk, then is marked.
//!
//! Three things overlap, so that the slowest of them sets the pace: the server hands out one batch, a reader decodes
//! the one before, and a clerk enters the one before that. What was entered is marked in long strides, at the end of all
//! but the longest backlogs: a crash before that leaves it known and unmarked, and the next session marks it.
//! A bundle is closed at 200 messages or 8 MiB. What waits for the clerk is entered in one transaction. Few bundles may
//! wait: when the ledger is slower than the server, the server waits, and memory stays bounded.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::super::entry::{Bundle, Entered, Found, enter, note_marked, read};
use super::super::logbook::Logbook;
use super::super::{BATCH, Trouble};
use super::mark::Marker;
use super::numbers::Numbers;
use super::stumbles::MOVE_IT;
use super::talk::{Answer, SET, Step, Stream, Talk};
use super::wording::{received_since, set_of};
use crate::desk::Desk;
use crate::domain::{Arrival, FolderRef};
use crate::mail::attest::Witness;

/// How many bundles one transaction of the ledger takes, when so many wait. Most of a small transaction is pages of
/// the ledger's indexes, which a larger one writes once.
const ENTERED_AT_ONCE: usize = 5;

/// How many messages are marked together during a backlog. On servers that keep flags in file names, as Dovecot does in
/// a Maildir, each round of marking has the whole folder looked through again.
const MARKED_AT_ONCE: usize = 10_000;

/// Sweeps one folder in one numbering.
#[derive(Debug)]
pub(super) struct Sweeper<'a> {
    desk: Arc<Desk>,
    folder: FolderRef,
    marker: Marker,
    /// What was received before this day is left alone.
    since: Option<Date>,
    /// When that day starts here.
    first_moment: Option<Timestamp>,
    /// The highest UID seen. What comes later is higher (RFC 3501 section 2.3.1.1).
    highest: u32,
    /// What was found there and is not in the ledger. It lies below `highest`: only a sweep everywhere tries it again.
    left: BTreeSet<u32>,
    /// Why it is not.
    refusal: Option<String>,
    numbers: &'a mut Numbers,
}

impl<'a> Sweeper<'a> {
    /// A folder that was just opened, with what is known of its numbers.
    pub(super) fn new(
        logbook: &Logbook,
        folder: FolderRef,
        marker: Marker,
        since: Option<Date>,
        numbers: &'a mut Numbers,
    ) -> Self {
        let desk = Arc::clone(logbook.desk());
        let first_moment = since.map(|day| desk.office().rules.calendar.start_of(day));
        Self {
            desk,
            folder,
            marker,
            since,
            first_moment,
            highest: 0,
            left: BTreeSet::new(),
            refusal: None,
            numbers,
        }
    }

    /// Looks for messages, everywhere or only behind the last one seen, and carries them to the desk. Wherever it
    /// looked: the folder is proven only when nothing is left behind anywhere in it.
    pub(super) async fn sweep<S: Stream>(
        &mut self,
        talk: &mut Talk<S>,
        logbook: &mut Logbook,
        everywhere: bool,
    ) -> Result<(), Trouble> {
        let since = self.desk.now();
        // Some servers look at their folder only when asked to (RFC 3501 section 6.1.2).
        talk.run("NOOP").await?;
        talk.take_news();
        let first = if everywhere {
            1
        } else {
            self.highest.saturating_add(1)
        };
        let wanted = self.since.map(received_since).unwrap_or_default();
        let there = search(talk, &format!("{first}:*{wanted}")).await?;
        self.highest = there.last().copied().unwrap_or_default().max(self.highest);
        if everywhere {
            self.numbers.retain(&there);
            self.left.clear();
            self.refusal = None;
        }
        let missing: Vec<u32> = there
            .into_iter()
            .filter(|uid| !self.numbers.knows(*uid))
            .collect();
        self.left.extend(&missing);
        logbook.behind(self.left.len()).await;
        if let Some(refusal) = self.carry_all(talk, logbook, &missing).await? {
            self.refusal = Some(refusal);
        }
        let unmarkable = self.mark(talk).await?;
        self.look_after_what_is_left(talk).await?;
        if self.left.is_empty() {
            self.refusal = None;
            logbook.caught_up(since, unmarkable).await;
        } else {
            let reason = self.refusal.clone().unwrap_or_else(|| unexplained(&self.left));
            logbook.short_of(self.left.len(), &reason).await;
        }
        Ok(())
    }

    /// Carries messages in batches, then those alone that connections broke at. Returns why some may be left behind.
    async fn carry_all<S: Stream>(
        &mut self,
        talk: &mut Talk<S>,
        logbook: &mut Logbook,
        missing: &[u32],
    ) -> Result<Option<String>, Trouble> {
        let plan = self.numbers.stumbles.plan(missing, self.desk.now());
        let batches = plan.smooth.chunks(BATCH).map(<[u32]>::to_vec).collect();
        let mut refusal = self.carry(talk, logbook, batches).await?;
        for uid in plan.alone {
            self.mark(talk).await?;
            refusal = self
                .carry(talk, logbook, VecDeque::from([vec![uid]]))
                .await?
                .or(refusal);
        }
        Ok(plan.given_up.or(refusal))
    }

    /// Fetches batches and has them entered, marking on the way. What was fetched before trouble came is entered all
    /// the same, so that each attempt gets further.
    async fn carry<S: Stream>(
        &mut self,
        talk: &mut Talk<S>,
        logbook: &mut Logbook,
        batches: VecDeque<Vec<u32>>,
    ) -> Result<Option<String>, Trouble> {
        if batches.is_empty() {
            return Ok(None);
        }
        let (bundles, unread) = mpsc::channel(1);
        let (arrivals, to_enter) = mpsc::channel(ENTERED_AT_ONCE - 1);
        let (outbox, mut entered) = mpsc::unbounded_channel();
        let mut others = JoinSet::new();
        others.spawn(read_bundles(
            Arc::clone(&self.desk),
            logbook.witness().cloned(),
            self.folder.clone(),
            unread,
            arrivals,
        ));
        others.spawn(enter_bundles(Arc::clone(&self.desk), to_enter, outbox));
        let fetched = self.hand_out(talk, logbook, batches, bundles, &mut entered).await;
        while let Some(items) = entered.recv().await {
            self.was_entered(logbook, &items);
        }
        let mut refused = None;
        while let Some(ended) = others.join_next().await {
            let ended = ended.map_err(|_| Trouble::Passing("entering messages was broken off".to_owned()))?;
            refused = ended?.or(refused);
        }
        Ok(fetched?.or(refused))
    }

    /// The connection's side: fetches batch after batch into bundles, and marks in between.
    async fn hand_out<S: Stream>(
        &mut self,
        talk: &mut Talk<S>,
        logbook: &mut Logbook,
        mut batches: VecDeque<Vec<u32>>,
        bundles: mpsc::Sender<Vec<Found>>,
        entered: &mut mpsc::UnboundedReceiver<Vec<String>>,
    ) -> Result<Option<String>, Trouble> {
        let mut refusal = None;
        while let Some(batch) = batches.pop_front() {
            let fetching = self.fetch(talk, &batch, &bundles).await?;
            // The connection lives: whatever ends this visit now, it is no message's fault.
            self.numbers.stumbles.comes_next(None);
            match fetching {
                Fetching::Done => {}
                Fetching::NobodyTakes => break,
                // Somewhere among these is one that the server will not hand out: halve until it stands alone.
                Fetching::Refused { code, left } => match left.split_at(left.len() / 2) {
                    ([], alone) => refusal = refusal.or_else(|| Some(withheld(alone, &code))),
                    (one, other) => {
                        batches.push_front(other.to_vec());
                        batches.push_front(one.to_vec());
                    }
                },
            }
            while let Ok(items) = entered.try_recv() {
                self.was_entered(logbook, &items);
            }
            if self.numbers.unmarked().len() >= MARKED_AT_ONCE {
                self.mark(talk).await?;
            }
            logbook.still_behind().await;
        }
        Ok(refusal)
    }

    /// Fetches one batch.
    async fn fetch<S: Stream>(
        &mut self,
        talk: &mut Talk<S>,
        batch: &[u32],
        bundles: &mpsc::Sender<Vec<Found>>,
    ) -> Result<Fetching, Trouble> {
        let mut left: BTreeSet<u32> = batch.iter().copied().collect();
        let mut bundle = Bundle::default();
        let request = talk.ask_for(batch).await?;
        let answer = loop {
            self.numbers.stumbles.comes_next(left.first().copied());
            match talk.next_fetched(&request).await {
                Err(lost) => {
                    // Fetched is fetched: it is passed on before the trouble is told.
                    let _ = bundles.send(bundle.take()).await;
                    return Err(lost.into());
                }
                Ok(Step::Data(None)) => {}
                Ok(Step::Data(Some(message))) => {
                    if left.remove(&message.uid) {
                        if self.is_left_alone(message.received) {
                            self.numbers.left_alone(message.uid);
                        } else {
                            bundle.add(Found {
                                item: message.uid.to_string(),
                                received: message.received,
                                bytes: message.bytes,
                            });
                        }
                    }
                    if bundle.is_full() && bundles.send(bundle.take()).await.is_err() {
                        return Ok(Fetching::NobodyTakes);
                    }
                }
                Ok(Step::Done(answer)) => break answer,
            }
        };
        if bundles.send(bundle.take()).await.is_err() {
            return Ok(Fetching::NobodyTakes);
        }
        Ok(match answer {
            Answer::Refused(code) if !left.is_empty() => Fetching::Refused {
                code,
                left: left.into_iter().collect(),
            },
            Answer::Ok { .. } | Answer::Refused(_) => Fetching::Done,
        })
    }

    /// Whether a message was received before the first day. Which day a server finds it on depends on its own clock.
    fn is_left_alone(&self, received: Option<Timestamp>) -> bool {
        let both = self.first_moment.zip(received);
        both.is_some_and(|(first, received)| received < first)
    }

    fn was_entered(&mut self, logbook: &Logbook, items: &[String]) {
        for uid in items.iter().filter_map(|item| item.parse().ok()) {
            self.numbers.entered(uid);
        }
        logbook.entered(items.len());
    }

    /// Marks what is entered. Returns why some could not be; they are tried again at the next sweep.
    async fn mark<S: Stream>(&mut self, talk: &mut Talk<S>) -> Result<Option<String>, Trouble> {
        let uids: Vec<u32> = self.numbers.unmarked().iter().copied().collect();
        let (marked, refusal) = self.marker.mark(talk, &uids).await?;
        self.note_marked(&marked).await?;
        Ok(refusal.map(|code| format!("the server refuses to mark messages ({code})")))
    }

    async fn note_marked(&mut self, uids: &[u32]) -> Result<(), Trouble> {
        if uids.is_empty() {
            return Ok(());
        }
        let items: Vec<String> = uids.iter().map(u32::to_string).collect();
        if note_marked(&self.desk, &self.folder, &items).await? {
            for uid in uids {
                self.numbers.marked(*uid);
            }
        }
        Ok(())
    }

    /// What lies there still and is not in the ledger is left. What others removed meanwhile is not.
    async fn look_after_what_is_left<S: Stream>(&mut self, talk: &mut Talk<S>) -> Result<(), Trouble> {
        self.left.retain(|uid| !self.numbers.knows(*uid));
        let asked: Vec<u32> = self.left.iter().copied().collect();
        let mut there = BTreeSet::new();
        for some in asked.chunks(SET) {
            there.extend(search(talk, &set_of(some)).await?);
        }
        self.left.retain(|uid| there.contains(uid));
        Ok(())
    }
}

/// How fetching a batch ended.
enum Fetching {
    /// The server has said all it will.
    Done,
    /// The server would not hand out all; some are left.
    Refused { code: String, left: Vec<u32> },
    /// Nobody takes bundles any more; the others tell why.
    NobodyTakes,
}

/// The reader's side: decodes bundle after bundle.
async fn read_bundles(
    desk: Arc<Desk>,
    witness: Option<Arc<Witness>>,
    folder: FolderRef,
    mut bundles: mpsc::Receiver<Vec<Found>>,
    arrivals: mpsc::Sender<Vec<Arc<Arrival>>>,
) -> Result<Option<String>, Trouble> {
    while let Some(bundle) = bundles.recv().await {
        let read = read(&desk, witness.as_deref(), &folder, bundle).await?;
        if arrivals.send(read).await.is_err() {
            // The clerk is gone and says why.
            break;
        }
    }
    Ok(None)
}

/// The clerk's side: enters what has been read, all that waits in one transaction. Returns why the ledger refused some.
async fn enter_bundles(
    desk: Arc<Desk>,
    mut bundles: mpsc::Receiver<Vec<Arc<Arrival>>>,
    entered: mpsc::UnboundedSender<Vec<String>>,
) -> Result<Option<String>, Trouble> {
    let mut refusal = None;
    let mut waiting = Vec::with_capacity(ENTERED_AT_ONCE);
    while bundles.recv_many(&mut waiting, ENTERED_AT_ONCE).await > 0 {
        let arrivals: Vec<Arc<Arrival>> = waiting.drain(..).flatten().collect();
        if arrivals.is_empty() {
            continue;
        }
        let Entered { items, refusal: why } = enter(&desk, &arrivals).await?;
        // The connection's side listens until this task is gone.
        let _ = entered.send(items);
        refusal = why.or(refusal);
    }
    Ok(refusal)
}

/// Why a message stays behind that the server answers NO about.
fn withheld(alone: &[u32], code: &str) -> String {
    let uid = set_of(alone);
    format!("the server will not hand out the message with UID {uid} ({code}); {MOVE_IT}")
}

/// Why messages stay behind about which the server said nothing.
fn unexplained(left: &BTreeSet<u32>) -> String {
    let uid = left.first().copied().unwrap_or_default();
    format!("the server lists the message with UID {uid} and does not hand it out; {MOVE_IT}")
}

async fn search<S: Stream>(talk: &mut Talk<S>, set: &str) -> Result<BTreeSet<u32>, Trouble> {
    talk.search(set)
        .await?
        .map_err(|code| Trouble::Passing(format!("the server refuses to list the folder ({code})")))
}
