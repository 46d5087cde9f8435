//! Rot and torn writes: every flipped byte is noticed, every cut leaves a clean prefix.
//!
//! The pack is built of small frames up to nearly its rounded size, so that each byte can be
//! checked by reading only the part that it belongs to.

use format::pack::{
    FRAME_OVERHEAD, HEADER_LEN, PackKind, SEALED_FOOTER_LEN, SIZE_STEP, TABLE_ENTRY_LEN,
};
use seal::{Codecs, FinishedPack, PackOpener, PrefixEnd};

use crate::support::{HOME, Writing, noise, text};

/// A pack of 256 KiB with at most a kilobyte of padding.
fn full_pack() -> (FinishedPack, Vec<u8>, Codecs) {
    let mut writing = Writing::new(&HOME, PackKind::Data);
    let mut spare = (256 << 10) - HEADER_LEN - SEALED_FOOTER_LEN;
    spare -= 2 * FRAME_OVERHEAD + 4;
    let mut seed = 0;
    while spare > 1300 {
        let object = if seed % 2 == 0 { noise(seed, 1000) } else { text(seed, 3000) };
        let before = writing.bytes.len();
        writing.objects(&HOME, &[object]);
        spare -= writing.bytes.len() - before + 24 + TABLE_ENTRY_LEN;
        seed += 1;
    }
    let packed = writing.finish();
    assert_eq!(packed.0.len, SIZE_STEP);
    packed
}

#[test]
fn every_single_flipped_byte_is_noticed_by_whoever_reads_it() {
    let (finished, good, mut codecs) = full_pack();
    let opener = PackOpener::new(&good, &HOME.ring).unwrap();
    let mut bytes = good.clone();
    let frames = &finished.trailer.frames;
    let mut flips = 0;
    for at in 0..bytes.len() {
        bytes[at] ^= 1 << (at % 8);
        let noticed = if at < HEADER_LEN {
            PackOpener::new(&bytes, &HOME.ring).is_err()
        } else if let Some(frame) = frames.iter().find(|f| {
            let start = f.offset as usize;
            (start..start + usize::try_from(f.head.sealed_len()).unwrap()).contains(&at)
        }) {
            opener.read_frame(&mut codecs, frame.offset.into(), frame.number, &bytes[..]).is_err()
        } else {
            let last = frames.last().unwrap();
            let padding = u64::from(last.offset) + last.head.sealed_len();
            opener.read_trailer(&mut codecs, finished.len, &bytes[..]).is_err()
                || opener.read_frame(&mut codecs, padding, last.number + 1, &bytes[..]).is_err()
        };
        assert!(noticed, "byte {at}");
        flips += 1;
        bytes[at] = good[at];
    }
    assert_eq!((flips, &bytes), (good.len(), &good));
}

#[test]
fn a_scan_stops_at_a_flipped_byte_and_keeps_what_lies_before_it() {
    let (finished, good, mut codecs) = full_pack();
    let opener = PackOpener::new(&good, &HOME.ring).unwrap();
    let mut bytes = good.clone();
    for at in (HEADER_LEN..bytes.len()).step_by(997) {
        bytes[at] ^= 0x80;
        let prefix = opener.scan_prefix(&mut codecs, finished.len, &bytes[..]).unwrap();
        assert_ne!(prefix.end, PrefixEnd::Complete, "byte {at}");
        assert!(prefix.good_len <= at as u64, "byte {at}");
        let before = |f: &&format::pack::TrailerFrame| {
            u64::from(f.offset) + f.head.sealed_len() <= at as u64
        };
        let whole: Vec<_> = finished.trailer.frames.iter().filter(before).cloned().collect();
        assert_eq!(prefix.frames, whole, "byte {at}");
        bytes[at] = good[at];
    }
    // A rotten footer: the pack is whole but for its last bytes.
    *bytes.last_mut().unwrap() ^= 1;
    let prefix = opener.scan_prefix(&mut codecs, finished.len, &bytes[..]).unwrap();
    assert_eq!(prefix.end, PrefixEnd::TrailerOnly);
    assert_eq!(prefix.frames, finished.trailer.frames);
}

#[test]
fn an_open_pack_cut_anywhere_leaves_its_whole_frames() {
    let mut writing = Writing::new(&HOME, PackKind::Meta);
    let mut ends = vec![writing.bytes.len()];
    for seed in 0..4 {
        writing.objects(&HOME, &[noise(seed, 300), text(seed, 700)]);
        ends.push(writing.bytes.len());
        writing.commit(&noise(seed, 40));
        ends.push(writing.bytes.len());
    }
    let Writing { bytes, mut codecs, .. } = writing;
    let opener = PackOpener::new(&bytes, &HOME.ring).unwrap();
    for len in 0..=bytes.len() {
        let cut = &bytes[..len];
        if len < HEADER_LEN {
            assert!(PackOpener::new(cut, &HOME.ring).is_err());
            continue;
        }
        let prefix = opener.scan_prefix(&mut codecs, len as u64, cut).unwrap();
        let frames = ends.iter().filter(|end| **end <= len).count() - 1;
        assert_eq!((prefix.frames.len(), prefix.good_len), (frames, ends[frames] as u64));
        assert_eq!(prefix.commits.len(), frames / 2);
        let wanted = if ends[frames] == len { PrefixEnd::Open } else { PrefixEnd::Torn };
        assert_eq!(prefix.end, wanted, "{len}");
    }
    // Preallocated zeros after the last frame, as some file systems leave them.
    let zeros = [bytes.as_slice(), &[0; 5000]].concat();
    let prefix = opener.scan_prefix(&mut codecs, zeros.len() as u64, &zeros[..]).unwrap();
    assert_eq!((prefix.end, prefix.good_len), (PrefixEnd::Torn, bytes.len() as u64));
}

#[test]
fn a_sealed_pack_cut_short_is_never_taken_for_whole() {
    let (finished, bytes, mut codecs) = full_pack();
    let opener = PackOpener::new(&bytes, &HOME.ring).unwrap();
    let tail = bytes.len() - 200..bytes.len();
    for len in (HEADER_LEN..bytes.len()).step_by(1021).chain(tail) {
        let cut = &bytes[..len];
        let prefix = opener.scan_prefix(&mut codecs, len as u64, cut).unwrap();
        assert_ne!(prefix.end, PrefixEnd::Complete, "{len}");
        assert!(prefix.good_len <= len as u64);
        assert!(finished.trailer.frames.starts_with(&prefix.frames));
        assert!(opener.read_trailer(&mut codecs, len as u64, cut).is_err());
    }
    let longer = [bytes.as_slice(), &[0]].concat();
    let prefix = opener.scan_prefix(&mut codecs, longer.len() as u64, &longer[..]).unwrap();
    assert_eq!(prefix.end, PrefixEnd::TrailerOnly);
}
