//! Story `swap`: a disk that worries is replaced while backups go on, with the real programs on ext4
//! and loop devices.
//!
//! First with a free bay: a disk says that it has bad sectors, the owner is told in one sentence, pulls
//! the wrong disk, is told so and pushes it back; a smaller disk is put into the free bay and takes
//! over, over a `kill -9` of the box; then the old one is pulled. Then without a free bay: a disk
//! answers with EIO, its copies are made elsewhere, it is pulled when that is safe, and another takes
//! its bay. After both everything is proved, and that a loss would have been seen. What the owner has
//! to do is counted. Start at [`story`].

mod medium;
mod proof;
mod running;
mod served;
mod table;
mod writer;

use std::path::PathBuf;

use serde_json::Value;

use self::proof::Proof;
use self::running::RealBox;
use self::table::{OwnDisk, Table};
use self::writer::Writer;
use super::{Facts, StoryDir};
use crate::corpus::Random;
use crate::{Outcome, files, product, setup};

/// Sizes in MiB: the disks of the box, and the smaller one that takes a place.
const LARGE_MIB: u64 = 2048;
const SMALLER_MIB: u64 = 1024;
/// A few large files, so that copying takes long enough to be cut off, and many small ones.
const FILM_LEN: usize = 12 << 20;
const FILMS: usize = 12;
const PAPER_LEN_MAX: u64 = 40_000;
const PAPERS: usize = 400;
/// Microseconds that each write to the new disk takes more: about as fast as an old disk.
const SLOW_MICROS: u64 = 40_000;

/// What the owner did.
#[derive(Clone, Copy, Debug, Default)]
struct Acts {
    replaces: u32,
    inserts: u32,
    confirms: u32,
    pulls: u32,
}

/// Everything that plays along. Dropped in this order: the box goes before its disks.
struct Scene {
    writer: Option<Writer>,
    real: RealBox,
    table: Table,
    sources: Vec<(&'static str, PathBuf)>,
    scratch: PathBuf,
    acts: Acts,
}

/// Tells it.
pub(crate) fn story(dir: &StoryDir) -> Outcome<Facts> {
    let mut facts = Facts::default();
    setup::for_fsrig()?;
    if let Some(why) = table::unable() {
        facts.add("skipped", why);
        return Ok(facts);
    }
    let programs = product::programs(&["holdfast", "holdfastd", "board-linux"])?;
    let mut scene = Scene::set(dir, &programs)?;
    scene.with_a_free_bay(&mut facts)?;
    scene.without(&mut facts)?;
    Ok(facts)
}

impl Scene {
    /// A box with three disks, two copies of everything, and a free bay.
    fn set(dir: &StoryDir, programs: &std::path::Path) -> Outcome<Self> {
        let (films, papers) = (dir.folder("films")?, dir.folder("papers")?);
        let notes = dir.folder("notes")?;
        let mut random = Random::new(5);
        for number in 0..FILMS {
            files::put(&films.join(format!("film-{number}")), &random.noise(FILM_LEN))?;
        }
        for number in 0..PAPERS {
            let length = usize::try_from(random.below(PAPER_LEN_MAX)).unwrap_or(0);
            files::put(&papers.join(format!("paper-{number}")), &random.text(length))?;
        }
        let mut table = Table::lay(&dir.path)?;
        let mut real = RealBox::new(&dir.path, programs, &table)?;
        real.start()?;
        for (at, name) in ["red-0001", "green-0002", "blue-0003"].into_iter().enumerate() {
            let disk = table.buy(name, LARGE_MIB)?;
            table.keep(disk);
            table.insert(name, at + 1)?;
            real.until_disk(at + 1, "is seen", |disk| disk["life"] == "blank")?;
        }
        real.create(&["1", "2", "3"])?;
        for (source, folder) in [("films", &films), ("papers", &papers)] {
            let folder = folder.to_string_lossy();
            real.does(&["backup", "--source", source, &folder])?;
        }
        let sources = vec![("films", films), ("papers", papers), ("notes", notes)];
        let scratch = dir.path.join("restored");
        Ok(Self { writer: None, real, table, sources, scratch, acts: Acts::default() })
    }

    fn writer(&self) -> Outcome<&Writer> {
        self.writer.as_ref().ok_or_else(|| "no backups are under way".to_owned())
    }

    /// Backups go on: so many more are acknowledged.
    fn goes_on(&self, more: u32) -> Outcome<()> {
        self.writer()?.goes_on(&self.real, more)
    }

    fn begin_to_write(&mut self) {
        let notes = &self.sources[self.sources.len() - 1].1;
        self.writer = Some(Writer::start(&self.real.house, notes));
    }

    fn with_a_free_bay(&mut self, facts: &mut Facts) -> Outcome<()> {
        self.worries(facts)?;
        self.pulls_the_wrong_one(facts)?;
        self.takes_over(facts)?;
        self.real.keep("safe-to-pull")?;
        self.pulls(1, "that was the right one")?;
        self.goes_on(2)?;
        self.proves("free_bay", facts)
    }

    /// When the box starts one day, the disk in bay 1 says that it has bad sectors.
    fn worries(&mut self, facts: &mut Facts) -> Outcome<()> {
        self.real.stop()?;
        self.table.says("red-0001", 24, 8)?;
        self.real.start()?;
        self.real.until_unlocked()?;
        let finding = self.real.until_found("The disk in bay 1")?;
        self.real.keep("finding")?;
        facts.add("finding_smart", finding);
        self.begin_to_write();
        self.goes_on(3)?;
        self.acts.replaces += 1;
        self.real.does(&["replace", "1"])?;
        self.real.keep("to-be-replaced")
    }

    /// The owner pulls bay 2 instead of doing what was asked, is told, and pushes it back.
    fn pulls_the_wrong_one(&mut self, facts: &mut Facts) -> Outcome<()> {
        let before = self.real.last_job()?;
        let name = self.table.pull(2)?;
        let told = self.real.until_told("wrong disk")?;
        self.real.keep("wrong-disk")?;
        facts.add("told", told);
        self.goes_on(3)?;
        let disk = self.table.kept(&name)?;
        let written = Table::written(disk);
        self.table.insert(&name, 2)?;
        self.real.until_disk(2, "is back", |disk| disk["life"] == "member")?;
        let job = self.done("rebuild", before)?;
        self.real.keep("pushed-back")?;
        let copied = job["result"]["rebuild"]["bytes"].as_u64().unwrap_or(0);
        let whole = self.held_in(2)?;
        let written = Table::written(self.table.kept(&name)?) - written;
        if copied == 0 || copied.max(written) * 4 > whole {
            return Err(format!(
                "not only the delta was copied: {copied} bytes copied, {written} written, and \
                 {whole} are on the disk"
            ));
        }
        facts.add("delta_bytes", copied);
        facts.add("delta_written_bytes", written);
        facts.add("of_bytes", whole);
        Ok(())
    }

    /// A smaller disk takes over, although the box is killed in the middle.
    fn takes_over(&mut self, facts: &mut Facts) -> Outcome<()> {
        let new = self.table.buy("white-0004", SMALLER_MIB)?;
        Table::is_slow(&new, SLOW_MICROS);
        let before = self.real.last_job()?;
        self.inserts(new, 4)?;
        let at = self.real.until("copying to the new disk is half done", || {
            let copying = self.copying(before)?;
            Ok(copying.filter(|(done, whole)| *done * 3 > *whole && *done * 3 < *whole * 2))
        })?;
        self.writer()?.forgive(true);
        self.real.kill()?;
        self.real.note(&format!("killed when {} of {} packs were copied", at.0, at.1))?;
        self.real.start()?;
        self.real.until_unlocked()?;
        self.goes_on(1)?;
        self.writer()?.forgive(false);
        facts.add("killed_at_packs", at.0);
        facts.add("killed_of_packs", at.1);
        self.safe(1)
    }

    /// Without a free bay: bay 1 is filled, then the disk in bay 3 refuses what is written to it, and
    /// is replaced in its place.
    fn without(&mut self, facts: &mut Facts) -> Outcome<()> {
        self.begin_to_write();
        let fourth = self.table.buy("grey-0005", LARGE_MIB)?;
        self.inserts(fourth, 1)?;
        self.real.until_disk(1, "takes part", |disk| disk["life"] == "member")?;
        self.acts = Acts { replaces: 1, ..Acts::default() };
        Table::refuses_writes(self.table.kept("blue-0003")?);
        let finding = self.real.until_found("The disk in bay 3")?;
        self.real.keep("finding")?;
        facts.add("finding_eio", finding);
        self.goes_on(2)?;
        self.real.does(&["replace", "3"])?;
        self.safe(3)?;
        self.real.keep("safe-to-pull")?;
        self.pulls(3, "that was the right one")?;
        let new = self.table.buy("black-0006", SMALLER_MIB)?;
        let before = self.real.last_job()?;
        self.inserts(new, 3)?;
        self.real.until_disk(3, "takes part", |disk| disk["life"] == "member")?;
        self.done("rebuild", before)?;
        self.goes_on(2)?;
        self.proves("no_bay", facts)
    }

    /// A new disk goes into a bay, and the owner says yes, once.
    fn inserts(&mut self, disk: OwnDisk, bay: usize) -> Outcome<()> {
        self.acts.inserts += 1;
        let name = disk.name.clone();
        self.table.keep(disk);
        self.table.insert(&name, bay)?;
        self.real.until_disk(bay, "is offered", |disk| disk["life"] == "blank")?;
        self.real.keep("inserted")?;
        self.acts.confirms += 1;
        self.real.does(&["disk", "adopt", &bay.to_string()]).map(drop)
    }

    fn safe(&self, bay: usize) -> Outcome<()> {
        self.real.until_disk(bay, "is safe to pull", |disk| disk["safe_to_pull"] == true).map(drop)
    }

    fn pulls(&mut self, bay: usize, told: &str) -> Outcome<()> {
        self.acts.pulls += 1;
        self.table.pull(bay)?;
        self.real.until_told(told).map(drop)
    }

    /// How far a drain that began after so many jobs is, in packs: large ones may go to a faster disk.
    fn copying(&self, after: u64) -> Outcome<Option<(u64, u64)>> {
        let Some(job) = self.real.job("drain", after)? else { return Ok(None) };
        if job["state"] == "done" {
            return Err(
                "the copying was over before the box was killed: nothing is shown".to_owned()
            );
        }
        let number = |key: &str| job["progress"][key].as_u64().unwrap_or(0);
        Ok(Some((number("items"), number("items_total"))).filter(|(done, _)| *done > 0))
    }

    /// Waits until a work that began after so many jobs is done.
    fn done(&self, kind: &str, after: u64) -> Outcome<Value> {
        self.real.until(&format!("the {kind} is done"), || {
            let job = self.real.job(kind, after)?;
            Ok(job.filter(|job| job["state"] == "done"))
        })
    }

    /// Bytes in files on the disk in a bay.
    fn held_in(&self, bay: usize) -> Outcome<u64> {
        let wanted = format!("desk-bay-{bay}-");
        let entries = std::fs::read_dir(self.table.mounts()).map_err(|error| error.to_string())?;
        let is_it = |name: &std::ffi::OsStr| name.to_string_lossy().starts_with(&wanted);
        let mount = entries.flatten().find(|entry| is_it(&entry.file_name()));
        let mount = mount.ok_or_else(|| format!("the disk in bay {bay} is not mounted"))?;
        Ok(files::count(&mount.path()).1)
    }

    /// Ends the backups, and proves everything.
    fn proves(&mut self, part: &str, facts: &mut Facts) -> Outcome<()> {
        let writer = self.writer.take().ok_or("no backups were under way")?;
        let acknowledged = writer.finish()?;
        let mounts = self.table.mounts();
        let (real, sources, scratch) = (&self.real, &self.sources[..], &self.scratch);
        let proof = Proof { real, mounts: &mounts, sources, scratch };
        let proved = proof.all(&acknowledged)?;
        let seen = proof.sees_a_loss()?;
        real.keep("proved")?;
        writer::tell(part, &acknowledged, facts);
        let Acts { replaces, inserts, confirms, pulls } = self.acts;
        for (key, count) in
            [("replaces", replaces), ("inserts", inserts), ("confirms", confirms), ("pulls", pulls)]
        {
            facts.add(&format!("{part}_{key}"), count);
        }
        facts.add(&format!("{part}_disks"), proved.disks);
        facts.add(&format!("{part}_packs"), proved.packs);
        facts.add(&format!("{part}_files_compared"), proved.files_compared);
        facts.add(&format!("{part}_lost"), 0);
        facts.add(&format!("{part}_sabotaged_seen"), seen);
        Ok(())
    }
}
