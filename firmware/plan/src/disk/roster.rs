//! All disks that the box knows: who is here, who is away, and what became of each at the last look.
//!
//! A disk that is here is known by its whole identity; a member that is away by its volume, and it
//! is believed again only when volume, generation and hardware agree. Where they do not, it goes
//! into quarantine, which writes nothing and mounts nothing. Start at [`Roster::look`].

use types::{DiskContent, DiskIdentity, Millis, VaultId, VolumeId, VolumeMark};

use super::joining::Joining;
use super::life::{Life, Wish};
use super::news::{News, UndoNews};
use super::taken_out;

/// A disk that is plugged in now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Who it is.
    pub identity: DiskIdentity,
    /// Where, in words: "bay 2".
    pub place: String,
    /// The bay, if it is in one.
    pub bay: Option<String>,
    /// What is on it.
    pub content: DiskContent,
}

/// A disk that the box knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Who it is, or was when it was last here.
    pub identity: DiskIdentity,
    /// Where it is, or was.
    pub place: String,
    /// The bay, if it is in one.
    pub bay: Option<String>,
    /// The volume that it is, or claims to be.
    pub volume: Option<VolumeId>,
    /// The newest generation of that volume that was seen.
    pub generation: u64,
    /// What was on it at the last look: what its owner was shown.
    pub content: DiskContent,
    /// Its life.
    pub life: Life,
    /// How long it has been away.
    pub away: Millis,
    /// Its owner was asked to pull it.
    pub pull_asked: bool,
    /// While it was away, its owner said that it does not come back.
    pub given_up: bool,
    /// The label of the order under which it is formatted: by it a board knows its own work again.
    pub label: Option<String>,
}

impl Entry {
    /// What messages call it: where it is, or was, and which it is. Another disk may be in that place by
    /// the time that somebody reads it.
    pub fn called(&self) -> String {
        let there = if self.life.is_here() { "in" } else { "last in" };
        let (model, letters) = (self.identity.model.trim(), self.identity.last_four());
        let model = if model.is_empty() { String::new() } else { format!("{model} ") };
        format!("disk {there} {} ({model}..{letters})", self.place)
    }
}

/// All of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roster {
    pub(super) vault: VaultId,
    pub(super) entries: Vec<Entry>,
}

impl Roster {
    /// A box that knows no disk.
    pub fn new(vault: VaultId) -> Self {
        Self { vault, entries: Vec::new() }
    }

    /// What was kept from before: whatever [`Self::entries`] gave.
    pub fn kept(vault: VaultId, entries: Vec<Entry>) -> Self {
        Self { vault, entries }
    }

    /// All disks that are known.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The member with this volume, here or away.
    pub fn member(&self, volume: VolumeId) -> Option<&Entry> {
        let is_it = |entry: &&Entry| entry.volume == Some(volume);
        self.entries.iter().filter(is_it).find(|entry| entry.life.standing().is_some())
    }

    pub(super) fn member_at(&self, volume: VolumeId) -> Option<usize> {
        self.entries.iter().position(|e| e.volume == Some(volume) && e.life.standing().is_some())
    }

    /// The disk that is plugged in under this identity.
    pub fn here(&self, identity: &DiskIdentity) -> Option<&Entry> {
        self.here_at(identity).map(|at| &self.entries[at])
    }

    pub(super) fn here_at(&self, identity: &DiskIdentity) -> Option<usize> {
        self.entries.iter().position(|e| e.life.is_here() && e.identity == *identity)
    }

    /// Takes in what is plugged in now, and says what is new. Twice the same look is once.
    pub fn look(&mut self, seen: &[Seen]) -> Vec<News> {
        let mut news = Vec::new();
        self.notice_gone(seen, &mut news);
        for disk in seen {
            self.notice_change(disk, &mut news);
        }
        self.notice_claims(seen, &mut news);
        self.notice_back(seen, &mut news);
        for disk in
            seen.iter().filter(|disk| self.here(&disk.identity).is_none()).collect::<Vec<_>>()
        {
            let life = stranger(&disk.content);
            news.push(News::Appeared { place: disk.place.clone(), blank: life == BLANK });
            self.entries.push(entry(disk, life));
        }
        self.doubt_again();
        news
    }

    fn notice_gone(&mut self, seen: &[Seen], news: &mut Vec<News>) {
        let is_seen = |entry: &Entry| seen.iter().any(|disk| disk.identity == entry.identity);
        let stays = |e: &&Entry| e.life.is_here() && is_seen(e);
        let wanted = self.entries.iter().filter(stays).find(|e| e.pull_asked);
        let meant = || self.entries.iter().filter(stays).find(|e| e.life.wish() == Wish::Replace);
        let wanted = wanted.or_else(meant).map(|entry| entry.place.clone());
        let mut kept = Vec::new();
        for mut entry in std::mem::take(&mut self.entries) {
            if !entry.life.is_here() || is_seen(&entry) {
                kept.push(entry);
                continue;
            }
            news.push(match (&wanted, entry.life.standing()) {
                _ if entry.pull_asked => News::RightPulled { place: entry.place.clone() },
                (_, None) => taken_out::gone(&entry),
                (None, Some(_)) => News::Missing { place: entry.place.clone() },
                (Some(wanted), Some(_)) => {
                    News::WrongPulled { place: entry.place.clone(), wanted: wanted.clone() }
                }
            });
            if let Ok(Some(life)) = entry.life.pulled() {
                (entry.life, entry.away, entry.pull_asked) = (life, Millis(0), false);
                // Of a stranger that said that it is a member: it says so anew when it is put back.
                entry.volume = entry.volume.filter(|_| life.standing().is_some());
                kept.push(entry);
            }
        }
        self.entries = kept;
    }

    /// A disk that stayed, with something else on it than before.
    fn notice_change(&mut self, disk: &Seen, news: &mut Vec<News>) {
        let Some(at) = self.here_at(&disk.identity) else { return };
        let entry = &mut self.entries[at];
        (entry.place, entry.bay) = (disk.place.clone(), disk.bay.clone());
        if taken_out::is_past_undo(entry, &disk.content) {
            news.push(taken_out::undo(&disk.place, UndoNews::Lost));
            self.entries.remove(at);
            return;
        }
        if entry.content == disk.content || entry.life.joining().has_begun() {
            return;
        }
        let same_volume = matches!(&disk.content, DiskContent::Volume(mark)
            if Some(mark.volume) == entry.volume);
        match entry.life {
            // What is in use is not judged by a look from outside that failed.
            Life::Rescue | Life::Courier => entry.content = disk.content.clone(),
            _ if entry.life.standing().is_some() && disk.content == DiskContent::Unknown => {}
            _ if entry.life.standing().is_some() || entry.life == Life::Drained => {
                if same_volume {
                    entry.content = disk.content.clone();
                    entry.generation = entry.generation.max(generation(&disk.content));
                } else if let Ok(Some(life)) = entry.life.pulled() {
                    // The same hardware without the volume: the member is gone, a stranger is here.
                    (entry.life, entry.away, entry.pull_asked) = (life, Millis(0), false);
                    news.push(News::Missing { place: disk.place.clone() });
                } else {
                    self.entries.remove(at);
                }
            }
            _ => {
                let asked = entry.life.joining() != Joining::No;
                if asked {
                    news.push(News::EraseStopped { place: disk.place.clone() });
                }
                self.entries.remove(at);
            }
        }
    }

    /// A member that its owner wants replaced and for which no disk is on its way yet.
    pub(super) fn wants_replacement(&self) -> Option<&Entry> {
        let on_its_way = |volume| {
            let aims = self.entries.iter().map(|entry| super::life::replaced_by(&entry.life));
            aims.flatten().any(|aim| Some(aim) == volume)
        };
        self.entries.iter().find(|e| e.life.wish() == Wish::Replace && !on_its_way(e.volume))
    }
}

const BLANK: Life = Life::Blank(Joining::No);

fn stranger(content: &DiskContent) -> Life {
    match content {
        DiskContent::Blank => BLANK,
        DiskContent::Unknown | DiskContent::Volume(_) | DiskContent::Foreign(_) => {
            Life::Foreign(Joining::No)
        }
    }
}

pub(super) fn entry(disk: &Seen, life: Life) -> Entry {
    Entry {
        identity: disk.identity.clone(),
        place: disk.place.clone(),
        bay: disk.bay.clone(),
        volume: None,
        generation: generation(&disk.content),
        content: disk.content.clone(),
        life,
        away: Millis(0),
        pull_asked: false,
        given_up: false,
        label: None,
    }
}

pub(super) fn generation(content: &DiskContent) -> u64 {
    match content {
        DiskContent::Volume(VolumeMark { generation, .. }) => *generation,
        _ => 0,
    }
}
