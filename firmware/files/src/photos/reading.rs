//! Looking through a source: a walk over its newest version, then the front of each photo that says when it
//! was taken. A thread for each source, only while somebody looks at its timeline, one file at a time.
//!
//! Start at [`begin`].

use std::sync::Arc;

use format::entry::{Entry, EntryKind, FileTime};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use pictures::{HEAD_LEN, Look, Sort, Unseen, made, sort_of};
use vault::{SnapshotInfo, WalkOn};

use super::timeline::{Dated, Item, TakenFrom};
use super::{Key, Photos, ROOM_MAX};
use crate::browse::{At, Version, version_of};
use crate::error::FilesError;
use crate::{Lender, Place};

/// Entries that are walked over while the vault is borrowed.
const WALKED_AT_ONCE: usize = 2_000;
/// Entries of one version that are walked over.
const WALKED_MAX: usize = 5_000_000;
/// A path that is longer is no photo's: whoever wants to fill the memory makes it so.
const PATH_MAX: usize = 4_096;
/// Photos whose dates are told together.
const TOLD_AT_ONCE: usize = 32;

/// Looks through a source on a thread of its own.
pub(super) fn begin(photos: &Arc<Photos>, lender: &Arc<dyn Lender>, key: Key, place: &Place) {
    let reading = Reading {
        photos: Arc::clone(photos),
        lender: Arc::clone(lender),
        key,
        place: place.clone(),
    };
    let named = std::thread::Builder::new().name("photos".to_owned());
    // Where no thread can be had now, or it gives up half way, the next look begins again.
    drop(named.spawn(move || drop(reading.all())));
}

struct Reading {
    photos: Arc<Photos>,
    lender: Arc<dyn Lender>,
    key: Key,
    place: Place,
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.photos.known().at_work.remove(&self.key);
    }
}

impl Reading {
    fn all(&self) -> Result<(), FilesError> {
        let info = version_of(&*self.lender.lend()?, &self.place, &At::Newest)?;
        let version = Version { id: info.id, received: info.received };
        if self.photos.known().look(self.key).version != Some(version) {
            let (items, left_out) = self.walked(&info)?;
            let mut known = self.photos.known();
            known.look(self.key).becomes(version, items, left_out);
            known.make_room(self.key);
        }
        self.dates(&info)
    }

    /// The photos of a version, in the order of their paths, and how many more there are.
    fn walked(&self, info: &SnapshotInfo) -> Result<(Vec<Item>, u64), FilesError> {
        let (mut items, mut left_out) = (Vec::new(), 0);
        let (mut room, mut walked) = (ROOM_MAX, 0);
        let mut after: Option<Vec<u8>> = None;
        loop {
            let vault = self.lender.lend()?;
            let root = vault.read_snapshot(info)?.root;
            let (mut seen, mut last) = (0, None);
            vault.walk_from(info.space, &root, after.as_deref(), &mut |listed| {
                seen += 1;
                if let Some(item) = self.item(&listed.path, &listed.entry) {
                    match room.checked_sub(item.room()) {
                        Some(left) if item.path.len() <= PATH_MAX => {
                            room = left;
                            items.push(item);
                        }
                        _ => left_out += 1,
                    }
                }
                last = Some(listed.path);
                if seen < WALKED_AT_ONCE { WalkOn::Next } else { WalkOn::Stop }
            })?;
            walked += seen;
            if seen < WALKED_AT_ONCE {
                return Ok((items, left_out));
            }
            // A few small folders can be written so that they stand in each other thousands of times.
            if walked >= WALKED_MAX {
                return Ok((items, left_out + 1));
            }
            after = last;
        }
    }

    fn item(&self, path: &[u8], entry: &Entry) -> Option<Item> {
        let sort = sort_of(path).filter(|_| entry.kind == EntryKind::File && entry.size > 0)?;
        let FileTime { secs, .. } = entry.attrs.mtime;
        let file = on_the_wall(secs, &self.photos.zone, TakenFrom::NotRead);
        Some(Item { path: path.into(), tag: tree::tag(entry), size: entry.size, file, sort })
    }

    /// Asks each photo that was not asked before. Others have the disks first.
    fn dates(&self, info: &SnapshotInfo) -> Result<(), FilesError> {
        let mut eyes = self.photos.eyes.open();
        let root = self.lender.lend()?.read_snapshot(info)?.root;
        let mut from = 0;
        loop {
            let (items, next) = self.photos.known().look(self.key).unread(from, TOLD_AT_ONCE);
            if items.is_empty() {
                return Ok(());
            }
            let mut found = Vec::with_capacity(items.len());
            for item in items {
                // Whoever looks at the timeline asks again, and others may be looked through meanwhile.
                if !self.lender.is_at_rest() {
                    return Ok(());
                }
                match self.date(info, &root, &item, &mut *eyes) {
                    Ok(dated) => found.push((item.tag, dated)),
                    // It says nothing about this photo.
                    Err(Unseen::Nobody) => return Ok(()),
                    Err(_) => found.push((item.tag, None)),
                }
            }
            self.photos.known().look(self.key).learns(found);
            from = next;
        }
    }

    fn date(
        &self,
        info: &SnapshotInfo,
        root: &Entry,
        item: &Item,
        eyes: &mut dyn Look,
    ) -> Result<Option<Dated>, Unseen> {
        let front = match self.front(info, root, item) {
            Ok(front) => front,
            // A box that was locked says nothing about the photo.
            Err(FilesError::NotOpen(_)) => return Err(Unseen::Nobody),
            // What lies on a disk that is away is asked again when the box starts anew.
            Err(_) => return Ok(None),
        };
        match front {
            Front::Film(secs) => {
                Ok(secs.map(|secs| on_the_wall(secs, &self.photos.zone, TakenFrom::Film)))
            }
            // The vault is not borrowed for as long as this takes.
            Front::Picture(head) => Ok(eyes.date(&head)?.map(|taken| Dated {
                wall_secs: taken.wall_secs,
                offset_minutes: taken.offset_minutes,
                from: TakenFrom::Camera,
            })),
        }
    }

    fn front(&self, info: &SnapshotInfo, root: &Entry, item: &Item) -> Result<Front, FilesError> {
        let vault = self.lender.lend()?;
        let entry = vault.entry_below(info.space, root, &item.path)?;
        let mut read = |offset: u64, len: usize| -> Result<Vec<u8>, FilesError> {
            let mut bytes = Vec::new();
            vault.visit_range(info.space, &entry, offset, len as u64, &mut |piece| {
                bytes.extend_from_slice(piece);
                Ok(())
            })?;
            Ok(bytes)
        };
        Ok(match item.sort {
            Sort::Film => Front::Film(made(entry.size, &mut read)?),
            Sort::Drawn | Sort::Dated => Front::Picture(read(0, HEAD_LEN)?),
        })
    }
}

/// What a file is asked by.
enum Front {
    /// When it was made, UTC.
    Film(Option<i64>),
    /// Its first bytes.
    Picture(Vec<u8>),
}

/// What a clock on the wall of this zone shows at a second of UTC.
fn on_the_wall(secs: i64, zone: &TimeZone, from: TakenFrom) -> Dated {
    let Ok(at) = Timestamp::from_second(secs) else {
        return Dated { wall_secs: secs, offset_minutes: None, from };
    };
    let ahead = zone.to_offset(at).seconds();
    let offset_minutes = i16::try_from(ahead / 60).ok();
    Dated { wall_secs: secs.saturating_add(ahead.into()), offset_minutes, from }
}
