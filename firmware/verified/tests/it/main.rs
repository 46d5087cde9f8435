//! Groups and streams through the crate's public face, on bytes in memory.

#[cfg(test)]
mod groups;
#[cfg(test)]
mod streams;

#[cfg(test)]
mod common {
    use types::{Bytes, PackId};
    use verified::{GROUP_LEN, Told};

    /// Lengths around every border that there is.
    pub(crate) const LENGTHS: [u64; 9] = [
        1,
        1024,
        GROUP_LEN - 1,
        GROUP_LEN,
        GROUP_LEN + 1,
        2 * GROUP_LEN,
        5 * GROUP_LEN + 77,
        8 * GROUP_LEN,
        21 * GROUP_LEN - 1,
    ];

    /// Bytes of a group in memory.
    pub(crate) const GROUP: usize = 16 << 10;

    /// Bytes of some length, no two groups alike.
    pub(crate) fn bytes(len: u64) -> Vec<u8> {
        let group = |at: u64| (at / GROUP_LEN).to_le_bytes()[0].wrapping_mul(31);
        (0..len).map(|at| group(at) ^ (at % 251).to_le_bytes()[0]).collect()
    }

    pub(crate) fn told(bytes: &[u8]) -> Told {
        let root = PackId(*blake3::hash(bytes).as_bytes());
        Told::new(root, Bytes(bytes.len() as u64)).unwrap()
    }
}
