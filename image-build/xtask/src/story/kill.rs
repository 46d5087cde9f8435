//! Story `kill`: `kill -9` at random moments.
//!
//! A backup is killed again and again while the tree changes in between. After each kill the vault
//! must check clean, and the snapshot of before must still be there. At the end an undisturbed
//! backup is restored and compared. How many kills really hit a running backup is among the
//! facts, since a kill that comes too late shows nothing.

use std::thread;
use std::time::Duration;

use super::{Facts, StoryDir};
use crate::corpus::Random;
use crate::product::Vault;
use crate::{Outcome, compare, odd};

/// Kills in one telling.
const KILLS: u32 = 12;

/// Tells it.
pub(crate) fn story(dir: &StoryDir) -> Outcome<Facts> {
    let corpus = dir.tree()?;
    let volumes = [dir.folder("volume-a")?, dir.folder("volume-b")?];
    let vault = Vault::new(&dir.program, &dir.path);
    dir.logged("create", vault.create(&[&volumes[0], &volumes[1]], 2)).kept()?.ok()?;
    let backup = || vault.call(&["backup", "--source", "tree"]).arg(&corpus.tree);

    let mut random = Random::new(13);
    let mut hits = 0;
    // The first backup is killed too, while nothing at all is stored; its full time is unknown,
    // so the window starts small and grows as long as the kills hit.
    let mut window_ms = 200;
    for round in 0..KILLS {
        odd::rewrite(&corpus.tree, u64::from(round) + 100)?;
        let mut running = dir.logged(&format!("backup-{round}"), backup()).start()?;
        thread::sleep(Duration::from_millis(random.below(window_ms)));
        if running.alive() {
            hits += 1;
            window_ms = (window_ms * 3 / 2).min(20_000);
        } else {
            window_ms = (window_ms / 2).max(20);
        }
        running.kill();
        let ended = running.wait(Duration::from_secs(60))?;
        if ended.signal.is_none() {
            ended.ok()?;
        }
        let check = vault.call(&["check", "--read-data"]);
        dir.logged(&format!("check-{round}"), check).kept()?.ok()?;
    }
    if hits == 0 {
        return Err("not one kill hit a running backup, so this shows nothing".to_owned());
    }
    let before = vault.snapshots()?;
    let last = dir.logged("backup-last", backup()).kept()?.ok()?;
    if vault.snapshots()? != before + 1 {
        return Err("the last backup made no snapshot".to_owned());
    }
    let to = dir.path.join("restored");
    let restore = vault.call(&["restore", "latest:tree", "--to"]).arg(&to);
    dir.logged("restore", restore).kept()?.ok()?;
    let seen = compare::trees(&corpus.tree, &to)?.same()?;
    crate::files::remove(&to)?;

    let mut facts = Facts::default();
    facts.add("kills", KILLS);
    facts.add("hits", hits);
    facts.add("snapshots", before + 1);
    facts.add("files_compared", seen.files);
    facts.add_time("last_backup", last.wall);
    Ok(facts)
}
