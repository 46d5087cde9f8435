//! Writes down which files the page is made of, so that the compiler takes them into the program.
//!
//! It builds no page and runs no other program: what stands in `web-ui/dist` is taken as it is, and a
//! placeholder when nothing stands there. Start at `main`.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let dist = Path::new("../../web-ui/dist");
    println!("cargo::rerun-if-changed={}", dist.display());
    println!("cargo::rerun-if-changed=src/placeholder.html");
    let built = dist.join("index.html").is_file();
    let root = fs::canonicalize(if built { dist } else { Path::new("src") })?;
    let mut files = Vec::new();
    if built {
        walk(&root, &mut files)?;
    } else {
        files.push(root.join("placeholder.html"));
    }
    files.sort();
    let mut text = String::from("&[\n");
    for file in &files {
        let below = file.strip_prefix(&root).map_err(io::Error::other)?;
        let name =
            if built { below.to_string_lossy().into_owned() } else { "index.html".to_owned() };
        let packed = PathBuf::from(format!("{}.br", file.display()));
        let packed = match packed.is_file() {
            true => format!("Some(include_bytes!({packed:?}))"),
            false => "None".to_owned(),
        };
        let line = writeln!(
            text,
            "File {{ path: {:?}, bytes: include_bytes!({file:?}), brotli: {packed} }},",
            format!("/{name}")
        );
        line.map_err(io::Error::other)?;
    }
    text.push_str("]\n");
    println!("cargo::rustc-cfg=page_is_{}", if built { "built" } else { "placeholder" });
    println!("cargo::rustc-check-cfg=cfg(page_is_built, page_is_placeholder)");
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo names OUT_DIR"))?;
    fs::File::create(Path::new(&out).join("files.rs"))?.write_all(text.as_bytes())
}

/// Every file below a folder but the packed twins and what is for git.
fn walk(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let is_ours = path.extension().is_none_or(|kind| kind != "br")
            && path.file_name().is_some_and(|name| name != ".gitignore");
        if path.is_dir() {
            walk(&path, found)?;
        } else if is_ours {
            found.push(path);
        }
    }
    Ok(())
}
