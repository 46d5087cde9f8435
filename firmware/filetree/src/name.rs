//! Names: which ones may be written, and how bytes that may not be text are shown.
//!
//! Nothing here touches a disk. A name that fails [`check_name`] is never handed to the system.

use std::fmt;

/// A name is never longer than this, on any file system that Linux mounts.
pub const NAME_LEN_MAX: usize = 255;

/// Why a name cannot be restored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadName {
    /// No bytes at all.
    #[error("it is empty")]
    Empty,
    /// `.` or `..`, which mean folders that exist already.
    #[error("it means another folder")]
    Dots,
    /// A slash would reach into another folder.
    #[error("it holds a slash")]
    Slash,
    /// A zero byte ends a name for the system.
    #[error("it holds a zero byte")]
    Nul,
    /// Longer than any file system takes.
    #[error("it is longer than {NAME_LEN_MAX} bytes")]
    TooLong,
}

/// Whether a name is one plain component, safe to create below an open folder.
pub fn check_name(name: &[u8]) -> Result<(), BadName> {
    match name {
        b"" => Err(BadName::Empty),
        b"." | b".." => Err(BadName::Dots),
        _ if name.contains(&b'/') => Err(BadName::Slash),
        _ if name.contains(&0) => Err(BadName::Nul),
        _ if name.len() > NAME_LEN_MAX => Err(BadName::TooLong),
        _ => Ok(()),
    }
}

/// Shows a name to people: text as it is, control characters and non-UTF-8 bytes escaped.
///
/// So a name can neither break a line of a log nor send commands to a terminal.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a>(pub &'a [u8]);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            for letter in chunk.valid().chars() {
                if letter.is_control() {
                    write!(f, "{}", letter.escape_default())?;
                } else {
                    write!(f, "{letter}")?;
                }
            }
            for byte in chunk.invalid() {
                write!(f, "\\x{byte:02x}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_plain_component_is_a_name() {
        for (name, answer) in [
            (&b"a"[..], Ok(())),
            (b"...", Ok(())),
            (b"\xff\n", Ok(())),
            (&[b'x'; 255], Ok(())),
            (&[b'x'; 256], Err(BadName::TooLong)),
            (b"", Err(BadName::Empty)),
            (b".", Err(BadName::Dots)),
            (b"..", Err(BadName::Dots)),
            (b"../etc", Err(BadName::Slash)),
            (b"a\0", Err(BadName::Nul)),
        ] {
            assert_eq!(check_name(name), answer, "{}", Shown(name));
        }
    }

    #[test]
    fn a_name_is_shown_on_one_line() {
        assert_eq!(Shown(b"a\nb\xff\x1b[1m").to_string(), "a\\nb\\xff\\u{1b}[1m");
        assert_eq!(Shown("\u{fc}ber".as_bytes()).to_string(), "\u{fc}ber");
    }
}
