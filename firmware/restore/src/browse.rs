//! `index.html`: a page on the drive that shows what is on it, without any server or network; and
//! a few lines of text for who opens the drive first.
//!
//! The list is data in the page, never markup: whatever a file is called, it is only shown.
//! Start at [`write`].

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use crate::drive::{LEFT_OUT, RENAMED};
use crate::manifest::{MANIFEST, lines};
use crate::plain::make_plain;
use crate::set::SetRecord;

/// The page's name.
pub const PAGE: &str = "index.html";
/// The text's name.
pub const README: &str = "READ ME.txt";
/// Files of one folder are gathered up to this many before they are written.
const GATHERED_MAX: usize = 50_000;

const HEAD: &str = include_str!("page_head.html");
const TAIL: &str = include_str!("page_tail.html");

/// Writes both.
pub(crate) fn write(root: &Path, record: &SetRecord) -> io::Result<()> {
    let mut text = make_plain(&root.join(README))?;
    let begun = &record.begun;
    write!(
        text,
        "This is what a Holdfast box kept, as plain files, as of {begun}.\n\n\
         files/        everything, a folder for each source\n\
         {PAGE}    open it in a browser to look and to search; no network is needed\n\
         {MANIFEST}   BLAKE3 of every file: `b3sum --check {MANIFEST}` in this folder\n\
         {RENAMED}   files under another name than before, if there are any\n\
         {LEFT_OUT}  what is not here, and why, if there is anything\n\n\
         These files are not encrypted: whoever has this drive can read them.\n"
    )?;
    text.sync_all()?;
    let mut page = BufWriter::new(make_plain(&root.join(PAGE))?);
    page.write_all(HEAD.replace("{{begun}}", begun).as_bytes())?;
    list(root, &mut page)?;
    page.write_all(TAIL.as_bytes())?;
    page.into_inner()?.sync_all()
}

/// The list as JSON: `[["folder", "name", bytes, "name", bytes, ...], ...]`.
fn list(root: &Path, out: &mut impl Write) -> io::Result<()> {
    let mut gathered: BTreeMap<String, Vec<serde_json::Value>> = BTreeMap::new();
    let (mut count, mut first) = (0, true);
    out.write_all(b"[")?;
    lines(root, |line| {
        let (folder, name) = line.path.rsplit_once('/').unwrap_or(("", &line.path));
        // Damaged or gone: not worth failing for, the check has said so.
        let len = fs::symlink_metadata(root.join(&line.path)).map_or(0, |meta| meta.len());
        let row = gathered.entry(folder.to_owned()).or_default();
        row.extend([name.into(), len.into()]);
        count += 1;
        if count % GATHERED_MAX == 0 { flush(&mut gathered, &mut first, out) } else { Ok(()) }
    })?;
    flush(&mut gathered, &mut first, out)?;
    out.write_all(b"]")
}

fn flush(
    gathered: &mut BTreeMap<String, Vec<serde_json::Value>>,
    first: &mut bool,
    out: &mut impl Write,
) -> io::Result<()> {
    for (folder, files) in std::mem::take(gathered) {
        let mut row = vec![serde_json::Value::from(folder)];
        row.extend(files);
        let text = serde_json::to_string(&row)?;
        // In a script element only these could end it or begin another.
        let text = text.replace('<', "\\u003c").replace('\u{2028}', "\\u2028");
        out.write_all(if *first { b"\n" } else { b",\n" })?;
        out.write_all(text.as_bytes())?;
        *first = false;
    }
    Ok(())
}
