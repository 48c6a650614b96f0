//! Which dossiers a mail belongs in, and where everything about these people goes.
//!
//! Must guarantee: messages about one person hang under one dossier and go to one caseload; only a partner whose mail was
//! confirmed can say that two numbers are one person; and no forger or outsider can say where somebody's dossier lies:
//! a mail of theirs that did would lead all later notices astray.
//!
//! Accepted: a notice that the mail server said nothing about may say where a dossier lies, though not that two are one.
//! Without that, a municipality whose server does not stamp would have no dossiers at all.

use std::collections::HashMap;

use crate::domain::{
    CaseloadId, Change, Dossier, DossierId, Filing, Named, People, PersonKey, Snapshot, TaskId, Verdict,
};
use crate::rules::Rules;

use super::Plan;

/// A dossier that a mail belongs in.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Found {
    dossier: Dossier,
    /// Keys that lead to it from now on.
    keys: Vec<PersonKey>,
    absorbs: Option<DossierId>,
}

/// The dossiers that a mail belongs in, in the order in which it names people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Dossiers {
    found: Vec<Found>,
    say: Say,
    /// Whether the mail tells that it is about these people and no others.
    is_told: bool,
}

/// How much a sender may say about a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Say {
    /// Their mail is put where it seems to belong.
    Nothing,
    /// They can make somebody known, and say where the dossier lies.
    Whereabouts,
    /// They can say that two numbers are one person.
    Identity,
}

impl Say {
    pub(super) fn of(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Partner(_) => Self::Identity,
            Verdict::Unchecked(_) | Verdict::Colleague => Self::Whereabouts,
            Verdict::Forged(_) | Verdict::ForgedColleague | Verdict::Outsider => Self::Nothing,
        }
    }
}

/// Finds the dossiers of each signal of a mail, in order; for people that are not known yet, makes them.
pub(super) fn find(snapshot: &Snapshot, named: &Named, say: Say, signals: usize) -> Vec<Dossiers> {
    let mut known = Known::of(snapshot, &named.all);
    if signals <= 1 {
        return vec![Dossiers::of(&known, &named.all, say)];
    }
    (0..signals)
        .map(|index| {
            let told = named.signals.get(index).filter(|people| !people.is_empty());
            let mut dossiers = Dossiers::of(&known, told.unwrap_or(&named.all), say);
            dossiers.is_told = told.is_some();
            known.add(&dossiers);
            dossiers
        })
        .collect()
}

/// The same of a mail that is read again, for what it was of which this task was opened. A task that lies in dossiers stays in
/// these: it may be about one of several that the mail names. Of whom nobody said anything, nobody says that two are one.
pub(super) fn find_again(
    snapshot: &Snapshot,
    task: TaskId,
    named: &Named,
    say: Say,
    signals: usize,
) -> Vec<Dossiers> {
    if signals > 1 {
        return find(snapshot, named, say, signals);
    }
    let filed = snapshot.lives.filed.get(&task).map_or(&[][..], Vec::as_slice);
    if filed.is_empty() {
        let is_told = named.signals.len() <= 1;
        let say = if is_told { say } else { say.min(Say::Whereabouts) };
        let dossiers = Dossiers::of(&Known::of(snapshot, &named.all), &named.all, say);
        return vec![Dossiers { is_told, ..dossiers }];
    }
    let known = |id: &DossierId| snapshot.dossiers.values().find(|known| known.id == *id).cloned();
    let found = filed.iter().map(|id| Found {
        dossier: known(id).unwrap_or_else(|| new(*id)),
        keys: Vec::new(),
        absorbs: None,
    });
    vec![Dossiers {
        found: found.collect(),
        say,
        is_told: true,
    }]
}

/// Puts the task of a plan in the dossiers of its signal, which say from now on where everything about these people goes.
pub(super) fn file(rules: &Rules, dossiers: &mut [Dossiers], plan: &Plan<'_>, task: TaskId) -> Vec<Change> {
    let Some(dossiers) = dossiers.get_mut(plan.index) else {
        return Vec::new();
    };
    if plan.route.is_certain && plan.signal.kind.is_about_a_person() {
        dossiers.settle(rules, &plan.route.caseload);
    }
    dossiers.file(task).collect()
}

/// What is known of the people in one mail, while its signals are filed one after the other.
struct Known {
    dossiers: HashMap<PersonKey, Dossier>,
    next: DossierId,
}

impl Known {
    fn of(snapshot: &Snapshot, people: &People) -> Self {
        let known = people.keys();
        let known = known.filter_map(|key| Some((key, snapshot.dossiers.get(&key)?.clone())));
        Self {
            dossiers: known.collect(),
            next: snapshot.next.dossier,
        }
    }

    fn add(&mut self, dossiers: &Dossiers) {
        for found in &dossiers.found {
            self.next = self.next.max(found.dossier.id.next());
            for dossier in self.dossiers.values_mut() {
                if Some(dossier.id) == found.absorbs {
                    *dossier = found.dossier.clone();
                }
            }
            let keys = found.keys.iter().map(|key| (*key, found.dossier.clone()));
            self.dossiers.extend(keys);
        }
    }
}

/// Both numbers of one person lead to one dossier, whatever was known of them before.
fn one(known_before: &Known, people: &People) -> Found {
    let mut known: Vec<&Dossier> = Vec::new();
    for dossier in people.keys().filter_map(|key| known_before.dossiers.get(&key)) {
        if known.iter().all(|other| other.id != dossier.id) {
            known.push(dossier);
        }
    }
    let keys = people
        .keys()
        .filter(|key| !known_before.dossiers.contains_key(key))
        .collect();
    let mut dossier = known
        .first()
        .map_or_else(|| new(known_before.next), |dossier| (*dossier).clone());
    let second = known.get(1);
    if dossier.caseload.is_none() {
        dossier.caseload = second.and_then(|other| other.caseload.clone());
    }
    Found {
        dossier,
        keys,
        absorbs: second.map(|other| other.id),
    }
}

fn each(known: &Known, people: &People, say: Say) -> Vec<Found> {
    let mut next = known.next;
    let mut found: Vec<Found> = Vec::new();
    for key in people.keys() {
        let (dossier, keys) = match known.dossiers.get(&key) {
            Some(dossier) => (dossier.clone(), Vec::new()),
            None if say == Say::Nothing => continue,
            None => {
                let dossier = new(next);
                next = next.next();
                (dossier, vec![key])
            }
        };
        if found.iter().all(|other| other.dossier.id != dossier.id) {
            found.push(Found {
                dossier,
                keys,
                absorbs: None,
            });
        }
    }
    found
}

/// Both numbers lead to one dossier from now on, in which this task lies. Nothing when they do already.
pub(super) fn made_one(snapshot: &Snapshot, people: &People, task: TaskId) -> Option<Change> {
    let found = one(&Known::of(snapshot, people), people);
    let is_news = !found.keys.is_empty() || found.absorbs.is_some();
    is_news.then_some(Change::Filed(Filing {
        task,
        dossier: found.dossier,
        keys: found.keys,
        absorbs: found.absorbs,
    }))
}

/// Puts a task in a dossier that is known.
pub(super) fn put(task: TaskId, dossier: DossierId) -> Change {
    Change::Filed(Filing {
        task,
        dossier: new(dossier),
        keys: Vec::new(),
        absorbs: None,
    })
}

fn new(id: DossierId) -> Dossier {
    Dossier { id, caseload: None }
}

impl Dossiers {
    fn of(known: &Known, people: &People, say: Say) -> Self {
        let found = if people.is_one_person() && say == Say::Identity {
            vec![one(known, people)]
        } else {
            each(known, people, say)
        };
        Self {
            found,
            say,
            is_told: true,
        }
    }

    /// Where everything about these people goes, once that is known.
    pub(super) fn home(&self, rules: &Rules) -> Option<&CaseloadId> {
        if self.say < Say::Whereabouts || !self.is_told {
            return None;
        }
        self.found
            .iter()
            .filter_map(|found| found.dossier.caseload.as_ref())
            .find(|caseload| rules.caseloads.contains_key(*caseload))
    }

    /// From now on everything about these people goes to this caseload, unless it goes to one already that there still is.
    fn settle(&mut self, rules: &Rules, caseload: &CaseloadId) {
        if self.say < Say::Whereabouts || !self.is_told {
            return;
        }
        for found in &mut self.found {
            let home = &mut found.dossier.caseload;
            if home
                .as_ref()
                .is_none_or(|home| !rules.caseloads.contains_key(home))
            {
                *home = Some(caseload.clone());
            }
        }
    }

    /// Puts a task in all of them.
    fn file(&mut self, task: TaskId) -> impl Iterator<Item = Change> + '_ {
        self.found.iter_mut().map(move |found| {
            Change::Filed(Filing {
                task,
                dossier: found.dossier.clone(),
                keys: std::mem::take(&mut found.keys),
                absorbs: found.absorbs.take(),
            })
        })
    }
}
