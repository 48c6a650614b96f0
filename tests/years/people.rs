//! Those who read letters, and what they do.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use koppelwacht::domain::{Act, Happening, Parcel, PersonId, Role, TaskId};

use super::mails;
use super::plan::{Reaction, person};
use super::run::{Later, Run};
use super::tally::Violation;
use super::watch::Watch;
use super::world::{World, hours};

/// Letters that nobody has read.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    letters: Vec<Unopened>,
    /// Whose mailbox answered by itself on which day.
    answered: BTreeSet<(PersonId, i64)>,
}

#[derive(Debug)]
struct Unopened {
    parcel: Parcel,
    /// Nobody by name: whoever reads the functional address.
    reader: Option<PersonId>,
    /// Whether its reader reads at all hours.
    is_on_call: bool,
    since: Timestamp,
    read_at: Option<Timestamp>,
}

impl Unopened {
    fn look_again(&mut self, world: &World) {
        self.read_at = match &self.reader {
            None => Some(world.calendar.next_open(self.since)),
            Some(reader) => world.reads(reader, self.is_on_call, self.since),
        };
    }
}

impl Inbox {
    pub(crate) fn put(
        &mut self,
        parcel: Parcel,
        reader: Option<PersonId>,
        watch: &Watch,
        world: &World,
        now: Timestamp,
    ) {
        let tasks = parcel.letters.iter();
        let tasks = tasks.filter_map(|letter| Some((letter.about.task()?, letter.queued)));
        let tasks: Vec<_> = tasks.collect();
        if tasks.is_empty() {
            return;
        }
        let is_on_call = tasks.into_iter().any(|(task, queued)| {
            let history = watch.tasks.get(&task).map_or(&[][..], |seen| &seen.history);
            history.iter().any(|line| {
                let role = match &line.what {
                    Happening::Told { role, .. } if line.at == queued => Some(*role),
                    _ => None,
                };
                role == Some(Role::OnCall)
            })
        });
        let mut letter = Unopened {
            parcel,
            reader,
            is_on_call,
            since: now,
            read_at: None,
        };
        letter.look_again(world);
        self.letters.push(letter);
    }

    /// Whoever is there has changed.
    pub(crate) fn look_again(&mut self, world: &World) {
        self.letters
            .iter_mut()
            .for_each(|letter| letter.look_again(world));
    }

    /// When somebody reads next.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        self.letters.iter().filter_map(|letter| letter.read_at).min()
    }

    /// A mailbox answers once a day.
    pub(crate) fn first_answer_to(&mut self, who: &PersonId, now: Timestamp) -> bool {
        self.answered.insert((who.clone(), now.as_second() / 86_400))
    }

    fn take_read(&mut self, now: Timestamp) -> Option<(Parcel, Option<PersonId>)> {
        let is_read = |letter: &Unopened| letter.read_at.is_some_and(|at| at <= now);
        let place = self.letters.iter().position(is_read)?;
        let letter = self.letters.swap_remove(place);
        Some((letter.parcel, letter.reader))
    }
}

impl Run {
    /// Everybody reads what they read now.
    pub(crate) async fn reads_mail(&mut self) -> Result<(), Violation> {
        let now = self.now();
        while let Some((parcel, reader)) = self.inbox.take_read(now) {
            let tasks: Vec<TaskId> = parcel
                .letters
                .iter()
                .filter_map(|letter| letter.about.task())
                .collect();
            let reader = reader.or_else(|| self.world.anybody_at_work(now).cloned());
            for task in tasks {
                self.watch.read(task, &self.world, now)?;
                if let Some(reader) = &reader
                    && self.watch.is_open(task)
                {
                    self.reacts(reader, task, &parcel).await?;
                }
            }
        }
        Ok(())
    }

    async fn reacts(&mut self, who: &PersonId, task: TaskId, parcel: &Parcel) -> Result<(), Violation> {
        let (now, alone) = (self.now(), parcel.letters.len() == 1);
        match self.reaction(task) {
            Reaction::Nothing => Ok(()),
            Reaction::Takes { hours: long, by_mail } => {
                let by = who.clone();
                self.later(now + hours(long), Later::Handled { task, by });
                self.says(
                    who,
                    task,
                    Act::Take,
                    "Opgepakt",
                    (by_mail && alone).then_some(parcel),
                )
                .await
            }
            Reaction::Forgets => self.acts(who, task, Act::Take).await,
            Reaction::Finishes { by_mail } => {
                self.finishes(who, task, (by_mail && alone).then_some(parcel))
                    .await
            }
            Reaction::Mistakes {
                hours: long,
                by,
                by_mail,
            } => {
                let by = person(by);
                self.later(now + hours(long), Later::Reopened { task, by });
                self.finishes(who, task, (by_mail && alone).then_some(parcel))
                    .await
            }
            Reaction::Declines { by_mail } => {
                self.says(
                    who,
                    task,
                    Act::Decline,
                    "Niet voor mij",
                    (by_mail && alone).then_some(parcel),
                )
                .await
            }
            Reaction::Hands { to } => self.acts(who, task, Act::Reassign { to: person(to) }).await,
        }
    }

    async fn finishes(
        &mut self,
        who: &PersonId,
        task: TaskId,
        letter: Option<&Parcel>,
    ) -> Result<(), Violation> {
        let act = Act::Done {
            remark: None,
            event: None,
        };
        self.says(who, task, act, "Afgehandeld: klaar", letter).await
    }

    /// What was planned for the mail that a task came from; handled, when nothing more was.
    fn reaction(&self, task: TaskId) -> Reaction {
        let readers = self.watch.tasks.get(&task).map_or(0, |seen| seen.readers);
        let planned = self.watch.item_of(task).and_then(|item| {
            let reactions = self.reactions(item);
            reactions.get(readers.saturating_sub(1)).copied()
        });
        planned.unwrap_or(Reaction::Finishes { by_mail: false })
    }

    /// Somebody acts, by a command or by answering the letter.
    async fn says(
        &mut self,
        who: &PersonId,
        task: TaskId,
        act: Act,
        words: &str,
        letter: Option<&Parcel>,
    ) -> Result<(), Violation> {
        match letter.filter(|letter| letter.to.starts_with(who.as_str())) {
            None => self.acts(who, task, act).await,
            Some(letter) => {
                let number = self.number();
                let soon = self.now() + SignedDuration::from_mins(1);
                self.later(soon, Later::Mail(mails::answer(letter, number, words)));
                Ok(())
            }
        }
    }
}
