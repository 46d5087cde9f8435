//! What jobs came to, in numbers, and the first names of what was left out.
//!
//! Only the first: a list of all has no bound. Start at [`JobResult`], then [`LeftOut`].

use serde::{Deserialize, Serialize};

use crate::{BroughtBack, BurnInResult, ImportResult, RawPath, UsbResult, UsbVerifyResult};

/// Names in a result, at most.
pub const NAMED_MAX: usize = 20;
/// And their bytes together: a record, and a frame, have to hold them beside the rest.
pub const NAMED_LEN_MAX: usize = 16 << 10;

/// Something that a job left out, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct LeftOut {
    /// What: as the job knows it, from its source, or below its snapshot.
    pub path: RawPath,
    /// Why, for people.
    pub why: String,
}

/// As many of them as a result takes, the first ones.
pub fn first_of(all: impl IntoIterator<Item = LeftOut>) -> Vec<LeftOut> {
    let mut room = NAMED_LEN_MAX;
    let fits = move |one: &LeftOut| {
        let len = one.path.0.len() + one.why.len();
        let fits = len <= room;
        room = room.saturating_sub(if fits { len } else { 0 });
        fits
    };
    all.into_iter().filter(fits).take(NAMED_MAX).collect()
}

/// As many sentences about what is wrong as a result takes, the first ones.
pub fn first_wrong(all: impl IntoIterator<Item = String>) -> Vec<String> {
    all.into_iter().filter(|one| one.len() <= NAMED_LEN_MAX / NAMED_MAX).take(NAMED_MAX).collect()
}

/// What a job came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum JobResult {
    /// A backup.
    Backup(BackupResult),
    /// A check.
    Check(CheckResult),
    /// A rebuild.
    Rebuild(RebuildResult),
    /// A forget.
    Forget(ForgetResult),
    /// A pruning.
    Prune(PruneResult),
    /// A restore.
    Restore(RestoreResult),
    /// A restore to drives.
    Usb(UsbResult),
    /// The reading of a drive.
    UsbVerify(UsbVerifyResult),
    /// An import.
    Import(ImportResult),
    /// The test of a disk.
    BurnIn(BurnInResult),
    /// The bringing back from friends.
    BringBack(BroughtBack),
}

impl JobResult {
    /// What was left out, as far as it is named.
    pub fn left_out(&self) -> &[LeftOut] {
        match self {
            Self::Backup(one) => &one.left_out,
            Self::Check(one) => &one.left_out,
            Self::Restore(one) => &one.left_out,
            Self::Usb(one) => &one.names,
            Self::UsbVerify(one) => &one.names,
            Self::Import(one) => &one.names,
            Self::Rebuild(_)
            | Self::Forget(_)
            | Self::Prune(_)
            | Self::BurnIn(_)
            | Self::BringBack(_) => &[],
        }
    }

    /// The same without the names.
    pub fn without_names(mut self) -> Self {
        match &mut self {
            Self::Backup(one) => one.left_out.clear(),
            Self::Check(one) => one.left_out.clear(),
            Self::Restore(one) => one.left_out.clear(),
            Self::Usb(one) => one.names.clear(),
            Self::UsbVerify(one) => one.names.clear(),
            Self::Import(one) => one.names.clear(),
            // What friends are called is in these sentences.
            Self::BringBack(one) => one.wrong.clear(),
            Self::Rebuild(_) | Self::Forget(_) | Self::Prune(_) | Self::BurnIn(_) => {}
        }
        self
    }

    /// Whether something was skipped, damaged or kept on fewer disks than promised.
    pub fn is_imperfect(&self) -> bool {
        match self {
            Self::Backup(one) => one.skipped + one.unsettled > 0 || one.copies < one.copies_wanted,
            Self::Check(one) => !one.clean,
            Self::Rebuild(one) => one.still_under_copied + one.failed + one.lost + one.away > 0,
            Self::Forget(_) | Self::Prune(_) => false,
            Self::Restore(one) => one.failed > 0,
            Self::Usb(one) => !one.finished || one.left_out > 0,
            Self::UsbVerify(one) => one.damaged > 0,
            Self::Import(one) => !one.safe_to_wipe,
            Self::BurnIn(one) => !one.good,
            Self::BringBack(one) => one.lacking > 0,
        }
    }
}

/// What a backup stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct BackupResult {
    /// The new snapshot.
    pub snapshot: String,
    /// Files in it.
    pub files: u64,
    /// Folders in it.
    pub folders: u64,
    /// Bytes in it.
    pub bytes: u64,
    /// Of these, bytes that the vault did not have.
    pub new_bytes: u64,
    /// What could not be read, and was left out.
    pub skipped: u64,
    /// Files that kept changing while they were read.
    pub unsettled: u64,
    /// Disks that durably hold all of it.
    pub copies: u8,
    /// Disks that were to.
    pub copies_wanted: u8,
    /// The first of what was left out or kept changing, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
}

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct CheckResult {
    /// Nothing is wrong any more.
    pub clean: bool,
    /// Packs the vault counts on.
    pub packs: u64,
    /// Bytes read and hashed.
    pub bytes_read: u64,
    /// Things wrong on a volume.
    pub damaged: u64,
    /// Of these, mended.
    pub repaired: u64,
    /// Packs with fewer copies than promised.
    pub under_copied: u64,
    /// Packs without a good copy here.
    pub lost_packs: u64,
    /// Files that cannot be restored whole.
    pub lost_files: u64,
    /// Volumes that were not here.
    pub absent: u64,
    /// The first of what is wrong, each with its disk and its pack, in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wrong: Vec<String>,
    /// The first of the files that cannot be restored whole, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
}

/// What a rebuild did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct RebuildResult {
    /// Packs copied.
    pub copied: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Packs that still have too few copies.
    pub still_under_copied: u64,
    /// Copies that could not be made.
    pub failed: u64,
    /// Packs that no volume has.
    pub lost: u64,
    /// Packs that only absent volumes have.
    pub away: u64,
}

/// What a forget let go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ForgetResult {
    /// Versions that are no longer kept.
    pub forgotten: u64,
}

/// What a pruning freed. Counts are packs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PruneResult {
    /// That wait from now on.
    pub tombstoned: u64,
    /// That were removed.
    pub unlinked: u64,
    /// Bytes removed.
    pub freed: u64,
    /// Bytes that still wait.
    pub waiting: u64,
}

/// What a restore wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct RestoreResult {
    /// Files, folders and others.
    pub items: u64,
    /// Of these, files.
    #[serde(default)]
    pub files: u64,
    /// Of these, folders.
    #[serde(default)]
    pub folders: u64,
    /// Bytes of files.
    pub bytes: u64,
    /// What could not be written or read.
    pub failed: u64,
    /// The first of these, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
}
