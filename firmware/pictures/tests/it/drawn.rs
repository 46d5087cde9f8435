//! Pictures in small, drawn by the child, and pictures that are not to be drawn.

use std::time::Duration;

use image::{DynamicImage, GenericImageView, Rgba};
use pictures::{Eyes, SIDE, Unseen};
use testkit::picture::{Camera, bomb, gif};

use crate::worker;

fn drawn(bytes: &[u8]) -> Result<DynamicImage, Unseen> {
    let small = worker().open().draw(bytes)?;
    Ok(image::load_from_memory(&small).unwrap())
}

fn is_red(Rgba([red, _, blue, _]): Rgba<u8>) -> bool {
    red > 150 && blue < 100
}

#[test]
fn each_kind_that_is_drawn_comes_back_in_small_with_its_sides_where_they_were() {
    let camera = Camera::default();
    let all = [camera.jpeg(800, 400), camera.png(800, 400), camera.webp(800, 400), gif(800, 400)];
    for (number, bytes) in all.iter().enumerate() {
        let small = drawn(bytes).unwrap();
        assert_eq!(small.dimensions(), (SIDE, SIDE / 2), "{number}");
        assert!(is_red(small.get_pixel(10, 80)) && !is_red(small.get_pixel(310, 80)), "{number}");
    }
    assert_eq!(drawn(&camera.png(20, 10)).unwrap().dimensions(), (20, 10), "none is blown up");
}

#[test]
fn a_picture_that_was_taken_with_the_camera_on_its_side_stands_upright() {
    // 6: turned a quarter to the right to be seen, so that what was left is on top.
    let small = drawn(&Camera { held: Some(6), ..Camera::default() }.jpeg(800, 400)).unwrap();
    assert_eq!(small.dimensions(), (SIDE / 2, SIDE));
    assert!(is_red(small.get_pixel(80, 10)) && !is_red(small.get_pixel(80, 310)));
}

#[test]
fn what_is_no_whole_picture_is_said_to_be_broken_and_does_not_end_the_child() {
    let worker = worker();
    let mut eyes = worker.open();
    let whole = Camera::default().png(300, 300);
    for bytes in [&b""[..], b"no picture at all", &whole[..whole.len() / 2], &[0xff; 4_000]] {
        assert_eq!(eyes.draw(bytes), Err(Unseen::Broken), "{}", bytes.len());
    }
    assert_eq!(eyes.draw(&Camera::default().heic()), Err(Unseen::Broken), "no decoder for it");
    assert!(eyes.draw(&whole).is_ok());
}

/// A JPEG of which the end is missing is drawn as far as it goes, as everywhere; or it is broken. Never more.
#[test]
fn a_picture_that_was_cut_anywhere_is_drawn_or_broken_and_ends_nobody() {
    let worker = worker();
    let mut eyes = worker.open();
    let whole = Camera::default().jpeg(200, 100);
    let (mut drawn, mut broken) = (0, 0);
    for len in (0..whole.len()).step_by(7) {
        match eyes.draw(&whole[..len]) {
            Ok(_) => drawn += 1,
            Err(Unseen::Broken) => broken += 1,
            Err(other) => panic!("{len}: {other}"),
        }
    }
    assert!(broken > 0, "{drawn}");
}

#[test]
fn a_bomb_is_refused_by_its_size_before_anything_is_set_aside_for_it() {
    for bytes in [bomb(65_000, 65_000), bomb(20_000, 20_000), bomb(1, 65_000)] {
        assert_eq!(drawn(&bytes).unwrap_err(), Unseen::TooLarge);
    }
    let much = vec![0; pictures::WHOLE_MAX + 1];
    assert_eq!(drawn(&much).unwrap_err(), Unseen::TooLarge, "it is not even sent");
}

/// The largest that is drawn fits the child's memory; what it says it is and has not is no reason to die.
#[test]
fn a_picture_of_as_many_points_as_are_drawn_fits_the_child() {
    let small = drawn(&bomb(8_000, 8_000));
    assert!(matches!(small, Ok(_) | Err(Unseen::Broken)), "{small:?}");
}

#[test]
fn a_child_that_dies_or_does_not_answer_is_told_of_and_one_that_cannot_start_is_something_else() {
    let picture = Camera::default().png(8, 8);
    let clock = std::sync::Arc::new(testkit::env::ManualClock::at(types::UnixTime(0)));
    let other = |program: &str| pictures::Worker::of(program, clock.clone());
    assert_eq!(other("/bin/false").open().draw(&picture), Err(Unseen::Lost));
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(other(folder.path().to_str().unwrap()).open().draw(&picture), Err(Unseen::Nobody));
    let hangs = folder.path().join("hangs");
    let script = "#!/bin/sh\nwhile :; do read line < /dev/zero; done\n";
    testkit::picture::program(&hangs, script);
    let hangs = other(hangs.to_str().unwrap()).patience(Duration::from_millis(50));
    assert_eq!(hangs.open().draw(&picture), Err(Unseen::Lost));
}
