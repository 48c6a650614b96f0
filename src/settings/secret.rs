//! Reading secrets when they are needed, and not before.

use std::path::{Path, PathBuf};

use super::Secret;

/// Why a secret could not be read. A human has to look; the content is never part of the message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// The file cannot be read.
    #[error("the secret in {} cannot be read ({reason}); check the path and who may read it", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// The file holds nothing that can be a password.
    #[error("the secret in {} is empty, spans lines or is not UTF-8; write the password alone on its first line", file.display())]
    Unusable {
        /// The file.
        file: PathBuf,
    },
    /// The service was not started with credentials.
    #[error(
        "the credential `{name}` cannot be found: $CREDENTIALS_DIRECTORY is not set; add `LoadCredential={name}:FILE` \
         to the unit, or use `password_file`"
    )]
    NoCredentials {
        /// The credential.
        name: String,
    },
}

impl Secret {
    /// Reads the secret, without the line end behind it.
    ///
    /// # Errors
    /// The file cannot be read, or holds nothing that can be a password; the message names the file.
    pub fn read(&self) -> Result<String, SecretError> {
        let credentials = std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from);
        let file = self.place(credentials.as_deref())?;
        let bytes = std::fs::read(&file).map_err(|error| SecretError::Unreadable {
            file: file.clone(),
            reason: error.to_string(),
        })?;
        let text = String::from_utf8(bytes).map_err(|_| SecretError::Unusable { file: file.clone() })?;
        let secret = text.strip_suffix('\n').unwrap_or(&text);
        let secret = secret.strip_suffix('\r').unwrap_or(secret);
        if secret.is_empty() || secret.contains(['\n', '\r', '\0']) {
            return Err(SecretError::Unusable { file });
        }
        Ok(secret.to_owned())
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
