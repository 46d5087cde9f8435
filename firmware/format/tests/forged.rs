//! Layouts that authenticate and lie: found by fuzzing with the vault's own key in the attacker's
//! hand. Each test tells what one of them did.

use format::FormatError;
use format::pack::{Codec, FRAMES_MAX, FrameHead, FrameType, TableEntry, Trailer, TrailerFrame};
use types::ChunkId;

fn head(frame_type: FrameType) -> FrameHead {
    FrameHead { frame_type, codec: Codec::Raw, entries: 0, body_len: 0, raw_len: 0 }
}

/// A scan keeps every commit record of a pack until it ends. A compressed record of 200 bytes could
/// stand for six megabytes, and a pack of sixteen for more than any memory.
#[test]
fn only_objects_may_be_compressed_or_named_in_a_table() {
    for frame_type in [FrameType::Commit, FrameType::Padding, FrameType::Trailer] {
        assert_eq!(FrameHead::decode(&head(frame_type).encode()), Ok(head(frame_type)));
        let packed = FrameHead { codec: Codec::Zstd, raw_len: 6 << 20, ..head(frame_type) };
        let refused = FormatError::Field { what: "frame head", field: "the codec" };
        assert_eq!(FrameHead::decode(&packed.encode()), Err(refused));
        let named = FrameHead { entries: 1, body_len: 36, ..head(frame_type) };
        let refused = FormatError::Field { what: "frame head", field: "the entry count" };
        assert_eq!(FrameHead::decode(&named.encode()), Err(refused));
    }
    let objects = FrameHead { codec: Codec::Zstd, raw_len: 9, ..head(FrameType::Objects) };
    assert_eq!(FrameHead::decode(&objects.encode()), Ok(objects));
}

/// Frame 2^32 - 1 had none after it to be counted, and frame 65536 no room in the catalog: both
/// ended the program that opened the vault.
#[test]
fn a_trailer_lists_no_frame_beyond_the_most_that_a_pack_may_have() {
    let trailer = |number| {
        let objects = vec![TableEntry { id: ChunkId([1; 32]), len: 0 }];
        let head = FrameHead { entries: 1, body_len: 36, ..head(FrameType::Objects) };
        Trailer { frames: vec![TrailerFrame { number, offset: 128, head, objects }] }
    };
    let last = trailer(FRAMES_MAX - 1);
    assert_eq!(Trailer::decode(&last.encode()), Ok(last));
    for number in [FRAMES_MAX, 1 << 16, u32::MAX] {
        let refused = FormatError::Field { what: "pack trailer", field: "a frame's number" };
        assert_eq!(Trailer::decode(&trailer(number).encode()), Err(refused));
    }
}
