//! A colleague answers a letter: what they ask for is done, and they are told what was understood.
//!
//! Must guarantee: nobody acts on a task by mail but a person of the rules, from their own address, which the
//! municipality's own server vouched for, with the token of a letter about that very task; and no answer is lost. What
//! is not understood, or does not show which letter it answers, becomes a triage task: a colleague reads it. What is
//! understood and cannot be done needs nobody to read it, since the task itself stays on its ladder; its writer is told.
//!
//! Letters about it go to persons of the rules only, to a functional address that answers with the token of a letter that went
//! there, and to whoever answers with that token from the same domain, for which the own server vouches: they read that
//! letter. Somebody else must not learn that there is an office here.

use std::sync::Arc;

use jiff::civil::DateTime;

use crate::domain::{
    About, Act, Answer, AnswerTrouble, Answered, Arrival, Asked, Change, Content, DaysNamed, Earlier,
    EventHeard, Happening, Instead, Intent, Letter, LetterId, LetterOf, Mail, Person, Refusal, Retyping,
    Snapshot, TaskId, TaskState, Verdict,
};

use super::act::{passed_over, person_acted};
use super::nobody::heard_from_nobody;
use super::retype::{by_hand, is_told_to_who_said_so};
use super::unread::{Unread, is_answered_again};
use super::{Office, expect};

/// What came of an answer.
pub(super) struct Heard {
    /// What is written, besides the message itself.
    pub(super) changes: Vec<Change>,
    /// What whoever has to read it is told; nothing when it was understood.
    pub(super) unread: Option<Unread>,
    /// What its writer is told, when the writer is known, and what is written does not tell it.
    pub(super) reply: Option<(Writer, Answered)>,
}

/// Who is told what was made of an answer.
pub(super) struct Writer {
    pub(super) address: String,
    /// None when several people read it, or nobody knows who it is.
    pub(super) name: Option<String>,
}

/// What an answer means here.
struct Understood {
    act: Act,
    /// Whom or what it names, as letters call it.
    to: Option<String>,
    event: Option<EventHeard>,
}

impl From<Act> for Understood {
    fn from(act: Act) -> Self {
        Self {
            act,
            to: None,
            event: None,
        }
    }
}

impl Understood {
    /// The same, about this task: it is handled also when what happened cannot be kept, since nobody knows to whom.
    fn about(mut self, snapshot: &Snapshot, task: TaskId) -> Self {
        if let Act::Done { event, .. } = &mut self.act
            && !snapshot.lives.is_about_somebody(task)
        {
            *event = None;
            self.event.iter_mut().for_each(|heard| heard.kept = false);
        }
        self
    }
}

/// Does what an answer asks for, if that is allowed.
pub(super) fn hear(office: Office<'_>, snapshot: &Snapshot, arrival: &Arrival, answer: &Answer) -> Heard {
    let Some(writer) = office.writer(&arrival.mail) else {
        return heard_from_nobody(office, snapshot, arrival, answer);
    };
    let vouched = vouched(snapshot, answer);
    let mut reply = unheard(snapshot, answer, vouched);
    let done = vouched.ok_or(AnswerTrouble::NoLetter).and_then(|task| {
        let intent = answer.intent.as_ref().ok_or(AnswerTrouble::Unclear)?;
        let Understood { act, to, event } = office.meant(snapshot, task, intent, arrival)?;
        let is_a_name = matches!(act, Act::Reassign { .. });
        reply.to = to.filter(|_| !(is_a_name && writer.external));
        let mut changes = person_acted(office, snapshot, &writer.id, task, &act);
        if let [Change::Refused(refusal)] = changes.as_slice() {
            reply.holder = office.holder(refusal).filter(|_| !writer.external);
            return Err(trouble(refusal));
        }
        reply.untold = event.is_none()
            && matches!(act, Act::Done { .. })
            && expect::waits_for_an_event(office, snapshot, task);
        reply.instead = office.told_instead(writer, &act, &changes);
        (reply.due, reply.until) = office.taken_until(&changes);
        reply.event = event;
        reply.drill = changes.iter().any(ends_a_drill);
        if matches!(act, Act::Take | Act::Done { .. }) {
            changes.extend(is_answered_again(
                office,
                snapshot,
                task,
                &writer.id,
                arrival.received,
            ));
        }
        Ok(changes)
    });
    let changes = match done {
        Ok(changes) => changes,
        Err(trouble) => {
            let known = vouched.and_then(|task| snapshot.tasks.get(&task));
            let is_over = known.is_some_and(|task| !task.is_open());
            // What it lacks does not matter any more.
            let trouble = Some(trouble).filter(|trouble| !(is_over && lacks_something(*trouble)));
            reply.trouble = trouble.or(Some(AnswerTrouble::AlreadyDone));
            Vec::new()
        }
    };
    let why = match reply.trouble {
        Some(AnswerTrouble::Unclear) => Some("an answer to a letter that does not say what is wanted"),
        Some(AnswerTrouble::NoLetter) => Some("an answer that does not show which letter it answers"),
        _ => None,
    };
    let to = Writer {
        address: writer.address.clone(),
        name: Some(writer.name.clone()),
    };
    Heard {
        unread: why.map(|why| Unread::new(snapshot, answer, Some(writer), why)),
        reply: (!is_told_to_who_said_so(&changes)).then_some((to, reply)),
        changes,
    }
}

/// Whether the answer would do if more, or less, were said in it.
fn lacks_something(trouble: AnswerTrouble) -> bool {
    matches!(
        trouble,
        AnswerTrouble::NoReason
            | AnswerTrouble::NotYet
            | AnswerTrouble::NoLastDay
            | AnswerTrouble::WhichDay
            | AnswerTrouble::TwoEvents
    )
}

/// What is told about an answer of which nothing was made yet, with the task of whose letter it has the token. What is told
/// names that letter again, so that an answer to it is one about the task: its reader has that token already.
pub(super) fn unheard(snapshot: &Snapshot, answer: &Answer, vouched: Option<TaskId>) -> Answered {
    let known = vouched.and_then(|task| snapshot.tasks.get(&task));
    Answered {
        task: vouched.or(answer.task),
        title: known.map(|task| task.title.clone()),
        letter: vouched
            .and(answer.letter.as_ref())
            .map(|letter| letter.token.clone()),
        came_of: known.map(|task| task.cause.came_of()),
        drill: false,
        written: None,
        asked: answer.intent.as_ref().map(asked),
        due: None,
        until: None,
        to: None,
        instead: None,
        holder: None,
        event: None,
        untold: false,
        trouble: None,
    }
}

impl Heard {
    /// The letter that tells the writer what was understood.
    pub(super) fn reply(self, office: Office<'_>, letter: LetterId) -> Option<Change> {
        let (writer, answered) = self.reply?;
        Some(Change::Queued(Box::new(Letter {
            id: letter,
            about: About::Office,
            to: writer.address,
            name: writer.name,
            queued: office.now,
            content: Content::Answered(answered),
        })))
    }
}

/// The task that an answer may act on: the one whose letter it has the token of. A letter that is named by its own number
/// was about no task, or about several.
pub(super) fn vouched(snapshot: &Snapshot, answer: &Answer) -> Option<TaskId> {
    let name = answer.letter.as_ref()?;
    let letter = snapshot.letters.get(&name.token)?;
    let task = letter.about.task()?;
    (name.of == LetterOf::Task(task) && answer.task == Some(task)).then_some(task)
}

fn ends_a_drill(change: &Change) -> bool {
    matches!(change, Change::Moved(task) if task.drill && !task.is_open())
}

fn asked(intent: &Intent) -> Asked {
    match intent {
        Intent::Take => Asked::Take,
        Intent::Done { .. } => Asked::Done,
        Intent::NotMine => Asked::NotMine,
        Intent::HandOver { .. } => Asked::HandOver,
        Intent::SetType { .. } => Asked::SetType,
    }
}

fn trouble(refusal: &Refusal) -> AnswerTrouble {
    match refusal {
        Refusal::AlreadyDone { .. }
        | Refusal::DrillOver(_)
        | Refusal::CameAfterAll(_)
        | Refusal::NotNeeded(_) => AnswerTrouble::AlreadyDone,
        Refusal::TakenBySomebodyElse { .. } => AnswerTrouble::TakenBySomebodyElse,
        Refusal::PersonalData => AnswerTrouble::PersonalData,
        Refusal::UnknownType(_)
        | Refusal::TypeOfNoNotice(_)
        | Refusal::OpensNoTask
        | Refusal::NoNotice(_) => AnswerTrouble::UnknownType,
        Refusal::UnknownPerson(_) => AnswerTrouble::UnknownPerson,
        Refusal::NotYet(_) => AnswerTrouble::NotYet,
        Refusal::NoLastDay(_) => AnswerTrouble::NoLastDay,
        Refusal::UnknownEvent(_) | Refusal::NobodyKnown | Refusal::NoDossier(_) => AnswerTrouble::Unclear,
        Refusal::NoSuchTask(_)
        | Refusal::NoSuchAbsence(_)
        | Refusal::AbsenceElsewhere { .. }
        | Refusal::AbsenceOver
        | Refusal::AbsenceKnown { .. }
        | Refusal::StillOpen(_)
        | Refusal::DrillAgain(_)
        | Refusal::AnotherOpen { .. }
        | Refusal::NotTold(_)
        | Refusal::External(_) => AnswerTrouble::NoLetter,
    }
}

impl<'a> Office<'a> {
    /// The person of the rules who wrote a mail, when the municipality's own server vouches for their address.
    pub(super) fn writer(self, mail: &Mail) -> Option<&'a Person> {
        let from = mail.from.as_ref()?;
        let person = self.person_at(&from.address)?;
        // People of another organisation write from its domain, which the server can vouch for as well.
        let is_vouched_for = mail.sender.verdict == Verdict::Colleague;
        is_vouched_for.then_some(person)
    }

    /// Who has the task, where an act was refused because of that.
    fn holder(self, refusal: &Refusal) -> Option<String> {
        match refusal {
            Refusal::TakenBySomebodyElse { by, .. } => Some(self.name(by)),
            _ => None,
        }
    }

    /// By when a task that was just taken must be handled, and when its holder is asked again, where that matters to them.
    fn taken_until(self, changes: &[Change]) -> (Option<DateTime>, Option<DateTime>) {
        let taken = changes.iter().find_map(|change| match change {
            Change::Moved(task) => match task.state {
                TaskState::Taken { until, .. } => Some((task.due, until)),
                _ => None,
            },
            _ => None,
        });
        let Some((due, until)) = taken else {
            return (None, None);
        };
        let is_late = due <= self.now;
        let due = Some(due).filter(|_| !is_late);
        let until = until.filter(|until| due.is_none_or(|due| *until < due));
        (due.map(|at| self.civil(at)), until.map(|at| self.civil(at)))
    }

    /// Who was told instead of the colleague to whom a task was given; nothing when that colleague was.
    fn told_instead(self, writer: &Person, act: &Act, changes: &[Change]) -> Option<Instead> {
        let Act::Reassign { to } = act else {
            return None;
        };
        let why = passed_over(changes, to)?;
        let told = changes.iter().find_map(|change| match change {
            Change::Noted(line) => match &line.what {
                Happening::Told { role, person, .. } => Some((*role, person.as_ref())),
                _ => None,
            },
            _ => None,
        });
        let person = told.and_then(|(_, person)| person);
        Some(Instead {
            why,
            role: told.map(|(role, _)| role),
            name: person
                .filter(|_| !writer.external)
                .map(|person| self.name(person)),
            yours: person == Some(&writer.id),
        })
    }

    /// What an answer about this task means.
    fn meant(
        self,
        snapshot: &Snapshot,
        task: TaskId,
        intent: &Intent,
        arrival: &Arrival,
    ) -> Result<Understood, AnswerTrouble> {
        let is_drill = snapshot.tasks.get(&task).is_some_and(|task| task.drill);
        let understood = match (self.understood(intent, arrival), intent) {
            // A drill only asks for an answer, and this is one, whatever it lacks.
            (Err(trouble), _)
                if is_drill && (lacks_something(trouble) || trouble == AnswerTrouble::UnknownType) =>
            {
                Act::Take.into()
            }
            // What happened could not be kept, so that it does not matter which of it or when.
            (
                Err(trouble),
                Intent::Done {
                    remark: Some(remark), ..
                },
            ) if lacks_something(trouble) && !snapshot.lives.is_about_somebody(task) => {
                let (remark, event) = (Some(remark.clone()), None);
                Act::Done { remark, event }.into()
            }
            (understood, _) => understood?,
        };
        Ok(understood.about(snapshot, task))
    }

    fn understood(self, intent: &Intent, arrival: &Arrival) -> Result<Understood, AnswerTrouble> {
        Ok(match intent {
            Intent::Take => Act::Take.into(),
            Intent::NotMine => Act::Decline.into(),
            Intent::Done { remark: None, .. } => return Err(AnswerTrouble::NoReason),
            Intent::Done {
                remark: Some(remark),
                days,
            } => self.handled(remark, days)?,
            Intent::HandOver { to } => {
                let person = self.person_called(to).ok_or(AnswerTrouble::UnknownPerson)?;
                let to = person.id.clone();
                Understood {
                    to: Some(person.name.clone()),
                    ..Act::Reassign { to }.into()
                }
            }
            Intent::SetType { kind } => {
                let kind = self.type_called(kind).ok_or(AnswerTrouble::UnknownType)?;
                let of = arrival.earlier.as_deref().cloned();
                let of = of.unwrap_or_else(|| Earlier::unreadable(arrival.mail.fingerprint));
                let classification = by_hand(self.rules, &kind.id, &of.mail);
                let retyping = Retyping { of, classification };
                Understood {
                    to: Some(kind.title.clone()),
                    ..Act::Retype(Arc::new(retyping)).into()
                }
            }
        })
    }

    /// The task is handled, and the one event that the remark names happened. Of two, nobody knows which day is whose.
    fn handled(self, remark: &str, days: &DaysNamed) -> Result<Understood, AnswerTrouble> {
        let told = match *self.events_in(remark).as_slice() {
            [] => None,
            [(event, title)] => Some((event, title, self.day_meant(event, days)?)),
            _ => return Err(AnswerTrouble::TwoEvents),
        };
        let heard = told.map(|(_, title, on)| EventHeard {
            title: title.clone(),
            on,
            kept: true,
        });
        Ok(Understood {
            event: heard,
            ..Understood::from(Act::Done {
                remark: Some(remark.to_owned()),
                event: told.map(|(event, _, on)| (event.clone(), on)),
            })
        })
    }
}
