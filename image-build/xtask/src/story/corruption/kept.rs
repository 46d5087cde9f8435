//! What a run over hours has judged so far, one line for each damage, so that one that was
//! interrupted goes on where it was.
//!
//! It belongs to one repository, which is kept beside it: which file a number hits depends on what
//! the tool stored. Never used by the test command. Start at [`Kept::open`].

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::damage::Damage;
use super::{Class, Hit};
use crate::{Outcome, files};

/// A file of judged damages; the last line may be half of one.
#[derive(Debug)]
pub(super) struct Kept(PathBuf);

impl Kept {
    /// The file in this folder.
    pub(super) fn open(folder: &Path) -> Self {
        Self(folder.join("judged.jsonl"))
    }

    /// What stands in it.
    pub(super) fn hits(&self) -> Vec<Hit> {
        let text = files::text(&self.0).unwrap_or_default();
        text.lines().filter_map(|line| read(&serde_json::from_str(line).ok()?)).collect()
    }

    /// Adds one. Nothing is synced: what is lost by a power cut is judged again.
    pub(super) fn add(&self, hit: &Hit) -> Outcome<()> {
        let line = json!([hit.number, format!("{:?}", hit.class), hit.damage.value()]);
        // It begins a line of its own also after one that was cut off.
        files::append(&self.0, format!("\n{line}").as_bytes())
    }
}

fn read(line: &Value) -> Option<Hit> {
    let class = Class::ALL.into_iter().find(|class| line[1] == format!("{class:?}"))?;
    Some(Hit { number: line[0].as_u64()?, class, damage: Damage::of_value(&line[2])? })
}

#[test]
fn what_was_judged_is_read_again_and_half_a_line_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let kept = Kept::open(dir.path());
    assert!(kept.hits().is_empty());
    let value = json!(["a file deleted", "data/ab", "data/cd", 7]);
    let damage = Damage::of_value(&value).unwrap();
    assert_eq!(damage.value(), value);
    kept.add(&Hit { number: 4, damage, class: Class::Silent }).unwrap();
    files::append(&dir.path().join("judged.jsonl"), b"\n[5,\"Sil").unwrap();
    kept.add(&Hit { number: 6, damage: Damage::of_value(&value).unwrap(), class: Class::Noticed })
        .unwrap();
    let read: Vec<_> = kept.hits().iter().map(|hit| (hit.number, hit.class)).collect();
    assert_eq!(read, [(4, Class::Silent), (6, Class::Noticed)]);
}
