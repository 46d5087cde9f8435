//! Photos and films of a source by the day on which they were taken, and in small.
//!
//! Reads only, and keeps what it has found in memory, within bounds: it can all be found again. It decodes
//! no picture itself; that is done by whoever is given as [`Eyes`]. Start at [`Files::photo_months`],
//! [`Files::photos`] and [`Files::small_picture`].

mod reading;
mod small;
mod timeline;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::tz::TimeZone;
use pictures::{Eyes, Look, Taken, Unseen};
use types::{SourceId, SpaceId};

use crate::browse::{At, Version, source_of, version_of};
use crate::error::FilesError;
use crate::{Files, Place};

pub use small::{NoSmall, Small};
use timeline::Timeline;
pub use timeline::{Month, Photo, TakenFrom};

/// Photos in one page at most.
const PAGE_MAX: usize = 500;
/// Bytes that all timelines together may take, by [`timeline::Item::room`]: some 300,000 photos.
const ROOM_MAX: usize = 100 << 20;
/// Sources that are looked through at once.
const AT_WORK_MAX: usize = 2;

/// A source, whatever it is called.
type Key = (SpaceId, SourceId);

/// How many photos each month has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Months {
    /// The version whose photos these are; none until it has been looked through.
    pub version: Option<Version>,
    /// Another one whenever the order is another one: then pages that were read before are out of date.
    pub revision: u64,
    /// The newest first; a month without photos is not there.
    pub months: Vec<Month>,
    /// Photos in all months.
    pub total: usize,
    /// Of how many it is known whether they say when they were taken.
    pub read: usize,
    /// Photos for which there was no room.
    pub left_out: u64,
    /// A newer version is being looked through; ask again in a moment.
    pub looking: bool,
}

/// A part of the timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhotoPage {
    /// Of which order it is a part.
    pub revision: u64,
    /// The newest first.
    pub photos: Vec<Photo>,
}

/// What is known of photos, for all spaces.
#[derive(Debug)]
pub(crate) struct Photos {
    eyes: Arc<dyn Eyes>,
    zone: TimeZone,
    known: Mutex<Known>,
    small: small::Kept,
}

#[derive(Debug, Default)]
struct Known {
    timelines: HashMap<Key, Timeline>,
    at_work: HashSet<Key>,
    /// Counts up with each look.
    looks: u64,
}

/// Where nobody was named who looks.
#[derive(Debug)]
struct NoEyes;

impl Eyes for NoEyes {
    fn open(&self) -> Box<dyn Look + '_> {
        Box::new(Self)
    }
}

impl Look for NoEyes {
    fn date(&mut self, _head: &[u8]) -> Result<Option<Taken>, Unseen> {
        Err(Unseen::Nobody)
    }

    fn draw(&mut self, _whole: &[u8]) -> Result<Vec<u8>, Unseen> {
        Err(Unseen::Nobody)
    }
}

impl Photos {
    pub(crate) fn by(eyes: Arc<dyn Eyes>, zone: TimeZone) -> Self {
        Self { eyes, zone, known: Mutex::default(), small: small::Kept::default() }
    }

    pub(crate) fn by_nobody() -> Self {
        Self::by(Arc::new(NoEyes), TimeZone::UTC)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// The timeline of a source, which was just looked at.
    fn look(&mut self, key: Key) -> &mut Timeline {
        self.looks += 1;
        let timeline = self.timelines.entry(key).or_default();
        timeline.looked = self.looks;
        timeline
    }

    /// Lets those go that were longest not looked at, until all others fit beside this one.
    fn make_room(&mut self, key: Key) {
        while self.timelines.values().map(Timeline::room).sum::<usize>() > ROOM_MAX {
            let others = self.timelines.iter().filter(|(other, _)| **other != key);
            let oldest = others.min_by_key(|(_, timeline)| timeline.looked);
            let Some(oldest) = oldest.map(|(other, _)| *other) else { return };
            self.timelines.remove(&oldest);
        }
    }
}

impl Files {
    /// Photos are looked at by these eyes; times without a zone of their own are shown in this one.
    #[must_use]
    pub fn looking(mut self, eyes: Arc<dyn Eyes>, zone: TimeZone) -> Self {
        self.photos = Arc::new(Photos::by(eyes, zone));
        self
    }

    /// How many photos of a source's newest version each month has. Begins to look through it where nobody has,
    /// and waits for nothing.
    pub fn photo_months(&self, place: &Place) -> Result<Months, FilesError> {
        let (key, newest) = self.newest_of(place)?;
        let mut known = self.photos.known();
        let at_work = known.at_work.contains(&key);
        let timeline = known.look(key);
        timeline.arrange();
        let is_newest = timeline.version == Some(newest);
        let months = Months {
            version: timeline.version,
            revision: timeline.revision(),
            months: timeline.months().to_vec(),
            total: timeline.len(),
            read: timeline.read(),
            left_out: timeline.left_out,
            looking: !is_newest,
        };
        let wanted = !is_newest || months.read < months.total;
        if wanted && !at_work && known.at_work.len() < AT_WORK_MAX {
            known.at_work.insert(key);
            drop(known);
            reading::begin(&self.photos, &self.lender, key, place);
        }
        Ok(months)
    }

    /// A part of the timeline, in the order of [`Files::photo_months`].
    pub fn photos(
        &self,
        place: &Place,
        skip: usize,
        items: usize,
    ) -> Result<PhotoPage, FilesError> {
        let (key, _) = self.newest_of(place)?;
        let mut known = self.photos.known();
        let timeline = known.look(key);
        let mut photos = timeline.page(skip, items.clamp(1, PAGE_MAX));
        let revision = timeline.revision();
        drop(known);
        for photo in &mut photos {
            photo.no_small = photo.no_small.or_else(|| self.photos.small.refused(key.0, photo.tag));
        }
        Ok(PhotoPage { revision, photos })
    }

    fn newest_of(&self, place: &Place) -> Result<(Key, Version), FilesError> {
        let vault = self.lend()?;
        let source = source_of(&vault, place)?;
        let info = version_of(&vault, place, &At::Newest)?;
        Ok(((place.space, source), Version { id: info.id, received: info.received }))
    }
}
