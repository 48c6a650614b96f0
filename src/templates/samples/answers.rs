//! Invented letters about what was made of an answer.

use jiff::civil::{DateTime, date};

use super::MORNING;
use crate::domain::{AnswerTrouble, Answered, Asked, CameOf, EventHeard, Instead, Role, TaskId, WhyNot};

/// What was asked with what became of it, and each with a task that is known, known by number only, or not; then what else each
/// can say.
pub(super) fn answers() -> impl Iterator<Item = Answered> {
    plain()
        .flat_map(taken)
        .flat_map(given)
        .flat_map(held)
        .flat_map(handled)
        .flat_map(about_a_drill)
}

fn plain() -> impl Iterator<Item = Answered> {
    let asked = || Asked::ALL.into_iter().map(Some).chain([None]);
    let trouble = || AnswerTrouble::ALL.into_iter().map(Some).chain([None]);
    let tasks = [
        (Some(TaskId(17)), Some("Nieuwe koppeling"), Some(CameOf::Notice)),
        (
            Some(TaskId(17)),
            Some("Kwartaalcijfers leveren"),
            Some(CameOf::Chore),
        ),
        (Some(TaskId(17)), None, None),
        (None, None, None),
    ];
    asked()
        .flat_map(move |asked| trouble().map(move |trouble| (asked, trouble)))
        .filter(|(asked, trouble)| asked.is_some() || trouble.is_some())
        .flat_map(move |(asked, trouble)| {
            tasks.map(|(task, title, came_of)| Answered {
                task,
                title: title.map(str::to_owned),
                letter: title.map(|_| "55aa55aa55aa55aa".to_owned()),
                came_of,
                written: (trouble == Some(AnswerTrouble::Functional)).then_some(MORNING),
                asked,
                drill: false,
                due: None,
                until: None,
                to: matches!(asked, Some(Asked::HandOver | Asked::SetType))
                    .then(|| "Karim Bakker".to_owned()),
                instead: None,
                holder: None,
                event: None,
                untold: false,
                trouble,
            })
        })
}

/// Whoever took a task is told until when: it, and others before.
fn taken(answered: Answered) -> impl Iterator<Item = Answered> {
    let takes = answered.trouble.is_none() && answered.asked == Some(Asked::Take);
    let on = |day| -> Option<DateTime> { Some(date(2026, 11, day).at(17, 0, 0, 0)) };
    let times = [(on(26), on(25)), (on(26), None), (None, on(25))].map(|(due, until)| Answered {
        due,
        until,
        ..answered.clone()
    });
    std::iter::once(answered).chain(times.into_iter().filter(move |_| takes))
}

/// Whoever it was given to was told, or somebody else was, or nobody.
fn given(answered: Answered) -> impl Iterator<Item = Answered> {
    let gives = answered.trouble.is_none() && answered.asked == Some(Asked::HandOver);
    let others = [
        (Some(Role::Deputy), Some("Femke Visser")),
        (Some(Role::Deputy), None),
        (Some(Role::Functional), None),
        (None, None),
    ];
    let instead = WhyNot::ALL.into_iter().flat_map(move |why| {
        others.map(|(role, name)| Instead {
            why,
            role,
            name: name.map(str::to_owned),
            yours: false,
        })
    });
    let plain = answered.clone();
    let instead = instead.flat_map(|instead| {
        let yours = instead.name.is_some().then(|| Instead {
            yours: true,
            ..instead.clone()
        });
        std::iter::once(instead).chain(yours)
    });
    let instead = instead.filter(move |_| gives).map(move |instead| Answered {
        instead: Some(instead),
        ..answered.clone()
    });
    std::iter::once(plain).chain(instead)
}

/// Somebody else has it, whom the writer may know, or not.
fn held(answered: Answered) -> impl Iterator<Item = Answered> {
    let is_held = answered.trouble == Some(AnswerTrouble::TakenBySomebodyElse);
    let holder = is_held.then(|| Answered {
        holder: Some("Femke Visser".to_owned()),
        ..answered.clone()
    });
    std::iter::once(answered).chain(holder)
}

/// An event was told, can be kept or not, or was missed.
fn handled(answered: Answered) -> impl Iterator<Item = Answered> {
    let tells = answered.trouble.is_none() && answered.asked == Some(Asked::Done);
    let event = |kept| EventHeard {
        title: "PIP vastgesteld".to_owned(),
        on: MORNING.date(),
        kept,
    };
    let with_event = [true, false].map(|kept| Answered {
        event: Some(event(kept)),
        ..answered.clone()
    });
    let untold = Answered {
        untold: true,
        ..answered.clone()
    };
    let told = with_event.into_iter().chain([untold]);
    std::iter::once(answered).chain(told.filter(move |_| tells))
}

/// What ends a drill was understood, and says nothing of where it goes.
fn about_a_drill(answered: Answered) -> impl Iterator<Item = Answered> {
    let ends =
        answered.trouble.is_none() && !matches!(answered.asked, Some(Asked::NotMine | Asked::HandOver));
    let drill = ends.then(|| Answered {
        drill: true,
        ..answered.clone()
    });
    std::iter::once(answered).chain(drill)
}
