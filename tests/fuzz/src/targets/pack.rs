//! Whole packs that authenticate: opened by trailer, scanned forwards, read frame by frame.
//!
//! See `packs` for the language. Beside "no panic": what is kept in memory is bounded by the
//! pack's own length, except for one frame at a time; and the two ways to read a pack agree.

use std::sync::OnceLock;

use format::pack::{FrameType, HEADER_LEN, PackKind, RAW_LEN_MAX, SIZE_MAX};
use seal::{Codecs, KeyRing, PackOpener, PrefixEnd};
use types::VaultId;

use crate::feed::Feed;
use crate::forge::{self, Forge};
use crate::packs::{AGAIN, Description, LONG, TRUE_LENGTHS, ZSTD, forge_pack};
use crate::seeds::{self, Seed};

fn forge() -> &'static Forge {
    static MADE: OnceLock<Forge> = OnceLock::new();
    MADE.get_or_init(|| {
        let rng = testkit::env::SeededRng::new(3);
        Forge::of(KeyRing::create(VaultId([8; 16]), &forge::words(), None, &rng).0)
    })
}

/// First byte: 0xff a raw file, else the length to cut off the forged one (in 1/255).
pub fn run(data: &[u8]) {
    let mut feed = Feed::new(data);
    let cut = feed.u8();
    if cut == 0xff {
        return read(feed.rest());
    }
    let mut pack = forge_pack(forge(), &mut feed);
    pack.truncate(pack.len() - pack.len() * usize::from(cut) / 255);
    read(&pack);
}

fn read(pack: &[u8]) {
    let Ok(opener) = PackOpener::new(pack, &forge().ring) else { return };
    let mut codecs = Codecs::new();
    let len = pack.len() as u64;
    let prefix = opener.scan_prefix(&mut codecs, len, pack).expect("memory does not fail");
    assert!(prefix.good_len <= len.max(HEADER_LEN as u64), "no more is good than is there");
    let kept: usize = prefix.commits.iter().map(|(_, cbor)| cbor.len()).sum();
    assert!(kept <= pack.len(), "a scan keeps {kept} bytes of a pack of {len}");
    let trailer = opener.read_trailer(&mut codecs, len, pack);
    if prefix.end == PrefixEnd::Complete {
        let trailer = trailer.as_ref().expect("a scan to the end saw it");
        assert_eq!(trailer.frames, prefix.frames);
    }
    let Ok(trailer) = trailer else { return };
    assert!(len <= SIZE_MAX, "a pack with a trailer is no longer than a pack may be");
    let (mut sound, listed) = (0, trailer.frames.iter().map(|f| f.objects.len()).sum());
    for frame in &trailer.frames {
        let offset = u64::from(frame.offset);
        let Ok(opened) = opener.read_frame(&mut codecs, offset, frame.number, pack) else {
            continue;
        };
        assert!(opened.payload().len() <= RAW_LEN_MAX as usize);
        for (at, object) in opened.objects().enumerate() {
            let same = opened.object(at).expect("it is in the table");
            assert_eq!(same.bytes, object.bytes);
            sound += usize::from(object.verify(opener.space_keys()));
        }
    }
    assert!(sound <= listed, "no frame holds more objects than are listed");
}

/// Packs as the writer makes them, and what it never makes.
pub fn seeds() -> Vec<Seed> {
    let meta = || Description::new(PackKind::Meta, true);
    let mut all = vec![
        meta().objects(&[b"one", b"two"], false).sealed(),
        meta().objects(&[b"", &[b'z'; 400]], true).plain(FrameType::Commit, b"\xa0").sealed(),
        Description::new(PackKind::Data, false).objects(&[b"bytes of a file"], false).sealed(),
        meta().plain(FrameType::Commit, b"\xa1\x00\x01").open(),
        meta().plain(FrameType::Parity, b"later").plain(FrameType::Trailer, &[0; 4]).sealed(),
        meta().plain(FrameType::Trailer, &[1; 60]).end(&[0; 48]),
    ];
    for frame_type in [FrameType::Commit, FrameType::Objects, FrameType::Padding] {
        let mut head = [0; 16];
        head[0] = frame_type.code();
        let flags = TRUE_LENGTHS | ZSTD | LONG | AGAIN;
        all.push(meta().frame(flags, &[3, 4], head, b"long").sealed());
    }
    let mut all: Vec<Seed> = all.into_iter().map(|pack| [&[0][..], &pack].concat()).collect();
    all.extend(seeds::golden(|name| name.ends_with(".part")).into_iter().map(|part| {
        let raw = [&[0xff][..], &part].concat();
        raw[..raw.len().min(4096)].to_vec()
    }));
    all
}
