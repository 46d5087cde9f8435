//! Why the vault could not do what it was asked, and what the owner can do.
//!
//! Every message is one sentence that names the thing; [`VaultError::advice`] (in `advice`) is the next step.

use format::FormatError;
use thiserror::Error;
use types::{Bytes, ChunkId, PackId, VaultId, VolumeId};

/// Why the vault could not do what it was asked.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum VaultError {
    /// A volume said no.
    #[error(transparent)]
    Volume(#[from] volume::VolumeError),
    /// The catalog said no. It is a cache: nothing is lost with it.
    #[error(transparent)]
    Catalog(#[from] catalog::CatalogError),
    /// The words, password or key file do not open the vault.
    #[error(transparent)]
    Unlock(#[from] seal::UnlockError),
    /// Sealing failed: a fault in memory, or a limit.
    #[error(transparent)]
    Seal(#[from] seal::SealError),
    /// A stored record cannot be read.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// A file or folder of the source cannot be read.
    #[error(transparent)]
    Read(#[from] filetree::ReadError),
    /// The place to restore to said no.
    #[error(transparent)]
    Write(#[from] filetree::WriteError),
    /// Pruning would be unwise now.
    #[error(transparent)]
    Refused(#[from] plan::gc::GcRefusal),
    /// No volume has room.
    #[error(
        "a pack of up to {need} is needed and no disk has room for it: {label} has most room, {free}"
    )]
    Full {
        /// The volume with most room.
        label: String,
        /// Its room, the reserve taken off.
        free: Bytes,
        /// What was needed.
        need: Bytes,
    },
    /// No volume was given, or none could be opened.
    #[error("no volume of this vault could be opened{detail}")]
    NoVolume {
        /// What each said, each after a line break and two spaces.
        detail: String,
    },
    /// A volume belongs to another vault.
    #[error("the volume at {label} belongs to vault {found}, not to vault {wanted}")]
    OtherVault {
        /// Where it is.
        label: String,
        /// Its vault.
        found: VaultId,
        /// The vault that is open.
        wanted: VaultId,
    },
    /// One folder was named twice.
    #[error("{first} and {second} are the same volume ({volume})")]
    SameVolumeTwice {
        /// One name.
        first: String,
        /// The other.
        second: String,
        /// The volume.
        volume: VolumeId,
    },
    /// Two folders say that they are one volume: one is a copy of the other.
    #[error("{clone} is a clone of volume {volume} at {original}; it was left alone")]
    Clone {
        /// The copy.
        clone: String,
        /// The one the vault knows.
        original: String,
        /// The volume.
        volume: VolumeId,
    },
    /// Two histories that went on apart.
    #[error(
        "two histories of this vault went on apart after head {fork}: one on {one}, one on {other}"
    )]
    Fork {
        /// The last head that both have.
        fork: u64,
        /// A volume with one history.
        one: String,
        /// A volume with the other.
        other: String,
    },
    /// The key file is missing or damaged on every volume.
    #[error("no readable key file on any volume")]
    NoKeys,
    /// No head can be read, so nothing says which versions there are.
    #[error(
        "no volume that is here has a readable head ({found} damaged ones were found): \
         which versions there are is not known"
    )]
    NoHead {
        /// How many were found, none of them readable.
        found: usize,
    },
    /// The name matches nothing.
    #[error("there is no {what} {name:?}")]
    NotFound {
        /// Kind of thing.
        what: &'static str,
        /// The name asked for.
        name: String,
    },
    /// The name matches more than one thing.
    #[error("{name:?} could be {count} snapshots")]
    Ambiguous {
        /// The name asked for.
        name: String,
        /// How many match.
        count: usize,
    },
    /// A volume's keys may hold more than those that were read: they are not written over.
    #[error("{label} has newer keys of this vault than those that could be read")]
    NewerKeys {
        /// The volume.
        label: String,
    },
    /// Several spaces have a source of that name.
    #[error("several spaces have a source {name:?}")]
    SeveralSources {
        /// The name asked for.
        name: String,
    },
    /// There is already one.
    #[error("there is already a {what} {name:?}")]
    Exists {
        /// Kind of thing.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// A path within a snapshot is not what was asked for.
    #[error("{path:?} is not a {wanted}")]
    NotA {
        /// The path.
        path: String,
        /// What was asked for.
        wanted: &'static str,
    },
    /// An edit of a source's tree was refused.
    #[error(transparent)]
    Edit(#[from] tree::EditError),
    /// A tree in the vault is damaged.
    #[error("{0}")]
    Tree(String),
    /// A piece that the vault promised is on no volume that is here.
    #[error("piece {chunk} is on no volume that is here{detail}")]
    Lost {
        /// The piece.
        chunk: ChunkId,
        /// Where it should be.
        detail: String,
    },
    /// A pack is damaged wherever it is.
    #[error("pack {pack} is damaged on every volume that holds it")]
    PackDamaged {
        /// The pack.
        pack: PackId,
    },
    /// The friends that were asked do not have what is needed.
    #[error("no friend that was asked has {what} of this vault{detail}")]
    HoldsLack {
        /// What they do not have.
        what: &'static str,
        /// What was odd, each after a line break and two spaces.
        detail: String,
    },
    /// A friend could not be asked, so that it is not known what the newest state is.
    #[error("something newer may be where nobody could be asked:{detail}")]
    Unheard {
        /// Who, and for what, each after a line break and two spaces.
        detail: String,
    },
    /// What somebody gave as a pack has not the bytes of its name.
    #[error("what came as pack {pack} is something else")]
    NotThatPack {
        /// The pack.
        pack: PackId,
    },
    /// The vault was opened for reading only.
    #[error("the vault is open for reading only")]
    ReadOnly,
    /// Fewer volumes answer than one: nothing can be acknowledged.
    #[error("no volume takes writes any more{detail}")]
    NoWriter {
        /// What happened to them.
        detail: String,
    },
    /// What was asked would lose data.
    #[error("{count} packs ({bytes}) are on no other volume than {volume}")]
    OnlyCopy {
        /// The volume.
        volume: String,
        /// Packs that would go.
        count: u64,
        /// Their size.
        bytes: Bytes,
    },
    /// A volume that is away may hold versions that no catalog lists: see [`crate::Vault::unsettled`].
    #[error(
        "{volume} is away, and versions may be on it that no other disk has: the vault was in use with it when it stopped without being closed"
    )]
    Unsettled {
        /// The volume.
        volume: String,
    },
    /// A request makes no sense.
    #[error("{what}")]
    Bad {
        /// What is wrong, as a sentence.
        what: String,
    },
    /// The commit that this edit shared with others failed.
    #[error("the commit that this edit was part of failed: {why}")]
    Batch {
        /// What the commit said.
        why: String,
    },
    /// Nothing of what was named could be read, so there is no new version.
    #[error("nothing could be read: {path}: {reason}")]
    NothingRead {
        /// The first of what was left out.
        path: String,
        /// Why.
        reason: String,
    },
    /// A path that was named cannot be used.
    #[error("{path} cannot be used")]
    Path {
        /// The path.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The bytes that were to be stored could not be read to their end.
    #[error("what was to be stored broke off while it was read")]
    Stream {
        /// What the stream said.
        source: std::io::Error,
    },
    /// The operation was stopped by its caller.
    #[error("stopped before it was finished")]
    Stopped,
}

impl VaultError {
    /// There is no room for it on the disks.
    pub fn is_full(&self) -> bool {
        use volume::VolumeError as Of;
        matches!(self, Self::Full { .. } | Self::Volume(Of::Full { .. } | Of::RanOut { .. }))
    }
}
