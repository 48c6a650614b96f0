//! Invented letters: every combination of facts that a template can tell apart, as far as it can be tried in a moment.

mod answers;
mod news;

use std::collections::BTreeSet;

use jiff::civil::{DateTime, date};
use serde_json::Value;

use super::view::{self, ReplyTo};
use super::{ENVELOPE, SUFFIX, TemplateError};
use crate::domain::{
    AwayThen, AwayToday, Back, CameOf, Caution, Content, Deceit, Drill, DrillMail, Facts, HandedTask, Late,
    NoticeBefore, Occasion, OpenTask, Overview, Role, TaskId, Thin, ThinWeek, Tried, WhyNot, Words, WorkTime,
};

const ROLES: [Role; 5] = [
    Role::Holder,
    Role::Deputy,
    Role::OnCall,
    Role::Lead,
    Role::Functional,
];
const CAUTIONS: [Option<Caution>; 3] = [None, Some(Caution::Unchecked), Some(Caution::Forged)];

/// How the answers to invented letters find their way back.
pub(super) const REPLY_TO: ReplyTo<'_> = ReplyTo {
    address: "koppelwacht@gemeente.example",
    token: "9f86d081884c7d65",
};

const MORNING: DateTime = DateTime::constant(2026, 11, 24, 9, 30, 0, 0);

/// All letters, a thousand or two; those of the municipality's own among them. Only combinations that the office can
/// write: a template may rely on that.
pub(super) fn letters(own: &BTreeSet<String>) -> impl Iterator<Item = Content> + '_ {
    let usual = Occasion::ALL
        .into_iter()
        .flat_map(|occasion| calls(occasion, None));
    let own = own
        .iter()
        .flat_map(|own| calls(Occasion::HandedOn, Some(own.as_str())));
    usual.chain(own).chain(about_no_call())
}

/// Letters that call nobody to a task.
fn about_no_call() -> impl Iterator<Item = Content> {
    overviews()
        .map(Content::Overview)
        .chain(thin().map(Content::Thin))
        .chain(returns().map(Content::Back))
        .chain(answers::answers().map(Content::Answered))
        .chain(news::refusals().map(Content::RulesRefused))
        .chain(news::drifts().map(Content::Drift))
        .chain([Content::Drill(DrillMail { at: MORNING })])
        .chain(news::failures().map(Content::DrillFailed))
}

fn calls(occasion: Occasion, own: Option<&str>) -> impl Iterator<Item = Content> {
    let was_somebodys = matches!(occasion, Occasion::HandedOn | Occasion::Declined);
    combinations().map(move |facts| Content::Task {
        occasion,
        own: own.map(str::to_owned),
        facts: Facts {
            from: facts.from.filter(|_| was_somebodys),
            gone: match occasion {
                Occasion::HandedOn => facts.gone,
                Occasion::Declined => Some(WhyNot::Declined),
                _ => None,
            },
            retyped: facts.retyped && (own.is_some() || occasion == Occasion::NewTask),
            ..facts
        },
    })
}

/// Roles, cautions and four yes-or-no facts, each with each. Five more, `hurried`, `drill`, `from`, `gone` and
/// `retyped`, come with every pair of these, but not with every three.
fn combinations() -> impl Iterator<Item = Facts> {
    (0_u8..).zip(ROLES).flat_map(|(number, role)| {
        CAUTIONS.into_iter().flat_map(move |caution| {
            (0_u8..16).map(move |bits| {
                let [critical, overdue, next, tried] = [1, 2, 4, 8].map(|bit| bits & bit != 0);
                let is_odd = |chosen: u8| ((bits & chosen).count_ones() + u32::from(number)) % 2 == 1;
                let drill = caution.is_none() && is_odd(0b1110);
                let came_of = came_of(bits + number / 2, caution.is_none() && !drill);
                Facts {
                    task: TaskId(17),
                    title: "Nieuwe koppeling".to_owned(),
                    instruction: "Plan een gesprek.".to_owned(),
                    critical: critical && came_of != CameOf::Chore,
                    came_of,
                    origin: (came_of == CameOf::Expectation && next).then(|| NoticeBefore {
                        task: TaskId(12),
                        title: "Persoon is inburgeringsplichtig".to_owned(),
                        received: MORNING,
                    }),
                    retyped: came_of == CameOf::Notice
                        && !drill
                        && role != Role::Functional
                        && is_odd(0b0110),
                    drill,
                    caseload: "Inburgering Noord".to_owned(),
                    role,
                    received: MORNING,
                    due: date(2026, 11, 26).at(17, 0, 0, 0),
                    overdue,
                    hurried: next && is_odd(0b1011),
                    from: is_odd(0b1101).then(|| "Femke Visser".to_owned()),
                    gone: Some(if is_odd(0b0111) {
                        WhyNot::Unreachable
                    } else {
                        WhyNot::Absent
                    }),
                    next: next.then(|| date(2026, 11, 25).at(11, 30, 0, 0)),
                    tried: if tried { everybody() } else { Vec::new() },
                    caution,
                    deceit: deceit(caution, bits),
                }
            })
        })
    })
}

/// Each comes by while the other facts change; cautions and drills are about notices.
fn came_of(number: u8, is_any: bool) -> CameOf {
    let any = CameOf::ALL[usize::from(number) % CameOf::ALL.len()];
    if is_any { any } else { CameOf::Notice }
}

/// Every ground comes by while the other facts change; an old task has none.
fn deceit(caution: Option<Caution>, bits: u8) -> Option<Deceit> {
    (caution == Some(Caution::Forged))
        .then(|| {
            Deceit::ALL
                .get(usize::from(bits) % (Deceit::ALL.len() + 1))
                .copied()
        })
        .flatten()
}

/// Told, told in vain, and skipped for every reason, with a name and without.
fn everybody() -> Vec<Tried> {
    let tried = |name: Option<&str>, told, lost, skipped| Tried {
        role: Role::Deputy,
        name: name.map(str::to_owned),
        told,
        lost,
        skipped,
    };
    let names = [Some("Karim Bakker"), None];
    let told = names.into_iter().flat_map(|name| {
        [false, true].map(|is_lost| tried(name, Some(date(2026, 11, 24).at(9, 31, 0, 0)), is_lost, None))
    });
    let skipped = WhyNot::ALL
        .into_iter()
        .flat_map(|why| names.map(|name| tried(name, None, false, Some(why))));
    told.chain(skipped).collect()
}

fn overviews() -> impl Iterator<Item = Overview> {
    let nothing = Overview {
        at: MORNING,
        caseloads: vec!["Huisvesting".to_owned(), "Taal en toeleiding".to_owned()],
        open: 0,
        overdue: 0,
        tasks: Vec::new(),
        more: 0,
        read: Some(MORNING),
        away: Vec::new(),
    };
    let busy = Overview {
        open: 40,
        overdue: 2,
        tasks: open_tasks(),
        more: 32,
        away: away(),
        ..nothing.clone()
    };
    let one = Overview {
        open: 1,
        tasks: open_tasks().into_iter().take(1).collect(),
        ..nothing.clone()
    };
    [busy, one, nothing].into_iter().flat_map(|overview| {
        let read = [Some(MORNING), Some(date(2026, 11, 20).at(17, 0, 0, 0)), None];
        read.map(|read| Overview {
            read,
            ..overview.clone()
        })
    })
}

fn open_tasks() -> Vec<OpenTask> {
    (0_u8..8)
        .map(|bits| OpenTask {
            task: TaskId(17),
            title: "Nieuwe koppeling".to_owned(),
            caseload: "Inburgering Noord".to_owned(),
            received: MORNING,
            due: date(2026, 11, 26).at(17, 0, 0, 0),
            overdue: bits & 1 != 0,
            taken: bits & 2 != 0,
            holder: (bits & 4 != 0).then(|| "Karim Bakker".to_owned()),
        })
        .collect()
}

fn away() -> Vec<AwayToday> {
    let away = |why, until| AwayToday {
        name: "Femke Visser".to_owned(),
        why,
        until,
    };
    WhyNot::ALL
        .into_iter()
        .flat_map(|why| [away(why, None), away(why, Some(date(2026, 12, 4)))])
        .collect()
}

/// One week, and several, with more than are shown and without.
fn thin() -> impl Iterator<Item = Thin> {
    [1, 2, 16].into_iter().flat_map(|count| {
        [0, 3].map(|more| Thin {
            numbers: (1..=2).take(count).collect(),
            weeks: (0_u8..).take(count).map(thin_week).collect(),
            more,
        })
    })
}

/// Thin in each way that there is.
fn thin_week(bits: u8) -> ThinWeek {
    let late = |bits: u8| Late {
        arrives: MORNING,
        away: (0..bits % 3).map(|_| "Karim Bakker".to_owned()).collect(),
        reader: (bits & 4 != 0).then(|| "Els Smit".to_owned()),
        reads: date(2026, 11, 26).at(17, 0, 0, 0),
        after: WorkTime::of(600 + u32::from(bits % 3)),
        promised: WorkTime::of(480 + u32::from(bits / 4 % 3)),
    };
    let away = |until| AwayThen {
        name: "Femke Visser".to_owned(),
        from: date(2026, 12, 21),
        until,
    };
    ThinWeek {
        number: 52,
        first: date(2026, 12, 21),
        last: date(2026, 12, 27),
        caseload: "Inburgering Noord".to_owned(),
        worse: bits & 1 != 0,
        nobody: (bits % 4 != 3).then_some(usize::from(bits % 3)),
        late: (!bits.is_multiple_of(4)).then(|| late(bits)),
        away: if bits & 2 != 0 {
            vec![away(None), away(Some(date(2027, 1, 8)))]
        } else {
            Vec::new()
        },
    }
}

fn returns() -> impl Iterator<Item = Back> {
    let handed = |bits: u8| HandedTask {
        task: TaskId(17),
        title: "Nieuwe koppeling".to_owned(),
        done: bits & 1 != 0,
        holder: (bits & 2 != 0).then(|| "Karim Bakker".to_owned()),
    };
    [4, 1, 0].into_iter().map(move |count| Back {
        since: MORNING,
        tasks: (0..count).map(handed).collect(),
    })
}

/// Invented letters in their envelope.
pub(super) struct Envelope {
    pub(super) name: Option<&'static str>,
    pub(super) tasks: bool,
    words: Vec<Words>,
}

/// One, two and many letters, to somebody and to several people, about tasks or about none.
pub(super) fn envelopes() -> impl Iterator<Item = Envelope> {
    let real = "Nieuwe koppeling";
    let drill = format!("{}: nieuwe koppeling", Drill::MARK);
    let piles = [(1, real), (1, drill.as_str()), (2, real), (5, real)]
        .map(|(count, title)| (count, title.to_owned()));
    let readers = [None, Some("Karim Bakker")].map(|name| [(name, true), (name, false)]);
    piles.into_iter().flat_map(move |(count, title)| {
        readers.into_iter().flatten().map(move |(name, tasks)| Envelope {
            name,
            tasks,
            words: (1..=count)
                .map(|number| Words {
                    subject: format!("[Koppelwacht #{number}] {title}"),
                    text: format!("Bericht & {number}.\n"),
                    html: format!("<p>Bericht {number}.</p>\n"),
                })
                .collect(),
        })
    })
}

impl Envelope {
    pub(super) fn sections(&self) -> Vec<&Words> {
        self.words.iter().collect()
    }

    /// What is wrong with an envelope that does not show a letter that is in it; `parts` are subject, text and HTML.
    pub(super) fn left_out(&self, parts: &[String]) -> Vec<TemplateError> {
        let [_, text, html] = parts else {
            return Vec::new();
        };
        let wrong = |kind, field: &str| TemplateError {
            template: format!("{ENVELOPE}.{kind}{SUFFIX}"),
            line: None,
            reason: format!(
                "the letters are not in it; write `{field}` between `{{{{#each sections}}}}` and `{{{{/each}}}}`"
            ),
        };
        let lacks_text = self.words.iter().any(|words| !text.contains(&words.text));
        let lacks_html = self.words.iter().any(|words| !html.contains(&words.html));
        lacks_text
            .then(|| wrong("txt", "{{text}}"))
            .into_iter()
            .chain(lacks_html.then(|| wrong("html", "{{{html}}}")))
            .collect()
    }
}

/// The names that the templates of a letter can use, the fields of a list with those of the letter. A letter of the
/// municipality's own has those of every letter about a task.
pub(super) fn fields(letter: &str) -> Vec<String> {
    let mut fields = Vec::new();
    let mut add = |facts: Result<Value, _>| collect(&facts.unwrap_or_default(), &mut fields);
    if letter == ENVELOPE {
        for sample in envelopes() {
            let facts = view::Envelope::of(sample.name, &sample.sections(), sample.tasks);
            add(serde_json::to_value(facts));
        }
        return fields;
    }
    let about_no_call = about_no_call().filter(|sample| sample.name() == letter);
    let mut samples: Vec<Content> = about_no_call.collect();
    if samples.is_empty() {
        samples = calls(Occasion::HandedOn, None).take(16).collect();
    }
    for sample in &samples {
        add(serde_json::to_value(view::Section::of(sample, &REPLY_TO)));
    }
    fields
}

fn collect(value: &Value, fields: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                if !fields.contains(name) {
                    fields.push(name.clone());
                }
                collect(value, fields);
            }
        }
        Value::Array(list) => list.iter().for_each(|value| collect(value, fields)),
        _ => {}
    }
}
