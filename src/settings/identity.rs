//! `[identity]`: who we are to the outside, and how it is found out who wrote to us.

use super::server::Host;
use super::{Identity, Verify};
use crate::findings::{Finding, Findings, Located, Readable, Spot, Table, Value};

/// What `[identity]` says.
pub(super) struct Read {
    pub(super) identity: Identity,
    pub(super) verify: Verify,
    /// Where our address stands.
    pub(super) address: Spot,
    /// Where the admin's does.
    pub(super) admin: Option<Spot>,
}

/// Who we are, and how it is found out who wrote to us.
pub(super) fn read_identity(table: &mut Table<'_>, findings: &mut Findings) -> Option<Read> {
    let municipality = table.required("municipality", findings);
    let address = table.required::<Located<MailAddress>>("address", findings);
    let domains = table.required::<Located<Vec<Host>>>("domains", findings);
    let authserv_id = table.required::<Host>("authserv_id", findings);
    let letter_domain = table.required::<Host>("letter_domain", findings);
    let admin = table.optional::<Located<MailAddress>>("admin", findings);
    let says_how = table.has("verify");
    let verify = table.optional::<Verify>("verify", findings);
    let verify = if says_how { verify } else { Some(Verify::default()) };
    let (address, domains) = (address?, domains?);
    let domains_spot = domains.spot;
    let domains: Vec<String> = domains.value.into_iter().map(|host| host.0).collect();
    if domains.is_empty() {
        findings.push(
            Finding::error(&domains_spot, "`domains` is empty").help("name the municipality's mail domains"),
        );
    } else if !domains
        .iter()
        .any(|domain| address.value.0.ends_with(&format!("@{domain}")))
    {
        findings.push(
            Finding::error(
                &address.spot,
                "letters would come from a domain that is not the municipality's",
            )
            .help("use an address in one of `domains`, or add its domain there"),
        );
    }
    if let Some(admin) = admin.as_ref().filter(|admin| admin.value.0 == address.value.0) {
        findings.push(
            Finding::error(&admin.spot, "letters to the admin would go to Koppelwacht's own address")
                .help("name an address that somebody reads; what comes in from Koppelwacht itself is known and nobody's task"),
        );
    }
    Some(Read {
        address: address.spot,
        admin: admin.as_ref().map(|admin| admin.spot.clone()),
        identity: Identity {
            municipality: municipality?,
            address: address.value.0,
            domains,
            authserv_id: authserv_id?.0,
            letter_domain: letter_domain?.0,
            admin: admin.map(|admin| admin.value.0),
        },
        verify: verify?,
    })
}

impl Readable for Verify {
    fn read(value: Value<'_>, findings: &mut Findings) -> Option<Self> {
        const WANTED: &str = "\"stamp\", \"stamp-then-local\" or \"local\"";
        match value.text(WANTED, findings)? {
            "stamp" => Some(Self::Stamp),
            "stamp-then-local" => Some(Self::StampThenLocal),
            "local" => Some(Self::Local),
            _ => {
                findings.push(
                    Finding::error(
                        &value.spot(),
                        "there is no such way to find out who sent a message",
                    )
                    .help(format!("write {WANTED}")),
                );
                None
            }
        }
    }
}

/// A mail address, lower case.
#[derive(Debug)]
struct MailAddress(String);

impl Readable for MailAddress {
    fn read(value: Value<'_>, findings: &mut Findings) -> Option<Self> {
        let address = value.text("a mail address", findings)?.to_lowercase();
        if crate::findings::is_mail_address(&address) {
            return Some(Self(address));
        }
        findings.push(
            Finding::error(&value.spot(), format!("`{}` is no mail address", value.key()))
                .help("write the address alone, as \"koppelwacht@gemeente-voorbeeld.nl\""),
        );
        None
    }
}
