//! The search: workloads recorded on fresh disks, and states drawn from each recording.
//!
//! A failure is tried again before it counts: what happens to a state the second time is all that
//! can be repeated. Start at [`Job`] and [`Bench::run`].

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use testkit::dice::Dice;

use crate::found::Found;
use crate::guard::Watchdog;
use crate::image::Image;
use crate::job::{Job, Kind, Shape};
use crate::log::{Honesty, Left, Log};
use crate::rig::{Fs, Rig};
use crate::serve::Moments;
use crate::story::Story;
use crate::vaults::{self, Plan};
use crate::volumes;
use crate::world::World;

/// One of this many states loses its power once more while it recovers.
const AGAIN: u32 = 4;

/// One of this many states of a vault on one disk comes with a clone of that disk.
const CLONED: u32 = 5;

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
    /// What lies on top of each disk's base.
    over: Vec<Image>,
    /// The power went once more while it recovered, and how.
    again: Option<String>,
    /// A copy of the first disk is there too.
    clone: bool,
    /// The disk that lied.
    liar: BTreeSet<usize>,
    /// Disks whose file system did not mount as the power had left it: its own tool threw away its
    /// log, and with it what that held for good. Whatever the disk said, it is one that lied.
    broken: BTreeSet<usize>,
    dice: Dice,
}

impl Case {
    /// Disks that nothing may depend on.
    fn lied(&self) -> BTreeSet<usize> {
        &self.liar | &self.broken
    }

    /// Whether a loss may be the file system's alone: of two copies, both are on such disks.
    fn lost_below(&self, job: Job) -> bool {
        !self.broken.is_empty() && job.is_lost_with(&self.lied())
    }
}

/// Whether something was read that never was, see `crash::model::Wrong`: nothing excuses that.
fn is_wrong_content(what: &str) -> bool {
    what.contains("other content: ")
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

    /// Attaches the disks' devices.
    pub fn attach(&mut self) -> Result<(), String> {
        self.rigs.iter_mut().try_for_each(Rig::attach)
    }

    /// Makes the file system that every recording begins with.
    pub fn make_fs(&mut self) -> Result<(), String> {
        self.fresh = self.rigs[0].make_fs()?;
        Ok(())
    }

    /// Records a workload and examines states of it.
    pub fn run(&mut self, job: Job) -> Result<Found, String> {
        let recording = self.record(job);
        // Whatever happened, no disk stays mounted.
        let used = job.disks();
        self.rigs.iter_mut().try_for_each(Rig::unmount)?;
        let recording = recording.map_err(|error| format!("{error}; while recording {job:?}"))?;
        let mut dice = Dice::new(job.seed ^ 0x7f4a_7c15);
        for rig in &mut self.rigs[..used] {
            rig.medium().become_image(self.fresh.clone());
        }
        let mut found = Found { requests: recording.end, ..Found::default() };
        let mut done = vec![0; used];
        let honesty = job.honesty(used, &mut dice);
        let lies = |disk: &usize| job.kind == Kind::OneLies && honesty[*disk] != Honesty::Honest;
        let liar: BTreeSet<usize> = (0..used).filter(lies).collect();
        let marks = recording.story.acknowledged();
        for cut in job.cuts(&marks, &recording.logs, recording.end, &mut dice) {
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
            let rigs = self.rigs.iter().zip(&left);
            let over = rigs.map(|(rig, left)| rig.medium().left(Image::default(), left)).collect();
            let own = Dice::new(u64::from(dice.roll(u32::MAX)));
            let may_clone = job.shape == Shape::One && job.kind == Kind::Honest;
            let clone = may_clone && dice.roll(CLONED) == 0;
            let (liar, broken) = (liar.clone(), BTreeSet::new());
            let mut case = Case { cut, left, over, again: None, clone, liar, broken, dice: own };
            self.watchdog.alive(&format!("a cut at {cut} of {job:?}"));
            if dice.roll(AGAIN) == 0 {
                self.cut_again(&*recording.story, &mut case, &mut dice)?;
            }
            self.judge(job, &*recording.story, &mut case, &mut found)?;
        }
        Ok(found)
    }

    fn record(&mut self, job: Job) -> Result<Recording, String> {
        self.watchdog.alive(&format!("a recording of {job:?}"));
        let used = job.disks();
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
        let plan = match job.shape {
            Shape::Volume | Shape::One => Plan { members: 1, copies: 1, moves: false },
            Shape::Two => Plan { members: 2, copies: 2, moves: false },
            Shape::Moving => Plan { members: 1, copies: 1, moves: true },
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
        case: &mut Case,
        found: &mut Found,
    ) -> Result<(), String> {
        found.states += 1;
        found.unflushed += u64::from(case.left.iter().any(|left| left.pending > 0));
        found.torn += u64::from(case.left.iter().any(|left| left.torn));
        found.cloned += u64::from(case.clone);
        found.again += u64::from(case.again.is_some());
        let Err(first) = self.examine(story, case)? else {
            found.repaired += case.broken.len() as u64;
            return Ok(());
        };
        let repeated = self.examine(story, case)?;
        found.repaired += case.broken.len() as u64;
        let how: Vec<&str> = case.left.iter().map(|left| left.how.as_str()).collect();
        let again = case.again.as_deref().map_or_else(String::new, |how| format!("; again, {how}"));
        let place = format!("at request {}; {}{again}; {job:?}", case.cut, how.join("; "));
        match repeated {
            Ok(()) => {
                found.unrepeatable += 1;
                found.stories.push(format!("UNREPEATABLE: {first}; {place}"));
            }
            Err(what) if case.lost_below(job) && !is_wrong_content(&what) => {
                found.lost_below += 1;
                found.stories.push(format!("LOST BELOW: {what}; {place}"));
            }
            Err(what) => {
                found.lost += 1;
                *found.lost_by.entry(job.shape.name()).or_default() += 1;
                let kept = self.keep_state(case, job)?;
                found.stories.push(format!("LOST: {what}; {place}{kept}"));
            }
        }
        Ok(())
    }

    fn examine(
        &mut self,
        story: &dyn Story,
        case: &mut Case,
    ) -> Result<Result<(), String>, String> {
        let mut homes = self.mount(case);
        if case.clone {
            homes.push(Some(self.mount_clone(case)?));
        }
        let outcome = story.examine(case.cut, &homes, &case.lied(), &mut case.dice.clone());
        self.rigs.iter_mut().try_for_each(Rig::unmount)?;
        Ok(outcome)
    }

    /// Mounts a copy of the first disk as the second.
    fn mount_clone(&mut self, case: &Case) -> Result<PathBuf, String> {
        let whole = self.rigs[0].medium().whole_with(&case.over[0]);
        self.rigs[1].medium().become_image(whole);
        self.rigs[1].mount()
    }

    fn mount(&mut self, case: &mut Case) -> Vec<Option<PathBuf>> {
        let mut homes = Vec::new();
        for (n, (rig, over)) in self.rigs.iter_mut().zip(&case.over).enumerate() {
            rig.medium().become_state(over.clone());
            let mut home = rig.mount();
            if home.is_err() {
                case.broken.insert(n);
                home = rig.repair().and_then(|()| rig.mount());
            }
            homes.push(home.ok());
        }
        homes
    }

    /// Lets the kernel and the vault recover, and cuts the power somewhere in that.
    fn cut_again(
        &mut self,
        story: &dyn Story,
        case: &mut Case,
        dice: &mut Dice,
    ) -> Result<(), String> {
        let moments = Arc::<Moments>::default();
        self.rigs.iter().for_each(|rig| rig.medium().record(Arc::clone(&moments)));
        let homes = self.mount(case);
        // Whether it recovers is for the examination to say; here it only writes.
        drop(story.recover(case.cut, &homes));
        self.rigs.iter_mut().try_for_each(Rig::unmount)?;
        let cut = u64::from(dice.roll(u32::try_from(moments.now() + 1).unwrap_or(u32::MAX)));
        let mut how = vec![format!("at request {cut} of {} of the recovery", moments.now())];
        for (rig, over) in self.rigs.iter().zip(&mut case.over) {
            let mut medium = rig.medium();
            let log = medium.recorded();
            let left = log.left_at(cut, Honesty::Honest, dice);
            let done = medium.done(std::mem::take(over), &log.events[..left.durable]);
            *over = medium.left(done, &left);
            how.push(left.how);
        }
        case.again = Some(how.join("; "));
        Ok(())
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
        for (n, (rig, over)) in self.rigs.iter().zip(&case.over).enumerate() {
            rig.medium().become_state(over.clone());
            let name = format!("seed-{}-cut-{}-disk-{n}.img", job.seed, case.cut);
            rig.keep(&folder.join(&name)).map_err(|error| format!("cannot keep it: {error}"))?;
            names.push_str(&format!("; kept as {name}"));
        }
        Ok(names)
    }
}
