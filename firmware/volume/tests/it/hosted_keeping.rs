//! Keeping friends' packs for long: trash, scrubs, notes, and the layout on the disk.

use std::fs;

use testkit::friends::{ANNA, BEN, bring, is_kept, pack, stream};
use types::{Bytes, HeadHash, PackId, UnixTime};
use verified::{GROUP_LEN, Groups};
use volume::hosted::{
    BadPack, Begun, Day, Hosted, HostedError, InTrash, Moved, Purged, ScrubPoint,
};

use crate::common::{flip, open};
use crate::hosted::{host, pack_file, path, wanted};

const DAY: Day = Day(20_700);

#[test]
fn a_pack_in_the_trash_is_answered_for_until_its_day_has_come() {
    let dir = tempfile::tempdir().unwrap();
    let hosted = host(dir.path());
    let (told, bytes) = pack(1, 3, 0);
    let len = told.len();
    bring(&hosted, ANNA, &bytes).unwrap();
    assert_eq!(hosted.trash(ANNA, told.root(), DAY).unwrap(), Moved::Moved);
    let listed = [InTrash { day: DAY, id: told.root(), len }];
    // Told once more, and with an earlier day, it keeps the day that it has.
    let again = hosted.trash(ANNA, told.root(), Day(1)).unwrap();
    assert_eq!(again, Moved::AlreadyThere);
    for hosted in [hosted, open(dir.path()).hosted()] {
        assert_eq!(hosted.list_trash(ANNA).unwrap(), listed);
        let totals = hosted.totals(ANNA).unwrap();
        assert_eq!((totals.packs, totals.trashed_packs, totals.held()), (0, 1, len));
        assert!(is_kept(&hosted, ANNA, &bytes));
        assert_eq!(hosted.purge(ANNA, Day(DAY.0 - 1)).unwrap(), Purged::default());
    }
    let hosted = open(dir.path()).hosted();
    assert_eq!(hosted.purge(ANNA, DAY).unwrap(), Purged { packs: 1, bytes: len });
    assert_eq!(hosted.totals(ANNA).unwrap().held(), Bytes(0));
    let gone = hosted.trash(ANNA, told.root(), DAY);
    assert!(matches!(gone, Err(HostedError::Missing { .. })), "{gone:?}");
}

#[test]
fn a_pack_in_the_trash_comes_back_without_a_byte_being_sent() {
    let dir = tempfile::tempdir().unwrap();
    let hosted = host(dir.path());
    let (told, bytes) = pack(1, 3, 0);
    bring(&hosted, ANNA, &bytes).unwrap();
    hosted.trash(ANNA, told.root(), DAY).unwrap();
    assert_eq!(hosted.take_back(ANNA, told.root()).unwrap(), Moved::Moved);
    assert_eq!(hosted.take_back(ANNA, told.root()).unwrap(), Moved::AlreadyThere);
    hosted.trash(ANNA, told.root(), DAY).unwrap();
    assert!(matches!(hosted.begin(ANNA, told).unwrap(), Begun::AlreadyThere(_)));
    let totals = hosted.totals(ANNA).unwrap();
    assert_eq!((totals.packs, totals.trashed_packs), (1, 0));
    // Not when it rotted there: then it is asked for.
    hosted.trash(ANNA, told.root(), DAY).unwrap();
    flip(&path(dir.path(), &format!("trash/00020700/{}.pack", told.root())), 5);
    let refused = hosted.take_back(ANNA, told.root());
    assert!(matches!(refused, Err(HostedError::Damaged { .. })), "{refused:?}");
    drop(wanted(hosted.begin(ANNA, told).unwrap()));
    assert_eq!(hosted.totals(ANNA).unwrap().held(), Bytes(0));
}

#[test]
fn days_are_counted_in_utc_from_1970() {
    assert_eq!(Day::of(UnixTime(0)), Day(0));
    assert_eq!(Day::of(UnixTime(86_399_999)), Day(0));
    assert_eq!(Day::of(UnixTime(86_400_000)), Day(1));
    assert_eq!(Day::of(UnixTime(-1)), Day(0));
}

#[test]
fn a_scrub_in_small_steps_reads_every_pack_once_also_over_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let hosted = host(dir.path());
    hosted.promise(BEN, Bytes(1 << 20)).unwrap();
    for seed in 1..8 {
        bring(&hosted, ANNA, &pack(seed, 1, 0).1).unwrap();
    }
    bring(&hosted, BEN, &pack(1, 1, 0).1).unwrap();
    let (mut from, mut packs, mut steps): (Option<ScrubPoint>, u64, u32) = (None, 0, 0);
    loop {
        let done = open(dir.path()).hosted().scrub(from, Bytes(2 * GROUP_LEN)).unwrap();
        assert!(done.packs <= 2 && done.bad.is_empty() && done.mended == 0, "{done:?}");
        packs += done.packs;
        steps += 1;
        from = done.next;
        if from.is_none() {
            break;
        }
    }
    assert_eq!(packs, 8);
    assert!(steps >= 4);
}

#[test]
fn a_scrub_puts_a_damaged_pack_aside_and_only_its_bad_groups_are_sent_again() {
    let dir = tempfile::tempdir().unwrap();
    let hosted = host(dir.path());
    let (told, bytes) = pack(1, 6, 0);
    bring(&hosted, ANNA, &bytes).unwrap();
    bring(&hosted, ANNA, &pack(2, 1, 0).1).unwrap();
    flip(&pack_file(dir.path(), told.root(), "pack"), 2 * GROUP_LEN);
    flip(&pack_file(dir.path(), told.root(), "pack"), 5 * GROUP_LEN);
    let done = hosted.scrub(None, Bytes(u64::MAX)).unwrap();
    let bad = Groups::from_iter([2, 5]);
    assert_eq!(done.bad, [BadPack { owner: ANNA, pack: told.root(), bad }]);
    assert_eq!((done.packs, done.next), (2, None));
    let hosted = open(dir.path()).hosted();
    assert_eq!(hosted.list_damaged(ANNA).unwrap()[0].id, told.root());
    assert_eq!(hosted.totals(ANNA).unwrap().packs, 1);
    assert!(matches!(hosted.open(ANNA, told.root()), Err(HostedError::Missing { .. })));
    let mut incoming = wanted(hosted.begin(ANNA, told).unwrap());
    assert_eq!(incoming.missing(), bad);
    incoming.take(&bad, &stream(&bytes, &bad)[..]).unwrap();
    incoming.finish().unwrap();
    assert!(is_kept(&hosted, ANNA, &bytes));
    assert_eq!(hosted.list_damaged(ANNA).unwrap(), []);
    assert_eq!(hosted.totals(ANNA).unwrap().packs, 2);
}

#[test]
fn a_damaged_pack_that_is_brought_again_before_a_scrub_is_mended_the_same_way() {
    let dir = tempfile::tempdir().unwrap();
    let hosted = host(dir.path());
    let (told, bytes) = pack(1, 6, 0);
    bring(&hosted, ANNA, &bytes).unwrap();
    flip(&pack_file(dir.path(), told.root(), "pack"), 2 * GROUP_LEN);
    assert_eq!(wanted(hosted.begin(ANNA, told).unwrap()).missing(), Groups::from_iter(2..3));
    bring(&hosted, ANNA, &bytes).unwrap();
    assert!(is_kept(&hosted, ANNA, &bytes));
    assert_eq!(hosted.totals(ANNA).unwrap().packs, 1);
}

#[test]
fn a_scrub_mends_outboards_and_copies_of_notes_and_names_notes_that_are_lost() {
    let dir = tempfile::tempdir().unwrap();
    let hosted = host(dir.path());
    let (told, bytes) = pack(1, 6, 0);
    bring(&hosted, ANNA, &bytes).unwrap();
    hosted.write_pact(ANNA, b"a signed pact").unwrap();
    hosted.write_words(ANNA, b"a slot").unwrap();
    hosted.write_head(ANNA, 3, HeadHash([4; 32]), b"a head").unwrap();
    let head = format!("heads/{}.1", Hosted::head_name(3, HeadHash([4; 32])));
    flip(&pack_file(dir.path(), told.root(), "ob"), 9);
    flip(&path(dir.path(), "pact.0"), 60);
    fs::remove_file(path(dir.path(), &head)).unwrap();
    flip(&path(dir.path(), "words.0"), 60);
    flip(&path(dir.path(), "words.1"), 60);
    let done = hosted.scrub(None, Bytes(u64::MAX)).unwrap();
    assert_eq!((done.mended, done.bad.len()), (3, 0));
    let words = format!("friends/{ANNA}/words");
    assert_eq!(done.lost_notes, std::slice::from_ref(&words));
    let lost = hosted.read_words(ANNA).unwrap_err();
    assert!(lost.to_string().ends_with(&format!("no copy of {words} is whole")), "{lost}");
    assert_eq!(fs::read(path(dir.path(), "pact.0")).unwrap().len(), 56 + 13 + 32);
    assert_eq!(
        fs::read(path(dir.path(), "pact.0")).unwrap(),
        fs::read(path(dir.path(), "pact.1")).unwrap()
    );
    assert!(path(dir.path(), &head).exists());
    hosted.write_words(ANNA, b"sent again").unwrap();
    let done = hosted.scrub(None, Bytes(u64::MAX)).unwrap();
    assert_eq!((done.mended, done.lost_notes.len()), (0, 0));
}

#[test]
fn notes_are_replaced_and_each_friends_are_their_own() {
    let dir = tempfile::tempdir().unwrap();
    let hosted = host(dir.path());
    assert_eq!(hosted.read_pact(ANNA).unwrap(), None);
    for text in [b"first".to_vec(), b"second".to_vec()] {
        hosted.write_pact(ANNA, &text).unwrap();
        assert_eq!(open(dir.path()).hosted().read_pact(ANNA).unwrap(), Some(text));
    }
    assert_eq!(hosted.read_pact(BEN).unwrap(), None);
    // A cut between two copies: the newer one counts, whichever it is.
    let newer = fs::read(path(dir.path(), "pact.0")).unwrap();
    hosted.write_pact(ANNA, b"third").unwrap();
    let third = fs::read(path(dir.path(), "pact.0")).unwrap();
    for (one, other) in [(&newer, &third), (&third, &newer)] {
        for (copy, bytes) in [("pact.0", one), ("pact.1", other)] {
            fs::remove_file(path(dir.path(), copy)).unwrap();
            copy_to(&path(dir.path(), copy), bytes);
        }
        assert_eq!(hosted.read_pact(ANNA).unwrap().unwrap(), b"third");
    }
    // Somebody else's note under this name, or one of another kind, is no note.
    hosted.write_pact(BEN, b"Ben's").unwrap();
    let bens = dir.path().join("holdfast/friends").join(BEN.to_string()).join("pact.0");
    for copy in ["words.0", "words.1"] {
        copy_to(&path(dir.path(), copy), &fs::read(&bens).unwrap());
    }
    assert!(matches!(hosted.read_words(ANNA), Err(HostedError::NoteLost { .. })));
    let long = hosted.write_words(ANNA, &vec![0; (4 << 20) + 1]);
    assert!(matches!(long, Err(HostedError::NoteTooLong { .. })), "{long:?}");
}

fn copy_to(path: &std::path::Path, bytes: &[u8]) {
    std::io::Write::write_all(&mut fs::File::create(path).unwrap(), bytes).unwrap();
}

#[test]
fn one_head_goes_by_its_name_and_all_others_stay_older_ones_too() {
    let dir = tempfile::tempdir().unwrap();
    let hosted = host(dir.path());
    for (seq, hash) in [(2, 1), (3, 1), (3, 2), (4, 1)] {
        hosted.write_head(ANNA, seq, HeadHash([hash; 32]), &[hash; 100]).unwrap();
    }
    let name = Hosted::head_name(3, HeadHash([2; 32]));
    assert!(hosted.remove_head(ANNA, &name).unwrap());
    assert!(!hosted.remove_head(ANNA, &name).unwrap(), "it is gone");
    assert!(!hosted.remove_head(ANNA, "../pact").unwrap(), "that is no head");
    let left = hosted.list_heads(ANNA).unwrap().into_iter().map(|head| head.name);
    let stay =
        [(2, 1), (3, 1), (4, 1)].map(|(seq, hash)| Hosted::head_name(seq, HeadHash([hash; 32])));
    assert_eq!(left.collect::<Vec<_>>(), stay);
    for name in stay {
        assert_eq!(hosted.read_head(ANNA, &name).unwrap(), Some(vec![1; 100]));
    }
}

#[test]
fn heads_are_listed_in_order_forks_side_by_side_and_old_ones_go() {
    let dir = tempfile::tempdir().unwrap();
    let hosted = host(dir.path());
    for (seq, hash) in [(12, 1), (2, 1), (3, 1), (3, 2)] {
        hosted.write_head(ANNA, seq, HeadHash([hash; 32]), &[hash; 100]).unwrap();
    }
    let hosted = open(dir.path()).hosted();
    let numbers = |hosted: &Hosted| -> Vec<u64> {
        hosted.list_heads(ANNA).unwrap().iter().map(|head| head.seq).collect()
    };
    assert_eq!(numbers(&hosted), [2, 3, 3, 12]);
    for head in hosted.list_heads(ANNA).unwrap() {
        assert_eq!(hosted.read_head(ANNA, &head.name).unwrap().unwrap().len(), 100);
    }
    assert_eq!(hosted.read_head(ANNA, "../pact").unwrap(), None);
    assert_eq!(hosted.prune_heads(ANNA, 2).unwrap(), 1);
    assert_eq!(numbers(&hosted), [3, 3, 12]);
    assert_eq!(hosted.prune_heads(ANNA, 0).unwrap(), 2);
    assert_eq!(numbers(&hosted), [12]);
}

/// Everything that friends' folders of a volume may hold, as version 1 wrote it.
#[test]
fn what_version_1_kept_for_a_friend_is_still_read_and_written_byte_for_byte() {
    let golden = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/friends-1");
    let dir = tempfile::tempdir().unwrap();
    let hosted = host(dir.path());
    hosted.write_pact(ANNA, b"a signed pact").unwrap();
    hosted.write_words(ANNA, b"a slot").unwrap();
    hosted.write_head(ANNA, 3, HeadHash([4; 32]), b"a head").unwrap();
    let (kept, kept_bytes) = pack(1, 2, 100);
    let (trashed, trashed_bytes) = pack(2, 0, 500);
    bring(&hosted, ANNA, &kept_bytes).unwrap();
    bring(&hosted, ANNA, &trashed_bytes).unwrap();
    hosted.trash(ANNA, trashed.root(), DAY).unwrap();
    let written = files(&dir.path().join("holdfast/friends"));
    assert_eq!(written.keys().collect::<Vec<_>>(), files(&golden).keys().collect::<Vec<_>>());
    for (name, bytes) in files(&golden) {
        assert!(written[&name] == bytes, "{name} is written otherwise");
    }

    // And a volume that has nothing but those files.
    let other = tempfile::tempdir().unwrap();
    crate::common::create(other.path());
    for (name, bytes) in files(&golden) {
        let path = other.path().join("holdfast/friends").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        copy_to(&path, &bytes);
    }
    let hosted = open(other.path()).hosted();
    assert_eq!(hosted.totals(ANNA).unwrap().packs, 1);
    assert_eq!(hosted.totals(ANNA).unwrap().promised, crate::hosted::PROMISED);
    assert!(is_kept(&hosted, ANNA, &kept_bytes) && is_kept(&hosted, ANNA, &trashed_bytes));
    assert_eq!(hosted.read_words(ANNA).unwrap().unwrap(), b"a slot");
    assert_eq!(hosted.list_heads(ANNA).unwrap().len(), 1);
    let ids: Vec<PackId> = hosted.list(ANNA, None, 9).unwrap().iter().map(|p| p.id).collect();
    assert_eq!(ids, [kept.root()]);
}

/// All files below a folder with their bytes, by path.
fn files(folder: &std::path::Path) -> std::collections::BTreeMap<String, Vec<u8>> {
    let mut found = std::collections::BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(at) = folders.pop() {
        for entry in fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    found
}
