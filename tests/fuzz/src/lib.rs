//! Fuzz targets for every stored layout and every frame between boxes: any bytes end in a clear error or a sound value.
//!
//! The targets are plain functions, so that every input that ever found a fault is replayed by an
//! ordinary test, without the engine. `cargo xtask fuzz` builds them with coverage and runs them.
//! Start at [`TARGETS`]; what an attacker with the vault's words could write is in [`forge`].

pub mod feed;
pub mod folder;
pub mod forge;
pub mod packs;
pub mod script;
pub mod seeds;
pub mod targets;
pub mod values;

use seeds::Seed;

/// Something that is fuzzed.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name on the command line, and its folder's under `regressions`.
    pub name: &'static str,
    /// What it does with an input: panics when a promise is broken.
    pub run: fn(&[u8]),
    /// Inputs to begin with.
    pub seeds: fn() -> Vec<Seed>,
    /// The longest input.
    pub len_max: usize,
    /// Runs of it in `cargo xtask test`: all together about two minutes of one processor.
    pub runs: u64,
    /// Words that the engine puts into inputs.
    pub words: &'static [&'static [u8]],
}

/// All of them; the planted bug comes first.
pub const TARGETS: &[Target] = &[
    Target {
        name: PLANTED,
        run: targets::planted::run,
        seeds: targets::planted::seeds,
        len_max: 64,
        runs: 8_000_000,
        words: &[],
    },
    Target {
        name: "superblock",
        run: targets::superblock::run,
        seeds: targets::superblock::seeds,
        len_max: 600,
        runs: 500_000,
        words: &[b"HFVOLU\r\n", b"\x01\x00\x00\x00"],
    },
    Target {
        name: "note",
        run: targets::note::run,
        seeds: targets::note::seeds,
        len_max: 600,
        runs: 500_000,
        words: &[b"HFNOTE\r\n", b"\x01\x00\x04\x00\x08\x00\x00\x00"],
    },
    Target {
        name: "key-file",
        run: targets::key_file::run,
        seeds: targets::key_file::seeds,
        len_max: 4096,
        runs: 80_000,
        words: &[b"HFKEYS\r\n\x01\x00", b"\x58\x20", b"\x50", b"\x82\x01\x81\x83"],
    },
    Target {
        name: "layout",
        run: targets::layout::run,
        seeds: targets::layout::seeds,
        len_max: 4096,
        runs: 500_000,
        words: &[b"HFPACK\r\n\x01\x00\x01\x00", b"HFFOOT\r\n", b"\x24\x00\x00\x00"],
    },
    Target {
        name: "pack",
        run: targets::pack::run,
        seeds: targets::pack::seeds,
        len_max: 4096,
        runs: 8_000,
        words: &[b"\xff\xff\xff\xff", b"HFFOOT\r\n", b"\x28\xb5\x2f\xfd", b"\x24\x00\x00\x00"],
    },
    Target {
        name: "seal-pack",
        run: targets::seal_pack::run,
        seeds: targets::seal_pack::seeds,
        len_max: 2048,
        runs: 5_000,
        words: &[],
    },
    Target {
        name: "head",
        run: targets::head::run,
        seeds: targets::head::seeds,
        len_max: 4096,
        runs: 40_000,
        words: &[b"\xa7\x00\x01\x01\x50", b"\x58\x20", b"\x58\x40"],
    },
    Target {
        name: "records",
        run: targets::records::run,
        seeds: targets::records::seeds,
        len_max: 4096,
        runs: 300_000,
        words: &[
            b"\x58\x20",
            b"\x50",
            b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff",
            b"\x9f",
            b"\xff",
            b"\xf6",
        ],
    },
    Target {
        name: "tree",
        run: targets::tree::run,
        seeds: targets::tree::seeds,
        len_max: 2048,
        runs: 150_000,
        words: &[b"..", b"/", b"a/b", b"\xff"],
    },
    Target {
        name: "words",
        run: targets::words::run,
        seeds: targets::words::seeds,
        len_max: 4096,
        runs: 40_000,
        words: &[b" ", b"7. ", b"abandon", b"zoo", b"art", b"\xc3\x84"],
    },
    Target {
        name: "friends",
        run: targets::friends::run,
        seeds: targets::friends::seeds,
        len_max: 2048,
        runs: 500_000,
        words: &[b"\x80\x01", b"\xff\xff\xff\xff\x0f", b"\xe2\x80\xae"],
    },
    Target {
        name: "volume",
        run: targets::vault::run_without_keys,
        seeds: targets::vault::seeds_without_keys,
        len_max: 2048,
        runs: 1_500,
        words: &[b"superblock.0", b"keys.0", b".pack", b".part", b".head", b".new"],
    },
    Target {
        name: "vault",
        run: targets::vault::run_with_keys,
        seeds: targets::vault::seeds_with_keys,
        len_max: 4096,
        runs: 2_000,
        words: &[b"\xff\xff\xff\xff\xff\xff\xff\xff", b"\xef"],
    },
];

/// The target that is there to be broken.
pub const PLANTED: &str = "planted";

/// The target of that name.
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}
