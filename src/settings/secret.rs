//! Reading secrets when they are needed, and not before.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject;

use super::Secret;
use crate::findings::{Finding, Findings, Located, Table};

/// The keys of the settings under which a secret is named.
#[derive(Debug, Clone, Copy)]
pub(super) struct Keys {
    /// What it is.
    pub(super) what: &'static str,
    /// The key for a file.
    pub(super) file: &'static str,
    /// The key for a credential.
    pub(super) credential: &'static str,
}

/// How a private key is named.
pub(super) const KEY: Keys = Keys {
    what: "key",
    file: "key_file",
    credential: "key_credential",
};

/// The secret was named in a way that cannot be meant; a finding says how.
#[derive(Debug)]
pub(super) struct Refused;

/// Where a secret is, if it is named at all.
pub(super) fn read(
    table: &mut Table<'_>,
    keys: Keys,
    folder: &Path,
    findings: &mut Findings,
) -> Result<Option<Secret>, Refused> {
    let file = table.optional::<String>(keys.file, findings);
    let credential = table.optional::<Located<String>>(keys.credential, findings);
    if let Some(name) = credential
        .as_ref()
        .filter(|name| name.value.contains('/') || name.value.starts_with('.'))
    {
        findings.push(
            Finding::error(&name.spot, "this is no name of a credential").help(format!(
                "write the name from `LoadCredential=NAME:FILE`, or use `{}`",
                keys.file
            )),
        );
    }
    match (file, credential) {
        (Some(_), Some(credential)) => {
            findings.push(
                Finding::error(&credential.spot, format!("the {} is named twice", keys.what))
                    .help(format!("keep `{}` or `{}`, not both", keys.file, keys.credential)),
            );
            Err(Refused)
        }
        (Some(file), None) => Ok(Some(Secret::File(folder.join(file)))),
        (None, Some(name)) => Ok(Some(Secret::Credential(name.value))),
        (None, None) => Ok(None),
    }
}

/// Why a secret could not be read. A human has to look; the content is never part of the message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// The file cannot be read.
    #[error("the secret in {} cannot be read ({reason}); check the path and who may read it", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Whether it is only that this user may not.
        is_denied: bool,
        /// What the system said.
        reason: String,
    },
    /// The file holds nothing that can be a password or a key.
    #[error("the secret in {} is empty, spans lines or is not UTF-8; it has to stand alone on the first line", file.display())]
    Unusable {
        /// The file.
        file: PathBuf,
    },
    /// The file holds no private key.
    #[error(
        "there is no private key in {}; it has to be PKCS#8 in PEM without a password (`openssl pkcs8 -topk8 -nodes`)",
        file.display()
    )]
    NoKey {
        /// The file.
        file: PathBuf,
    },
    /// This is not the service, or it was not started with credentials.
    #[error(
        "the credential `{name}` is only seen by the service itself; for commands name a file that this user can read \
         (`key_file`, `password_file`), or, in the service, check `LoadCredential={name}:FILE`"
    )]
    NoCredentials {
        /// The credential.
        name: String,
    },
}

impl Secret {
    /// The file that is named; none for a credential, which only the service sees.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::File(file) => Some(file),
            Self::Credential(_) => None,
        }
    }

    /// What has to be done besides when the secret is written anew, as it stands behind its file in an error.
    #[must_use]
    pub(crate) fn once_changed(&self) -> &'static str {
        match self {
            Self::File(_) => "",
            Self::Credential(_) => {
                " (then restart the service: of a credential it sees the copy that was made at its start)"
            }
        }
    }

    /// Reads the secret, without the line end behind it.
    ///
    /// # Errors
    /// The file cannot be read, or holds nothing that can be a password or a key; the message names the file.
    pub fn read(&self) -> Result<String, SecretError> {
        let (file, bytes) = self.content()?;
        let text = String::from_utf8(bytes).map_err(|_| SecretError::Unusable { file: file.clone() })?;
        let secret = text.strip_suffix('\n').unwrap_or(&text);
        let secret = secret.strip_suffix('\r').unwrap_or(secret);
        if secret.is_empty() || secret.contains(['\n', '\r', '\0']) {
            return Err(SecretError::Unusable { file });
        }
        Ok(secret.to_owned())
    }

    /// Reads a private key (PKCS#8 in PEM) and returns it in DER.
    ///
    /// # Errors
    /// The file cannot be read, or holds no such key; the message names the file.
    pub fn read_key(&self) -> Result<Vec<u8>, SecretError> {
        let (file, bytes) = self.content()?;
        PrivatePkcs8KeyDer::from_pem_slice(&bytes)
            .map(|key| key.secret_pkcs8_der().to_vec())
            .map_err(|_| SecretError::NoKey { file })
    }

    /// The file, and what is in it.
    fn content(&self) -> Result<(PathBuf, Vec<u8>), SecretError> {
        let credentials = std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from);
        let file = self.place(credentials.as_deref())?;
        match std::fs::read(&file) {
            Ok(bytes) => Ok((file, bytes)),
            Err(error) => Err(SecretError::Unreadable {
                file,
                is_denied: error.kind() == ErrorKind::PermissionDenied,
                reason: error.to_string(),
            }),
        }
    }

    /// The file, given the folder into which systemd puts credentials.
    fn place(&self, credentials: Option<&Path>) -> Result<PathBuf, SecretError> {
        match (self, credentials) {
            (Self::File(file), _) => Ok(file.clone()),
            (Self::Credential(name), Some(folder)) => Ok(folder.join(name)),
            (Self::Credential(name), None) => Err(SecretError::NoCredentials { name: name.clone() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(content: &[u8]) -> (tempfile::TempDir, Secret) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("imap.password");
        std::fs::write(&file, content).unwrap();
        (folder, Secret::File(file))
    }

    #[test]
    fn one_line_end_is_taken_off_and_no_space() {
        for (content, expected) in [(b" p w \n".as_slice(), " p w "), (b"p\r\n", "p"), (b"p", "p")] {
            let (_folder, secret) = secret(content);
            assert_eq!(secret.read().as_deref(), Ok(expected));
        }
    }

    #[test]
    fn errors_name_the_file_and_not_what_is_in_it() {
        for content in [b"hunter2\nhunter3\n".as_slice(), b"", b"\n", b"hunter2\xff"] {
            let (_folder, secret) = secret(content);
            let error = secret.read().unwrap_err().to_string();
            assert!(error.contains("imap.password"), "{error}");
            assert!(!error.contains("hunter"), "{error}");
        }
    }

    #[test]
    fn a_key_is_read_from_pem_and_an_error_does_not_show_it() {
        let (_folder, key) =
            secret(b"-----BEGIN PRIVATE KEY-----\naHVudGVyMg==\n-----END PRIVATE KEY-----\n");
        assert_eq!(key.read_key().as_deref(), Ok(b"hunter2".as_slice()));
        for content in [
            b"hunter2".as_slice(),
            b"-----BEGIN RSA PRIVATE KEY-----\nhunter2\n-----END RSA PRIVATE KEY-----",
        ] {
            let (_folder, key) = secret(content);
            let error = key.read_key().unwrap_err().to_string();
            assert!(
                error.contains("openssl pkcs8") && !error.contains("hunter"),
                "{error}"
            );
        }
    }

    #[test]
    fn a_credential_is_a_file_in_the_folder_of_the_service() {
        let secret = Secret::Credential("imap".to_owned());
        let folder = Path::new("/run/credentials/koppelwacht.service");
        assert_eq!(secret.place(Some(folder)), Ok(folder.join("imap")));
        let error = secret.place(None).unwrap_err().to_string();
        assert!(error.contains("LoadCredential=imap:FILE"), "{error}");
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let error = Secret::File("/nowhere/imap".into()).read().unwrap_err();
        assert!(error.to_string().contains("/nowhere/imap"), "{error}");
    }
}
