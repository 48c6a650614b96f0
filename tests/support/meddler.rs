//! A man in the middle: a real server's answers, spoiled line by line on their way to the client.

use koppelwacht::settings::Server;
use koppelwacht::wire;
use std::sync::Arc;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::cert::Authority;

/// What becomes of a line that the server says; none: the connection breaks instead.
pub type Meddle = fn(&str) -> Option<String>;

/// The man. Goes away when dropped.
pub struct Meddler {
    authority: Authority,
    port: u16,
    _connections: JoinSet<()>,
}

impl Meddler {
    /// Stands before a server.
    pub async fn before(server: Server, meddle: Meddle) -> Self {
        let authority = Authority::new();
        let certificate = authority.valid();
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![CertificateDer::from_pem_file(&certificate.chain).unwrap()],
                PrivateKeyDer::from_pem_file(&certificate.key).unwrap(),
            )
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let mut connections = JoinSet::new();
        connections.spawn(async move {
            let mut each = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                each.spawn(carry(acceptor.clone(), client, server.clone(), meddle));
            }
        });
        Self {
            authority,
            port,
            _connections: connections,
        }
    }

    /// The way to the server that leads past him.
    pub fn instead_of(&self, server: Server) -> Server {
        Server {
            port: self.port,
            ca_file: Some(self.authority.file()),
            ..server
        }
    }
}

/// Carries one connection until either side ends it.
async fn carry(acceptor: TlsAcceptor, client: TcpStream, server: Server, meddle: Meddle) {
    let Ok(client) = acceptor.accept(client).await else {
        return;
    };
    let tcp = wire::dial(&server).await.unwrap();
    let (said, mut to_server) = tokio::io::split(wire::encrypt(&server, tcp).await.unwrap());
    let (mut asked, mut to_client) = tokio::io::split(client);
    let answers = async {
        let mut said = BufReader::new(said);
        let mut line = Vec::new();
        while said
            .read_until(b'\n', &mut line)
            .await
            .is_ok_and(|bytes| bytes > 0)
        {
            let Some(spoiled) = meddle(&String::from_utf8_lossy(&line)) else {
                return;
            };
            if to_client.write_all(spoiled.as_bytes()).await.is_err() || to_client.flush().await.is_err() {
                return;
            }
            line.clear();
        }
    };
    tokio::select! {
        () = answers => {}
        _ = tokio::io::copy(&mut asked, &mut to_server) => {}
    }
}
