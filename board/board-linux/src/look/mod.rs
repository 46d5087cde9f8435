//! What is on a disk, as far as its bytes alone say it.
//!
//! Runs in the child that has no rights; the answer goes to its parent as JSON, which believes
//! nothing of it but its shape. Mounts nothing, writes nothing. Start at [`surface`].

mod label;
mod signature;
mod source;
mod table;
#[cfg(test)]
mod tests;

use std::io;

use serde::{Deserialize, Serialize};

use crate::gpt;
pub(crate) use signature::{Kind, Sign};
pub(crate) use source::{ReadAt, Source};

/// A disk on which this much at both ends, and all samples, are one byte again and again holds
/// nothing.
const END_LEN: u64 = 1 << 20;
/// Places between the ends, evenly spread: about a second on a disk that turns. A disk that lost
/// its table but not its files is not called blank.
const SAMPLES: u64 = 64;
const SAMPLE_LEN: u64 = 16 << 10;
/// More parts are not looked into; who has more has something that we do not know.
pub(crate) const PARTS_MAX: usize = 32;

/// What the bytes say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Surface {
    /// A disk that is being prepared under this label.
    pub(crate) unfinished: Option<String>,
    /// Nothing at all.
    pub(crate) blank: bool,
    /// A file system without a partition around it.
    pub(crate) whole: Option<Sign>,
    /// Partitions.
    pub(crate) parts: Vec<PartSeen>,
}

/// A partition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PartSeen {
    pub(crate) index: u32,
    pub(crate) start: u64,
    pub(crate) len: u64,
    pub(crate) sign: Option<Sign>,
}

/// Reads what is needed, never more than a few MiB.
pub(crate) fn surface(disk: &dyn ReadAt, size: u64, sector: u64) -> io::Result<Surface> {
    let source = Source { disk, start: 0, len: size };
    if let Some(label) = source.bytes::<512>(0)?.as_ref().and_then(gpt::label_of_mark) {
        return Ok(Surface { unfinished: Some(label), ..Surface::default() });
    }
    // Under a GPT something older may still show, and a boot sector looks like the older table.
    let gpt = table::first(&source, sector)?;
    let whole = if gpt.is_some() { None } else { signature::of(&source)? };
    let table =
        if gpt.is_some() || whole.is_some() { gpt } else { table::second(&source, sector)? };
    let mut parts = Vec::new();
    for slice in table.iter().flatten().take(PARTS_MAX) {
        let Some(part) = source.part(slice.start, slice.len) else { continue };
        let sign = signature::of(&part)?;
        parts.push(PartSeen { index: slice.index, start: slice.start, len: slice.len, sign });
    }
    let blank = whole.is_none() && table.is_none() && is_blank(&source)?;
    Ok(Surface { unfinished: None, blank, whole, parts })
}

fn is_blank(source: &Source<'_>) -> io::Result<bool> {
    let first = source.up_to(0, END_LEN)?;
    // Flash that was never written reads as zeros or as ones.
    let same = first.first().copied().unwrap_or(0);
    let is_same = |bytes: &[u8]| bytes.iter().all(|byte| *byte == same);
    if !matches!(same, 0 | 0xff) || !is_same(&first) {
        return Ok(false);
    }
    let last = source.len.saturating_sub(END_LEN);
    for sample in 1..=SAMPLES {
        let place = source.len / (SAMPLES + 1) * sample / SAMPLE_LEN * SAMPLE_LEN;
        if !is_same(&source.up_to(place, SAMPLE_LEN)?) {
            return Ok(false);
        }
    }
    Ok(is_same(&source.up_to(last, END_LEN)?))
}
