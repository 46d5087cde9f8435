//! Pairing more than once, looking at what is on the box, and forgetting it.

use std::path::PathBuf;

use computer::{ComputerError, Restore, Split};

use crate::computers::{Computer, code, mixed, rig};
use crate::web::Guest;

/// Paired again after its token was taken back, a computer was told that it is paired already, and nothing
/// but another name helped.
#[test]
fn a_pairing_that_the_box_has_taken_back_is_in_nobodys_way_and_a_good_one_is_kept() {
    let rig = rig();
    let running = rig.start();
    running.unlock();
    let ada = Guest::at_the_door(&rig).claims().raised();
    let laptop = Computer::paired(&ada, "laptop");
    let address = ada.at.to_string();
    let again = |code: Split| computer::pair(&laptop.folders, (&address, &code), "home", "laptop");
    let refused = again(code(&ada, None)).unwrap_err();
    assert!(matches!(refused, ComputerError::PairedAlready { .. }), "{refused}");
    assert!(refused.advice().contains("holdfast unpair home"), "{}", refused.advice());
    laptop.backs_up(&mixed(&rig, "files", 1)).unwrap();
    let devices = ada.get("/api/v1/devices");
    let id = devices["devices"][0]["id"].as_str().unwrap();
    let gone = ada.send("DELETE", &format!("/api/v1/devices/{id}"), None);
    assert!(gone.status < 300, "{}", gone.text());
    assert!(laptop.backs_up(&rig.path("files")).is_err());
    let new = again(code(&ada, Some("laptop"))).unwrap();
    assert_eq!(new.source, "laptop", "it goes on with what it had");
    assert_eq!(computer::versions(&laptop.again(None).line, &new).unwrap().len(), 1);
    laptop.folders.forget("home").unwrap();
    assert!(matches!(laptop.folders.load("home"), Err(ComputerError::NotPaired { .. })));
    assert!(!laptop.folders.cache.join("home").exists());
    assert!(laptop.folders.forget("home").is_err());
    assert_eq!(running.stop(), Some(0));
}

#[test]
fn a_computer_lists_what_the_box_has_of_it() {
    let rig = rig();
    let running = rig.start();
    running.unlock();
    let ada = Guest::at_the_door(&rig).claims().raised();
    let laptop = Computer::paired(&ada, "laptop");
    let folder = mixed(&rig, "files", 2);
    laptop.backs_up(&folder).unwrap();
    let version = computer::versions(&laptop.line, &laptop.pairing).unwrap().remove(0);
    let cache = laptop.folders.cache.join("home");
    let listed = |path: &[u8], deep| {
        let (pairing, line, version) = (&laptop.pairing, &laptop.line, &version);
        let what = Restore { pairing, line, cache: &cache, version, path };
        let mut paths = Vec::new();
        computer::list(&what, deep, &mut |one| {
            paths.push(PathBuf::from(String::from_utf8(one.path).unwrap()));
            true
        })
        .map(|()| paths)
    };
    let all = listed(b"", true).unwrap();
    let on_disk = testkit::files::below(&folder, "").len();
    assert!(all.len() >= on_disk && on_disk > 3, "{} of {on_disk}", all.len());
    let top = listed(b"", false).unwrap();
    assert!(!top.is_empty() && top.iter().all(|path| path.components().count() == 1), "{top:?}");
    let one = all.last().unwrap().to_str().unwrap().as_bytes();
    assert_eq!(listed(one, false).unwrap(), [all.last().unwrap().clone()]);
    assert!(listed(b"nowhere", true).is_err());
    assert_eq!(running.stop(), Some(0));
}
