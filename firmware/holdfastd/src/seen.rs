//! From the roster of disks to what their owner is shown.
//!
//! Pure: facts in, words out. Start at [`shown`] and [`questions`].

mod taken_out;

use std::collections::BTreeMap;

use calls::{DiskShown, Joining, Question, QuestionKind};
use plan::disk::Joining as Planned;
use plan::disk::{Action, Entry, Grade, Life, Offer, Roster, Standing, Verdict, Wish};
use types::{DiskContent, DiskIdentity, SmartFacts, VolumeId};

use taken_out::taken_out;

/// Hexadecimal letters that name a disk.
pub(crate) const ID_LEN: usize = 8;

/// The letters that name a disk where it is plugged in.
pub(crate) fn id_of(disk: &DiskIdentity) -> String {
    blake3::hash(format!("{disk:?}").as_bytes()).to_hex()[..ID_LEN].to_owned()
}

/// The letters that name a drive wherever it is plugged in; where it is, if it has no name of its own.
pub(crate) fn drive_id(disk: &DiskIdentity) -> String {
    if disk.serial.is_none() && disk.wwn.is_none() {
        return id_of(disk);
    }
    let named = format!("{:?}", (&disk.model, &disk.serial, &disk.wwn, disk.size));
    blake3::hash(named.as_bytes()).to_hex()[..ID_LEN].to_owned()
}

/// What else is known of the disks, by what it was learned.
#[derive(Debug, Default)]
pub(crate) struct Known<'a> {
    pub(crate) verdicts: BTreeMap<VolumeId, Verdict>,
    pub(crate) smart: BTreeMap<&'a DiskIdentity, SmartFacts>,
    /// How many copies their owner wants, if anybody knows.
    pub(crate) copies: Option<u8>,
}

/// Every disk, by place; those that are away last.
pub(crate) fn shown(roster: &Roster, known: &Known<'_>) -> Vec<DiskShown> {
    let mut entries: Vec<&Entry> = roster.entries().iter().collect();
    entries.sort_by(|a, b| (!a.life.is_here(), &a.place).cmp(&(!b.life.is_here(), &b.place)));
    entries.into_iter().map(|entry| one(roster, entry, known)).collect()
}

fn one(roster: &Roster, entry: &Entry, known: &Known<'_>) -> DiskShown {
    let disk = &entry.identity;
    let verdict = entry.volume.and_then(|volume| known.verdicts.get(&volume));
    let smart = known.smart.get(disk).cloned().unwrap_or_default();
    let (sentence, action) = said(roster, entry, verdict, known.copies);
    DiskShown {
        id: id_of(disk),
        place: entry.place.clone(),
        bay: entry.bay.clone(),
        model: disk.model.clone(),
        serial: disk.last_four(),
        size: disk.size.0,
        transport: disk.transport.word().to_owned(),
        life: word(&entry.life).to_owned(),
        sentence,
        action,
        volume: entry.volume.map(|volume| volume.to_string()),
        to_be_replaced: entry.life.wish() == Wish::Replace,
        safe_to_pull: entry.pull_asked && !roster.is_wanted_back(entry),
        joining: joining(entry.life.joining()),
        erase_word: roster.erase_word(disk).ok().map(|(word, _)| word),
        temperature_c: smart.temperature_c,
        power_on_hours: smart.power_on_hours,
    }
}

fn joining(joining: plan::disk::Joining) -> Option<Joining> {
    match joining {
        Planned::No => None,
        Planned::Waiting { left, .. } => Some(Joining::Waiting { left_ms: left.0 }),
        Planned::Ready { .. } => Some(Joining::Waiting { left_ms: 0 }),
        Planned::Formatting { .. } => Some(Joining::Formatting),
        Planned::Kept { left, .. } => Some(Joining::Kept { left_ms: left.0 }),
        Planned::PuttingBack => Some(Joining::PuttingBack),
        Planned::Formatted { .. } => Some(Joining::Formatted),
    }
}

/// The one word for a life, as programs know it.
fn word(life: &Life) -> &'static str {
    match life {
        Life::Blank(_) => "blank",
        Life::Foreign(_) => "foreign",
        Life::OursAbsent { .. } => "ours-absent",
        Life::Member { .. } => "member",
        Life::Watch { .. } => "watch",
        Life::Failed { .. } => "failed",
        Life::Retiring { .. } => "retiring",
        Life::Drained => "drained",
        Life::Rescue => "rescue",
        Life::Courier => "courier",
        Life::Quarantined(..) => "quarantined",
        Life::TakenOut(_) => "taken-out",
    }
}

/// What is the case with a disk, and what to do.
fn said(
    roster: &Roster,
    entry: &Entry,
    verdict: Option<&Verdict>,
    copies: Option<u8>,
) -> (String, String) {
    let words = |sentence: String, action: &str| (sentence, action.to_owned());
    let keep = format!("`holdfast --box default disk keep {}`", id_of(&entry.identity));
    if roster.is_wanted_back(entry) {
        let sentence = "It had left, and what it holds can be used again: another disk does not count any more.";
        return words(sentence.to_owned(), &format!("Leave it in, and take it back: {keep}."));
    }
    if entry.pull_asked {
        let sentence = "It is safe to pull this disk.".to_owned();
        let back = format!("Pull it when it suits you, or take it back: {keep}.");
        let action = if roster.has_left(entry) { &back } else { "Pull it when it suits you." };
        return words(sentence, action);
    }
    match entry.life {
        Life::Blank(_) => words("It is blank.".to_owned(), ""),
        Life::Foreign(_) if roster.has_left(entry) => {
            words("It had left this vault, with what is on it.".to_owned(), "")
        }
        Life::Foreign(_) => words(format!("On it: {}.", content(&entry.content)), ""),
        Life::OursAbsent { wish: Wish::Stay, was } if was != Standing::Retiring => {
            words("It is not here.".to_owned(), "Push it back in, or replace it.")
        }
        Life::OursAbsent { .. } => {
            words("It is not here, and leaves the vault.".to_owned(), "Nothing to do.")
        }
        Life::Retiring { .. } => match short(roster, copies) {
            Some(short) => words(
                format!("It is being emptied: {short}."),
                &format!("Leave it in, or keep it after all: {keep}."),
            ),
            None => words("It is being emptied.".to_owned(), "Leave it in."),
        },
        Life::Drained => words("It was emptied.".to_owned(), "Leave it in for a moment."),
        Life::Rescue => words("Plain files are written to it.".to_owned(), ""),
        Life::Courier => words("It carries packs.".to_owned(), ""),
        Life::TakenOut(joining) => taken_out(joining),
        Life::Quarantined(doubt, _) => words(
            format!("It is left alone: {}.", doubt.words()),
            "Pull it, or confirm it if it was moved on purpose.",
        ),
        Life::Member { .. } | Life::Watch { .. } | Life::Failed { .. } => match verdict {
            Some(verdict) => words(verdict.sentence.to_owned(), verdict.action),
            None if entry.life.standing() == Some(Standing::Failed) => {
                words("It failed, and is only read.".to_owned(), "Replace it.")
            }
            None => words("It takes part.".to_owned(), ""),
        },
    }
}

/// What the promise is worth when all have gone that are on their way out; none when it is kept.
fn short(roster: &Roster, copies: Option<u8>) -> Option<String> {
    let stays = |entry: &&Entry| {
        entry.life.wish() == Wish::Stay
            && !matches!(entry.life.standing(), None | Some(Standing::Retiring))
    };
    let left = roster.entries().iter().filter(stays).count();
    let copies = copies.filter(|copies| left < usize::from(*copies))?;
    Some(match left {
        0 | 1 => {
            format!("without it everything lies on one disk only, and you want {copies} copies")
        }
        _ => format!("without it there are {left} disks for the {copies} copies that you want"),
    })
}

/// What is on a disk, in words.
fn content(content: &DiskContent) -> String {
    match content {
        DiskContent::Unknown => "nobody knows, it could not be read".to_owned(),
        DiskContent::Blank => "nothing".to_owned(),
        DiskContent::Volume(mark) => format!("a volume of vault {}", mark.vault),
        DiskContent::Foreign(foreign) => {
            let kind = foreign.file_system.as_deref().unwrap_or("something that is not recognised");
            let label = foreign.label.as_ref().map(|label| format!(" called {label}"));
            let count = match (foreign.files, foreign.bytes) {
                (Some(files), Some(bytes)) => format!(", {files} files, {bytes}"),
                (Some(files), None) => format!(", {files} files"),
                _ => String::new(),
            };
            format!("{kind}{}{count}", label.unwrap_or_default())
        }
    }
}

/// What waits for the owner, the most urgent first.
pub(crate) fn questions(roster: &Roster, open: &[Action], copies: Option<u8>) -> Vec<Question> {
    let mut all: Vec<Question> =
        open.iter().filter_map(|action| question(roster, action, copies)).collect();
    all.sort_by_key(|question| question.kind);
    all
}

fn question(roster: &Roster, action: &Action, copies: Option<u8>) -> Option<Question> {
    let old = |volume: VolumeId| {
        roster.member(volume).map_or_else(|| "a disk".to_owned(), |e| format!("the {}", e.called()))
    };
    match action {
        Action::AskPull { disk } => {
            let entry = roster.here(disk).filter(|entry| !roster.is_wanted_back(entry))?;
            let short = short(roster, copies).filter(|_| roster.has_left(entry));
            let (why, back) = match short {
                Some(short) => {
                    (format!("what is on it is elsewhere, too; {short}"), ", or keep it")
                }
                None => ("nothing depends on it".to_owned(), ""),
            };
            let sentence = format!("The {} can be pulled now: {why}.", entry.called());
            let action = format!("Pull the disk in {}{back}.", entry.place);
            let disk = Some(id_of(disk));
            Some(Question { kind: QuestionKind::Pull, disk, sentence, action })
        }
        Action::AskInsert { bay, replaces } => {
            let to = bay.as_ref().map_or("any port".to_owned(), |bay| format!("bay {bay}"));
            let sentence = format!("A new disk is wanted in the place of {}.", old(*replaces));
            let action = format!("Put one into {to}; do not pull the old one before you are told.");
            Some(Question { kind: QuestionKind::Insert, disk: None, sentence, action })
        }
        Action::Offer { disk, offer } => {
            let entry = roster.here(disk)?;
            let instead = |replaces: &Option<VolumeId>| {
                replaces.map_or(String::new(), |volume| format!(" in the place of {}", old(volume)))
            };
            let (kind, sentence, action) = offered(entry, offer, instead);
            let sentence = format!("The {} {sentence}.", entry.called());
            Some(Question { kind, disk: Some(id_of(disk)), sentence, action })
        }
        _ => None,
    }
}

fn offered(
    entry: &Entry,
    offer: &Offer,
    instead: impl Fn(&Option<VolumeId>) -> String,
) -> (QuestionKind, String, String) {
    match offer {
        Offer::Adopt { replaces } => (
            QuestionKind::Adopt,
            "is blank".to_owned(),
            format!("Let it take part{}, if you want.", instead(replaces)),
        ),
        Offer::TakeBack => (
            QuestionKind::Keep,
            "had left the vault, and what was on it then is still there".to_owned(),
            "Take it back with that, pull it, or erase it.".to_owned(),
        ),
        Offer::Drive if entry.content == DiskContent::Unknown => (
            QuestionKind::Erase,
            "could not be read".to_owned(),
            "Pull it, or erase it and let it take part.".to_owned(),
        ),
        Offer::Drive => (
            QuestionKind::Drive,
            "has something on it".to_owned(),
            "Files can be restored onto it, beside what is there; or leave it as it is.".to_owned(),
        ),
        Offer::Erase { replaces } => (
            QuestionKind::Erase,
            "has something on it".to_owned(),
            format!("Pull it, or erase it and let it take part{}.", instead(replaces)),
        ),
        Offer::Settle { doubt } => (
            QuestionKind::Settle,
            format!("is in doubt: {}", doubt.words()),
            "Pull it, or confirm it if it was moved on purpose.".to_owned(),
        ),
    }
}

/// How much a grade matters; none when all is well.
pub(crate) fn severity(grade: Grade) -> Option<calls::Severity> {
    match grade {
        Grade::Healthy => None,
        Grade::Watch => Some(calls::Severity::Notice),
        Grade::ReplaceSoon => Some(calls::Severity::Warning),
        Grade::Failed => Some(calls::Severity::Alarm),
    }
}
