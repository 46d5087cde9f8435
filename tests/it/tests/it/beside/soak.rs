//! Disks join, fill, change and leave at random while one thread edits and another backs up, and
//! what both were told is stored is compared at the end of each course.
//!
//! Each step of an act on disks lets the two others begin some work, and waits until some of what it
//! let them begin before is acknowledged: they meet on any machine. What is still under way then
//! meets the next step. `HOLDFAST_BESIDE_COURSES` runs more courses than the usual few.

use std::path::Path;
use std::sync::{Condvar, Mutex};

use testkit::dice::Dice;
use vault::{RebuildReport, Vault, VaultError};

use super::{PATIENCE, Stored, all_there, must_be_whole};
use crate::rig::{Rig, backup, check, noise, prune_now, put, volume_id};

const COURSES: u64 = 6;
const ACTS: u32 = 7;
/// Names that edits and files of the backup take turns in.
const NAMES: u32 = 10;

/// How much the two that store may begin, began, and have done.
#[derive(Debug, Default)]
struct Tally {
    granted: u64,
    begun: u64,
    done: u64,
    over: bool,
}

#[derive(Debug, Default)]
struct Turns {
    tally: Mutex<Tally>,
    changed: Condvar,
}

impl Turns {
    /// Lets others begin `count` more, once at most `count` of the earlier ones are under way.
    fn grant(&self, count: u64) {
        let tally = self.tally.lock().unwrap();
        let behind = |tally: &mut Tally| tally.done + count < tally.granted;
        let mut waited = self.changed.wait_timeout_while(tally, PATIENCE, behind).unwrap();
        assert!(!waited.1.timed_out(), "nothing is stored while disks change");
        waited.0.granted += count;
        self.changed.notify_all();
    }

    fn end(&self) {
        self.tally.lock().unwrap().over = true;
        self.changed.notify_all();
    }

    /// Takes one of what was granted; false when all is over.
    fn take(&self) -> bool {
        let tally = self.tally.lock().unwrap();
        let none = |tally: &mut Tally| tally.begun == tally.granted && !tally.over;
        let mut tally = self.changed.wait_while(tally, none).unwrap();
        tally.begun += 1;
        !tally.over
    }

    fn did(&self) {
        self.tally.lock().unwrap().done += 1;
        self.changed.notify_all();
    }
}

/// Ends the others' work when its holder panics, too.
struct End<'t>(&'t Turns);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.end();
    }
}

fn some_bytes(dice: &mut Dice) -> Vec<u8> {
    // A few contents come again and again: what is known is relied on, not stored.
    let seed = if dice.roll(3) == 0 { dice.roll(8) } else { 100 + dice.roll(u32::MAX - 100) };
    noise(seed.into(), 1 + usize::try_from(dice.roll(60_000)).unwrap())
}

fn edit_on(vault: &Vault, turns: &Turns, mut dice: Dice) -> Stored {
    let mut stored = Stored::new();
    while turns.take() {
        let path = format!("{}", dice.roll(NAMES));
        let key = ("edits".to_owned(), path.clone());
        if dice.roll(5) == 0 && stored.remove(&key).is_some() {
            let editor = vault.editor(None, "edits").unwrap();
            editor.delete(path.as_bytes(), false).unwrap();
        } else {
            let bytes = some_bytes(&mut dice);
            put(vault, "edits", &path, &bytes);
            stored.insert(key, bytes);
        }
        turns.did();
    }
    stored
}

fn back_up_on(vault: &Vault, turns: &Turns, mut dice: Dice, tree: &Path) -> Stored {
    let (mut files, mut stored) = (Stored::new(), Stored::new());
    while turns.take() {
        for _ in 0..=dice.roll(3) {
            let name = format!("{}", dice.roll(NAMES));
            let bytes = some_bytes(&mut dice);
            std::fs::write(tree.join(&name), &bytes).unwrap();
            files.insert(("tree".to_owned(), name), bytes);
        }
        backup(vault, "tree", tree);
        stored.clone_from(&files);
        if dice.roll(3) == 0 {
            all_there(vault, &stored, "just stored");
        }
        let versions = vault.snapshots(Some("tree")).unwrap();
        if versions.len() > 4 {
            vault.forget(&versions[..2]).unwrap();
        }
        turns.did();
    }
    stored
}

/// How much happened.
#[derive(Clone, Copy, Debug, Default)]
struct Total {
    /// Edits and backups acknowledged while disks changed.
    acknowledged: u64,
    copied: u64,
    moved: u64,
    left: u64,
}

impl Total {
    fn add(&mut self, other: Self) {
        self.acknowledged += other.acknowledged;
        self.copied += other.copied;
        self.moved += other.moved;
        self.left += other.left;
    }
}

/// A vault whose disks change.
struct Course<'c> {
    rig: &'c mut Rig,
    vault: &'c Vault,
    turns: &'c Turns,
    dice: Dice,
    copies: u8,
    made: u32,
    total: Total,
    /// What was done, for whoever has to find out why.
    acts: Vec<String>,
}

impl Course<'_> {
    fn act(&mut self) {
        let here: Vec<String> =
            self.vault.volumes().unwrap().into_iter().map(|v| v.serial).collect();
        let chosen = here[self.pick(here.len())].clone();
        let old = volume_id(self.vault, &chosen);
        let (vault, turns, which) = (self.vault, self.turns, self.dice.roll(9));
        let mut dice = Dice::new(self.dice.roll(u32::MAX).into());
        let stop_after = dice.roll(6);
        let mut steps = 0;
        let mut step = |_: vault::Progress| {
            steps += 1;
            turns.grant(dice.roll(3).into());
            true
        };
        let may_leave = here.len() > usize::from(self.copies);
        let done: Result<RebuildReport, VaultError> = match which {
            0 if here.len() < 4 => {
                let new = self.new_disk();
                vault.join_volume(new).unwrap();
                turns.grant(2);
                vault.rebuild(&mut step)
            }
            1 if here.len() < 4 => {
                let new = self.new_disk();
                vault.add_volume(new, &mut step).map(|(_, report)| report)
            }
            2 | 3 if may_leave => vault.retire(old, &mut step),
            4 | 5 => {
                let new = self.new_disk();
                vault.replace(old, new, &mut step)
            }
            6 if here.len() > 1 => {
                self.copies = 3 - self.copies;
                vault.set_copies(self.copies, &mut step)
            }
            7 if may_leave => {
                let mut left = stop_after;
                let stopped = vault.retire(old, &mut |progress| {
                    left = left.saturating_sub(1);
                    step(progress) && left > 0
                });
                let stays = vault.volumes().unwrap().iter().any(|volume| volume.id == old);
                assert_eq!(stays, matches!(stopped, Err(VaultError::Stopped)), "{stopped:?}");
                if stays {
                    vault.keep(old).unwrap();
                }
                vault.rebuild(&mut step)
            }
            _ => {
                turns.grant(2);
                prune_now(vault).unwrap();
                let found = check(vault, true, false);
                assert!(found.lost_chunks == 0 && found.damaged.is_empty(), "{found:?}");
                vault.rebuild(&mut step)
            }
        };
        let report = done.unwrap_or_else(|why| panic!("act {which} on {chosen}: {why}"));
        assert_eq!(report.failed, [""; 0], "act {which} on {chosen}");
        let left = vault.volumes().unwrap().iter().all(|volume| volume.id != old);
        let (copied, moved) = (report.copied, report.moved);
        self.total.add(Total { acknowledged: 0, copied, moved, left: left.into() });
        self.acts.push(format!("{which} on {chosen} of {here:?}: {steps} steps, {report:?}"));
    }

    fn pick(&mut self, below: usize) -> usize {
        usize::try_from(self.dice.roll(u32::try_from(below).unwrap())).unwrap()
    }

    fn new_disk(&mut self) -> std::sync::Arc<dyn volume::Disk> {
        self.made += 1;
        self.rig.empty_disk(&format!("new-{}", self.made))
    }
}

impl Drop for Course<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("with {} copies:\n{}", self.copies, self.acts.join("\n"));
        }
    }
}

fn course(seed: u64) -> Total {
    let mut rig = Rig::threaded(&["a", "b"]);
    // With one copy, anything that goes with a disk is lost; with two, receipts are put to the test.
    let copies = if seed.is_multiple_of(3) { 2 } else { 1 };
    let vault = rig.create(copies);
    let tree = rig.path("tree");
    std::fs::create_dir(&tree).unwrap();
    let turns = Turns::default();
    let dice = |n: u64| Dice::new(seed * 100 + n);
    let (mut stored, copies, mut total) = std::thread::scope(|scope| {
        let end = End(&turns);
        let (vault, turns, tree) = (&vault, &turns, &tree);
        let edits = scope.spawn(move || edit_on(vault, turns, dice(1)));
        let backups = scope.spawn(move || back_up_on(vault, turns, dice(2), tree));
        let (rig, dice) = (&mut rig, dice(3));
        let (total, acts) = (Total::default(), Vec::new());
        let mut course = Course { rig, vault, turns, dice, copies, made: 0, total, acts };
        turns.grant(2);
        (0..ACTS).for_each(|_| course.act());
        drop(end);
        let mut stored = edits.join().unwrap();
        stored.extend(backups.join().unwrap());
        (stored, usize::from(course.copies), course.total)
    });
    total.acknowledged = turns.tally.lock().unwrap().done;
    vault.rebuild(&mut crate::rig::quiet).unwrap();
    // What was stored last, and after all.
    put(&vault, "edits", "last", b"last");
    stored.insert(("edits".to_owned(), "last".to_owned()), b"last".to_vec());
    must_be_whole(&rig, vault, &stored, copies);
    total
}

#[test]
fn whatever_disks_do_meanwhile_what_was_acknowledged_is_there() {
    let asked = std::env::var("HOLDFAST_BESIDE_COURSES").ok();
    let courses = asked.map_or(COURSES, |count| count.parse().expect("a number of courses"));
    let mut total = Total::default();
    for seed in 1..=courses {
        eprintln!("beside: course {seed}");
        total.add(course(seed));
    }
    eprintln!("beside: {courses} courses of {ACTS} acts: {total:?}");
    let few = total.acknowledged.min(total.copied) <= courses * 10;
    assert!(!few && total.moved.min(total.left) > 0, "too little to show anything: {total:?}");
}
