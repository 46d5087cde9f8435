//! Letting go: what a forget and a prune take, what they never take, and when they refuse.

use plan::gc::GcRefusal;
use types::{Clock, Millis};
use vault::{PruneOptions, VaultError};

use crate::rig::{Rig, check, get, noise, prune_now, put, quiet};

fn refusal(error: VaultError) -> GcRefusal {
    match error {
        VaultError::Refused(refusal) => {
            assert!(!refusal.advice().is_empty());
            refusal
        }
        other => panic!("{other}"),
    }
}

fn prune(vault: &vault::Vault) -> vault::PruneReport {
    let options = PruneOptions { allow_large: true, ..PruneOptions::default() };
    vault.prune(options, &mut quiet).unwrap()
}

#[test]
fn what_was_forgotten_goes_after_its_grace_and_its_time_in_the_trash() {
    let rig = Rig::inline(&["a", "b"]);
    let vault = rig.create(2);
    put(&vault, "box", "big", &noise(1, 3_000_000));
    put(&vault, "box", "big", b"small");
    vault.close().unwrap();
    let all = vault.snapshots(Some("box")).unwrap();
    vault.forget(&all[..1]).unwrap();
    let has_data = || {
        rig.sim("a").files().iter().any(|(path, bytes)| {
            (path.starts_with("data/") || path.starts_with("trash/")) && bytes.len() > 2_000_000
        })
    };
    assert!(prune(&vault).tombstoned > 0);
    assert!(has_data());
    rig.pass_days(29);
    assert_eq!(prune(&vault).trashed, 0, "a month has not passed");
    rig.pass_days(2);
    assert!(prune(&vault).trashed > 0);
    assert!(has_data(), "a week in the trash");
    rig.pass_days(8);
    assert!(prune(&vault).unlinked > 0);
    assert!(!has_data(), "gone");
    assert_eq!(get(&vault, "box", "big").unwrap(), b"small");
    assert!(check(&vault, true, false).is_clean());
}

#[test]
fn a_second_prune_finds_nothing_left_to_do() {
    let rig = Rig::inline(&["a"]);
    let vault = rig.create(1);
    for n in 0..10 {
        put(&vault, "box", "file", &noise(n, 200_000));
        vault.close().unwrap();
    }
    let all = vault.snapshots(Some("box")).unwrap();
    vault.forget(&all[..all.len() - 1]).unwrap();
    let reports: Vec<_> = (0..3).map(|_| prune_now(&vault).unwrap()).collect();
    assert!(reports[0].unlinked > 0, "{reports:#?}");
    for later in &reports[1..] {
        assert_eq!(*later, vault::PruneReport::default(), "{reports:#?}");
    }
    assert!(get(&vault, "box", "file").unwrap() == noise(9, 200_000));
}

#[test]
fn bytes_that_come_back_while_their_pack_waits_to_go_are_stored_anew_and_stay() {
    let rig = Rig::inline(&["a", "b"]);
    let vault = rig.create(2);
    put(&vault, "box", "file", &noise(1, 800_000));
    vault.close().unwrap();
    vault.forget(&vault.snapshots(None).unwrap()).unwrap();
    prune(&vault);
    put(&vault, "box", "file", &noise(1, 800_000));
    rig.pass_days(31);
    prune(&vault);
    rig.pass_days(8);
    prune(&vault);
    assert!(get(&vault, "box", "file").unwrap() == noise(1, 800_000));
    drop(vault);
    rig.lose_catalog();
    let (vault, _) = rig.open(&["a", "b"]);
    assert!(get(&vault, "box", "file").unwrap() == noise(1, 800_000));
}

/// In a vault under 3 GiB nothing was ever too much: the share was counted of a gibibyte at least.
#[test]
fn a_large_part_of_a_small_vault_does_not_go_without_a_word() {
    let rig = Rig::inline(&["a"]);
    let vault = rig.create(1);
    for n in 0..3 {
        put(&vault, "box", &format!("file-{n}"), &noise(n, 14_000_000));
    }
    put(&vault, "small", "file", &noise(9, 1_000_000));
    vault.close().unwrap();
    vault.forget(&vault.snapshots(Some("box")).unwrap()).unwrap();
    let now = PruneOptions { grace: Some(Millis(0)), ..PruneOptions::default() };
    let refused = refusal(vault.prune(now, &mut quiet).unwrap_err());
    assert!(matches!(refused, GcRefusal::TooMuch { .. }), "{refused}");
    assert!(refused.advice().contains("--allow-large"));
    let report = vault.prune(PruneOptions { allow_large: true, ..now }, &mut quiet).unwrap();
    assert!(report.freed.0 > 40_000_000, "{report:?}");
    // One pack's worth may always go, however small the vault is.
    vault.forget(&vault.snapshots(Some("small")).unwrap()).unwrap();
    assert!(vault.prune(now, &mut quiet).unwrap().freed.0 > 900_000);
}

/// A damaged pack that was put aside stayed in the trash for ever.
#[test]
fn what_was_put_aside_goes_once_there_is_a_sound_copy() {
    let rig = Rig::inline(&["a", "b"]);
    let vault = rig.create(2);
    put(&vault, "box", "file", &noise(1, 900_000));
    vault.close().unwrap();
    let packs = rig.disks["a"].packs();
    let (path, _) = packs.iter().find(|(path, _)| path.starts_with("data/")).unwrap();
    for serial in ["a", "b"] {
        rig.sim(serial).flip_byte(path, 400_000);
    }
    let aside = || rig.sim("a").files().iter().any(|(path, _)| path.ends_with(".damaged"));
    assert!(!check(&vault, true, true).is_clean() && aside());
    // Nobody needs it any more: one repair says so, and all is well.
    put(&vault, "box", "file", b"short");
    vault.forget(&vault.snapshots(Some("box")).unwrap()[..1]).unwrap();
    assert!(check(&vault, false, false).lost_packs.is_empty());
    let mended = check(&vault, true, true);
    assert!(mended.is_clean(), "{mended:?}");
    prune_now(&vault).unwrap();
    assert!(!aside());
}

#[test]
fn an_absent_disk_stops_pruning() {
    let rig = Rig::inline(&["a", "b"]);
    let vault = rig.create(2);
    put(&vault, "box", "file", b"bytes");
    vault.close().unwrap();
    drop(vault);
    let (vault, _) = rig.open(&["a"]);
    let refused = refusal(prune_now(&vault).unwrap_err());
    assert!(matches!(refused, GcRefusal::VolumeAbsent { .. }), "{refused}");
}

/// A disk that failed while the vault was open is as good as absent: what is on it is unknown.
#[test]
fn a_failing_disk_stops_pruning() {
    use testkit::simdisk::{Fault, Lasting};
    let rig = Rig::inline(&["a", "b", "c"]);
    let vault = rig.create(2);
    put(&vault, "box", "file", b"bytes");
    rig.sim("b").fail_after(1, Fault::Eio, Lasting::Forever);
    put(&vault, "box", "more", b"bytes");
    let refused = refusal(prune_now(&vault).unwrap_err());
    assert!(matches!(refused, GcRefusal::VolumeAbsent { .. }), "{refused}");
}

#[test]
fn a_rebuilt_catalog_stops_pruning_until_it_was_checked() {
    let rig = Rig::inline(&["a"]);
    let vault = rig.create(1);
    put(&vault, "box", "file", b"bytes");
    vault.close().unwrap();
    drop(vault);
    rig.lose_catalog();
    let (vault, _) = rig.open(&["a"]);
    assert_eq!(refusal(prune_now(&vault).unwrap_err()), GcRefusal::CatalogUnchecked);
    assert!(check(&vault, false, false).is_clean());
    prune_now(&vault).unwrap();
}

#[test]
fn a_clock_that_went_back_stops_pruning() {
    let rig = Rig::inline(&["a"]);
    let vault = rig.create(1);
    put(&vault, "box", "file", b"bytes");
    vault.close().unwrap();
    let now = rig.clock.now();
    rig.clock.jump_to(now.minus(Millis::from_days(2)));
    let refused = refusal(prune_now(&vault).unwrap_err());
    assert!(matches!(refused, GcRefusal::ClockJumped { .. }), "{refused}");
    rig.clock.jump_to(now);
    prune_now(&vault).unwrap();
}

#[test]
fn a_dry_run_names_what_would_go_and_touches_nothing() {
    let rig = Rig::inline(&["a"]);
    let vault = rig.create(1);
    put(&vault, "box", "file", &noise(1, 900_000));
    vault.close().unwrap();
    vault.forget(&vault.snapshots(None).unwrap()).unwrap();
    vault.close().unwrap();
    let before = rig.sim("a").files();
    let options = PruneOptions { dry_run: true, allow_large: true, ..PruneOptions::default() };
    let report = vault.prune(options, &mut quiet).unwrap();
    assert!(report.tombstoned > 0, "{report:?}");
    assert!(rig.sim("a").files() == before);
}

#[test]
fn the_usual_rule_keeps_every_hour_of_a_month_and_every_day_of_three() {
    let rig = Rig::inline(&["a"]);
    let vault = rig.create(1);
    let quarter_hour = Millis(15 * 60 * 1_000);
    // Two days of a change every quarter of an hour.
    for n in 0..192_u32 {
        put(&vault, "box", "file", &n.to_le_bytes());
        rig.clock.pass(quarter_hour);
    }
    let expired = vault.expired_by_policy(Some("box")).unwrap();
    vault.forget(&expired).unwrap();
    let kept = vault.snapshots(Some("box")).unwrap().len();
    // All of the last day, and one for each hour of the day before.
    assert!((96 + 23..=96 + 26).contains(&kept), "{kept}");
    rig.pass_days(40);
    vault.forget(&vault.expired_by_policy(Some("box")).unwrap()).unwrap();
    let kept = vault.snapshots(Some("box")).unwrap().len();
    assert!((2..=4).contains(&kept), "{kept} days");
    rig.pass_days(800);
    vault.forget(&vault.expired_by_policy(Some("box")).unwrap()).unwrap();
    assert!(!vault.snapshots(Some("box")).unwrap().is_empty(), "the newest stays for ever");
    assert_eq!(get(&vault, "box", "file").unwrap(), 191_u32.to_le_bytes());
}

/// A power cut may take the catalog's last, unsynced changes: it then tells of packs that a prune
/// has removed. New bytes must not be taken for stored because of it.
#[test]
fn a_catalog_from_before_a_prune_does_not_pass_for_bytes_that_are_gone() {
    let rig = Rig::inline(&["a", "b"]);
    let vault = rig.create(2);
    put(&vault, "box", "file", &noise(1, 800_000));
    put(&vault, "box", "file", b"small");
    vault.close().unwrap();
    drop(vault);
    let saved = std::fs::read(rig.catalog()).unwrap();
    let (vault, _) = rig.open(&["a", "b"]);
    vault.forget(&vault.snapshots(Some("box")).unwrap()[..1]).unwrap();
    assert!(prune_now(&vault).unwrap().unlinked > 0);
    vault.close().unwrap();
    drop(vault);
    std::fs::write(rig.catalog(), saved).unwrap();
    let (vault, report) = rig.open(&["a", "b"]);
    assert!(report.missing_packs.is_empty(), "{report:?}");
    put(&vault, "box", "again", &noise(1, 800_000));
    assert!(get(&vault, "box", "again").unwrap() == noise(1, 800_000));
    let report = check(&vault, true, false);
    assert!(report.is_clean(), "{report:?}");
}

/// Metadata that was merged into a new pack lies in the old one too, until its grace is over. A
/// catalog made anew must find it in the new one: nobody copies the old one any more.
#[test]
fn a_rebuilt_catalog_does_not_rely_on_packs_that_wait_to_go() {
    let mut rig = Rig::inline(&["a"]);
    let vault = rig.create(2);
    for n in 0..20_u8 {
        put(&vault, "box", &format!("folder-{n}/file"), &[n]);
        vault.editor(None, "box").unwrap().delete(b"folder-0", true).ok();
        vault.close().unwrap();
    }
    assert!(prune(&vault).tombstoned > 0);
    vault.close().unwrap();
    drop(vault);
    rig.lose_catalog();
    let (vault, _) = rig.open(&["a"]);
    let disk = rig.empty_disk("b");
    vault.add_volume(disk, &mut quiet).unwrap();
    vault.rebuild(&mut quiet).unwrap();
    drop(vault);
    let (vault, _) = rig.open(&["b"]);
    for info in vault.snapshots(Some("box")).unwrap() {
        let found = vault.find_snapshot(&info.id.to_string()).unwrap();
        vault.list(&found, b"", true, &mut |_| true).unwrap();
    }
}
