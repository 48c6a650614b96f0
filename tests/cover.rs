//! The proof that critical notices are read in time, against the decisions themselves: every minute at which a notice may
//! arrive, and everybody who may be away, known or not.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::collections::BTreeMap;

use jiff::civil::{Date, Time, Weekday, date, time};
use jiff::{SignedDuration, Timestamp, ToSpan};
use koppelwacht::cover::{Proof, Scope, prove};
use koppelwacht::decide::decide;
use koppelwacht::domain::{
    Absence, AbsenceId, AbsenceState, Away, Calendar, CaseloadId, Cause, Change, Effect, Event, Happening,
    HistoryLine, LadderId, Leave, MessageId, Moment, Origin, Period, Person, PersonId, Promise, Role, Rota,
    RotaId, Rung, Shift, Snapshot, Task, TaskId, TaskState, Term, TypeId, Weeks, WorkWeek,
};
use koppelwacht::findings::Findings;
use koppelwacht::rules::Rules;
use proptest::prelude::*;
use support::on_paper::{FATIMA, JOOST, MARLEEN, Office, person};

const TASK: TaskId = TaskId(1);
const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// Somebody who is told of a notice, and when they read it if they do.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Told {
    /// Nobody by name: the functional address.
    who: Option<PersonId>,
    reads: Timestamp,
}

/// An office minute by minute: who is there.
struct Minutes<'a> {
    rules: &'a Rules,
    known: &'a [Away],
    start: Timestamp,
    at_work: BTreeMap<PersonId, Vec<bool>>,
    not_away: BTreeMap<PersonId, Vec<bool>>,
}

impl<'a> Minutes<'a> {
    fn of(small: &'a Small) -> Self {
        let calendar = &small.rules.calendar;
        let start = calendar.start_of(small.scope.from);
        let minutes: Vec<Timestamp> = (0..20 * 24 * 60).map(|minute| start + MINUTE * minute).collect();
        let of_each = |is_there: &dyn Fn(&Person, Timestamp) -> bool| {
            let people = small.rules.people.values();
            people
                .map(|person| {
                    (
                        person.id.clone(),
                        minutes.iter().map(|at| is_there(person, *at)).collect(),
                    )
                })
                .collect()
        };
        let is_away = |person: &Person, at| {
            let own = small.known.iter().filter(|away| away.person == person.id);
            own.into_iter().any(|away| away.covers(at))
        };
        Self {
            rules: &small.rules,
            known: &small.known,
            start,
            at_work: of_each(&|person, at| works(calendar, person, at) && !is_away(person, at)),
            not_away: of_each(&|person, at| !is_away(person, at)),
        }
    }

    /// The first minute from `at` on at which somebody is there.
    fn reads(&self, who: &PersonId, is_on_call: bool, at: Timestamp) -> Timestamp {
        let there = if is_on_call {
            &self.not_away[who]
        } else {
            &self.at_work[who]
        };
        let minute = usize::try_from(at.duration_since(self.start).as_mins()).unwrap();
        let waits = there[minute..].iter().position(|is_there| *is_there).unwrap();
        at + MINUTE * i32::try_from(waits).unwrap()
    }

    /// Everybody whom the decisions tell of a notice that arrives now, one after the other, when nobody reads anything and
    /// these are known to be missing; at most so many.
    fn told(&self, arrives: Timestamp, missing: &[PersonId], most: usize) -> Vec<Told> {
        let mut snapshot = Snapshot::empty();
        let always = missing.iter().map(|person| Away {
            person: person.clone(),
            from: Timestamp::UNIX_EPOCH,
            until: None,
        });
        snapshot.absences = (1..)
            .zip(self.known.iter().cloned().chain(always))
            .map(|(number, away)| Absence {
                id: AbsenceId(number),
                away,
                origin: Origin::Rules,
                noted: arrives,
                state: AbsenceState::Ahead,
            })
            .collect();
        snapshot.tasks.insert(TASK, notice(self.rules, arrives));
        let mut now = arrives;
        let mut all = Vec::new();
        while all.len() < most {
            let changes = decide(self.rules, &snapshot, &Event::MomentCame(Moment::Task(TASK)), now);
            let role = changes.iter().find_map(|change| match change {
                Change::Noted(HistoryLine {
                    what: Happening::Told { role, .. },
                    ..
                }) => Some(*role),
                _ => None,
            });
            snapshot.absorb(&changes);
            snapshot.unsent.clear();
            let TaskState::Waiting(climb) = &snapshot.tasks[&TASK].state else {
                panic!("nobody takes it here");
            };
            let Some(who) = climb.told.clone() else {
                let reads = self.rules.calendar.next_open(now);
                all.push(Told { who: None, reads });
                break;
            };
            let reads = self.reads(&who, role == Some(Role::OnCall), now);
            all.push(Told {
                who: Some(who),
                reads,
            });
            now = climb.next.unwrap();
        }
        all
    }

    /// Who reads a notice, when some are missing, each of them known to be or not.
    fn fate(&self, arrives: Timestamp, missing: &[(PersonId, bool)]) -> Told {
        let known: Vec<PersonId> = missing
            .iter()
            .filter(|(_, is_known)| *is_known)
            .map(|(id, _)| id.clone())
            .collect();
        let told = self.told(arrives, &known, missing.len() + 1);
        let is_missing = |told: &&Told| missing.iter().all(|(id, _)| told.who.as_ref() != Some(id));
        told.iter().find(is_missing).unwrap().clone()
    }
}

/// Whether somebody works at this minute, by their week.
fn works(calendar: &Calendar, person: &Person, at: Timestamp) -> bool {
    let local = calendar.zoned(at).datetime();
    let hours: Vec<(Time, Time)> = match &person.week {
        None => vec![calendar.hours()],
        Some(week) => week.on(local.date(), calendar.hours()).collect(),
    };
    calendar.day_off(local.date()).is_none()
        && hours
            .iter()
            .any(|(start, end)| *start <= local.time() && local.time() < *end)
}

/// For how many minutes the office is open between two instants.
fn open_minutes(rules: &Rules, from: Timestamp, to: Timestamp) -> u32 {
    u32::try_from(rules.calendar.open_between(from, to).as_mins()).unwrap()
}

/// Every set of at most so many people.
fn sets(rules: &Rules, most: usize) -> Vec<Vec<PersonId>> {
    let mut all: Vec<Vec<PersonId>> = vec![Vec::new()];
    for id in rules.people.keys() {
        let smaller = all.iter().filter(|set| set.len() < most);
        let more: Vec<Vec<PersonId>> = smaller
            .map(|set| [set.as_slice(), std::slice::from_ref(id)].concat())
            .collect();
        all.extend(more);
    }
    all
}

/// The worst by how many people are missing, and with how few nobody by name reads it, found minute by minute: for
/// everybody who may be known to be missing, everybody else who may be missing as well.
fn by_force(small: &Small) -> (Vec<u32>, Option<usize>) {
    let (rules, most) = (&small.rules, small.scope.absent);
    let minutes = Minutes::of(small);
    let mut worst = vec![0; most + 1];
    let mut nobody_by_name: Option<usize> = None;
    let sets = sets(rules, most);
    let end = rules.calendar.start_of(small.scope.until);
    let mut at = minutes.start;
    while at < end {
        for known in &sets {
            let told = minutes.told(at, known, most - known.len() + 1);
            for unknown in sets.iter().filter(|unknown| {
                known.len() + unknown.len() <= most && unknown.iter().all(|id| !known.contains(id))
            }) {
                let missing = known.len() + unknown.len();
                let reads = |told: &&Told| told.who.as_ref().is_none_or(|who| !unknown.contains(who));
                let fate = told.iter().find(reads).unwrap();
                let after = open_minutes(rules, at, fate.reads);
                for worst in &mut worst[missing..] {
                    *worst = after.max(*worst);
                }
                if fate.who.is_none() && nobody_by_name.is_none_or(|least| missing < least) {
                    nobody_by_name = Some(missing);
                }
            }
        }
        at += MINUTE;
    }
    (worst, nobody_by_name)
}

/// A notice whose ladder starts at this moment.
fn notice(rules: &Rules, arrives: Timestamp) -> Task {
    let kind = rules.kind(&TypeId::new("coa.koppeling"));
    let Effect::Task { due, .. } = kind.effect.clone() else {
        panic!("a koppeling is a task");
    };
    Task {
        id: TASK,
        cause: Cause::Notice(MessageId(1)),
        kind: kind.id.clone(),
        title: kind.title.clone(),
        critical: true,
        drill: false,
        caseload: CaseloadId::new("asiel"),
        assignee: None,
        received: arrives,
        opened: arrives,
        due: rules.calendar.due(arrives, due).at,
        rules: rules.version.clone(),
        // The hold of nobody ends: the ladder starts with the first rung.
        state: TaskState::Taken {
            by: PersonId::new("nobody"),
            since: arrives,
            until: Some(arrives),
        },
    }
}

/// What the proof says about a koppeling in the caseload for asielstatushouders.
fn by_proof(rules: &Rules, proof: &Proof) -> (Vec<u32>, Option<usize>) {
    let koppeling = TypeId::new("coa.koppeling");
    let cover = proof
        .covers
        .iter()
        .find(|cover| cover.caseload.as_str() == "asiel" && cover.types.contains(&koppeling))
        .unwrap();
    for worst in &cover.worst {
        let away: Vec<(PersonId, bool)> = worst.away.clone();
        assert_eq!(open_minutes(rules, worst.arrives, worst.reads), worst.after);
        assert!(
            worst
                .reader
                .as_ref()
                .is_none_or(|reader| !away.iter().any(|(id, _)| id == reader))
        );
    }
    let after = cover.worst.iter().map(|worst| worst.after).collect();
    let nobody = cover.weeks.iter().filter_map(|week| week.nobody_by_name.as_ref());
    let nobody = nobody.map(|read| read.away.len()).min();
    (after, nobody)
}

/// The worst that the proof names is what the decisions make of exactly that.
fn worst_comes_true(small: &Small, proof: &Proof) {
    let minutes = Minutes::of(small);
    for cover in proof.covers.iter().filter(|cover| {
        cover.caseload.as_str() == "asiel" && cover.types.contains(&TypeId::new("coa.koppeling"))
    }) {
        for worst in &cover.worst {
            let fate = minutes.fate(worst.arrives, &worst.away);
            assert_eq!((fate.who, fate.reads), (worst.reader.clone(), worst.reads));
        }
    }
}

#[derive(Debug, Clone)]
struct Small {
    rules: Rules,
    known: Vec<Away>,
    scope: Scope,
}

/// Hours in which somebody may work, also before the office opens and after it closes.
fn shift() -> impl Strategy<Value = Option<(Time, Time)>> {
    prop_oneof![
        2 => Just(None),
        1 => Just(Some((time(8, 0, 0, 0), time(10, 17, 0, 0)))),
        1 => Just(Some((time(11, 0, 0, 0), time(14, 0, 0, 0)))),
        1 => Just(Some((time(15, 59, 0, 0), time(19, 0, 0, 0)))),
    ]
}

fn week() -> impl Strategy<Value = Option<WorkWeek>> {
    let days = [
        Weekday::Monday,
        Weekday::Tuesday,
        Weekday::Thursday,
        Weekday::Friday,
    ];
    let one = (prop::sample::select(days.to_vec()), shift()).prop_map(|(day, hours)| Shift {
        day,
        hours,
        weeks: Weeks::Every,
    });
    prop_oneof![
        1 => Just(None),
        3 => prop::collection::vec(one, 1..4).prop_map(|shifts| Some(WorkWeek(shifts))),
    ]
}

fn wait() -> impl Strategy<Value = Term> {
    prop_oneof![
        3 => (1_u32..300).prop_map(Term::WorkingMinutes),
        1 => Just(Term::WorkingDays(1)),
        1 => (20_u32..1_000).prop_map(Term::ClockMinutes),
    ]
}

fn small_office() -> impl Strategy<Value = Small> {
    let weeks = prop::collection::vec(week(), 3);
    let waits = prop::collection::vec(wait(), 4);
    let due = prop_oneof![
        Just(Term::WorkingDays(1)),
        Just(Term::WorkingDays(2)),
        (30_u32..400).prop_map(Term::WorkingMinutes),
        (600_u32..4_000).prop_map(Term::ClockMinutes),
        (1_u16..3).prop_map(|days| Term::Statutory(Period::Days(days))),
    ];
    let leave = prop::option::of((0_usize..3, 0_i64..60, prop::option::of(1_i64..50)));
    // Around Christmas, and around both nights on which the clock is moved.
    let first = prop::sample::select(vec![
        date(2026, 12, 24),
        date(2026, 12, 28),
        date(2027, 3, 26),
        date(2026, 10, 23),
    ]);
    let is_on_call = any::<bool>();
    let deputies = prop::collection::vec(0_usize..3, 3);
    (weeks, waits, due, leave, first, is_on_call, deputies).prop_map(
        |(weeks, waits, due, leave, first, is_on_call, deputies)| {
            let ids = [FATIMA, JOOST, MARLEEN];
            let mut rules = Office::at("2026-11-23T09:00").rules;
            rules.people = BTreeMap::new();
            for ((id, week), deputy) in ids.into_iter().zip(weeks).zip(deputies) {
                let mut person = person(id);
                person.week = week;
                person.deputies = vec![PersonId::new(ids[deputy])];
                rules.people.insert(person.id.clone(), person);
            }
            let second = if is_on_call { Role::OnCall } else { Role::Deputy };
            let ladder = [Role::Holder, second, Role::Lead, Role::Functional];
            let rungs = ladder.into_iter().zip(waits).map(|(role, wait)| Rung {
                role,
                wait: Some(wait),
                letter: None,
            });
            set_up(&mut rules, rungs.collect(), due, first);
            let known = leave.map(|(who, hours, long)| {
                let start = rules.calendar.start_of(first) + SignedDuration::from_hours(hours);
                Away {
                    person: PersonId::new(ids[who]),
                    from: start,
                    until: long.map(|long| start + SignedDuration::from_hours(long)),
                }
            });
            Small {
                rules,
                known: known.into_iter().collect(),
                scope: Scope {
                    from: first,
                    until: first.saturating_add(2.days()),
                    absent: 2,
                },
            }
        },
    )
}

/// One ladder, one term, one rota for a koppeling.
fn set_up(rules: &mut Rules, rungs: Vec<Rung>, due: Term, first: Date) {
    let id = LadderId::new("kritiek");
    rules.ladders.get_mut(&id).unwrap().rungs = rungs;
    let kind = rules.types.get_mut(&TypeId::new("coa.koppeling")).unwrap();
    kind.effect = Effect::Task { due, ladder: id };
    let rota = Rota {
        id: RotaId::new("achterwacht"),
        from: first.saturating_sub(i64::from(first.weekday().to_monday_zero_offset()).days()),
        turns: vec![PersonId::new(JOOST), PersonId::new(MARLEEN)],
        swaps: BTreeMap::new(),
    };
    for caseload in rules.caseloads.values_mut() {
        caseload.rota = Some(rota.id.clone());
    }
    rules.rotas.insert(rota.id.clone(), rota);
}

/// The office of the stories, with a promise of so many working hours.
fn promising(within: u32) -> Rules {
    let mut rules = Office::at("2026-11-23T09:00").rules;
    rules.promise = Promise {
        within: Some(within * 60),
        absent: 2,
    };
    rules
}

fn december() -> Scope {
    Scope {
        from: date(2026, 11, 30),
        until: date(2027, 1, 4),
        absent: 2,
    }
}

fn leave(rules: &Rules, person: &str, from: Date, until: Date) -> Away {
    Leave {
        person: PersonId::new(person),
        from,
        until: Some(until),
    }
    .away(&rules.calendar)
}

fn complaints(rules: &Rules, known: &[Away], scope: Scope) -> (usize, String) {
    let mut findings = Findings::new();
    prove(rules, known, scope).check(rules, &mut findings);
    (findings.errors(), findings.to_string())
}

#[test]
fn three_who_are_there_every_day_keep_a_promise_of_four_hours() {
    let rules = promising(4);
    assert_eq!(complaints(&rules, &[], december()), (0, String::new()));
    let proof = prove(&rules, &[], december());
    let worst = &proof.covers[0].worst;
    let after: Vec<u32> = worst.iter().map(|worst| worst.after).collect();
    assert_eq!(after, [0, 120, 240], "minutes, with nobody, one and two away");
    assert_eq!(worst[2].reader.as_ref().unwrap().as_str(), MARLEEN);
    let unnoticed = |id: &str| (PersonId::new(id), false);
    assert_eq!(worst[2].away, [unnoticed(FATIMA), unnoticed(JOOST)]);
}

#[test]
fn a_lead_who_works_two_days_breaks_the_promise_and_the_fewest_who_must_be_away_are_named() {
    let mut rules = promising(5);
    let lead = rules.people.get_mut(&PersonId::new(MARLEEN)).unwrap();
    let works = [Weekday::Monday, Weekday::Tuesday].map(|day| Shift {
        day,
        hours: Some((time(9, 0, 0, 0), time(12, 0, 0, 0))),
        weeks: Weeks::Every,
    });
    lead.week = Some(WorkWeek(works.to_vec()));
    // Whoever is called on the rung of the lead has two days, so that she is waited for.
    let ladder = rules.ladders.get_mut(&LadderId::new("kritiek")).unwrap();
    ladder.rungs[2].wait = Some(Term::WorkingDays(4));
    let (errors, told) = complaints(&rules, &[], december());
    assert!(errors > 0);
    insta::assert_snapshot!("promise-broken", told);
}

#[test]
fn leave_in_christmas_week_makes_the_cover_thin_and_the_week_is_named_ahead() {
    let rules = promising(8);
    let known = [
        leave(&rules, JOOST, date(2026, 12, 21), date(2027, 1, 1)),
        leave(&rules, MARLEEN, date(2026, 12, 28), date(2026, 12, 31)),
    ];
    let (errors, told) = complaints(&rules, &known, december());
    assert_eq!(errors, 0, "{told}");
    insta::assert_snapshot!("thin-weeks", told);

    let all = [
        known.as_slice(),
        &[leave(&rules, FATIMA, date(2026, 12, 30), date(2026, 12, 30))],
    ]
    .concat();
    let (_, told) = complaints(&rules, &all, december());
    assert!(
        told.contains("in week 53 a critical notice reaches nobody by name"),
        "{told}"
    );
}

/// Few: each goes through every minute. `PROPTEST_CASES` asks for more.
fn some_cases() -> ProptestConfig {
    let usual = ProptestConfig::default();
    let cases = std::env::var_os("PROPTEST_CASES").map_or(6, |_| usual.cases);
    ProptestConfig { cases, ..usual }
}

/// Whoever is on call next week has leave from Monday on; a notice is due within a day, by the clock. One that arrives on
/// Friday evening is overdue on Monday, and the lead is told soon; one that arrives on Sunday evening is not.
#[test]
fn a_notice_that_is_due_by_the_clock_is_looked_at_on_sunday_evening_too() {
    let mut rules = promising(4);
    let rungs = [(Role::OnCall, 240), (Role::Lead, 60), (Role::Functional, 240)];
    let rungs = rungs.map(|(role, minutes)| Rung {
        role,
        wait: Some(Term::WorkingMinutes(minutes)),
        letter: None,
    });
    let first = date(2026, 11, 28);
    set_up(&mut rules, rungs.to_vec(), Term::ClockMinutes(24 * 60), first);
    let opens = rules.calendar.at(date(2026, 11, 30), time(9, 0, 0, 0));
    let known = [Away {
        person: PersonId::new(MARLEEN),
        from: opens,
        until: None,
    }];
    // Joost is on call this week, Marleen the next; she leads as well.
    let lead = PersonId::new(FATIMA);
    for caseload in rules.caseloads.values_mut() {
        caseload.lead = Some(lead.clone());
    }
    let scope = Scope {
        from: first,
        until: date(2026, 12, 1),
        absent: 1,
    };
    let small = Small {
        rules,
        known: known.to_vec(),
        scope,
    };
    let proof = prove(&small.rules, &small.known, scope);
    assert_eq!(by_proof(&small.rules, &proof), by_force(&small));
    worst_comes_true(&small, &proof);
}

proptest! {
    #![proptest_config(some_cases())]

    #[test]
    fn the_proof_finds_what_every_minute_and_every_absence_come_to(small in small_office()) {
        let proof = prove(&small.rules, &small.known, small.scope);
        prop_assert_eq!(
            by_proof(&small.rules, &proof),
            by_force(&small)
        );
        worst_comes_true(&small, &proof);
    }
}
