//! `holdfast compare`: proves that two folders hold the same, so that a restore can be trusted.
//!
//! Needs no vault. What cannot be read counts as a difference. Start at [`run`].

use std::path::Path;

use filetree::{Compare, What};
use serde_json::{Map, Value, json};

use crate::Result;
use crate::fail::CliError;
use crate::session::{Context, Done};
use crate::show;

/// Compares, and lists every difference.
pub(super) fn run(
    context: &Context,
    left: &Path,
    right: &Path,
    ignore_owners: bool,
) -> Result<Done> {
    for folder in [left, right] {
        let failed = |source| CliError::Input { path: folder.to_owned(), source };
        if !folder.metadata().map_err(failed)?.is_dir() {
            return Err(failed(std::io::ErrorKind::NotADirectory.into()));
        }
    }
    let options = Compare { ignore_owners, ..Compare::default() };
    let differences = filetree::compare(left, right, &options);
    let out = &context.out;
    let mut list = Vec::new();
    for difference in &differences {
        out.line(difference);
        let mut fields = Map::new();
        show::put_path(&mut fields, &difference.path);
        fields.insert("text".to_owned(), json!(difference.to_string()));
        let unreadable = matches!(difference.what, What::Unreadable(..));
        fields.insert("unreadable".to_owned(), json!(unreadable));
        list.push(Value::Object(fields));
    }
    match differences.len() {
        0 => out.line("The two folders hold the same."),
        1 => out.line("The two folders differ in 1 thing."),
        count => out.line(format_args!("The two folders differ in {count} things.")),
    }
    out.document(&json!({ "same": differences.is_empty(), "differences": list }));
    Ok(Done::imperfect_if(!differences.is_empty()))
}
