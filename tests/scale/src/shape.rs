//! How the large vault is laid out, by arithmetic: which file has which chunks, which pack holds a
//! chunk, which folders the second version lacks.
//!
//! Pure: nothing is stored that can be computed, so that any act can check any sample.

use types::ChunkId;

/// Plaintext bytes of each chunk: sixteen fill a pack.
pub(crate) const CHUNK_LEN: u32 = 1_000_000;
/// Chunks of a pack.
pub(crate) const PER_PACK: u64 = 16;
/// Files of a folder.
pub(crate) const PER_FOLDER: u64 = 100;
/// Folders of a top folder.
pub(crate) const PER_TOP: u64 = 100;
/// Of so many files one is big and has a manifest of its own; the others share what it leaves.
const GROUP: u64 = 50;
/// The second version lacks one folder of so many.
pub(crate) const ONE_LEAVES_OF: u64 = 50;

/// The size of the vault.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    /// Chunks in all.
    pub(crate) chunks: u64,
    /// Files in all.
    pub(crate) files: u64,
}

impl Shape {
    /// A shape whose parts come out even, or why it is none.
    pub(crate) fn new(chunks: u64, files: u64) -> Result<Self, String> {
        let folder_step = PER_FOLDER * ONE_LEAVES_OF;
        if files == 0 || !files.is_multiple_of(folder_step) || !chunks.is_multiple_of(files * 4) {
            return Err(format!(
                "files must be a multiple of {folder_step} and chunks one of four times the files"
            ));
        }
        Ok(Self { chunks, files })
    }

    /// Data packs.
    pub(crate) fn packs(self) -> u64 {
        self.chunks.div_ceil(PER_PACK)
    }

    /// Folders that hold files.
    pub(crate) fn folders(self) -> u64 {
        self.files / PER_FOLDER
    }

    /// Data packs that nothing needs once the first version is gone.
    pub(crate) fn dead_packs(self) -> u64 {
        self.folders() / ONE_LEAVES_OF * PER_FOLDER * (self.chunks / self.files) / PER_PACK
    }

    /// The numbers of a file's chunks.
    pub(crate) fn chunks_of(self, file: u64) -> std::ops::Range<u64> {
        let each = self.chunks / self.files;
        let (small, big) = (each / 2, GROUP * each - (GROUP - 1) * (each / 2));
        let (group, place) = (file / GROUP, file % GROUP);
        let start = group * GROUP * each;
        match place {
            0 => start..start + big,
            _ => start + big + (place - 1) * small..start + big + place * small,
        }
    }
}

/// The id of chunk `number`. Ids of real chunks look as random as these.
pub(crate) fn chunk_id(number: u64) -> ChunkId {
    let mut id = [0; 32];
    for (part, salt) in id.chunks_exact_mut(8).zip(1_u64..) {
        part.copy_from_slice(&mixed(number.wrapping_mul(8).wrapping_add(salt)).to_le_bytes());
    }
    ChunkId(id)
}

fn mixed(number: u64) -> u64 {
    let mut mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[test]
fn every_chunk_belongs_to_one_file_and_dead_packs_are_whole() {
    let shape = Shape::new(40_000, 10_000).unwrap();
    let mut next = 0;
    for file in 0..shape.files {
        let chunks = shape.chunks_of(file);
        assert_eq!(chunks.start, next);
        next = chunks.end;
    }
    assert_eq!(next, shape.chunks);
    let folder_chunks = shape.chunks_of(PER_FOLDER).start;
    assert!(folder_chunks.is_multiple_of(PER_PACK));
    assert_eq!(shape.dead_packs(), 2 * folder_chunks / PER_PACK);
    assert!(Shape::new(40_001, 10_000).is_err());
}
