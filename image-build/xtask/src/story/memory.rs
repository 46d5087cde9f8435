//! Story `memory`: a limit set by the kernel, not by good intentions.
//!
//! Backup, check and restore of the demo's whole tree run inside a control group of 128 MiB, page
//! cache included. What the program itself used is a fact beside it, and is held against the
//! target of `docs/performance.md` for trees of this size.

use super::{Facts, StoryDir};
use crate::cgroup::MemoryGroup;
use crate::product::Vault;
use crate::{Outcome, compare, files, say};

/// What the group may hold, page cache included.
const GROUP_LIMIT: u64 = 128 << 20;

/// What the program may hold of its own, its code included.
const OWN_LIMIT: u64 = 64 << 20;

/// Tells it.
pub(crate) fn story(dir: &StoryDir) -> Outcome<Facts> {
    let corpus = dir.whole_tree()?;
    let volumes = [dir.folder("volume-a")?, dir.folder("volume-b")?];
    let vault = Vault::new(&dir.program, &dir.path);
    dir.logged("create", vault.create(&[&volumes[0], &volumes[1]], 2)).kept()?.ok()?;
    let to = dir.path.join("restored");

    let mut facts = Facts::default();
    let group = MemoryGroup::create(GROUP_LIMIT);
    for (name, cmd) in [
        ("backup", vault.call(&["backup", "--source", "tree"]).arg(&corpus.tree)),
        ("check", vault.call(&["check", "--read-data"])),
        ("restore", vault.call(&["restore", "latest:tree", "--to"]).arg(&to)),
    ] {
        let cmd = dir.logged(name, cmd);
        let cmd = match &group {
            Some(group) => cmd.within(group),
            None => cmd,
        };
        let ended = cmd.kept()?.ok()?;
        facts.add(&format!("{name}_peak_bytes"), ended.peak_bytes);
        if ended.peak_bytes > OWN_LIMIT {
            let (used, limit) = (say::size(ended.peak_bytes), say::size(OWN_LIMIT));
            return Err(format!("{name} held {used} of memory; the limit is {limit}"));
        }
    }
    if let Some(group) = &group {
        facts.add("group_limit_bytes", GROUP_LIMIT);
        facts.add("group_peak_bytes", group.peak_bytes());
        if group.kills() > 0 {
            return Err(format!("the kernel killed {} processes", group.kills()));
        }
    }
    let seen = compare::trees(&corpus.tree, &to)?.same()?;
    facts.add("files_compared", seen.files);
    files::remove(&to)?;
    Ok(facts)
}
