//! What a tree holds: entries with every attribute, extents, directory nodes, manifests.
//!
//! CBOR maps with small integer keys (RFC 8949); a reader skips keys that it does not know.
//! Names, link targets and attribute values are bytes, never host paths. Drawn in
//! `docs/formats/records.md`.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Decoder, Encode, Encoder};
use types::{ChunkId, ObjectId};

/// A directory node's or manifest node's CBOR is never longer than this.
pub const NODE_LEN_MAX: usize = 1 << 20;

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum EntryKind {
    /// A regular file.
    #[n(0)]
    File,
    /// A folder.
    #[n(1)]
    Folder,
    /// A symbolic link.
    #[n(2)]
    Symlink,
    /// A named pipe.
    #[n(3)]
    Fifo,
    /// A Unix socket; restored as a name only where sockets can be made.
    #[n(4)]
    Socket,
    /// A character device.
    #[n(5)]
    CharDevice,
    /// A block device.
    #[n(6)]
    BlockDevice,
}

/// A file's time: whole seconds since 1970 (negative before) and nanoseconds after them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(array)]
pub struct FileTime {
    /// Seconds since 1970-01-01T00:00:00Z, rounded down.
    #[n(0)]
    pub secs: i64,
    /// 0 to 999,999,999 nanoseconds after `secs`.
    #[n(1)]
    pub nanos: u32,
}

/// One extended attribute. POSIX ACLs are `system.posix_acl_access` and `..._default`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Xattr {
    /// Full name, such as `user.comment`.
    #[n(0)]
    pub name: ByteVec,
    /// Value.
    #[n(1)]
    pub value: ByteVec,
}

/// Attributes that every kind of entry has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Attrs {
    /// Permission bits, `0o7777` at most.
    #[n(0)]
    pub mode: u32,
    /// Owner.
    #[n(1)]
    pub uid: u32,
    /// Group.
    #[n(2)]
    pub gid: u32,
    /// Owner's name where it was known.
    #[n(3)]
    pub user: Option<ByteVec>,
    /// Group's name where it was known.
    #[n(4)]
    pub group: Option<ByteVec>,
    /// Last modification.
    #[n(5)]
    pub mtime: FileTime,
    /// Extended attributes, sorted by name.
    #[n(6)]
    #[cbor(skip_if = "Vec::is_empty", default)]
    pub xattrs: Vec<Xattr>,
}

/// Where the entry stood when it was read: tells an unchanged file by one stat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Origin {
    /// Device number.
    #[n(0)]
    pub dev: u64,
    /// Inode number.
    #[n(1)]
    pub ino: u64,
    /// Last change of the inode.
    #[n(2)]
    pub ctime: FileTime,
}

/// A run of a file's bytes: a whole chunk, a range of one, or a hole.
///
/// CBOR: `[len]` a hole, `[len, id]` the front of a chunk, `[len, id, offset]` a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Bytes of the file that this extent stands for.
    pub len: u64,
    /// The chunk that holds them; none for a hole.
    pub chunk: Option<ChunkId>,
    /// Where in the chunk's plaintext they begin.
    pub offset: u32,
}

impl Extent {
    /// `len` zero bytes that take no room.
    pub fn hole(len: u64) -> Self {
        Self { len, chunk: None, offset: 0 }
    }

    /// The first `len` bytes of a chunk; a whole chunk when it is that long.
    pub fn chunk(id: ChunkId, len: u64) -> Self {
        Self { len, chunk: Some(id), offset: 0 }
    }
}

impl<C> Encode<C> for Extent {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut Encoder<W>,
        ctx: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        let fields = match (self.chunk, self.offset) {
            (None, _) => 1,
            (Some(_), 0) => 2,
            (Some(_), _) => 3,
        };
        e.array(fields)?.u64(self.len)?;
        if let Some(id) = self.chunk {
            id.encode(e, ctx)?;
            if self.offset > 0 {
                e.u32(self.offset)?;
            }
        }
        Ok(())
    }
}

impl<'b, C> Decode<'b, C> for Extent {
    fn decode(d: &mut Decoder<'b>, ctx: &mut C) -> Result<Self, minicbor::decode::Error> {
        let fields = d.array()?;
        let len = d.u64()?;
        match fields {
            Some(1) => Ok(Self::hole(len)),
            Some(2) => Ok(Self::chunk(ChunkId::decode(d, ctx)?, len)),
            Some(3) => Ok(Self { len, chunk: Some(ChunkId::decode(d, ctx)?), offset: d.u32()? }),
            _ => Err(minicbor::decode::Error::message("an extent has one to three fields")),
        }
    }
}

/// A file's bytes.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Content {
    /// Few extents, here.
    #[n(0)]
    Inline(#[n(0)] Vec<Extent>),
    /// Many: the root of a tree of [`Manifest`] nodes.
    #[n(1)]
    Manifest(#[n(0)] ObjectId),
}

/// One name in a folder.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Entry {
    /// The name as the source had it: bytes, no `/`, no NUL; empty for a snapshot's root.
    #[n(0)]
    pub name: ByteVec,
    /// What it is.
    #[n(1)]
    pub kind: EntryKind,
    /// Its attributes.
    #[n(2)]
    pub attrs: Attrs,
    /// A file's length in bytes; 0 for everything else.
    #[n(3)]
    pub size: u64,
    /// A file's bytes; none for everything else, and for an empty file.
    #[n(4)]
    pub content: Option<Content>,
    /// A folder's node; none for everything else, and for an empty folder.
    #[n(5)]
    pub node: Option<ObjectId>,
    /// A symbolic link's target.
    #[n(6)]
    pub target: Option<ByteVec>,
    /// A device's number: major in the upper 32 bits, minor in the lower.
    #[n(7)]
    pub device: Option<u64>,
    /// Entries of a snapshot with the same number are hard links to one file.
    #[n(8)]
    pub link: Option<u64>,
    /// Where it was read.
    #[n(9)]
    pub origin: Option<Origin>,
    /// The file went on changing while it was read: its bytes may be of different moments.
    #[n(10)]
    #[cbor(default)]
    pub unsettled: bool,
}

impl Entry {
    /// An entry with a name, a kind, and nothing else.
    pub fn new(name: impl Into<Vec<u8>>, kind: EntryKind) -> Self {
        Self {
            name: ByteVec::from(name.into()),
            kind,
            attrs: Attrs::default(),
            size: 0,
            content: None,
            node: None,
            target: None,
            device: None,
            link: None,
            origin: None,
            unsettled: false,
        }
    }
}

/// A child of an inner directory node.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct NodeChild {
    /// The first name below it.
    #[n(0)]
    pub first: ByteVec,
    /// The child node.
    #[n(1)]
    pub node: ObjectId,
}

/// One node of a folder: entries sorted by name as bytes, or children in the same order.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Node {
    /// Names.
    #[n(0)]
    Leaf(#[n(0)] Vec<Entry>),
    /// Nodes with names, in order.
    #[n(1)]
    Inner(#[n(0)] Vec<NodeChild>),
}

/// A child of an inner manifest node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct ManifestChild {
    /// Bytes of the file below it.
    #[n(0)]
    pub len: u64,
    /// The child node.
    #[n(1)]
    pub node: ObjectId,
}

/// One node of a big file's manifest.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Manifest {
    /// Extents in file order.
    #[n(0)]
    Extents(#[n(0)] Vec<Extent>),
    /// Nodes in file order.
    #[n(1)]
    Inner(#[n(0)] Vec<ManifestChild>),
}
