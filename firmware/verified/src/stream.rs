//! Sending groups of a pack with their proof, and receiving them so that nothing unproven gets in.
//!
//! A stream holds, in pre-order, the pairs of hashes on the way to the groups that were asked for,
//! and the groups. Both sides know the pack's name, its length and the groups, so none of them is
//! in it. Memory: one group. Start at [`receive`].

use std::convert::Infallible;
use std::io::{self, Read, Write};

use bao_tree::io::sync::{DecodeResponseIter, encode_ranges, encode_ranges_validated};
use bao_tree::io::{BaoContentItem, DecodeError, EncodeError};
use bao_tree::{ChunkNum, TreeNode};
use thiserror::Error;
use types::sabotage::{self, Bug};

use crate::groups::group_at;
use crate::{Groups, Outboard, PAIR_LEN, ReadAt, Told};

/// Something that was proven.
#[derive(Debug)]
pub enum Piece<'a> {
    /// A pair of hashes, and where in the outboard it belongs.
    Pair {
        /// Offset in the outboard.
        at: u64,
        /// Both hashes.
        pair: [u8; PAIR_LEN],
    },
    /// A whole group.
    Group {
        /// Its number.
        group: usize,
        /// Where in the pack it begins.
        at: u64,
        /// Its bytes.
        bytes: &'a [u8],
    },
}

/// Why a stream was not taken to its end. What came before is proven and stays so.
#[derive(Debug, Error)]
pub enum ReceiveError<E> {
    /// The sender's bytes are not those of the pack. Nothing of them was handed out.
    #[error("the bytes sent for group {group} are not those of the pack")]
    Wrong {
        /// The first group that is not proven.
        group: usize,
    },
    /// The stream ended before the last group.
    #[error("the stream ended before group {group}")]
    Ended {
        /// The first group that did not come.
        group: usize,
    },
    /// The stream failed.
    #[error("the stream failed")]
    Reading(#[source] io::Error),
    /// Whoever was to take the pieces did not.
    #[error("a piece could not be taken")]
    Taking(#[source] E),
}

/// Why a stream was not sent to its end. What was sent is right all the same.
#[derive(Debug, Error)]
pub enum SendError {
    /// The stored bytes are not those of the pack.
    #[error("the stored bytes of group {group} are not those of the pack")]
    Damaged {
        /// The first group that is wrong.
        group: usize,
    },
    /// The stored bytes cannot be read.
    #[error("the stored bytes cannot be read")]
    Reading(#[source] io::Error),
    /// The other side takes no more.
    #[error("the receiver takes no more")]
    Writing(#[source] io::Error),
}

/// Reads the stream of `groups` and hands out each piece once it is proven.
pub fn receive<E>(
    told: &Told,
    groups: &Groups,
    stream: impl Read,
    mut take: impl FnMut(Piece<'_>) -> Result<(), E>,
) -> Result<(), ReceiveError<E>> {
    if groups.is_empty() {
        return Ok(());
    }
    let (tree, ranges) = (told.tree(), groups.chunks());
    for item in DecodeResponseIter::new(told.hash(), tree, stream, &ranges) {
        let taken = match item.map_err(receive_error)? {
            BaoContentItem::Parent(parent) => {
                let Some(place) = tree.pre_order_offset(parent.node) else { continue };
                let mut pair = [0; PAIR_LEN];
                pair[..PAIR_LEN / 2].copy_from_slice(parent.pair.0.as_bytes());
                pair[PAIR_LEN / 2..].copy_from_slice(parent.pair.1.as_bytes());
                take(Piece::Pair { at: place * PAIR_LEN as u64, pair })
            }
            BaoContentItem::Leaf(leaf) => {
                let (at, bytes) = (leaf.offset, &leaf.data[..]);
                take(Piece::Group { group: group_at(at), at, bytes })
            }
        };
        taken.map_err(ReceiveError::Taking)?;
    }
    Ok(())
}

/// Whether a stream is the answer to a question about `groups`: an owner's side of an audit, which
/// needs nothing but what it asked.
pub fn check(
    told: &Told,
    groups: &Groups,
    stream: impl Read,
) -> Result<(), ReceiveError<Infallible>> {
    receive(told, groups, stream, |_| Ok(()))
}

/// Writes the stream of `groups`, each read and compared before it is sent. The outboard must be
/// whole on the way to them: one that is not looks like damaged bytes.
pub fn send(
    outboard: &Outboard,
    data: &dyn ReadAt,
    groups: &Groups,
    to: &mut dyn Write,
) -> Result<(), SendError> {
    if groups.is_empty() {
        return Ok(());
    }
    let mut to = Watched { to, refused: false };
    let (inner, ranges) = (&outboard.inner, groups.chunks());
    let sent = if sabotage::on(Bug::AuditUnverified) {
        let data = Sized { data, len: inner.tree.size() };
        encode_ranges(data, inner, &ranges, &mut to)
    } else {
        encode_ranges_validated(data, inner, &ranges, &mut to)
    };
    sent.map_err(|error| match error {
        EncodeError::ParentHashMismatch(node) => SendError::Damaged { group: first(node) },
        EncodeError::LeafHashMismatch(chunk) => SendError::Damaged { group: group_of(chunk) },
        EncodeError::ParentWrite(_) | EncodeError::LeafWrite(_) => {
            SendError::Writing(io::ErrorKind::ConnectionReset.into())
        }
        EncodeError::Io(error) if to.refused => SendError::Writing(error),
        EncodeError::Io(error) => SendError::Reading(error),
        EncodeError::SizeMismatch => SendError::Damaged { group: 0 },
    })
}

fn receive_error<E>(error: DecodeError) -> ReceiveError<E> {
    match error {
        DecodeError::ParentNotFound(node) => ReceiveError::Ended { group: first(node) },
        DecodeError::LeafNotFound(chunk) => ReceiveError::Ended { group: group_of(chunk) },
        DecodeError::ParentHashMismatch(node) => ReceiveError::Wrong { group: first(node) },
        DecodeError::LeafHashMismatch(chunk) => ReceiveError::Wrong { group: group_of(chunk) },
        DecodeError::Io(error) => ReceiveError::Reading(error),
    }
}

/// The first group below a node.
fn first(node: TreeNode) -> usize {
    group_of(node.chunk_range().start)
}

fn group_of(chunk: ChunkNum) -> usize {
    group_at(chunk.to_bytes())
}

/// Remembers on whose side it failed.
struct Watched<'a> {
    to: &'a mut dyn Write,
    refused: bool,
}

impl Write for Watched<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes);
        self.refused |= !matches!(&written, Ok(1..));
        written
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// Bytes of a known length: what the sabotaged way asks for.
struct Sized<'a> {
    data: &'a dyn ReadAt,
    len: u64,
}

impl ReadAt for Sized<'_> {
    fn read_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.data.read_at(at, buffer)
    }
}

impl bao_tree::io::sync::Size for Sized<'_> {
    fn size(&self) -> io::Result<Option<u64>> {
        Ok(Some(self.len))
    }
}
