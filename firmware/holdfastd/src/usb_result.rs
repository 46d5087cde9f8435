//! What a restore to drives came to, as callers are shown it: counts, and the first names.
//!
//! Pure. Start at [`result`].

use calls::{LeftOut, NoRoom, RawPath, UsbResult, first_of};
use restore::{Report, VerifyReport};

/// A path in a result is cut here.
const PATH_SHOWN_MAX: usize = 256;

pub(crate) fn damaged(found: &VerifyReport) -> impl Iterator<Item = LeftOut> {
    found.damaged.iter().map(|(path, why)| not_written(path.as_bytes(), why))
}

fn not_written(path: &[u8], why: &str) -> LeftOut {
    let path = RawPath(path[..path.len().min(PATH_SHOWN_MAX)].to_vec());
    LeftOut { path, why: why.chars().take(PATH_SHOWN_MAX).collect() }
}

pub(crate) fn result(written: &Report, read: &Report) -> UsbResult {
    let left_out = read.left_out.iter().map(|(path, why)| not_written(path, why));
    let folder = read.roots.first().and_then(|root| root.file_name());
    UsbResult {
        finished: read.no_room.is_empty() && read.not_given == 0 && read.checked.damaged_count == 0,
        folder: folder.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
        wanted_files: read.wanted.0,
        wanted_bytes: read.wanted.1,
        files: written.written.0 + read.written.0,
        bytes: written.written.1.saturating_add(read.written.1),
        earlier: written.earlier,
        read_back: read.checked.files,
        read_back_bytes: read.checked.bytes,
        damaged: read.checked.damaged_count,
        short: written.short.0,
        no_room: read
            .no_room
            .iter()
            .map(|(class, files, bytes)| NoRoom {
                kind: class.words().to_owned(),
                files: *files,
                bytes: *bytes,
            })
            .collect(),
        renamed: read.renamed,
        left_out: read.left_out_count,
        names: first_of(damaged(&read.checked).chain(left_out)),
    }
}
