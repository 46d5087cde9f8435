//! Files in the making: a source of each space that nobody sees, and files put together from others.
//!
//! What lies on a bench is as durable, as sealed and as safe from pruning as any version. It keeps no
//! version but the newest, so that what was taken off it is let go. No bytes are read to join files.
//! Start at [`Vault::bench`] and [`SourceEditor::assemble`].

use std::collections::BTreeSet;
use std::io::Read;

use format::entry::{Attrs, Entry, EntryKind};
use seal::Chunker;
use tree::{ContentBuilder, Edit, Expected};
use types::{SourceId, SpaceId};

use crate::content::Cutter;
use crate::edit::{EditReceipt, SourceEditor};
use crate::error::VaultError;
use crate::members::Member;
use crate::store::SpaceStore;
use crate::{Receipt, Vault, ingest};

/// No source that a person names has a colon in it.
const BENCH: &str = ":bench";

/// Whether a source is one that nobody sees: the bench, or what computers have sent so far.
pub(crate) fn is_bench(name: &str) -> bool {
    name.starts_with(':')
}

/// A file that begins with other files' bytes.
#[derive(Debug)]
pub struct Assembly<'a> {
    /// Files of the same space whose bytes come first, in order. They must be in a version that is
    /// kept, or on a bench.
    pub before: &'a [Entry],
    /// Mode, owner, times.
    pub attrs: Attrs,
    /// Make the folders above it that are missing.
    pub make_parents: bool,
    /// What has to stand there now; anything but a folder when none.
    pub expected: Option<Expected>,
}

impl Vault {
    /// An editor for a space's bench.
    pub fn bench(&self, space: SpaceId) -> Result<SourceEditor<'_>, VaultError> {
        self.writable()?;
        let _storing = self.beside_storing();
        self.space_keys(space)?;
        let known = self.bench_of(space);
        let id = known.unwrap_or_else(|| SourceId(self.env.rng.array()));
        Ok(self.editor_of(id, known.is_none(), BENCH, space))
    }

    fn bench_of(&self, space: SpaceId) -> Option<SourceId> {
        self.writer().state.source_named(space, BENCH)
    }

    /// The top folder of a space's bench as it is now; an empty one where nothing was put yet.
    pub fn bench_root(&self, space: SpaceId) -> Result<Entry, VaultError> {
        let newest = self.bench_of(space).and_then(|bench| self.snapshots_of(bench).pop());
        match newest {
            Some(newest) => Ok(self.read_snapshot(&newest)?.root),
            None => Ok(crate::edit::new_root()),
        }
    }

    /// What lies on a space's bench under a name.
    pub fn on_bench(&self, space: SpaceId, name: &[u8]) -> Result<Option<Entry>, VaultError> {
        let store = SpaceStore { vault: self, space };
        Ok(tree::find(&store, self.bench_root(space)?.node, name)?)
    }

    /// On how many disks that answer now all bytes of a file are, and on how many they shall be: what
    /// lies there may have been stored while a disk was away.
    pub fn copies_of(&self, space: SpaceId, file: &Entry) -> Result<Receipt, VaultError> {
        let disks_of = |on: &dyn Fn(&Member) -> bool| {
            let members = self.members();
            let mine = members.attached.iter().filter(|one| one.failed.is_none() && on(one));
            mine.map(|one| one.serial.clone()).collect::<BTreeSet<_>>().len()
        };
        let mut copies = disks_of(&|one| one.takes_writes());
        let store = SpaceStore { vault: self, space };
        for placed in file.content.iter().flat_map(|content| tree::extents(&store, content)) {
            let Some(chunk) = placed?.extent.chunk else { continue };
            let unsealed = self.writer().unsealed_on(space, &chunk);
            let here = match unsealed {
                Some(on) => disks_of(&|one| on.contains(&one.id())),
                None => {
                    let place = self.catalog.chunk(&chunk)?;
                    let presence =
                        place.map(|place| self.catalog.presence(place.pack)).transpose()?;
                    disks_of(&|one| presence.unwrap_or(0) & one.slot.bit() != 0)
                }
            };
            copies = copies.min(here);
        }
        Ok(self.writer().receipt(copies))
    }

    /// Lets go of versions of a bench that came back with a disk that was away; how many.
    pub fn tidy_bench(&self, space: SpaceId) -> Result<usize, VaultError> {
        let Some(bench) = self.bench_of(space) else { return Ok(0) };
        let mut old = self.snapshots_of(bench);
        old.pop();
        if !old.is_empty() {
            self.forget(&old)?;
        }
        Ok(old.len())
    }
}

impl SourceEditor<'_> {
    /// Puts a file whose bytes are those of others and then those that `bytes` gives to its end.
    /// Durable when it returns. Gives the file back as it stands now.
    pub fn assemble(
        &self,
        path: &[u8],
        assembly: Assembly<'_>,
        bytes: &mut dyn Read,
    ) -> Result<(EditReceipt, Entry), VaultError> {
        let _storing = self.vault.storing();
        let cut = ingest::with(self.vault, self.space, |ingest| {
            let store = SpaceStore { vault: self.vault, space: self.space };
            let mut builder = ContentBuilder::new();
            for content in assembly.before.iter().filter_map(|entry| entry.content.as_ref()) {
                for placed in tree::extents(&store, content) {
                    builder.push(ingest, placed?.extent)?;
                }
            }
            Cutter::new(Chunker::new(ingest.keys)).cut_stream(bytes, builder, ingest)
        })?;
        let mut entry = Entry::new(Vec::new(), EntryKind::File);
        (entry.content, entry.size, entry.attrs) = (cut.content, cut.size, assembly.attrs);
        let put = Edit::Put {
            path: path.to_vec(),
            entry: Box::new(entry.clone()),
            make_parents: assembly.make_parents,
        };
        let receipt = self.edit(tied(path, assembly.expected, put))?;
        Ok((receipt, entry))
    }

    /// Makes any edit. What a put entry refers to must be in a version of this space that is kept, or
    /// on its bench.
    pub fn apply(&self, edit: Edit) -> Result<EditReceipt, VaultError> {
        let _storing = self.vault.storing();
        self.edit(edit)
    }

    /// Makes several, which share commits.
    pub fn apply_all(&self, edits: Vec<Edit>) -> Vec<Result<EditReceipt, VaultError>> {
        let _storing = self.vault.storing();
        self.edit_all(edits)
    }
}

/// An edit that is made only if what stands at `path` is as expected.
pub(crate) fn tied(path: &[u8], expected: Option<Expected>, edit: Edit) -> Edit {
    match expected {
        None => edit,
        Some(expected) => Edit::If { path: path.to_vec(), expected, edit: Box::new(edit) },
    }
}
