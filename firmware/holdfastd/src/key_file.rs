//! Files that their owner put there: settings, and the secret that unlocks a box by itself.
//!
//! A secret is read from a file that nobody else may read or write, used and wiped. Start at
//! [`read_key_file`].

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use nix::fcntl::OFlag;
use nix::unistd::Uid;
use zeroize::Zeroizing;

use crate::error::StartError;
use crate::state::only_a_file;

/// A key file is never longer than this: 24 words, or a password.
const KEY_LEN_MAX: u64 = 1 << 14;

/// Opens a file that its owner put there, perhaps behind a link; a pipe holds nobody up.
pub(crate) fn plain(path: &Path) -> io::Result<File> {
    let flags = OFlag::O_NONBLOCK.bits();
    File::options().read(true).custom_flags(flags).open(path).and_then(only_a_file)
}

/// Whether a key file of that owner is believed: whoever may write it chooses what opens the vault.
fn may_own_key(owner: Uid, own: Uid) -> bool {
    owner == own || owner.is_root()
}

/// Reads a key file that nobody else may read or write. An editor's line end is no part of a password.
pub(crate) fn read_key_file(path: &Path) -> Result<Zeroizing<Vec<u8>>, StartError> {
    let failed = |source| StartError::KeyFile { path: path.to_owned(), source };
    let file = plain(path).map_err(failed)?;
    let meta = file.metadata().map_err(failed)?;
    if !may_own_key(Uid::from_raw(meta.uid()), Uid::effective()) {
        return Err(StartError::KeyFileOwner { path: path.to_owned(), owner: meta.uid() });
    }
    let mode = meta.permissions().mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(StartError::KeyFileOpen { path: path.to_owned(), mode });
    }
    // Reserved beforehand: a vector that grows leaves its old bytes behind.
    let room = usize::try_from(KEY_LEN_MAX).unwrap_or(0);
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    file.take(KEY_LEN_MAX).read_to_end(&mut bytes).map_err(failed)?;
    for ending in [b'\n', b'\r'] {
        if bytes.last() == Some(&ending) {
            bytes.pop();
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn a_key_file_is_the_boxs_own_or_roots() {
        let (own, other) = (Uid::from_raw(990), Uid::from_raw(1_000));
        assert!(may_own_key(own, own) && may_own_key(Uid::from_raw(0), own));
        assert!(!may_own_key(other, own) && !may_own_key(other, Uid::from_raw(0)));
    }

    /// Settings that were a pipe once held the start up for ever.
    #[test]
    fn a_pipe_by_the_name_of_a_file_is_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
        assert!(matches!(Config::load(&pipe), Err(StartError::Settings { .. })));
        assert!(matches!(read_key_file(&pipe), Err(StartError::KeyFile { .. })));
    }
}
