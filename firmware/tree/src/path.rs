//! Names and paths within a tree. Bytes, components joined by `/`, the empty path is the top.
//!
//! Never a host path: what a name means to a file system is decided where files are restored. The
//! rules here are the least that make every name safe to join to a folder.

/// The longest name in bytes. File systems allow 255 bytes or 255 UTF-16 units (765 bytes);
/// an inner node holds names, so there must be a bound.
pub const NAME_LEN_MAX: usize = 1024;

/// The most components of a path: what Linux allows in a path of 4096 bytes is half of this.
pub const PATH_DEPTH_MAX: usize = 4096;

/// The longest path of a tree that somebody else has built: sixteen times what Linux takes in one call. A
/// few small nodes can name paths of megabytes, and whoever lists a page of them holds each.
pub const PATH_LEN_MAX: usize = 1 << 16;

/// Whether `name` may stand in a folder: not empty, not `.` or `..`, without `/` and NUL.
pub(crate) fn is_name(name: &[u8]) -> bool {
    !name.is_empty()
        && name.len() <= NAME_LEN_MAX
        && name != b"."
        && name != b".."
        && !name.iter().any(|byte| matches!(byte, b'/' | 0))
}

/// A path's components; the empty path has none.
pub(crate) fn components(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.split(|byte| *byte == b'/').filter(move |_| !path.is_empty())
}

/// The path of `name` in the folder at `folder`.
pub fn join(folder: &[u8], name: &[u8]) -> Vec<u8> {
    let mut path = Vec::with_capacity(folder.len() + 1 + name.len());
    path.extend_from_slice(folder);
    push(&mut path, name);
    path
}

/// Appends a component.
pub(crate) fn push(path: &mut Vec<u8>, name: &[u8]) {
    if !path.is_empty() {
        path.push(b'/');
    }
    path.extend_from_slice(name);
}

/// A name or path as a person may see it: quoted, control characters and broken UTF-8 made
/// harmless. Not reversible.
pub fn shown(path: &[u8]) -> String {
    if path.is_empty() {
        return "the top folder".to_owned();
    }
    format!("{:?}", String::from_utf8_lossy(path))
}
