//! Puts generated text into a document, between two marks, and touches nothing else of it.
//!
//! What people wrote around the marks stays, whoever runs the command. Start reading at [`put`].

use std::path::Path;

use crate::{Outcome, files};

/// Replaces what stands between the marks of this name.
pub(crate) fn put(path: &Path, name: &str, text: &str) -> Outcome<()> {
    let page = files::text(path)?;
    let changed = replaced(&page, name, text);
    let changed = changed.ok_or_else(|| format!("{} has no marks for {name}", path.display()))?;
    files::put(path, changed.as_bytes())
}

fn replaced(page: &str, name: &str, text: &str) -> Option<String> {
    let (begin, end) = (format!("<!-- begin {name} -->"), format!("<!-- end {name} -->"));
    let (before, rest) = page.split_once(&begin)?;
    let (_, after) = rest.split_once(&end)?;
    Some(format!("{before}{begin}\n{}\n{end}{after}", text.trim_end()))
}

#[test]
fn only_what_stands_between_the_marks_is_replaced() {
    let page = "Mine.\n<!-- begin docs -->\nold\n<!-- end docs -->\nMine, too.\n";
    let changed = replaced(page, "docs", "new\n").unwrap();
    let expected = "Mine.\n<!-- begin docs -->\nnew\n<!-- end docs -->\nMine, too.\n";
    assert_eq!(changed, expected);
    assert_eq!(replaced(&changed, "docs", "new").unwrap(), expected);
    assert_eq!(replaced(page, "photos", "new"), None);
}
