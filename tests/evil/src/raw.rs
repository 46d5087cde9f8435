//! The peer itself: a box with keys of its own that dials, accepts, and writes any bytes.
//!
//! It knows frames and nothing of what they are for; every wait is bounded. Start at [`Evil::new`],
//! then [`Line::ask`] and [`Stream`].

use std::time::Duration;

use iroh::endpoint::{
    Connection, ConnectionError, PortmapperConfig, QuicTransportConfig, RecvStream, SendStream,
    VarInt, presets,
};
use iroh::{Endpoint, EndpointAddr, PublicKey, TransportAddr};
use peer_proto::invite::{EXPORT_LABEL, Session};
use peer_proto::pact::Side;
use peer_proto::wire::{
    ALPN_CTL, ALPN_PACK, ALPN_PAIR, Frame, PREFIX_LEN, Text, body_len, decode, encode,
};
use tokio::runtime::Handle;
use tokio::time::timeout;
use types::{EndpointId, Signer, VaultId};

use crate::chain::Key;
use crate::{Outcome, house, said};

/// An answer that does not come within this comes never, as far as the table is concerned.
pub const PATIENCE: Duration = Duration::from_secs(15);

/// Where a box is.
#[derive(Clone, Debug)]
pub struct Peer {
    /// Which.
    pub endpoint: EndpointId,
    /// Where.
    pub addresses: Vec<String>,
}

/// Somebody who means harm.
#[derive(Clone, Debug)]
pub struct Evil {
    seed: u64,
    /// The endpoint, for what is not written down here.
    pub endpoint: Endpoint,
    /// Where everything runs.
    pub runtime: Handle,
}

/// A connection.
#[derive(Clone, Debug)]
pub struct Line {
    /// The connection.
    pub connection: Connection,
    runtime: Handle,
}

/// A stream that was opened.
#[derive(Debug)]
pub struct Stream {
    /// To the box.
    pub send: SendStream,
    /// From the box.
    pub recv: RecvStream,
    runtime: Handle,
}

impl Evil {
    /// A peer of this number on the loopback.
    pub fn new(runtime: &Handle, seed: u64) -> Outcome<Self> {
        let transport = QuicTransportConfig::builder()
            .max_concurrent_bidi_streams(VarInt::from_u32(64))
            .build();
        let binding = async {
            Endpoint::builder(presets::Minimal)
                .secret_key(Key::of(seed).0)
                .alpns(vec![ALPN_PAIR.to_vec(), ALPN_CTL.to_vec(), ALPN_PACK.to_vec()])
                .portmapper_config(PortmapperConfig::Disabled)
                .transport_config(transport)
                .clear_ip_transports()
                .bind_addr("127.0.0.1:0")
                .map_err(|error| error.to_string())?
                .bind()
                .await
                .map_err(|error| error.to_string())
        };
        let endpoint = said("bind the evil peer", runtime.block_on(binding))?;
        Ok(Self { seed, endpoint, runtime: runtime.clone() })
    }

    /// Its key.
    pub fn key(&self) -> Key {
        Key::of(self.seed)
    }

    /// Who it is.
    pub fn id(&self) -> EndpointId {
        EndpointId(self.key().public())
    }

    /// Who it says that it is.
    pub fn side(&self) -> Side {
        Side { label: Text::new("evil").unwrap_or_default(), ..house::side(self.seed) }
    }

    /// Its vault.
    pub fn vault(&self) -> VaultId {
        house::vault(self.seed)
    }

    /// What its 24 words would sign with.
    pub fn recovery(&self) -> Key {
        house::recovery(self.seed)
    }

    /// What signs its heads.
    pub fn writer(&self) -> Key {
        house::writer(self.seed)
    }

    /// Where it listens.
    pub fn addresses(&self) -> Vec<String> {
        let ip = |address: &TransportAddr| match address {
            TransportAddr::Ip(ip) => Some(ip.to_string()),
            _ => None,
        };
        self.endpoint.addr().addrs.iter().filter_map(ip).collect()
    }

    /// Dials.
    pub fn dial(&self, to: &Peer, alpn: &[u8]) -> Outcome<Line> {
        let connection = self.runtime.block_on(self.dialled(to, alpn))?;
        Ok(Line { connection, runtime: self.runtime.clone() })
    }

    /// Dials, for whoever runs already.
    pub async fn dialled(&self, to: &Peer, alpn: &[u8]) -> Outcome<Connection> {
        let id = said("read an endpoint", PublicKey::from_bytes(&to.endpoint.0))?;
        let ips = to.addresses.iter().filter_map(|text| text.parse().ok());
        let address = EndpointAddr::from_parts(id, ips.map(TransportAddr::Ip));
        let dialling = timeout(PATIENCE, self.endpoint.connect(address, alpn)).await;
        said("dial", said("dial in time", dialling)?)
    }
}

impl Line {
    /// A line on this connection.
    pub fn over(connection: Connection, runtime: &Handle) -> Self {
        Self { connection, runtime: runtime.clone() }
    }

    /// A new stream; an error when the box gives none in time.
    pub fn open(&self) -> Outcome<Stream> {
        self.open_within(PATIENCE)
    }

    /// The same, with less patience.
    pub fn open_within(&self, within: Duration) -> Outcome<Stream> {
        let opening = async { timeout(within, self.connection.open_bi()).await };
        let opened = said("open a stream in time", self.runtime.block_on(opening))?;
        let (send, recv) = said("open a stream", opened)?;
        Ok(Stream { send, recv, runtime: self.runtime.clone() })
    }

    /// Asks and hears one answer.
    pub fn ask<A: Frame, S: Frame>(&self, ask: &A) -> Outcome<S> {
        self.ask_bytes(&said("encode", encode(ask))?)
    }

    /// Sends these bytes as they are and hears one answer.
    pub fn ask_bytes<S: Frame>(&self, bytes: &[u8]) -> Outcome<S> {
        let mut stream = self.open()?;
        stream.write(bytes)?;
        stream.finish();
        stream.read()
    }

    /// The bytes of a frame with this body, which may be none.
    pub fn framed(body: &[u8]) -> Vec<u8> {
        let len = u32::try_from(body.len()).unwrap_or(u32::MAX);
        [&len.to_le_bytes()[..], body].concat()
    }

    /// With which code the box closed it; an error while it is open after all patience.
    pub fn closed(&self) -> Outcome<u64> {
        let closing = async { timeout(PATIENCE, self.connection.closed()).await };
        match said("the connection is closed", self.runtime.block_on(closing))? {
            ConnectionError::ApplicationClosed(close) => Ok(close.error_code.into_inner()),
            other => Err(format!("the connection ended otherwise: {other}")),
        }
    }

    /// Whether the box still holds it.
    pub fn is_open(&self) -> bool {
        self.connection.close_reason().is_none()
    }

    /// This connection, as proofs are bound to it; the box was dialled.
    pub fn session(&self, own: EndpointId) -> Outcome<Session> {
        let mut exported = [0; 32];
        let exporting = self.connection.export_keying_material(&mut exported, EXPORT_LABEL, b"");
        exporting.map_err(|error| format!("export keying material: {error:?}"))?;
        let inviter = EndpointId(*self.connection.remote_id().as_bytes());
        Ok(Session { exported, inviter, invitee: own })
    }
}

impl Stream {
    /// Writes these bytes; an error when the box takes no more.
    pub fn write(&mut self, bytes: &[u8]) -> Outcome<()> {
        let writing = async { timeout(PATIENCE, self.send.write_all(bytes)).await };
        said("write", said("write in time", self.runtime.block_on(writing))?)
    }

    /// Nothing more comes. A stream that was cut needs no end.
    pub fn finish(&mut self) {
        drop(self.send.finish());
    }

    /// One frame from the box.
    pub fn read<S: Frame>(&mut self) -> Outcome<S> {
        let recv = &mut self.recv;
        let reading = async { timeout(PATIENCE, read_frame(recv)).await };
        said("an answer in time", self.runtime.block_on(reading))?
    }

    /// All that still comes, up to so many bytes; whether the stream ended well.
    pub fn rest(&mut self, most: usize) -> Outcome<Vec<u8>> {
        let reading = async { timeout(PATIENCE, self.recv.read_to_end(most)).await };
        said("the rest", said("the rest in time", self.runtime.block_on(reading))?)
    }
}

/// One frame.
pub async fn read_frame<F: Frame>(from: &mut RecvStream) -> Outcome<F> {
    let mut prefix = [0; PREFIX_LEN];
    said("the length of an answer", from.read_exact(&mut prefix).await)?;
    let len = said("the length of an answer", body_len(prefix))?;
    let mut body = vec![0; len];
    said("an answer", from.read_exact(&mut body).await)?;
    said("an answer", decode(&body))
}

/// Writes one frame; whether it went.
pub async fn write_frame<F: Frame>(to: &mut SendStream, frame: &F) -> bool {
    match encode(frame) {
        Ok(bytes) => to.write_all(&bytes).await.is_ok(),
        Err(_) => false,
    }
}
