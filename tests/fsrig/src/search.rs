//! The search: workloads recorded on fresh disks, and states drawn from each recording.
//!
//! A failure is tried again before it counts: what happens to a state the second time is all that
//! can be repeated. Start at [`Job`] and [`Bench::run`].

use std::path::{Path, PathBuf};
use std::sync::Arc;

use testkit::dice::Dice;

use crate::found::Found;
use crate::guard::Watchdog;
use crate::image::Image;
use crate::log::{Honesty, Left, Log};
use crate::rig::{Fs, Rig};
use crate::story::Story;
use crate::vaults::{self, Plan};
use crate::volumes;
use crate::world::World;

/// What runs on the disks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A volume alone.
    Volume,
    /// A vault on one disk.
    One,
    /// A vault with two copies on two disks.
    Two,
    /// A vault on one disk that gets another, and loses one.
    Moving,
}

/// What is wrong with the disks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nothing.
    Honest,
    /// One of two drops every flush, or lost its power earlier than the other.
    OneLies,
    /// Sabotage: folder syncs are left out.
    NoFolderSyncs,
    /// Sabotage: all disks drop every flush.
    DropsFlushes,
}

/// One recording and its states.
#[derive(Clone, Copy, Debug)]
pub struct Job {
    /// Everything that is chosen follows from it; the kernel's own order does not.
    pub seed: u64,
    /// What runs.
    pub shape: Shape,
    /// What is wrong.
    pub kind: Kind,
    /// States to examine.
    pub states: u64,
}

/// A recorded workload.
struct Recording {
    story: Box<dyn Story>,
    logs: Vec<Log>,
    end: u64,
}

/// A state to examine.
struct Case {
    cut: u64,
    left: Vec<Left>,
    dice: Dice,
}

/// Two disks, and what is done with them, on one thread.
#[derive(Debug)]
pub struct Bench {
    rigs: Vec<Rig>,
    fresh: Image,
    place: PathBuf,
    watchdog: Watchdog,
    keep: Option<PathBuf>,
}

impl Bench {
    /// Serves two disks below a folder.
    pub fn new(
        place: &Path,
        fs: Fs,
        watchdog: Watchdog,
        keep: Option<PathBuf>,
    ) -> Result<Self, String> {
        let rigs = (0..2).map(|n| Rig::new(&place.join(format!("disk-{n}")), fs));
        let rigs = rigs.collect::<Result<_, _>>()?;
        Ok(Self { rigs, fresh: Image::default(), place: place.to_owned(), watchdog, keep })
    }

    /// Attaches the disks' devices and makes the file system that every recording begins with.
    pub fn attach(&mut self) -> Result<(), String> {
        self.rigs.iter_mut().try_for_each(Rig::attach)?;
        self.fresh = self.rigs[0].make_fs()?;
        Ok(())
    }

    /// Records a workload and examines states of it.
    pub fn run(&mut self, job: Job) -> Result<Found, String> {
        let recording = self.record(job);
        // Whatever happened, no disk stays mounted.
        let used = if matches!(job.shape, Shape::Volume | Shape::One) { 1 } else { 2 };
        self.rigs.iter_mut().try_for_each(Rig::unmount)?;
        let recording = recording.map_err(|error| format!("{error}; while recording {job:?}"))?;
        let mut dice = Dice::new(job.seed ^ 0x7f4a_7c15);
        for rig in &mut self.rigs[..used] {
            rig.medium().become_image(self.fresh.clone());
        }
        let mut found = Found { requests: recording.end, ..Found::default() };
        let mut done = vec![0; used];
        let honesty = honesty(job, used, &mut dice);
        for cut in cuts(&recording, job.states, &mut dice) {
            let logs = recording.logs.iter();
            let left: Vec<Left> = logs
                .zip(&honesty)
                .map(|(log, honesty)| log.left_at(cut, *honesty, &mut dice))
                .collect();
            for (n, left) in left.iter().enumerate() {
                let events = &recording.logs[n].events[done[n]..left.durable];
                self.rigs[n].medium().advance(events);
                done[n] = left.durable;
            }
            let case = Case { cut, left, dice: Dice::new(u64::from(dice.roll(u32::MAX))) };
            self.judge(job, &*recording.story, &case, &mut found)?;
        }
        Ok(found)
    }

    fn record(&mut self, job: Job) -> Result<Recording, String> {
        self.watchdog.alive(&format!("a recording of {job:?}"));
        let used = if matches!(job.shape, Shape::Volume | Shape::One) { 1 } else { 2 };
        let place = self.place.join("folders");
        let world = World::new(job.seed, job.kind == Kind::NoFolderSyncs, &place);
        let world = Arc::new(world.map_err(|error| format!("cannot make folders: {error}"))?);
        let mut homes = Vec::new();
        for rig in &mut self.rigs[..used] {
            rig.medium().become_image(self.fresh.clone());
            rig.medium().record(Arc::clone(&world.moments));
            homes.push(rig.mount()?);
        }
        let mut dice = Dice::new(job.seed);
        let one_lies = job.kind == Kind::OneLies;
        let plan = match job.shape {
            Shape::Volume | Shape::One => Plan { members: 1, copies: 1, moves: false, one_lies },
            Shape::Two => Plan { members: 2, copies: 2, moves: false, one_lies },
            Shape::Moving => Plan { members: 1, copies: 1, moves: true, one_lies },
        };
        let story = match job.shape {
            Shape::Volume => volumes::record(&world, &homes[0], &mut dice)?,
            Shape::One | Shape::Two | Shape::Moving => {
                vaults::record(&world, homes, plan, &mut dice)?
            }
        };
        let end = world.moments.now();
        let logs = self.rigs[..used].iter().map(|rig| rig.medium().recorded()).collect();
        Ok(Recording { story, logs, end })
    }

    /// Examines a state; a failure twice.
    fn judge(
        &mut self,
        job: Job,
        story: &dyn Story,
        case: &Case,
        found: &mut Found,
    ) -> Result<(), String> {
        found.states += 1;
        found.unflushed += u64::from(case.left.iter().any(|left| left.pending > 0));
        found.torn += u64::from(case.left.iter().any(|left| left.torn));
        self.watchdog.alive(&format!("a cut at {} of {job:?}", case.cut));
        let Err(first) = self.examine(story, case, found)? else { return Ok(()) };
        let again = self.examine(story, case, &mut Found::default())?;
        let how: Vec<&str> = case.left.iter().map(|left| left.how.as_str()).collect();
        let place = format!("at request {}; {}; {job:?}", case.cut, how.join("; "));
        match again {
            Ok(()) => {
                found.unrepeatable += 1;
                found.stories.push(format!("UNREPEATABLE: {first}; {place}"));
            }
            Err(what) => {
                found.lost += 1;
                let kept = self.keep_state(case, job)?;
                found.stories.push(format!("LOST: {what}; {place}{kept}"));
            }
        }
        Ok(())
    }

    fn examine(
        &mut self,
        story: &dyn Story,
        case: &Case,
        found: &mut Found,
    ) -> Result<Result<(), String>, String> {
        let mut homes = Vec::new();
        for (rig, left) in self.rigs.iter_mut().zip(&case.left) {
            rig.medium().become_left(left);
            let mut home = rig.mount();
            if home.is_err() && rig.repair().is_ok() {
                home = rig.mount();
                found.repaired += u64::from(home.is_ok());
            }
            found.dead += u64::from(home.is_err());
            homes.push(home.ok());
        }
        let outcome = story.examine(case.cut, &homes, &mut case.dice.clone());
        self.rigs.iter_mut().try_for_each(Rig::unmount)?;
        Ok(outcome)
    }

    /// Writes the disks of a failing state into files, for a closer look.
    fn keep_state(&mut self, case: &Case, job: Job) -> Result<String, String> {
        // What sabotage breaks is broken on purpose.
        let honest = matches!(job.kind, Kind::Honest | Kind::OneLies);
        let Some(folder) = self.keep.as_ref().filter(|_| honest) else {
            return Ok(String::new());
        };
        std::fs::create_dir_all(folder)
            .map_err(|error| format!("cannot make {folder:?}: {error}"))?;
        let mut names = String::new();
        for (n, (rig, left)) in self.rigs.iter().zip(&case.left).enumerate() {
            rig.medium().become_left(left);
            let name = format!("seed-{}-cut-{}-disk-{n}.img", job.seed, case.cut);
            rig.keep(&folder.join(&name)).map_err(|error| format!("cannot keep it: {error}"))?;
            names.push_str(&format!("; kept as {name}"));
        }
        Ok(names)
    }
}

fn honesty(job: Job, disks: usize, dice: &mut Dice) -> Vec<Honesty> {
    let liar = dice.roll(2) as usize;
    // How much a disk holds in its cache: a few requests, or nearly all of a recording.
    let horizon = 1 << (3 + dice.roll(8));
    let early = dice.roll(3) == 0;
    let of = |n: usize| match job.kind {
        Kind::OneLies if n == liar && early => Honesty::StoppedEarlier(horizon),
        Kind::OneLies if n == liar => Honesty::DropsFlushes(horizon),
        Kind::DropsFlushes => Honesty::DropsFlushes(horizon),
        Kind::Honest | Kind::NoFolderSyncs | Kind::OneLies => Honesty::Honest,
    };
    (0..disks).map(of).collect()
}

/// Moments to cut at, in order: half of them just after an acknowledgement, where the promise is
/// youngest.
fn cuts(recording: &Recording, count: u64, dice: &mut Dice) -> Vec<u64> {
    let marks = recording.story.acknowledged();
    let first = marks.first().copied().unwrap_or(0);
    let sides = |len: u64| u32::try_from(len.max(1)).unwrap_or(u32::MAX);
    let mut cuts: Vec<u64> = (0..count)
        .map(|_| {
            if dice.roll(2) == 0 {
                let mark = marks[dice.roll(sides(marks.len() as u64)) as usize];
                (mark + u64::from(dice.roll(3))).min(recording.end)
            } else {
                first + u64::from(dice.roll(sides(recording.end - first + 1)))
            }
        })
        .collect();
    cuts.sort_unstable();
    cuts
}
