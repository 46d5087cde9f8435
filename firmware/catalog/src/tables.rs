//! The tables of the database. Changing one means a new [`SCHEMA`], which discards old files.

use redb::TableDefinition;

use crate::rows::PACK_LEN;

/// The version of everything stored. A file of another version is deleted, never converted.
pub(crate) const SCHEMA: &[u8] = b"holdfast catalog 1";

/// Small values by name: schema, vault, counters, notes.
pub(crate) const META: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("meta");
/// Packs by number.
pub(crate) const PACKS: TableDefinition<'_, u32, &[u8; PACK_LEN]> = TableDefinition::new("packs");
/// Pack numbers by name.
pub(crate) const PACK_NOS: TableDefinition<'_, &[u8; 32], u32> = TableDefinition::new("pack_nos");
/// Volumes by slot.
pub(crate) const SLOTS: TableDefinition<'_, u8, &[u8; 16]> = TableDefinition::new("slots");
/// Blocks of chunk rows, by run and block; see `runs`.
pub(crate) const BLOCKS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("blocks");
/// First key, row count and filter of each block, under the block's key.
pub(crate) const INDEX: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("index");

/// [`META`]: must hold [`SCHEMA`].
pub(crate) const KEY_SCHEMA: &str = "schema";
/// [`META`]: the vault's id.
pub(crate) const KEY_VAULT: &str = "vault";
/// [`META`]: the next pack number.
pub(crate) const KEY_NEXT_PACK: &str = "next pack";
/// [`META`]: there while chunk rows of committed batches are in memory only. Found at an open, it
/// means that the file tells of packs whose chunks it lacks.
pub(crate) const KEY_UNFLUSHED: &str = "unflushed";
/// [`META`]: what goes before the name of a note.
pub(crate) const NOTE_PREFIX: &str = "note/";
