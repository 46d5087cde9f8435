//! Ctrl-C and kills at any moment: the vault stays whole, and what was stored before comes back.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::rig::{Rig, noise, put};

fn send(child: &std::process::Child, signal: Signal) {
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), signal).unwrap();
}

/// Starts a backup of something big and sends it a signal once it has begun.
fn backup_and(rig: &Rig, signal: Signal) -> std::process::ExitStatus {
    let mut call = rig.call(&["backup", "big", "--source", "big", "--json"]);
    let mut child = call.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("\"progress\"") {
        line.clear();
        assert!(said.read_line(&mut line).unwrap() > 0, "it ended before it began");
    }
    send(&child, signal);
    // Read to the end, so that it is not held up by a full pipe.
    while said.read_line(&mut line).unwrap() > 0 {}
    child.wait().unwrap()
}

fn rig_with_big() -> Rig {
    let rig = Rig::filled(2);
    std::fs::create_dir(rig.path("big")).unwrap();
    for n in 0..3 {
        put(&rig.path(&format!("big/{n}")), &noise(10 << 20, n));
    }
    rig
}

#[test]
fn an_interrupt_stops_a_backup_in_order_and_it_can_be_started_again() {
    let rig = rig_with_big();
    assert_eq!(backup_and(&rig, Signal::SIGINT).code(), Some(130));
    assert_eq!(rig.run(&["snapshots"]).ok().stderr, "");
    rig.run(&["check", "--read-data"]).ok();
    rig.everything_restores();
    rig.run(&["backup", "big", "--source", "big"]).ok();
    rig.run(&["restore", "latest:big", "--to", "out"]).ok();
    rig.run(&["compare", "big", "out"]).ok();
}

#[test]
fn a_kill_loses_nothing_that_was_stored_before() {
    let rig = rig_with_big();
    assert_eq!(backup_and(&rig, Signal::SIGKILL).code(), None);
    // Reading does not wait for order to be restored, and changes nothing.
    rig.everything_restores();
    rig.run(&["check", "--read-data"]).ok();
    rig.run(&["backup", "big", "--source", "big"]).ok();
    rig.run(&["restore", "latest:big", "--to", "out"]).ok();
    rig.run(&["compare", "big", "out"]).ok();
}

#[test]
fn an_interrupt_ends_a_wait_for_bytes_that_do_not_come() {
    let rig = Rig::filled(1);
    // Progress is not shown for a single file, so a first one tells that the program is up: the
    // warning of a kit that others may read.
    let kit = rig.path("kit.txt");
    std::fs::set_permissions(&kit, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    let mut call = rig.call(&["edit", "put", "-", "notes:a"]);
    let mut child = call.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(b"some, and no more").unwrap();
    let mut line = String::new();
    let mut said = BufReader::new(child.stderr.take().unwrap());
    said.read_line(&mut line).unwrap();
    assert!(line.contains("warning"), "{line}");
    send(&child, Signal::SIGINT);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    drop(input);
    rig.everything_restores();
}
