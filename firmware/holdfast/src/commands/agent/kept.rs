//! What the agent keeps between two looks: what its owner wants, and how it went.
//!
//! A record that cannot be read counts as none: the worst is a backup too many. Start at [`Folder`].

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use volume::{FsDisk, durable};

use crate::Result;
use crate::fail::CliError;

const SETTINGS: &str = "agent.json";
const RECORD: &str = "agent-record.json";

/// What its owner wants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    /// The name of a box that this computer is paired with.
    #[serde(rename = "box")]
    pub(super) box_name: String,
    pub(super) paths: Vec<PathBuf>,
    pub(super) exclude: Vec<String>,
    /// Bytes in a second.
    pub(super) limit: Option<u64>,
    pub(super) every_minutes: u32,
    /// Percent.
    pub(super) battery_least: u8,
    pub(super) metered: bool,
}

/// How it went; times in milliseconds since 1970.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Record {
    pub(super) last_success: Option<i64>,
    pub(super) last_try: Option<i64>,
    /// Since the last success.
    pub(super) failures: u32,
    /// What it waits for, or what went wrong.
    pub(super) said: Option<String>,
}

/// Where it all stands.
#[derive(Debug)]
pub(super) struct Folder {
    own: PathBuf,
    /// Of the user's units.
    pub(super) units: PathBuf,
}

impl Folder {
    /// That of this user, from the environment.
    pub(super) fn of_user(variable: impl Fn(&str) -> Option<PathBuf>) -> Option<Self> {
        let absolute = |name: &str| variable(name).filter(|path| path.is_absolute());
        let config =
            absolute("XDG_CONFIG_HOME").or_else(|| Some(absolute("HOME")?.join(".config")))?;
        Some(Self { own: config.join("holdfast"), units: config.join("systemd/user") })
    }

    /// What is wanted; none where nothing is.
    pub(super) fn settings(&self) -> Result<Option<Settings>> {
        let path = self.own.join(SETTINGS);
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            read => read.map_err(|source| CliError::Input { path: path.clone(), source })?,
        };
        let read = serde_json::from_slice(&bytes);
        read.map(Some).map_err(|error| CliError::Input { path, source: error.into() })
    }

    pub(super) fn save_settings(&self, settings: &Settings) -> Result<()> {
        save(&self.own, SETTINGS, settings)
    }

    pub(super) fn record(&self) -> Record {
        let bytes = fs::read(self.own.join(RECORD)).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    }

    pub(super) fn save_record(&self, record: &Record) -> Result<()> {
        save(&self.own, RECORD, record)
    }

    /// Whether something was there.
    pub(super) fn remove(&self) -> Result<bool> {
        Ok(gone(&self.own.join(SETTINGS))? | gone(&self.own.join(RECORD))?)
    }
}

fn save(folder: &Path, name: &str, what: &impl Serialize) -> Result<()> {
    let path = folder.join(name);
    let text = serde_json::to_vec_pretty(what);
    let text =
        text.map_err(|error| CliError::Input { path: path.clone(), source: error.into() })?;
    put(folder, name, &text)
}

/// Puts a file whole, or leaves the one that is there.
pub(super) fn put(folder: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    let failed = |source: io::Error| CliError::Input { path: folder.join(name), source };
    fs::create_dir_all(folder).map_err(failed)?;
    let disk = FsDisk::plain_folder(folder).map_err(failed)?;
    durable::replace_file(&disk, name, bytes).map_err(|failure| failed(io::Error::other(failure)))
}

/// Whether there was such a file, which is gone now.
pub(super) fn gone(path: &Path) -> Result<bool> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(source) => Err(CliError::Input { path: path.to_owned(), source }),
    }
}
