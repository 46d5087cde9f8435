//! Both disks of a real box run full while somebody stores files over the web door.

use std::io::Write;

use crate::full::{Mounted, cannot_mount};
use crate::rig::{Rig, noise};
use crate::web::{Guest, SETTINGS, puts};

/// Requests that are refused before it is held that all will be: minutes of them.
const TRIES: usize = 20_000;

fn place(name: &str) -> String {
    format!("/api/v1/files/docs/content?space=everyone&path={name}")
}

fn reads(guest: &Guest<'_>, name: &str) -> Vec<u8> {
    let answer = guest.send("GET", &place(name), None);
    assert_eq!(answer.status, 200, "{name}: {}", answer.text());
    answer.body
}

/// It said that no disk takes writes, read no file that it had acknowledged a moment before, and had to
/// be locked and unlocked when there was room again.
#[test]
fn a_box_whose_disks_ran_full_says_so_is_read_and_goes_on_by_itself_once_there_is_room() {
    let rig = Rig::folders(2);
    let folders = ["disk1", "disk2"].map(|name| rig.path(name));
    let mounted: Vec<_> = folders.iter().filter_map(|at| Mounted::new(at, "96m")).collect();
    if mounted.len() < 2 {
        return cannot_mount();
    }
    rig.create(2);
    rig.settings(SETTINGS);
    let running = rig.start();
    running.unlock();
    let ada = Guest::at_the_door(&rig).claims();
    let first = noise(300_000, 1);
    assert_eq!(puts(&ada, &place("first"), &first).status, 200);
    let fillers = folders.each_ref().map(|folder| folder.join("filler"));
    for filler in &fillers {
        let mut file = std::fs::File::create(filler).unwrap();
        while file.write_all(&[0; 4_096]).is_ok() {}
    }
    for name in ["second", "third"] {
        let refused = puts(&ada, &place(name), noise(3_000_000, 2));
        assert_eq!((refused.status, &*refused.code()), (507, "full"), "{}", refused.text());
        assert!(reads(&ada, "first") == first, "after {name}");
    }
    let health = ada.get("/api/v1/health").to_string();
    assert!(health.contains("the disks are full"), "{health}");
    for filler in &fillers {
        std::fs::remove_file(filler).unwrap();
    }
    let goes_on = (0..TRIES).any(|_| puts(&ada, &place("probe"), "x").status == 200);
    assert!(goes_on, "it does not go on by itself");
    assert_eq!(puts(&ada, &place("second"), noise(3_000_000, 2)).status, 200);
    assert!(reads(&ada, "first") == first);
    assert!(reads(&ada, "second") == noise(3_000_000, 2));
    assert_eq!(running.stop(), Some(0));
    let (vault, report) = rig.open();
    assert!(report.findings.is_empty(), "{report:?}");
    let options = vault::CheckOptions { read_data: true, repair: false };
    assert!(vault.check(options, &mut |_| true).unwrap().is_clean());
}
