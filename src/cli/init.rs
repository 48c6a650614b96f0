//! `koppelwacht init`: the files that a municipality starts with.

use std::path::PathBuf;

use crate::app::{Beginning, Newcomer, Pile, SETTINGS, StartError};
use crate::clock::Clock;
use crate::rules::Rules;

use super::{Exit, fail, refuse, say};

#[derive(Debug, clap::Args)]
pub(super) struct Init {
    /// The folder to write into: a new one, or an empty one
    #[arg(value_name = "DIR")]
    dir: PathBuf,

    /// How letters name the municipality, as "Gemeente Voorbeeld"
    #[arg(long, value_name = "NAME")]
    municipality: String,

    /// The municipality's mail domain, as gemeente-voorbeeld.nl
    #[arg(long)]
    domain: String,

    /// Somebody who handles tasks, as "j.hendriks=Joost Hendriks" or "j.hendriks=Joost Hendriks <joost@voorbeeld.nl>";
    /// repeat it for each
    #[arg(long = "person", value_name = "ID=NAME [<ADDRESS>]", required = true, value_parser = person)]
    people: Vec<Newcomer>,

    /// A caseload with its owner and deputies, as "asiel=f.elamrani,j.hendriks"; repeat it for each
    #[arg(long = "caseload", value_name = "ID=OWNER[,DEPUTY...]", required = true, value_parser = pile)]
    caseloads: Vec<Pile>,

    /// An address that several people read, for when nobody else is there; never the watched mailbox
    #[arg(long, value_name = "ADDRESS")]
    functional_address: String,

    /// Who looks after the rules, and is told by letter when new ones are refused
    #[arg(long, value_name = "ADDRESS")]
    admin: Option<String>,

    /// The team lead of all caseloads
    #[arg(long, value_name = "PERSON")]
    lead: Option<String>,

    /// The caseload for asielstatushouders; the first one, when left out
    #[arg(long, value_name = "CASELOAD")]
    asylum: Option<String>,

    /// The caseload for gezinsmigranten and overige migranten; the second one, or the only one, when left out
    #[arg(long, value_name = "CASELOAD")]
    family: Option<String>,

    /// The caseload where people first read and then divide; the last one, when left out
    #[arg(long, value_name = "CASELOAD")]
    triage: Option<String>,
}

impl Init {
    pub(super) fn run(self) -> Exit {
        let dir = self.dir.clone();
        let settings = dir.join(SETTINGS);
        match self.beginning().write(&dir) {
            Ok(()) => say(
                &format!(
                    "Written to {}. Next:\n\
                     1. Fill in the mail servers in {settings}; passwords belong in files of their own.\n\
                     2. Read {} and make the rules yours.\n\
                     3. Run `koppelwacht check --config {settings}` after every change.\n\
                     4. Make the key with `koppelwacht key new FILE`, and name it in `[vault]`.\n\
                     5. docs/operations.md has every step from here to the running service; there this folder is /etc/koppelwacht.\n",
                    dir.display(),
                    dir.join("rules/README.md").display(),
                    settings = settings.display()
                ),
                Exit::Fine,
            ),
            Err(error) => {
                if let StartError::Unsound(findings) = &error {
                    refuse(findings);
                }
                fail(&error)
            }
        }
    }

    fn beginning(self) -> Beginning {
        // Clap asks for at least one caseload.
        let id = |index: usize| {
            self.caseloads
                .get(index)
                .or(self.caseloads.last())
                .map(|pile| pile.id.clone())
        };
        let chosen =
            |choice: &Option<String>, index| choice.clone().or_else(|| id(index)).unwrap_or_default();
        Beginning {
            today: Rules::shipped().calendar.day(Clock::System.now()),
            asylum: chosen(&self.asylum, 0),
            family: chosen(&self.family, 1),
            triage: chosen(&self.triage, self.caseloads.len()),
            municipality: self.municipality,
            domain: self.domain.to_lowercase(),
            people: self.people,
            caseloads: self.caseloads,
            lead: self.lead,
            functional: self.functional_address.to_lowercase(),
            admin: self.admin.map(|address| address.to_lowercase()),
        }
    }
}

fn person(text: &str) -> Result<Newcomer, String> {
    let (id, rest) = text
        .split_once('=')
        .ok_or("write a short name and the full name, as \"j.hendriks=Joost Hendriks\"")?;
    let (name, address) = match rest.split_once('<') {
        Some((name, address)) => (
            name,
            Some(address.trim_end().trim_end_matches('>').to_lowercase()),
        ),
        None => (rest, None),
    };
    Ok(Newcomer {
        id: id.trim().to_owned(),
        name: name.trim().to_owned(),
        address,
    })
}

fn pile(text: &str) -> Result<Pile, String> {
    let (id, people) = text
        .split_once('=')
        .ok_or("write the caseload and its owner, as \"asiel=f.elamrani\"")?;
    let mut people = people.split(',').map(|person| person.trim().to_owned());
    Ok(Pile {
        id: id.trim().to_owned(),
        owner: people.next().unwrap_or_default(),
        deputies: people.collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_and_caseloads_are_read_as_they_are_typed() {
        let joost = person("j.hendriks=Joost Hendriks <Joost@voorbeeld.nl>").unwrap();
        assert_eq!(
            (joost.id.as_str(), joost.name.as_str()),
            ("j.hendriks", "Joost Hendriks")
        );
        assert_eq!(joost.address.as_deref(), Some("joost@voorbeeld.nl"));
        assert_eq!(person("s.deboer=Sanne de Boer").unwrap().address, None);
        assert!(person("Joost").is_err() && pile("asiel").is_err());
        let asiel = pile("asiel=f.elamrani, j.hendriks").unwrap();
        assert_eq!(
            (asiel.owner.as_str(), asiel.deputies),
            ("f.elamrani", vec!["j.hendriks".to_owned()])
        );
    }
}
