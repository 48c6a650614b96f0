//! Certificates and the key for S/MIME.

use std::path::Path;

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use super::secret::{self, KEY};
use super::{Recipient, SmimeFiles};
use crate::findings::{Finding, Findings, Located, Table};

/// Reads `[smime]`. Certificates are read at once, so that a wrong file is found where it is named; the key is not.
pub(super) fn read_smime(
    table: &mut Table<'_>,
    folder: &Path,
    findings: &mut Findings,
) -> Option<SmimeFiles> {
    let spot = table.spot();
    let named = table.optional::<Vec<Located<String>>>("trusted", findings);
    let mut trusted = Vec::new();
    for file in named.unwrap_or_default() {
        trusted.extend(read_certificates(&file, folder, findings));
    }
    let certificate = table.optional::<Located<String>>("certificate_file", findings);
    let key = secret::read(table, KEY, folder, findings).ok()?;
    let recipient = match (certificate, key) {
        (None, None) => None,
        (Some(certificate), Some(key)) => Some(Recipient {
            certificate: read_certificates(&certificate, folder, findings)
                .into_iter()
                .next()?,
            key,
            spot,
        }),
        (Some(file), None) => {
            findings.push(
                Finding::error(&file.spot, "there is a certificate without its key")
                    .help("add `key_file = ...` or `key_credential = ...`, or leave both out"),
            );
            None
        }
        (None, Some(_)) => {
            findings.push(
                Finding::error(&spot, "there is a key without its certificate")
                    .help("add `certificate_file = ...`: by it an encrypted mail says whom it is for"),
            );
            None
        }
    };
    Some(SmimeFiles { trusted, recipient })
}

/// The certificates in a PEM file; a finding when there are none.
fn read_certificates(named: &Located<String>, folder: &Path, findings: &mut Findings) -> Vec<Vec<u8>> {
    let path = folder.join(&named.value);
    let read = CertificateDer::pem_file_iter(&path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let problem = match read {
        Ok(certificates) if !certificates.is_empty() => {
            return certificates.iter().map(|der| der.to_vec()).collect();
        }
        Ok(_) => "holds no certificate".to_owned(),
        Err(error) => format!("cannot be used: {error}"),
    };
    findings.push(
        Finding::error(&named.spot, format!("{} {problem}", path.display())).help(
            "name a file with certificates in PEM (`-----BEGIN CERTIFICATE-----`) that the service can read",
        ),
    );
    Vec::new()
}
