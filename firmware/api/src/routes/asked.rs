//! What is sent to have a job begun, kind by kind.

use calls::RawPath;
use serde::Deserialize;
use utoipa::ToSchema;

/// Folders to back up.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Backup {
    /// The source's name.
    #[schema(min_length = 1, max_length = 255)]
    pub(super) source: String,
    /// Folders of the box itself, absolute.
    #[schema(min_items = 1)]
    pub(super) paths: Vec<RawPath>,
    /// Names to leave out.
    #[serde(default)]
    pub(super) excludes: Vec<String>,
    /// `everyone`, which is also meant by nothing, or the name of one's own space.
    #[serde(default)]
    pub(super) space: Option<String>,
}

/// How thorough a check is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Check {
    /// Every byte.
    #[serde(default)]
    pub(super) read_data: bool,
    /// Mend from good copies.
    #[serde(default)]
    pub(super) repair: bool,
}

/// Nothing to say.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

/// Versions to let go of.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Forget {
    /// Their ids; those that the usual rule lets go when none is named.
    #[serde(default)]
    pub(super) snapshots: Vec<String>,
}

/// How much may be freed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Prune {
    /// Much of the vault would go, and you agree.
    #[serde(default)]
    pub(super) allow_large: bool,
}

/// What to write back, and where to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Restore {
    /// An id, the front of one, `latest` or `latest:SOURCE`.
    pub(super) snapshot: String,
    /// What; everything when empty.
    #[serde(default)]
    pub(super) path: RawPath,
    /// A folder of the box itself, absolute.
    pub(super) to: RawPath,
    /// Take the place of files that are there already.
    #[serde(default)]
    pub(super) overwrite: bool,
}

/// What to write to drives.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Usb {
    /// The drives, in the order in which they are filled.
    #[schema(min_items = 1)]
    pub(super) drives: Vec<String>,
    /// These of your own sources. When none is named, everybody's are taken.
    #[serde(default)]
    pub(super) sources: Vec<String>,
    /// Only what stands at this path of each.
    #[serde(default)]
    pub(super) path: RawPath,
    /// As it was so long ago, in milliseconds.
    #[serde(default)]
    pub(super) ago_ms: Option<u64>,
    /// Begin another one.
    #[serde(default)]
    pub(super) anew: bool,
    /// The names of all whose files are taken: you have seen that they are. Needed when no sources are
    /// named and somebody else has some.
    #[serde(default)]
    pub(super) files_of: Vec<String>,
}

/// A disk of somebody's, whose files are copied into the vault.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Import {
    /// Which.
    pub(super) drive: String,
    /// The source that they go to; called after the disk when not given.
    #[serde(default)]
    pub(super) source: Option<String>,
}

/// A drive to read again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UsbVerify {
    /// Which.
    pub(super) drive: String,
}
