//! The one verdict: facts in, a list of findings out. The page, the command line, metrics and lights
//! all show this same list.
//!
//! One finding is one sentence and one thing to do, in words that need no explaining. Nothing wrong
//! is an empty list, never a finding that says so. Start reading at [`findings`].

pub mod friends;

use types::{Bytes, Millis, UnixTime};

use crate::calendar::date;
pub use crate::silent::{
    DeviceHealth, RHYTHM_UNKNOWN, SILENT_AT_LEAST, SILENT_RHYTHMS, SourceHealth, is_to_come,
};
use crate::silent::{device_findings, source_findings};
use crate::volumes::VolumeState;

/// A volume this full, in percent, is worth a remark.
pub const FULL_NOTICE_PERCENT: u64 = 90;
/// And this full, a warning.
pub const FULL_WARNING_PERCENT: u64 = 95;
/// Below this a volume takes no further pack.
pub const FULL_BELOW: Bytes = Bytes(16 * Bytes::MIB);
/// Every byte is read and checked this often.
pub const SCRUB_EVERY: Millis = Millis::from_days(30);
/// A scrub may take as long again before anyone is told: disks sleep, boxes are off on holiday.
pub const SCRUB_LATE: Millis = Millis::from_days(60);
/// What helps against a full disk, and what helps only in the long run.
pub const FULL_ADVICE: &str = "Add a disk. What is let go frees its room only weeks after a prune, \
     and more than 30 % of the vault goes with `prune --allow-large` only.";

/// How much it matters. The verdict is the worst of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Notice,
    /// Something promised is not so now.
    Warning,
    /// Data is gone, or one more failure away from it.
    Alarm,
}

/// Something to tell the owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// What is the case: what, which, how much.
    pub sentence: String,
    /// What to do about it.
    pub action: String,
}

/// One volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VolumeHealth {
    /// As its owner knows it.
    pub name: String,
    /// Its disk is plugged in, whether or not the vault can use it.
    pub plugged: bool,
    /// What may be done with it.
    pub state: VolumeState,
    /// Room for packs, the reserve taken off.
    pub free: Bytes,
    /// All it can hold, the reserve taken off.
    pub size: Bytes,
    /// The disk is not the one that its superblock names.
    pub serial_differs: bool,
    /// Another disk claims to be the same volume.
    pub cloned: bool,
    /// It refused something, and is left alone until the vault is opened again.
    pub failed: bool,
    /// Nothing depends on it any more.
    pub drained: bool,
    /// When it is full if it goes on like this; see [`crate::fill`].
    pub full_on: Option<UnixTime>,
}

/// Everything the verdict rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealthFacts {
    /// The time.
    pub now: UnixTime,
    /// All volumes.
    pub volumes: Vec<VolumeHealth>,
    /// Copies that the owner wants of everything.
    pub copies: u8,
    /// Distinct disks that take part.
    pub disks: usize,
    /// Packs with fewer copies than wanted.
    pub under_copied: u64,
    /// Of these, packs with only one.
    pub single: u64,
    /// Packs that no volume here has.
    pub lost: u64,
    /// When every byte had last been read and checked; none before the first time.
    pub last_scrub: Option<UnixTime>,
    /// Since then some disks were read, and others were not here.
    pub scrubbed_in_part: bool,
    /// When the vault was made.
    pub created: UnixTime,
    /// All sources that no device stores to.
    pub sources: Vec<SourceHealth>,
    /// All devices that store, but those whose tokens were taken back: nobody waits for them.
    pub devices: Vec<DeviceHealth>,
}

/// What is wrong here and at friends, and what lies here for others, worst first.
pub fn findings_with_friends(
    facts: &HealthFacts,
    outside: &friends::OutsideHealth,
    guests: &[friends::GuestHealth],
) -> Vec<Finding> {
    let mut out = findings(facts);
    friends::friend_findings(outside, facts.now, &mut out);
    for guest in guests {
        friends::guest_findings(guest, facts.now, &mut out);
    }
    out.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    out
}

/// What is wrong here, worst first.
pub fn findings(facts: &HealthFacts) -> Vec<Finding> {
    let mut out = Vec::new();
    pack_findings(facts, &mut out);
    for volume in &facts.volumes {
        volume_findings(volume, &mut out);
    }
    for source in &facts.sources {
        source_findings(source, facts.now, &mut out);
    }
    for device in &facts.devices {
        device_findings(device, facts.now, &mut out);
    }
    scrub_findings(facts, &mut out);
    out.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    out
}

pub(crate) fn push(out: &mut Vec<Finding>, severity: Severity, sentence: String, action: &str) {
    out.push(Finding { severity, sentence, action: action.to_owned() });
}

fn pack_findings(facts: &HealthFacts, out: &mut Vec<Finding>) {
    let (copies, disks) = (facts.copies, facts.disks);
    if facts.lost > 0 {
        let sentence = format!("No disk here has {}.", packs(facts.lost));
        push(out, Severity::Alarm, sentence, "Connect every disk and friend that may have them.");
    }
    if copies < 2 {
        few_copies(disks, out);
    } else if disks < usize::from(copies) {
        let sentence = match disks {
            1 => format!(
                "Everything lies on one disk only: there is one, and you want {copies} copies."
            ),
            _ => format!("There are {disks} disks, and you want {copies} copies."),
        };
        push(out, Severity::Warning, sentence, "Add a disk.");
    } else if facts.single > 0 {
        let verb = if facts.single == 1 { "has" } else { "have" };
        let sentence = format!("{} {verb} only one copy here.", packs(facts.single));
        push(out, Severity::Warning, sentence, "Keep the box on until the copies are made.");
    } else if facts.under_copied > 0 {
        let verb = if facts.under_copied == 1 { "has" } else { "have" };
        let sentence = format!("{} {verb} fewer copies than wanted.", packs(facts.under_copied));
        push(out, Severity::Notice, sentence, "Keep the box on until the copies are made.");
    }
}

/// One copy is what was wanted, and said all the same: whoever was never told relies on more.
fn few_copies(disks: usize, out: &mut Vec<Finding>) {
    if disks < 2 {
        let sentence =
            "Everything lies on one disk only: if that disk dies, all is lost.".to_owned();
        let action = "Add a second disk, so that everything is kept twice.";
        push(out, Severity::Notice, sentence, action);
    } else {
        let sentence = format!("There are {disks} disks, and each piece lies on one disk only.");
        let action = "`holdfast --box default copies 2` keeps everything on two.";
        push(out, Severity::Notice, sentence, action);
    }
}

fn packs(count: u64) -> String {
    if count == 1 { "1 pack".to_owned() } else { format!("{count} packs") }
}

/// What is wrong with one volume.
pub fn volume_findings(volume: &VolumeHealth, out: &mut Vec<Finding>) {
    let name = &volume.name;
    if volume.cloned {
        let sentence = format!("Two disks claim to be {name}, so one is only read.");
        push(out, Severity::Warning, sentence, "Remove the copy, or erase it.");
    } else if volume.serial_differs {
        let sentence = format!("{name} is on another disk than the one it was made on.");
        push(out, Severity::Warning, sentence, "Confirm the move if you made it.");
    }
    match volume.state {
        _ if volume.failed => {
            let sentence = format!("{name} failed and is left alone.");
            let action = "Check its cable, and lock and unlock the box to try it again; replace it \
                          if it fails once more.";
            push(out, Severity::Warning, sentence, action);
        }
        VolumeState::Absent if volume.plugged => {
            let sentence = format!("{name} is plugged in, and cannot be used now.");
            let action =
                "It is tried again by itself; check its cable, and replace it if it stays.";
            push(out, Severity::Warning, sentence, action);
        }
        VolumeState::Absent => {
            let sentence = format!("{name} is not here.");
            push(out, Severity::Warning, sentence, "Connect it, or replace it.");
        }
        VolumeState::ReadOnly => {
            let sentence = format!("{name} can be read but not written.");
            push(out, Severity::Warning, sentence, "Check its cable, then replace it if it stays.");
        }
        VolumeState::Retiring if volume.drained => {
            let sentence = format!("{name} is empty of anything needed.");
            push(out, Severity::Notice, sentence, "Pull it when you like.");
        }
        VolumeState::Retiring => {}
        VolumeState::Member => fill_findings(volume, out),
    }
}

fn fill_findings(volume: &VolumeHealth, out: &mut Vec<Finding>) {
    let (name, free) = (&volume.name, volume.free);
    let used = u128::from(volume.size.saturating_sub(free).0);
    let percent = used * 100 / u128::from(volume.size.0.max(1));
    let day = volume.full_on.map(|full| format!(", enough until about {}", date(full)));
    let left = format!("{name} is {percent} % full: {free} are left{}.", day.unwrap_or_default());
    if free < FULL_BELOW {
        let sentence = format!("{name} is full.");
        push(out, Severity::Warning, sentence, FULL_ADVICE);
    } else if percent >= u128::from(FULL_WARNING_PERCENT) {
        push(out, Severity::Warning, left, FULL_ADVICE);
    } else if percent >= u128::from(FULL_NOTICE_PERCENT) {
        push(out, Severity::Notice, left, "Think of adding a disk.");
    }
}

fn scrub_findings(facts: &HealthFacts, out: &mut Vec<Finding>) {
    let age = facts.now.since(facts.last_scrub.unwrap_or(facts.created));
    if age > SCRUB_LATE {
        let mut sentence = match facts.last_scrub {
            Some(_) => format!("Not every byte was checked in the last {} days", days(age)),
            None => "Not every byte was ever checked".to_owned(),
        };
        let mut action = "Leave the disks on overnight, or start a check that reads all data.";
        if facts.scrubbed_in_part {
            sentence.push_str(": when the disks were read, not all were here");
            action = "Plug all disks in, then start a check that reads all data.";
        }
        sentence.push('.');
        push(out, Severity::Notice, sentence, action);
    }
}

pub(crate) fn days(age: Millis) -> u64 {
    age.0 / Millis::from_days(1).0
}
