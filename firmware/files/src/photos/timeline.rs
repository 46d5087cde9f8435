//! The photos of one version in the order in which they were taken. Pure.
//!
//! Start at [`Timeline::arrange`].

use std::cmp::Reverse;
use std::collections::HashMap;

use jiff::Timestamp;
use jiff::tz::Offset;
use pictures::Sort;
use tree::Tag;

use super::NoSmall;
use crate::browse::Version;

/// How it is known when a photo was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakenFrom {
    /// The camera's word in the picture.
    Camera,
    /// The film's word.
    Film,
    /// It does not say: the file's own time.
    FileTime,
    /// Nobody has looked yet: the file's own time, for now.
    NotRead,
}

/// A photo or film of the timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Photo {
    /// Its path.
    pub path: Vec<u8>,
    /// What it holds, as one value.
    pub tag: Tag,
    /// Its length.
    pub size: u64,
    /// Seconds from 1970-01-01 00:00 by the clock on the wall.
    pub wall_secs: i64,
    /// How far that clock was ahead of UTC, in minutes, where it is known.
    pub offset_minutes: Option<i16>,
    /// How that is known.
    pub from: TakenFrom,
    /// Whether it is a film.
    pub film: bool,
    /// Why there is no small picture of it; none while there may be one.
    pub no_small: Option<NoSmall>,
}

/// A month with photos.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Month {
    /// The year.
    pub year: i16,
    /// 1 to 12.
    pub month: i8,
    /// Photos in it.
    pub count: usize,
}

/// When, and how that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dated {
    pub(super) wall_secs: i64,
    pub(super) offset_minutes: Option<i16>,
    pub(super) from: TakenFrom,
}

/// A photo as it was found, not looked into.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) path: Box<[u8]>,
    pub(super) tag: Tag,
    pub(super) size: u64,
    /// The file's own time.
    pub(super) file: Dated,
    pub(super) sort: Sort,
}

/// What a photo takes beside its path, in all tables together.
const ROOM: usize = 250;
/// Months that are told apart; what is older is of the last one. Two thousand of them are 166 years.
const MONTHS_MAX: usize = 2_000;

impl Item {
    /// Bytes of memory that it takes.
    pub(super) fn room(&self) -> usize {
        self.path.len() + ROOM
    }
}

/// A timeline.
#[derive(Debug, Default)]
pub(super) struct Timeline {
    /// When it was last looked at, by the count of looks.
    pub(super) looked: u64,
    pub(super) version: Option<Version>,
    pub(super) left_out: u64,
    /// In the order of their paths.
    items: Vec<Item>,
    /// What was found by content: nothing where it does not say.
    dates: HashMap<Tag, Option<Dated>>,
    /// The newest first.
    order: Vec<u32>,
    room: usize,
    months: Vec<Month>,
    read: usize,
    revision: u64,
    stale: bool,
}

impl Timeline {
    /// Another version, whose photos are these. What is known of the same contents stays.
    pub(super) fn becomes(&mut self, version: Version, items: Vec<Item>, left_out: u64) {
        let mut before = std::mem::take(&mut self.dates);
        let known = |item: &Item| Some((item.tag, before.remove(&item.tag)?));
        self.dates = items.iter().filter_map(known).collect();
        (self.version, self.items, self.left_out) = (Some(version), items, left_out);
        self.room = self.items.iter().map(Item::room).sum();
        self.stale = true;
    }

    /// Bytes of memory that it takes.
    pub(super) fn room(&self) -> usize {
        self.room
    }

    /// What photos of these contents say.
    pub(super) fn learns(&mut self, found: impl IntoIterator<Item = (Tag, Option<Dated>)>) {
        self.dates.extend(found);
        self.stale = true;
    }

    /// Some whose dates are not known, from a place on, and the place behind them.
    pub(super) fn unread(&self, from: usize, most: usize) -> (Vec<Item>, usize) {
        let (mut found, mut at) = (Vec::new(), from);
        while found.len() < most && at < self.items.len() {
            let item = &self.items[at];
            if !self.dates.contains_key(&item.tag) {
                found.push(item.clone());
            }
            at += 1;
        }
        (found, at)
    }

    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    pub(super) fn read(&self) -> usize {
        self.read
    }

    pub(super) fn revision(&self) -> u64 {
        self.revision
    }

    pub(super) fn months(&self) -> &[Month] {
        &self.months
    }

    fn dated(&self, item: &Item) -> Dated {
        match self.dates.get(&item.tag) {
            Some(Some(dated)) => *dated,
            Some(None) => Dated { from: TakenFrom::FileTime, ..item.file },
            None => item.file,
        }
    }

    /// Puts everything in order, if anything has changed since that was last done.
    pub(super) fn arrange(&mut self) {
        if !std::mem::take(&mut self.stale) {
            return;
        }
        let mut all: Vec<(Reverse<i64>, u32)> = (0..)
            .zip(&self.items)
            .map(|(at, item)| (Reverse(self.dated(item).wall_secs), at))
            .collect();
        // Of one moment, by their paths.
        all.sort_unstable();
        self.read = self.items.iter().filter(|item| self.dates.contains_key(&item.tag)).count();
        self.months.clear();
        for (Reverse(wall), _) in &all {
            let (year, month) = month_of(*wall);
            let is_last = self.months.len() == MONTHS_MAX;
            match self.months.last_mut() {
                Some(last) if (last.year, last.month) == (year, month) => last.count += 1,
                Some(last) if is_last => last.count += 1,
                _ => self.months.push(Month { year, month, count: 1 }),
            }
        }
        self.order = all.into_iter().map(|(_, at)| at).collect();
        self.revision += 1;
    }

    /// A part of it, in the order that was last made.
    pub(super) fn page(&self, skip: usize, items: usize) -> Vec<Photo> {
        let order = self.order.iter().skip(skip).take(items);
        // An order that is older than the list of photos may name one that is no more.
        let found = order.filter_map(|at| self.items.get(usize::try_from(*at).ok()?));
        found.map(|item| self.shown(item)).collect()
    }

    fn shown(&self, item: &Item) -> Photo {
        let Dated { wall_secs, offset_minutes, from } = self.dated(item);
        let no_decoder = item.sort != Sort::Drawn;
        Photo {
            path: item.path.to_vec(),
            tag: item.tag,
            size: item.size,
            wall_secs,
            offset_minutes,
            from,
            film: item.sort == Sort::Film,
            no_small: no_decoder.then_some(NoSmall::NoDecoder),
        }
    }
}

/// The month on the wall. Times outside of all calendars are of the first or last there is.
fn month_of(wall_secs: i64) -> (i16, i8) {
    let (first, last) = (Timestamp::MIN.as_second(), Timestamp::MAX.as_second());
    let at = Timestamp::from_second(wall_secs.clamp(first, last)).unwrap_or_default();
    let date = Offset::UTC.to_datetime(at).date();
    (date.year(), date.month())
}

#[cfg(test)]
mod tests {
    use types::UnixTime;

    use super::*;

    const DAY: i64 = 86_400;

    fn item(name: u8, day: i64) -> Item {
        let file = Dated { wall_secs: day * DAY, offset_minutes: None, from: TakenFrom::NotRead };
        Item { path: Box::new([name]), tag: Tag([name; 32]), size: 1, file, sort: Sort::Drawn }
    }

    fn version(number: u8) -> Version {
        Version { id: types::ChunkId([number; 32]), received: UnixTime(0) }
    }

    fn names(timeline: &Timeline) -> Vec<u8> {
        timeline.page(0, 100).iter().map(|photo| photo.path[0]).collect()
    }

    #[test]
    fn photos_stand_by_the_files_time_until_they_are_read_and_then_by_their_own() {
        let mut timeline = Timeline::default();
        timeline.becomes(version(1), vec![item(1, 5), item(2, 40), item(3, 400)], 0);
        timeline.arrange();
        assert_eq!(names(&timeline), [3, 2, 1]);
        let months: Vec<_> = timeline.months().iter().map(|m| (m.year, m.month, m.count)).collect();
        assert_eq!(months, [(1971, 2, 1), (1970, 2, 1), (1970, 1, 1)]);
        let own = Dated { wall_secs: 39 * DAY, offset_minutes: Some(60), from: TakenFrom::Camera };
        timeline.learns([(Tag([3; 32]), Some(own)), (Tag([1; 32]), None)]);
        assert_eq!(names(&timeline), [3, 2, 1], "pages that are being read stay in order");
        timeline.arrange();
        assert_eq!((names(&timeline), timeline.read(), timeline.revision()), (vec![2, 3, 1], 2, 2));
        let from: Vec<_> = timeline.page(0, 9).iter().map(|photo| photo.from).collect();
        assert_eq!(from, [TakenFrom::NotRead, TakenFrom::Camera, TakenFrom::FileTime]);
        timeline.arrange();
        assert_eq!(timeline.revision(), 2, "nothing is new");
    }

    #[test]
    fn another_version_keeps_what_is_known_of_the_same_contents_and_forgets_the_rest() {
        let mut timeline = Timeline::default();
        timeline.becomes(version(1), vec![item(1, 5), item(2, 4)], 0);
        timeline.learns([(Tag([1; 32]), None), (Tag([2; 32]), None)]);
        timeline.becomes(version(2), vec![item(2, 4), item(3, 3)], 7);
        timeline.arrange();
        assert_eq!((timeline.read(), timeline.len(), timeline.left_out), (1, 2, 7));
        let (unread, at) = timeline.unread(0, 10);
        assert_eq!((unread.len(), &*unread[0].path, at), (1, &[3][..], 2));
    }

    #[test]
    fn times_outside_of_all_calendars_have_a_month_too() {
        let mut timeline = Timeline::default();
        timeline.becomes(version(1), vec![item(1, i64::MAX / DAY), item(2, i64::MIN / DAY)], 0);
        timeline.arrange();
        assert_eq!(timeline.months().len(), 2);
    }
}
