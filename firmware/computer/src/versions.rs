//! Versions of this computer on the box, and pieces of one.
//!
//! Every piece that comes is named again before it is believed. Start at [`versions`].

use calls::afar::{ASKED_MAX, OneVersion, PieceHead, Versions, name, unhex};
use format::entry::Entry;
use format::from_cbor;
use seal::NamingKeys;
use types::{ChunkId, UnixTime};

use crate::error::ComputerError;
use crate::line::{Line, escaped, json};
use crate::pairing::Pairing;

/// Fewer digits of an id than this are a slip, not a name.
const ID_DIGITS_MIN: usize = 4;

/// A version on the box.
#[derive(Clone, Debug)]
pub struct Version {
    /// Its id.
    pub id: String,
    /// When the box had it all.
    pub received: UnixTime,
    /// Its files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// What could not be read.
    pub skipped: u64,
    /// Its top folder.
    pub root: Entry,
}

/// All versions of this computer, the oldest first.
pub fn versions(line: &Line, pairing: &Pairing) -> Result<Vec<Version>, ComputerError> {
    let mut all = Vec::new();
    loop {
        let path = format!("computers/{}/versions?skip={}", escaped(&pairing.source), all.len());
        let page: Versions = json(&line.get(&path)?)?;
        let (count, more) = (page.versions.len(), page.more);
        for one in page.versions {
            all.push(read(one)?);
        }
        if !more || count == 0 {
            return Ok(all);
        }
    }
}

fn read(one: OneVersion) -> Result<Version, ComputerError> {
    let root = unhex(&one.root).and_then(|bytes| from_cbor::<Entry>("top folder", &bytes).ok());
    let odd = || ComputerError::Odd { what: "a top folder that is none".to_owned() };
    Ok(Version {
        id: one.id,
        received: UnixTime(one.received_ms),
        files: one.files,
        bytes: one.bytes,
        skipped: one.skipped,
        root: root.ok_or_else(odd)?,
    })
}

/// The version that is meant by `latest` or the front of an id.
pub fn find(all: Vec<Version>, name: &str) -> Result<Version, ComputerError> {
    let missing = || ComputerError::NoVersion { name: name.to_owned() };
    if name == "latest" {
        return all.into_iter().next_back().ok_or_else(missing);
    }
    let wanted = name.to_ascii_lowercase();
    let is_it = |one: &Version| wanted.len() >= ID_DIGITS_MIN && one.id.starts_with(&wanted);
    let mut found: Vec<Version> = all.into_iter().filter(is_it).collect();
    if found.len() == 1 { Ok(found.remove(0)) } else { Err(missing()) }
}

/// Pieces of a version, in order, each what its name says.
pub(crate) fn fetch(
    (line, pairing, keys): (&Line, &Pairing, &NamingKeys),
    version: &str,
    asked: &[(bool, ChunkId)],
) -> Result<Vec<Vec<u8>>, ComputerError> {
    assert!(asked.len() <= ASKED_MAX, "whoever asks for more asks twice");
    let names: Vec<u8> = asked.iter().flat_map(|(kind, id)| name(*kind, &id.0)).collect();
    let path = format!("computers/{}/fetch?version={version}", escaped(&pairing.source));
    let body = line.post(&path, &names)?;
    let odd = |what: &str| ComputerError::Odd { what: what.to_owned() };
    let (mut rest, mut pieces) = (&body[..], Vec::with_capacity(asked.len()));
    for (is_object, id) in asked {
        let (head, after) = rest
            .split_first_chunk::<{ PieceHead::LEN }>()
            .ok_or_else(|| odd("fewer pieces than were asked for"))?;
        let head = PieceHead::read(head).ok_or_else(|| odd("a piece without a head"))?;
        let len = head.len as usize;
        let bytes = after.get(..len).ok_or_else(|| odd("a piece that breaks off"))?;
        let named = if *is_object { keys.object_id(bytes) } else { keys.chunk_id(bytes) };
        if named != *id {
            return Err(odd("a piece that is not what its name says"));
        }
        pieces.push(bytes.to_vec());
        rest = &after[len..];
    }
    Ok(pieces)
}
