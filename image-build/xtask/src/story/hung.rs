//! Story `hung`: one of three disks stops answering, for ever and for half a minute; what is stored
//! meanwhile is acknowledged by the others.
//!
//! A box with simulated hardware, the real programs, and many small backups one after the other: how
//! long each waits for its acknowledgement, with all disks well, with one that hangs for ever, and with
//! one that hangs for thirty seconds. Times are told and fail nothing; what does is a backup without an
//! acknowledgement, and anything that is not there in the end. Start at [`story`].

use std::thread;
use std::time::Duration;

use super::{Facts, StoryDir};
use crate::boxes::House;
use crate::cmd::Running;
use crate::{Outcome, compare, files, product};

/// Backups in each part.
const BACKUPS: u64 = 150;
/// How long the disk of the last part hangs.
const HANG: Duration = Duration::from_secs(30);
/// How long a healed disk may take to take part again, and how often it is looked at.
const PATIENCE: Duration = Duration::from_secs(120);
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The bay of the disk that hangs, and its name on the desk.
const DISK: (&str, &str) = ("3", "blue");

/// Tells it.
pub(crate) fn story(dir: &StoryDir) -> Outcome<Facts> {
    let programs = product::static_build(&["holdfast", "holdfastd"])?;
    let house = House::prepare(&dir.path.join("box"), &programs, [0, 0])?;
    let mut service = house.service().log(&dir.path.join("service")).start()?;
    let told = parts(dir, &house, &mut service);
    if told.is_err() {
        service.kill();
    }
    let ended = service.wait(Duration::from_secs(600))?;
    let facts = told?;
    ended.ok()?;
    Ok(facts)
}

fn parts(dir: &StoryDir, house: &House, service: &mut Running) -> Outcome<Facts> {
    house.answers(|| service.alive())?;
    house.settle_in()?;
    let source = dir.path.join("notes");
    files::fresh(&source)?;
    let mut facts = Facts::default();
    let mut number = 0;
    let mut part = |name: &str, facts: &mut Facts| -> Outcome<()> {
        let mut waited = Vec::new();
        for _ in 0..BACKUPS {
            number += 1;
            let text = format!("note {number}\n").repeat(200);
            files::put(&source.join(format!("note-{}", number % 20)), text.as_bytes())?;
            let began = files::now();
            // Code 3: acknowledged, by fewer disks than promised.
            let asked = house.ask(&["backup", "--source", "notes"]).arg(&source);
            asked.kept()?.wants(&[0, 3])?;
            waited.push(began.elapsed());
        }
        waited.sort_unstable();
        let at = |percent: usize| waited[(waited.len() - 1) * percent / 100];
        facts.add_time(&format!("{name}_p50"), at(50));
        facts.add_time(&format!("{name}_p99"), at(99));
        facts.add_time(&format!("{name}_longest"), at(100));
        Ok(())
    };
    part("well", &mut facts)?;
    desk(house, "hang")?;
    part("hung", &mut facts)?;
    heal(house)?;
    desk(house, "hang")?;
    let healer = house.clone();
    let healing = thread::spawn(move || {
        thread::sleep(HANG);
        desk(&healer, "heal")
    });
    let measured = part("hung_30_s", &mut facts);
    healing.join().map_err(|_| "the hand that heals the disk fell".to_owned())??;
    measured?;
    heal(house)?;
    let check = house.ask(&["check", "--read-data", "--repair"]);
    dir.logged("check", check).kept()?.wants(&[0, 3])?;
    dir.logged("check-again", house.ask(&["check", "--read-data"])).kept()?.ok()?;
    let to = dir.path.join("restored");
    let restore = house.ask(&["restore", "latest:notes", "--to"]).arg(&to);
    dir.logged("restore", restore).kept()?.ok()?;
    facts.add("files_compared", compare::trees(&source, &to)?.same()?.files);
    facts.add("backups", number);
    house.ask(&["shutdown"]).kept()?.ok()?;
    Ok(facts)
}

fn desk(house: &House, what: &str) -> Outcome<()> {
    house.ask(&["desk", "disk", what, DISK.1]).kept()?.ok().map(drop)
}

/// The disk is well again, its owner says so, and the vault has it and all copies: only then can it hang
/// anew.
fn heal(house: &House) -> Outcome<()> {
    desk(house, "heal")?;
    let began = files::now();
    loop {
        // Refused where it was not judged to have failed, and where the vault has it by now.
        house.ask(&["disk", "trust", DISK.0]).kept()?.wants(&[0, 1])?;
        house.rests()?;
        let checked = house.ask(&["check"]).kept()?;
        if checked.code == Some(0) {
            return Ok(());
        }
        if began.elapsed() > PATIENCE {
            return Err(format!("the healed disk does not take part again: {}", checked.stdout));
        }
        thread::sleep(LOOK_EVERY);
    }
}
