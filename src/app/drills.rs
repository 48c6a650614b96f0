//! Where the mail of a drill goes: the address at which notices come in.

use std::collections::BTreeSet;

use crate::domain::{Effect, TypeId};
use crate::findings::{Finding, Findings, is_mail_address};
use crate::rules::Rules;
use crate::settings::{Letters, Settings};

/// Why a drill cannot be held.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoDrill {
    /// Letters do not go through the mail at all.
    #[error(
        "letters go into a folder (`directory` in [letters]), so no mail of ours comes in at the mailbox and there is no \
         way to try out; name a mail server in [letters], or see what would follow with `koppelwacht simulate`"
    )]
    NoMailPath,
    /// No task would come of it.
    #[error(
        "the rules open no task for `{0}`, which a drill pretends to be; write a `[[notification]]` for it, without `task = \
         false`"
    )]
    NoTask(TypeId),
    /// Somebody else would get it.
    #[error(
        "`{0}` is no address in the domains of the settings; a drill goes to the mailbox that Koppelwacht watches: name its \
         address with `--to ADDRESS`, or with `to` in `[drill]` in the rules"
    )]
    Elsewhere(String),
    /// Nothing says where notices come in.
    #[error(
        "nothing says at which address COA and DUO notify you; name it with `--to ADDRESS`, or with `to` in `[drill]` \
         in the rules"
    )]
    NoAddress,
    /// Notices come in at several addresses.
    #[error("notices come in at several addresses; choose with `--to` one of {}", .0.join(", "))]
    Several(Vec<String>),
}

/// The address that a drill goes to: the one that was asked for; or the one in the rules for drills, or the one that
/// routes look at, or the name of the account that is watched.
///
/// # Errors
/// See [`NoDrill`].
pub fn address(settings: &Settings, rules: &Rules, wanted: Option<&str>) -> Result<String, NoDrill> {
    if matches!(settings.letters, Letters::Directory(_)) {
        return Err(NoDrill::NoMailPath);
    }
    let kind = TypeId::koppeling();
    let known = rules.types.get(&kind);
    if !known.is_some_and(|known| matches!(known.effect, Effect::Task { .. })) {
        return Err(NoDrill::NoTask(kind));
    }
    let address = match wanted.map(str::to_owned).or_else(|| rules.drills.to.clone()) {
        Some(address) => address,
        None => the_one(notified(settings, rules))?,
    };
    if is_ours(settings, &address) {
        Ok(address)
    } else {
        Err(NoDrill::Elsewhere(address))
    }
}

fn is_ours(settings: &Settings, address: &str) -> bool {
    let domain = address.rsplit_once('@').map_or("", |(_, domain)| domain);
    let mut own = settings.identity.domains.iter();
    is_mail_address(address) && own.any(|own| own.eq_ignore_ascii_case(domain))
}

/// Notes when drills that the rules speak of cannot be held. Letters in a folder are no mistake as long as none is planned;
/// an address of somebody else is a warning even then.
pub(super) fn check(settings: &Settings, rules: &Rules, findings: &mut Findings) {
    let Some(spot) = rules.place_of_the_drill() else {
        return;
    };
    let found = |reason: NoDrill| {
        Finding::error(spot, reason.to_string())
            .help("write an address of the mailbox that Koppelwacht watches, or leave out `to` and `at`")
    };
    match address(settings, rules, None) {
        Err(NoDrill::NoMailPath) if rules.drills.at.is_none() => {
            let elsewhere = rules.drills.to.clone().filter(|to| !is_ours(settings, to));
            if let Some(to) = elsewhere {
                findings.push(found(NoDrill::Elsewhere(to)).only_warn());
            }
        }
        Err(reason) => findings.push(found(reason)),
        Ok(_) => {}
    }
}

/// The addresses at which notices come in, as far as rules or settings tell.
fn notified(settings: &Settings, rules: &Rules) -> BTreeSet<String> {
    let named = rules.routes.iter().flat_map(|route| route.recipients.clone());
    let named: BTreeSet<String> = named.collect();
    if !named.is_empty() {
        return named;
    }
    super::accounts(settings)
        .filter(|user| is_mail_address(user))
        .collect()
}

fn the_one(addresses: BTreeSet<String>) -> Result<String, NoDrill> {
    let mut addresses: Vec<String> = addresses.into_iter().collect();
    match (addresses.pop(), addresses.is_empty()) {
        (None, _) => Err(NoDrill::NoAddress),
        (Some(only), true) => Ok(only),
        (Some(last), false) => {
            addresses.push(last);
            Err(NoDrill::Several(addresses))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Route;

    const POST: &str = "inburgering@gemeente-voorbeeld.nl";

    fn settings() -> Settings {
        Settings::example()
    }

    /// Rules with a route for each of these addresses.
    fn rules(addresses: &[&str]) -> Rules {
        let mut rules = Rules::shipped();
        let last = rules.routes.last().expect("a route").clone();
        rules.routes.extend(addresses.iter().map(|address| Route {
            recipients: vec![(*address).to_owned()],
            ..last.clone()
        }));
        rules
    }

    #[test]
    fn a_drill_goes_to_where_notices_come_in() {
        let of = |rules: &Rules, wanted| address(&settings(), rules, wanted);
        assert_eq!(of(&rules(&[POST]), None).as_deref(), Ok(POST));
        let several = rules(&[POST, "duo@gemeente-voorbeeld.nl"]);
        let choose = vec!["duo@gemeente-voorbeeld.nl".to_owned(), POST.to_owned()];
        assert_eq!(of(&several, None), Err(NoDrill::Several(choose)));
        assert_eq!(of(&several, Some(POST)).as_deref(), Ok(POST));
        let mut written = several.clone();
        written.drills.to = Some(POST.to_owned());
        assert_eq!(of(&written, None).as_deref(), Ok(POST));
    }

    #[test]
    fn rules_without_a_task_for_a_koppeling_hold_no_drill() {
        let kind = TypeId::koppeling();
        let refused = Err(NoDrill::NoTask(kind.clone()));
        let mut rules = rules(&[POST]);
        rules.types.get_mut(&kind).expect("a koppeling").effect = Effect::Recorded;
        assert_eq!(address(&settings(), &rules, None), refused);
        rules.types.remove(&kind);
        assert_eq!(address(&settings(), &rules, Some(POST)), refused);
    }

    #[test]
    fn no_drill_leaves_the_house() {
        for elsewhere in ["iemand@elders.example", "geen adres", "@gemeente-voorbeeld.nl"] {
            assert_eq!(
                address(&settings(), &rules(&[]), Some(elsewhere)),
                Err(NoDrill::Elsewhere(elsewhere.to_owned()))
            );
        }
    }

    /// What is said about rules with these lines in `[drill]`, under these settings.
    fn complaint(lines: &str, settings: &Settings) -> String {
        let mut text = Rules::shipped().text.as_ref().clone();
        let file = text.files.iter_mut().find(|(name, _)| name == "drills.toml");
        file.expect("it is shipped").1 = format!("[drill]\n{lines}\n");
        let mut findings = Findings::new();
        let rules = Rules::of(&text, &mut findings).expect("sound rules");
        check(settings, &rules, &mut findings);
        findings.to_string()
    }

    #[test]
    fn planned_drills_that_cannot_be_held_are_found_before_their_time_comes() {
        let folder = Settings {
            letters: Letters::Directory("letters".into()),
            ..settings()
        };
        let ours = format!("to = \"{POST}\"");
        let planned = format!("{ours}\nat = \"0 10 * * Mon\"");
        assert_eq!(complaint(&planned, &settings()), "");
        assert_eq!(complaint(&ours, &folder), "");
        let said = complaint(&planned, &folder);
        assert!(
            said.starts_with("drills.toml:2:6: error: letters go into a folder"),
            "{said}"
        );
        let said = complaint("to = \"iemand@elders.example\"", &folder);
        assert!(
            said.starts_with("drills.toml:2:6: warning: `iemand@elders.example` is no address"),
            "{said}"
        );
        let said = complaint("to = \"iemand@elders.example\"", &settings());
        assert!(
            said.starts_with("drills.toml:2:6: error: `iemand@elders.example` is no address"),
            "{said}"
        );
    }

    #[test]
    fn letters_in_a_folder_have_no_way_to_try_out() {
        let settings = Settings {
            letters: Letters::Directory("letters".into()),
            ..settings()
        };
        assert_eq!(
            address(&settings, &rules(&[POST]), Some(POST)),
            Err(NoDrill::NoMailPath)
        );
    }
}
