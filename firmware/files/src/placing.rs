//! Making a file of bytes that lie on the bench, under the name that it was meant for or another.
//!
//! Never lets anything give way silently: where something else stands, both are kept, unless its
//! sender said that it may go. Doing the same twice makes one file. Start at [`Files::place`].

use std::io::Read;

use format::entry::{Attrs, Entry, FileTime, Xattr};
use format::upload::{IfExists, Upload};
use tree::{EditError, Expected, Tag};
use types::SpaceId;
use vault::{Assembly, VaultError};

use crate::browse::{PIECE_MAX, newest};
use crate::change::{Changed, NUMBER_MAX, NewEntry, is_new, is_taken};
use crate::error::FilesError;
use crate::media::{self, FAULT_XATTR};
use crate::names::numbered;
use crate::uploads::checksum::{Checksum, Running};
use crate::{Files, NewUpload, Place, UploadWord};

/// Where a file's type is kept, as other programs do.
pub(crate) const MIME_XATTR: &str = "user.mime_type";
/// Before the words that a sender gave of its own.
const WORD_XATTR: &str = "user.holdfast.tag.";
/// Words that are not kept with the file: they say where it goes, or are kept otherwise.
const SPENT: [&str; 10] = [
    "filename",
    "name",
    "relativepath",
    "path",
    "source",
    "mtime",
    "lastmodified",
    "filetype",
    "type",
    "ifexists",
];

/// Bytes that lie in the vault, and some that are in memory still.
struct Content<'c> {
    files: &'c Files,
    space: SpaceId,
    before: &'c [Entry],
    tail: &'c [u8],
}

/// Is given bytes and where they begin; false to stop.
type Visit<'v> = &'v mut dyn FnMut(u64, &[u8]) -> Result<bool, FilesError>;

impl Content<'_> {
    fn len(&self) -> u64 {
        let tail = self.tail.len() as u64;
        self.before.iter().fold(tail, |sum, entry| sum.saturating_add(entry.size))
    }

    /// Bytes from `offset` on; fewer only at the end.
    fn read(&self, mut offset: u64, len: usize) -> Result<Vec<u8>, FilesError> {
        let mut bytes = Vec::new();
        for entry in self.before {
            while bytes.len() < len && offset < entry.size {
                let want = len - bytes.len();
                let piece = self.files.read_entry(self.space, entry, offset, want)?;
                if piece.is_empty() {
                    return Err(FilesError::bad("an upload is shorter than its record says"));
                }
                offset += piece.len() as u64;
                bytes.extend(piece);
            }
            offset = offset.saturating_sub(entry.size);
        }
        let from = usize::try_from(offset).unwrap_or(usize::MAX).min(self.tail.len());
        let to = from.saturating_add(len - bytes.len()).min(self.tail.len());
        bytes.extend_from_slice(&self.tail[from..to]);
        Ok(bytes)
    }

    /// Hands on all of it, piece by piece; `visit` returns false to stop.
    fn visit(&self, visit: Visit<'_>) -> Result<(), FilesError> {
        let mut offset = 0;
        while offset < self.len() {
            let piece = self.read(offset, PIECE_MAX)?;
            if piece.is_empty() || !visit(offset, &piece)? {
                break;
            }
            offset += piece.len() as u64;
        }
        Ok(())
    }
}

impl Files {
    /// Makes the file of an upload; gives the path that it got.
    pub(crate) fn place(
        &self,
        space: SpaceId,
        record: &Upload,
        before: &[Entry],
        tail: &[u8],
    ) -> Result<Vec<u8>, FilesError> {
        let content = Content { files: self, space, before, tail };
        check_whole(&content, record)?;
        let attrs = attrs(&content, record)?;
        let place = Place { space, source: record.source.clone() };
        // A time that the sender did not give tells no two files apart.
        let is_timed = record.words.iter().any(|word| is_time(&word.key.to_ascii_lowercase()));
        let wanted = is_timed.then_some(attrs.mtime);
        let expected =
            record.expected.as_ref().and_then(|tag| <[u8; 32]>::try_from(tag.as_slice()).ok());
        let mut tie = match (expected, record.if_exists) {
            (Some(tag), _) => Some(Expected::Tag(Tag(tag))),
            (None, IfExists::Replace) => None,
            (None, IfExists::KeepBoth) => Some(Expected::Nothing),
        };
        for n in 1..=NUMBER_MAX {
            let path = if n == 1 { record.path.to_vec() } else { numbered(&record.path, n) };
            // The same file again, sent or finished a second time, is no second file.
            if tie.is_some() && self.is_there(&place, &path, &content, wanted)? {
                return Ok(path);
            }
            match self.put_placed(&place, &path, &attrs, &content, tie) {
                Ok(_) => return Ok(path),
                Err(FilesError::Vault(error)) if is_taken(&error) => tie = Some(Expected::Nothing),
                Err(error) => return Err(error),
            }
        }
        Err(VaultError::from(EditError::Exists { path: record.path.to_vec() }).into())
    }

    fn put_placed(
        &self,
        place: &Place,
        path: &[u8],
        attrs: &Attrs,
        content: &Content<'_>,
        expected: Option<Expected>,
    ) -> Result<Changed, FilesError> {
        let _weight = self.budget.weigh(content.tail.len());
        let vault = self.lend()?;
        let editor = vault.editor(Some(place.space), &place.source)?;
        let assembly =
            Assembly { before: content.before, attrs: attrs.clone(), make_parents: true, expected };
        let (receipt, entry) = editor.assemble(path, assembly, &mut &*content.tail)?;
        Ok(Changed {
            path: path.to_vec(),
            tag: Some(tree::tag(&entry)),
            created: is_new(&receipt.outcome),
            receipt: Some(receipt.receipt),
        })
    }

    /// Whether a file with these very bytes, and that time, stands at a path. Reads only where the
    /// length is the same.
    fn is_there(
        &self,
        place: &Place,
        path: &[u8],
        content: &Content<'_>,
        mtime: Option<FileTime>,
    ) -> Result<bool, FilesError> {
        let found = match newest(&*self.lend()?, place, path) {
            Err(FilesError::NoSource { .. } | FilesError::NoVersion { .. }) => None,
            found => found?,
        };
        let Some(found) = found else { return Ok(false) };
        let is_file = found.kind == format::entry::EntryKind::File;
        let is_then = mtime.is_none_or(|mtime| mtime == found.attrs.mtime);
        if !is_file || found.size != content.len() || !is_then {
            return Ok(false);
        }
        let mut same = true;
        content.visit(&mut |offset, piece| {
            same = self.read_entry(place.space, &found, offset, piece.len())? == piece;
            Ok(same)
        })?;
        Ok(same)
    }

    /// Puts a file in one go: at once when it is short, by way of the bench when it is long.
    pub(crate) fn put_through_bench(
        &self,
        place: &Place,
        path: &[u8],
        new: NewEntry,
        body: &mut dyn Read,
    ) -> Result<Changed, FilesError> {
        let upload = NewUpload {
            source: place.source.clone(),
            path: path.to_vec(),
            words: new.words,
            ..NewUpload::default()
        };
        let limits = (new.room, new.checksum);
        self.with_body(place.space, upload, limits, body, |record, before, tail| {
            let content = Content { files: self, space: place.space, before, tail };
            check_whole(&content, record)?;
            let attrs = attrs(&content, record)?;
            self.put_placed(place, path, &attrs, &content, new.expected)
        })
    }
}

/// Compares what came with the checksums that its sender gave of the whole.
fn check_whole(content: &Content<'_>, record: &Upload) -> Result<(), FilesError> {
    for word in &record.words {
        if let Some(wanted) = Checksum::of_word(&word.key, &word.value)? {
            let mut running = Running::new(wanted.algorithm);
            content.visit(&mut |_, piece| {
                running.add(piece);
                Ok(true)
            })?;
            if !running.is(&wanted) {
                return Err(FilesError::Checksum);
            }
        }
    }
    Ok(())
}

/// Refuses at once what would be refused when all bytes have come: a time that is none, a checksum.
pub(crate) fn check_words(words: &[UploadWord]) -> Result<(), FilesError> {
    for word in words {
        if is_time(&word.key.to_ascii_lowercase()) {
            read_time(&word.value)?;
        }
        Checksum::of_word(&word.key, &word.value)?;
    }
    Ok(())
}

/// Times and words that stay with the file.
fn attrs(content: &Content<'_>, record: &Upload) -> Result<Attrs, FilesError> {
    let mut mtime = from_millis(record.created.0);
    let mut xattrs = Vec::new();
    let mut keep = |name: String, value: &[u8]| {
        let fits = name.len() <= 255
            && !xattrs.iter().any(|x: &Xattr| x.name.as_slice() == name.as_bytes());
        if fits {
            xattrs.push(Xattr { name: name.into_bytes().into(), value: value.to_vec().into() });
        }
    };
    for word in &record.words {
        let key = word.key.to_ascii_lowercase();
        match key.as_str() {
            key if is_time(key) => mtime = read_time(&word.value)?,
            "filetype" | "type" => keep(MIME_XATTR.to_owned(), &word.value),
            key if SPENT.contains(&key) => {}
            key if Checksum::of_word(key, &word.value)?.is_some() => {}
            _ => keep(format!("{WORD_XATTR}{}", word.key), &word.value),
        }
    }
    let fault = media::look(content.len(), &mut |offset, len| content.read(offset, len))?;
    if let Some(fault) = fault {
        keep(FAULT_XATTR.to_owned(), fault.as_bytes());
    }
    xattrs.sort_by(|a, b| a.name.as_slice().cmp(b.name.as_slice()));
    Ok(Attrs { mode: 0o644, mtime, xattrs, ..Attrs::default() })
}

fn is_time(key: &str) -> bool {
    matches!(key, "mtime" | "lastmodified")
}

/// Milliseconds since 1970, as browsers tell a file's time.
fn read_time(value: &[u8]) -> Result<FileTime, FilesError> {
    let text = std::str::from_utf8(value).ok();
    let millis = text.and_then(|text| text.trim().parse().ok());
    millis
        .map(from_millis)
        .ok_or_else(|| FilesError::bad("mtime is not a whole number of milliseconds since 1970"))
}

fn from_millis(millis: i64) -> FileTime {
    let nanos = u32::try_from(millis.rem_euclid(1_000) * 1_000_000).unwrap_or_default();
    FileTime { secs: millis.div_euclid(1_000), nanos }
}
