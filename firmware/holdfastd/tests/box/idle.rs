//! A box that has nothing to do: small, quiet, and no reason for a disk to wake up.

use std::fs;

use calls::{Call, Event};

use crate::rig::Rig;

/// What an idle box may hold of its own. Its program's pages, which are many where nothing is optimised and
/// which the kernel takes back as it likes, are not counted here: story `idle` counts all of the box that ships.
const HELD_KIB_MAX: u64 = 24 << 10;
/// The kernel's ticks are a hundredth of a second: this is 0.2 % of the quarter of a minute that
/// passes before a watcher hears that all is quiet.
const TICKS_MAX: u64 = 3;

/// The number after a word in a file of the kernel's.
fn number(file: &str, word: &str) -> u64 {
    let text = fs::read_to_string(file).unwrap();
    let line = text.lines().find(|line| line.starts_with(word)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Spells that are looked at until in one of them the kernel left the program's pages where they were, and
/// the box was quiet.
const SPELLS_MAX: usize = 4;

/// What a process has used so far.
struct Used {
    /// Processor time.
    ticks: u64,
    /// Pages of its own program that the kernel had taken back and brought again: reads that are not its.
    brought_again: u64,
    read: u64,
    written: u64,
}

fn used(pid: i32) -> Used {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    // The program's name may hold spaces; the fields after it are numbered from 3.
    let fields: Vec<&str> = text.rsplit_once(") ").unwrap().1.split(' ').collect();
    let field = |number: usize| fields[number - 3].parse::<u64>().unwrap();
    let io = format!("/proc/{pid}/io");
    Used {
        ticks: field(14) + field(15),
        brought_again: field(12),
        read: number(&io, "read_bytes"),
        written: number(&io, "write_bytes"),
    }
}

#[test]
fn an_idle_box_is_small_and_quiet_and_touches_no_disk() {
    let rig = Rig::vault(2);
    let spec = rig.big_folder("docs", 20);
    let running = rig.start();
    running.unlock();
    running.done(spec);
    let mut talk = running.talk();
    talk.ask(Call::Watch { job: None }).unwrap();
    // The first quiet spell lets whatever follows a backup come to its end, the second is measured.
    let quiet = |talk: &mut calls::Talk<_>| {
        while !matches!(talk.event().unwrap(), Some(Event::Quiet {})) {}
    };
    quiet(&mut talk);
    let pid = running.pid().as_raw();
    // A computer that is short of memory takes pages of programs back; a spell in which it did says nothing.
    // One that has much else to do makes each step dearer; a box that is busy is so in every spell.
    let mut ticks = Vec::new();
    let spell = (0..SPELLS_MAX).find_map(|_| {
        let before = used(pid);
        quiet(&mut talk);
        let after = used(pid);
        ticks.push(after.ticks - before.ticks);
        let is_its_own = before.brought_again == after.brought_again;
        (is_its_own && after.ticks - before.ticks <= TICKS_MAX).then_some((before, after))
    });
    let (before, after) = spell.unwrap_or_else(|| panic!("never quiet; ticks: {ticks:?}"));
    let moved = (after.read - before.read, after.written - before.written);
    assert_eq!(moved, (0, 0), "bytes read from and written to disks");
    let held = number(&format!("/proc/{pid}/status"), "RssAnon:");
    assert!(held <= HELD_KIB_MAX, "{held} KiB");
    assert_eq!(running.stop(), Some(0));
}
