//! What is asked and said about the people whom tasks are about. Each time it is written down who did.

use jiff::civil::Date;

use super::{Desk, DeskError, DossierFile};
use crate::domain::{Act, Event, EventId, People, PersonId, PersonKey, References, Refusal, TaskId};

impl Desk {
    /// The numbers of the people that a task is about. That somebody asked is written down first. A task that came of no mail
    /// is about nobody.
    ///
    /// # Errors
    /// There is no such task or person, the ledger cannot be written, or the numbers were not sealed by us.
    pub async fn look_up(&self, by: PersonId, task: TaskId) -> Result<References, DeskError> {
        self.act(by, task, Act::LookUp).await?;
        let Some(message) = self.task(task).await?.message else {
            return Ok(References::default());
        };
        let kept = self.store.kept(message.id).await?;
        Ok(self.vault.references(message.fingerprint, &kept)?)
    }

    /// Everything about the person of these numbers. It is read, then that somebody asked is written down with each task, and
    /// only then it is shown: nobody sees it without that line.
    ///
    /// # Errors
    /// Whoever asks may not, or the ledger cannot be read or written.
    pub async fn dossier(&self, by: PersonId, numbers: &References) -> Result<DossierFile, DeskError> {
        let dossier = self.about(&self.vault.people(numbers)).await?;
        let tasks: Vec<TaskId> = dossier.tasks.iter().map(|file| file.task.id).collect();
        self.settle_one(Event::DossierAsked { by, tasks }).await?;
        Ok(dossier)
    }

    /// Somebody tells what happened to the person of these numbers, and on which day; of an event that moves a term, its
    /// new last day.
    ///
    /// # Errors
    /// That cannot be, nothing is known about them, or the ledger cannot be read or written.
    pub async fn report(
        &self,
        by: PersonId,
        numbers: &References,
        event: (EventId, Date),
    ) -> Result<(), DeskError> {
        let dossier = self.about(&self.vault.people(numbers)).await?;
        let task = dossier.tasks.last().ok_or(Refusal::NobodyKnown)?.task.id;
        self.settle_one(Event::DossierReported { by, task, event }).await
    }

    /// Somebody says that something did not happen to the person of these numbers that was told, or not on that day.
    ///
    /// # Errors
    /// That cannot be, nothing is known about them, it was not told, or the ledger cannot be read or written.
    pub async fn take_back(
        &self,
        by: PersonId,
        numbers: &References,
        event: (EventId, Date),
    ) -> Result<(), DeskError> {
        let dossier = self.about(&self.vault.people(numbers)).await?;
        if dossier.tasks.is_empty() {
            return Err(Refusal::NobodyKnown.into());
        }
        let tasks = dossier.tasks.iter().map(|file| file.task.id).collect();
        self.settle_one(Event::ReportTakenBack { by, tasks, event }).await
    }

    /// Somebody says that these numbers are of one person.
    ///
    /// # Errors
    /// Whoever says so may not, nothing is known about either, or the ledger cannot be read or written.
    pub async fn same_person(&self, by: PersonId, numbers: &References) -> Result<(), DeskError> {
        let people = self.vault.people(numbers);
        let dossier = self.about(&people).await?;
        let tasks = dossier.tasks.iter().map(|file| file.task.id).collect();
        self.settle_one(Event::SamePerson { by, people, tasks }).await
    }

    /// What the ledger has about these people, which is not to be shown before it is written down who asked.
    async fn about(&self, people: &People) -> Result<DossierFile, DeskError> {
        let keys: Vec<PersonKey> = people.keys().collect();
        Ok(self.store.about(&keys).await?)
    }
}
