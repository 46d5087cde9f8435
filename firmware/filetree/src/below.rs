//! Opening one file of a folder by its whole path, however the folder changes meanwhile.
//!
//! Each component is opened by itself below the one before: no link is followed, and nothing outside the
//! folder is ever reached. Start at [`open_below`].

use std::fs::File;
use std::io;
use std::path::Path;

use nix::fcntl::OFlag;
use nix::sys::stat::Mode;

use crate::name::check_name;
use crate::sys::open_one;

/// Opens an ordinary file below `folder` for reading. The path has no dots and does not begin with a
/// slash; anything but an ordinary file is refused.
pub fn open_below(folder: &Path, path: &[u8]) -> io::Result<File> {
    let mut at: std::os::fd::OwnedFd = File::open(folder)?.into();
    let mut names = path.split(|byte| *byte == b'/').peekable();
    while let Some(name) = names.next() {
        check_name(name).map_err(|bad| io::Error::new(io::ErrorKind::InvalidInput, bad))?;
        let kind = if names.peek().is_some() { OFlag::O_DIRECTORY } else { OFlag::O_NONBLOCK };
        at = open_one(&at, name, OFlag::O_RDONLY | kind, Mode::empty())?;
    }
    let file = File::from(at);
    if file.metadata()?.is_file() {
        return Ok(file);
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "this is no ordinary file"))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_file_is_opened_and_no_link_dots_or_folder_is() {
        let dir = tempfile::tempdir().unwrap();
        let card = dir.path().join("card");
        fs::create_dir_all(card.join("a")).unwrap();
        File::create(card.join("a/b")).unwrap().write_all(b"x").unwrap();
        File::create(dir.path().join("secret")).unwrap();
        symlink("b", card.join("a/link")).unwrap();
        symlink("..", card.join("up")).unwrap();
        assert_eq!(open_below(&card, b"a/b").unwrap().metadata().unwrap().len(), 1);
        let out: [&[u8]; 8] =
            [b"a/link", b"up/secret", b"../secret", b"a", b"", b"/etc/passwd", b"a//b", b"a/b/"];
        for path in out {
            assert!(open_below(&card, path).is_err(), "{path:?}");
        }
        // Outside of the card there is something that could have been opened.
        assert!(open_below(dir.path(), b"secret").is_ok());
    }
}
