//! Story `idle`: a box that has nothing to do takes hardly anything, and what it was given is there.
//!
//! A real box is started, unlocked and given a tree; then it is left alone and looked at from
//! outside, as the kernel counts it. Its memory has a limit; its processor time is told. Start at
//! [`story`].

use std::thread;
use std::time::Duration;

use super::{Facts, StoryDir};
use crate::boxes::House;
use crate::{Outcome, compare, files, product, say};

/// What it may hold while it idles.
const MEMORY_LIMIT: u64 = 40 << 20;
/// How long it is looked at.
const LOOK: Duration = Duration::from_secs(30);
/// The kernel's unit of processor time.
pub(crate) const TICKS_A_SECOND: u64 = 100;

/// Tells it.
pub(crate) fn story(dir: &StoryDir) -> Outcome<Facts> {
    let corpus = dir.tree()?;
    let programs = product::static_build(&["holdfast", "holdfastd"])?;
    let house = House::prepare(&dir.path.join("box"), &programs, [0, 0])?;
    let mut service = house.service().log(&dir.path.join("service")).start()?;
    let mut use_it = || -> Outcome<Facts> {
        house.answers(|| service.alive())?;
        house.settle_in()?;
        let backup = house.ask(&["backup", "--source", "tree"]).arg(&corpus.tree);
        dir.logged("backup", backup).kept()?.ok()?;
        let before = processor_ticks(service.id())?;
        thread::sleep(LOOK);
        let ticks = processor_ticks(service.id())?.saturating_sub(before);
        let mut facts = Facts::default();
        let held = memory(service.id())?;
        facts.add("idle_bytes", held);
        facts.add("idle_cpu_ms_an_hour", ticks * 1000 / TICKS_A_SECOND * 3600 / LOOK.as_secs());
        if held > MEMORY_LIMIT {
            let (held, limit) = (say::size(held), say::size(MEMORY_LIMIT));
            return Err(format!("an idle box holds {held}; the limit is {limit}"));
        }
        let to = dir.path.join("restored");
        let restore = house.ask(&["restore", "latest:tree", "--to"]).arg(&to);
        dir.logged("restore", restore).kept()?.ok()?;
        facts.add("files_compared", compare::trees(&corpus.tree, &to)?.same()?.files);
        files::remove(&to)?;
        house.ask(&["shutdown"]).kept()?.ok()?;
        Ok(facts)
    };
    let told = use_it();
    if told.is_err() {
        service.kill();
    }
    let ended = service.wait(Duration::from_secs(600))?;
    let facts = told?;
    ended.ok()?;
    Ok(facts)
}

/// What a process holds in memory, in bytes.
fn memory(process: u32) -> Outcome<u64> {
    let status = files::text(format!("/proc/{process}/status").as_ref())?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kib.map(|kib| kib << 10).ok_or_else(|| "the kernel does not say what the box holds".to_owned())
}

/// What a process has used of the processor.
pub(crate) fn processor_ticks(process: u32) -> Outcome<u64> {
    let stat = files::text(format!("/proc/{process}/stat").as_ref())?;
    ticks_in(&stat).ok_or_else(|| "the kernel does not say what the box has used".to_owned())
}

/// The sum of the 14th and 15th field; the second is a name that may hold spaces.
fn ticks_in(stat: &str) -> Option<u64> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(11);
    let own: u64 = fields.next()?.parse().ok()?;
    Some(own + fields.next()?.parse::<u64>().ok()?)
}

#[test]
fn processor_time_is_read_past_any_name() {
    let stat = "7 (a ) b) S 1 7 7 0 -1 4194560 900 0 0 0 31 11 0 0 20 0 9 0 100 1 2";
    assert_eq!(ticks_in(stat), Some(42));
    assert_eq!(ticks_in("nothing"), None);
}
