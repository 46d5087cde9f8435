//! Writes what `cargo xtask fuzz` needs to know of the targets: a list, seeds and dictionaries.
//!
//! `fuzz-seeds FOLDER` makes `FOLDER/TARGET/seeds/*` and `FOLDER/TARGET/words` anew, and prints one
//! line for each target: name, longest input, runs.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

fn main() -> io::Result<()> {
    let folder = std::env::args_os().nth(1).ok_or(io::ErrorKind::InvalidInput)?;
    let mut out = io::stdout().lock();
    for target in fuzz::TARGETS {
        let place = Path::new(&folder).join(target.name);
        let seeds = place.join("seeds");
        if seeds.exists() {
            fs::remove_dir_all(&seeds)?;
        }
        fs::create_dir_all(&seeds)?;
        for (at, seed) in (target.seeds)().iter().enumerate() {
            put(&seeds.join(format!("{at:04}")), &seed[..seed.len().min(target.len_max)])?;
        }
        put(&place.join("words"), dictionary(target.words).as_bytes())?;
        writeln!(out, "{} {} {}", target.name, target.len_max, target.runs)?;
    }
    Ok(())
}

fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    fs::File::create(path)?.write_all(bytes)
}

/// In libFuzzer's form: one quoted word a line, every byte escaped.
fn dictionary(words: &[&[u8]]) -> String {
    let escaped =
        |word: &&[u8]| word.iter().map(|byte| format!("\\x{byte:02x}")).collect::<String>();
    // The engine takes an empty file for none and ends.
    let words = if words.is_empty() { &[&b"\xff\xff\xff\xff"[..]] } else { words };
    words.iter().map(|word| format!("\"{}\"\n", escaped(word))).collect()
}
