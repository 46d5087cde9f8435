//! What the fuzzers begin with: the golden volumes' own files, and rows of decisions.
//!
//! Nothing here is kept in the repository: seeds are made anew for each run from what the product
//! itself wrote, so they can never be of an older format by mistake.

use std::path::{Path, PathBuf};

/// One input.
pub type Seed = Vec<u8>;

/// Files of the golden volumes whose name passes.
pub fn golden(wanted: impl Fn(&str) -> bool) -> Vec<Seed> {
    let mut found = Vec::new();
    let mut folders = vec![golden_folder()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        paths.sort();
        for path in paths {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if wanted(&name) {
                found.extend(std::fs::read(path).ok());
            }
        }
    }
    found
}

/// The recovery kit of the golden volumes.
pub fn golden_kit() -> Seed {
    std::fs::read(golden_folder().join("kit.txt")).unwrap_or_default()
}

fn golden_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../golden/v1")
}

/// Rows of decisions for everything that is made of a [`crate::feed::Feed`]: few of each, some of
/// each, and pseudo-random ones (by a hash, the same every time).
pub fn feeds() -> Vec<(&'static str, Seed)> {
    let random = |seed: u8, len: usize| {
        let mut out = vec![0; len];
        blake3::Hasher::new().update(&[seed]).finalize_xof().fill(&mut out);
        out
    };
    let rising: Vec<u8> = (1..200).collect();
    vec![
        ("zeros", vec![0; 8]),
        ("ones", vec![1; 96]),
        ("twos", vec![2; 160]),
        ("rising", rising),
        ("random", random(1, 256)),
        ("random again", random(2, 512)),
        ("random thrice", random(3, 768)),
    ]
}
