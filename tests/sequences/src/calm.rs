//! After everything: all is made well, the box comes to rest, and what was promised is looked for.
//!
//! Nothing here is random, and nothing is forgiven. Start at [`come_to_rest`] and [`is_true`].

use std::fs;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use board_sim::Machine;
use calls::{
    Call, CheckResult, DeskAct, DeskFault, DiskAct, Disks, Job, JobResult, JobSpec, JobState,
    QuestionKind, RawPath,
};

use crate::Outcome;
use crate::hands::{BAYS, CARD, Hands};
use crate::outside::Outside;

/// Turns of owner and box until everything has to be at rest.
const TURNS: usize = 60;
/// So many turns without anything to do are rest: between two steps nothing may be at work.
const QUIET_TURNS: usize = 3;

/// Heals everything, pushes every disk in, and does what an owner is asked to do.
pub fn come_to_rest(out: &mut Outside, hands: &mut Hands) -> Outcome<()> {
    if !out.is_on() {
        out.start()?;
    }
    let mut names = hands.disks.clone();
    names.push(CARD.0.to_owned());
    for name in &names {
        out.desk(DeskAct::Fault { name: name.clone(), fault: DeskFault::None })?;
    }
    for name in &names {
        let free: &[&str] = if name == CARD.0 { &["usb-front"] } else { &BAYS };
        for port in free {
            let (name, port) = (name.clone(), (*port).to_owned());
            if out.desk(DeskAct::Insert { name, port })? {
                break;
            }
        }
    }
    out.stop()?;
    out.start()?;
    out.until("it is unlocked", |out| {
        // Where every disk failed once, nothing can be opened before its owner trusts one.
        for disk in out.disks()?.disks.iter().filter(|disk| disk.life == "failed") {
            out.disk(&disk.id, DiskAct::Trust {})?;
        }
        Ok(out.unlock()?.then_some(()))
    })?;
    // Whatever is missing here the usual rule may have let go, or it is lost.
    let wanted = out.judge().acknowledged();
    // One that is trusted again is mounted anew: for a moment there may be none to read from.
    let shown = out.until("its versions are listed", |out| Ok(listed(out).ok()))?;
    for version in wanted.iter().filter(|version| !shown.contains(&version.snapshot)) {
        hands.story.push(format!("not listed after the start: {version:?}"));
    }
    out.trust_clock()?;
    let mut quiet = 0;
    for _ in 0..TURNS {
        quiet = if one_turn(out, hands)? { quiet + 1 } else { 0 };
        if quiet == QUIET_TURNS {
            return Ok(());
        }
        out.pass(1)?;
        out.linger(Duration::from_millis(300));
        out.trust_clock()?;
    }
    let (disks, jobs) = (out.disks()?, out.jobs()?);
    let open: Vec<Job> = jobs.into_iter().filter(|job| !job.state.is_over()).collect();
    Err(format!("the box does not come to rest: {disks:#?} {open:#?}"))
}

/// What an owner does who is asked; whether nothing is left to be done.
fn one_turn(out: &mut Outside, hands: &Hands) -> Outcome<bool> {
    let disks = out.disks()?;
    // Something on it may still have been open when it was to be mounted anew, and the turns go by fast.
    let mut rests = !out.tries_a_disk_again()?;
    out.wait_while(Duration::from_secs(20), Outside::tries_a_disk_again)?;
    for disk in &disks.disks {
        let act = match disk.life.as_str() {
            "failed" => DiskAct::Trust {},
            // Nobody can bring it back, so it is let go.
            "ours-absent"
                if hands.destroyed.contains(&disk.serial) && !disk.sentence.contains("leaves") =>
            {
                DiskAct::Retire {}
            }
            // Two others have everything by now: as long as it is listed, nothing is pruned.
            "ours-absent" if hands.destroyed.contains(&disk.serial) && members(&disks) > 1 => {
                rests = false;
                continue;
            }
            "retiring" => DiskAct::Keep {},
            _ if disk.to_be_replaced => DiskAct::Keep {},
            _ if disk.joining.is_some() => DiskAct::SkipWait {},
            _ => continue,
        };
        out.disk(&disk.id, act)?;
        rests = false;
    }
    let settle = disks.questions.iter().filter(|one| one.kind == QuestionKind::Settle);
    for disk in settle.filter_map(|question| question.disk.as_ref()) {
        // What cannot be confirmed, since it is none of ours any more, may stay as it is.
        rests &= !out.disk(disk, DiskAct::Confirm {})?;
    }
    for job in out.jobs()? {
        if job.state == JobState::Paused {
            drop(out.ask(Call::Resume { job: job.id })?);
        }
        rests &= job.state.is_over();
    }
    // What is at work tells how far it is, and each word of it would be a turn: how many a job takes is not to
    // count, only what is left to be done when none is at work.
    let is_at_work =
        |out: &mut Outside| Ok(out.jobs()?.iter().any(|job| job.state == JobState::Running));
    out.wait_while(Duration::from_secs(20), is_at_work)?;
    Ok(rests)
}

/// Looks for everything that was promised: for each part of it, whatever the others came to.
pub fn is_true(out: &mut Outside, hands: &mut Hands) -> Outcome<()> {
    let disks = out.disks().and_then(|disks| members_are_listed(&disks, hands));
    let clean = is_clean_in_the_end(out, hands);
    let there = everything_is_there(out, hands);
    let looked = out.jobs().map(drop);
    let judged = out.judge().verdict();
    hands.tally.fights += u64::from(judged.is_err());
    hands.tally.jobs = out.judge().done() as u64;
    hands.tally.together = out.judge().together;
    let stopped = out.stop();
    let card = card_is_untouched(out, hands);
    hands.tally.foreign += u64::from(card.is_err());
    let all = [disks, clean, there, looked, judged, stopped, card];
    let wrong: Vec<String> = all.into_iter().filter_map(Result::err).collect();
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\nand: ")) }
}

fn is_clean_in_the_end(out: &mut Outside, hands: &mut Hands) -> Outcome<()> {
    if is_clean(out)?.is_err() {
        // What an owner is advised to do, once.
        hands.tally.mended += 1;
        drop(out.perform(JobSpec::Check { read_data: true, repair: true })?);
        is_clean(out)??;
    }
    Ok(())
}

/// Whether a check finds nothing, and what it finds.
fn is_clean(out: &mut Outside) -> Outcome<Outcome<()>> {
    let check = out.perform(JobSpec::Check { read_data: true, repair: false })?;
    let check = check.ok_or("a check is refused")?;
    let members = members(&out.disks()?);
    Ok(match &check.result {
        Some(JobResult::Check(CheckResult { clean: true, under_copied: 0, .. })) => Ok(()),
        // One disk alone cannot hold two copies of anything, nor do without one that is away.
        Some(JobResult::Check(CheckResult {
            damaged: 0, lost_packs: 0, lost_files: 0, ..
        })) if members < 2 => Ok(()),
        other => Err(format!(
            "the check found something, with {members} members: {other:?} {:?}",
            check.fault
        )),
    })
}

fn members(disks: &Disks) -> usize {
    disks.disks.iter().filter(|disk| matches!(disk.life.as_str(), "member" | "watch")).count()
}

fn members_are_listed(disks: &Disks, hands: &Hands) -> Outcome<()> {
    for serial in &hands.stay {
        let listed = disks.disks.iter().find(|disk| disk.serial == *serial);
        match listed.map(|disk| disk.life.as_str()) {
            Some("member" | "watch") => {}
            other => {
                return Err(format!("disk {serial} takes part and is {other:?}: {disks:#?}"));
            }
        }
    }
    Ok(())
}

/// Restores every version that was acknowledged, and compares every byte.
fn everything_is_there(out: &mut Outside, hands: &mut Hands) -> Outcome<()> {
    let wanted = out.judge().acknowledged();
    let listed = if wanted.is_empty() { Vec::new() } else { listed(out)? };
    let mut lost = Vec::new();
    for (number, version) in wanted.iter().enumerate() {
        if !listed.contains(&version.snapshot) {
            hands.tally.expired += 1;
            hands.story.push(format!("not listed in the end: {version:?}"));
            continue;
        }
        let to = out.folder.join(format!("in-the-end-{number}"));
        let spec = JobSpec::Restore {
            snapshot: version.snapshot.clone(),
            path: RawPath(Vec::new()),
            to: RawPath(to.as_os_str().as_encoded_bytes().to_vec()),
            overwrite: false,
        };
        let job = out.perform(spec)?.ok_or("a restore is refused")?;
        let folder = String::from_utf8_lossy(&version.folder).into_owned();
        let found = match &job.result {
            Some(JobResult::Restore(result)) if result.failed == 0 => same(Path::new(&folder), &to),
            other => Err(format!("{version:?} is lost: {other:?} {:?}", job.fault)),
        };
        match found {
            Ok(bytes) => {
                hands.tally.bytes += bytes;
                hands.tally.versions += 1;
            }
            Err(sentence) => lost.push(sentence),
        }
    }
    hands.tally.lost += lost.len() as u64;
    let expired = hands.tally.expired;
    if let Some(most) = out.judge().may_be_expired().filter(|most| expired > *most) {
        hands.tally.lost += expired - most;
        let said = "acknowledged versions are not listed, and the rule let go";
        lost.push(format!("{expired} {said} {most}"));
    }
    hands.tally.compared += 1;
    if lost.is_empty() { Ok(()) } else { Err(lost.join("\nand: ")) }
}

/// The versions that the box shows.
fn listed(out: &mut Outside) -> Outcome<Vec<String>> {
    let call = Call::Snapshots { source: None, space: None, page: calls::Page::default() };
    match out.ask(call)? {
        Ok(calls::Answer::Snapshots { snapshots, .. }) => {
            Ok(snapshots.into_iter().map(|snapshot| snapshot.id).collect())
        }
        other => Err(format!("asked for versions: {other:?}")),
    }
}

/// Compares two folders of files; how many bytes were the same.
fn same(made: &Path, restored: &Path) -> Outcome<u64> {
    let (made_of, found) = (contents(made)?, contents(restored)?);
    if made_of != found {
        let names = |all: &[(String, Vec<u8>)]| {
            all.iter().map(|(name, bytes)| format!("{name} {}", bytes.len())).collect::<Vec<_>>()
        };
        let (had, has) = (names(&made_of), names(&found));
        return Err(format!("{} came back otherwise: {had:?} {has:?}", made.display()));
    }
    Ok(made_of.iter().map(|(_, bytes)| bytes.len() as u64).sum())
}

fn contents(folder: &Path) -> Outcome<Vec<(String, Vec<u8>)>> {
    let wrong = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).map_err(wrong)? {
        let entry = entry.map_err(wrong)?;
        let mut bytes = Vec::new();
        let file = fs::File::open(entry.path());
        file.and_then(|mut file| file.read_to_end(&mut bytes)).map_err(wrong)?;
        all.push((entry.file_name().to_string_lossy().into_owned(), bytes));
    }
    all.sort();
    Ok(all)
}

/// What was on the stranger's card is there, and shown as long as nobody wanted it erased.
fn card_is_untouched(out: &Outside, hands: &mut Hands) -> Outcome<()> {
    let card = out.folder.join("card");
    let before = ["one.jpg", "two.jpg"].map(|name| (name.to_owned(), hands.photo()));
    if contents(&card)? != before {
        return Err("the card was written".to_owned());
    }
    let machine = Machine::open(&out.folder.join("machine")).map_err(|error| error.to_string())?;
    let shown = machine.content(CARD.0).map_err(|error| error.to_string())?;
    let still = card.canonicalize().map_err(|error| error.to_string())? == shown;
    match (still, hands.card_may_go) {
        (false, false) => Err("the card was erased, and nobody wanted that".to_owned()),
        (false, true) => {
            hands.tally.erased += 1;
            Ok(())
        }
        (true, _) => Ok(()),
    }
}
