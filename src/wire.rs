//! Encrypted connections to the servers of the settings: one way to dial, one judgement about what went wrong.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::settings::Server;

/// How long a server may take to answer a dial or a handshake.
const PATIENCE: Duration = Duration::from_secs(20);

/// Why there is no encrypted connection, by what helps.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// Not now: the network or the server is away. Trying again may help.
    #[error(
        "{host}:{port} cannot be reached ({reason}); is the server up, and does a firewall let us through?"
    )]
    Unreachable {
        /// The server.
        host: String,
        /// Its port.
        port: u16,
        /// What the system said.
        reason: String,
    },
    /// The server shows a certificate that is not to be trusted. A human has to look.
    #[error(
        "{host}:{port} shows a certificate that is not trusted ({reason}); renew it on the server, or name the \
         authority that signed it as `ca_file` in the settings"
    )]
    Untrusted {
        /// The server.
        host: String,
        /// Its port.
        port: u16,
        /// What is wrong with the certificate.
        reason: String,
    },
    /// The settings cannot work. A human has to look.
    #[error("{0}")]
    Settings(String),
}

impl WireError {
    /// Whether the same dial may succeed later without anybody changing anything.
    #[must_use]
    pub fn retry_helps(&self) -> bool {
        matches!(self, Self::Unreachable { .. })
    }
}

/// Opens a connection without Nagle's delay: two small writes in a row would wait 40 ms for each other.
///
/// # Errors
/// The server cannot be reached within 20 seconds.
pub async fn dial(server: &Server) -> Result<TcpStream, WireError> {
    let unreachable = |reason: String| WireError::Unreachable {
        host: server.host.clone(),
        port: server.port,
        reason,
    };
    let tcp = tokio::time::timeout(PATIENCE, TcpStream::connect((server.host.as_str(), server.port)))
        .await
        .map_err(|_| unreachable("no answer within 20 seconds".to_owned()))?
        .map_err(|error| unreachable(error.to_string()))?;
    tcp.set_nodelay(true)
        .map_err(|error| unreachable(error.to_string()))?;
    Ok(tcp)
}

/// Encrypts a connection; the certificate must be valid and bear the host's name.
///
/// # Errors
/// The certificate is not trusted, the settings name unusable certificates, or the connection breaks.
pub async fn encrypt(server: &Server, tcp: TcpStream) -> Result<TlsStream<TcpStream>, WireError> {
    let name = ServerName::try_from(server.host.clone())
        .map_err(|_| WireError::Settings(format!("`{}` is not a host name", server.host)))?;
    let connector = TlsConnector::from(client_config(server.ca_file.as_deref())?);
    let broken = |reason: String| WireError::Unreachable {
        host: server.host.clone(),
        port: server.port,
        reason,
    };
    match tokio::time::timeout(PATIENCE, connector.connect(name, tcp)).await {
        Err(_) => Err(broken("no TLS handshake within 20 seconds".to_owned())),
        Ok(Ok(stream)) => Ok(stream),
        Ok(Err(error)) => Err(
            match error
                .get_ref()
                .and_then(|inner| inner.downcast_ref::<rustls::Error>())
            {
                Some(rustls::Error::InvalidCertificate(reason)) => WireError::Untrusted {
                    host: server.host.clone(),
                    port: server.port,
                    reason: reason.to_string(),
                },
                _ => broken(error.to_string()),
            },
        ),
    }
}

/// The system's certificates and those of `ca_file`.
fn client_config(ca_file: Option<&Path>) -> Result<Arc<ClientConfig>, WireError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = ca_file {
        let unusable = |reason: String| {
            WireError::Settings(format!(
                "certificates in {} cannot be used: {reason}",
                path.display()
            ))
        };
        for certificate in CertificateDer::pem_file_iter(path).map_err(|error| unusable(error.to_string()))? {
            let certificate = certificate.map_err(|error| unusable(error.to_string()))?;
            roots
                .add(certificate)
                .map_err(|error| unusable(error.to_string()))?;
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| WireError::Settings(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}
