//! What there is to say about friends: who is away, who lost what, what has no copy outside, which pact
//! ends, and what would be lost together.
//!
//! Friends are people: a sentence says what their box did, never what they are. Start at
//! [`friend_findings`]; what lies here for others is in [`guest_findings`].

use types::{Bytes, Millis, UnixTime};

use super::{FULL_NOTICE_PERCENT, Finding, Severity, days, packs, push};
use crate::calendar::date;
use crate::offsite::score::Verdict;
use crate::offsite::silence::{AHEAD_LAST, Duty, Guest, duty};
use crate::offsite::{Presence, Standing, presence};

/// What is on its way to friends for longer than this is told: a day's changes are through by then.
pub const LATE_OUTSIDE: Millis = Millis::from_days(3);

/// Where and on what a box stands, as far as its owner says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Home {
    /// The house, in any words that both sides use.
    pub house: Option<String>,
    /// Who brings the internet there.
    pub provider: Option<String>,
    /// Models of the disks.
    pub disk_models: Vec<String>,
}

/// One friend, as one who holds copies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FriendHealth {
    /// As the owner knows the friend.
    pub name: String,
    /// How it stands.
    pub standing: Standing,
    /// When its box last answered.
    pub last_seen: UnixTime,
    /// What it is worth.
    pub verdict: Verdict,
    /// Packs that it was found to have lost in the last 30 days.
    pub lost: u64,
    /// When the pact ends, if notice was given.
    pub ends: Option<UnixTime>,
    /// Bytes there that have no other home yet, if it is leaving.
    pub homeless: Bytes,
    /// Bytes that it gives.
    pub given: Bytes,
    /// Bytes that it counts.
    pub used: Bytes,
    /// Where it stands.
    pub home: Home,
}

/// Everything about copies at friends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutsideHealth {
    /// All friends that hold or should hold something.
    pub friends: Vec<FriendHealth>,
    /// Where this box stands.
    pub home: Home,
    /// Packs that no disk and no friend has.
    pub lost: u64,
    /// Packs that only disks and friends have that are away.
    pub away: u64,
    /// Packs for which there is no friend, or no room.
    pub short: u64,
    /// Bytes that are on their way to friends.
    pub waiting: Bytes,
    /// Since when the oldest of these is.
    pub waiting_since: Option<UnixTime>,
}

/// What is wrong with the copies at friends.
pub fn friend_findings(outside: &OutsideHealth, now: UnixTime, out: &mut Vec<Finding>) {
    if outside.lost > 0 {
        let sentence = format!("No disk and no friend has {}.", packs(outside.lost));
        let action =
            "Connect any disk that was ever part of this vault; see which files are damaged.";
        push(out, Severity::Alarm, sentence, action);
    }
    if outside.away > 0 {
        let sentence =
            format!("Only disks and friends that are away have {}.", packs(outside.away));
        let action = "Connect the disk, or call the friend: they come back by themselves then.";
        push(out, Severity::Alarm, sentence, action);
    }
    if outside.friends.is_empty() {
        return;
    }
    if outside.short > 0 {
        let verb = if outside.short == 1 { "lacks" } else { "lack" };
        let sentence = format!("{} {verb} a copy outside this house.", packs(outside.short));
        let action = "Ask a friend for more room, or invite another.";
        push(out, Severity::Warning, sentence, action);
    }
    let late = outside.waiting_since.map(|since| now.since(since));
    if let Some(late) = late.filter(|late| *late >= LATE_OUTSIDE && outside.waiting > Bytes(0)) {
        let (left, late) = (outside.waiting, days(late));
        let sentence = format!("{left} have been on their way to friends for {late} days.");
        let action = "Allow more hours or a higher rate, or carry them on a courier drive.";
        push(out, Severity::Notice, sentence, action);
    }
    for friend in &outside.friends {
        one_friend(friend, now, out);
    }
    diversity(outside, out);
}

fn one_friend(friend: &FriendHealth, now: UnixTime, out: &mut Vec<Finding>) {
    if friend.standing == Standing::Ended {
        return;
    }
    let name = &friend.name;
    away(friend, now, out);
    match friend.verdict {
        Verdict::Distrusted => {
            let sentence =
                format!("{name}'s box does not keep what it is given: nothing there counts.");
            let action = "Find another home for your copies, then end this pact.";
            push(out, Severity::Alarm, sentence, action);
        }
        Verdict::Warned { .. } if friend.lost > 0 => {
            let sentence = format!("{name}'s box lost {} of yours.", packs(friend.lost));
            let action = "They are made again by themselves; ask whether a disk there failed.";
            push(out, Severity::Warning, sentence, action);
        }
        Verdict::Unproved { since } => {
            let silent = days(now.since(since));
            let sentence =
                format!("{name}'s box is there, and has proved nothing for {silent} days.");
            push(out, Severity::Warning, sentence, "Ask for it to be started anew.");
        }
        Verdict::Warned { .. } | Verdict::Good => {}
    }
    if let Some(ends) = friend.ends {
        ending(friend, ends, now, out);
    } else {
        filling(friend, out);
    }
}

fn away(friend: &FriendHealth, now: UnixTime, out: &mut Vec<Finding>) {
    let (name, gone) = (&friend.name, days(now.since(friend.last_seen)));
    match presence(friend.last_seen, now) {
        Presence::Seen => {}
        Presence::Amber => {
            let sentence = format!("{name}'s box was last seen {gone} days ago.");
            push(out, Severity::Warning, sentence, "Ask whether it is on and has internet.");
        }
        Presence::Red => {
            let sentence = format!(
                "{name}'s box was last seen {gone} days ago: what it holds does not count."
            );
            let action =
                "Call them. What they hold is copied to other friends where there is room.";
            push(out, Severity::Alarm, sentence, action);
        }
    }
}

fn ending(friend: &FriendHealth, ends: UnixTime, now: UnixTime, out: &mut Vec<Finding>) {
    let (name, day) = (&friend.name, date(ends));
    if friend.homeless == Bytes(0) {
        let sentence = format!("The pact with {name} ends on {day}; all of it is elsewhere.");
        push(out, Severity::Notice, sentence, "Nothing is left to do.");
        return;
    }
    let severity = if ends.since(now) <= AHEAD_LAST { Severity::Alarm } else { Severity::Warning };
    let left = friend.homeless;
    let sentence =
        format!("The pact with {name} ends on {day}, and {left} have no other home yet.");
    push(out, severity, sentence, "Invite another friend, or take it home on a courier drive.");
}

fn filling(friend: &FriendHealth, out: &mut Vec<Finding>) {
    let (name, given) = (&friend.name, friend.given);
    let percent = u128::from(friend.used.0) * 100 / u128::from(given.0.max(1));
    if given > Bytes(0) && percent >= u128::from(FULL_NOTICE_PERCENT) {
        let sentence = format!("{percent} % of the {given} that {name} gives are used.");
        push(out, Severity::Notice, sentence, "Ask for more room before it is full.");
    }
}

/// What would be lost together, or fail together.
fn diversity(outside: &OutsideHealth, out: &mut Vec<Finding>) {
    let own = &outside.home;
    let holds = |friend: &&FriendHealth| {
        matches!(friend.standing, Standing::Active | Standing::Paused) && friend.used > Bytes(0)
    };
    let friends: Vec<_> = outside.friends.iter().filter(holds).collect();
    for friend in
        friends.iter().filter(|friend| is_same(friend.home.house.as_ref(), own.house.as_ref()))
    {
        let sentence = format!("{}'s box stands in the same house as yours.", friend.name);
        let action = "A fire takes both: invite a friend who lives elsewhere as well.";
        push(out, Severity::Notice, sentence, action);
    }
    for (index, friend) in friends.iter().enumerate() {
        let shares =
            |other: &&&FriendHealth| is_same(other.home.house.as_ref(), friend.home.house.as_ref());
        if let Some(other) = friends[..index].iter().find(shares) {
            let sentence = format!("{} and {} keep theirs in one house.", other.name, friend.name);
            push(out, Severity::Notice, sentence, "Count the two of them as one friend.");
        }
    }
    // One friend who differs is enough for these: they are no fire.
    let Some(first) = friends.first() else { return };
    if friends.iter().all(|friend| is_same(friend.home.provider.as_ref(), own.provider.as_ref())) {
        let provider = own.provider.as_deref().unwrap_or_default();
        let sentence = format!("All your friends and you have {provider} as provider.");
        let action = "When it fails, no copy is made or fetched; nothing is lost by it.";
        push(out, Severity::Notice, sentence, action);
    }
    let everywhere = |model: &&String| {
        own.disk_models.contains(model)
            && friends.iter().all(|friend| friend.home.disk_models.contains(model))
    };
    if let Some(model) = first.home.disk_models.iter().find(everywhere) {
        let sentence = format!("All your friends and you have disks of the model {model}.");
        let action = "Disks of one model tend to fail alike: let the next one be another.";
        push(out, Severity::Notice, sentence, action);
    }
}

/// What nobody said is not the same.
fn is_same(one: Option<&String>, other: Option<&String>) -> bool {
    one.is_some() && one == other
}

/// One whose packs lie here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuestHealth {
    /// As the owner of this box knows the friend.
    pub name: String,
    /// How it is.
    pub guest: Guest,
    /// What lies here.
    pub used: Bytes,
}

/// What there is to say of what lies here for others. All of it is worth knowing, and nothing of it is
/// wrong with this box.
pub fn guest_findings(guest: &GuestHealth, now: UnixTime, out: &mut Vec<Finding>) {
    let (name, used) = (&guest.name, guest.used);
    let (sentence, action) = match duty(&guest.guest, now) {
        Duty::Keep => return,
        Duty::KeepDark { until } => {
            let (gone, until) = (days(now.since(guest.guest.last_heard)), date(until));
            let sentence = format!(
                "{name}'s box has been dark for {gone} days: {used} are kept here until {until} at least."
            );
            (sentence, "Ask whether all is well there.")
        }
        Duty::MayGiveNotice { since } => {
            let since = date(since);
            let sentence = format!(
                "{name}'s box is dark, and {used} were kept here as long as agreed, until {since}."
            );
            (sentence, "They stay. If you need the room, give notice.")
        }
        Duty::Ending { on } => {
            let sentence =
                format!("The pact with {name} ends on {}; {used} are kept here.", date(on));
            (sentence, "Leave the box on, so that they can be fetched.")
        }
        Duty::Over => {
            let sentence = format!("The pact with {name} is over, and {used} are still kept here.");
            (sentence, "They stay until you say that they may go.")
        }
    };
    push(out, Severity::Notice, sentence, action);
}
