//! A plan is lived through, on the real desk and a real ledger. Time is moved from one thing that happens to the next.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use koppelwacht::clock::Clock;
use koppelwacht::domain::{Act, Away, Origin, PersonId, TaskId};
use koppelwacht::rules::Rules;
use koppelwacht::store::TaskFilter;

use super::hand::{Defect, Hand, Mishap};
use super::mails::{self, Letter};
use super::people::Inbox;
use super::plan::{Deed, Killed, Plan, Reaction, person};
use super::program::{Due, House, was_done};
use super::tally::{Tally, Violation};
use super::watch::Watch;
use super::world::{World, hours};

/// What is critical and still open so many days after the last deed will never be done.
const PATIENCE_DAYS: i64 = 150;

/// Something that will happen at a moment known already.
#[derive(Debug, Clone)]
pub(crate) enum Later {
    /// A mail arrives.
    Mail(Letter),
    /// Whoever took a task handles it.
    Handled { task: TaskId, by: PersonId },
    /// Somebody sees that a task was handled by mistake.
    Reopened { task: TaskId, by: PersonId },
    /// The program is started again.
    Started,
}

/// A mail in the watched mailbox.
pub(crate) struct Lying {
    pub(crate) letter: Letter,
    pub(crate) received: Timestamp,
    pub(crate) is_entered: bool,
    readers: Vec<Reaction>,
}

/// An office at work.
pub(crate) struct Run {
    pub(crate) clock: Clock,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) hand: Arc<Hand>,
    pub(crate) house: Option<House>,
    pub(crate) rules: Arc<Rules>,
    pub(crate) world: World,
    pub(crate) watch: Watch,
    pub(crate) mailbox: Vec<Lying>,
    /// What the calendar files say.
    calendar: Vec<Away>,
    pub(crate) inbox: Inbox,
    later: BTreeMap<(Timestamp, usize), Later>,
    numbers: usize,
    /// When the program has something to do next, as far as that was asked since something was written.
    pub(crate) stored: BTreeMap<Due, Option<Timestamp>>,
    /// Whether the next letters that leave are not written down.
    pub(crate) dies_after_sending: bool,
    /// Before this, mail and ledger were troubled.
    pub(crate) calm_since: Timestamp,
}

/// Lives through a plan. What must never be so, and is, ends it.
pub(crate) async fn live(plan: &Plan, defect: Option<Defect>) -> Result<Tally, Violation> {
    let mut run = Run::open(plan, defect).await;
    let (mut at, start) = (plan.start(), plan.start());
    for (gap, deed) in &plan.deeds {
        at += SignedDuration::from_mins(i64::from(*gap));
        run.wait_until(at).await?;
        run.does(plan, deed).await;
        run.works().await?;
    }
    run.settles_down().await?;
    run.closes().await?;
    let mut tally = run.watch.tally;
    tally.lived = run.clock.now().duration_since(start);
    Ok(tally)
}

impl Run {
    async fn open(plan: &Plan, defect: Option<Defect>) -> Self {
        let folder = tempfile::tempdir_in(memory()).unwrap();
        let rules = Arc::new(plan.setup.rules());
        let clock = Clock::manual(plan.start());
        let mut run = Self {
            folder,
            hand: Arc::new(Hand::with(defect)),
            house: None,
            world: World {
                calendar: rules.calendar.clone(),
                people: rules.people.clone(),
                away: Vec::new(),
                post_is_down_until: Timestamp::UNIX_EPOCH,
                refused_until: BTreeMap::new(),
                full_until: BTreeMap::new(),
                bouncing_until: BTreeMap::new(),
            },
            watch: Watch::new(Arc::clone(&rules)),
            mailbox: Vec::new(),
            calendar: Vec::new(),
            inbox: Inbox::default(),
            later: BTreeMap::new(),
            numbers: 0,
            stored: BTreeMap::new(),
            dies_after_sending: false,
            calm_since: clock.now(),
            clock,
            rules,
        };
        let leave = run.rules.absences.iter();
        run.world.away = leave
            .map(|leave| (leave.away(&run.world.calendar), false))
            .collect();
        run.new_rules().await;
        run
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn number(&mut self) -> usize {
        self.numbers += 1;
        self.numbers
    }

    pub(crate) fn later(&mut self, at: Timestamp, what: Later) {
        let number = self.number();
        self.later.insert((at, number), what);
    }

    pub(crate) fn ledger(&self) -> PathBuf {
        self.folder.path().join("ledger.db")
    }

    pub(crate) fn is_down(&self) -> bool {
        self.later.values().any(|what| matches!(what, Later::Started))
    }

    /// Nothing has come between for a while that the proof does not speak of.
    pub(crate) fn is_calm(&self) -> bool {
        self.calm_since <= self.now() && !self.is_down() && !self.hand.has_plans()
    }

    fn trouble_until(&mut self, until: Timestamp) {
        self.calm_since = self.calm_since.max(until);
        self.watch.disturb();
    }

    /// Time goes on until then, and all that is to happen on the way happens.
    async fn wait_until(&mut self, end: Timestamp) -> Result<(), Violation> {
        while let Some(at) = self.next().await.filter(|at| *at <= end) {
            self.clock.move_to(at);
            self.happens().await?;
            self.works().await?;
        }
        self.clock.move_to(end);
        Ok(())
    }

    /// When something happens next.
    async fn next(&mut self) -> Option<Timestamp> {
        let planned = self.later.keys().next().map(|(at, _)| *at);
        let read = self.inbox.next();
        let program = if self.is_down() {
            None
        } else {
            self.next_stored().await
        };
        let next = [planned, read, program].into_iter().flatten().min();
        next.map(|at| at.max(self.now()))
    }

    /// Everything that is to happen now, apart from what the program does.
    async fn happens(&mut self) -> Result<(), Violation> {
        while let Some(entry) = self
            .later
            .first_entry()
            .filter(|entry| entry.key().0 <= self.clock.now())
        {
            match entry.remove() {
                Later::Mail(letter) => self.lies_there(letter, Vec::new()),
                Later::Handled { task, by } => {
                    // Who is not there then has forgotten it.
                    if self.world.reads(&by, false, self.now()) == Some(self.now()) {
                        self.acts(
                            &by,
                            task,
                            Act::Done {
                                remark: None,
                                event: None,
                            },
                        )
                        .await?;
                    }
                }
                Later::Reopened { task, by } => {
                    // Whoever is not there then does not see it.
                    if self.world.reads(&by, false, self.now()) == Some(self.now()) {
                        self.acts(&by, task, Act::Reopen { remark: None }).await?;
                    }
                }
                Later::Started => self.starts().await,
            }
        }
        self.reads_mail().await
    }

    fn lies_there(&mut self, letter: Letter, readers: Vec<Reaction>) {
        let received = self.now();
        self.mailbox.push(Lying {
            letter,
            received,
            is_entered: false,
            readers,
        });
    }

    /// What those do who read of a task, as it was planned with its mail.
    pub(crate) fn reactions(&self, item: &str) -> &[Reaction] {
        let lying = item.parse().ok().and_then(|item: usize| self.mailbox.get(item));
        lying.map_or(&[], |lying| &lying.readers)
    }

    async fn does(&mut self, plan: &Plan, deed: &Deed) {
        let now = self.now();
        match deed {
            Deed::Mail { sample, readers } => self.lies_there(Letter::Sample(*sample), readers.clone()),
            Deed::Leave {
                who,
                in_hours,
                hours: long,
                in_calendar,
            } => {
                let from = now + hours(*in_hours);
                let away = self.is_away(*who, from, from + hours(*long), false);
                if *in_calendar {
                    self.calendar.push(away);
                    self.reads_calendar().await;
                } else {
                    let entered = self.desk().await.enter_absence(person(0), away).await;
                    was_done(entered);
                }
            }
            Deed::Longer { who, hours: long } => self.is_away_longer(*who, hours(*long)).await,
            Deed::Illness {
                who,
                hours: long,
                answers,
            } => {
                self.is_away(*who, now, now + hours(*long), *answers);
            }
            Deed::Back { who } => self.is_back(*who).await,
            Deed::PostDown { hours: long } => {
                self.world.post_is_down_until = now + hours(*long);
                self.trouble_until(now + hours(*long));
            }
            Deed::Refused { who, hours: long } => {
                self.world.refused_until.insert(person(*who), now + hours(*long));
                self.trouble_until(now + hours(*long));
            }
            Deed::Full { who, hours: long } => {
                self.world.full_until.insert(person(*who), now + hours(*long));
                self.trouble_until(now + hours(*long));
            }
            Deed::Bounces { who, hours: long } => {
                self.world.bouncing_until.insert(person(*who), now + hours(*long));
                self.trouble_until(now + hours(*long));
            }
            Deed::Outage { hours: long } => {
                self.dies().await;
                self.later(now + hours(*long), Later::Started);
                self.trouble_until(now + hours(*long));
            }
            Deed::Killed(Killed::AfterSending) => self.dies_after_sending = true,
            Deed::Killed(Killed::BeforeCommit) => self.goes_wrong(Mishap::KilledBefore),
            Deed::Killed(Killed::AfterCommit) => self.goes_wrong(Mishap::KilledAfter),
            Deed::Busy { times } => (0..*times).for_each(|_| self.goes_wrong(Mishap::Busy)),
            Deed::NewRules { ladder } => {
                self.rules = Arc::new(plan.setup.rules_with(ladder));
                self.watch.disturb();
                if !self.is_down() {
                    self.new_rules().await;
                }
            }
        }
    }

    fn goes_wrong(&mut self, mishap: Mishap) {
        self.hand.plan(mishap);
        self.watch.disturb();
    }

    fn is_away(&mut self, who: usize, from: Timestamp, until: Timestamp, answers: bool) -> Away {
        let away = Away {
            person: person(who),
            from,
            until: Some(until),
        };
        self.world.away.push((away.clone(), answers));
        self.inbox.look_again(&self.world);
        away
    }

    /// What the calendar says of somebody who is away now goes on for longer.
    async fn is_away_longer(&mut self, who: usize, longer: SignedDuration) {
        let now = self.now();
        let longer_by = |away: &mut Away| away.until = away.until.map(|until| until + longer);
        let is_meant = |away: &Away| away.person == person(who) && away.covers(now);
        for away in self.calendar.iter_mut().filter(|away| is_meant(away)) {
            let really = self.world.away.iter_mut().map(|(away, _)| away);
            really.filter(|other| **other == *away).for_each(longer_by);
            longer_by(away);
        }
        self.inbox.look_again(&self.world);
        self.reads_calendar().await;
    }

    /// Whoever was said to be away is back: it is said as well.
    async fn is_back(&mut self, who: usize) {
        let now = self.now();
        let all = self.world.away.iter_mut().map(|(away, _)| away);
        let all = all.chain(&mut self.calendar);
        for away in all.filter(|away| away.person == person(who) && away.covers(now)) {
            away.until = Some(now);
        }
        self.inbox.look_again(&self.world);
        self.reads_calendar().await;
        let known = self.desk().await.absences(false).await.unwrap();
        let said = known
            .iter()
            .filter(|absence| absence.away.person == person(who) && absence.covers(now))
            .filter(|absence| !matches!(absence.origin, Origin::Rules | Origin::Calendar));
        for absence in said {
            let ended = self.desk().await.end_absence(person(who), absence.id).await;
            was_done(ended);
        }
    }

    async fn reads_calendar(&mut self) {
        let all = self.calendar.clone();
        let read = self.desk().await.absences_read(Origin::Calendar, all).await;
        was_done(read);
    }

    /// Nothing more is planned: the office goes on until everything critical is done.
    async fn settles_down(&mut self) -> Result<(), Violation> {
        let last = self.now() + hours(24 * PATIENCE_DAYS);
        while self.watch.critical_open().is_some() || !self.later.is_empty() {
            let Some(at) = self.next().await else { break };
            if at > last {
                break;
            }
            self.clock.move_to(at);
            self.happens().await?;
            self.works().await?;
        }
        self.watch.critical_open().map_or(Ok(()), |task| {
            Err(self
                .watch
                .violation(task, "is critical, and nobody ever handles it"))
        })
    }

    /// A mail about a koppeling of which nothing critical came, where it is not the copy of another.
    fn koppeling_without_a_task(&self) -> Option<usize> {
        let mut seen = BTreeSet::new();
        let mut first = self
            .mailbox
            .iter()
            .enumerate()
            .filter_map(|(item, lying)| match lying.letter {
                Letter::Sample(sample) if lying.is_entered && seen.insert(sample) => Some((item, sample)),
                _ => None,
            });
        first
            .find(|(item, sample)| {
                mails::samples().koppelingen.contains(sample)
                    && !self.watch.has_critical_of(&item.to_string())
            })
            .map(|(item, _)| item)
    }

    /// The books at the end: what was seen is what the ledger says, and every mail is accounted for.
    async fn closes(&mut self) -> Result<(), Violation> {
        if self.is_down() {
            self.starts().await;
        }
        let different = self.mailbox.iter().filter(|lying| lying.is_entered).count();
        let desk = self.desk().await;
        let books = desk.books().await.unwrap();
        let everything = TaskFilter {
            done_too: true,
            ..TaskFilter::default()
        };
        let tasks = desk.tasks(&everything).await.unwrap();
        let complain = |what: String| {
            Err(Violation {
                what,
                history: Vec::new(),
            })
        };
        let places = books.messages + books.duplicates;
        if places != different as u64 || books.messages != books.with_task + books.without_task {
            return complain(format!(
                "{different} mails were brought, and the books say {books:?}"
            ));
        }
        if books.unguarded != 0 {
            return complain(format!("{} tasks are unguarded", books.unguarded));
        }
        if let Some(item) = self.koppeling_without_a_task() {
            return complain(format!("the koppeling in place {item} became no task"));
        }
        let differs = tasks.iter().find(|task| {
            let seen = self.watch.tasks.get(&task.id);
            seen.is_none_or(|seen| seen.task != **task)
        });
        match differs {
            Some(task) => complain(format!("task {} is not as it was written", task.id)),
            None => Ok(()),
        }
    }
}

/// Where ledgers of tests lie: in memory where there is such a folder, since nobody pulls the plug here.
fn memory() -> PathBuf {
    let shared = PathBuf::from("/dev/shm");
    if shared.is_dir() {
        shared
    } else {
        std::env::temp_dir()
    }
}
