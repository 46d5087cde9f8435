//! What is on a disk, as far as its bytes alone say it.
//!
//! Runs in the child that has no rights; the answer goes to its parent as JSON, which believes
//! nothing of it but its shape. Mounts nothing, writes nothing. Start at [`surface`].

mod blank;
mod label;
mod signature;
mod source;
mod table;
#[cfg(test)]
mod tests;

use std::io;

use serde::{Deserialize, Serialize};

use crate::gpt;
pub(crate) use blank::places as blank_places;
pub(crate) use signature::{Kind, Sign};
pub(crate) use source::{ReadAt, Source};

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
    /// Without any of these: what can still be told of a file system whose table is gone. It is not
    /// looked into.
    pub(crate) traces: Vec<Sign>,
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

/// Reads what is needed: a few MiB, and some more before a disk is called blank.
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
    let is_bare = whole.is_none() && table.is_none();
    let blank = is_bare && blank::is_blank(&source)?;
    let traces = if is_bare && !blank { blank::traces(&source)? } else { Vec::new() };
    Ok(Surface { unfinished: None, blank, whole, parts, traces })
}
