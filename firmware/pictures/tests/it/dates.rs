//! Dates as cameras write them, asked of the child.

use pictures::{Eyes, Taken};
use testkit::picture::Camera;

use crate::worker;

fn of(bytes: &[u8]) -> Option<Taken> {
    worker().open().date(bytes).unwrap()
}

/// 2024-07-03 18:22:01 on some wall.
const EVENING: i64 = 1_720_030_921;

#[test]
fn a_picture_says_what_the_clock_on_the_wall_said_wherever_that_was() {
    for (offset, minutes) in [
        (None, None),
        (Some("+02:00"), Some(120)),
        (Some("-09:30"), Some(-570)),
        (Some("+05:45"), Some(345)),
        (Some("+14:00"), Some(840)),
        // None of these is one.
        (Some("+99:00"), None),
        (Some("   :  "), None),
        (Some("Z"), None),
        (Some("summer"), None),
    ] {
        let camera = Camera::at("2024:07:03 18:22:01", offset);
        let taken = Some(Taken { wall_secs: EVENING, offset_minutes: minutes });
        assert_eq!(of(&camera.jpeg(8, 8)), taken, "{offset:?}");
        assert_eq!(of(&camera.png(8, 8)), taken, "{offset:?}");
        assert_eq!(of(&camera.webp(8, 8)), taken, "{offset:?}");
        assert_eq!(of(&camera.heic()), taken, "{offset:?}");
    }
}

#[test]
fn a_picture_without_a_date_or_with_none_that_is_a_day_says_nothing() {
    assert_eq!(of(&Camera::default().jpeg(8, 8)), None);
    for date in [
        "0000:00:00 00:00:00",
        "2024:13:01 10:00:00",
        "2024:02:30 10:00:00",
        "2024:02:28 24:00:00",
        "    :  :     :  :  ",
        "2024-02-28",
        "yesterday",
        "",
    ] {
        assert_eq!(of(&Camera::at(date, None).jpeg(8, 8)), None, "{date:?}");
    }
}

/// Every place of the block with another byte, and every length of it: an answer each time, and the child is
/// there for the next one.
#[test]
fn a_block_that_is_broken_anywhere_ends_nobody() {
    let whole = Camera::at("2024:07:03 18:22:01", Some("+02:00")).jpeg(8, 8);
    let worker = worker();
    let mut eyes = worker.open();
    let end = whole.windows(2).position(|two| two == [0xff, 0xdb]).unwrap();
    let mut dated = 0;
    for at in 0..end {
        let mut broken = whole.clone();
        broken[at] ^= 0x81;
        dated += u32::from(eyes.date(&broken).unwrap().is_some());
        eyes.date(&whole[..at]).unwrap();
    }
    assert!(dated > 0, "one broken byte does not make all of them silent");
    assert!(eyes.date(&whole).unwrap().is_some());
}
