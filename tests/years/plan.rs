//! A time in the life of an office, as it is planned: who works there, and what happens, one deed after the other.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::civil::{Date, Time, Weekday, date, time};
use jiff::{SignedDuration, Timestamp, ToSpan};
use koppelwacht::domain::{
    Caseload, Foresight, Ladder, LadderId, Leave, LetterPolicy, Person, PersonId, Role, Rota, RotaId, Rung,
    Shift, Term, Weeks, WorkWeek,
};
use koppelwacht::rules::Rules;
use proptest::prelude::*;

/// Everybody who may work there.
pub(crate) const STAFF: [&str; 5] = ["anna", "bram", "carla", "daan", "eva"];

/// An office, and what happens to it.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) setup: Setup,
    /// Each with the minutes since the one before it.
    pub(crate) deeds: Vec<(u32, Deed)>,
}

/// How an office is set up.
#[derive(Debug, Clone)]
pub(crate) struct Setup {
    pub(crate) start: Date,
    pub(crate) people: Vec<(Option<WorkWeek>, usize)>,
    /// Owner, deputy and lead of each caseload.
    pub(crate) caseloads: Vec<[usize; 3]>,
    pub(crate) ladder: Vec<(Role, Term)>,
    pub(crate) hold: Term,
    pub(crate) gather: u32,
    pub(crate) overview: bool,
    /// Whether the cover is proved each night.
    pub(crate) nightly: bool,
    /// Who has leave, after how many days, for how many.
    pub(crate) leave: Vec<(usize, i64, i64)>,
}

/// Something that happens.
#[derive(Debug, Clone)]
pub(crate) enum Deed {
    /// A mail arrives; what those do who read of it, one after the other. Whoever comes after them handles it.
    Mail { sample: usize, readers: Vec<Reaction> },
    /// Somebody says that somebody will be away, or their calendar does, and so it is.
    Leave {
        who: usize,
        in_hours: i64,
        hours: i64,
        in_calendar: bool,
    },
    /// By their calendar somebody is away for longer than it said.
    Longer { who: usize, hours: i64 },
    /// Somebody falls ill, and nobody is told; their mailbox may answer by itself.
    Illness { who: usize, hours: i64, answers: bool },
    /// Whoever was said to be away is back, and somebody says so.
    Back { who: usize },
    /// The mail server takes no letters.
    PostDown { hours: i64 },
    /// The mail server takes no letters to somebody.
    Refused { who: usize, hours: i64 },
    /// Somebody's mailbox is full.
    Full { who: usize, hours: i64 },
    /// Letters to somebody come back.
    Bounces { who: usize, hours: i64 },
    /// The program stands still.
    Outage { hours: i64 },
    /// The program is killed, and starts again.
    Killed(Killed),
    /// Somebody else writes to the ledger.
    Busy { times: usize },
    /// Other rules come into force.
    NewRules { ladder: Vec<(Role, Term)> },
}

/// When the program is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Killed {
    /// Before the next commit.
    BeforeCommit,
    /// After the next commit, before anybody heard of it.
    AfterCommit,
    /// After letters left, before that was written down.
    AfterSending,
}

/// What somebody does who reads of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reaction {
    /// Nothing.
    Nothing,
    /// Takes it, and handles it after so many hours.
    Takes { hours: i64, by_mail: bool },
    /// Takes it, and forgets it.
    Forgets,
    /// Handles it.
    Finishes { by_mail: bool },
    /// Handles it by mistake, and after so many hours somebody opens it again.
    Mistakes { hours: i64, by: usize, by_mail: bool },
    /// Says that it is not theirs.
    Declines { by_mail: bool },
    /// Gives it to somebody.
    Hands { to: usize },
}

impl Plan {
    /// When the first deed could be done.
    pub(crate) fn start(&self) -> Timestamp {
        shipped().calendar.start_of(self.setup.start) + SignedDuration::from_hours(8)
    }
}

/// The rules that come with the program.
pub(crate) fn shipped() -> &'static Rules {
    static SHIPPED: LazyLock<Rules> = LazyLock::new(Rules::shipped);
    &SHIPPED
}

pub(crate) fn person(number: usize) -> PersonId {
    PersonId::new(STAFF[number % STAFF.len()])
}

impl Setup {
    /// The rules of this office.
    pub(crate) fn rules(&self) -> Rules {
        let mut rules = shipped().clone();
        // What comes of the calendar alone has stories of its own.
        rules.chores.clear();
        // One thing that should come, in some offices, is enough to have it under attack; more of them cost time.
        rules
            .expected
            .retain(|rule| self.overview && rule.id.as_str() == "duo-na-koppeling");
        rules.people = (0..).zip(&self.people).map(staff).collect();
        for (caseload, who) in rules.caseloads.values_mut().zip(self.caseloads.iter().cycle()) {
            let [owner, deputy, lead] = who.map(person);
            *caseload = Caseload {
                owner: Some(owner),
                deputies: vec![deputy],
                lead: Some(lead),
                functional: Some("team@gemeente-voorbeeld.nl".to_owned()),
                rota: Some(RotaId::new("achterwacht")),
                ..caseload.clone()
            };
        }
        let monday = i64::from(self.start.weekday().to_monday_zero_offset());
        let rota = Rota {
            id: RotaId::new("achterwacht"),
            from: self.start.saturating_sub(monday.days()),
            turns: (0..STAFF.len()).map(person).collect(),
            swaps: BTreeMap::new(),
        };
        rules.rotas = BTreeMap::from([(rota.id.clone(), rota)]);
        rules.letters = LetterPolicy {
            gather: self.gather,
            overview: self.overview.then(|| time(8, 30, 0, 0)),
        };
        rules.promise.absent = 1;
        // Of a ladder that runs by the clock the proof looks at every minute: too long for every night.
        let is_short = !self
            .ladder
            .iter()
            .any(|(_, wait)| matches!(wait, Term::ClockMinutes(_)));
        rules.foresight = Foresight {
            nightly: (self.nightly && is_short).then(|| time(3, 30, 0, 0)),
            weeks: 0,
        };
        let leave = self.leave.iter().map(|(who, after, days)| Leave {
            person: person(*who),
            from: self.start.saturating_add(after.days()),
            until: Some(self.start.saturating_add((after + days).days())),
        });
        rules.absences = leave.collect();
        with_ladder(rules, &self.ladder, self.hold)
    }

    /// The same with another ladder.
    pub(crate) fn rules_with(&self, ladder: &[(Role, Term)]) -> Rules {
        with_ladder(self.rules(), ladder, self.hold)
    }
}

fn staff((number, (week, deputy)): (usize, &(Option<WorkWeek>, usize))) -> (PersonId, Person) {
    let id = person(number);
    let person = Person {
        name: id.to_string(),
        address: format!("{id}@gemeente-voorbeeld.nl"),
        function: None,
        week: week.clone(),
        deputies: vec![person(*deputy)],
        external: false,
        id: id.clone(),
    };
    (id, person)
}

/// What is critical climbs this ladder.
fn with_ladder(mut rules: Rules, ladder: &[(Role, Term)], hold: Term) -> Rules {
    let id = LadderId::new("kritiek");
    let rungs = ladder.iter().map(|(role, wait)| Rung {
        role: *role,
        wait: Some(*wait),
        letter: None,
    });
    let ladder = Ladder {
        id: id.clone(),
        rungs: rungs.collect(),
        hold: Some(hold),
        hand_on: false,
    };
    rules.ladders.insert(id, ladder);
    rules
}

/// Any office and what may happen to it within a few months.
pub(crate) fn plan() -> impl Strategy<Value = Plan> {
    let deeds = prop::collection::vec((gap(), deed()), 1..60);
    (setup(), deeds).prop_map(|(setup, deeds)| Plan { setup, deeds })
}

fn setup() -> impl Strategy<Value = Setup> {
    // Both edges of summer time, Christmas and the spring holidays, and an ordinary autumn.
    let start = [
        date(2026, 3, 20),
        date(2026, 4, 22),
        date(2026, 9, 7),
        date(2026, 10, 16),
        date(2026, 12, 14),
    ];
    let who = 0..STAFF.len();
    (
        prop::sample::select(start.to_vec()),
        prop::collection::vec((week(), who.clone()), STAFF.len()),
        prop::collection::vec(prop::array::uniform3(who.clone()), 2..4),
        ladder(),
        wait(),
        prop_oneof![4 => Just(0_u32), 1 => Just(1), 1 => Just(15)],
        // Each of them costs a transaction a day, and one of them a proof.
        (prop::bool::weighted(0.25), prop::bool::weighted(0.05)),
        prop::collection::vec((who, 0_i64..60, 0_i64..20), 0..4),
    )
        .prop_map(
            |(start, people, caseloads, ladder, hold, gather, (overview, nightly), leave)| Setup {
                start,
                people,
                caseloads,
                ladder,
                hold,
                gather,
                overview,
                nightly,
                leave,
            },
        )
}

fn ladder() -> impl Strategy<Value = Vec<(Role, Term)>> {
    let middle = prop::sample::subsequence(vec![Role::Deputy, Role::OnCall, Role::Deputy], 0..=3);
    (middle, prop::collection::vec(wait(), 6)).prop_map(|(middle, waits)| {
        let roles = [Role::Holder]
            .into_iter()
            .chain(middle)
            .chain([Role::Lead, Role::Functional]);
        roles.zip(waits).collect()
    })
}

fn wait() -> impl Strategy<Value = Term> {
    prop_oneof![
        4 => (15_u32..480).prop_map(Term::WorkingMinutes),
        1 => Just(Term::WorkingDays(1)),
        1 => (30_u32..2_000).prop_map(Term::ClockMinutes),
    ]
}

/// Hours in which somebody may work, also before the office opens and after it closes.
fn week() -> impl Strategy<Value = Option<WorkWeek>> {
    let days = [
        Weekday::Monday,
        Weekday::Tuesday,
        Weekday::Wednesday,
        Weekday::Thursday,
        Weekday::Friday,
    ];
    let hours: Vec<Option<(Time, Time)>> = vec![
        None,
        Some((time(8, 0, 0, 0), time(12, 30, 0, 0))),
        Some((time(12, 0, 0, 0), time(18, 0, 0, 0))),
    ];
    let shift = (
        prop::sample::subsequence(days.to_vec(), 1..=4),
        prop::sample::select(hours),
        prop::sample::select(vec![Weeks::Every, Weeks::Every, Weeks::Even, Weeks::Odd]),
    );
    prop_oneof![
        1 => Just(None),
        2 => shift.prop_map(|(days, hours, weeks)| {
            Some(WorkWeek(days.into_iter().map(|day| Shift { day, hours, weeks }).collect()))
        }),
    ]
}

/// Most things come soon after each other, some after weeks of silence.
fn gap() -> impl Strategy<Value = u32> {
    prop_oneof![
        3 => 0_u32..600,
        4 => 0_u32..(3 * 24 * 60),
        2 => 0_u32..(21 * 24 * 60),
    ]
}

fn deed() -> impl Strategy<Value = Deed> {
    let who = || 0..STAFF.len();
    let hours = || prop_oneof![2 => 1_i64..30, 1 => 24_i64..300];
    prop_oneof![
        12 => (sample(), prop::collection::vec(reaction(), 0..4))
            .prop_map(|(sample, readers)| Deed::Mail { sample, readers }),
        3 => (who(), 0_i64..100, hours(), any::<bool>()).prop_map(|(who, in_hours, hours, in_calendar)| {
            Deed::Leave { who, in_hours, hours, in_calendar }
        }),
        1 => (who(), hours()).prop_map(|(who, hours)| Deed::Longer { who, hours }),
        4 => (who(), hours(), any::<bool>())
            .prop_map(|(who, hours, answers)| Deed::Illness { who, hours, answers }),
        1 => who().prop_map(|who| Deed::Back { who }),
        // Each letter is tried every quarter of an hour.
        1 => (1_i64..12).prop_map(|hours| Deed::PostDown { hours }),
        1 => (who(), hours()).prop_map(|(who, hours)| Deed::Refused { who, hours }),
        // A letter is given up after 120 hours of being tried every quarter of an hour.
        1 => (who(), prop_oneof![4 => 1_i64..12, 1 => 110_i64..130])
            .prop_map(|(who, hours)| Deed::Full { who, hours }),
        1 => (who(), hours()).prop_map(|(who, hours)| Deed::Bounces { who, hours }),
        1 => hours().prop_map(|hours| Deed::Outage { hours }),
        2 => prop::sample::select(vec![Killed::BeforeCommit, Killed::AfterCommit, Killed::AfterSending])
            .prop_map(Deed::Killed),
        1 => (1_usize..4).prop_map(|times| Deed::Busy { times }),
        1 => ladder().prop_map(|ladder| Deed::NewRules { ladder }),
    ]
}

fn sample() -> impl Strategy<Value = usize> {
    let mails = super::mails::samples();
    prop_oneof![
        3 => prop::sample::select(mails.koppelingen.clone()),
        2 => 0..mails.all.len(),
    ]
}

fn reaction() -> impl Strategy<Value = Reaction> {
    prop_oneof![
        2 => Just(Reaction::Nothing),
        2 => (0_i64..60, any::<bool>()).prop_map(|(hours, by_mail)| Reaction::Takes { hours, by_mail }),
        1 => Just(Reaction::Forgets),
        1 => any::<bool>().prop_map(|by_mail| Reaction::Finishes { by_mail }),
        1 => (0_i64..60, 0..STAFF.len(), any::<bool>())
            .prop_map(|(hours, by, by_mail)| Reaction::Mistakes { hours, by, by_mail }),
        1 => any::<bool>().prop_map(|by_mail| Reaction::Declines { by_mail }),
        1 => (0..STAFF.len()).prop_map(|to| Reaction::Hands { to }),
    ]
}
