//! What a backup leaves out whatever is asked for, and how much of that it names.
//!
//! The walk decides nothing of this by itself. Start at [`too_far_down`].

use filetree::Folder;
use format::record::{SKIPPED_NAMED_MAX, Skipped};
use minicbor::bytes::ByteVec;
use tree::{PATH_DEPTH_MAX, PATH_LEN_MAX};

/// Bytes of all paths and reasons that are named: they stand in one record, which a pack has to hold, and a path
/// may be as long as [`PATH_LEN_MAX`].
const NAMED_BYTES_MAX: usize = 1 << 20;

/// What was left out, as far as it is named.
#[derive(Debug, Default)]
pub(crate) struct LeftOut {
    pub(crate) named: Vec<Skipped>,
    bytes: usize,
}

impl LeftOut {
    /// Names one more, if there is room for it.
    pub(crate) fn name(&mut self, path: Vec<u8>, reason: String) {
        let bytes = self.bytes.saturating_add(path.len() + reason.len());
        if self.named.len() < SKIPPED_NAMED_MAX && bytes <= NAMED_BYTES_MAX {
            self.bytes = bytes;
            self.named.push(Skipped { path: ByteVec::from(path), reason });
        }
    }
}

/// Why a path can stand in no version, if so. Whoever takes versions from others refuses a whole one for one such
/// path, and a folder that some program made in itself over and over again should cost no more than that folder.
pub(crate) fn too_far_down(path: &[u8]) -> Option<&'static str> {
    if path.len() > PATH_LEN_MAX {
        return Some("its path is longer than 65,536 bytes");
    }
    let depth = path.iter().filter(|byte| **byte == b'/').count() + 1;
    (depth > PATH_DEPTH_MAX).then_some("it lies more than 4,096 folders down")
}

/// Whether a folder is a volume's: a vault must not swallow itself.
pub(crate) fn is_volume(name: &[u8], folder: &Folder) -> bool {
    name == b"holdfast" && folder.stat(b"superblock.0").is_ok() && folder.stat(b"heads").is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_version_can_hold_is_taken_to_the_last_byte_and_the_last_folder() {
        let far = |path: String| too_far_down(path.as_bytes());
        assert_eq!(far("n".repeat(65_536)), None);
        assert_eq!(far("n".repeat(65_537)), Some("its path is longer than 65,536 bytes"));
        assert_eq!(far(format!("{}f", "d/".repeat(4_095))), None);
        let deep = far(format!("{}f", "d/".repeat(4_096)));
        assert_eq!(deep, Some("it lies more than 4,096 folders down"));
    }

    #[test]
    fn of_many_long_paths_as_many_are_named_as_one_record_holds() {
        let mut left_out = LeftOut::default();
        for _ in 0..100 {
            left_out.name(vec![b'p'; PATH_LEN_MAX], "it cannot be read".to_owned());
        }
        assert_eq!(left_out.named.len(), 15);
        left_out.name(b"short".to_vec(), "it cannot be read".to_owned());
        assert_eq!(left_out.named.len(), 16, "what is short may still be");
    }
}
