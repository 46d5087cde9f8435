//! What files of a volume are called. Pure names; drawn in `docs/formats/volume.md`.

use format::pack::PackKind;
use types::{HeadHash, PackId};

/// The volume's folder, in the folder that the owner names.
pub(crate) const VOLUME_FOLDER: &str = "holdfast";
/// Copies of the superblock.
pub const COPIES_OF_SUPERBLOCK: usize = 3;
/// Copies of the key file.
pub const COPIES_OF_KEYS: usize = 2;
pub(crate) const RESCUE_PROGRAM: &str = "holdfast-rescue";
pub(crate) const FORMAT_TEXT: &str = "FORMAT.md";
/// What is kept about friends for a box that lost its own disk.
pub(crate) const FRIENDS_BESIDE: &str = "friends.sealed";
pub(crate) const HEADS: &str = "heads";
pub(crate) const OPEN: &str = "open";
pub(crate) const TRASH: &str = "trash";
/// Every folder that a volume begins with.
pub(crate) const FOLDERS: [&str; 5] = ["data", "meta", HEADS, OPEN, TRASH];
const PACK: &str = ".pack";
const HEAD: &str = ".head";
const PART: &str = ".part";
const IMPORT: &str = ".import";
const DAMAGED: &str = ".damaged";

pub(crate) fn superblock(copy: usize) -> String {
    format!("superblock.{copy}")
}

pub(crate) fn is_superblock(name: &str) -> bool {
    (0..COPIES_OF_SUPERBLOCK).any(|copy| name == superblock(copy))
}

pub(crate) fn keys(copy: usize) -> String {
    format!("keys.{copy}")
}

/// Whether a file is one of those that a volume is given before its superblocks.
pub(crate) fn is_companion(name: &str) -> bool {
    [RESCUE_PROGRAM, FORMAT_TEXT].contains(&name)
        || (0..COPIES_OF_KEYS).any(|copy| name == keys(copy))
}

/// Where a folder or a link goes that stood at `path`, in place of a file.
pub(crate) fn stray(path: &str, number: u32) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    format!("{TRASH}/{name}.stray.{number}")
}

/// The folder for packs of a kind. Index packs are not written by version 1.
pub(crate) fn kind_folder(kind: PackKind) -> &'static str {
    match kind {
        PackKind::Data => "data",
        PackKind::Meta | PackKind::Index => "meta",
    }
}

pub(crate) fn pack_folder(id: PackId, kind: PackKind) -> String {
    format!("{}/{:02x}", kind_folder(kind), id.0[0])
}

pub(crate) fn pack(id: PackId, kind: PackKind) -> String {
    format!("{}/{id}{PACK}", pack_folder(id, kind))
}

pub(crate) fn pack_of_name(name: &str) -> Option<PackId> {
    id_of_name(name, PACK)
}

pub(crate) fn trashed(id: PackId) -> String {
    format!("{TRASH}/{id}{PACK}")
}

pub(crate) fn damaged(id: PackId) -> String {
    format!("{TRASH}/{id}{DAMAGED}")
}

pub(crate) fn damaged_of_name(name: &str) -> Option<PackId> {
    id_of_name(name, DAMAGED)
}

pub(crate) fn import(id: PackId) -> String {
    format!("{OPEN}/{id}{IMPORT}")
}

pub(crate) fn is_import(name: &str) -> bool {
    id_of_name(name, IMPORT).is_some()
}

pub(crate) fn part(name: [u8; 16]) -> String {
    format!("{OPEN}/{}{PART}", hex(&name))
}

pub(crate) fn part_of_name(name: &str) -> Option<[u8; 16]> {
    // Volume ids are 16 bytes in hexadecimal too; their parser is strict, ours need not be.
    let text = name.strip_suffix(PART).filter(|text| is_lower_hex(text))?;
    text.parse::<types::VolumeId>().ok().map(|id| id.0)
}

/// A head's file name, in parts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HeadFile {
    /// The head's number in the vault.
    pub seq: u64,
    /// The file's name, for [`crate::Volume::read_head`].
    pub name: String,
}

impl HeadFile {
    pub(crate) fn new(seq: u64, hash: HeadHash) -> Self {
        Self { seq, name: format!("{seq:016x}-{}{HEAD}", hex(&hash.0[..8])) }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        let (seq, hash) = name.strip_suffix(HEAD)?.split_once('-')?;
        if seq.len() != 16 || hash.len() != 16 || !is_lower_hex(seq) || !is_lower_hex(hash) {
            return None;
        }
        let seq = u64::from_str_radix(seq, 16).ok()?;
        Some(Self { seq, name: name.to_owned() })
    }

    pub(crate) fn path(&self) -> String {
        format!("{HEADS}/{}", self.name)
    }
}

pub(crate) fn id_of_name(name: &str, ending: &str) -> Option<PackId> {
    name.strip_suffix(ending).filter(|text| is_lower_hex(text))?.parse().ok()
}

pub(crate) fn is_lower_hex(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a string does not fail");
        text
    })
}
