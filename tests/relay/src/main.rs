//! A relay for rigs: `relay FOLDER ADDRESS`, over TLS, with address discovery, for whoever dials it.
//!
//! It makes itself a certificate, puts that into `FOLDER/ca.der`, says `ready url=...` and runs
//! until it is killed. It keeps nobody out, so it is for tests alone. Start at [`run`].

use std::fs::File;
use std::io::{self, Write};
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::process::ExitCode;

use iroh_relay::defaults::DEFAULT_RELAY_QUIC_PORT;
use iroh_relay::server::{CertConfig, QuicConfig, RelayConfig, Server, ServerConfig, TlsConfig};
use rcgen::generate_simple_self_signed;
use rustls::crypto::ring;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// Where homes look for a relay.
const HTTPS_PORT: u16 = 443;

type Failed = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let ended = match &words[..] {
        [folder, address] => run(Path::new(folder), address),
        _ => Err("usage: relay FOLDER ADDRESS".into()),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("no {error}"));
            ExitCode::FAILURE
        }
    }
}

fn run(folder: &Path, address: &str) -> Result<(), Failed> {
    let at: IpAddr = address.parse()?;
    let (server_config, authority) = certificate(at)?;
    File::create(folder.join("ca.der"))?.write_all(&authority)?;
    let mut relay = RelayConfig::new(SocketAddr::new(at, 0));
    let tls = TlsConfig::new(SocketAddr::new(at, HTTPS_PORT), CertConfig::Manual { server_config });
    relay.tls = Some(tls);
    let mut config = ServerConfig::default();
    config.relay = Some(relay);
    config.quic = Some(QuicConfig::new(SocketAddr::new(at, DEFAULT_RELAY_QUIC_PORT)));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut server = Server::spawn(config).await?;
        say(&format!("ready url=https://{at}:{HTTPS_PORT}"));
        server.join().await??;
        Ok(())
    })
}

/// TLS for this address, and the certificate by which it is known, as DER.
fn certificate(at: IpAddr) -> Result<(rustls::ServerConfig, Vec<u8>), Failed> {
    let made = generate_simple_self_signed(vec![at.to_string()])?;
    let shown = made.cert.der().clone();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let config = rustls::ServerConfig::builder_with_provider(ring::default_provider().into())
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![shown.clone()], key)?;
    Ok((config, shown.to_vec()))
}

fn say(line: &str) {
    let mut out = io::stdout().lock();
    // Nobody to read it is no error.
    drop(out.write_all(format!("{line}\n").as_bytes()).and_then(|()| out.flush()));
}
