//! Whom and what an answer names, as people write it: a name copied with its address, a code with its title, what happened.
//!
//! Guarantee: what may mean two things means neither. A task that goes to the wrong person is read by nobody who can do
//! it.

use crate::domain::{EventId, NotificationType, Person};

use super::Office;

/// What people put behind a name out of courtesy.
const PLEASE: [&str; 5] = ["svp", "s.v.p", "aub", "a.u.b", "graag"];
/// With one of these in what is added to a name, somebody else or nobody may be meant.
const OTHERWISE: [&str; 10] = [
    "of", "niet", "tenzij", "mits", "als", "maar", "anders", "ik", "wij", "we",
];
/// With one of these behind it, a name is not all that is said.
const NOT_ALL: [&str; 13] = [
    "of", "en", "niet", "geen", "nooit", "nog", "kan", "kun", "mag", "als", "pas", "tenzij", "dan",
];

/// Words that deny what follows.
const DENIALS: [&str; 5] = ["geen", "niet", "nooit", "zonder", "nog"];

impl<'a> Office<'a> {
    /// The one person that colleagues call this: by the name in the rules, the address, the whole name, or a part of it
    /// that nobody else has; whatever courtesy stands behind it. Behind a whole name there may be more.
    pub(super) fn person_called(self, called: &str) -> Option<&'a Person> {
        let called = called.trim().to_lowercase();
        let (person, added) = if let Some((_, rest)) = called.split_once('<') {
            let (address, added) = rest.split_once('>').unwrap_or((rest, ""));
            let address = address.trim();
            let person = self.person_exactly(address.strip_prefix("mailto:").unwrap_or(address));
            (person, added)
        } else {
            let end = called.find([',', '(', ';', ':']).unwrap_or(called.len());
            let (name, added) = called.split_at(end);
            (self.person_named(name), added)
        };
        person.filter(|person| self.adds_nobody(added, person))
    }

    /// Whether what is added to the name of this person leaves no doubt that they are meant.
    fn adds_nobody(self, added: &str, person: &Person) -> bool {
        let words = added.split(|letter: char| !letter.is_alphanumeric() && !"@.-_".contains(letter));
        let words = words.map(|word| word.trim_matches(['.', '-']));
        let is_another = |word: &str| {
            let other = self.person_exactly(word).or_else(|| self.person_in_part(word));
            other.is_some_and(|other| other.id != person.id)
        };
        words
            .filter(|word| !word.is_empty())
            .all(|word| !OTHERWISE.contains(&word) && !is_another(word))
    }

    /// The one person that a name without additions is of, whatever courtesy stands behind it.
    fn person_named(self, name: &str) -> Option<&'a Person> {
        let words: Vec<&str> = name
            .split_whitespace()
            .map(|word| word.trim_matches(['.', '!', '@', '"', '(', ')']))
            .filter(|word| !word.is_empty() && !PLEASE.contains(word))
            .collect();
        let whole = words.join(" ");
        // One word of a name may be another name of which we know no more: `Karim Jansen`, and only Karim Bakker is here.
        let is_whole = |name: &[&str]| name.len() > 1 || name.iter().any(|word| word.contains(['@', '.']));
        let mut shorter = (1..words.len())
            .rev()
            .map(|length| words.split_at(length))
            .filter(|(name, _)| is_whole(name));
        self.person_exactly(&whole)
            .or_else(|| self.person_in_part(&whole))
            .or_else(|| {
                let (person, rest) =
                    shorter.find_map(|(name, rest)| Some((self.person_exactly(&name.join(" "))?, rest)))?;
                let is_all = !rest.iter().any(|word| NOT_ALL.contains(word));
                is_all.then_some(person)
            })
    }

    fn person_exactly(self, called: &str) -> Option<&'a Person> {
        self.rules.people.values().find(|person| {
            let names = [person.id.as_str(), &person.address, &person.name];
            names.iter().any(|name| name.to_lowercase() == called)
        })
    }

    /// The one person with this in their name.
    fn person_in_part(self, called: &str) -> Option<&'a Person> {
        let has_part = |person: &&Person| {
            let name = person.name.to_lowercase();
            name.split_whitespace().any(|part| part == called) || name.ends_with(&format!(" {called}"))
        };
        let mut fitting = self.rules.people.values().filter(has_part);
        let first = fitting.next()?;
        fitting.next().is_none().then_some(first)
    }

    /// The one type that colleagues call this: by its id, with or without its partner, by a code of the partner, with or
    /// without its title behind it, or by its title.
    pub(super) fn type_called(self, called: &str) -> Option<&'a NotificationType> {
        let called = called.trim().trim_end_matches('.').to_lowercase();
        let code = called.split([' ', ':', '-', '(']).next().unwrap_or_default();
        let is_code = code.contains(|letter: char| letter.is_ascii_digit() || letter == '.');
        let by_code = || is_code.then(|| self.type_exactly(code)).flatten();
        self.type_exactly(&called).or_else(by_code)
    }

    fn type_exactly(self, called: &str) -> Option<&'a NotificationType> {
        let types = || self.rules.types.values().filter(|kind| kind.id.is_of_a_notice());
        let exactly = types().find(|kind| kind.id.as_str() == called || kind.title.to_lowercase() == called);
        if exactly.is_some() {
            return exactly;
        }
        let short = called.replace([' ', '-'], "_");
        let has_part = |kind: &&NotificationType| {
            kind.id
                .as_str()
                .split_once('.')
                .is_some_and(|(_, part)| part == short)
        };
        let mut fitting = types().filter(has_part);
        let first = fitting.next()?;
        fitting.next().is_none().then_some(first)
    }

    /// The events that a remark names, each by its title or by its id with spaces in it. A name that is only a part of
    /// another that is named says nothing of its own, nor does one that is denied (`geen MAP afgerond`).
    pub(super) fn events_in(self, remark: &str) -> Vec<(&'a EventId, &'a String)> {
        let words = |text: &str| {
            text.to_lowercase()
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
        };
        let remark = words(remark);
        let named = self.rules.events.iter().filter_map(|(event, title)| {
            let names = [words(title), words(&event.as_str().replace('_', " "))];
            let name = names.into_iter().find(|name| remark.contains(name))?;
            let before = remark.split(&name).next().unwrap_or_default();
            let is_denied = before
                .split_whitespace()
                .next_back()
                .is_some_and(|word| DENIALS.contains(&word));
            (!is_denied).then_some((name, (event, title)))
        });
        let named: Vec<_> = named.collect();
        let is_part = |name: &String| {
            named
                .iter()
                .any(|(other, _)| other != name && other.contains(name))
        };
        let whole = named.iter().filter(|(name, _)| !is_part(name));
        whole.map(|(_, event)| *event).collect()
    }
}
