//! What there is to say about friends, for the one verdict of the box.
//!
//! Pure. Sentences about copies and silence are `plan::health::friends`'; here are those about what only the
//! talk with a friend's box shows. Start at [`findings`].

use std::collections::BTreeSet;

use plan::health::friends::{GuestHealth, OutsideHealth, friend_findings, guest_findings};
use plan::health::{Finding, Severity};
use plan::offsite::silence::Word;
use types::UnixTime;

use crate::notes::Trouble;

/// All that the verdict about friends rests on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Copies at friends.
    pub outside: OutsideHealth,
    /// What lies here for friends.
    pub guests: Vec<GuestHealth>,
    /// What stays true until somebody has looked, by the friend's name.
    pub troubles: Vec<(String, Trouble)>,
    /// Terms that friends propose, and invites that wait for a word, by name.
    pub asking: Vec<String>,
    /// Files with records that were damaged, as they were put aside.
    pub aside: Vec<String>,
    /// Why there is no talk with friends.
    pub no_talk: Option<String>,
}

/// What is to be told, and the same in words that name no friend, in no order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// For the owner.
    pub finding: Finding,
    /// For a helper.
    pub nameless: Finding,
}

/// What is to be told, to whom it concerns and to whoever may not know who the friends are.
pub fn told(facts: &Facts, now: UnixTime) -> Vec<Told> {
    // The facts decide what is found, names only how it reads: so both come in one order.
    let (all, others) = (findings(facts, now), findings(&nameless(facts), now));
    let (is_same, mut others) = (all.len() == others.len(), others.into_iter());
    let told = all.into_iter().map(|finding| {
        let nameless = others.next().filter(|_| is_same).unwrap_or_else(|| {
            let sentence = "Something about a friend waits for the owner.".to_owned();
            Finding { severity: finding.severity, sentence, action: "Ask the owner.".to_owned() }
        });
        Told { finding, nameless }
    });
    told.collect()
}

/// The same facts with a number in the place of whatever a friend is called, where its box stands, and where this
/// box listens.
fn nameless(facts: &Facts) -> Facts {
    let mut facts = facts.clone();
    let outside = facts.outside.friends.iter().map(|friend| &friend.name);
    let guests = facts.guests.iter().map(|guest| &guest.name);
    let troubled = facts.troubles.iter().map(|(name, _)| name);
    let all: BTreeSet<String> =
        outside.chain(guests).chain(troubled).chain(&facts.asking).cloned().collect();
    let rename = |name: &mut String| {
        let number = all.iter().position(|one| one == name).map_or(0, |at| at + 1);
        *name = format!("Friend {number}");
    };
    facts.outside.friends.iter_mut().for_each(|friend| rename(&mut friend.name));
    facts.guests.iter_mut().for_each(|guest| rename(&mut guest.name));
    facts.troubles.iter_mut().for_each(|(name, _)| rename(name));
    facts.asking.iter_mut().for_each(rename);
    // In which house a box stands only counts as the same or not, and is in no sentence.
    let homes = facts.outside.friends.iter_mut().map(|friend| &mut friend.home);
    let mut homes: Vec<_> = homes.chain([&mut facts.outside.home]).collect();
    let known: BTreeSet<String> = homes.iter().filter_map(|home| home.provider.clone()).collect();
    for home in &mut homes {
        let number = |said: String| known.iter().position(|one| *one == said).unwrap_or(0) + 1;
        home.provider = home.provider.take().map(|said| format!("company {}", number(said)));
    }
    facts.aside.iter_mut().for_each(|file| "a file in its folder".clone_into(file));
    facts.no_talk = facts.no_talk.take().map(|_| "the port cannot be used.".to_owned());
    facts
}

/// What is to be told, in no order.
pub fn findings(facts: &Facts, now: UnixTime) -> Vec<Finding> {
    let mut out = Vec::new();
    friend_findings(&facts.outside, now, &mut out);
    facts.guests.iter().for_each(|guest| guest_findings(guest, now, &mut out));
    out.extend(facts.troubles.iter().map(|(name, trouble)| trouble_finding(name, *trouble)));
    out.extend(facts.asking.iter().map(|name| {
        let sentence = format!("{name} waits for your answer about what your boxes keep.");
        finding(Severity::Notice, sentence, "Look at the friends' page and say yes or no.")
    }));
    out.extend(facts.aside.iter().map(|file| {
        let sentence = format!(
            "Records of a friend on the box's own disk were damaged; the file is kept as {file}."
        );
        let action = "Look at the box's own disk. What stood before the damage is in use; delete the file once \
             nothing is missed.";
        finding(Severity::Warning, sentence, action)
    }));
    out.extend(facts.no_talk.iter().map(|why| {
        let sentence = format!("No talk with friends' boxes: {why}");
        finding(Severity::Warning, sentence, "Look at the address and port in the settings.")
    }));
    out
}

fn finding(severity: Severity, sentence: String, action: &str) -> Finding {
    Finding { severity, sentence, action: action.to_owned() }
}

fn trouble_finding(name: &str, trouble: Trouble) -> Finding {
    let (severity, sentence, action) = match trouble {
        Trouble::WentBack => (
            Severity::Alarm,
            format!(
                "{name}'s box has seen newer versions of this box than it has: it went back in time."
            ),
            "Was a disk put back, or a copy of the box started? If so, say that it is right on the friends' page; \
             until then nothing is let go there.",
        ),
        Trouble::Forked => (
            Severity::Alarm,
            format!(
                "{name}'s box has seen versions that this box never made: there are two of it."
            ),
            "Look for a second box with this vault and switch one off.",
        ),
        Trouble::HeadNotShown => (
            Severity::Warning,
            format!("{name}'s box says it has seen a version of this box and cannot show it."),
            "Ask whether a disk failed there; nothing is wrong here.",
        ),
        Trouble::TheyWentBack => (
            Severity::Warning,
            format!("{name}'s box went back in time: it offers older versions than before."),
            "Tell them: a disk may have been put back, or somebody else runs their box.",
        ),
        Trouble::TheyForked => (
            Severity::Warning,
            format!("There seem to be two of {name}'s box."),
            "Tell them to look for a second box with their vault.",
        ),
        Trouble::Flooded => (
            Severity::Notice,
            format!("{name}'s box asked without end and was cut off for a while."),
            "If it goes on, ask for an update there, or block it.",
        ),
        Trouble::Full => (
            Severity::Notice,
            format!("{name}'s box takes nothing more for now."),
            "Ask for more room there, or invite another friend.",
        ),
        Trouble::CameBack => (
            Severity::Notice,
            format!(
                "{name} came back with a fresh box and the 24 words; the box of before is let in no more."
            ),
            "Call and ask whether it was them: whoever has their words can do this. Then say on the friends' \
             page that you have looked.",
        ),
        Trouble::FiguresDiffer => (
            Severity::Notice,
            format!("{name}'s box and this one count differently what is kept."),
            "It is compared again each day; if it stays, tell each other.",
        ),
        Trouble::Stopped => (
            Severity::Alarm,
            format!("{name} ended the pact at once: what was kept there counts as lost."),
            "Copies go to other friends where there is room; invite another.",
        ),
        Trouble::Strange => (
            Severity::Warning,
            format!("{name}'s box keeps much that this box does not know; none of it is let go."),
            "If this box was set up anew, bring its files back first.",
        ),
        Trouble::RecordsFailed | Trouble::DiskFailed | Trouble::ClockUnsure | Trouble::LostHere => {
            return trouble_here(name, trouble);
        }
    };
    finding(severity, sentence, action)
}

/// What is wrong in this box, as far as one friend is concerned.
fn trouble_here(name: &str, trouble: Trouble) -> Finding {
    let (severity, sentence, action) = match trouble {
        Trouble::RecordsFailed => (
            Severity::Warning,
            format!("What is written down about {name} on the box's own disk cannot be used."),
            "Look at the box's own disk and start the box anew; until then there is no talk with that friend.",
        ),
        Trouble::DiskFailed => (
            Severity::Warning,
            format!("A disk that keeps something for {name} failed."),
            "See to the disks; nothing is kept or proved there until it can be used again.",
        ),
        Trouble::ClockUnsure => (
            Severity::Notice,
            format!(
                "The box is not sure of its clock, and lets nothing go that {name} wants gone."
            ),
            "Give it the network, or say that its time is right.",
        ),
        _ => (
            Severity::Warning,
            format!("Something that was kept here for {name} is lost or damaged."),
            "It is sent again by itself; see to the disks if one is failing.",
        ),
    };
    finding(severity, sentence, action)
}

/// What the owner of a box that is dark is written.
pub(crate) fn silence_words(word: Word) -> &'static str {
    match word {
        Word::Dark => "Your box has been dark for two weeks. All that is kept here for you stays.",
        Word::StillKept => "Your box is still dark. All that is kept here for you stays.",
        Word::ClauseEndsSoon => {
            "In a month what we agreed on for a silent box has passed. Nothing goes by itself; please call."
        }
        Word::ClauseEnded => {
            "What we agreed on for a silent box has passed. All of it stays until notice is given."
        }
        Word::NoticeGiven => "Notice was given: please find another home for what is kept here.",
        Word::EndsSoon => "In a week our pact ends, and what is kept here may go then.",
        Word::Ended => "Our pact has ended. What is kept here goes once its owner here says so.",
    }
}
