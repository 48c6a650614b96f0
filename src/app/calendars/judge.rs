//! What can be said of the calendar files to whoever looks after them.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;

use super::super::Installation;
use super::files::{self, Reader};
use crate::agenda::Doubt;
use crate::domain::{Away, PersonId};
use crate::findings::{Finding, Findings};

/// What was doubtful about how many events: `2 in an unknown time zone, 1 without a start`.
pub(super) fn in_words<'d>(doubts: impl Iterator<Item = (&'d Doubt, &'d usize)>) -> String {
    let mut sums: BTreeMap<Doubt, usize> = BTreeMap::new();
    for (doubt, count) in doubts {
        *sums.entry(*doubt).or_default() += count;
    }
    let sums = sums.iter().map(|(doubt, count)| format!("{count} {doubt}"));
    sums.collect::<Vec<String>>().join(", ")
}

impl Installation {
    /// What is wrong with the calendar files as they are at this moment. All of it warns only: without a calendar the
    /// daemon goes on. Says how many files there are, and when somebody is away by them.
    pub fn look_at_calendars(&self, now: Timestamp, findings: &mut Findings) -> (usize, Vec<Away>) {
        let there = self.settings.calendars.as_deref().map(files::list);
        if let Some(Err(_)) = there {
            self.miss_calendars(findings);
        }
        let there = there.and_then(Result::ok).unwrap_or_default();
        let reader = Reader::new(&self.office, now);
        let absences = there.keys().flat_map(|file| self.judge(file, &reader, findings));
        let absences = absences.collect();
        (there.len(), absences)
    }

    fn miss_calendars(&self, findings: &mut Findings) {
        let settings = &self.settings;
        if let (Some(path), Some(spot)) = (&settings.calendars, &settings.places.calendars) {
            findings.push(
                Finding::warning(spot, format!("the calendars {} are not there", path.display())).help(
                    "name a folder with `.ics` files or one such file; until it is there, what calendars said before \
                     stays",
                ),
            );
        }
    }

    /// Says when somebody is away by a file.
    fn judge(&self, file: &Path, reader: &Reader<'_>, findings: &mut Findings) -> Vec<Away> {
        let about = |message| Finding::about(file.display(), message).only_warn();
        let agenda = match reader.read(file) {
            Ok(agenda) => agenda,
            Err(trouble) => {
                findings.push(about(trouble.to_string()).help("until then stays what it said before"));
                return Vec::new();
            }
        };
        if !agenda.doubts.is_empty() {
            let doubts = in_words(agenda.doubts.iter());
            findings.push(
                about(format!("some events are not understood, or not fully: {doubts}"))
                    .help("correct them in the calendar; where in doubt, Koppelwacht takes nobody for away"),
            );
        }
        if !agenda.has_owner && agenda.away.is_empty() {
            let name = files::name_of(file);
            let people = self.office.rules.people.keys();
            findings.push(
                about(format!(
                    "nobody in the rules is called `{name}`, and nothing in it tells who is away"
                ))
                .did_you_mean(name, people.map(PersonId::as_str)),
            );
        }
        agenda.away
    }
}
