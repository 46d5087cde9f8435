//! A note that is kept for a friend: any bytes, and any bytes under a checksum that holds. There is one
//! way to write a note.

use format::note::{HEADER_LEN, Note, NoteKind, SUM_LEN};
use types::{Bytes, OwnerKey};

use crate::seeds::Seed;

/// First byte odd: the rest gets a true checksum. Else it is taken as it is.
pub fn run(data: &[u8]) {
    let Some((mode, rest)) = data.split_first() else { return };
    if mode & 1 == 0 {
        return check(rest);
    }
    let mut note = rest.to_vec();
    note.extend(blake3::hash(rest).as_bytes());
    check(&note);
}

fn check(bytes: &[u8]) {
    let Ok(read) = Note::decode(bytes) else { return };
    assert_eq!(read.body.len(), bytes.len() - HEADER_LEN - SUM_LEN);
    if let Ok(promised) = read.promised() {
        assert_eq!(Note::promise(read.owner, read.generation, promised), read);
    }
    assert_eq!(read.encode().as_deref(), Some(bytes), "there is one way to write a note");
}

/// A promise and a head, as they are and without their checksum.
pub fn seeds() -> Vec<Seed> {
    let promise = Note::promise(OwnerKey([0xab; 32]), 7, Bytes(5_000_000_000));
    let head = Note { kind: NoteKind::Head, body: b"an envelope".to_vec(), ..promise.clone() };
    let notes = [promise, head].into_iter().filter_map(|note| note.encode());
    let seeds = notes.flat_map(|note| {
        let covered = note.len() - SUM_LEN;
        [[&[0][..], &note].concat(), [&[1][..], &note[..covered]].concat()]
    });
    seeds.collect()
}
