//! What must hold for entries and nodes, checked before writing and again after reading.

use format::entry::{Content, Entry, EntryKind, Extent, Manifest, NODE_LEN_MAX, Node};
use format::from_cbor;
use types::ObjectId;

use crate::error::{Damage, TreeError};
use crate::path::is_name;
use crate::{INLINE_EXTENTS_MAX, ObjectReader};

/// What is wrong with an entry, as the rest of a sentence that begins with its name.
///
/// A reader takes an unknown kind of content for none (the CBOR library's rule for optional
/// fields); the check of the size keeps that from passing for an empty file.
pub(crate) fn entry_fault(entry: &Entry) -> Option<&'static str> {
    let is_file = entry.kind == EntryKind::File;
    if entry.node.is_some() && entry.kind != EntryKind::Folder {
        return Some("has a folder's node and is none");
    }
    if !is_file && (entry.size > 0 || entry.content.is_some()) {
        return Some("has bytes and is not a file");
    }
    if is_file && (entry.size == 0) != entry.content.is_none() {
        return Some("has a size that does not match its bytes");
    }
    if (entry.kind == EntryKind::Symlink) != entry.target.is_some() {
        return Some("is a link without a target, or has a target and is no link");
    }
    if let Some(Content::Inline(extents)) = &entry.content {
        if extents.len() > INLINE_EXTENTS_MAX {
            return Some("holds more extents than an entry may");
        }
        if add_up(extents.iter().map(|extent| extent.len)) != Ok(entry.size) {
            return Some("has extents that do not add up to its size");
        }
        if !extents.iter().all(is_extent) {
            return Some("has an extent that reaches beyond any chunk");
        }
    }
    None
}

/// Reads a folder's node; what comes back is in order and holds only sound entries.
pub(crate) fn read_node<R: ObjectReader + ?Sized>(
    reader: &R,
    id: &ObjectId,
) -> Result<Node, TreeError<R::Error>> {
    let node = decode(reader, id, "folder node")?;
    let fault = match &node {
        Node::Leaf(entries) => leaf_fault(entries),
        Node::Inner(children) => {
            name_fault(children.iter().map(|child| child.first.as_slice())).err()
        }
    };
    match fault {
        None => Ok(node),
        Some(damage) => Err(TreeError::damaged(*id, damage)),
    }
}

fn leaf_fault(entries: &[Entry]) -> Option<Damage> {
    if let Err(damage) = name_fault(entries.iter().map(|entry| entry.name.as_slice())) {
        return Some(damage);
    }
    entries.iter().find_map(|entry| {
        entry_fault(entry).map(|why| Damage::Entry { name: entry.name.to_vec(), why })
    })
}

fn name_fault<'n>(names: impl Iterator<Item = &'n [u8]>) -> Result<(), Damage> {
    let mut last: &[u8] = b"";
    for name in names {
        if !is_name(name) {
            return Err(Damage::Name { name: name.to_vec() });
        }
        // The empty name is no name and less than all of them.
        if name <= last {
            return Err(Damage::Order);
        }
        last = name;
    }
    if last.is_empty() { Err(Damage::Empty) } else { Ok(()) }
}

/// Reads a manifest's node and says how many bytes of the file it stands for.
pub(crate) fn read_manifest<R: ObjectReader + ?Sized>(
    reader: &R,
    id: &ObjectId,
) -> Result<(Manifest, u64), TreeError<R::Error>> {
    let manifest = decode(reader, id, "manifest node")?;
    let sum = match &manifest {
        Manifest::Extents(extents) if !extents.iter().all(is_extent) => Err(Damage::Lengths),
        Manifest::Extents(extents) => add_up(extents.iter().map(|extent| extent.len)),
        Manifest::Inner(children) => add_up(children.iter().map(|child| child.len)),
    };
    match sum {
        Ok(sum) => Ok((manifest, sum)),
        Err(damage) => Err(TreeError::damaged(*id, damage)),
    }
}

/// Whether an extent ends within what an offset can name. How long its chunk is, only the store
/// knows.
pub(crate) fn is_extent(extent: &Extent) -> bool {
    extent.chunk.is_none()
        || extent.len.checked_add(extent.offset.into()).is_some_and(|end| end <= u32::MAX.into())
}

/// No part is empty, there is one, and the sum is a length.
fn add_up(mut lens: impl Iterator<Item = u64>) -> Result<u64, Damage> {
    let sum = lens.try_fold(0_u64, |sum, len| sum.checked_add(len).filter(|_| len > 0));
    match sum {
        Some(0) => Err(Damage::Empty),
        Some(sum) => Ok(sum),
        None => Err(Damage::Lengths),
    }
}

fn decode<R: ObjectReader + ?Sized, T: for<'b> minicbor::Decode<'b, ()>>(
    reader: &R,
    id: &ObjectId,
    what: &'static str,
) -> Result<T, TreeError<R::Error>> {
    let bytes = reader.get(id).map_err(TreeError::Store)?;
    if bytes.len() > NODE_LEN_MAX {
        return Err(TreeError::damaged(*id, Damage::TooLong { len: bytes.len() }));
    }
    from_cbor(what, &bytes).map_err(|error| TreeError::damaged(*id, Damage::Undecodable(error)))
}
