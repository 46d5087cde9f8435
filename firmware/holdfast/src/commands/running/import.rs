//! `holdfast disk import` against a running box: somebody's disk becomes a version of a source.
//!
//! Whether the disk is still needed is the box's to say. Start at [`run`].

use calls::{ImportResult, JobSpec};
use types::Bytes;

use super::work::ended;
use crate::Result;
use crate::client::RunningBox;
use crate::session::{Context, Done};
use crate::show;

/// Lets the box import a disk, and follows that to its end.
pub(super) fn run(
    context: &Context,
    running: &mut RunningBox,
    disk: String,
    source: Option<String>,
) -> Result<Done> {
    let spec = JobSpec::Import { drive: disk, source };
    ended(context, &running.work(&context.out, "import", spec)?)
}

/// An import in a few lines; the last one says whether the disk is still needed.
pub(super) fn line(one: &ImportResult) -> String {
    let disks = show::count(one.copies_wanted.into(), "disk");
    let needed = match (one.safe_to_wipe, one.is_whole()) {
        (true, _) => "it is safe to wipe the disk".to_owned(),
        (false, true) => {
            "do not wipe the disk yet: copies are missing, and `holdfast disks` says when they are made"
                .to_owned()
        }
        (false, false) => format!(
            "do not wipe the disk: {} could not be read, or not twice the same",
            show::count(one.skipped + one.differ, "file")
        ),
    };
    format!(
        "snapshot {}\nsource {}\n{}, {}; new to the vault: {} of {}\n{} compared byte for byte, stored on \
         {} of {disks}\n{needed}",
        one.snapshot,
        one.source.escape_debug(),
        show::count(one.files, "file"),
        Bytes(one.bytes),
        Bytes(one.new_bytes),
        Bytes(one.bytes),
        show::count(one.compared, "file"),
        one.copies,
    )
}
