//! What the vault is given from outside: time, randomness, and its settings.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use types::{Bytes, Clock, Rng};

/// Time and randomness.
#[derive(Clone, Debug)]
pub struct Env {
    /// Wall clock and uptime.
    pub clock: Arc<dyn Clock>,
    /// The source of salts and keys: must be unpredictable outside tests.
    pub rng: Arc<dyn Rng>,
}

/// How volumes are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriterMode {
    /// One thread a volume, with a deadline for each request.
    Threads,
    /// On the caller's thread: the same order every time, for simulation.
    Inline,
}

/// Settings of an open vault.
#[derive(Clone, Debug)]
pub struct Options {
    /// How volumes are written.
    pub writers: WriterMode,
    /// A disk that takes longer than this for one request is demoted.
    pub io_deadline: Duration,
    /// The same for whatever else is asked of a disk. Longer: a disk that wakes up or reads a bad
    /// sector again and again is slow, not gone.
    pub read_deadline: Duration,
    /// Where the catalog lies; none keeps it in memory.
    pub catalog: Option<PathBuf>,
    /// Memory the catalog may use for its cache.
    pub catalog_cache: Bytes,
    /// Memory for frames that were read and opened.
    pub frame_cache: Bytes,
    /// How long an edit may wait for others to share its sync.
    pub group_commit: Duration,
    /// Text of FORMAT.md on each volume, and the rescue program's bytes where there is one.
    pub on_volume: OnVolume,
}

/// What each volume carries beside its packs, for a reader without Holdfast.
#[derive(Clone, Debug, Default)]
pub struct OnVolume {
    /// Format description; written as `FORMAT.md`.
    pub format_text: String,
    /// A program to copy there as `holdfast-rescue`.
    pub rescue_program: Option<PathBuf>,
}

impl Default for Options {
    /// See `docs/defaults.md` for each number's reason.
    fn default() -> Self {
        Self {
            writers: WriterMode::Threads,
            io_deadline: Duration::from_secs(30),
            read_deadline: Duration::from_secs(120),
            catalog: None,
            catalog_cache: Bytes(16 << 20),
            frame_cache: Bytes(16 << 20),
            group_commit: Duration::from_millis(50),
            on_volume: OnVolume::default(),
        }
    }
}
