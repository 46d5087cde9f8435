//! Frames: their bytes never change, and no bytes whatever end a program.

use std::collections::BTreeMap;

use peer_proto::limits::FRAME_LEN_MAX;
use peer_proto::wire::{
    ByteRange, CtlAsk, CtlSay, Frame, Get, List, PackAsk, PackSay, PairAsk, PairSay, Text, Unfit,
    Why, WireError, body_len, decode, encode,
};
use proptest::prelude::*;
use types::PackId;

use crate::samples;

/// `kind variant hex` a line; written once, and never edited.
const GOLDEN: &str = include_str!("../golden/frames.txt");

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let digits = text.as_bytes().chunks_exact(2);
    digits.map(|two| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap()).collect()
}

fn golden() -> BTreeMap<String, Vec<u8>> {
    let lines = GOLDEN.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (name, bytes) = line.rsplit_once(' ').unwrap();
            (name.to_owned(), unhex(bytes))
        })
        .collect()
}

/// Every frame of a kind stands in the golden file, there is one of each variant, and both read.
fn kept<F: Frame + PartialEq + std::fmt::Debug>(frames: &[F]) {
    let golden = golden();
    assert_eq!(frames.len(), usize::try_from(F::VARIANTS).unwrap(), "one of each {}", F::WHAT);
    for (variant, frame) in frames.iter().enumerate() {
        let name = format!("{} {variant}", F::WHAT);
        let bytes = encode(frame).unwrap();
        assert_eq!(usize::from(bytes[4]), variant, "variants are numbered in order");
        let old = golden.get(&name).map(|old| hex(old)).unwrap_or_default();
        assert_eq!(hex(&bytes), old, "the bytes of {name} may never change");
        let len = body_len(bytes[..4].try_into().unwrap()).unwrap();
        assert_eq!(len, bytes.len() - 4);
        assert_eq!(decode::<F>(&bytes[4..]).as_ref(), Ok(frame), "{name}");
    }
}

#[test]
fn the_bytes_of_every_frame_are_as_they_were_released() {
    let ((pair_asks, pair_says), (ctl_asks, ctl_says)) = (samples::pair(), samples::ctl());
    let (pack_asks, pack_says) = samples::pack();
    kept(&pair_asks);
    kept(&pair_says);
    kept(&ctl_asks);
    kept(&ctl_says);
    kept(&pack_asks);
    kept(&pack_says);
    assert_eq!(golden().len(), 39, "the golden file holds no frame that nobody knows");
}

#[test]
fn a_variant_of_a_newer_version_is_refused_with_its_number() {
    let refused = decode::<PackAsk>(&[200, 1, 9, 9]).unwrap_err();
    assert_eq!(refused, WireError::Unknown { what: "pack request", number: 200 });
    assert_eq!(refused.refusal(), Why::NotUnderstood.with(200));
    assert_eq!(refused.to_string(), "pack request 200 is not known to this version");
    assert!(refused.advice().contains("Update"));
}

#[test]
fn a_reason_of_a_newer_version_is_kept_and_the_frame_read() {
    let frame = PackSay::Refused(Why::Unknown(250).with(1));
    let bytes = encode(&frame).unwrap();
    assert_eq!(decode::<PackSay>(&bytes[4..]), Ok(frame));
}

#[test]
fn a_length_is_refused_before_anything_is_read() {
    assert_eq!(body_len([0; 4]), Err(WireError::Empty));
    let most = u32::try_from(FRAME_LEN_MAX).unwrap();
    assert_eq!(body_len(most.to_le_bytes()), Ok(FRAME_LEN_MAX));
    let over = body_len((most + 1).to_le_bytes()).unwrap_err();
    assert_eq!(over, WireError::Long { found: FRAME_LEN_MAX + 1 });
    assert_eq!(over.refusal(), Why::Size.with(FRAME_LEN_MAX as u64));
    assert!(body_len([0xff; 4]).is_err());
}

#[test]
fn bytes_after_a_frame_are_refused() {
    let mut bytes = encode(&PackSay::Have).unwrap();
    bytes.push(0);
    assert_eq!(decode::<PackSay>(&bytes[4..]), Err(WireError::Malformed { what: "pack answer" }));
}

#[test]
fn a_list_that_says_it_is_longer_than_it_may_be_is_refused_at_its_length() {
    // Get, a root, and a list of 2^28 ranges in a frame of 40 bytes.
    let mut body = vec![1];
    body.extend_from_slice(&[7; 32]);
    body.extend_from_slice(&[0x80, 0x80, 0x80, 0x80, 0x01]);
    assert_eq!(decode::<PackAsk>(&body), Err(WireError::Malformed { what: "pack request" }));
}

#[test]
fn ranges_that_overlap_touch_or_are_empty_are_no_frame() {
    let get = |ranges: &[(u64, u64)]| {
        let ranges = ranges.iter().map(|(from, to)| ByteRange { from: *from, to: *to }).collect();
        encode(&PackAsk::Get(Get { root: PackId([1; 32]), ranges: List::new(ranges).unwrap() }))
    };
    assert!(get(&[(0, 5), (6, 9)]).is_ok());
    for bad in [&[(5, 5)][..], &[(6, 5)], &[(0, 6), (5, 9)], &[(0, 5), (5, 9)], &[(0, 1 << 40)]] {
        assert!(get(bad).is_err(), "{bad:?}");
    }
}

#[test]
fn a_text_that_a_screen_should_not_show_is_none() {
    assert!(Text::<64>::new("Bo's box, 2nd floor \u{e9}").is_ok());
    for bad in ["a\u{1b}[2J", "a\0", "\u{202e}gnp.exe", "\u{2066}", "\u{61c}"] {
        assert!(matches!(Text::<64>::new(bad), Err(Unfit::Character(_))), "{bad:?}");
    }
    assert_eq!(Text::<2>::new("abc"), Err(Unfit::Long { found: 3, most: 2 }));
}

/// What reads, is written the same way again.
fn reads_again<F: Frame + PartialEq + std::fmt::Debug>(bytes: &[u8]) {
    if let Ok(frame) = decode::<F>(bytes) {
        let again = encode(&frame).unwrap();
        assert_eq!(decode::<F>(&again[4..]), Ok(frame));
    }
}

fn as_each(bytes: &[u8]) {
    reads_again::<PairAsk>(bytes);
    reads_again::<PairSay>(bytes);
    reads_again::<CtlAsk>(bytes);
    reads_again::<CtlSay>(bytes);
    reads_again::<PackAsk>(bytes);
    reads_again::<PackSay>(bytes);
}

proptest! {
    #[test]
    fn any_bytes_end_in_an_error_or_a_frame(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        as_each(&bytes);
    }

    #[test]
    fn a_damaged_frame_ends_in_an_error_or_another_frame(
        which in 0_usize..38,
        at in any::<prop::sample::Index>(),
        with in any::<u8>(),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut body = golden().into_values().nth(which).unwrap()[4..].to_vec();
        let place = at.index(body.len());
        body[place] = with;
        as_each(&body);
        as_each(&body[..cut.index(body.len())]);
    }
}
