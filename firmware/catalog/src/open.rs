//! Opening a database whatever state its file is in, or making an empty one.
//!
//! Nothing here trusts the file: a panic of the database counts as damage, short files are checked
//! page by page every time, and what was wrong is told as text, for the log. Start reading at
//! [`open_existing`].

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use redb::{Builder, Database, DatabaseError, ReadableDatabase, ReadableTable};
use types::VaultId;

use crate::catalog::{MemoryRows, PANICKED, Snapshot, View};
use crate::error::Doing;
use crate::guard::{Guard, Left};
use crate::rows::PackRow;
use crate::runs;
use crate::tables::{
    BLOCKS, INDEX, KEY_NEXT_PACK, KEY_SCHEMA, KEY_UNFLUSHED, KEY_VAULT, META, PACK_NOS, PACKS,
    SCHEMA, SLOTS,
};
use crate::{CatalogError, PackNo, PackState};

/// Files up to this long are checked page by page at every open: it takes some tens of
/// milliseconds. Longer ones after a crash only, and their rows carry checks of their own.
const ALWAYS_CHECK_BYTES: u64 = 32 << 20;

/// What a chunk's row takes in the file, its share of the index and of branch pages included.
const ROW_BYTES: u64 = 35;
/// What a pack takes in the file, its name in both directions and half-full pages included.
const PACK_BYTES: u64 = 190;
/// Waste below this is not worth the seconds that compacting takes.
const COMPACT_SLACK_BYTES: u64 = 32 << 20;

/// Why a file that was there cannot be used.
pub(crate) enum Unusable {
    Busy,
    Because(String),
}

impl Unusable {
    fn because(error: impl std::error::Error) -> Self {
        let mut text = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            text.push_str(": ");
            text.push_str(&cause.to_string());
            source = cause.source();
        }
        Self::Because(text)
    }
}

/// The database makes its file long ahead of use: what counts is what was written of it.
pub(crate) fn bytes_taken(file: &fs::Metadata) -> u64 {
    const STAT_BLOCK: u64 = 512;
    file.blocks() * STAT_BLOCK
}

pub(crate) fn builder(cache_bytes: usize, check_integrity: bool) -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(cache_bytes).set_check_integrity_on_open(check_integrity);
    builder
}

pub(crate) fn delete(path: &Path) -> Result<(), CatalogError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(CatalogError::Folder { doing: "delete", path: path.to_owned(), source: error })
        }
        _ => Ok(()),
    }
}

pub(crate) fn folder_error(path: &Path, error: DatabaseError) -> CatalogError {
    match error {
        DatabaseError::Storage(redb::StorageError::Io(source)) => {
            CatalogError::Folder { doing: "create", path: path.to_owned(), source }
        }
        DatabaseError::DatabaseAlreadyOpen => CatalogError::Busy { path: path.to_owned() },
        other => CatalogError::Storage { doing: "be created", source: Box::new(other.into()) },
    }
}

/// Makes the tables of an empty database.
pub(crate) fn fresh(db: &Database, vault: VaultId) -> Result<View, CatalogError> {
    const DOING: &str = "make its tables";
    let txn = db.begin_write().doing(DOING)?;
    {
        let mut meta = txn.open_table(META).doing(DOING)?;
        meta.insert(KEY_SCHEMA, SCHEMA).doing(DOING)?;
        meta.insert(KEY_VAULT, vault.0.as_slice()).doing(DOING)?;
        meta.insert(KEY_NEXT_PACK, 0_u32.to_le_bytes().as_slice()).doing(DOING)?;
        txn.open_table(PACKS).doing(DOING)?;
        txn.open_table(PACK_NOS).doing(DOING)?;
        txn.open_table(SLOTS).doing(DOING)?;
        txn.open_table(BLOCKS).doing(DOING)?;
        txn.open_table(INDEX).doing(DOING)?;
    }
    txn.commit().doing(DOING)?;
    load(db, vault)
}

pub(crate) type Attempt = Result<(Database, View), Unusable>;

/// Opens a file that is there. The outer error is the folder's, the inner one the file's.
pub(crate) fn open_existing(
    cache_bytes: usize,
    path: &Path,
    file: &fs::Metadata,
    vault: VaultId,
    guard: &Guard,
) -> Result<Attempt, CatalogError> {
    let left = guard.left();
    if left == Left::Opening || left == Left::Broken {
        return Ok(Err(Unusable::Because("it was left damaged".to_owned())));
    }
    if !file.is_file() {
        return Ok(Err(Unusable::Because("it is not a file".to_owned())));
    }
    guard.set(Left::Opening)?;
    let check = left == Left::InUse || file.len() <= ALWAYS_CHECK_BYTES;
    let builder = builder(cache_bytes, check);
    let taken = bytes_taken(file);
    let attempt = catch_unwind(AssertUnwindSafe(|| {
        let db = builder.open(path).map_err(|error| match error {
            DatabaseError::DatabaseAlreadyOpen => Unusable::Busy,
            other => Unusable::because(other),
        })?;
        compacted(db, vault, taken).map_err(Unusable::because)
    }))
    .unwrap_or_else(|_| Err(Unusable::because(PANICKED)));
    if matches!(attempt, Err(Unusable::Busy)) {
        guard.set(left)?;
    }
    Ok(attempt)
}

/// Loads the view, after giving back what merges and dropped packs left unused if that is most of
/// the file. Only now, because it takes seconds and nobody may be reading.
fn compacted(
    mut db: Database,
    vault: VaultId,
    taken: u64,
) -> Result<(Database, View), CatalogError> {
    let view = load(&db, vault)?;
    let rows: u64 = view.snapshot.runs.iter().map(|run| run.rows).sum();
    let used = rows * ROW_BYTES + view.states.iter().flatten().count() as u64 * PACK_BYTES;
    if taken <= 2 * used + COMPACT_SLACK_BYTES {
        return Ok((db, view));
    }
    drop(view);
    db.compact().doing("be compacted")?;
    let view = load(&db, vault)?;
    Ok((db, view))
}

/// Reads what is held in memory, and checks it on the way.
fn load(db: &Database, vault: VaultId) -> Result<View, CatalogError> {
    let broken = |what| CatalogError::Broken { what };
    let index = db.begin_read().doing("read its index")?;
    let runs = runs::load(&index.open_table(INDEX).doing("read its index")?)?;
    let snapshot = Snapshot::take(db, runs.into_iter().map(Arc::new).collect())?;
    let meta = |key| -> Result<Option<Vec<u8>>, CatalogError> {
        let value = snapshot.meta.get(key).doing("read its notes")?;
        Ok(value.map(|value| value.value().to_vec()))
    };
    if meta(KEY_SCHEMA)?.as_deref() != Some(SCHEMA) {
        return Err(broken("it was written by another version"));
    }
    if meta(KEY_VAULT)?.as_deref() != Some(vault.0.as_slice()) {
        return Err(broken("it belongs to another vault"));
    }
    if meta(KEY_UNFLUSHED)?.is_some() {
        return Err(broken("its last rows were not written"));
    }
    let next =
        meta(KEY_NEXT_PACK)?.and_then(|bytes| Some(u32::from_le_bytes(bytes.try_into().ok()?)));
    let mut states: Vec<Option<PackState>> = Vec::new();
    for entry in snapshot.packs.iter().doing("list its packs")? {
        let (number, row) = entry.doing("list its packs")?;
        if next.is_none_or(|next| number.value() >= next) {
            return Err(broken("a pack's number was never given"));
        }
        let row = PackRow::decode(row.value())?;
        let index = PackNo(number.value()).index();
        states.resize(index, None);
        states.push(Some(row.info.state));
    }
    Ok(View { memory: MemoryRows::default(), states, snapshot: Arc::new(snapshot) })
}
