//! What restores to drives came to, in numbers. Nothing is decided here. Start at [`UsbResult`].

use serde::{Deserialize, Serialize};

use crate::LeftOut;

/// What a restore to drives did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct UsbResult {
    /// All that was asked for and that the vault can give stands on the drives, and was read back.
    pub finished: bool,
    /// The restore's folder, the same on each drive.
    pub folder: String,
    /// Files that were asked for.
    pub wanted_files: u64,
    /// Their bytes.
    pub wanted_bytes: u64,
    /// Files that this job wrote since it last began.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files that were there already.
    pub earlier: u64,
    /// Files that were read back from the drives and are as they should be.
    pub read_back: u64,
    /// Their bytes.
    pub read_back_bytes: u64,
    /// Files that the drives did not keep.
    pub damaged: u64,
    /// So much more room would all of it have needed.
    pub short: u64,
    /// What found no room, by kind, the hardest to get again first.
    pub no_room: Vec<NoRoom>,
    /// Files under another name than before; listed on the drive.
    pub renamed: u64,
    /// What is not there for another reason than room.
    pub left_out: u64,
    /// The first of these and of the damaged ones, with the reason; all are listed on the drive.
    pub names: Vec<LeftOut>,
}

/// Files of one kind that found no room.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct NoRoom {
    /// Which kind.
    pub kind: String,
    /// How many.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// What reading a drive again found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct UsbVerifyResult {
    /// Files that are as they should be.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files that are not.
    pub damaged: u64,
    /// The first of these.
    pub names: Vec<LeftOut>,
}
