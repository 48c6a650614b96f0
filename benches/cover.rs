//! What it takes to prove how a large municipality is covered for a year: 200 people, 50 caseloads, ladders of 10 rungs, 53
//! weeks, any two people away besides those who are known to be.
//!
//! `cargo bench --bench cover`; one core.

use std::collections::BTreeMap;

use divan::Bencher;
use jiff::civil::{Weekday, date, time};
use jiff::{Span, ToSpan};
use koppelwacht::cover::{Scope, prove};
use koppelwacht::domain::{
    Away, Caseload, CaseloadId, Leave, Person, PersonId, Role, Rota, RotaId, Route, Rung, Shift, Term, Weeks,
    WorkWeek,
};
use koppelwacht::rules::Rules;

const PEOPLE: usize = 200;
const CASELOADS: usize = 50;
const RUNGS: usize = 10;

fn main() {
    divan::main();
}

fn id(number: usize) -> PersonId {
    PersonId::new(&format!("p{:03}", number % PEOPLE))
}

/// Every other one works part-time, each on other days.
fn person(number: usize) -> Person {
    let days = [
        Weekday::Monday,
        Weekday::Tuesday,
        Weekday::Wednesday,
        Weekday::Thursday,
        Weekday::Friday,
    ];
    let works = days
        .into_iter()
        .enumerate()
        .filter(|(day, _)| (day + number) % 5 > 1);
    let shifts = works.map(|(_, day)| Shift {
        day,
        hours: number
            .is_multiple_of(3)
            .then_some((time(8, 30, 0, 0), time(14, 45, 0, 0))),
        weeks: Weeks::Every,
    });
    Person {
        id: id(number),
        name: format!("Collega {number}"),
        address: format!("p{number}@gemeente-voorbeeld.nl"),
        function: None,
        week: number.is_multiple_of(2).then(|| WorkWeek(shifts.collect())),
        deputies: vec![id(number + 7), id(number + 13)],
        external: false,
    }
}

fn caseload(number: usize) -> Caseload {
    Caseload {
        id: CaseloadId::new(&format!("c{number:02}")),
        title: format!("Caseload {number}"),
        owner: Some(id(number * 4)),
        deputies: (1..4).map(|next| id(number * 4 + next)).collect(),
        lead: Some(id(number * 4 + 101)),
        functional: Some("team@gemeente-voorbeeld.nl".to_owned()),
        rota: Some(RotaId::new("achterwacht")),
    }
}

/// The shipped types, for this large office.
fn rules() -> Rules {
    let mut rules = Rules::shipped();
    rules.people = (0..PEOPLE).map(|number| (id(number), person(number))).collect();
    rules.caseloads = (0..CASELOADS)
        .map(caseload)
        .map(|caseload| (caseload.id.clone(), caseload))
        .collect();
    rules.routes = rules
        .caseloads
        .keys()
        .map(|caseload| Route {
            recipients: Vec::new(),
            types: Vec::new(),
            target_group: None,
            caseload: caseload.clone(),
        })
        .collect();
    rules.rotas = BTreeMap::from([(
        RotaId::new("achterwacht"),
        Rota {
            id: RotaId::new("achterwacht"),
            from: date(2026, 11, 23),
            turns: (0..PEOPLE).step_by(9).map(id).collect(),
            swaps: BTreeMap::new(),
        },
    )]);
    let rung = |role, minutes| Rung {
        role,
        wait: Some(Term::WorkingMinutes(minutes)),
        letter: None,
    };
    for ladder in rules.ladders.values_mut() {
        let deputies = std::iter::repeat_n(rung(Role::Deputy, 60), RUNGS - 4);
        ladder.rungs = std::iter::once(rung(Role::Holder, 120))
            .chain(deputies)
            .chain([
                rung(Role::OnCall, 60),
                rung(Role::Lead, 120),
                rung(Role::Functional, 240),
            ])
            .collect();
    }
    rules
}

/// Everybody has five weeks of leave, a fifth of them at a time.
fn leave(rules: &Rules) -> Vec<Away> {
    (0..PEOPLE)
        .flat_map(|number| {
            let week = i64::try_from(number % 40).unwrap_or_default();
            [week, week + 3, week + 9].map(|week| {
                let from = date(2026, 11, 30).saturating_add(Span::new().weeks(week));
                let until = Some(from.saturating_add(11.days()));
                Leave {
                    person: id(number),
                    from,
                    until,
                }
                .away(&rules.calendar)
            })
        })
        .collect()
}

#[divan::bench(args = [0, 1, 2], sample_count = 5, sample_size = 1)]
fn a_large_municipality(bencher: Bencher<'_, '_>, absent: usize) {
    let rules = rules();
    let away = leave(&rules);
    let scope = Scope {
        from: date(2026, 11, 28),
        until: date(2027, 12, 4),
        absent,
    };
    bencher.bench_local(|| prove(&rules, &away, scope));
}
