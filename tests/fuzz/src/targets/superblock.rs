//! The superblock: any bytes, and any bytes under a checksum that holds. It reads back as written.

use format::superblock::{LEN, Superblock};

use crate::seeds::{self, Seed};

/// First byte odd: the rest gets a true checksum. Else it is taken as it is.
pub fn run(data: &[u8]) {
    let Some((mode, rest)) = data.split_first() else { return };
    if mode & 1 == 0 {
        return check(rest);
    }
    let mut block = [0; LEN];
    let len = rest.len().min(LEN - 32);
    block[..len].copy_from_slice(&rest[..len]);
    let sum = *blake3::hash(&block[..LEN - 32]).as_bytes();
    block[LEN - 32..].copy_from_slice(&sum);
    check(&block);
}

fn check(bytes: &[u8]) {
    let Ok(read) = Superblock::decode(bytes) else { return };
    let written = read.encode();
    assert_eq!(Superblock::decode(&written), Ok(read), "it reads back as it was written");
}

/// Those of the golden volumes, as they are and without their checksum.
pub fn seeds() -> Vec<Seed> {
    let golden = seeds::golden(|name| name.starts_with("superblock."));
    golden
        .iter()
        .flat_map(|block| [[&[0][..], block].concat(), [&[1][..], &block[..LEN - 32]].concat()])
        .collect()
}
