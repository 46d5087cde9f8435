//! The timeline of a source and its small pictures, over a whole vault on simulated disks.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use files::{At, Kind, Months, NewEntry, NoSmall, Photo, Place, TakenFrom, UploadWord};
use jiff::tz::{TimeZone, offset};
use pictures::{Eyes, LocalEyes, Look, Taken, Unseen};
use testkit::picture::{Camera, bomb};

use crate::shelf::Shelf;

/// Long enough for the slowest computer; a state that comes late is waited for no longer.
const LOOKS_MAX: usize = 60_000;

fn shelf(eyes: impl Eyes + 'static) -> Shelf {
    let mut shelf = Shelf::inline(27);
    let none = files::Files::new(shelf.lent.clone(), shelf.clock.clone(), shelf.rng());
    shelf.files = none.looking(Arc::new(eyes), TimeZone::fixed(offset(2)));
    shelf
}

/// Looks again and again until everything was looked through.
fn settled(shelf: &Shelf) -> Months {
    for _ in 0..LOOKS_MAX {
        let months = shelf.files.photo_months(&shelf.place()).unwrap();
        if !months.looking && months.read == months.total {
            return months;
        }
        std::thread::park_timeout(Duration::from_millis(1));
    }
    panic!("the source is not looked through: {:?}", shelf.files.photo_months(&shelf.place()));
}

fn photos(shelf: &Shelf) -> Vec<Photo> {
    shelf.files.photos(&shelf.place(), 0, 500).unwrap().photos
}

fn names(photos: &[Photo]) -> Vec<String> {
    photos.iter().map(|photo| String::from_utf8(photo.path.clone()).unwrap()).collect()
}

fn put_of(shelf: &Shelf, path: &str, bytes: &[u8], mtime: i64) {
    let word = UploadWord {
        key: "mtime".to_owned(),
        value: (mtime * 1_000).to_string().into_bytes().into(),
    };
    let new = NewEntry { words: vec![word], ..NewEntry::default() };
    shelf.files.put(&shelf.place(), path.as_bytes(), new, &mut &*bytes).unwrap();
}

/// 2024-05-31 23:30 UTC: in June, two hours further east.
const LAST_OF_MAY: i64 = 1_717_198_200;

fn film(created: i64) -> Vec<u8> {
    let part = |kind: &[u8; 4], inside: &[u8]| {
        let len = u32::try_from(8 + inside.len()).unwrap();
        let mut head = len.to_le_bytes();
        head.reverse();
        [&head[..], kind, inside].concat()
    };
    let mut at = u32::try_from(created + 2_082_844_800).unwrap().to_le_bytes();
    at.reverse();
    let movie = part(b"moov", &part(b"mvhd", &[&[0; 4], &at[..], &[0; 92]].concat()));
    [part(b"ftyp", b"mp42"), part(b"mdat", &[3; 2_000_000]), movie].concat()
}

#[test]
fn photos_stand_by_the_day_on_which_they_were_taken_and_say_how_that_is_known() {
    let shelf = shelf(LocalEyes);
    let camera = Camera::at("2024:06:01 00:10:00", Some("+09:00"));
    put_of(&shelf, "a/tokyo.jpg", &camera.jpeg(40, 30), 5);
    put_of(&shelf, "b/none.png", &Camera::default().png(40, 30), LAST_OF_MAY);
    put_of(&shelf, "b/film.mov", &film(LAST_OF_MAY - 60), 7);
    put_of(&shelf, "c/old.heic", &Camera::at("1999:12:31 23:59:59", None).heic(), 9);
    put_of(&shelf, "c/broken.jpg", b"\xff\xd8\xff\xe1\0\x10Exif\0\0MM", 11);
    put_of(&shelf, "c/letter.txt", b"no picture", 13);
    let months = settled(&shelf);
    let counts: Vec<_> = months.months.iter().map(|m| (m.year, m.month, m.count)).collect();
    assert_eq!(counts, [(2024, 6, 3), (1999, 12, 1), (1970, 1, 1)]);
    assert_eq!((months.total, months.left_out), (5, 0));
    let all = photos(&shelf);
    let order = ["b/none.png", "b/film.mov", "a/tokyo.jpg", "c/old.heic", "c/broken.jpg"];
    assert_eq!(names(&all), order);
    let known: Vec<_> = all.iter().map(|photo| (photo.from, photo.offset_minutes)).collect();
    assert_eq!(
        known,
        [
            (TakenFrom::FileTime, Some(120)),
            (TakenFrom::Film, Some(120)),
            (TakenFrom::Camera, Some(540)),
            (TakenFrom::Camera, None),
            (TakenFrom::FileTime, Some(120)),
        ]
    );
    let part = shelf.files.photos(&shelf.place(), 1, 2).unwrap();
    assert_eq!((names(&part.photos), part.revision), (names(&all[1..3]), months.revision));
    assert_eq!(shelf.files.photos(&shelf.place(), 99, 2).unwrap().photos, []);
}

/// Counts what it is asked.
#[derive(Clone, Debug, Default)]
struct Counting {
    dates: Arc<AtomicU32>,
    drawn: Arc<AtomicU32>,
    /// Ends at each picture of exactly this length.
    ends_at: usize,
}

impl Eyes for Counting {
    fn open(&self) -> Box<dyn Look + '_> {
        Box::new(self.clone())
    }
}

impl Look for Counting {
    fn date(&mut self, head: &[u8]) -> Result<Option<Taken>, Unseen> {
        self.dates.fetch_add(1, Ordering::SeqCst);
        if head.len() == self.ends_at { Err(Unseen::Lost) } else { LocalEyes.date(head) }
    }

    fn draw(&mut self, whole: &[u8]) -> Result<Vec<u8>, Unseen> {
        self.drawn.fetch_add(1, Ordering::SeqCst);
        if whole.len() == self.ends_at { Err(Unseen::Lost) } else { LocalEyes.draw(whole) }
    }
}

#[test]
fn a_newer_version_reads_only_what_it_has_not_seen_also_when_it_was_moved() {
    let eyes = Counting::default();
    let shelf = shelf(eyes.clone());
    for day in 1..=9 {
        let camera = Camera::at(&format!("2024:06:0{day} 12:00:00"), None);
        shelf.put(&format!("{day}.jpg"), &camera.jpeg(20, 20));
    }
    assert_eq!(settled(&shelf).total, 9);
    assert_eq!(eyes.dates.load(Ordering::SeqCst), 9);
    shelf.put("new.jpg", &Camera::at("2024:06:05 13:00:00", None).jpeg(20, 20));
    shelf.files.rename(&shelf.place(), b"1.jpg", b"first.jpg", false, None).unwrap();
    let months = settled(&shelf);
    assert_eq!((months.total, eyes.dates.load(Ordering::SeqCst)), (10, 10));
    let all = names(&photos(&shelf));
    assert_eq!((all[4].as_str(), all[9].as_str()), ("new.jpg", "first.jpg"));
    settled(&shelf);
    assert_eq!(eyes.dates.load(Ordering::SeqCst), 10, "what is known is not read again");
}

#[test]
fn a_picture_that_ends_whoever_looks_has_no_small_one_says_so_and_is_not_tried_again() {
    let deadly = Camera::at("2024:06:01 12:00:00", None).jpeg(33, 44);
    let eyes = Counting { ends_at: deadly.len(), ..Counting::default() };
    let shelf = shelf(eyes.clone());
    shelf.put("deadly.jpg", &deadly);
    shelf.put("good.jpg", &Camera::default().jpeg(640, 400));
    shelf.put("bomb.jpg", &bomb(65_000, 65_000));
    shelf.put("cut.png", &Camera::default().png(64, 64)[..90]);
    shelf.put("other.heic", &Camera::default().heic());
    let small = |path: &str| {
        let small = shelf.files.small_picture(&shelf.place(), &At::Newest, path.as_bytes());
        small.unwrap().picture.map(|picture| picture.len())
    };
    for _ in 0..2 {
        assert_eq!(small("deadly.jpg"), Err(NoSmall::Lost));
        assert_eq!(small("bomb.jpg"), Err(NoSmall::TooLarge));
        assert_eq!(small("cut.png"), Err(NoSmall::Broken));
        assert_eq!(small("other.heic"), Err(NoSmall::NoDecoder));
        assert!(small("good.jpg").is_ok_and(|len| len > 500));
    }
    assert_eq!(eyes.drawn.load(Ordering::SeqCst), 4, "each was tried once");
    settled(&shelf);
    let told: Vec<_> = photos(&shelf).iter().map(|photo| photo.no_small).collect();
    assert_eq!(told.iter().filter(|one| **one == Some(NoSmall::Lost)).count(), 1);
    assert_eq!(told.iter().filter(|one| one.is_none()).count(), 1, "{told:?}");
    let lost = photos(&shelf).into_iter().find(|one| one.path == b"deadly.jpg").unwrap();
    assert_eq!(lost.from, TakenFrom::FileTime, "its own word was never heard");
}

#[test]
fn small_pictures_and_timelines_are_of_one_space_whatever_others_have_of_the_same_content() {
    let eyes = Counting::default();
    let shelf = shelf(eyes.clone());
    let picture = Camera::default().jpeg(400, 400);
    shelf.put("a.jpg", &picture);
    let bens = Place { space: shelf.vault().add_space("ben").unwrap(), ..shelf.place() };
    let new = NewEntry::default();
    shelf.files.put(&bens, b"b.jpg", new, &mut &*picture).unwrap();
    let small = |place: &Place, path: &[u8]| shelf.files.small_picture(place, &At::Newest, path);
    assert!(small(&shelf.place(), b"a.jpg").unwrap().picture.is_ok());
    assert_eq!(small(&bens, b"a.jpg").unwrap_err().kind(), Kind::NotFound);
    assert!(small(&bens, b"b.jpg").unwrap().picture.is_ok());
    assert_eq!(eyes.drawn.load(Ordering::SeqCst), 2, "nobody learns by time what others have");
    settled(&shelf);
    assert_eq!(names(&photos(&shelf)), ["a.jpg"]);
}

#[test]
fn a_vault_that_is_locked_while_it_is_looked_through_is_looked_through_later() {
    let mut shelf = shelf(LocalEyes);
    for number in 0..40_u32 {
        shelf.put(&format!("{number}.jpg"), &Camera::default().jpeg(10 + number, 10));
    }
    shelf.files.photo_months(&shelf.place()).unwrap();
    shelf.drop_vault();
    assert_eq!(shelf.files.photo_months(&shelf.place()).unwrap_err().kind(), Kind::Locked);
    shelf.reopen();
    let none = files::Files::new(shelf.lent.clone(), shelf.clock.clone(), shelf.rng());
    shelf.files = none.looking(Arc::new(LocalEyes), TimeZone::UTC);
    assert_eq!(settled(&shelf).total, 40);
}

/// Looks only when the test says so.
#[derive(Clone, Debug)]
struct Told(Arc<Mutex<Word>>);

/// It is asked, and told to go on.
type Word = (Sender<()>, Receiver<()>);

impl Eyes for Told {
    fn open(&self) -> Box<dyn Look + '_> {
        Box::new(self.clone())
    }
}

impl Look for Told {
    fn date(&mut self, head: &[u8]) -> Result<Option<Taken>, Unseen> {
        let word = self.0.lock().unwrap();
        word.0.send(()).ok();
        // Once nobody is there to say it any more, all goes on.
        word.1.recv().ok();
        LocalEyes.date(head)
    }

    fn draw(&mut self, _whole: &[u8]) -> Result<Vec<u8>, Unseen> {
        Err(Unseen::Nobody)
    }
}

/// Every photo that was still to be read when the box was locked counted as one that says nothing.
#[test]
fn a_box_that_is_locked_in_the_middle_says_nothing_about_the_photos_that_are_left() {
    let (asked, asks) = channel();
    let (go, goes_on) = channel();
    let eyes = Told(Arc::new(Mutex::new((asked, goes_on))));
    let shelf = shelf(eyes.clone());
    for day in 10..30 {
        let camera = Camera::at(&format!("2024:06:{day} 12:00:00"), None);
        shelf.put(&format!("{day}.jpg"), &camera.jpeg(20, 20));
    }
    shelf.files.photo_months(&shelf.place()).unwrap();
    asks.recv().unwrap();
    let vault = shelf.lent.held().take();
    assert_eq!(shelf.files.photo_months(&shelf.place()).unwrap_err().kind(), Kind::Locked);
    drop(go);
    // That look ends, and lets go of its eyes.
    while Arc::strong_count(&eyes.0) > 2 {
        std::thread::yield_now();
    }
    *shelf.lent.held() = vault;
    settled(&shelf);
    assert!(photos(&shelf).iter().all(|photo| photo.from == TakenFrom::Camera));
}

/// A member filled the memory of the box with a thousand photos below one deep folder.
#[test]
fn a_photo_with_a_path_that_is_longer_than_any_name_of_a_photo_is_left_out_and_counted() {
    let shelf = shelf(LocalEyes);
    let deep = vec!["d".repeat(250); 20].join("/");
    shelf.put(&format!("{deep}/far.jpg"), &Camera::default().jpeg(20, 20));
    shelf.put("near.jpg", &Camera::default().jpeg(20, 20));
    let months = settled(&shelf);
    assert_eq!((months.total, months.left_out), (1, 1));
}
