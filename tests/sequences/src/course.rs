//! One course from its seed to its verdict, and what is done to see that a bad one would be noticed.
//!
//! Start at [`run`].

use std::fs;
use std::path::{Path, PathBuf};

use board_sim::Machine;
use calls::{AskedBy, Job, JobId, JobProgress, JobSpec, JobState};

use crate::Outcome;
use crate::calm::{come_to_rest, is_true};
use crate::hands::{Hands, Tally, letters};
use crate::outside::{Outside, put};

/// Steps of a course.
pub const STEPS: u32 = 60;

/// Said where there is nothing that could be spoilt.
pub const NOTHING_TO_SPOIL: &str = "there is nothing to spoil";

/// What is spoilt on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Harm {
    /// Nothing.
    None,
    /// Every pack with pieces of files goes, from all disks.
    Packs,
    /// One byte of one version is not what was stored.
    Byte,
    /// Somebody writes on the card.
    Card,
    /// Two jobs are said to be at work that fight.
    Fight,
    /// Something is said to be let go while the clock is frozen.
    Frozen,
    /// A disk that takes part is not there any more.
    Disk,
}

/// All that are none.
pub const HARMS: [Harm; 6] =
    [Harm::Packs, Harm::Byte, Harm::Card, Harm::Fight, Harm::Frozen, Harm::Disk];

impl Harm {
    /// Whether a sentence says that this was noticed, and not something else.
    pub fn is_named_in(self, sentence: &str) -> bool {
        let word = match self {
            Self::None => return false,
            Self::Packs => "the check found something",
            Self::Byte => "came back otherwise",
            Self::Card => "the card was written",
            Self::Fight => "at work together",
            Self::Frozen => "while the clock was frozen",
            Self::Disk => "takes part and is",
        };
        sentence.contains(word)
    }
}

/// A course that went wrong.
#[derive(Debug)]
pub struct Wrong {
    /// What.
    pub sentence: String,
    /// Where everything of it lies.
    pub folder: PathBuf,
    /// What the hands did.
    pub story: Vec<String>,
    /// What was done and compared all the same.
    pub tally: Tally,
}

/// Runs one course; `program` is this crate's own. What went wrong is left to be looked at.
pub fn run(program: &Path, seed: u64, harm: Harm) -> Result<Tally, Box<Wrong>> {
    let mut hands = Hands::new(seed);
    let dir = tempfile::Builder::new().prefix("sequence-").tempdir();
    let ended = dir.map_err(|error| (error.to_string(), PathBuf::new())).and_then(|dir| {
        let ended = Outside::new(dir.path(), program).and_then(|mut out| {
            let ended = whole(&mut out, &mut hands, harm);
            ended.map_err(|sentence| format!("{sentence} (after {} ms)", out.real()))
        });
        // It was to go wrong: nobody wants to look.
        let keep = || if harm == Harm::None { dir.keep() } else { PathBuf::new() };
        ended.map_err(|sentence| (sentence, keep()))
    });
    let (story, tally) = (std::mem::take(&mut hands.story), hands.tally);
    ended
        .map(|()| tally)
        .map_err(|(sentence, folder)| Box::new(Wrong { sentence, folder, story, tally }))
}

/// Whatever went wrong on the way, what was acknowledged is looked for in the end.
fn whole(out: &mut Outside, hands: &mut Hands, harm: Harm) -> Outcome<()> {
    let mut wrong = Vec::new();
    let mut note = |ended: Outcome<()>| wrong.extend(ended.err());
    note(all_steps(out, hands));
    hands.story.push("calm".to_owned());
    note(come_to_rest(out, hands).and_then(|()| spoil(out, hands, harm)));
    note(is_true(out, hands));
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\nand: ")) }
}

fn all_steps(out: &mut Outside, hands: &mut Hands) -> Outcome<()> {
    hands.set_up(out)?;
    (0..STEPS).try_for_each(|_| hands.one_step(out))
}

fn spoil(out: &mut Outside, hands: &Hands, harm: Harm) -> Outcome<()> {
    let now = out.real();
    match harm {
        Harm::None => {}
        Harm::Packs => {
            out.kill()?;
            lose_packs(out)?;
            out.start()?;
            out.unlock()?;
        }
        Harm::Byte => {
            let all = out.judge().acknowledged();
            // The newest is the last that the rule lets go.
            let one = all.last().ok_or(NOTHING_TO_SPOIL)?;
            let folder = PathBuf::from(String::from_utf8_lossy(&one.folder).into_owned());
            put(&folder.join("file-0"), b"something else")?;
        }
        Harm::Card => put(&out.folder.join("card/one.jpg"), b"scribble")?,
        Harm::Fight => {
            let drain = JobSpec::Drain { volume: "v".to_owned() };
            out.judge().sees(&[running(1, drain, 1), running(2, JobSpec::Rebuild {}, 1)]);
        }
        Harm::Frozen => {
            let mut judge = out.judge();
            judge.clock_is_frozen(now);
            judge.sees(&[running(3, JobSpec::Prune { allow_large: false }, now + 100)]);
            judge.clock_may_thaw(now + 200);
        }
        Harm::Disk => {
            let stays = |name: &&String| hands.stay.contains(&letters(name));
            let name = hands.disks.iter().find(stays).ok_or(NOTHING_TO_SPOIL)?.clone();
            out.desk(calls::DeskAct::Pull { name })?;
            let away = |disk: &calls::DiskShown| disk.life == "ours-absent";
            out.until("it is missed", |out| Ok(out.disks()?.disks.iter().any(away).then_some(())))?;
        }
    }
    Ok(())
}

/// A job that nobody began.
fn running(id: u64, spec: JobSpec, started: i64) -> Job {
    Job {
        id: JobId(1_000_000 + id),
        spec,
        state: JobState::Running,
        asked_by: AskedBy::Owner,
        created_ms: started,
        started_ms: Some(started),
        ended_ms: None,
        attempts: 1,
        progress: JobProgress::default(),
        result: None,
        fault: None,
        rests: None,
    }
}

fn lose_packs(out: &Outside) -> Outcome<()> {
    let machine = Machine::open(&out.folder.join("machine")).map_err(|error| error.to_string())?;
    for name in machine.names() {
        let content = machine.content(&name).map_err(|error| error.to_string())?;
        let data = content.join("holdfast/data");
        if data.exists() {
            fs::remove_dir_all(&data).map_err(|error| error.to_string())?;
        }
    }
    Ok(())
}
