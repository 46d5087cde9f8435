//! `SNAPSHOT[:PATH]` and `SOURCE:PATH`: names of things in the vault, as they are typed.
//!
//! Paths are bytes: a name that is not text can be asked for, too. Start at [`Place`].

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use crate::fail::CliError;

/// A snapshot and a path in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// As [`vault::Vault::find_snapshot`] takes it, or a source's name.
    pub(crate) name: String,
    /// No bytes for the top.
    pub(crate) path: Vec<u8>,
}

impl Place {
    /// Reads `SNAPSHOT[:PATH]`, where the snapshot may be `latest:SOURCE`: after `latest:` comes a
    /// source, always.
    pub(crate) fn of_snapshot(text: &OsStr) -> Result<Self, CliError> {
        let bytes = text.as_bytes();
        let latest = b"latest:";
        let skipped = if bytes.starts_with(latest) { latest.len() } else { 0 };
        let (name, path) = match bytes[skipped..].iter().position(|byte| *byte == b':') {
            Some(colon) => bytes.split_at(skipped + colon),
            None => (bytes, &b":"[..]),
        };
        Ok(Self { name: text_of(name)?, path: path[1..].to_vec() })
    }

    /// Reads `SOURCE:PATH`.
    pub(crate) fn of_source(text: &OsStr) -> Result<Self, CliError> {
        let bytes = text.as_bytes();
        let colon = bytes.iter().position(|byte| *byte == b':').ok_or_else(|| {
            let what = format!("{:?} lacks the colon of SOURCE:PATH", text.to_string_lossy());
            CliError::Usage { what }
        })?;
        Ok(Self { name: text_of(&bytes[..colon])?, path: bytes[colon + 1..].to_vec() })
    }
}

fn text_of(bytes: &[u8]) -> Result<String, CliError> {
    std::str::from_utf8(bytes).map(str::to_owned).map_err(|_| CliError::Usage {
        what: format!("{:?} is not text", String::from_utf8_lossy(bytes)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colon_ends_the_snapshot_and_everything_after_it_is_the_path() {
        for (text, name, path) in [
            ("latest", "latest", ""),
            ("ab12", "ab12", ""),
            ("ab12:", "ab12", ""),
            ("ab12:a/b:c", "ab12", "a/b:c"),
            ("latest:docs", "latest:docs", ""),
            ("latest:docs:a:b", "latest:docs", "a:b"),
        ] {
            let place = Place::of_snapshot(OsStr::new(text)).unwrap();
            assert_eq!((place.name.as_str(), place.path.as_slice()), (name, path.as_bytes()));
        }
    }

    #[test]
    fn a_source_without_a_path_is_a_mistake() {
        assert!(Place::of_source(OsStr::new("docs")).is_err());
        let place = Place::of_source(OsStr::from_bytes(b"docs:\xff")).unwrap();
        assert_eq!((place.name.as_str(), place.path.as_slice()), ("docs", &b"\xff"[..]));
    }
}
