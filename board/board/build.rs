//! Lists the profiles in `board/profiles`, so that a new one is compiled in without any code.
//!
//! It writes one file for `src/profile/list.rs` to include: names and texts, in order of name.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

fn main() -> io::Result<()> {
    let variable = |name| std::env::var(name).map_err(io::Error::other);
    let folder = Path::new(&variable("CARGO_MANIFEST_DIR")?).join("../profiles").canonicalize()?;
    // The build asks cargo in its own words, on its standard output.
    writeln!(io::stdout(), "cargo::rerun-if-changed={}", folder.display())?;
    let mut paths = Vec::new();
    for entry in fs::read_dir(&folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "toml") {
            paths.push(path);
        }
    }
    paths.sort();
    let mut out = File::create(Path::new(&variable("OUT_DIR")?).join("profiles.rs"))?;
    writeln!(out, "&[")?;
    for path in paths {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        writeln!(out, "({stem:?}, include_str!({:?})),", path.display().to_string())?;
    }
    writeln!(out, "]")
}
