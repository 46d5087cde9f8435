//! Many at once: edits of one source and of several, from many threads, and a kill.

use crate::rig::{Rig, backup, get, get_of, names, put};

const THREADS: usize = 8;
const EACH: usize = 12;

fn bytes_of(thread: usize, n: usize) -> Vec<u8> {
    format!("file {n} of thread {thread}\n").repeat(1 + n * 40).into_bytes()
}

#[test]
fn what_eight_threads_were_told_is_stored_is_there_after_a_kill() {
    let rig = Rig::threaded(&["a", "b"]);
    let vault = rig.create(2);
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let vault = &vault;
            scope.spawn(move || {
                for n in 0..EACH {
                    // Half of them share one source, the others have their own.
                    let own = format!("own-{thread}");
                    let source = if n % 2 == 0 { "shared" } else { &own };
                    let receipt =
                        put(vault, source, &format!("{thread}/{n}"), &bytes_of(thread, n));
                    assert_eq!(receipt.receipt.copies, 2);
                }
            });
        }
    });
    drop(vault);
    rig.lose_catalog();
    // One disk is enough: two copies were promised.
    let (vault, _) = rig.open(&["b"]);
    for thread in 0..THREADS {
        for n in 0..EACH {
            let own = format!("own-{thread}");
            let source = if n % 2 == 0 { "shared" } else { &own };
            let kept = get(&vault, source, &format!("{thread}/{n}")).unwrap();
            assert!(kept == bytes_of(thread, n), "file {n} of thread {thread}");
        }
    }
}

/// Rounds until two edits have to have met. One is enough as a rule; where threads run one after the other,
/// each may find nobody waiting.
const ROUNDS: usize = 200;

/// Whoever waits while another edit is being made durable shares the next commit.
#[test]
fn edits_that_wait_for_one_another_share_a_commit() {
    let rig = Rig::threaded(&["a"]);
    let vault = rig.create(1);
    put(&vault, "box", "first", b"1");
    // The snapshots that so many edits at once became.
    let round = |round: usize| {
        // Nobody is served while the disk hangs: whoever comes first leads, the others wait.
        rig.sim("a").hang();
        let begun = std::sync::Barrier::new(THREADS + 1);
        let work = |thread: usize| {
            let editor = vault.editor(None, "box").unwrap();
            begun.wait();
            editor.make_folder(format!("folder-{round}-{thread}").as_bytes()).unwrap().snapshot
        };
        std::thread::scope(|scope| {
            let work = &work;
            let workers: Vec<_> = (0..THREADS).map(|n| scope.spawn(move || work(n))).collect();
            begun.wait();
            rig.sim("a").wait_until_held();
            rig.sim("a").release();
            let ids = workers.into_iter().map(|worker| worker.join().unwrap());
            ids.collect::<std::collections::BTreeSet<_>>()
        })
    };
    let shared = (0..ROUNDS).find(|n| round(*n).len() < THREADS);
    let rounds = 1 + shared.expect("each edit had a commit of its own, every time");
    assert_eq!(names(&vault, "box").len(), THREADS * rounds + 1);
    assert_eq!(vault.snapshots(Some("box")).unwrap().len(), 1, "additions alone: one version");
}

#[test]
fn a_backup_and_edits_of_other_sources_run_side_by_side() {
    let rig = Rig::threaded(&["a", "b"]);
    let vault = rig.create(2);
    let folder = rig.path("tree");
    std::fs::create_dir(&folder).unwrap();
    for n in 0..60 {
        std::fs::write(folder.join(format!("{n:02}")), bytes_of(99, n)).unwrap();
    }
    std::thread::scope(|scope| {
        scope.spawn(|| assert_eq!(backup(&vault, "tree", &folder).receipt.copies, 2));
        for thread in 0..3 {
            let vault = &vault;
            scope.spawn(move || {
                for n in 0..EACH {
                    put(vault, "box", &format!("{thread}/{n}"), &bytes_of(thread, n));
                }
            });
        }
    });
    drop(vault);
    let (vault, _) = rig.open(&["a", "b"]);
    assert_eq!(names(&vault, "tree").len(), 60);
    assert_eq!(names(&vault, "box").len(), 3 * EACH + 3);
    assert!(get(&vault, "tree", "59").unwrap() == bytes_of(99, 59));
}

/// An edit reads the newest version and writes the next. A backup of the same source that ended in
/// between was overtaken by a version that had never seen it.
#[test]
fn no_edit_takes_back_what_a_backup_of_the_same_source_brought() {
    let rig = Rig::threaded(&["a"]);
    let vault = rig.create(1);
    let folder = rig.path("tree");
    std::fs::create_dir(&folder).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for n in 0..25_usize {
                std::fs::write(folder.join("count"), b"x".repeat(n)).unwrap();
                backup(&vault, "box", &folder);
            }
        });
        scope.spawn(|| {
            for n in 0..60_u8 {
                put(&vault, "box", "edited", &[n]);
            }
        });
    });
    drop(vault);
    let (vault, _) = rig.open(&["a"]);
    let mut before = 0;
    for info in vault.snapshots(Some("box")).unwrap() {
        let found = vault.find_snapshot(&info.id.to_string()).unwrap();
        let count = get_of(&vault, &found, "count").map_or(0, |bytes| bytes.len());
        assert!(count >= before, "{count} after {before}");
        before = count;
    }
    assert_eq!(before, 24);
}
