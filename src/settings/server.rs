//! Servers, accounts and where their passwords are.

use std::path::Path;

use super::secret::{self, Keys};
use super::{Account, Server, Tls};
use crate::findings::{Finding, Findings, Located, Readable, Table, Value};

const PASSWORD: Keys = Keys {
    what: "password",
    file: "password_file",
    credential: "password_credential",
};

/// A server with the ports that go with implicit TLS and with STARTTLS.
pub(super) fn read_server(
    table: &mut Table<'_>,
    folder: &Path,
    ports: (u16, u16),
    findings: &mut Findings,
) -> Option<Server> {
    let host = table.required::<Host>("host", findings);
    let tls = table.required::<Tls>("tls", findings);
    let usual = tls.map(|tls| match tls {
        Tls::Implicit => ports.0,
        Tls::StartTls => ports.1,
    });
    let port = match table.optional::<Located<u32>>("port", findings) {
        None => usual,
        Some(written) => read_port(&written, usual, ports, findings),
    };
    let ca_file = table
        .optional::<String>("ca_file", findings)
        .map(|file| folder.join(file));
    let account = read_account(table, folder, findings);
    Some(Server {
        host: host?.0,
        port: port?,
        tls: tls?,
        ca_file,
        account: account?,
    })
}

fn read_port(
    written: &Located<u32>,
    usual: Option<u16>,
    ports: (u16, u16),
    findings: &mut Findings,
) -> Option<u16> {
    let port = u16::try_from(written.value).ok().filter(|port| *port > 0);
    if port.is_none() {
        findings.push(Finding::error(&written.spot, "there is no such port").help("write 1 to 65535"));
    }
    if port != usual && (port == Some(ports.0) || port == Some(ports.1)) {
        findings.push(
            Finding::warning(&written.spot, "this port is usual for the other kind of `tls`")
                .help(format!("implicit: {}, starttls: {}", ports.0, ports.1)),
        );
    }
    port
}

/// The account, or `Some(None)` where none is written.
#[expect(
    clippy::option_option,
    reason = "no account and an account with a mistake are different things"
)]
fn read_account(table: &mut Table<'_>, folder: &Path, findings: &mut Findings) -> Option<Option<Account>> {
    let spot = table.spot();
    let inline = table.forbidden(
        "password",
        "a password does not belong in this file",
        "put it in a file that only the service can read and write `password_file = \"that file\"`",
        findings,
    );
    let user = table.optional::<String>("user", findings);
    let Ok(password) = secret::read(table, PASSWORD, folder, findings) else {
        return None;
    };
    match (user, password) {
        (Some(user), Some(password)) => Some(Some(Account { user, password })),
        (None, None) => Some(None),
        (Some(_), None) if inline => None,
        (Some(_), None) => {
            findings.push(
                Finding::error(&spot, "there is a `user` without a password")
                    .help("add `password_file = ...` or `password_credential = ...`"),
            );
            None
        }
        (None, Some(_)) => {
            findings
                .push(Finding::error(&spot, "there is a password without a `user`").help("add `user = ...`"));
            None
        }
    }
}

impl Readable for Tls {
    fn read(value: Value<'_>, findings: &mut Findings) -> Option<Self> {
        const WANTED: &str = "\"implicit\" or \"starttls\"";
        match value.text(WANTED, findings)? {
            "implicit" => Some(Self::Implicit),
            "starttls" => Some(Self::StartTls),
            _ => {
                findings.push(
                    Finding::error(&value.spot(), "mail is never read or sent without encryption")
                        .help(format!("write {WANTED}")),
                );
                None
            }
        }
    }
}

/// The name of a host or a domain, lower case ASCII.
#[derive(Debug)]
pub(super) struct Host(pub(super) String);

impl Readable for Host {
    fn read(value: Value<'_>, findings: &mut Findings) -> Option<Self> {
        let text = value.text("a name, as \"mail.gemeente-voorbeeld.nl\"", findings)?;
        let host = text.to_ascii_lowercase();
        let label = |label: &str| {
            !label.is_empty()
                && label.len() <= 63
                && label
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
        };
        let is_v6 = host.parse::<std::net::Ipv6Addr>().is_ok();
        if is_v6 || (host.len() <= 253 && host.split('.').all(label)) {
            return Some(Self(host));
        }
        findings.push(
            Finding::error(
                &value.spot(),
                format!("`{}` is no name of a host or domain", value.key()),
            )
            .help("write the name alone: no https://, no port, no @; letters outside ASCII as xn--"),
        );
        None
    }
}
