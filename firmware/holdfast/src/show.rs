//! How things look: times in RFC 3339 UTC, modes like `ls -l`, names that cannot harm a terminal.
//!
//! Pure: values in, text or JSON out. Start at [`entry_line`].

use filetree::Shown;
use format::entry::{Entry, EntryKind, FileTime};
use jiff::{Timestamp, Unit};
use serde_json::{Map, Value, json};
use types::{Bytes, UnixTime};
use vault::SnapshotInfo;

/// A time of the vault.
pub(crate) fn time(time: UnixTime) -> String {
    let stamp = Timestamp::from_millisecond(time.0).and_then(|stamp| stamp.round(Unit::Second));
    stamp.map_or_else(|_| format!("{} ms", time.0), |stamp| stamp.to_string())
}

/// A time of a file, to the second; the JSON output has all of it.
pub(crate) fn file_time(time: FileTime) -> String {
    Timestamp::from_second(time.secs)
        .map_or_else(|_| format!("{} s", time.secs), |stamp| stamp.to_string())
}

fn exact_time(time: FileTime) -> String {
    let nanos = i32::try_from(time.nanos).ok();
    nanos
        .and_then(|nanos| Timestamp::new(time.secs, 0).ok()?.checked_add(nanos_span(nanos)).ok())
        .map_or_else(|| format!("{}.{:09} s", time.secs, time.nanos), |stamp| stamp.to_string())
}

fn nanos_span(nanos: i32) -> jiff::SignedDuration {
    jiff::SignedDuration::from_nanos(i64::from(nanos))
}

/// A kind and its permissions, such as `drwxr-x---`.
pub(crate) fn mode(kind: EntryKind, mode: u32) -> String {
    let first = match kind {
        EntryKind::File => '-',
        EntryKind::Folder => 'd',
        EntryKind::Symlink => 'l',
        EntryKind::Fifo => 'p',
        EntryKind::Socket => 's',
        EntryKind::CharDevice => 'c',
        EntryKind::BlockDevice => 'b',
    };
    let mut text = String::from(first);
    // For each of owner, group and others: where their bits are, and what replaces their `x`.
    for (shift, special, letter) in [(6, 0o4000, 's'), (3, 0o2000, 's'), (0, 0o1000, 't')] {
        let bits = mode >> shift;
        text.push(if bits & 4 != 0 { 'r' } else { '-' });
        text.push(if bits & 2 != 0 { 'w' } else { '-' });
        text.push(match (mode & special != 0, bits & 1 != 0) {
            (false, false) => '-',
            (false, true) => 'x',
            (true, true) => letter,
            (true, false) => letter.to_ascii_uppercase(),
        });
    }
    text
}

/// An entry of a listing, like `ls -l`.
pub(crate) fn entry_line(path: &[u8], entry: &Entry) -> String {
    let size = match entry.kind {
        EntryKind::File => Bytes(entry.size).to_string(),
        _ => "-".to_owned(),
    };
    let target =
        entry.target.as_ref().map_or_else(String::new, |target| format!(" -> {}", Shown(target)));
    format!(
        "{} {size:>9} {} {}{target}",
        mode(entry.kind, entry.attrs.mode),
        file_time(entry.attrs.mtime),
        path_text(path)
    )
}

/// A number of things: `1 file`, `2 files`.
pub(crate) fn count(number: u64, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

/// A path within a snapshot.
pub(crate) fn path_text(path: &[u8]) -> String {
    if path.is_empty() { ".".to_owned() } else { Shown(path).to_string() }
}

/// A path as JSON fields: text, and its bytes when they are no text.
pub(crate) fn put_path(fields: &mut Map<String, Value>, path: &[u8]) {
    fields.insert("path".to_owned(), json!(String::from_utf8_lossy(path)));
    if std::str::from_utf8(path).is_err() {
        let hex: String = path.iter().map(|byte| format!("{byte:02x}")).collect();
        fields.insert("path_hex".to_owned(), json!(hex));
    }
}

/// A path and the reason that goes with it.
pub(crate) fn path_and_reason(path: &[u8], reason: &str) -> Value {
    let mut fields = Map::new();
    put_path(&mut fields, path);
    fields.insert("reason".to_owned(), json!(reason));
    Value::Object(fields)
}

/// An entry as JSON.
pub(crate) fn entry_json(path: &[u8], entry: &Entry) -> Map<String, Value> {
    let mut fields = Map::new();
    put_path(&mut fields, path);
    let kind = match entry.kind {
        EntryKind::File => "file",
        EntryKind::Folder => "folder",
        EntryKind::Symlink => "symlink",
        EntryKind::Fifo => "fifo",
        EntryKind::Socket => "socket",
        EntryKind::CharDevice => "char_device",
        EntryKind::BlockDevice => "block_device",
    };
    fields.insert("kind".to_owned(), json!(kind));
    fields.insert("mode".to_owned(), json!(format!("{:04o}", entry.attrs.mode)));
    fields.insert("uid".to_owned(), json!(entry.attrs.uid));
    fields.insert("gid".to_owned(), json!(entry.attrs.gid));
    fields.insert("mtime".to_owned(), json!(exact_time(entry.attrs.mtime)));
    if entry.kind == EntryKind::File {
        fields.insert("size_bytes".to_owned(), json!(entry.size));
    }
    if let Some(target) = &entry.target {
        fields.insert("target".to_owned(), json!(String::from_utf8_lossy(target)));
    }
    if entry.unsettled {
        fields.insert("unsettled".to_owned(), json!(true));
    }
    fields
}

/// A snapshot as JSON.
pub(crate) fn snapshot_json(info: &SnapshotInfo) -> Value {
    json!({
        "id": info.id.to_string(),
        "source": info.source_name,
        "source_id": info.source.to_string(),
        "received": time(info.received),
        "kind": snapshot_kind(info),
    })
}

/// Whose source it is, after its name; nothing for what everybody shares.
pub(crate) fn whose(space: Option<&str>) -> String {
    match space {
        None | Some("" | "everyone") => String::new(),
        Some(space) => format!(" of {}", space.escape_debug()),
    }
}

/// How a snapshot came to be, in a word.
pub(crate) fn snapshot_kind(info: &SnapshotInfo) -> &'static str {
    match info.kind {
        format::record::SnapshotKind::Backup => "backup",
        format::record::SnapshotKind::Edit => "edit",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_read_like_those_of_ls() {
        for (kind, bits, text) in [
            (EntryKind::File, 0o644, "-rw-r--r--"),
            (EntryKind::Folder, 0o1777, "drwxrwxrwt"),
            (EntryKind::File, 0o4755, "-rwsr-xr-x"),
            (EntryKind::File, 0o6000, "---S--S---"),
            (EntryKind::Symlink, 0o777, "lrwxrwxrwx"),
        ] {
            assert_eq!(mode(kind, bits), text);
        }
    }

    #[test]
    fn times_are_shown_in_utc_even_those_before_1970() {
        assert_eq!(time(UnixTime(1_700_000_000_000)), "2023-11-14T22:13:20Z");
        assert_eq!(file_time(FileTime { secs: -1, nanos: 500_000_000 }), "1969-12-31T23:59:59Z");
        assert_eq!(exact_time(FileTime { secs: -1, nanos: 5 }), "1969-12-31T23:59:59.000000005Z");
        assert_eq!(file_time(FileTime { secs: i64::MAX, nanos: 0 }), "9223372036854775807 s");
    }
}
