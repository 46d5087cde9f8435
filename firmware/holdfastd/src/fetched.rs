//! A pack that comes back from a friend, whole in memory before a disk sees it. Start at [`fetched`].

use std::io;

use calls::{Fault, FaultCode};
use friends::Fetching;
use types::{Bytes, PackId};

/// All bytes of a pack, as they came: what they are is for whoever takes them to see.
pub(crate) fn fetched(root: PackId, fetching: &mut Fetching<'_>) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    let len = fetching(&mut |at, piece| {
        // Pieces come in order; what would leave a gap is none of this pack.
        if at != bytes.len() as u64 {
            return Err(io::Error::from(io::ErrorKind::InvalidData));
        }
        bytes.extend_from_slice(piece);
        Ok(())
    })?;
    if len != Bytes(bytes.len() as u64) {
        let sentence = format!("Of pack {} came {} bytes of {len}.", root.short(), bytes.len());
        return Err(Fault::new(FaultCode::Failed, sentence, "It is tried again by itself."));
    }
    Ok(bytes)
}
