//! A folder as one zip, written as it is read: no temporary file, one piece in memory at a time.
//!
//! Links are kept as links and never followed. A name that other systems would misread is written in
//! another way and marked. Start at [`Files::zip`].

use std::io::Write;

use format::entry::{Entry, EntryKind, FileTime};
use vault::WalkOn;
use zip::write::{SimpleFileOptions, ZipWriter};
use zip::{CompressionMethod, DateTime};

use crate::browse::{At, PIECE_MAX, find};
use crate::error::FilesError;
use crate::{Files, Place};

/// Entries of one zip at most: its list is kept in memory until its end, about 500 bytes each.
pub const ZIP_ENTRIES_MAX: usize = 100_000;
/// The longest path that a zip can say, in bytes, less the slash behind a folder.
const ZIP_PATH_LEN_MAX: usize = (1 << 16) - 2;
/// Entries that are looked up while the vault is lent once.
const PAGE: usize = 500;

impl Files {
    /// Writes the folder, or the one file, at `path` as a zip. More entries than `entries_max` (see
    /// [`ZIP_ENTRIES_MAX`]) are refused before anything is written.
    pub fn zip(
        &self,
        place: &Place,
        at: &At,
        path: &[u8],
        entries_max: usize,
        out: &mut dyn Write,
    ) -> Result<u64, FilesError> {
        // Found once, so that all pages are of the same version.
        let (_, top) = find(&*self.lend()?, place, at, path)?;
        few_enough(self, place, &top, entries_max)?;
        let mut zip = ZipWriter::new_stream(out);
        let mut written = 0;
        if top.kind != EntryKind::Folder {
            self.zip_entry(place, &mut zip, &top, &safe(&top.name))?;
            written += 1;
        } else {
            let prefix = safe(&top.name);
            let mut after = None;
            loop {
                let page = self.page_below(place, &top, after.as_deref())?;
                let Some(last) = page.last() else { break };
                after = Some(last.0.clone());
                for (path, entry) in &page {
                    let below = path.split(|byte| *byte == b'/').map(safe);
                    let names = Some(prefix.clone()).filter(|name| !name.is_empty());
                    let name =
                        fitting(names.into_iter().chain(below).collect::<Vec<_>>().join("/"));
                    self.zip_entry(place, &mut zip, entry, &name)?;
                    written += 1;
                }
            }
        }
        let mut out = zip.finish().map_err(broken)?;
        out.flush().map_err(|source| FilesError::Broken { source })?;
        Ok(written)
    }

    fn page_below(
        &self,
        place: &Place,
        top: &Entry,
        after: Option<&[u8]>,
    ) -> Result<Vec<(Vec<u8>, Entry)>, FilesError> {
        let mut page = Vec::new();
        self.lend()?.walk_from(place.space, top, after, &mut |mut listed| {
            // A zip has no word for attributes, and a page of them may take more memory than there is.
            listed.entry.attrs.xattrs = Vec::new();
            page.push((listed.path, listed.entry));
            if page.len() == PAGE { WalkOn::Stop } else { WalkOn::Next }
        })?;
        Ok(page)
    }

    fn zip_entry<W: Write>(
        &self,
        place: &Place,
        zip: &mut ZipWriter<zip::write::StreamWriter<W>>,
        entry: &Entry,
        name: &str,
    ) -> Result<(), FilesError> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .last_modified_time(time(entry.attrs.mtime))
            .large_file(entry.size >= u64::from(u32::MAX))
            .unix_permissions(entry.attrs.mode & 0o777);
        match entry.kind {
            EntryKind::Folder => zip.add_directory(name, options).map_err(broken),
            EntryKind::Symlink => {
                let target = entry.target.as_ref().map(|target| target.to_vec());
                let target = String::from_utf8_lossy(&target.unwrap_or_default()).into_owned();
                zip.add_symlink(name, target, options).map_err(broken)
            }
            EntryKind::File => {
                zip.start_file(name, options).map_err(broken)?;
                let mut offset = 0;
                while offset < entry.size {
                    let piece = self.read_entry(place.space, entry, offset, PIECE_MAX)?;
                    if piece.is_empty() {
                        return Err(FilesError::bad("a file is shorter than its folder says"));
                    }
                    offset += piece.len() as u64;
                    zip.write_all(&piece).map_err(|source| FilesError::Broken { source })?;
                }
                Ok(())
            }
            // A zip has no word for these.
            EntryKind::Fifo
            | EntryKind::Socket
            | EntryKind::CharDevice
            | EntryKind::BlockDevice => Ok(()),
        }
    }
}

/// Refuses a folder whose list would take too much memory.
fn few_enough(files: &Files, place: &Place, top: &Entry, max: usize) -> Result<(), FilesError> {
    let mut count = 0_usize;
    files.lend()?.walk_from(place.space, top, None, &mut |_| {
        count += 1;
        if count > max { WalkOn::Stop } else { WalkOn::Next }
    })?;
    if count > max {
        let what = format!("the folder holds more than {max} entries: take its folders one by one");
        return Err(FilesError::bad(what));
    }
    Ok(())
}

fn broken(error: zip::result::ZipError) -> FilesError {
    FilesError::Broken { source: std::io::Error::other(error) }
}

/// A name that no program takes for a path: what is no text, a control character or a backslash is
/// written as `%` and two digits, and such a name ends in a mark of what it was, so that two stay two.
fn safe(name: &[u8]) -> String {
    let is_plain = |c: char| !c.is_control() && c != '\\' && c != '\u{fffd}';
    match std::str::from_utf8(name) {
        Ok(text) if text.chars().all(is_plain) => text.to_owned(),
        _ => {
            let mut out = String::new();
            for byte in name {
                match byte {
                    b' '..=b'~' if *byte != b'\\' && *byte != b'%' => out.push(char::from(*byte)),
                    _ => out.push_str(&format!("%{byte:02X}")),
                }
            }
            let mark = blake3::hash(name).to_hex();
            out.push('~');
            out.push_str(&mark[..8]);
            out
        }
    }
}

/// A path that is longer than a zip can say is another one at its top: the rest of the zip stays readable.
fn fitting(path: String) -> String {
    if path.len() <= ZIP_PATH_LEN_MAX {
        return path;
    }
    let mark = blake3::hash(path.as_bytes()).to_hex();
    format!("a path too long for a zip ~{}", &mark[..16])
}

/// Zip knows the years from 1980 to 2107; what is outside is shown as the nearest.
fn time(mtime: FileTime) -> DateTime {
    let stamp = jiff::Timestamp::from_second(mtime.secs).unwrap_or_default();
    let at = jiff::tz::TimeZone::UTC.to_datetime(stamp);
    let part = |value: i8| u8::try_from(value).unwrap_or_default();
    let year = u16::try_from(at.year()).unwrap_or_default();
    DateTime::from_date_and_time(
        year,
        part(at.month()),
        part(at.day()),
        part(at.hour()),
        part(at.minute()),
        part(at.second()),
    )
    .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::safe;

    #[test]
    fn names_in_a_zip_are_never_paths_and_stay_different() {
        assert_eq!(safe("Ferien 2024.jpg".as_bytes()), "Ferien 2024.jpg");
        assert!(!safe(b"..\\..\\evil").contains('\\'));
        assert_ne!(safe(b"\xff"), safe(b"\xfe"));
        assert_ne!(safe(b"a\nb"), safe(b"a%0Ab"));
    }
}
