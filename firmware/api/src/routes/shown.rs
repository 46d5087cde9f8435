//! An entry of a folder as JSON.
//!
//! Data only. Start at [`Entry`].

use ::files::{FileKind, Shown};
use calls::RawPath;
use serde::Serialize;
use utoipa::ToSchema;

/// A file, folder or link.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Entry {
    /// Its name.
    name: RawPath,
    /// `file`, `folder`, `link` or `other`.
    kind: &'static str,
    /// A file's length.
    size: u64,
    /// Last modification, seconds since 1970.
    mtime_secs: i64,
    /// And nanoseconds.
    mtime_nanos: u32,
    /// Permissions.
    mode: u32,
    /// Changes whenever its content does: for `If-Match` without the quotes.
    tag: String,
    /// A link's target.
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<RawPath>,
    /// Its media type, where its sender said one.
    #[serde(skip_serializing_if = "Option::is_none")]
    mime: Option<String>,
    /// What is wrong with it: it is kept as it came.
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<String>,
}

impl From<Shown> for Entry {
    fn from(shown: Shown) -> Self {
        Self {
            name: RawPath(shown.name),
            kind: match shown.kind {
                FileKind::File => "file",
                FileKind::Folder => "folder",
                FileKind::Link => "link",
                FileKind::Other => "other",
            },
            size: shown.size,
            mtime_secs: shown.mtime.secs,
            mtime_nanos: shown.mtime.nanos,
            mode: shown.mode,
            tag: ::files::shown_tag(shown.tag),
            target: shown.target.map(RawPath),
            mime: shown.mime,
            fault: shown.fault,
        }
    }
}
