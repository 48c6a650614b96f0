//! An office on paper: decisions only, no ledger, no clock, no mail server. Time is a value that is moved, and every
//! stored moment on the way comes, as the ticker would have it.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{Timestamp, Zoned};
use koppelwacht::cover::ahead;
use koppelwacht::decide::decide;
use koppelwacht::domain::{
    Absence, AbsenceId, AbsenceState, Act, Address, Arrival, Away, Caseload, Change, Content, Delivery,
    Event, Fingerprint, FolderRef, Happening, Ladder, LadderId, Letter, LetterId, LetterName, LetterOf,
    LetterRef, LetterTried, Mail, Moment, Named, Nature, Occasion, Origin, Outcome, Person, PersonId, Place,
    Role, Routine, Rung, Sender, Skip, Snapshot, Task, TaskId, Term, Verdict,
};
use koppelwacht::rules::Rules;

pub const FATIMA: &str = "fatima";
pub const JOOST: &str = "joost";
pub const MARLEEN: &str = "marleen";

/// A small office: Fatima handles, Joost stands in, Marleen leads, the team reads a functional address. Each has two
/// working hours, a task may be held for one working day. Its mail server takes every letter at once.
#[derive(Clone)]
pub struct Office {
    pub rules: Rules,
    pub snapshot: Snapshot,
    pub now: Timestamp,
    pub mails: u32,
    pub letters: Vec<Letter>,
    /// Whether letters wait for the mail server.
    pub post_is_down: bool,
    /// Who is told what only the rules can mend.
    pub admin: Option<String>,
    /// Since when the mail server puts letters off for their readers' sake.
    put_off: BTreeMap<LetterId, Timestamp>,
}

impl Office {
    pub fn at(now: &str) -> Self {
        let mut rules = Rules::shipped();
        rules.absences.clear();
        rules.letters.overview = None;
        rules.foresight.nightly = None;
        rules.chores.clear();
        rules.people = [FATIMA, JOOST, MARLEEN]
            .map(person)
            .into_iter()
            .map(|p| (p.id.clone(), p))
            .collect();
        for caseload in rules.caseloads.values_mut() {
            *caseload = Caseload {
                owner: Some(PersonId::new(FATIMA)),
                deputies: vec![PersonId::new(JOOST)],
                lead: Some(PersonId::new(MARLEEN)),
                functional: Some("team@gemeente-voorbeeld.nl".to_owned()),
                rota: None,
                ..caseload.clone()
            };
        }
        let rungs = [
            rung(Role::Holder, Some(120)),
            rung(Role::Deputy, Some(120)),
            rung(Role::Lead, Some(120)),
            rung(Role::Functional, Some(240)),
        ];
        Self {
            rules,
            snapshot: Snapshot::empty(),
            now: at(now),
            mails: 0,
            letters: Vec::new(),
            post_is_down: false,
            admin: None,
            put_off: BTreeMap::new(),
        }
        .with_ladder(&rungs, Some(Term::WorkingDays(1)))
    }

    /// The same office with another ladder for everything.
    pub fn with_ladder(mut self, rungs: &[Rung], hold: Option<Term>) -> Self {
        let ids: Vec<LadderId> = self.rules.ladders.keys().cloned().collect();
        for id in ids {
            let ladder = Ladder {
                id: id.clone(),
                rungs: rungs.to_vec(),
                hold,
                hand_on: false,
            };
            self.rules.ladders.insert(id, ladder);
        }
        self
    }

    /// The same office with a change to every caseload.
    pub fn with_caseloads(mut self, change: impl Fn(&mut Caseload)) -> Self {
        self.rules.caseloads.values_mut().for_each(change);
        self
    }

    /// The same office with a change to one person, who is added when they are new.
    pub fn with_person(mut self, id: &str, change: impl Fn(&mut Person)) -> Self {
        let known = self.rules.people.entry(PersonId::new(id));
        change(known.or_insert_with(|| person(id)));
        self
    }

    /// Somebody has been away since now, and everybody knows.
    pub fn away(mut self, person: &str) -> Self {
        let now = self.zoned();
        self.leave(person, &now, None);
        self
    }

    /// It is in the ledger that somebody is away from one civil time to another.
    pub fn leave(&mut self, person: &str, from: &str, until: Option<&str>) {
        let away = Away {
            person: PersonId::new(person),
            from: at(from),
            until: until.map(at),
        };
        let absence = Absence {
            id: self.snapshot.next.absence,
            origin: Origin::Entered {
                by: PersonId::new(MARLEEN),
            },
            noted: self.now,
            state: if away.from <= self.now {
                AbsenceState::Running { handed: Vec::new() }
            } else {
                AbsenceState::Ahead
            },
            away,
        };
        self.snapshot.absorb(&[Change::AbsenceNoted(Box::new(absence))]);
    }

    /// Nobody is away any more, and nobody remembers that somebody was.
    pub fn everybody_is_back(&mut self) {
        self.snapshot.absences.clear();
    }

    pub fn happens(&mut self, event: &Event) -> Vec<Change> {
        let changes = decide(&self.rules, &self.snapshot, event, self.now);
        self.snapshot.absorb(&changes);
        if !self.post_is_down {
            self.snapshot.unsent.clear();
        }
        for change in &changes {
            if let Change::Settled {
                letter,
                outcome: Outcome::Again {
                    put_off: Some(since), ..
                },
            } = change
            {
                self.put_off.insert(*letter, *since);
            }
            if let Change::Queued(letter) = change {
                self.letters.push(letter.as_ref().clone());
                let token = letter.id.to_string();
                let known = LetterRef {
                    id: letter.id,
                    about: letter.about,
                    calls: letter.about.call().into_iter().collect(),
                    to: letter.to.clone(),
                };
                self.snapshot.letters.insert(token, known);
            }
        }
        changes
    }

    /// The mail server answers to a letter.
    pub fn post_says(&mut self, letter: &Letter, delivery: Delivery) -> Vec<Change> {
        if delivery == Delivery::Accepted
            && let Some(call) = letter.about.call()
        {
            self.snapshot.unsent.remove(&call);
        }
        self.happens(&Event::LetterTried(LetterTried {
            letter: letter.id,
            about: letter.about,
            queued: letter.queued,
            attempts: u32::from(self.now > letter.queued),
            put_off: self.put_off.get(&letter.id).copied(),
            together: None,
            delivery,
        }))
    }

    /// The mail server refuses the last letter for good. Returns whom the office tells instead.
    pub fn last_letter_is_refused(&mut self) -> Vec<String> {
        let letter = self.letters.last().expect("a letter").clone();
        letters(&self.post_says(&letter, refused()))
            .into_iter()
            .map(str::to_owned)
            .collect()
    }

    /// A mail that nobody recognises: critical, like a koppeling.
    pub fn mail_arrives(&mut self) -> TaskId {
        let task = self.snapshot.next.task;
        self.mails += 1;
        let event = Event::MailArrived(Arc::new(arrival(self.mails, self.now)));
        self.happens(&event);
        task
    }

    /// A mail from a colleague's own address, which the municipality's server vouches for.
    pub fn writes(&mut self, person: &str, nature: Nature) -> Vec<Change> {
        let address = format!("{person}@gemeente-voorbeeld.nl");
        self.mail_from(&address, nature, Verdict::Colleague)
    }

    pub fn mail_from(&mut self, address: &str, nature: Nature, verdict: Verdict) -> Vec<Change> {
        self.mails += 1;
        let mut arrival = arrival(self.mails, self.now);
        arrival.mail.flaws.clear();
        arrival.mail.nature = nature;
        arrival.mail.from = Some(Address {
            name: String::new(),
            address: address.to_owned(),
        });
        arrival.mail.sender = Sender {
            verdict,
            reason: "for the story".to_owned(),
            deceit: None,
        };
        self.happens(&Event::MailArrived(Arc::new(arrival)))
    }

    /// Somebody has a drill held; its letter.
    pub fn calls_a_drill(&mut self, to: &str) -> Letter {
        let to = to.to_owned();
        self.happens(&Event::DrillCalled { to });
        self.letters.last().expect("its mail").clone()
    }

    /// A mail with this Message-ID comes in that says to be one of ours.
    pub fn own_letter_comes_in(&mut self, name: Option<LetterName>, verdict: Verdict) -> Vec<Change> {
        self.mails += 1;
        let mut arrival = arrival(self.mails, self.now);
        arrival.mail.flaws.clear();
        arrival.mail.letter = name;
        arrival.mail.nature = Nature::Own;
        arrival.mail.subject = "[Koppelwacht] OEFENING: nieuwe koppeling".into();
        arrival.mail.from = Some(Address {
            name: String::new(),
            address: "koppelwacht@gemeente-voorbeeld.nl".to_owned(),
        });
        arrival.mail.sender = Sender {
            verdict,
            reason: "for the story".to_owned(),
            deceit: None,
        };
        self.happens(&Event::MailArrived(Arc::new(arrival)))
    }

    /// The letter that went to somebody last, as an answer or a report names it.
    pub fn letter_to(&self, address: &str) -> (TaskId, LetterName) {
        let mut sent = self.letters.iter().rev();
        let letter = sent
            .find(|letter| letter.to.starts_with(address) && letter.about.task().is_some())
            .expect("a letter about a task");
        let task = letter.about.task().expect("about a task");
        let name = LetterName {
            of: LetterOf::Task(task),
            token: letter.id.to_string(),
        };
        (task, name)
    }

    /// Time goes to the task's stored moment, which comes.
    pub fn moment_comes(&mut self, task: TaskId) -> Vec<Change> {
        self.now = self.task(task).next_moment().expect("a next moment is stored");
        self.happens(&Event::MomentCame(Moment::Task(task)))
    }

    /// Time goes on, and every stored moment on the way comes, the earliest first.
    pub fn time_passes_until(&mut self, civil: &str) {
        let end = at(civil);
        while let Some((moment, due)) = self.snapshot.next_moment().filter(|(_, due)| *due <= end) {
            self.now = self.now.max(due);
            let event = match moment {
                Moment::Routine(Routine::Cover) => self.cover_is_proved(),
                Moment::Routine(Routine::Partners) => self.partners_are_due(),
                other => Event::MomentCame(other),
            };
            self.happens(&event);
        }
        self.now = self.now.max(end);
    }

    /// What the daemon finds when it proves the cover of the coming weeks now.
    pub fn cover_is_proved(&self) -> Event {
        let known = self.snapshot.absences.iter();
        let away = known.filter(|absence| absence.state != AbsenceState::Over);
        let away: Vec<Away> = away.map(|absence| absence.away.clone()).collect();
        Event::CoverProved(ahead(&self.rules, &away, self.now))
    }

    /// What the desk makes of the moment at which the partners are looked at.
    pub fn partners_are_due(&self) -> Event {
        Event::PartnersDue {
            admin: self.admin.clone(),
        }
    }

    pub fn acts(&mut self, by: &str, task: TaskId, act: Act) -> Vec<Change> {
        self.happens(&Event::PersonActed {
            by: PersonId::new(by),
            task,
            act,
        })
    }

    pub fn task(&self, id: TaskId) -> &Task {
        &self.snapshot.tasks[&id]
    }

    pub fn absence(&self, id: i64) -> &Absence {
        let mut known = self.snapshot.absences.iter();
        known
            .find(|absence| absence.id == AbsenceId(id))
            .expect("an absence")
    }

    /// The time on the wall, as stories write it.
    pub fn zoned(&self) -> String {
        let zoned = self.rules.calendar.zoned(self.now);
        zoned.datetime().strftime("%Y-%m-%dT%H:%M").to_string()
    }

    fn day_and_time(&self, at: Timestamp) -> String {
        self.rules.calendar.zoned(at).strftime("%a %H:%M").to_string()
    }

    /// Who was told so far, with the time on the wall: `Mon 11:00 fatima`.
    pub fn told(&self, task: TaskId) -> Vec<String> {
        let lines = self.snapshot.history[&task].iter();
        lines
            .filter_map(|line| match &line.what {
                Happening::Told {
                    role,
                    person,
                    hurried,
                    ..
                } => {
                    let who = person
                        .as_ref()
                        .map_or_else(|| format!("{role:?}"), ToString::to_string);
                    let hurried = if *hurried { ", hurried" } else { "" };
                    Some(format!("{} {who}{hurried}", self.day_and_time(line.at)))
                }
                _ => None,
            })
            .collect()
    }

    pub fn skipped(&self, task: TaskId) -> Vec<(Role, Skip)> {
        let lines = self.snapshot.history[&task].iter();
        lines
            .filter_map(|line| match &line.what {
                Happening::Skipped { role, reason } => Some((*role, reason.clone())),
                _ => None,
            })
            .collect()
    }

    /// Every letter so far: when, to whom, what about.
    pub fn post(&self) -> Vec<String> {
        let letters = self.letters.iter();
        letters
            .map(|letter| {
                let to = letter.to.split('@').next().unwrap_or_default();
                let about = letter
                    .about
                    .task()
                    .map_or_else(String::new, |task| format!(" #{task}"));
                format!(
                    "{} {to}: {}{about}",
                    self.day_and_time(letter.queued),
                    letter.content.name()
                )
            })
            .collect()
    }

    /// The occasion of the last letter about a task.
    pub fn last_occasion(&self) -> Option<Occasion> {
        self.letters
            .iter()
            .rev()
            .find_map(|letter| match &letter.content {
                Content::Task { occasion, .. } => Some(*occasion),
                _ => None,
            })
    }
}

/// What the Message-ID of a letter says that is about no task.
pub fn letter_name(letter: &Letter) -> LetterName {
    LetterName {
        of: LetterOf::Number(letter.id),
        token: letter.id.to_string(),
    }
}

pub fn rung(role: Role, wait: Option<u32>) -> Rung {
    Rung {
        role,
        wait: wait.map(Term::WorkingMinutes),
        letter: None,
    }
}

pub fn person(id: &str) -> Person {
    Person {
        id: PersonId::new(id),
        name: id.to_owned(),
        address: format!("{id}@gemeente-voorbeeld.nl"),
        function: None,
        week: None,
        deputies: Vec::new(),
        external: false,
    }
}

pub fn at(text: &str) -> Timestamp {
    format!("{text}[Europe/Amsterdam]")
        .parse::<Zoned>()
        .unwrap()
        .timestamp()
}

pub fn arrival(number: u32, received: Timestamp) -> Arrival {
    let mut fingerprint = [0; 32];
    fingerprint[..4].copy_from_slice(&number.to_be_bytes());
    let folder = FolderRef {
        mailbox: "inburgering".to_owned(),
        folder: "INBOX".to_owned(),
        epoch: 1,
    };
    Arrival {
        place: Place {
            folder,
            item: number.to_string(),
        },
        received,
        mail: Mail::unreadable(Fingerprint(fingerprint)),
        named: Named::default(),
        kept: Arc::default(),
        earlier: None,
    }
}

pub fn refused() -> Delivery {
    Delivery::Refused {
        code: "550 5.1.1".to_owned(),
    }
}

/// Where the letters in these changes go.
pub fn letters(changes: &[Change]) -> Vec<&str> {
    changes
        .iter()
        .filter_map(|change| match change {
            Change::Queued(letter) => Some(letter.to.as_str()),
            _ => None,
        })
        .collect()
}

/// Who has which task, for comparing.
pub fn with(office: &Office) -> BTreeMap<i64, Option<String>> {
    let tasks = office.snapshot.tasks.values();
    tasks
        .map(|task| (task.id.0, task.with().map(ToString::to_string)))
        .collect()
}
