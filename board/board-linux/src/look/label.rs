//! Names of file systems, out of bytes that may say anything.
//!
//! A name is for people: no control characters, no ends of line. Start at [`plain`].

use std::io;

use super::source::{Source, number};

/// More of a root folder than the name is ever behind.
const ROOT_LEN_MAX: u64 = 64 << 10;
/// NTFS records are 1 KiB, or 4 KiB on some disks.
const RECORD_LEN_MAX: u64 = 4096;

/// Text up to its first zero, without what a terminal or a page would act on.
pub(super) fn plain(bytes: &[u8]) -> Option<String> {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    tidied(&String::from_utf8_lossy(&bytes[..end]))
}

fn wide(bytes: &[u8]) -> Option<String> {
    let units = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
    let text: String = char::decode_utf16(units)
        .map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect();
    tidied(&text)
}

fn tidied(text: &str) -> Option<String> {
    let text: String = text.chars().filter(|letter| !letter.is_control()).collect();
    let text = text.trim();
    (!text.is_empty() && text != "NO NAME").then(|| text.to_owned())
}

/// exFAT keeps its name in an entry of the root folder.
pub(super) fn of_exfat(source: &Source<'_>) -> io::Result<Option<String>> {
    let Some(boot) = source.bytes::<512>(0)? else { return Ok(None) };
    let (sector, cluster) = (number(&boot, 108, 1), number(&boot, 109, 1));
    // 512 B to 4 KiB, and clusters of at most 32 MiB.
    if !(9..=12).contains(&sector) || sector + cluster > 25 {
        return Ok(None);
    }
    let first = number(&boot, 96, 4).saturating_sub(2);
    let place = (number(&boot, 88, 4) << sector).checked_add(first << (sector + cluster));
    let len = (1 << (sector + cluster)).min(ROOT_LEN_MAX);
    let Some(place) = place else { return Ok(None) };
    let root = source.up_to(place, len)?;
    let entry = root.chunks_exact(32).find(|entry| entry[0] == 0x83);
    Ok(entry.and_then(|entry| wide(&entry[2..2 + 2 * usize::from(entry[1].min(11))])))
}

/// NTFS keeps its name in the fourth record of its table of files.
pub(super) fn of_ntfs(source: &Source<'_>) -> io::Result<Option<String>> {
    let Some(boot) = source.bytes::<512>(0)? else { return Ok(None) };
    let cluster = number(&boot, 11, 2) * number(&boot, 13, 1);
    let record = match i8::from_le_bytes([boot[64]]) {
        power @ -12..=-9 => 1 << power.unsigned_abs(),
        count @ 1.. => cluster * u64::from(count.unsigned_abs()),
        _ => return Ok(None),
    };
    let table = number(&boot, 48, 8).checked_mul(cluster);
    let place = table.and_then(|table| table.checked_add(3 * record));
    let Some(place) = place.filter(|_| record <= RECORD_LEN_MAX) else { return Ok(None) };
    let record = source.up_to(place, record)?;
    Ok(if record.starts_with(b"FILE") { volume_name(&record) } else { None })
}

/// The attribute of kind 0x60 that lies in the record itself.
fn volume_name(record: &[u8]) -> Option<String> {
    let offset = |at, len| usize::try_from(number(record, at, len)).unwrap_or(usize::MAX);
    let mut at = offset(20, 2);
    loop {
        let rest = record.get(at..)?;
        let (kind, len) = (number(rest, 0, 4), offset(at.checked_add(4)?, 4));
        if kind == 0x60 && rest.get(8) == Some(&0) {
            let (start, size) = (offset(at + 20, 2), offset(at + 16, 4));
            return wide(rest.get(start..start.checked_add(size)?)?);
        }
        // Attributes are in order of kind, and none is shorter than its head.
        if kind > 0x60 || len < 16 {
            return None;
        }
        at = at.checked_add(len)?;
    }
}
