//! The caretaker of the box's disks: what it holds, and how it looks.
//!
//! Probing wakes a disk, so only what is new or was touched is probed; the rest is remembered.
//! Start at [`Caretaker::open`], then [`Caretaker::look`]; what is done is in `work`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use board::{Board, BoardError, DiskInfo, Event, Mounted, Prepared, SmartFacts};
use plan::disk::{How, News, Roster, Seen};
use types::{DiskContent, DiskIdentity, Light, Millis, Rng, VaultId};
use volume::FsDisk;

use crate::again::Again;
use crate::error::DisksError;
use crate::file;
use crate::patience::Waiting;
use crate::refused::Refused;
use crate::rest::Rest;
use crate::seat::{Seat, Work};
use crate::witness::Seen as Faults;

/// What a caretaker works with.
#[derive(Clone, Debug)]
pub struct Parts {
    /// The hardware.
    pub board: Arc<dyn Board>,
    /// Where the vault sits.
    pub seat: Arc<dyn Seat>,
    /// For labels of new file systems.
    pub rng: Arc<dyn Rng>,
    /// The vault that the box is for.
    pub vault: VaultId,
    /// How long a disk is waited for that is looked at or mounted before the others go on without it:
    /// [`PATIENCE`] outside of tests.
    pub patience: Duration,
}

/// As long as disks answer nothing at all, they are waited for this long and the others go on; the
/// answer is taken when it comes. Disks that sleep need up to 20 seconds to wake, bridges some more.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// A disk that is mounted for the vault.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) mounted: Mounted,
    pub(crate) how: How,
}

/// The caretaker. One at a time; its steps may take long, and say how far they are.
#[derive(Debug)]
pub struct Caretaker {
    pub(crate) parts: Parts,
    pub(crate) folder: FsDisk,
    pub(crate) roster: Roster,
    /// What was found on each disk that is plugged in.
    pub(crate) contents: BTreeMap<DiskIdentity, DiskContent>,
    pub(crate) held: BTreeMap<DiskIdentity, Held>,
    /// Disks that the vault has let go of, and that are not unmounted yet: they count as mounted.
    pub(crate) leaving: BTreeMap<DiskIdentity, How>,
    /// Which time each disk was plugged in at the last look: what the roster says of it, and the yes
    /// of its owner, is about that time.
    pub(crate) attached: BTreeMap<DiskIdentity, u64>,
    /// Disks with which something failed; tried again when something happens to them, or after a
    /// while, later each time.
    pub(crate) refused: Refused,
    /// Copying got nowhere while so many packs lacked a copy; tried again when that or a disk
    /// changes, or after a while (`again`), and not before: trying wakes the disks.
    pub(crate) stuck: Option<u64>,
    /// When what got nowhere is tried again although nothing is known to have changed.
    pub(crate) again: Again,
    pub(crate) lights: BTreeMap<String, Light>,
    /// Bays that their owner looks for.
    pub(crate) pointed_at: BTreeSet<String>,
    pub(crate) probed: Waiting<Result<DiskContent, BoardError>>,
    pub(crate) mounting: Waiting<Result<Mounted, BoardError>>,
    pub(crate) smart_asked: Waiting<Result<SmartFacts, BoardError>>,
    /// What each disk said last about its health.
    pub(crate) smart: BTreeMap<DiskIdentity, SmartFacts>,
    pub(crate) preparing: Waiting<Result<Prepared, BoardError>>,
    pub(crate) putting_back: Waiting<Result<(), BoardError>>,
    pub(crate) unmounting: Waiting<Result<(), BoardError>>,
    /// What went wrong with each disk while it was used, since it was plugged in.
    pub(crate) seen: BTreeMap<DiskIdentity, Arc<Faults>>,
    /// How long each has not been used.
    pub(crate) rests: BTreeMap<DiskIdentity, Rest>,
    pub(crate) falling_asleep: Waiting<Result<(), BoardError>>,
    /// Works of the seat that were begun here and not seen to be over.
    pub(crate) begun: BTreeSet<Work>,
    /// What is mounted has changed since the vault was opened.
    pub(crate) reopen_due: bool,
    /// What the owner was not told yet.
    pub(crate) news: Vec<News>,
    /// What stands in the roster's file.
    kept: String,
    /// For which orders the board was told to keep what was there before.
    needed: Option<BTreeSet<String>>,
    /// No roster was kept so far: the vault's disks are met for the first time.
    pub(crate) first: bool,
}

impl Caretaker {
    /// Takes up what was kept in a folder. Nothing is mounted until the first step.
    pub fn open(parts: Parts, folder: &Path) -> Result<Self, DisksError> {
        let folder = file::folder(folder)?;
        let kept = file::read(&folder, parts.vault)?;
        let first = kept.is_none();
        let mut roster = kept.unwrap_or_else(|| Roster::new(parts.vault));
        let news = roster.begin_anew();
        Ok(Self {
            parts,
            folder,
            roster,
            contents: BTreeMap::new(),
            held: BTreeMap::new(),
            leaving: BTreeMap::new(),
            attached: BTreeMap::new(),
            refused: Refused::default(),
            stuck: None,
            again: Again::default(),
            lights: BTreeMap::new(),
            pointed_at: BTreeSet::new(),
            probed: Waiting::default(),
            mounting: Waiting::default(),
            smart_asked: Waiting::default(),
            smart: BTreeMap::new(),
            preparing: Waiting::default(),
            putting_back: Waiting::default(),
            unmounting: Waiting::default(),
            seen: BTreeMap::new(),
            rests: BTreeMap::new(),
            falling_asleep: Waiting::default(),
            begun: BTreeSet::new(),
            reopen_due: false,
            news,
            kept: String::new(),
            needed: None,
            first,
        })
    }

    /// All disks that are known, and the life of each.
    pub fn roster(&self) -> &Roster {
        &self.roster
    }

    /// Looks at what is plugged in and says what is new. A disk that went and came back between two
    /// looks is seen to have gone, because what was mounted from it is dead.
    pub fn look(&mut self) -> Result<(), DisksError> {
        let disks = self.parts.board.disks()?;
        let stayed = |disk: &&DiskInfo| {
            self.attached.get(&disk.identity).is_none_or(|before| *before == disk.attached)
        };
        let rest: Vec<DiskInfo> = disks.iter().filter(stayed).cloned().collect();
        if rest.len() < disks.len() {
            self.take_in(&rest)?;
        }
        self.attached = disks.iter().map(|disk| (disk.identity.clone(), disk.attached)).collect();
        self.take_in(&disks)
    }

    /// What happened to disks since this was last asked, oldest first.
    pub fn take_news(&mut self) -> Vec<News> {
        std::mem::take(&mut self.news)
    }

    /// Something happened to the hardware: looks again.
    pub fn on_event(&mut self, event: &Event) -> Result<(), DisksError> {
        match event {
            Event::Button(_) => return Ok(()),
            Event::Inserted(info) | Event::Changed(info) => {
                self.contents.remove(&info.identity);
                self.refused.remove(&info.identity);
            }
            Event::Overflow => self.refused.clear(),
            Event::Removed(_) => {}
        }
        self.look()
    }

    fn take_in(&mut self, disks: &[DiskInfo]) -> Result<(), DisksError> {
        let is_here = |identity: &DiskIdentity| disks.iter().any(|disk| disk.identity == *identity);
        self.contents.retain(|identity, _| is_here(identity));
        let held = self.held.len();
        self.held.retain(|identity, _| is_here(identity));
        // The vault must not count on what is gone: neither for a copy nor for a piece that it need not
        // store again.
        self.reopen_due |= self.held.len() < held;
        if self.held.len() < held {
            // Whoever opens the vault next must not be given what is dead.
            self.parts.seat.keep_in_mind(self.disks());
        }
        self.leaving.retain(|identity, _| is_here(identity));
        self.refused.retain(is_here);
        self.smart.retain(|identity, _| is_here(identity));
        // Being pulled is no fault of a disk.
        self.seen.retain(|identity, _| is_here(identity));
        self.forget_questions(is_here);
        self.probe(disks);
        let seen: Vec<Seen> = disks.iter().map(|disk| self.seen(disk)).collect();
        self.meet(&seen)?;
        let news = self.roster.look(&seen);
        if !news.is_empty() {
            self.stuck = None;
            self.parts.seat.try_anew();
        }
        self.news.extend(news);
        self.keep()
    }

    /// What was asked of a disk that went is not asked any more, whenever it may answer.
    fn forget_questions(&mut self, is_here: impl Fn(&DiskIdentity) -> bool) {
        self.probed.keep(&is_here);
        self.mounting.keep(&is_here);
        self.smart_asked.keep(&is_here);
        self.preparing.keep(&is_here);
        self.putting_back.keep(&is_here);
        self.unmounting.keep(&is_here);
        self.falling_asleep.keep(&is_here);
    }

    /// Looks at what is on disks, where that is not known. One that cannot be read, or does not answer
    /// in time, is shown as such; it is no reason not to see the others.
    fn probe(&mut self, disks: &[DiskInfo]) {
        let unknown = disks.iter().map(|disk| &disk.identity);
        let unknown: Vec<DiskIdentity> =
            unknown.filter(|disk| !self.contents.contains_key(disk)).cloned().collect();
        let question = |disk: &DiskIdentity| {
            let (board, target) = (Arc::clone(&self.parts.board), disk.clone());
            (disk.clone(), move || board.probe(&target))
        };
        let questions: Vec<_> = unknown.iter().map(question).collect();
        let mut found = self.probed.ask_all(questions, self.parts.patience);
        for disk in unknown {
            let content = found.remove(&disk).and_then(Result::ok).unwrap_or(DiskContent::Unknown);
            self.contents.insert(disk, content);
        }
    }

    fn seen(&self, disk: &DiskInfo) -> Seen {
        let content = self.contents.get(&disk.identity).cloned().unwrap_or(DiskContent::Unknown);
        Seen {
            identity: disk.identity.clone(),
            place: disk.place.to_string(),
            bay: disk.place.bay().map(str::to_owned),
            content,
        }
    }

    /// The same, and nothing is looked at: whatever is asked next waits its whole time.
    pub fn count(&mut self, span: Millis) {
        self.roster.passed(span);
        self.again.passed(span, self.stuck.is_some());
    }

    /// Time passed, as a clock counts it that cannot be set. Called every minute or so; disks that could
    /// not be looked at are looked at once more.
    pub fn passed(&mut self, span: Millis) -> Result<(), DisksError> {
        self.count(span);
        self.refused.passed(span);
        self.contents.retain(|_, content| *content != DiskContent::Unknown);
        self.look()
    }

    /// What a board keeps of disks from before they were formatted takes room, and is of use only for those
    /// that can still be put back: it is told which, when that has changed.
    fn let_go_of_the_rest(&mut self) {
        let needed = self.roster.keeps();
        if self.needed.as_ref() != Some(&needed) && self.parts.board.keep_only(&needed).is_ok() {
            self.needed = Some(needed);
        }
    }

    /// Keeps the roster, unless it is what was kept last: the system's own disk may sleep, too.
    pub(crate) fn keep(&mut self) -> Result<(), DisksError> {
        let text = file::text(self.parts.vault, &self.roster)?;
        if text != self.kept {
            file::write(&self.folder, &text)?;
            self.kept = text;
        }
        self.let_go_of_the_rest();
        Ok(())
    }
}
