//! Story `kill`: `kill -9` at random moments of backup, prune, rebuild and retire.
//!
//! Each act is killed again and again until enough kills have hit it while it ran; a kill that
//! came too late shows nothing and is not counted. After each kill the vault must open and find
//! nothing lost; then the act is run to its end and the vault must check clean, every byte read.
//! At the end the newest snapshot is restored and compared.

use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::{Facts, StoryDir};
use crate::cmd::Cmd;
use crate::corpus::{Corpus, Random};
use crate::product::{Vault, document, packs};
use crate::{Outcome, compare, files, odd};

/// Kills that must hit each act.
const HITS_PER_ACT: u32 = 6;
/// Tries for each act at most.
const TRIES_MAX: u32 = 40;

/// What is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Backup,
    Prune,
    Rebuild,
    Retire,
}

impl Act {
    const ALL: [Self; 4] = [Self::Backup, Self::Prune, Self::Rebuild, Self::Retire];

    fn name(self) -> &'static str {
        match self {
            Self::Backup => "backup",
            Self::Prune => "prune",
            Self::Rebuild => "rebuild",
            Self::Retire => "retire",
        }
    }
}

/// A vault and what happens to it.
struct Scene<'a> {
    dir: &'a StoryDir,
    vault: Vault,
    corpus: Corpus,
    kept: PathBuf,
    /// The volume that is retired, in a new folder each time.
    third: PathBuf,
    round: u32,
}

/// Tells it.
pub(crate) fn story(dir: &StoryDir) -> Outcome<Facts> {
    let corpus = dir.tree()?;
    let volumes = ["volume-a", "volume-b", "volume-c"].map(|name| dir.folder(name));
    let [first, second, third] = volumes;
    let (first, second, third) = (first?, second?, third?);
    let vault = Vault::new(&dir.program, &dir.path);
    dir.logged("create", vault.create(&[&first, &second, &third], 2)).kept()?.ok()?;
    let mut scene = Scene { dir, vault, corpus, kept: second, third, round: 0 };
    let mut facts = Facts::default();
    let mut random = Random::new(13);
    let mut kills = 0;
    for act in Act::ALL {
        let hits = scene.kill(act, &mut random)?;
        facts.add(&format!("{}_hits", act.name()), hits);
        kills += hits;
    }
    facts.add("kills", kills);
    scene.call("backup-last", &["backup", "--source", "tree"], true)?.kept()?.ok()?;
    let to = dir.path.join("restored");
    let restore = scene.vault.call(&["restore", "latest:tree", "--to"]).arg(&to);
    dir.logged("restore", restore).kept()?.ok()?;
    let seen = compare::trees(&scene.corpus.tree, &to)?.same()?;
    files::remove(&to)?;
    facts.add("snapshots", scene.vault.snapshots()?);
    facts.add("files_compared", seen.files);
    Ok(facts)
}

impl Scene<'_> {
    fn call(&self, log: &str, words: &[&str], tree: bool) -> Outcome<Cmd> {
        let cmd = self.vault.call(words);
        let cmd = if tree { cmd.arg(&self.corpus.tree) } else { cmd };
        Ok(self.dir.logged(log, cmd))
    }

    /// Kills one act until enough kills have hit. The window in which the kill falls follows how
    /// long the act takes: it grows while kills hit and shrinks when they come too late.
    fn kill(&mut self, act: Act, random: &mut Random) -> Outcome<u32> {
        let (mut hits, mut window_ms) = (0, 400);
        for _ in 0..TRIES_MAX {
            if hits == HITS_PER_ACT {
                return Ok(hits);
            }
            self.round += 1;
            self.prepare(act)?;
            let name = format!("{}-{}", act.name(), self.round);
            let mut running = self.act(act, &name)?.start()?;
            thread::sleep(Duration::from_millis(random.below(window_ms)));
            let hit = running.alive();
            running.kill();
            let ended = running.wait(Duration::from_secs(120))?;
            let hit = hit && ended.signal.is_some();
            if hit {
                hits += 1;
                window_ms = (window_ms * 3 / 2).min(20_000);
            } else {
                window_ms = (window_ms / 2).max(30);
            }
            self.nothing_is_lost(&name)?;
            self.finish(act, &name)?;
        }
        Err(format!("only {hits} of {HITS_PER_ACT} kills hit {}: nothing is shown", act.name()))
    }

    /// Gives the act something to do.
    fn prepare(&mut self, act: Act) -> Outcome<()> {
        let round = self.round;
        match act {
            Act::Backup => odd::rewrite(&self.corpus.tree, u64::from(round) + 100).map(|_| ()),
            Act::Prune => {
                odd::rewrite(&self.corpus.tree, u64::from(round) + 100)?;
                let log = format!("more-{round}");
                self.call(&log, &["backup", "--source", "tree"], true)?.kept()?.ok()?;
                let words = ["forget", "--older-than", "0s", "--source", "tree"];
                self.call(&format!("forget-{round}"), &words, false)?.kept()?.ok()?;
                Ok(())
            }
            // The second disk loses its data; the copies on the others are made again there.
            Act::Rebuild => {
                packs(&self.kept, "data").iter().try_for_each(|pack| files::remove(pack))
            }
            Act::Retire => Ok(()),
        }
    }

    fn act(&self, act: Act, log: &str) -> Outcome<Cmd> {
        match act {
            Act::Backup => self.call(log, &["backup", "--source", "tree"], true),
            Act::Prune => self.call(log, &["prune", "--grace", "0s", "--allow-large"], false),
            Act::Rebuild => self.call(log, &["check", "--read-data", "--repair"], false),
            Act::Retire => {
                let cmd = self.vault.call(&["volume", "retire"]).arg(&self.third);
                Ok(self.dir.logged(log, cmd))
            }
        }
    }

    /// The vault opens after the kill, and whatever is missing a copy has another.
    fn nothing_is_lost(&self, name: &str) -> Outcome<()> {
        let check = self.vault.call(&["check", "--read-data", "--json"]);
        let check = self.dir.logged(&format!("{name}-check"), check).kept()?.wants(&[0, 3])?;
        let report = document(&check)?;
        for count in ["lost_packs", "lost_files"] {
            let none = match &report[count] {
                Value::Array(list) => list.is_empty(),
                Value::Number(count) => count.as_u64() == Some(0),
                _ => return Err(format!("`check --json` has no {count}")),
            };
            if !none {
                return Err(format!("after {name}: {count} is {}", report[count]));
            }
        }
        Ok(())
    }

    /// Runs the act to its end; then everything must be in order.
    fn finish(&mut self, act: Act, name: &str) -> Outcome<()> {
        let still_there = act != Act::Retire || self.vault.volume_at(&self.third).is_ok();
        if still_there {
            self.act(act, &format!("{name}-again"))?.kept()?.wants(&[0, 3])?;
        }
        if act == Act::Retire {
            files::remove(&self.third)?;
            self.third = self.dir.folder(&format!("volume-c{}", self.round))?;
            let add = self.vault.call(&["volume", "add"]).arg(&self.third);
            self.dir.logged(&format!("{name}-add"), add).kept()?.ok()?;
            // Something for the next retirement to move.
            odd::rewrite(&self.corpus.tree, u64::from(self.round) + 100)?;
            let log = format!("{name}-more");
            self.call(&log, &["backup", "--source", "tree"], true)?.kept()?.ok()?;
        }
        let check = self.vault.call(&["check", "--read-data"]);
        self.dir.logged(&format!("{name}-clean"), check).kept()?.ok()?;
        Ok(())
    }
}
