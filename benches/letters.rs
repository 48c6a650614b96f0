//! What putting one letter into words costs: subject, plain text and HTML; and an envelope around one or several.
//!
//! `cargo bench --bench letters`

use divan::Bencher;
use divan::counter::ItemsCount;
use jiff::civil::date;
use koppelwacht::domain::{CameOf, Content, Facts, Occasion, Role, TaskId, Tried};
use koppelwacht::templates::{ReplyTo, Templates};

const REPLY_TO: ReplyTo<'_> = ReplyTo {
    address: "koppelwacht@gemeente-voorbeeld.nl",
    token: "9f86d081884c7d65",
};

fn main() {
    divan::main();
}

fn letter(occasion: Occasion, tried: Vec<Tried>) -> Content {
    Content::Task {
        occasion,
        own: None,
        facts: Facts {
            task: TaskId(17),
            title: "Nieuwe koppeling van het COA".to_owned(),
            instruction: "Bekijk de koppeling in het TVS. Neem daarna contact op met het COA.".to_owned(),
            critical: true,
            came_of: CameOf::Notice,
            origin: None,
            retyped: false,
            drill: false,
            caseload: "Huisvesting vergunninghouders".to_owned(),
            role: Role::Holder,
            received: date(2026, 11, 24).at(9, 30, 0, 0),
            due: date(2026, 11, 26).at(17, 0, 0, 0),
            overdue: false,
            next: Some(date(2026, 11, 24).at(13, 30, 0, 0)),
            hurried: false,
            from: None,
            gone: None,
            tried,
            caution: None,
            deceit: None,
        },
    }
}

fn render(bencher: Bencher<'_, '_>, content: &Content) {
    let templates = Templates::shipped();
    bencher
        .counter(ItemsCount::new(1_u32))
        .bench_local(|| templates.render(content, &REPLY_TO));
}

#[divan::bench]
fn new_task(bencher: Bencher<'_, '_>) {
    render(bencher, &letter(Occasion::NewTask, Vec::new()));
}

/// With five lines about whom was told before.
#[divan::bench]
fn escalation(bencher: Bencher<'_, '_>) {
    let told = Tried {
        role: Role::Deputy,
        name: Some("Karim Bakker".to_owned()),
        told: Some(date(2026, 11, 24).at(9, 31, 0, 0)),
        lost: false,
        skipped: None,
    };
    render(bencher, &letter(Occasion::Escalation, vec![told; 5]));
}

/// Letters in one envelope, put into words before.
#[divan::bench(args = [1, 5, 50])]
fn envelope(bencher: Bencher<'_, '_>, count: usize) {
    let templates = Templates::shipped();
    let section = templates.render(&letter(Occasion::NewTask, Vec::new()), &REPLY_TO);
    let section = section.expect("the templates that come with the program");
    let sections = vec![&section; count];
    bencher
        .counter(ItemsCount::new(count))
        .bench_local(|| templates.envelope(Some("Sanne de Boer"), &sections, true));
}
