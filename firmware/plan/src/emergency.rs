//! Emergency restore to drives: what is written first when not everything fits, and onto which drive.
//!
//! The order is by kind, told from a name's ending: what nobody can make or fetch again comes
//! first. Nothing is remembered between calls, so a restore that goes on after a pulled drive
//! decides the same again. Start at [`order`] and [`choose`].

use types::Bytes;

/// Room that is left on every drive: for lists, folders, and what a file system needs itself.
pub const DRIVE_RESERVE: Bytes = Bytes(24 * Bytes::MIB);
/// Of what is free on a drive, one part in this many is left, too.
pub const DRIVE_RESERVE_SHARE: u64 = 200;

/// How hard a file is to get again, hardest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Written by hand: documents, mail, notes, keys, code.
    Documents,
    /// Pictures, and the small videos that phones keep beside them.
    Photos,
    /// Whatever is not told from its name.
    Other,
    /// Sound and films.
    Media,
    /// Archives, programs, images of disks: large, and most often to be had again.
    Bulk,
}

impl Class {
    /// All, in the order in which they are written.
    pub const ALL: [Self; 5] =
        [Self::Documents, Self::Photos, Self::Other, Self::Media, Self::Bulk];

    /// In words, for a list of what did not fit.
    pub fn words(self) -> &'static str {
        match self {
            Self::Documents => "documents",
            Self::Photos => "photos",
            Self::Other => "other files",
            Self::Media => "music and films",
            Self::Bulk => "archives, programs and disk images",
        }
    }
}

const DOCUMENTS: &[&str] = &[
    "abw", "asc", "bib", "c", "cpp", "cs", "css", "csv", "doc", "docx", "eml", "epub", "fodt",
    "gnucash", "go", "gpg", "gpx", "h", "htm", "html", "ics", "ini", "ipynb", "java", "js", "json",
    "kdbx", "key", "kmy", "log", "mbox", "md", "msg", "numbers", "odg", "odp", "ods", "odt", "ofx",
    "one", "org", "pages", "pdf", "pem", "php", "ppt", "pptx", "ps", "pst", "py", "qif", "rb",
    "rs", "rst", "rtf", "sh", "sql", "sqlite", "svg", "tex", "toml", "ts", "txt", "vcf", "wps",
    "xls", "xlsx", "xml", "yaml", "yml",
];
const PHOTOS: &[&str] = &[
    "3fr", "arw", "avif", "bmp", "cr2", "cr3", "dng", "gif", "heic", "heif", "jfif", "jpeg", "jpg",
    "jxl", "nef", "orf", "png", "psd", "raf", "rw2", "tif", "tiff", "webp", "xcf", "xmp",
];
const MEDIA: &[&str] = &[
    "aac", "avi", "flac", "m4a", "m4v", "mkv", "mov", "mp3", "mp4", "mpeg", "mpg", "mts", "ogg",
    "ogv", "opus", "vob", "wav", "webm", "wma", "wmv",
];
const BULK: &[&str] = &[
    "7z", "a", "apk", "appimage", "bak", "bin", "bz2", "cab", "class", "deb", "dll", "dmg", "exe",
    "gz", "img", "iso", "jar", "msi", "o", "ova", "pkg", "pyc", "qcow2", "rar", "rpm", "so",
    "squashfs", "tar", "tgz", "tmp", "vdi", "vhd", "vhdx", "vmdk", "xz", "zip", "zst",
];

/// What a file is, as far as its name tells. The last path component is enough.
pub fn class_of(name: &[u8]) -> Class {
    let base = name.rsplit(|byte| *byte == b'/').next().unwrap_or(name);
    let Some(dot) = base.iter().rposition(|byte| *byte == b'.').filter(|at| *at > 0) else {
        return Class::Other;
    };
    let ending = base[dot + 1..].to_ascii_lowercase();
    let among = |list: &[&str]| list.binary_search_by(|one| one.as_bytes().cmp(&ending)).is_ok();
    [(DOCUMENTS, Class::Documents), (PHOTOS, Class::Photos), (MEDIA, Class::Media)]
        .into_iter()
        .chain([(BULK, Class::Bulk)])
        .find(|(list, _)| among(list))
        .map_or(Class::Other, |(_, class)| class)
}

/// What one drive can still take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Free room less what is left on purpose; see [`usable`].
    pub free: Bytes,
    /// What a file's room is rounded up to.
    pub unit: u64,
    /// The longest file that its file system holds.
    pub file_max: Option<u64>,
}

impl Room {
    /// The room that a file of that many bytes takes.
    pub fn cost(&self, len: u64) -> Bytes {
        Bytes(len.max(1).checked_next_multiple_of(self.unit.max(1)).unwrap_or(u64::MAX))
    }

    /// Whether a file of that many bytes could ever stand here, were the drive empty.
    pub fn could_hold(&self, len: u64) -> bool {
        self.file_max.is_none_or(|most| len <= most)
    }

    fn takes(&self, len: u64) -> bool {
        self.could_hold(len) && self.cost(len) <= self.free
    }
}

/// What may be used of a drive on which that much is free.
pub fn usable(free: Bytes) -> Bytes {
    free.saturating_sub(DRIVE_RESERVE).saturating_sub(Bytes(free.0 / DRIVE_RESERVE_SHARE))
}

/// The order of writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Everything fits: as it stands in the folders, which is quickest to read and to browse.
    Folders,
    /// It does not: kind by kind, hardest to get again first. `short` is what is missing.
    Precious {
        /// How much more room all of it would need.
        short: Bytes,
    },
}

/// Which order it takes. `need` is the sum of [`Room::cost`] with the largest unit of all drives.
pub fn order(need: Bytes, drives: &[Room]) -> Order {
    let room: u64 = drives.iter().fold(0, |sum, drive| sum.saturating_add(drive.free.0));
    if need.0 <= room { Order::Folders } else { Order::Precious { short: Bytes(need.0 - room) } }
}

/// The drive that a file goes to: the first with room, so that what belongs together stays
/// together. None when none has room.
pub fn choose(len: u64, drives: &[Room]) -> Option<usize> {
    drives.iter().position(|drive| drive.takes(len))
}

#[cfg(test)]
mod tests {
    use super::{BULK, DOCUMENTS, MEDIA, PHOTOS};

    #[test]
    fn endings_are_sorted_and_stand_in_one_list_each() {
        let mut all: Vec<&str> = Vec::new();
        for list in [DOCUMENTS, PHOTOS, MEDIA, BULK] {
            assert!(list.is_sorted(), "{list:?}");
            all.extend(list);
        }
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
