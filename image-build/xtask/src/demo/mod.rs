//! `cargo xtask demo`: what Holdfast promises, shown on this machine's own files.
//!
//! Three disks, two copies. Back up, change, back up again; lose a disk and put in a smaller one;
//! damage packs on another; delete the catalog; get everything back; compare every byte and every
//! attribute with the original. Each step either works or ends the demo with a failure.
//! Start reading at [`run`].

pub(crate) mod disks;

use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use disks::{Disk, Shelf};

use crate::corpus::{self, Corpus, Random, Scale};
use crate::files::now;
use crate::product::{self, Vault, packs};
use crate::say::{say, size, time};
use crate::story::Facts;
use crate::{Outcome, compare, files, odd, repo, setup};

/// Sizes of the three disks and of the one that replaces the second, in MiB. Each volume keeps an
/// eighth in reserve; the differences are small enough for all three to be used.
const DISKS_MIB: [(&str, u64); 3] = [("a", 1536), ("b", 1504), ("c", 1520)];
const REPLACEMENT_MIB: u64 = 1488;

/// Free space without which the demo does not start: tree, restored tree, two copies and a build.
const ROOM_MIB: u64 = 8192;

/// Packs that are damaged, and bytes in each.
const DAMAGED_PACKS: usize = 6;
const DAMAGED_PLACES: u64 = 8;

/// Deadline of one call of the program.
const LIMIT: Duration = Duration::from_secs(600);

/// The command.
pub(crate) fn command(arguments: &[String]) -> Outcome<()> {
    let scale = match arguments {
        [] => corpus::FULL,
        [flag] if flag == "--small" => corpus::SMALL,
        _ => return Err("the only option is --small".to_owned()),
    };
    let began = now();
    setup::for_demo()?;
    say("Building the program (one static file; the first time takes minutes)");
    let program = product::build()?;
    say(format!("Built in {}\n", time(began.elapsed())));
    let began = now();
    let home = repo::target().join("demo");
    let facts = run(&program, &home, scale, Show::Terminal)?;
    files::put(&home.join("summary.json"), facts.json().as_bytes())?;
    say(format!(
        "\nDone in {}, the build not counted. Nothing was lost: {} files compared equal, byte for byte and attribute \
         for attribute.",
        time(began.elapsed()),
        facts.get("files_compared"),
    ));
    Ok(())
}

/// Who sees what the program prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Show {
    /// The person at the terminal: progress bars.
    Terminal,
    /// A log file.
    Log,
}

/// The demo while it runs.
struct Demo {
    home: PathBuf,
    show: Show,
    vault: Vault,
    corpus: Corpus,
    shelf: Shelf,
    facts: Facts,
}

/// Runs the whole demo in this folder.
pub(crate) fn run(program: &Path, home: &Path, scale: Scale, show: Show) -> Outcome<Facts> {
    files::folder(home)?;
    let shelf = Shelf::new(&home.join("disks"))?;
    let work = home.join("work");
    files::fresh(&work)?;
    enough_room(home)?;
    let began = now();
    say("Collecting this machine's documentation and libraries");
    let corpus = corpus::build(&home.join("tree"), scale)?;
    say(format!(
        "  {} files, {}, and links, holes and odd names, in {}",
        corpus.files,
        size(corpus.bytes),
        time(began.elapsed()),
    ));
    for line in &corpus.missing {
        say(format!("  without {line}"));
    }
    if corpus.made_up > 0 {
        say(format!("  {} of them made up: this machine has too few", corpus.made_up));
    }
    let mut facts = Facts::default();
    facts.add("files", corpus.files);
    facts.add("bytes", corpus.bytes);
    facts.add("made_up", corpus.made_up);
    facts.add("disks", shelf.kind());
    let vault = Vault::new(program, &work);
    Demo { home: home.to_path_buf(), show, vault, corpus, shelf, facts }.play()
}

impl Demo {
    fn play(mut self) -> Outcome<Facts> {
        say(format!("\nThree disks of different sizes, two copies ({})", self.shelf.kind()));
        let mut three = DISKS_MIB.iter().map(|(name, mib)| self.shelf.insert(name, *mib));
        let (a, b, c) = (
            three.next().expect("there are three")?,
            three.next().expect("there are three")?,
            three.next().expect("there are three")?,
        );
        drop(three);
        let create = self.vault.create(&[&a.path, &b.path, &c.path], 2);
        self.step("create the vault", "create", create.limit(LIMIT))?;
        self.back_up("back up", "backup")?;
        let before = stored(&[&a, &b, &c]);
        self.facts.add("stored_bytes_two_copies", before);
        let changed = odd::rewrite(&self.corpus.tree, 2)?;
        self.back_up(&format!("change {} of a disk image, again", size(changed)), "backup_again")?;
        let grown = stored(&[&a, &b, &c]).saturating_sub(before);
        self.facts.add("changed_bytes", changed);
        self.facts.add("grown_bytes_two_copies", grown);
        say(format!(
            "  the two copies take {} after the first backup, {} more after the second:\n  \
             text is compressed, equal pieces are kept once, holes and hard links take no room",
            size(before),
            size(grown)
        ));
        if self.vault.snapshots()? != 2 {
            return Err("two backups did not make two snapshots".to_owned());
        }
        let d = self.replace(b)?;
        self.damage_and_repair(&a, &[&c, &d])?;
        self.restore()?;
        drop((a, c, d));
        files::remove(&self.home.join("disks"))?;
        Ok(self.facts)
    }

    /// Runs the program, shows or logs what it prints, and keeps how long it took.
    fn step(&mut self, sentence: &str, key: &str, cmd: crate::cmd::Cmd) -> Outcome<()> {
        self.step_wanting(sentence, key, cmd, &[0])
    }

    fn step_wanting(
        &mut self,
        sentence: &str,
        key: &str,
        cmd: crate::cmd::Cmd,
        codes: &[i32],
    ) -> Outcome<()> {
        say(format!("- {sentence}"));
        let ended = match self.show {
            Show::Terminal => cmd.shown(),
            Show::Log => cmd.log(&self.home.join("work").join(key)).kept(),
        };
        let ended = ended?.wants(codes)?;
        self.facts.add_time(key, ended.wall);
        self.facts.add(&format!("{key}_peak_bytes"), ended.peak_bytes);
        say(format!("  {} (at most {} of memory)", time(ended.wall), size(ended.peak_bytes)));
        Ok(())
    }

    fn back_up(&mut self, sentence: &str, key: &str) -> Outcome<()> {
        let tree = self.corpus.tree.clone();
        let cmd = self.vault.call(&["backup", "--source", "demo"]).arg(tree).limit(LIMIT);
        self.step(sentence, key, cmd)
    }

    fn replace(&mut self, old: Disk) -> Outcome<Disk> {
        let id = self.vault.volume_at(&old.path)?;
        let lost = packs(&old.path, "data").len();
        self.facts.add("packs_on_lost_disk", lost);
        say(format!("\nDisk {} dies with {lost} data packs", old.name));
        old.away()?;
        let new = self.shelf.insert("d", REPLACEMENT_MIB)?;
        let cmd = self.vault.call(&["volume", "replace", &id, "--with"]).arg(&new.path);
        self.step("put in a smaller one and rebuild", "replace", cmd.limit(LIMIT))?;
        let cmd = self.vault.call(&["check"]).limit(LIMIT);
        self.step("check that every pack has its two copies", "check_after_replace", cmd)?;
        Ok(new)
    }

    fn damage_and_repair(&mut self, disk: &Disk, others: &[&Disk]) -> Outcome<()> {
        let damaged = damage(disk)?;
        self.facts.add("packs_damaged", damaged.len());
        say(format!("\nBytes change in {} packs on disk {}", damaged.len(), disk.name));
        let check = || self.vault.call(&["check", "--read-data"]).limit(LIMIT);
        let (find, repair, again) = (check(), check().arg("--repair"), check());
        self.step_wanting("a check finds them", "check_finds", find, &[1, 3])?;
        // Code 3 means done, with damage to report: it was repaired, and it is listed.
        self.step_wanting("repair from the other copies", "repair", repair, &[0, 3])?;
        for (path, original) in &damaged {
            let now = fs::read(path)
                .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
            if now != *original {
                return Err(format!("{} is not as it was before the damage", path.display()));
            }
        }
        self.step("a second check finds nothing", "check_after_repair", again)?;
        let mut each = vec![format!("{} {}", disk.name, packs(&disk.path, "data").len())];
        each.extend(others.iter().map(|d| format!("{} {}", d.name, packs(&d.path, "data").len())));
        say(format!("  data packs on each disk: {}", each.join(", ")));
        Ok(())
    }

    fn restore(&mut self) -> Outcome<()> {
        let catalog = self.vault.catalog()?;
        if !catalog.exists() {
            return Err(format!("there is no catalog at {} to delete", catalog.display()));
        }
        files::remove(&catalog)?;
        say("\nThe catalog is deleted; the packs alone have to do");
        let to = self.home.join("restored");
        files::remove(&to)?;
        let cmd = self.vault.call(&["restore", "latest:demo", "--to"]).arg(&to).limit(LIMIT);
        self.step("restore everything", "restore", cmd)?;
        let began = now();
        say("- compare with the original");
        let seen = compare::trees(&self.corpus.tree, &to)?.same()?;
        self.facts.add("files_compared", seen.files);
        self.facts.add("entries_compared", seen.entries);
        self.facts.add("bytes_compared", seen.bytes);
        self.facts.add_time("compare", began.elapsed());
        say(format!(
            "  {} files, {} entries, {} with holes, {} with attributes, {} hard-linked names, in {}",
            seen.files,
            seen.entries,
            size(seen.bytes),
            seen.with_attributes,
            seen.hard_links,
            time(began.elapsed()),
        ));
        let tree = self.corpus.tree.clone();
        let cmd = self.vault.call(&["compare"]).arg(tree).arg(&to).limit(LIMIT);
        self.step("the program's own comparison agrees", "own_compare", cmd)?;
        files::remove(&to)
    }
}

/// Flips bytes in some packs of a disk; returns them as they were.
fn damage(disk: &Disk) -> Outcome<Vec<(PathBuf, Vec<u8>)>> {
    let all = packs(&disk.path, "data");
    if all.is_empty() {
        return Err(format!("disk {} has no data packs to damage", disk.name));
    }
    let mut random = Random::new(3);
    let step = all.len().div_ceil(DAMAGED_PACKS);
    let mut damaged = Vec::new();
    for path in all.into_iter().step_by(step) {
        let original =
            fs::read(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        let hurt = OpenOptions::new().write(true).open(&path).and_then(|file| {
            for _ in 0..DAMAGED_PLACES {
                let place = random.below(original.len() as u64);
                let index = usize::try_from(place).unwrap_or(0);
                file.write_all_at(&[original[index] ^ 0x5A], place)?;
            }
            file.sync_all()
        });
        hurt.map_err(|error| format!("cannot damage {}: {error}", path.display()))?;
        damaged.push((path, original));
    }
    Ok(damaged)
}

/// Bytes of all packs on these disks.
fn stored(disks: &[&Disk]) -> u64 {
    let files = disks.iter().flat_map(|disk| files::all_files(&disk.path));
    let packs = files.filter(|path| path.extension().is_some_and(|ending| ending == "pack"));
    packs.filter_map(|path| fs::metadata(path).ok()).map(|facts| facts.len()).sum()
}

fn enough_room(folder: &Path) -> Outcome<()> {
    let seen = nix::sys::statvfs::statvfs(folder)
        .map_err(|error| format!("cannot ask how much room {} has: {error}", folder.display()))?;
    let free = seen.blocks_available() * seen.fragment_size();
    if free < ROOM_MIB << 20 {
        let wanted = size(ROOM_MIB << 20);
        return Err(format!("{} has {} free, {wanted} are needed", folder.display(), size(free)));
    }
    Ok(())
}

#[test]
fn damage_changes_the_packs_it_names_and_remembers_how_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = Shelf::new(&folder.path().join("disks")).unwrap();
    let disk = shelf.insert("x", 16).unwrap();
    let data = disk.path.join("Holdfast/data/ab");
    files::folder(&data).unwrap();
    files::folder(&disk.path.join("Holdfast/meta/ab")).unwrap();
    files::put(&data.join("one.pack"), &[7; 5000]).unwrap();
    files::put(&data.join("two.pack"), &[8; 5000]).unwrap();
    files::put(&disk.path.join("Holdfast/meta/ab/three.pack"), &[9; 5000]).unwrap();
    let damaged = damage(&disk).unwrap();
    assert_eq!(damaged.len(), 2);
    for (path, original) in damaged {
        let now = fs::read(path).unwrap();
        assert!(now != original && now.len() == 5000);
    }
    assert_eq!(fs::read(disk.path.join("Holdfast/meta/ab/three.pack")).unwrap(), [9; 5000]);
    assert_eq!(stored(&[&disk]), 15_000);
}
