//! A box that says whatever it likes, for tests: raw frames on real connections.
//!
//! No part of a federation: it keeps to no rule. Start at [`Client::connect`].

use std::net::SocketAddr;
use std::time::Duration;

use iroh::endpoint::{
    Connection, ConnectionError, PortmapperConfig, RecvStream, SendStream, presets,
};
use iroh::{Endpoint, SecretKey};
use peer_proto::wire::{PREFIX_LEN, body_len};
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;
use types::EndpointId;

use crate::endpoint;
use crate::error::FederationError;

/// Whatever does not come within this does not come.
const WITHIN: Duration = Duration::from_secs(20);

/// What came of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Met {
    /// One frame, its length taken off.
    Frame(Vec<u8>),
    /// The other side closed the connection, with this code.
    Closed(u64),
    /// The stream ended, or was cut.
    Ended,
    /// Nothing in time.
    Silence,
}

/// A box with a key and no manners.
#[derive(Debug)]
pub struct Client {
    runtime: Runtime,
    endpoint: Endpoint,
}

/// One connection.
#[derive(Debug)]
pub struct RawLine<'a> {
    client: &'a Client,
    connection: Connection,
}

/// One stream of it.
#[derive(Debug)]
pub struct RawStream<'a> {
    line: &'a RawLine<'a>,
    send: SendStream,
    recv: RecvStream,
}

fn cannot(error: impl std::fmt::Display) -> FederationError {
    FederationError::NotReached(error.to_string())
}

impl Client {
    /// With this key, on any port of 127.0.0.1.
    pub fn new(secret: [u8; 32]) -> Result<Self, FederationError> {
        let runtime =
            Builder::new_multi_thread().worker_threads(1).enable_all().build().map_err(cannot)?;
        let builder = Endpoint::builder(presets::Minimal)
            .secret_key(SecretKey::from_bytes(&secret))
            .portmapper_config(PortmapperConfig::Disabled)
            .clear_ip_transports()
            .bind_addr("127.0.0.1:0")
            .map_err(cannot)?;
        let endpoint = runtime.block_on(builder.bind()).map_err(cannot)?;
        Ok(Self { runtime, endpoint })
    }

    /// Dials a box.
    pub fn connect(
        &self,
        to: EndpointId,
        at: SocketAddr,
        alpn: &[u8],
    ) -> Result<RawLine<'_>, FederationError> {
        let text = at.to_string();
        let to = endpoint::address(to, [text.as_str()]).ok_or_else(|| cannot("no key"))?;
        let dialled =
            self.runtime.block_on(async { timeout(WITHIN, self.endpoint.connect(to, alpn)).await });
        let connection = dialled.map_err(cannot)?.map_err(cannot)?;
        Ok(RawLine { client: self, connection })
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        drop(self.runtime.block_on(async { timeout(WITHIN, self.endpoint.close()).await }));
    }
}

impl RawLine<'_> {
    /// Sends these bytes on a new stream, ends it, and reads one frame.
    pub fn ask(&self, bytes: &[u8]) -> Met {
        self.client.runtime.block_on(self.ask_once(bytes))
    }

    /// The same so many times at once, as fast as streams are let.
    pub fn ask_at_once(&self, bytes: &[u8], times: usize) -> Vec<Met> {
        self.client.runtime.block_on(async {
            let mut met = Vec::new();
            let lanes = peer_proto::limits::STREAMS_MAX;
            for _ in 0..times.div_ceil(lanes) {
                let mut all = tokio::task::JoinSet::new();
                for _ in 0..lanes {
                    let (connection, bytes) = (self.connection.clone(), bytes.to_vec());
                    all.spawn(async move { ask_on(&connection, &bytes).await });
                }
                met.extend(all.join_all().await);
                if self.connection.close_reason().is_some() {
                    break;
                }
            }
            met
        })
    }

    async fn ask_once(&self, bytes: &[u8]) -> Met {
        ask_on(&self.connection, bytes).await
    }

    /// A stream on which anything may be said.
    pub fn open(&self) -> Result<RawStream<'_>, Met> {
        let opened = self
            .client
            .runtime
            .block_on(async { timeout(WITHIN, self.connection.open_bi()).await });
        match opened {
            Ok(Ok((send, recv))) => Ok(RawStream { line: self, send, recv }),
            Ok(Err(error)) => Err(closed_with(&error)),
            Err(_) => Err(Met::Silence),
        }
    }

    /// With which code the other side closed; waits for it.
    pub fn closed(&self) -> Met {
        match self
            .client
            .runtime
            .block_on(async { timeout(WITHIN, self.connection.closed()).await })
        {
            Ok(error) => closed_with(&error),
            Err(_) => Met::Silence,
        }
    }

    /// Ends it with a code.
    pub fn close(&self, code: u32) {
        self.connection.close(code.into(), b"");
    }

    /// Keying material, as an invite is proved with.
    pub fn exported(&self) -> Option<[u8; 32]> {
        crate::knock::exported(&self.connection)
    }
}

impl RawStream<'_> {
    /// Sends these bytes; false when the other side takes no more.
    pub fn send(&mut self, bytes: &[u8]) -> bool {
        let send = &mut self.send;
        let sent = async { timeout(WITHIN, send.write_all(bytes)).await };
        matches!(self.line.client.runtime.block_on(sent), Ok(Ok(())))
    }

    /// Nothing more is sent.
    pub fn finish(&mut self) {
        drop(self.send.finish());
    }

    /// Cuts what is sent.
    pub fn reset(&mut self) {
        drop(self.send.reset(0_u32.into()));
    }

    /// Reads one frame.
    pub fn frame(&mut self) -> Met {
        let Self { line, recv, .. } = self;
        line.client.runtime.block_on(read(&line.connection, recv))
    }

    /// Reads up to so many bytes that follow a frame, to the end of the stream.
    pub fn body(&mut self, most: usize) -> Option<Vec<u8>> {
        let recv = &mut self.recv;
        let read = async { timeout(WITHIN, recv.read_to_end(most)).await };
        self.line.client.runtime.block_on(read).ok()?.ok()
    }
}

async fn ask_on(connection: &Connection, bytes: &[u8]) -> Met {
    let (mut send, mut recv) = match timeout(WITHIN, connection.open_bi()).await {
        Ok(Ok(ends)) => ends,
        Ok(Err(error)) => return closed_with(&error),
        Err(_) => return Met::Silence,
    };
    // Whether it was taken is seen by what comes.
    drop(timeout(WITHIN, send.write_all(bytes)).await);
    drop(send.finish());
    read(connection, &mut recv).await
}

async fn read(connection: &Connection, recv: &mut RecvStream) -> Met {
    let frame = async {
        let mut prefix = [0; PREFIX_LEN];
        recv.read_exact(&mut prefix).await.ok()?;
        let mut body = vec![0; body_len(prefix).ok()?];
        recv.read_exact(&mut body).await.ok()?;
        Some(body)
    };
    match timeout(WITHIN, frame).await {
        Ok(Some(body)) => Met::Frame(body),
        Ok(None) => connection.close_reason().map_or(Met::Ended, |error| closed_with(&error)),
        Err(_) => Met::Silence,
    }
}

fn closed_with(error: &ConnectionError) -> Met {
    match error {
        ConnectionError::ApplicationClosed(closed) => Met::Closed(closed.error_code.into()),
        _ => Met::Ended,
    }
}
