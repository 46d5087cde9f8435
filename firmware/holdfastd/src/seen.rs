//! From the roster of disks to what their owner is shown.
//!
//! Pure: facts in, words out. Start at [`shown`] and [`questions`].

use std::collections::BTreeMap;

use calls::{DiskShown, Joining, Question, QuestionKind};
use plan::disk::{Action, Entry, Grade, Life, Offer, Roster, Standing, Verdict, Wish};
use types::{DiskContent, DiskIdentity, SmartFacts, VolumeId};

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
    let (sentence, action) = said(entry, verdict);
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
        safe_to_pull: entry.pull_asked,
        joining: joining(entry.life.joining()),
        erase_word: roster.erase_word(disk).ok().map(|(word, _)| word),
        temperature_c: smart.temperature_c,
        power_on_hours: smart.power_on_hours,
    }
}

fn joining(joining: plan::disk::Joining) -> Option<Joining> {
    use plan::disk::Joining as Planned;
    match joining {
        Planned::No => None,
        Planned::Waiting { left, .. } => Some(Joining::Waiting { left_ms: left.0 }),
        Planned::Ready { .. } => Some(Joining::Waiting { left_ms: 0 }),
        Planned::Formatting { .. } => Some(Joining::Formatting),
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
    }
}

/// What is the case with a disk, and what to do.
fn said(entry: &Entry, verdict: Option<&Verdict>) -> (String, String) {
    let words = |sentence: String, action: &str| (sentence, action.to_owned());
    if entry.pull_asked {
        return words("It is safe to pull this disk.".to_owned(), "Pull it when it suits you.");
    }
    match entry.life {
        Life::Blank(_) => words("It is blank.".to_owned(), ""),
        Life::Foreign(_) => words(format!("On it: {}.", content(&entry.content)), ""),
        Life::OursAbsent { wish: Wish::Stay, was } if was != Standing::Retiring => {
            words("It is not here.".to_owned(), "Push it back in, or replace it.")
        }
        Life::OursAbsent { .. } => {
            words("It is not here, and leaves the vault.".to_owned(), "Nothing to do.")
        }
        Life::Retiring { .. } => words("It is being emptied.".to_owned(), "Leave it in."),
        Life::Drained => words("It was emptied.".to_owned(), "Leave it in for a moment."),
        Life::Rescue => words("Plain files are written to it.".to_owned(), ""),
        Life::Courier => words("It carries packs.".to_owned(), ""),
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
pub(crate) fn questions(roster: &Roster, open: &[Action]) -> Vec<Question> {
    let mut all: Vec<Question> =
        open.iter().filter_map(|action| question(roster, action)).collect();
    all.sort_by_key(|question| question.kind);
    all
}

fn question(roster: &Roster, action: &Action) -> Option<Question> {
    let place = |disk: &DiskIdentity| {
        roster.here(disk).map_or_else(|| disk.port.clone(), |entry| entry.place.clone())
    };
    let ask = |kind, disk: Option<&DiskIdentity>, sentence: String, action: String| {
        Some(Question { kind, disk: disk.map(id_of), sentence, action })
    };
    let old = |volume: VolumeId| {
        roster
            .member(volume)
            .map_or_else(|| "a disk".to_owned(), |e| format!("the disk in {}", e.place))
    };
    match action {
        Action::AskPull { disk } => ask(
            QuestionKind::Pull,
            Some(disk),
            format!("The disk in {} can be pulled now: nothing depends on it.", place(disk)),
            format!("Pull the disk in {}.", place(disk)),
        ),
        Action::AskInsert { bay, replaces } => {
            let to = bay.as_ref().map_or("any port".to_owned(), |bay| format!("bay {bay}"));
            let sentence = format!("A new disk is wanted in the place of {}.", old(*replaces));
            let action = format!("Put one into {to}; do not pull the old one before you are told.");
            ask(QuestionKind::Insert, None, sentence, action)
        }
        Action::Offer { disk, offer } => {
            let instead = |replaces: &Option<VolumeId>| {
                replaces
                    .map_or_else(String::new, |volume| format!(" in the place of {}", old(volume)))
            };
            match offer {
                Offer::Adopt { replaces } => ask(
                    QuestionKind::Adopt,
                    Some(disk),
                    format!("The disk in {} is blank.", place(disk)),
                    format!("Let it take part{}, if you want.", instead(replaces)),
                ),
                Offer::Erase { replaces } => ask(
                    QuestionKind::Erase,
                    Some(disk),
                    format!("The disk in {} has something on it.", place(disk)),
                    format!("Pull it, or erase it and let it take part{}.", instead(replaces)),
                ),
                Offer::Settle { doubt } => ask(
                    QuestionKind::Settle,
                    Some(disk),
                    format!("The disk in {} is in doubt: {}.", place(disk), doubt.words()),
                    "Pull it, or confirm it if it was moved on purpose.".to_owned(),
                ),
            }
        }
        _ => None,
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
