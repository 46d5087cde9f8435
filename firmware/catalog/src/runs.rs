//! The chunk index: sorted runs of rows, in blocks that are each one page of the database.
//!
//! A plain table of chunk rows would change one page for nearly every chunk, because ids are
//! random. So new rows gather in memory; when there are [`MEMORY_ROWS_MAX`], or a batch asks to be
//! durable, they are sorted and written as one *run*, front to back. Runs of like size are merged,
//! so there are few (about three per factor of four), and a row is rewritten a few times in all.
//! A newer run wins over an older one. A row whose pack is gone counts as absent and goes at the
//! next merge, so dropping a pack costs nothing here.
//! Each block has a 128-byte Bloom filter in memory (1.2 bytes a row): a chunk never seen costs no
//! read in 97 of 100 runs asked. Start reading at [`Run::find`] and [`write_merged`].

use redb::{ReadOnlyTable, ReadableTable, Table};

use crate::CatalogError;
use crate::error::Doing;
use crate::filter::{FILTER_LEN, probes};
use crate::rows::{CHECK_LEN, Key, Place, ROW_LEN, check_of, front, row_at, search};

/// Rows of a block: 128 of 31 bytes and the check fill one 4 KiB page of the database to 97 %.
const BLOCK_ROWS: usize = 128;
/// Length of a block's entry in the index: first key, row count, filter, check.
const INDEX_LEN: usize = 16 + 2 + FILTER_LEN + CHECK_LEN;
/// Rows held in memory before they become a run; 4 MB as a hash map.
pub(crate) const MEMORY_ROWS_MAX: usize = 100_000;
/// This many runs of like size become one. Fewer: less to search; more: less to rewrite.
const MERGE_RUNS: usize = 4;
/// Runs below this many rows count as alike: merging them is cheap, and small commits make many.
const SMALL_RUN_ROWS: u64 = 1024;

/// One sorted run: what is held of it in memory.
#[derive(Debug)]
pub(crate) struct Run {
    /// Counts up: a higher number is newer.
    pub(crate) number: u32,
    /// Rows in it.
    pub(crate) rows: u64,
    /// The first key of each block.
    firsts: Vec<Key>,
    /// The filter of each block.
    filters: Vec<[u8; FILTER_LEN]>,
}

impl Run {
    fn empty(number: u32) -> Self {
        Self { number, rows: 0, firsts: Vec::new(), filters: Vec::new() }
    }

    /// How large it is, in powers of four of [`SMALL_RUN_ROWS`].
    fn level(&self) -> u32 {
        (self.rows / SMALL_RUN_ROWS + 1).ilog2() / 2
    }

    fn block_key(&self, block: usize) -> Result<u64, CatalogError> {
        let block =
            u32::try_from(block).map_err(|_| CatalogError::Broken { what: "a run is too long" })?;
        Ok((u64::from(self.number) << 32) | u64::from(block))
    }

    /// The keys in the database that this run's blocks lie under.
    pub(crate) fn key_range(&self) -> std::ops::RangeInclusive<u64> {
        let first = u64::from(self.number) << 32;
        first..=first | u64::from(u32::MAX)
    }

    /// The place stored for `key`.
    pub(crate) fn find(
        &self,
        key: Key,
        blocks: &ReadOnlyTable<u64, &'static [u8]>,
    ) -> Result<Option<Place>, CatalogError> {
        let Some(block) = self.block_of(key) else { return Ok(None) };
        let stored = blocks.get(self.block_key(block)?).doing("look up a chunk")?.ok_or(GAP)?;
        Ok(search(checked_rows(stored.value())?, key).map(|(_, place)| place))
    }

    /// The block that may have `key`; none when none has.
    pub(crate) fn block_of(&self, key: Key) -> Option<usize> {
        let block = self.firsts.partition_point(|first| *first <= key).checked_sub(1)?;
        probes(key).all(|(byte, bit)| self.filters[block][byte] & bit != 0).then_some(block)
    }

    /// Reads the rows of a block into `rows`.
    pub(crate) fn read_block(
        &self,
        block: usize,
        blocks: &ReadOnlyTable<u64, &'static [u8]>,
        rows: &mut Vec<u8>,
    ) -> Result<(), CatalogError> {
        let stored = blocks.get(self.block_key(block)?).doing("read chunk rows")?.ok_or(GAP)?;
        rows.clear();
        rows.extend_from_slice(checked_rows(stored.value())?);
        Ok(())
    }

    /// Numbers that the rows of this run take: each block has room for the same count.
    pub(crate) fn numbers(&self) -> u64 {
        (self.firsts.len() * BLOCK_ROWS) as u64
    }
}

/// A row's number within its run.
pub(crate) fn number_of(block: usize, row: usize) -> u64 {
    (block * BLOCK_ROWS + row) as u64
}

const GAP: CatalogError = CatalogError::Broken { what: "a block of chunk rows is gone" };

/// The rows of a stored block.
fn checked_rows(stored: &[u8]) -> Result<&[u8], CatalogError> {
    const BAD: CatalogError =
        CatalogError::Broken { what: "a block of chunk rows does not match its checksum" };
    let (rows, check) = stored.split_at_checked(stored.len().wrapping_sub(CHECK_LEN)).ok_or(BAD)?;
    if check_of(rows) == check && rows.len().is_multiple_of(ROW_LEN) { Ok(rows) } else { Err(BAD) }
}

/// All runs of a database, oldest first.
pub(crate) fn load(index: &ReadOnlyTable<u64, &'static [u8]>) -> Result<Vec<Run>, CatalogError> {
    const BAD: CatalogError =
        CatalogError::Broken { what: "the index of chunk rows does not match its checksums" };
    let mut runs: Vec<Run> = Vec::new();
    for entry in index.iter().doing("read its index")? {
        let (key, value) = entry.doing("read its index")?;
        let (key, value) = (key.value(), value.value());
        let number = u32::try_from(key >> 32).expect("half of 64 bits");
        if value.len() != INDEX_LEN
            || check_of(&value[..18 + FILTER_LEN]) != value[18 + FILTER_LEN..]
        {
            return Err(BAD);
        }
        if runs.last().is_none_or(|run| run.number != number) {
            runs.push(Run::empty(number));
        }
        let run = runs.last_mut().expect("one was pushed");
        if run.block_key(run.firsts.len())? != key {
            return Err(BAD);
        }
        run.firsts.push(Key::from_le_bytes(front(value)));
        run.rows += u64::from(u16::from_le_bytes(front(&value[16..])));
        run.filters.push(front(&value[18..]));
    }
    Ok(runs)
}

/// How many of the newest runs to merge with `rows` new ones.
pub(crate) fn runs_to_merge(runs: &[std::sync::Arc<Run>], rows: usize) -> usize {
    let mut take = 0;
    let mut level = Run { rows: rows as u64, ..Run::empty(0) }.level();
    loop {
        let alike = runs.iter().rev().skip(take).take_while(|run| run.level() <= level).count();
        if take + alike + 1 < MERGE_RUNS || alike == 0 {
            return take;
        }
        take += alike;
        let sum: u64 = runs.iter().rev().take(take).map(|run| run.rows).sum();
        level = Run { rows: sum + rows as u64, ..Run::empty(0) }.level();
    }
}

/// Where the rows of a merge come from: one sorted source.
struct Cursor<'a> {
    run: &'a Run,
    blocks: &'a ReadOnlyTable<u64, &'static [u8]>,
    next_block: usize,
    rows: Vec<u8>,
    row: usize,
    head: Option<(Key, Place)>,
}

impl Cursor<'_> {
    fn advance(&mut self) -> Result<(), CatalogError> {
        if self.row * ROW_LEN == self.rows.len() {
            if self.next_block == self.run.firsts.len() {
                self.head = None;
                return Ok(());
            }
            self.run.read_block(self.next_block, self.blocks, &mut self.rows)?;
            (self.next_block, self.row) = (self.next_block + 1, 0);
        }
        self.head = Some(row_at(&self.rows, self.row));
        self.row += 1;
        Ok(())
    }
}

/// The tables a run is written to.
pub(crate) struct RunTables<'txn> {
    pub(crate) blocks: Table<'txn, u64, &'static [u8]>,
    pub(crate) index: Table<'txn, u64, &'static [u8]>,
}

struct Writer<'a, 'txn> {
    tables: &'a mut RunTables<'txn>,
    run: Run,
    rows: Vec<u8>,
    filter: [u8; FILTER_LEN],
}

impl Writer<'_, '_> {
    fn push(&mut self, key: Key, place: &Place) -> Result<(), CatalogError> {
        if self.rows.is_empty() {
            self.run.firsts.push(key);
        }
        self.rows.extend_from_slice(&key.to_le_bytes());
        self.rows.extend_from_slice(place);
        for (byte, bit) in probes(key) {
            self.filter[byte] |= bit;
        }
        if self.rows.len() == BLOCK_ROWS * ROW_LEN { self.end_block() } else { Ok(()) }
    }

    fn end_block(&mut self) -> Result<(), CatalogError> {
        let rows = u16::try_from(self.rows.len() / ROW_LEN).expect("BLOCK_ROWS fits");
        let block = self.run.filters.len();
        let key = self.run.block_key(block)?;
        let mut entry = [0; INDEX_LEN];
        entry[..16].copy_from_slice(&self.run.firsts[block].to_le_bytes());
        entry[16..18].copy_from_slice(&rows.to_le_bytes());
        entry[18..18 + FILTER_LEN].copy_from_slice(&self.filter);
        let check = check_of(&entry[..18 + FILTER_LEN]);
        entry[18 + FILTER_LEN..].copy_from_slice(&check);
        let check = check_of(&self.rows);
        self.rows.extend_from_slice(&check);
        self.tables.blocks.insert(key, self.rows.as_slice()).doing("store chunk rows")?;
        self.tables.index.insert(key, entry.as_slice()).doing("store chunk rows")?;
        self.run.rows += u64::from(rows);
        self.run.filters.push(self.filter);
        self.rows.clear();
        self.filter = [0; FILTER_LEN];
        Ok(())
    }
}

/// Writes `fresh` (sorted, each key once) and the rows of `older` (oldest run first) as one new
/// run, and removes `older` from the tables. Rows that `keep` refuses are left out.
pub(crate) fn write_merged(
    number: u32,
    fresh: &[(Key, Place)],
    older: &[std::sync::Arc<Run>],
    stored: &ReadOnlyTable<u64, &'static [u8]>,
    tables: &mut RunTables<'_>,
    keep: impl Fn(&Place) -> bool,
) -> Result<Run, CatalogError> {
    let mut cursors = Vec::new();
    for run in older.iter().rev() {
        let rows = Vec::new();
        let mut cursor = Cursor { run, blocks: stored, next_block: 0, rows, row: 0, head: None };
        cursor.advance()?;
        cursors.push(cursor);
    }
    let mut writer =
        Writer { tables, run: Run::empty(number), rows: Vec::new(), filter: [0; FILTER_LEN] };
    let mut fresh = fresh.iter();
    let mut head = fresh.next();
    loop {
        let first_old = cursors.iter().filter_map(|cursor| cursor.head.map(|(key, _)| key)).min();
        let Some(key) = first_old.into_iter().chain(head.map(|(key, _)| *key)).min() else {
            break;
        };
        // Newest first: the first row with this key that may stay is the one that counts.
        let mut winner = None;
        if let Some((_, place)) = head.filter(|(fresh_key, _)| *fresh_key == key) {
            winner = Some(*place).filter(&keep);
            head = fresh.next();
        }
        for cursor in &mut cursors {
            if let Some((_, place)) = cursor.head.filter(|(old_key, _)| *old_key == key) {
                winner = winner.or(Some(place).filter(&keep));
                cursor.advance()?;
            }
        }
        if let Some(place) = winner {
            writer.push(key, &place)?;
        }
    }
    if !writer.rows.is_empty() {
        writer.end_block()?;
    }
    let run = writer.run;
    for old in older {
        tables.blocks.retain_in(old.key_range(), |_, _| false).doing("merge chunk rows")?;
        tables.index.retain_in(old.key_range(), |_, _| false).doing("merge chunk rows")?;
    }
    Ok(run)
}
