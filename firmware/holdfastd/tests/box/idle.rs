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

/// Processor time so far, in ticks.
fn ticks(pid: i32) -> u64 {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    // The program's name may hold spaces; the fields after it are numbered from 3.
    let fields: Vec<&str> = text.rsplit_once(") ").unwrap().1.split(' ').collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
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
    let io = format!("/proc/{pid}/io");
    let before = (ticks(pid), number(&io, "read_bytes"), number(&io, "write_bytes"));
    quiet(&mut talk);
    let after = (ticks(pid), number(&io, "read_bytes"), number(&io, "write_bytes"));
    assert!(after.0 - before.0 <= TICKS_MAX, "{} ticks", after.0 - before.0);
    assert_eq!((before.1, before.2), (after.1, after.2), "bytes read from and written to disks");
    let held = number(&format!("/proc/{pid}/status"), "RssAnon:");
    assert!(held <= HELD_KIB_MAX, "{held} KiB");
    assert_eq!(running.stop(), Some(0));
}
