//! A vault that is reborn from friends of whom one lies, and a rebirth that is done a second time in another
//! way: what an honest friend has comes back, and no attempt undoes what the one before it made.

mod common;

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use common::friend::Friend;
use common::home::{Home, fetch};
use common::quiet;
use common::witness::go_on;
use peer_proto::wire::{HeadPoint, Kind, Listed};
use testkit::simdisk::SimDisk;
use types::{Bytes, PackId};
use vault::{Hold, RebornSpec, Vault, VaultError};
use volume::Disk;

/// A friend that says what it likes and has nothing.
#[derive(Debug)]
struct Liar(Vec<Listed>);

impl Liar {
    /// Says of everything that an honest friend has what `lie` makes of it.
    fn of(friend: &Friend, lie: impl Fn(Listed) -> Listed) -> Self {
        Self(friend.list().unwrap_or_default().into_iter().map(lie).collect())
    }
}

impl Hold for Liar {
    fn name(&self) -> String {
        "the liar".to_owned()
    }

    fn list(&self) -> io::Result<Vec<Listed>> {
        Ok(self.0.clone())
    }

    fn read(&self, _: PackId, from: u64, to: u64) -> io::Result<Vec<u8>> {
        Ok(vec![7; usize::try_from(to - from).unwrap_or(0)])
    }
}

/// A friend that lists what another has, and whose line breaks when it is to say anything, or to send a thing of
/// this kind.
#[derive(Debug)]
struct Broken<'f>(&'f Friend, Option<Kind>);

impl Hold for Broken<'_> {
    fn name(&self) -> String {
        "the broken line".to_owned()
    }

    fn list(&self) -> io::Result<Vec<Listed>> {
        match self.1 {
            Some(_) => self.0.list(),
            None => Err(io::ErrorKind::ConnectionReset.into()),
        }
    }

    fn read(&self, root: PackId, from: u64, to: u64) -> io::Result<Vec<u8>> {
        match self.0.kinds.get(&root).copied() == self.1 {
            true => Err(io::ErrorKind::ConnectionReset.into()),
            false => self.0.read(root, from, to),
        }
    }
}

/// A friend that was silent, or whose line broke while it sent its newest head, was a line among the findings: the
/// vault went on from an older head for good, and friends were asked to let go what only the newer one needs.
#[test]
fn an_older_head_is_not_begun_from_while_a_friend_with_a_newer_one_cannot_be_asked() {
    let home = Home::new();
    let mut newer = Friend::at(home.rig.path("newer"));
    let (vault, _) = home.reborn(home.disks(&["before"]), &[&home.friend]).unwrap();
    fetch(&vault, &[&home.friend]);
    let newest = go_on(&home.rig, &vault, 1);
    newer.keep_all(&vault);
    drop(vault);
    std::fs::remove_file(home.rig.catalog()).unwrap();
    let begin = |disk: &str, broken: Broken<'_>, go_on_without: bool| {
        let (disks, words) = (home.disks(&[disk]), &home.rig.words);
        let holds: [&dyn Hold; 2] = [&home.friend, &broken];
        let spec = RebornSpec { disks, words, holds: &holds, head: None, go_on_without };
        Vault::reborn(home.rig.env.clone(), home.rig.options(), spec, &mut quiet)
    };
    for (n, broken) in [None, Some(Kind::Head), Some(Kind::Keys)].into_iter().enumerate() {
        let disk = format!("new-{n}");
        let error = begin(&disk, Broken(&newer, broken), false);
        // The one words slot is the same at both, and came from the other.
        if broken == Some(Kind::Keys) {
            assert_eq!(error.unwrap().1.head, newest);
            continue;
        }
        let error = error.unwrap_err();
        assert!(matches!(error, VaultError::Unheard { .. }), "{error}");
        assert!(error.to_string().contains("the broken line"), "{error}");
        let at = home.rig.path(&disk);
        assert!(!testkit::files::below(&at, "").iter().any(|file| file.ends_with("vault")));
    }
    let _gone = std::fs::remove_file(home.rig.catalog());
    let (_, report) = begin("older", Broken(&newer, None), true).unwrap();
    assert_eq!(report.head, home.head, "the owner said so");
}

/// One friend that was asked first and called the words slot a data pack once hid it, and the newest heads, of
/// all others.
#[test]
fn a_friend_that_calls_things_something_else_hides_nothing_that_another_has() {
    for lie in [Kind::Data, Kind::Head, Kind::Meta, Kind::Keys] {
        let home = Home::new();
        let liar = Liar::of(&home.friend, |one| Listed { kind: lie, ..one });
        let both: [&dyn Hold; 2] = [&liar, &home.friend];
        let (vault, report) = home.reborn(home.disks(&["new"]), &both).unwrap();
        assert_eq!((report.head, report.lacking.len()), (home.head, 0), "{lie:?}");
        assert!(fetch(&vault, &both).lacking.is_empty());
        home.all_is_back(&vault, "back");
    }
}

#[test]
fn a_friend_that_says_wrong_lengths_hides_nothing_that_another_has() {
    for lie in [1, 16 << 20] {
        let home = Home::new();
        let liar = Liar::of(&home.friend, |one| Listed { size: lie, ..one });
        let both: [&dyn Hold; 2] = [&liar, &home.friend];
        let (vault, report) = home.reborn(home.disks(&["new"]), &both).unwrap();
        assert_eq!((report.head, report.lacking.len()), (home.head, 0), "{lie}");
        assert!(fetch(&vault, &both).lacking.is_empty());
        home.all_is_back(&vault, "back");
    }
}

/// The lengths that a friend told of were added up, and the disk was called full before a byte came.
#[test]
fn lengths_that_a_friend_made_up_fill_no_disk() {
    let home = Home::new();
    let made_up = |n: u8| Listed {
        root: PackId([n; 32]),
        size: format::pack::SIZE_MAX,
        kind: Kind::Meta,
        until: None,
    };
    let liar = Liar((0..100).map(made_up).collect());
    let room = Bytes(Bytes::GIB);
    assert!(100 * format::pack::SIZE_MAX > room.0, "it would not fit");
    let disks = vec![Arc::new(SimDisk::new("new", room)) as Arc<dyn Disk>];
    let both: [&dyn Hold; 2] = [&liar, &home.friend];
    let (vault, report) = home.reborn(disks, &both).unwrap();
    assert_eq!(report.lacking, []);
    assert!(report.findings.iter().any(|one| one.contains("the liar")), "{report:?}");
    assert!(fetch(&vault, &both).lacking.is_empty());
    home.all_is_back(&vault, "back");
}

/// And a disk that is full is still said to be, once it is known how long a thing is.
#[test]
fn a_disk_that_is_too_small_is_said_to_be() {
    let home = Home::new();
    let disks = vec![Arc::new(SimDisk::new("new", Bytes(Bytes::MIB))) as Arc<dyn Disk>];
    let error = home.reborn(disks, &[&home.friend]).unwrap_err();
    let is_full = matches!(&error, VaultError::Volume(volume::VolumeError::Full { .. }));
    assert!(is_full, "{error:?}");
}

/// The first attempt went as far as the newest heads, and the second, which was to begin from an earlier one,
/// went on from these all the same.
#[test]
fn a_second_attempt_begins_from_the_head_that_it_is_told_and_not_from_what_the_first_one_wrote() {
    let home = Home::new();
    let (vault, _) = home.reborn(home.disks(&["robbed"]), &[&home.friend]).unwrap();
    fetch(&vault, &[&home.friend]);
    vault.forget(&vault.snapshots(None).unwrap()).unwrap();
    vault.close().unwrap();
    let bad = vault.own_head().unwrap().point;
    let mut friend = Friend::at(home.rig.path("friend"));
    friend.kinds = home.friend.kinds.clone();
    friend.keep_all(&vault);
    drop(vault);
    std::fs::remove_file(home.rig.catalog()).unwrap();
    home.disks(&["new"]);
    let begin = |head: Option<HeadPoint>| {
        let (disks, words) = (home.again(&["new"]), &home.rig.words);
        let spec = RebornSpec { disks, words, holds: &[&friend], head, go_on_without: false };
        let (env, options) = (home.rig.env.clone(), home.rig.options());
        let (vault, report) = Vault::reborn(env, options, spec, &mut quiet).unwrap();
        let (count, own) = (vault.snapshots(None).unwrap().len(), vault.own_head().unwrap().point);
        drop(vault);
        std::fs::remove_file(home.rig.catalog()).unwrap();
        (report.head, count, own)
    };
    let (head, count, _) = begin(None);
    assert_eq!((head, count), (bad, 0));
    let (head, count, own) = begin(Some(home.head));
    assert_eq!((head, count), (home.head, 3));
    // Once more: what these disks took after they went back is theirs.
    let (_, count, after) = begin(Some(home.head));
    assert_eq!(count, 3);
    assert!(after.seq >= own.seq, "it goes on: {after:?} after {own:?}");
}

/// The first attempt began from an older head, since the friend with the newer one was given up; the second, on the
/// same disk and with that friend, went on from what the first one wrote.
#[test]
fn a_second_attempt_does_not_go_on_from_what_one_wrote_that_began_from_an_older_head() {
    let home = Home::new();
    let (vault, _) = home.reborn(home.disks(&["before"]), &[&home.friend]).unwrap();
    fetch(&vault, &[&home.friend]);
    let newest = go_on(&home.rig, &vault, 1);
    let mut newer = Friend::at(home.rig.path("newer"));
    newer.keep_all(&vault);
    // Every head between, so that it is known which follows which.
    let here = vault.sealed_here().unwrap();
    for file in testkit::files::below(&home.rig.path("before"), "") {
        let bytes = std::fs::read(&file).unwrap();
        let id = PackId(*blake3::hash(&bytes).as_bytes());
        let hash = types::HeadHash(id.0);
        let is_head = (1..=newest.seq).any(|seq| here.head(HeadPoint { seq, hash }).is_some());
        if is_head {
            newer.keep(id, Kind::Head, &bytes);
        }
    }
    drop((here, vault));
    std::fs::remove_file(home.rig.catalog()).unwrap();
    let (vault, _) = home.reborn(home.disks(&["new"]), &[&home.friend]).unwrap();
    drop(vault);
    std::fs::remove_file(home.rig.catalog()).unwrap();
    let both: [&dyn Hold; 2] = [&home.friend, &newer];
    let error = home.reborn(home.again(&["new"]), &both).unwrap_err();
    assert!(error.to_string().contains("erase it first"), "{error}");
    let _gone = std::fs::remove_file(home.rig.catalog());
    let (_, report) = home.reborn(home.disks(&["other"]), &both).unwrap();
    assert_eq!(report.head, newest);
}

/// The first attempt was on two disks; the second one of these and another. The one that was not named was
/// struck off as if it had burned.
#[test]
fn a_second_attempt_on_other_disks_strikes_nothing_off_that_the_first_one_made() {
    let home = Home::new();
    let (vault, report) = home.reborn(home.disks(&["one", "two"]), &[&home.friend]).unwrap();
    assert_eq!(report.struck_off.len(), 2, "those that burned");
    let before: Vec<_> = vault.volumes().unwrap().into_iter().map(|one| one.id).collect();
    assert_eq!(before.len(), 2);
    drop(vault);
    std::fs::remove_file(home.rig.catalog()).unwrap();
    let mut disks = home.again(&["one"]);
    disks.extend(home.disks(&["three"]));
    let (vault, report) = home.reborn(disks, &[&home.friend]).unwrap();
    assert_eq!(report.struck_off, []);
    let after: Vec<_> = vault.volumes().unwrap().into_iter().map(|one| one.id).collect();
    assert!(before.iter().all(|id| after.contains(id)), "{before:?} in {after:?}");
    assert!(fetch(&vault, &[&home.friend]).lacking.is_empty());
    home.all_is_back(&vault, "back");
}

/// Two boxes went on from one vault, and friends keep heads of both: those of the other one were written to the
/// fresh disks as if they were this one's own.
#[test]
fn heads_of_another_box_that_went_on_from_the_same_vault_are_not_taken_for_own() {
    let home = Home::new();
    let mut friend = Friend::at(home.rig.path("friend"));
    friend.kinds = home.friend.kinds.clone();
    let mut branches: BTreeMap<&str, Vec<HeadPoint>> = BTreeMap::new();
    for (name, heads) in [("theirs", 2), ("ours", 6)] {
        let (vault, _) = home.reborn(home.disks(&[name]), &[&home.friend]).unwrap();
        fetch(&vault, &[&home.friend]);
        for _ in 0..heads {
            let point = go_on(&home.rig, &vault, 1);
            let bytes = vault.sealed_here().unwrap().head(point).unwrap();
            branches.entry(name).or_default().push(point);
            // Of the one all heads are kept, of the other only the newest.
            if name == "theirs" || branches[name].len() == heads {
                friend.keep(PackId(point.hash.0), Kind::Head, &bytes);
            }
        }
        friend.keep_all(&vault);
        drop(vault);
        std::fs::remove_file(home.rig.catalog()).unwrap();
    }
    let (theirs, newest) = (&branches["theirs"], *branches["ours"].last().unwrap());
    assert!(theirs.iter().all(|head| head.seq < newest.seq));
    let (vault, report) = home.reborn(home.disks(&["new"]), &[&friend]).unwrap();
    assert_eq!(report.head, newest);
    let here = vault.sealed_here().unwrap();
    assert!(here.head(newest).is_some());
    for head in theirs {
        assert!(here.head(*head).is_none(), "{head:?} is of another box");
    }
}
