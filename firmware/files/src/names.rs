//! Which names and paths are taken. Names are bytes: what is no text is a name like any other.
//!
//! Never makes a name fit: one that cannot be kept as it is is refused. Start at [`check_path`].

use thiserror::Error;

/// The longest name, in bytes: what nearly every file system can write back.
pub const NAME_LEN_MAX: usize = 255;
/// The longest path, in bytes.
pub const PATH_LEN_MAX: usize = 1 << 15;

/// Why a path is not taken.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum NameFault {
    /// No name at all, where one is needed.
    #[error("it is empty")]
    Empty,
    /// Two slashes side by side, or one at an end.
    #[error("a name in it is empty")]
    EmptyName,
    /// `.` or `..`.
    #[error("`.` and `..` are no names")]
    Dots,
    /// A zero byte.
    #[error("it holds a zero byte")]
    Zero,
    /// A name of more than [`NAME_LEN_MAX`] bytes.
    #[error("a name in it is longer than {NAME_LEN_MAX} bytes")]
    LongName,
    /// More than [`PATH_LEN_MAX`] bytes.
    #[error("it is longer than {PATH_LEN_MAX} bytes")]
    LongPath,
}

/// Looks at a path of names joined by `/`. The top folder's, the empty one, is refused.
pub fn check_path(path: &[u8]) -> Result<(), NameFault> {
    if path.is_empty() {
        return Err(NameFault::Empty);
    }
    if path.len() > PATH_LEN_MAX {
        return Err(NameFault::LongPath);
    }
    path.split(|byte| *byte == b'/').try_for_each(check_name)
}

fn check_name(name: &[u8]) -> Result<(), NameFault> {
    match name {
        [] => Err(NameFault::EmptyName),
        b"." | b".." => Err(NameFault::Dots),
        _ if name.len() > NAME_LEN_MAX => Err(NameFault::LongName),
        _ if name.contains(&0) => Err(NameFault::Zero),
        _ => Ok(()),
    }
}

/// The same for what is only looked at: the top folder too, and names that are longer because a
/// backup brought them.
pub(crate) fn check_looked_at(path: &[u8]) -> Result<(), NameFault> {
    if path.is_empty() {
        return Ok(());
    }
    match check_path(path) {
        Err(NameFault::LongName) => Ok(()),
        checked => checked,
    }
}

/// The last name of a path.
pub(crate) fn name_of(path: &[u8]) -> &[u8] {
    path.rsplit(|byte| *byte == b'/').next().unwrap_or(path)
}

/// The folder that a path lies in.
pub(crate) fn folder_of(path: &[u8]) -> &[u8] {
    path.iter().rposition(|byte| *byte == b'/').map_or(b"", |at| &path[..at])
}

/// The `n`th other name for a path, as people number them: `a (2).jpg`.
pub(crate) fn numbered(path: &[u8], n: u32) -> Vec<u8> {
    let (folder, name) = (folder_of(path), name_of(path));
    // A dot at the front begins no ending.
    let dot = name.iter().skip(1).rposition(|byte| *byte == b'.').map(|at| at + 1);
    let (stem, ending) = name.split_at(dot.unwrap_or(name.len()));
    let ending = if ending.len() > 32 { &[][..] } else { ending };
    let number = format!(" ({n})");
    let room = NAME_LEN_MAX - number.len() - ending.len();
    let mut stem = &stem[..stem.len().min(room)];
    // Not in the middle of a character, where it is text.
    while std::str::from_utf8(name).is_ok() && std::str::from_utf8(stem).is_err() {
        stem = &stem[..stem.len() - 1];
    }
    tree::join(folder, &[stem, number.as_bytes(), ending].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_name_keeps_the_ending_and_fits() {
        assert_eq!(numbered(b"a/b.jpg", 2), b"a/b (2).jpg");
        assert_eq!(numbered(b"b", 3), b"b (3)");
        assert_eq!(numbered(b".profile", 2), b".profile (2)");
        let long = "\u{e4}".repeat(127);
        let other = numbered(long.as_bytes(), 1_000);
        assert!(other.len() <= NAME_LEN_MAX && std::str::from_utf8(&other).is_ok());
        assert_eq!(check_path(&numbered(&[0xff; 255], 2)), Ok(()));
    }
}
