//! Story `corruption`: a thousand random damages, each to a fresh copy of a small repository.
//!
//! For each damage the tool checks every byte, repairs, and restores every version, which is
//! compared with the originals. Holdfast with two volumes must notice every damage that matters
//! and repair it so well that the damaged volume alone gives everything back. The same numbers of
//! damage are put to Holdfast with one volume and, by hand, to the peers. A control that hears
//! nothing of what the program says must end in silent losses: the classes can fail.
//! Start reading at [`story`], then [`hit`].

mod damage;
mod kept;
mod options;
mod originals;
mod report;
mod store;
mod table;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use damage::Damage;
use kept::Kept;
use options::Options;
use store::{Program, Store, Subject};
use table::Tally;

use super::{Facts, StoryDir};
use crate::bench::{page, peers};
use crate::say::say;
use crate::{Outcome, files, repo};

/// Damages of the control.
const CONTROL: u64 = 12;
/// At once: two processors are what the tests have.
const WORKERS: usize = 2;

/// What became of one damage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    /// Nothing was said, and everything is restored: it hit what is not needed.
    Harmless,
    /// It was noticed and repaired: everything is restored, and a later check is clean.
    Repaired,
    /// It was noticed; what is lost is told when it is restored.
    Noticed,
    /// It was noticed by the check; after the repair a restore is wrong without a word.
    QuietAfterRepair,
    /// A restore is wrong and neither check nor restore said a word; or a copy is worthless, and
    /// nobody knows.
    Silent,
}

impl Class {
    /// Every class.
    const ALL: [Self; 5] =
        [Self::Harmless, Self::Repaired, Self::Noticed, Self::QuietAfterRepair, Self::Silent];
}

/// Tells it.
pub(crate) fn story(dir: &StoryDir) -> Outcome<Facts> {
    let options = Options::read(&dir.options)?;
    let peers = peers::find(&options.peers)?;
    let versions = originals::versions(&dir.path.join("files"), options.seed)?;
    let scene = Scene { dir, versions, seed: options.seed };
    let own = |name: &str, volumes, deaf| {
        let program = Program::Holdfast(dir.program.clone(), volumes);
        Subject { name: name.to_owned(), program, deaf }
    };
    let mut facts = Facts::default();
    facts.add("damages", options.damages);
    let control = scene.put(&own("control", 1, true), CONTROL)?;
    if control.of(Class::Silent) == 0 {
        return Err("a deaf control ended without a silent loss: the classes show nothing".into());
    }
    facts.add("control_silent", control.of(Class::Silent));
    // What takes hours and can be kept comes before what is put anew each time.
    let mut others = Vec::new();
    for peer in peers {
        let kept = options.keep.as_ref().map(|keep| {
            let version = peer.version.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
            keep.join(format!("{}-{version}-{}", peer.name, options.seed))
        });
        let name = peer.name.to_owned();
        let subject = Subject { name, program: Program::Peer(peer), deaf: false };
        others.push(match kept {
            Some(place) => scene.put_at(&subject, options.damages, &place)?,
            None => scene.put(&subject, options.damages)?,
        });
    }
    let mut tallies = vec![scene.put(&own("holdfast", 2, false), options.damages)?];
    // One volume takes the same path through the program; a part of the damages shows it.
    let fewer = if options.peers.is_empty() { options.damages / 3 } else { options.damages };
    tallies.push(scene.put(&own("holdfast_one_volume", 1, false), fewer)?);
    tallies.append(&mut others);
    for tally in &tallies {
        tally.facts(&mut facts);
    }
    let text = format!("Made by `{}`.\n\n{}", options.command_line(), table::page(&tallies));
    files::put(&dir.path.join("corruption.md"), text.as_bytes())?;
    if options.write_docs {
        page::put(&repo::root().join("docs/corruption.md"), "corruption", &text)?;
    }
    judge(&tallies)?;
    Ok(facts)
}

/// What must hold of Holdfast.
fn judge(tallies: &[Tally]) -> Outcome<()> {
    let mut wrong = Vec::new();
    for tally in tallies {
        let unwanted: &[Class] = match tally.name.as_str() {
            "holdfast" => &[Class::Silent, Class::QuietAfterRepair, Class::Noticed],
            "holdfast_one_volume" => &[Class::Silent, Class::QuietAfterRepair],
            _ => &[],
        };
        let bad = tally.hits.iter().filter(|hit| unwanted.contains(&hit.class));
        wrong.extend(bad.map(|hit| format!("{}: {hit}", tally.name)));
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n    ")) }
}

/// One damage and what became of it.
#[derive(Clone, Debug)]
pub(super) struct Hit {
    number: u64,
    damage: Damage,
    class: Class,
}

impl std::fmt::Display for Hit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "damage {}: {}: {:?}", self.number, self.damage.describe(), self.class)
    }
}

struct Scene<'a> {
    dir: &'a StoryDir,
    versions: Vec<PathBuf>,
    seed: u64,
}

impl Scene<'_> {
    /// Puts one tool to all damages.
    fn put(&self, subject: &Subject, damages: u64) -> Outcome<Tally> {
        let place = self.dir.path.join(&subject.name);
        files::fresh(&place)?;
        let tally = self.put_at(subject, damages, &place)?;
        files::remove(&place)?;
        Ok(tally)
    }

    /// The same in a folder that stays: what was judged there before is not judged again.
    fn put_at(&self, subject: &Subject, damages: u64, place: &Path) -> Outcome<Tally> {
        files::folder(place)?;
        let (before, made) = (place.join("before"), place.join("made"));
        let whole = if made.exists() {
            subject.made(&place.join("whole"))?
        } else {
            subject.make(&place.join("whole"), &before, &self.versions)?
        };
        files::put(&made, b"")?;
        self.sound(subject, &whole.copy(&place.join("work-0"))?)?;
        let kept = Kept::open(place);
        let known = kept.hits();
        let done: BTreeSet<u64> = known.iter().map(|hit| hit.number).collect();
        let next = AtomicU64::new(0);
        let hits = Mutex::new(known);
        let worker = |number: usize| -> Outcome<()> {
            let work = place.join(format!("work-{number}"));
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= damages {
                    return Ok(());
                }
                if done.contains(&number) {
                    continue;
                }
                let damage = Damage::draw(number, self.seed, &whole.damaged(), &before)?;
                let class = hit(&whole.copy(&work)?, &damage, &before, &self.versions)
                    .map_err(|error| format!("{}: {error}", damage.describe()))?;
                let hit = Hit { number, damage, class };
                let mut hits = hits.lock().unwrap_or_else(PoisonError::into_inner);
                kept.add(&hit)?;
                hits.push(hit);
            }
        };
        thread::scope(|scope| {
            let running: Vec<_> =
                (0..WORKERS).map(|number| scope.spawn(move || worker(number))).collect();
            running.into_iter().try_for_each(|one| {
                one.join().unwrap_or_else(|_| Err("a worker panicked".to_owned()))
            })
        })?;
        let mut hits = hits.into_inner().unwrap_or_else(PoisonError::into_inner);
        hits.retain(|hit| hit.number < damages);
        hits.sort_by_key(|hit| hit.number);
        let log: String = hits.iter().map(|hit| format!("{hit}\n")).collect();
        files::put(&self.dir.path.join(format!("{}.txt", subject.name)), log.as_bytes())?;
        self.sound(subject, &whole.copy(&place.join("work-0"))?)?;
        let tally = Tally { name: subject.name.clone(), hits };
        say(format!("  {}", tally.line()));
        Ok(tally)
    }

    /// Without damage nothing is said and everything comes back; else nothing is shown by the rest.
    fn sound(&self, subject: &Subject, store: &Store) -> Outcome<()> {
        let check = store.check()?;
        let (right, trouble) = store.restore(&self.versions)?;
        if check.trouble || trouble || !right {
            let said = check.text;
            return Err(format!("{} is not sound without damage: {said}", subject.name));
        }
        Ok(())
    }
}

/// Does the damage, lets the tool do what it can, and says what became of it.
fn hit(store: &Store, damage: &Damage, before: &Path, versions: &[PathBuf]) -> Outcome<Class> {
    if !damage.apply(&store.damaged(), before)? {
        return Ok(Class::Harmless);
    }
    let check = store.check()?;
    if !check.trouble {
        let (right, trouble) = store.restore(versions)?;
        if !trouble {
            // With two volumes each has to be worth what it says, the damaged one as well.
            let right = right && (!store.alone()? || store.restore(versions)?.0);
            return Ok(if right { Class::Harmless } else { Class::Silent });
        }
    }
    store.repair(&check)?;
    let clean = !store.check()?.trouble;
    store.alone()?;
    let (right, trouble) = store.restore(versions)?;
    Ok(match (right, clean, trouble) {
        (true, true, _) => Class::Repaired,
        (false, true, false) => Class::QuietAfterRepair,
        _ => Class::Noticed,
    })
}
