//! Rules files -> checked rules: what the office does about each notice, who does it and who is told next.
//!
//! Any number of `*.toml` files in a folder and the folders below it, written by functional admins, read as one.
//! `rules/` in the source shows every table with its meaning, in Dutch, and is what the program uses when nobody
//! writes other rules. What must hold before rules are used is in `check`: rules that could leave a critical task with
//! nobody to tell are refused here, so that no decision has to think of it.

mod book;
mod catalogue;
mod check;
mod compile;
mod load;
mod lookup;
mod meaning;
mod phrase;
mod raw;
mod recognition;
mod recurrence;
mod rehearsal;
mod schema;
mod term;
mod timely;
mod trace;
mod value;
mod week;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use raw::Rank;
pub use recognition::{Recogniser, Recognition, Words};
pub use rehearsal::Rehearsal;
pub use schema::{schema, test_schema};
pub use trace::{Hit, Part, Trial};

use crate::domain::{
    Calendar, Caseload, CaseloadId, Chore, ChoreId, DrillPolicy, EventId, Expected, Foresight, Ladder,
    LadderId, Leave, LetterPolicy, NotificationType, PartnerWatch, Person, PersonId, Promise, Rota, RotaId,
    Route, RulesText, RulesVersion, Source, Team, TeamId, Term, TypeId,
};
use crate::findings::{Finding, Findings, Spot};

/// A checked set of rules: every name in it is defined in it.
#[derive(Debug, Clone)]
pub struct Rules {
    /// A hash over the text of the files.
    pub version: RulesVersion,
    /// The text itself.
    pub text: Arc<RulesText>,
    /// Days and hours.
    pub calendar: Calendar,
    /// The partners.
    pub sources: Vec<Source>,
    /// The notification types, and those of chores.
    pub types: BTreeMap<TypeId, NotificationType>,
    /// What colleagues can tell about a dossier, with what it is called.
    pub events: BTreeMap<EventId, String>,
    /// What must come after what.
    pub expected: Vec<Expected>,
    /// How notices are recognised.
    pub recognition: Recognition,
    /// The caseloads.
    pub caseloads: BTreeMap<CaseloadId, Caseload>,
    /// Which task goes where; the last one fits everything.
    pub routes: Vec<Route>,
    /// The people.
    pub people: BTreeMap<PersonId, Person>,
    /// The teams.
    pub teams: BTreeMap<TeamId, Team>,
    /// Who is on call.
    pub rotas: BTreeMap<RotaId, Rota>,
    /// Who is away when.
    pub absences: Vec<Leave>,
    /// How long somebody counts as away whose mailbox says so, but not until when.
    pub assumed_absence: Term,
    /// How letters are sent.
    pub letters: LetterPolicy,
    /// How drills are held.
    pub drills: DrillPolicy,
    /// What is done again and again. What it is called, what to do and on which ladder stand in `types`.
    pub chores: BTreeMap<ChoreId, Chore>,
    /// How partners are watched.
    pub partners: PartnerWatch,
    /// What is promised about critical notices.
    pub promise: Promise,
    /// When that is proved again, and how far ahead.
    pub foresight: Foresight,
    /// The ladders.
    pub ladders: BTreeMap<LadderId, Ladder>,
    /// Where each address stands to which letters go.
    addresses: Vec<(String, Spot)>,
    /// Where things stand of which a proof may complain.
    places: Places,
    /// The municipality's own letters that ladders name, and where.
    own_letters: Vec<(String, Spot)>,
    /// What stands in the files about certain days.
    dates: timely::Dates,
}

/// Where caseloads, the promise and the address for drills stand in the files.
#[derive(Debug, Clone)]
struct Places {
    promise: Option<Spot>,
    drill: Option<Spot>,
    caseloads: BTreeMap<CaseloadId, Spot>,
}

impl Rules {
    /// Where a caseload stands in the files; none for one that is not there.
    #[must_use]
    pub fn place_of(&self, caseload: &CaseloadId) -> Option<&Spot> {
        self.places.caseloads.get(caseload)
    }

    /// Where it stands what is promised; none when nothing is.
    #[must_use]
    pub fn place_of_the_promise(&self) -> Option<&Spot> {
        self.places.promise.as_ref()
    }

    /// Where it stands to which address drills go; none when nothing says so.
    #[must_use]
    pub fn place_of_the_drill(&self) -> Option<&Spot> {
        self.places.drill.as_ref()
    }

    /// The partner that sends from this domain. Subdomains are not implied.
    #[must_use]
    pub fn source_of(&self, domain: &str) -> Option<&Source> {
        self.sources
            .iter()
            .find(|source| source.domains.iter().any(|own| own.eq_ignore_ascii_case(domain)))
    }

    /// Notes every letter of the municipality's own that a rung names, and for which there are no templates.
    pub fn check_letters(&self, is_written: &dyn Fn(&str) -> bool, findings: &mut Findings) {
        for (letter, spot) in self.own_letters.iter().filter(|(letter, _)| !is_written(letter)) {
            findings.push(
                Finding::error(spot, format!("there are no templates for the letter `{letter}`"))
                    .help(format!(
                        "write `{letter}.subject.hbs`, `{letter}.txt.hbs` and `{letter}.html.hbs` in the folder that \
                         `templates` in the settings names, or leave out `letter` to send the usual one"
                    )),
            );
        }
    }

    /// Notes every address to which letters would go although Koppelwacht reads it: those of watched mailboxes and its
    /// own. Such a letter comes back in as mail.
    pub fn check_addresses(&self, read_by_us: &[String], findings: &mut Findings) {
        for (address, spot) in &self.addresses {
            if read_by_us.iter().any(|own| own.eq_ignore_ascii_case(address)) {
                findings.push(
                    Finding::error(
                        spot,
                        "letters would go to an address that Koppelwacht itself reads",
                    )
                    .help("name an address that people read, not the watched mailbox"),
                );
            }
        }
    }
}
