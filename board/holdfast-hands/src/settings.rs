//! The helper's settings: a small TOML file, read once.
//!
//! Unknown keys are refused. Paths are whole ones: root follows no path that depends on where it was
//! started. Start at [`Settings::load`].

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use tracing::level_filters::LevelFilter;

use crate::error::HandsError;

/// No settings are longer.
const LEN_MAX: u64 = 1 << 16;

/// The file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    /// The box's user.
    #[serde(default = "usual_user")]
    pub(crate) user: String,
    /// Where the box finds the helper.
    #[serde(default = "usual_socket")]
    pub(crate) socket: PathBuf,
    /// The folder for mounts.
    #[serde(default = "usual_home")]
    pub(crate) home: PathBuf,
    /// The folder where is kept for a while what was on a disk before it was formatted.
    #[serde(default = "usual_keeps_in")]
    pub(crate) keeps_in: PathBuf,
    /// For rehearsals: loop devices on files in this folder are the disks, and no others.
    pub(crate) images: Option<PathBuf>,
    /// The id of a board profile; found by what the maker wrote into the machine when not given.
    pub(crate) profile: Option<String>,
    /// How much is logged.
    #[serde(default)]
    pub(crate) log: Level,
}

fn usual_user() -> String {
    "holdfast".to_owned()
}

fn usual_socket() -> PathBuf {
    "/run/holdfast-hands/hands.sock".into()
}

fn usual_home() -> PathBuf {
    "/run/holdfast-hands/disks".into()
}

fn usual_keeps_in() -> PathBuf {
    "/var/lib/holdfast-hands".into()
}

/// How much is logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Level {
    Error,
    Warn,
    #[default]
    Info,
    Debug,
    Trace,
}

impl From<Level> for LevelFilter {
    fn from(level: Level) -> Self {
        match level {
            Level::Error => Self::ERROR,
            Level::Warn => Self::WARN,
            Level::Info => Self::INFO,
            Level::Debug => Self::DEBUG,
            Level::Trace => Self::TRACE,
        }
    }
}

impl Settings {
    /// Reads the file.
    pub(crate) fn load(file: &Path) -> Result<Self, HandsError> {
        let mut text = String::new();
        File::open(file)
            .and_then(|opened| opened.take(LEN_MAX).read_to_string(&mut text))
            .map_err(|source| HandsError::Settings { path: file.to_owned(), source })?;
        Self::parse(&text).map_err(|what| HandsError::Setting { path: file.to_owned(), what })
    }

    fn parse(text: &str) -> Result<Self, String> {
        let read: Result<Self, _> = toml::from_str(text);
        let settings = read.map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            let line = text.get(..at).unwrap_or(text).matches('\n').count() + 1;
            format!("line {line}: {}", error.message().lines().next().unwrap_or_default())
        })?;
        let images = settings.images.iter();
        for path in [&settings.socket, &settings.home, &settings.keeps_in].into_iter().chain(images)
        {
            if !path.is_absolute() {
                return Err(format!("{:?} is no whole path", path.display().to_string()));
            }
        }
        Ok(settings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_file_is_enough() {
        let settings = Settings::parse("").unwrap();
        assert_eq!(settings.user, "holdfast");
        assert_eq!(settings.socket, Path::new("/run/holdfast-hands/hands.sock"));
        assert_eq!((settings.images, settings.profile), (None, None));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (text, part) in [
            ("user = \"a\"\nsokcet = \"/a\"\n", "line 2: unknown field"),
            ("log = \"loud\"\n", "line 1"),
            ("home = \"disks\"\n", "\"disks\" is no whole path"),
            ("images = \"x/y\"\n", "no whole path"),
        ] {
            let said = Settings::parse(text).unwrap_err();
            assert!(said.contains(part), "{said}");
        }
    }
}
