//! A disk that is pulled while what was on it before it was formatted is kept, or is being put back: what is
//! remembered of it, and when it is believed to be back.
//!
//! Nothing goes on while it is away: the time for an undo stands still, so that whoever pulls the disk in a
//! fright loses nothing by it. It is known again, at any port, by its hardware and by what the box itself
//! left on it; where nothing proves the hardware, the port has to be the same. It is not waited for without
//! end, because what is kept takes room. Start at [`Roster::notice_back`] and [`Roster::keeps`].

use std::collections::BTreeSet;

use types::{Agreement, DiskContent, Foreign, Millis};

use super::joining::Joining;
use super::life::Life;
use super::news::{News, UndoNews};
use super::roster::{Entry, Roster, Seen, entry};

const DAY: Millis = Millis::from_secs(24 * 60 * 60);

/// What was kept is kept so long for a disk that is away: a week-end at somebody's who is asked what to do.
/// It is time that the box runs.
pub const KEPT_AWAY: Millis = Millis(7 * DAY.0);

/// The same for a disk that is half put back: nothing else can make it whole.
pub const HALF_AWAY: Millis = Millis(30 * DAY.0);

impl Roster {
    /// The labels of all orders for which a board has to keep what was there before; whatever else it
    /// keeps is of no use to anybody.
    pub fn keeps(&self) -> BTreeSet<String> {
        let needed = self.entries.iter().filter(|entry| waits_for(entry).outlives_a_pull());
        needed.filter_map(|entry| entry.label.clone()).collect()
    }

    /// Takes back what was pulled in the middle, and gives up what does not come.
    pub(super) fn notice_back(&mut self, seen: &[Seen], news: &mut Vec<News>) {
        for at in (0..self.entries.len()).rev() {
            let Life::TakenOut(joining) = self.entries[at].life else { continue };
            let candidates = seen.iter().filter(|disk| self.here(&disk.identity).is_none());
            let candidates: Vec<&Seen> =
                candidates.filter(|disk| is_its_hardware(&self.entries[at], disk)).collect();
            let fit = candidates.iter().filter(|disk| is_as_left(&self.entries[at], &disk.content));
            let fit: Vec<&Seen> = fit.copied().collect();
            match the_one(&self.entries[at], &fit) {
                Some(disk) => {
                    let before = self.entries[at].clone();
                    let Ok(life) = before.life.returned() else { continue };
                    news.extend(back(joining, disk));
                    // What its owner was shown stays: by it a disk that is whole again is known.
                    let (content, label) = (before.content, before.label);
                    self.entries[at] = Entry { content, label, ..entry(disk, life) };
                }
                None => self.not_back(at, joining, &candidates, news),
            }
        }
    }

    fn not_back(&mut self, at: usize, joining: Joining, others: &[&Seen], news: &mut Vec<News>) {
        let changed: Vec<&&Seen> =
            others.iter().filter(|disk| disk.content != DiskContent::Unknown).collect();
        let entry = &self.entries[at];
        let is_late = entry.away >= away_max(joining);
        if joining.is_undoable() {
            // It may be another of a dock that gives one serial to all: what is kept stays for a while.
            news.extend(changed.iter().map(|disk| undo(&disk.place, UndoNews::Lost)));
            let over = undo(&entry.place, UndoNews::Over { away: entry.away });
            news.extend(is_late.then_some(over));
        }
        // What was cut short while it was formatted is nobody's, and asked for anew.
        if is_late || !joining.is_undoable() && !changed.is_empty() {
            self.entries.remove(at);
        }
    }
}

pub(super) fn undo(place: &str, what: UndoNews) -> News {
    News::Undo { place: place.to_owned(), what }
}

/// How far it is, here or away.
fn waits_for(entry: &Entry) -> Joining {
    match entry.life {
        Life::TakenOut(joining) => joining,
        life => life.joining(),
    }
}

fn away_max(joining: Joining) -> Millis {
    if joining == Joining::PuttingBack { HALF_AWAY } else { KEPT_AWAY }
}

/// What is said of a stranger that is gone.
pub(super) fn gone(entry: &Entry) -> News {
    match entry.life.joining() {
        Joining::Kept { left, .. } => undo(&entry.place, UndoNews::TakenOut { left }),
        Joining::PuttingBack => undo(&entry.place, UndoNews::TakenOutHalf),
        _ => News::Gone { place: entry.place.clone() },
    }
}

fn back(joining: Joining, disk: &Seen) -> Option<News> {
    match joining {
        Joining::Kept { left, .. } => Some(undo(&disk.place, UndoNews::Again { left })),
        Joining::PuttingBack => Some(undo(&disk.place, UndoNews::GoesOn)),
        _ => None,
    }
}

/// Of two that fit, as clones do, the one at the old port, or none.
fn the_one<'a>(entry: &Entry, fit: &[&'a Seen]) -> Option<&'a Seen> {
    match fit {
        [] => None,
        [one] => Some(one),
        many => many.iter().find(|disk| disk.identity.port == entry.identity.port).copied(),
    }
}

fn is_its_hardware(entry: &Entry, disk: &Seen) -> bool {
    match entry.identity.agrees(&disk.identity) {
        Agreement::Same => true,
        Agreement::Unproved => entry.identity.port == disk.identity.port,
        Agreement::Other => false,
    }
}

/// Whether on a disk is what the box left there. Being put back, it may be anywhere between: empty, marked
/// as unfinished, or whole already.
fn is_as_left(entry: &Entry, content: &DiskContent) -> bool {
    let Life::TakenOut(joining) = entry.life else { return false };
    let is_empty = bears(entry, content)
        && matches!(content, DiskContent::Foreign(Foreign { files: Some(0), .. }));
    match joining {
        Joining::PuttingBack => {
            let is_marked = bears(entry, content)
                && matches!(
                    content,
                    DiskContent::Foreign(Foreign { files: None, file_system: None, .. })
                );
            is_empty || is_marked || *content == entry.content
        }
        _ => is_empty,
    }
}

/// Whether it bears the label of the entry's own order.
fn bears(entry: &Entry, content: &DiskContent) -> bool {
    let DiskContent::Foreign(foreign) = content else { return false };
    foreign.label.is_some() && foreign.label == entry.label
}

/// Whether a disk that stayed, and could be put back as it was, surely cannot any more. What could not be
/// looked at, or not be counted, says nothing; the board compares before it writes.
pub(super) fn is_past_undo(entry: &Entry, content: &DiskContent) -> bool {
    let is_kept = matches!(entry.life.joining(), Joining::Kept { .. });
    let is_empty = match content {
        DiskContent::Unknown => true,
        DiskContent::Foreign(foreign) => {
            bears(entry, content) && foreign.files.is_none_or(|files| files == 0)
        }
        DiskContent::Blank | DiskContent::Volume(_) => false,
    };
    // A look from before it was formatted shows what was there then.
    is_kept && !is_empty && *content != entry.content
}
