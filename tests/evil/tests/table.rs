//! A part of the table on boxes in this very process: enough to see that it still fits the protocol. All
//! of it, on boxes with processes and memories of their own, is the story `evil`.

use std::path::Path;
use std::thread;

use evil::stage::Stage;
use evil::{gull, table, victim};

/// Quick ones of every role.
const SOME: [&str; 9] = [
    "frame-trailing",
    "lists-at-bounds",
    "put-over-quota",
    "put-wrong-bytes",
    "head-fork",
    "terms-forged",
    "notes-forged",
    "stranger",
    "audit-wrong-bytes",
];

/// Sits down at a desk, once there is one.
fn desk(folder: &Path) {
    while !folder.join("desk").exists() {
        thread::yield_now();
    }
}

#[test]
fn a_real_box_says_no_and_serves_its_honest_friend_and_a_credulous_one_is_noticed() {
    let folders = [(); 3].map(|()| tempfile::tempdir().unwrap());
    let [real, honest, credulous] = folders.each_ref().map(|folder| folder.path().to_path_buf());
    let boxes = [(real.clone(), 1), (honest.clone(), 2)]
        .map(|(folder, seed)| thread::spawn(move || victim::be(&folder, seed)));
    let gull = thread::spawn({
        let folder = credulous.clone();
        move || gull::be(&folder)
    });
    for folder in [&real, &honest, &credulous] {
        desk(folder);
    }
    let some = SOME.map(str::to_owned);
    let mut stage = Stage::open(&real, Some(&honest), false).unwrap();
    let lines = std::sync::Mutex::new(Vec::new());
    let say = |line: &str| lines.lock().unwrap().push(line.to_owned());
    let tally = table::run(&mut stage, &some, &say).unwrap();
    assert_eq!((tally.tried, tally.wrong), (9, 0), "{lines:#?}");
    assert!(stage.recovers().unwrap() > 0);
    stage.quit().unwrap();
    let mut stage = Stage::open(&credulous, None, false).unwrap();
    let seen = table::sabotaged(&mut stage, &some, &say).unwrap();
    assert_eq!(seen, (9, 9), "{lines:#?}");
    stage.quit().unwrap();
    for of in boxes.into_iter().chain([gull]) {
        of.join().unwrap().unwrap();
    }
}
