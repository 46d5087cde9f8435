//! Chunk rows by number: what a walk of a whole vault has seen is then one bit a chunk, not its id.
//!
//! The numbers are those of one moment: [`Rows`] keeps that moment's runs, whatever is committed
//! meanwhile, and a chunk that came later has none. Look many chunks up together: sorted, they read
//! each block once and in order, which is what a disk wants. Start at [`Rows::find_all`].

use std::sync::Arc;

use types::ChunkId;

use crate::catalog::{Catalog, Snapshot, View};
use crate::rows::{Key, Place, key_of, pack_of, search, unpack_place};
use crate::runs::number_of;
use crate::{CatalogError, ChunkPlace, PackState};

/// A chunk's row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbered {
    /// Below [`Rows::numbers`], and of this chunk alone.
    pub number: u64,
    /// Where the chunk is.
    pub place: ChunkPlace,
}

/// The block of a run that was read last.
#[derive(Clone, Debug, Default)]
struct Last {
    block: Option<usize>,
    rows: Vec<u8>,
}

/// All chunk rows of one moment.
pub struct Rows<'c> {
    catalog: &'c Catalog,
    snapshot: Arc<Snapshot>,
    /// Sorted.
    memory: Vec<(Key, Place)>,
    states: Vec<Option<PackState>>,
    /// For each run, oldest first.
    last: Vec<Last>,
}

impl std::fmt::Debug for Rows<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rows").field("numbers", &self.numbers()).finish_non_exhaustive()
    }
}

impl<'c> Rows<'c> {
    pub(crate) fn of(catalog: &'c Catalog, view: &View) -> Self {
        let snapshot = Arc::clone(&view.snapshot);
        let mut memory: Vec<_> = view.memory.iter().map(|(key, place)| (*key, *place)).collect();
        memory.sort_unstable_by_key(|(key, _)| *key);
        let last = vec![Last::default(); snapshot.runs.len()];
        Self { catalog, snapshot, memory, states: view.states.clone(), last }
    }

    /// All numbers are below this. Some belong to no chunk.
    pub fn numbers(&self) -> u64 {
        let runs = self.snapshot.runs.iter().map(|run| run.numbers());
        runs.sum::<u64>() + self.memory.len() as u64
    }

    /// The row of a chunk that is in a pack which was known at that moment.
    pub fn find(&mut self, id: &ChunkId) -> Result<Option<Numbered>, CatalogError> {
        let catalog = self.catalog;
        catalog.shielded(|| self.find_key(key_of(id)))
    }

    /// Looks up all of `ids`, which it sorts and empties, and shows each once, with its row.
    pub fn find_all<E: From<CatalogError>>(
        &mut self,
        ids: &mut Vec<ChunkId>,
        visit: &mut impl FnMut(ChunkId, Option<Numbered>) -> Result<(), E>,
    ) -> Result<(), E> {
        ids.sort_unstable_by_key(key_of);
        ids.dedup();
        for id in ids.drain(..) {
            visit(id, self.find(&id)?)?;
        }
        Ok(())
    }

    fn find_key(&mut self, key: Key) -> Result<Option<Numbered>, CatalogError> {
        let states = &self.states;
        let known = |place: &Place| states.get(pack_of(place).index()).copied().flatten().is_some();
        let mut end = self.numbers();
        if let Ok(at) = self.memory.binary_search_by_key(&key, |(key, _)| *key) {
            let place = self.memory[at].1;
            if known(&place) {
                let number = end - self.memory.len() as u64 + at as u64;
                return Ok(Some(Numbered { number, place: unpack_place(&place) }));
            }
        }
        end -= self.memory.len() as u64;
        for (run, last) in self.snapshot.runs.iter().zip(&mut self.last).rev() {
            end -= run.numbers();
            let Some(block) = run.block_of(key) else { continue };
            if last.block != Some(block) {
                last.block = None;
                run.read_block(block, &self.snapshot.blocks, &mut last.rows)?;
                last.block = Some(block);
            }
            if let Some((row, place)) = search(&last.rows, key).filter(|(_, place)| known(place)) {
                let number = end + number_of(block, row);
                return Ok(Some(Numbered { number, place: unpack_place(&place) }));
            }
        }
        Ok(None)
    }
}

/// A set of row numbers: a bit each.
#[derive(Clone, Debug)]
pub struct Numbers(Vec<u64>);

impl Numbers {
    /// The empty set of numbers of `rows`.
    pub fn none_of(rows: &Rows<'_>) -> Self {
        Self(vec![0; Self::at(rows.numbers()).0 + 1])
    }

    /// Adds a number; true when it was not there.
    pub fn insert(&mut self, number: u64) -> bool {
        let (word, bit) = Self::at(number);
        let new = self.0[word] & bit == 0;
        self.0[word] |= bit;
        new
    }

    /// Whether a number is there.
    pub fn contains(&self, number: u64) -> bool {
        let (word, bit) = Self::at(number);
        self.0[word] & bit != 0
    }

    fn at(number: u64) -> (usize, u64) {
        let bits = u64::from(u64::BITS);
        let word = usize::try_from(number / bits).expect("rows that exist can be counted");
        (word, 1 << (number % bits))
    }
}
