//! The writer's side of packs: any objects and commits go in, and the same come out.

use std::sync::OnceLock;

use format::pack::{FrameType, PackKind, SIZE_MAX, SIZE_STEP};
use seal::{Codecs, KeyRing, PackIdentity, PackOpener, PackSealer, PrefixEnd};
use testkit::env::SeededRng;
use types::{ChunkId, PackId, SpaceId, VaultId};

use crate::feed::Feed;
use crate::forge::{self, Forge};
use crate::seeds::Seed;

fn forge() -> &'static Forge {
    static MADE: OnceLock<Forge> = OnceLock::new();
    MADE.get_or_init(|| {
        let rng = SeededRng::new(4);
        Forge::of(KeyRing::create(VaultId([9; 16]), &forge::words(), None, &rng).0)
    })
}

/// `frames`, each: 0 commit (bytes), else that many objects (bytes, doublings).
pub fn run(data: &[u8]) {
    let mut feed = Feed::new(data);
    let ring = &forge().ring;
    let keys = ring.system();
    let identity = PackIdentity {
        kind: PackKind::Meta,
        vault: forge().vault,
        space: SpaceId::SYSTEM,
        epoch: 0,
    };
    let (mut sealer, header) = PackSealer::new(identity, keys, &SeededRng::new(feed.u8().into()));
    let mut codecs = Codecs::new();
    let mut out = header.to_vec();
    let (mut objects, mut commits) = (Vec::new(), Vec::new());
    for _ in 0..24 {
        if feed.is_empty() {
            break;
        }
        let count = feed.u8() & 31;
        if count == 0 {
            let commit = feed.bytes();
            sealer.add_commit(commit, &mut codecs, &mut out).expect("there is room");
            commits.push(commit.to_vec());
            continue;
        }
        let frame: Vec<Vec<u8>> = (0..count).map(|_| object(&mut feed)).collect();
        let named: Vec<(ChunkId, &[u8])> =
            frame.iter().map(|bytes| (keys.object_id(bytes), bytes.as_slice())).collect();
        let before = out.len();
        match sealer.add_objects(&named, &mut codecs, &mut out) {
            Ok(_) => objects.extend(frame),
            Err(_) => assert_eq!(out.len(), before, "what was refused left nothing"),
        }
    }
    assert_eq!(sealer.len(), out.len() as u64);
    let finished = sealer.finish(&mut codecs, &mut out).expect("room was kept for the end");
    assert_eq!(finished.len, out.len() as u64);
    assert!(finished.len.is_multiple_of(SIZE_STEP) && finished.len <= SIZE_MAX);
    assert_eq!(finished.id, PackId(*blake3::hash(&out).as_bytes()));
    read_back(&out, &objects, &commits);
}

fn object(feed: &mut Feed<'_>) -> Vec<u8> {
    let mut bytes = feed.short().to_vec();
    for _ in 0..feed.u8() & 7 {
        bytes.extend_from_within(..);
    }
    bytes
}

fn read_back(pack: &[u8], objects: &[Vec<u8>], commits: &[Vec<u8>]) {
    let mut codecs = Codecs::new();
    let len = pack.len() as u64;
    let opener = PackOpener::new(pack, &forge().ring).expect("it was sealed for this vault");
    let prefix = opener.scan_prefix(&mut codecs, len, pack).expect("memory does not fail");
    assert_eq!(prefix.end, PrefixEnd::Complete);
    assert!(prefix.commits.iter().map(|(_, cbor)| cbor).eq(commits));
    let trailer = opener.read_trailer(&mut codecs, len, pack).expect("it was sealed");
    assert_eq!(trailer.frames, prefix.frames);
    let mut wanted = objects.iter();
    for frame in trailer.frames.iter().filter(|f| f.head.frame_type == FrameType::Objects) {
        let offset = frame.offset.into();
        let opened =
            opener.read_frame(&mut codecs, offset, frame.number, pack).expect("it was sealed");
        for object in opened.objects() {
            assert!(object.verify(opener.space_keys()));
            assert_eq!(Some(object.bytes), wanted.next().map(Vec::as_slice));
        }
    }
    assert_eq!(wanted.next(), None, "every object is there");
}

/// A commit, a frame of three, one long object.
pub fn seeds() -> Vec<Seed> {
    vec![
        vec![1, 0, 2, 0, 0xa1, 0],
        vec![2, 3, 1, b'a', 0, 2, b'b', b'c', 3, 0, 0, 0, 1, 0, 9],
        vec![3, 1, 8, 1, 2, 3, 4, 5, 6, 7, 8, 7, 1, 0, 0],
    ]
}
