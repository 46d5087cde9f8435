//! The chain of a test box's own heads: rightly signed envelopes around bytes that look sealed.
//!
//! Kept as files that are named by number, so that a restart knows the chain. Start at [`Heads::next`].

use std::io;
use std::path::PathBuf;

use format::head::{Envelope, VERSION};
use format::to_cbor;
use peer_proto::heads::link;
use peer_proto::owner::OwnHead;
use peer_proto::sign::Signature;
use peer_proto::wire::HeadPoint;
use types::{HeadHash, Signer, VaultId};

use crate::folder;
use crate::keys::Keys;

/// Digits of a file's name: in the order of the names the heads follow each other.
const DIGITS: usize = 20;

/// All own heads.
#[derive(Debug)]
pub struct Heads {
    folder: PathBuf,
    chain: Vec<(HeadPoint, Vec<u8>)>,
}

impl Heads {
    /// Those in a folder, which is made.
    pub fn at(path: PathBuf) -> io::Result<Self> {
        let folder = folder::made(path)?;
        let mut chain = Vec::new();
        for name in folder::names(&folder)? {
            let Ok(seq) = name.parse() else { continue };
            let bytes = folder::read(&folder.join(&name))?.unwrap_or_default();
            chain.push((point(seq, &bytes), bytes));
        }
        Ok(Self { folder, chain })
    }

    /// Makes the next head around these bytes; durable when it returns.
    pub fn next(&mut self, keys: &Keys, payload: &[u8]) -> io::Result<OwnHead> {
        let newest = self.newest();
        let (seq, previous) = newest.map_or((1, HeadHash([0; 32])), |at| (at.seq + 1, at.hash));
        let bytes = signed(keys.vault(), seq, previous, payload, &keys.writer);
        folder::put(&self.folder, &format!("{seq:0DIGITS$}"), &bytes)?;
        let point = point(seq, &bytes);
        let len = bytes.len() as u64;
        self.chain.push((point, bytes));
        Ok(OwnHead { point, previous, len, vouched: None, link: None, anew: None })
    }

    /// The newest one.
    pub fn newest(&self) -> Option<HeadPoint> {
        self.chain.last().map(|(point, _)| *point)
    }

    /// The bytes of one.
    pub fn bytes(&self, point: HeadPoint) -> Option<Vec<u8>> {
        let found = self.chain.iter().find(|(own, _)| *own == point);
        found.map(|(_, bytes)| bytes.clone())
    }

    /// The writer's word that one follows another.
    pub fn link(&self, keys: &Keys, from: HeadPoint, to: HeadPoint) -> Option<Signature> {
        let both = self.bytes(from).is_some() && self.bytes(to).is_some();
        (both && from.seq < to.seq).then(|| link(keys.vault(), from, to, &keys.writer))
    }
}

/// A head as stored, signed by this writer.
pub fn signed(
    vault: VaultId,
    seq: u64,
    previous: HeadHash,
    payload: &[u8],
    writer: &dyn Signer,
) -> Vec<u8> {
    let mut envelope = Envelope {
        version: VERSION,
        vault,
        seq,
        previous,
        writer: writer.public(),
        payload: payload.to_vec().into(),
        signature: [0; 64],
    };
    envelope.signature = writer.sign(&envelope.signed_bytes());
    to_cbor(&envelope)
}

fn point(seq: u64, bytes: &[u8]) -> HeadPoint {
    HeadPoint { seq, hash: HeadHash(*blake3::hash(bytes).as_bytes()) }
}
