//! Packs of friends, the streams that bring them, and a friend who brings them.
//!
//! Nothing here is sealed: a host cannot tell. Start at [`pack`] and [`bring`].

use types::{Bytes, OwnerKey, PackId};
use verified::{GROUP_LEN, Groups, Outboard, Told, send};
use volume::hosted::{Begun, Hosted, HostedError, Receipt};

/// A friend.
pub const ANNA: OwnerKey = OwnerKey([0xa1; 32]);
/// Another one.
pub const BEN: OwnerKey = OwnerKey([0xb2; 32]);

/// A pack of so many whole groups and a few bytes, and what is told of it. No byte is zero, as what a
/// power cut leaves may be, and no group is like another.
pub fn pack(seed: u8, groups: u8, more: u64) -> (Told, Vec<u8>) {
    let len = u64::from(groups) * GROUP_LEN + more;
    let byte = |at: u64| {
        let group = (at / GROUP_LEN).to_le_bytes()[0];
        (at % 249).to_le_bytes()[0] ^ seed.wrapping_mul(37) ^ group.wrapping_mul(11) | 1
    };
    named((0..len).map(byte).collect())
}

/// Any bytes as a pack.
pub fn named(bytes: Vec<u8>) -> (Told, Vec<u8>) {
    let root = PackId(*blake3::hash(&bytes).as_bytes());
    let told = Told::new(root, Bytes(bytes.len() as u64)).expect("no test makes it too long");
    (told, bytes)
}

/// What an owner sends for these groups.
pub fn stream(bytes: &[u8], groups: &Groups) -> Vec<u8> {
    let (told, _) = named(bytes.to_vec());
    let outboard = Outboard::of(&told, bytes).expect("memory can be read");
    let outboard = outboard.expect("the name was made of these bytes");
    let mut sent = Vec::new();
    send(&outboard, &bytes, groups, &mut sent).expect("whole bytes are sent to memory");
    sent
}

/// Brings a pack, as far as it is not there.
pub fn bring(hosted: &Hosted, owner: OwnerKey, bytes: &[u8]) -> Result<Receipt, HostedError> {
    let (told, _) = named(bytes.to_vec());
    match hosted.begin(owner, told)? {
        Begun::AlreadyThere(receipt) => Ok(receipt),
        Begun::Wanted(mut incoming) => {
            let missing = incoming.missing();
            incoming.take(&missing, &stream(bytes, &missing)[..])?;
            incoming.finish()
        }
    }
}

/// What a host answers for all of a pack.
pub fn fetch(hosted: &Hosted, owner: OwnerKey, told: Told) -> Result<Vec<u8>, HostedError> {
    let kept = hosted.open(owner, told.root())?;
    let mut answer = Vec::new();
    kept.answer(&Groups::all(&kept.told()), &mut answer)?;
    Ok(answer)
}

/// Whether a host answers rightly for all of a pack.
pub fn is_kept(hosted: &Hosted, owner: OwnerKey, bytes: &[u8]) -> bool {
    let (told, _) = named(bytes.to_vec());
    let right = stream(bytes, &Groups::all(&told));
    fetch(hosted, owner, told).is_ok_and(|answer| answer == right)
}
