//! The box's settings: one file, read once at the start. It holds no secret.
//!
//! A key that nobody knows is refused, and whatever is wrong is told with the file, the line and the
//! key. Relative paths count from the file's folder. Start at [`Config::load`].

use std::io::Read;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::board_settings::{BoardKind, BoardSettings};
use crate::error::StartError;
use crate::friends_settings::FriendsSettings;
use crate::key_file::plain;
use crate::quiet::Zone;
use crate::schedule_settings::Schedule;
use crate::web_settings::WebSettings;

/// The file is never longer than this: it has a dozen lines.
const LEN_MAX: u64 = 1 << 16;
/// Longer rhythms than ten years are slips.
const DAYS_MAX: u32 = 3_650;

/// The settings.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The vault's file, which lists its volumes.
    pub vault: PathBuf,
    /// A folder for the box's own records.
    pub state: PathBuf,
    /// Where callers find the box.
    pub socket: PathBuf,
    /// The program that is copied to every volume, for the day of the rescue.
    #[serde(default)]
    pub rescue_program: Option<PathBuf>,
    /// How much is logged: `error`, `warn`, `info`, `debug` or `trace`.
    #[serde(default)]
    pub log: Level,
    /// How the box unlocks itself; it waits for its owner when there is no such table.
    #[serde(default)]
    pub unlock: Option<Unlock>,
    /// The zone whose time of day counts; the system's when none is named.
    #[serde(default)]
    pub time_zone: Option<Zone>,
    /// What it does by itself.
    #[serde(default)]
    pub schedule: Schedule,
    /// The battery that feeds it, if one does.
    #[serde(default)]
    pub ups: Option<Ups>,
    /// The disks that it cares for. Without this table it uses the folders that the vault's file
    /// lists, and mounts and formats nothing.
    #[serde(default)]
    pub board: Option<BoardSettings>,
    /// The web door; it is shut when there is no such table.
    #[serde(default)]
    pub web: Option<WebSettings>,
    /// Where it listens for friends' boxes, once there are some.
    #[serde(default)]
    pub friends: Option<FriendsSettings>,
}

/// The `[ups]` table.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ups {
    /// Its name at NUT's `upsd`.
    pub name: String,
    /// Where `upsd` listens.
    #[serde(default = "usual_upsd")]
    pub address: String,
    /// How often it is asked, 1 to 60.
    #[serde(default = "usual_ask_every")]
    pub ask_every_seconds: u32,
}

fn usual_upsd() -> String {
    "127.0.0.1:3493".to_owned()
}

/// As often as NUT's own watcher asks.
fn usual_ask_every() -> u32 {
    5
}

/// How much is logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Only what failed.
    Error,
    /// And what is odd.
    Warn,
    /// And what was done.
    #[default]
    Info,
    /// And how.
    Debug,
    /// Everything.
    Trace,
}

/// The `[unlock]` table.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unlock {
    /// A file that only the box's user may read (mode 0600).
    pub key_file: PathBuf,
    /// What is in it.
    #[serde(default)]
    pub kind: KeyKind,
}

/// What a key file holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyKind {
    /// The 24 words.
    Words,
    /// A password.
    #[default]
    Password,
}

impl Config {
    /// Reads the settings.
    pub fn load(file: &Path) -> Result<Self, StartError> {
        let mut text = String::new();
        plain(file)
            .and_then(|opened| opened.take(LEN_MAX).read_to_string(&mut text))
            .map_err(|source| StartError::Settings { path: file.to_owned(), source })?;
        Self::parse(file, &text)
    }

    /// Reads their text; `file` is where it stands.
    pub fn parse(file: &Path, text: &str) -> Result<Self, StartError> {
        let read: Result<Self, _> = toml::from_str(text);
        let mut config = read.map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            let what = error.message().lines().next().unwrap_or_default().to_owned();
            wrong(file, text, at, what)
        })?;
        config.check(file, text)?;
        let folder = host::folder_of(file);
        for path in [&mut config.vault, &mut config.state, &mut config.socket] {
            *path = folder.join(&*path);
        }
        if let Some(unlock) = &mut config.unlock {
            unlock.key_file = folder.join(&unlock.key_file);
        }
        config.rescue_program = config.rescue_program.map(|path| folder.join(path));
        if let Some(board) = &mut config.board {
            let BoardSettings { folder: images, helper, mounts, probe, programs, .. } = board;
            for path in [images, helper, mounts, probe, programs] {
                *path = path.take().map(|path| folder.join(path));
            }
        }
        Ok(config)
    }

    /// Numbers that no owner means, and paths that are none.
    fn check(&self, file: &Path, text: &str) -> Result<(), StartError> {
        let Schedule { scrub_every_days, forget_every_days, prune_every_days, .. } = self.schedule;
        for (key, days) in [
            ("scrub_every_days", scrub_every_days),
            ("forget_every_days", forget_every_days),
            ("prune_every_days", prune_every_days),
        ] {
            if days > DAYS_MAX {
                let what = format!("{days} days is more than {DAYS_MAX}; 0 turns it off");
                return Err(wrong(file, text, place_of(text, key), what));
            }
        }
        if let Some(ups) = &self.ups {
            if !(1..=60).contains(&ups.ask_every_seconds) {
                let what = format!("{} is not 1 to 60 seconds", ups.ask_every_seconds);
                return Err(wrong(file, text, place_of(text, "ask_every_seconds"), what));
            }
            if ups.name.is_empty() || !ups.name.chars().all(|c| c.is_ascii_graphic() && c != '"') {
                let what = "a battery's name has no spaces and no quotes".to_owned();
                return Err(wrong(file, text, place_of(text, "name"), what));
            }
        }
        if let Some(board) = &self.board
            && board.kind == BoardKind::Desk
            && board.folder.is_none()
        {
            let what = "a desk needs a folder".to_owned();
            return Err(wrong(file, text, place_of(text, "kind"), what));
        }
        if let Some((key, what)) = self.web.as_ref().and_then(WebSettings::wrong) {
            return Err(wrong(file, text, place_of(text, key), what));
        }
        for (key, path) in
            [("vault", &self.vault), ("state", &self.state), ("socket", &self.socket)]
        {
            if path.as_os_str().is_empty() {
                let what = "an empty path leads nowhere".to_owned();
                return Err(wrong(file, text, place_of(text, key), what));
            }
        }
        Ok(())
    }
}

/// Where the line of a key begins.
fn place_of(text: &str, key: &str) -> usize {
    let is_it = |line: &&str| line.split_once('=').is_some_and(|(named, _)| named.trim() == key);
    let before = text.split_inclusive('\n').take_while(|line| !is_it(line));
    before.map(str::len).sum()
}

/// An error at a place of the text, with the line and the key that stand there.
fn wrong(file: &Path, text: &str, at: usize, what: String) -> StartError {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let said = text.lines().nth(line - 1).unwrap_or_default();
    let key = said.split_once('=').map_or("", |(key, _)| key.trim()).to_owned();
    StartError::Setting { path: file.to_owned(), line, key, what }
}

impl From<Level> for tracing::level_filters::LevelFilter {
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

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = "vault = \"home.toml\"\nstate = \"state\"\nsocket = \"/run/h.sock\"\n";

    fn said(text: &str) -> String {
        Config::parse(Path::new("/etc/box.toml"), text).unwrap_err().to_string()
    }

    #[test]
    fn three_keys_are_enough_and_paths_count_from_the_files_folder() {
        let config = Config::parse(Path::new("/etc/box.toml"), SMALL).unwrap();
        assert_eq!(config.vault, Path::new("/etc/home.toml"));
        assert_eq!(config.socket, Path::new("/run/h.sock"));
        assert_eq!(config.unlock, None);
        assert_eq!(config.schedule.scrub_every_days, 30);
    }

    #[test]
    fn whatever_is_wrong_is_told_with_the_file_the_line_and_the_key() {
        for (text, parts) in [
            (format!("{SMALL}sokcet = 1\n"), ["/etc/box.toml, line 4, sokcet", "unknown field"]),
            (format!("{SMALL}log = \"loud\"\n"), ["line 4, log", "loud"]),
            (
                format!("{SMALL}[schedule]\nscrub_every_days = -1\n"),
                ["line 5, scrub_every_days", "-1"],
            ),
            (
                format!("{SMALL}[schedule]\nprune_every_days = 4000\n"),
                ["line 5, prune_every_days", "0 turns it off"],
            ),
            (format!("{SMALL}[unlock]\nkey_file = \"\"\nwords = \"a b\"\n"), ["line 6", "words"]),
            ("vault = \"a\"\nstate = \"b\"\n".to_owned(), ["/etc/box.toml", "socket"]),
            (format!("{SMALL}[schedule]\nquiet = \"22-7\"\n"), ["line 5, quiet", "22:00-07:00"]),
            (
                format!("{SMALL}time_zone = \"Moon\"\n"),
                ["line 4, time_zone", "\"Moon\" is no time zone"],
            ),
            (format!("{SMALL}[ups]\nname = \"a b\"\n"), ["line 5, name", "no spaces"]),
            (
                format!("{SMALL}[ups]\nname = \"ups\"\nask_every_seconds = 0\n"),
                ["line 6, ask_every_seconds", "1 to 60"],
            ),
            ("vault = [\n".to_owned(), ["line", "/etc/box.toml"]),
            (SMALL.replace("\"state\"", "\"\""), ["line 2, state", "nowhere"]),
        ] {
            let said = said(&text);
            for part in parts {
                assert!(said.contains(part), "{part:?} is not in {said:?}");
            }
        }
    }
}
