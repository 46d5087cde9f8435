//! Story `computer`: a computer is paired, backs itself up over the network while the box is killed twice,
//! once more unchanged, once more changed, and has every byte and attribute brought back.
//!
//! Real programs, HTTPS on this computer's own network. Start at [`story`].

use std::path::Path;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::{Facts, StoryDir};
use crate::corpus::Random;
use crate::laptop::Laptop;
use crate::{Outcome, compare, files, product};

/// Kills of the box while it is backed up to.
const KILLS: u64 = 2;
/// What the computer sends in a second: so slow that the box can be killed in between.
const RATE: &str = "16M";
/// Requests of an unchanged folder, whatever its size: where it stands, and the new version.
const REQUESTS_MAX: u64 = 2;
/// How much has to be stored before the first kill, and between two.
const STORED: u64 = 16 << 20;
const LOOK_EVERY: Duration = Duration::from_millis(50);
const PATIENCE: Duration = Duration::from_secs(120);

/// Tells it.
pub(crate) fn story(dir: &StoryDir) -> Outcome<Facts> {
    let corpus = dir.tree()?;
    let own = dir.folder("own")?;
    let mut random = Random::new(26);
    for number in 0..40 {
        files::put(&own.join(format!("note-{number}")), &random.text(4_000))?;
    }
    let programs = product::programs(&["holdfast", "holdfastd"])?;
    let mut laptop = Laptop::paired(&dir.folder("house")?, &programs, 2)?;
    let paths = [corpus.tree.as_path(), own.as_path()];
    let mut facts = Facts::default();

    let began = files::now();
    let first = killed(dir, &mut laptop, &paths)?;
    facts.add_time("backup", began.elapsed());
    facts.add("kills", KILLS);
    for name in ["files", "bytes", "sent_bytes", "copies"] {
        facts.add(name, first[name].clone());
    }
    if first["copies"] != 2 || first["skipped_count"] != 0 {
        return Err(format!("not all of it is on two disks: {first}"));
    }

    let began = files::now();
    let same = until_unchanged(&laptop, &paths)?;
    facts.add_time("unchanged", began.elapsed());
    facts.add("unchanged_requests", same["requests"].clone());

    files::put(&own.join("note-7"), &random.text(9_000))?;
    files::remove(&own.join("note-8"))?;
    let changed = laptop.backs_up(&paths)?;
    facts.add("changed_sent_bytes", changed["sent_bytes"].clone());
    if number(&changed, "sent_pieces") == 0 || number(&changed, "sent_bytes") > 1 << 20 {
        return Err(format!("a changed note of 9,000 letters is sent as {changed}"));
    }

    let to = dir.path.join("restored");
    let restore = laptop.asks(&["restore", "latest", "--to"]).arg(&to);
    let began = files::now();
    dir.logged("restore", restore).kept()?.ok()?;
    facts.add_time("restore", began.elapsed());
    let name = corpus.tree.file_name().unwrap_or_default();
    let report = compare::trees(&corpus.tree, &to.join(name))?.same()?;
    facts.add("files_compared", report.files);
    facts.add("with_attributes", report.with_attributes);
    compare::trees(&own, &to.join("own"))?.same()?;
    // The comparison is no comparison if it misses a byte.
    files::put(&to.join("own/note-9"), b"something else")?;
    if compare::trees(&own, &to.join("own"))?.other_bytes != 1 {
        return Err("the comparison does not see a file with other bytes".to_owned());
    }
    files::remove(&to)?;
    laptop.stops()?;
    Ok(facts)
}

fn number(told: &Value, name: &str) -> u64 {
    told[name].as_u64().unwrap_or_default()
}

/// A backup during which the box is killed.
fn killed(dir: &StoryDir, laptop: &mut Laptop, paths: &[&Path]) -> Outcome<Value> {
    let backup = laptop.asks(&["backup", "--json", "--limit", RATE]).args(paths.iter().copied());
    let mut backup = dir.logged("backup", backup).start()?;
    let machine = laptop.house.home().join("machine");
    for _ in 0..KILLS {
        let (_, before) = files::count(&machine);
        let began = files::now();
        while files::count(&machine).1 < before + STORED {
            if !backup.alive() {
                backup.wait(PATIENCE)?.ok()?;
                return Err("the backup was over before the box was killed".to_owned());
            }
            if began.elapsed() > PATIENCE {
                backup.kill();
                return Err("the box stores nothing".to_owned());
            }
            thread::sleep(LOOK_EVERY);
        }
        laptop.kills()?;
        laptop.starts()?;
    }
    product::document(&backup.wait(Duration::from_secs(600))?.ok()?)
}

/// Backs up until nothing is read any more: a file that changed a moment before is read once more.
fn until_unchanged(laptop: &Laptop, paths: &[&Path]) -> Outcome<Value> {
    let mut told = Value::Null;
    for _ in 0..3 {
        told = laptop.backs_up(paths)?;
        if number(&told, "requests") <= REQUESTS_MAX {
            return Ok(told);
        }
    }
    Err(format!("an unchanged folder takes more than {REQUESTS_MAX} requests: {told}"))
}
