//! What a box that loses its own disk needs to find its friends again, as it lies sealed on the vault's disks.
//!
//! Pure: bytes in, bytes out. The newest counts, and only in a box that has nothing of its own. Layout:
//! `docs/formats/friends.md`; why so: ADR 38. Start at [`Mirror`].

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use crate::notes::Notes;

const VERSION: u16 = 1;

/// All of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mirror {
    /// Counts up with each time that it is written.
    pub turn: u64,
    /// The key by which friends know the box.
    pub secret: Secret,
    /// Names, limits and how friends were seen.
    pub notes: Notes,
    /// Of each friend the records with which its log begins anew.
    pub logs: BTreeMap<String, Vec<Vec<u8>>>,
}

/// A key that no log shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub Zeroizing<[u8; 32]>);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl Mirror {
    /// As bytes, to be sealed.
    pub fn bytes(&self) -> Result<Zeroizing<Vec<u8>>, serde_json::Error> {
        let mut out = Zeroizing::new(Vec::new());
        out.extend_from_slice(&VERSION.to_le_bytes());
        out.extend_from_slice(&self.turn.to_le_bytes());
        out.extend_from_slice(&*self.secret.0);
        put(&mut out, &serde_json::to_vec(&self.notes)?);
        put_count(&mut out, self.logs.len());
        for (name, records) in &self.logs {
            put(&mut out, name.as_bytes());
            put_count(&mut out, records.len());
            records.iter().for_each(|record| put(&mut out, record));
        }
        Ok(out)
    }

    /// What was written so; none when it is anything else.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let (version, rest) = bytes.split_first_chunk::<2>()?;
        let (turn, rest) = rest.split_first_chunk::<8>()?;
        let (secret, mut rest) = rest.split_first_chunk::<32>()?;
        if u16::from_le_bytes(*version) != VERSION {
            return None;
        }
        let notes = serde_json::from_slice(take(&mut rest)?).ok()?;
        let mut logs = BTreeMap::new();
        for _ in 0..count(&mut rest)? {
            let name = std::str::from_utf8(take(&mut rest)?).ok()?.to_owned();
            let mut records = Vec::new();
            for _ in 0..count(&mut rest)? {
                records.push(take(&mut rest)?.to_vec());
            }
            logs.insert(name, records);
        }
        let turn = u64::from_le_bytes(*turn);
        let secret = Secret(Zeroizing::new(*secret));
        rest.is_empty().then_some(Self { turn, secret, notes, logs })
    }
}

/// Whether a box has nothing of its own that could be newer than what the disks keep: it never kept anything
/// there, and has no series of records. Or it began to take over what they keep and came to no end.
pub fn is_fresh(notes: &Notes, series: usize) -> bool {
    notes.mirrored == 0 && (notes.restoring || notes.friends.is_empty() && series == 0)
}

fn put(out: &mut Vec<u8>, bytes: &[u8]) {
    put_count(out, bytes.len());
    out.extend_from_slice(bytes);
}

fn put_count(out: &mut Vec<u8>, count: usize) {
    out.extend_from_slice(&(count as u64).to_le_bytes());
}

fn count(rest: &mut &[u8]) -> Option<u64> {
    let (count, left) = rest.split_first_chunk::<8>()?;
    *rest = left;
    Some(u64::from_le_bytes(*count))
}

fn take<'b>(rest: &mut &'b [u8]) -> Option<&'b [u8]> {
    let len = usize::try_from(count(rest)?).ok()?;
    let (bytes, left) = rest.split_at_checked(len)?;
    *rest = left;
    Some(bytes)
}
