//! Packs as whoever finds a disk sees them: key streams, tags, commitments, borders, lengths.

use format::pack::{FrameType, HEADER_LEN, PackHeader, PackKind, SEALED_HEAD_LEN, SIZE_STEP};
use seal::{
    Chunker, Codecs, KeyRing, PackIdentity, PackOpener, PackSealer, SealedFrame, SpaceKeys, Words,
};
use testkit::env::SeededRng;
use types::{ChunkId, SpaceId, VaultId};

use crate::home::noise;
use crate::suite::Detector;

/// Frames of one pack laid over each other.
pub(crate) const KEY_STREAMS: Detector =
    Detector { name: "frames over each other", run: key_streams };
/// A bit flipped in every part of a pack.
pub(crate) const DAMAGED_FRAMES: Detector =
    Detector { name: "damaged frames", run: damaged_frames };
/// Headers that commit to another key.
pub(crate) const OTHER_KEYS: Detector =
    Detector { name: "commitments to other keys", run: other_keys };
/// One file cut under two keys.
pub(crate) const BORDERS: Detector = Detector { name: "one file cut under two keys", run: borders };
/// How long packs of various content are.
pub(crate) const LENGTHS: Detector = Detector { name: "lengths of packs", run: lengths };

const VAULT: VaultId = VaultId([7; 16]);
const FRAME_LEN: usize = 20_000;

struct Keys {
    ring: KeyRing,
    space: SpaceId,
    rng: SeededRng,
}

impl Keys {
    fn new(seed: u64) -> Self {
        let rng = SeededRng::new(seed);
        let (_, ring) = KeyRing::create(VAULT, &Words::generate(&rng), None, &rng);
        let space = ring.space_named(seal::FIRST_SPACE_NAME).expect("made with the vault");
        Self { ring, space, rng }
    }

    fn of_space(&self) -> &SpaceKeys {
        self.ring.space(self.space).expect("unlocked")
    }

    /// A sealed pack of incompressible objects, one a frame, and a commit record at its end.
    fn pack(&self, objects: &[Vec<u8>]) -> Result<(Vec<u8>, Vec<SealedFrame>), String> {
        let kind = PackKind::Data;
        let identity = PackIdentity { kind, vault: VAULT, space: self.space, epoch: 0 };
        let keys = self.of_space();
        let (mut sealer, header) = PackSealer::new(identity, keys, &self.rng);
        let (mut codecs, mut bytes, mut frames) = (Codecs::new(), header.to_vec(), Vec::new());
        for object in objects {
            let named: (ChunkId, &[u8]) = (keys.chunk_id(object), object);
            let sealed = sealer.add_objects(&[named], &mut codecs, &mut bytes);
            frames.push(sealed.map_err(|error| error.to_string())?);
        }
        let sealed = sealer.add_commit(COMMIT, &mut codecs, &mut bytes);
        frames.push(sealed.map_err(|error| error.to_string())?);
        sealer.finish(&mut codecs, &mut bytes).map_err(|error| error.to_string())?;
        Ok((bytes, frames))
    }
}

const COMMIT: &[u8] = b"a commit record, which no name protects";

/// Two ciphertexts under one key stream differ exactly where their plaintexts do.
fn key_streams() -> Result<(), String> {
    let keys = Keys::new(1);
    let objects: Vec<_> = (0..4).map(|n| noise(n, FRAME_LEN)).collect();
    let (bytes, frames) = keys.pack(&objects)?;
    let sealed = |n: usize| {
        let end = frames[n].offset as usize + SEALED_HEAD_LEN + frames[n].head.body_len as usize;
        &bytes[end - FRAME_LEN..end]
    };
    for a in 0..objects.len() {
        for b in 0..a {
            let differ =
                |at: &usize| sealed(a)[*at] ^ sealed(b)[*at] == objects[a][*at] ^ objects[b][*at];
            let alike = (0..FRAME_LEN).filter(differ).count();
            // By chance one byte of 256 fits.
            if alike > FRAME_LEN / 16 {
                return Err(format!("frames {b} and {a} share a key stream: {alike} bytes fit"));
            }
        }
    }
    Ok(())
}

fn damaged_frames() -> Result<(), String> {
    let keys = Keys::new(2);
    let objects = [noise(1, FRAME_LEN)];
    let (whole, frames) = keys.pack(&objects)?;
    let mut codecs = Codecs::new();
    let mut refused = 0;
    for frame in &frames {
        let is_commit = frame.head.frame_type == FrameType::Commit;
        let given = if is_commit { COMMIT } else { &objects[0] };
        let offset = u64::from(frame.offset);
        let end = frame.offset as usize + usize::try_from(frame.head.sealed_len()).expect("short");
        let step = if is_commit { 1 } else { 97 };
        for at in (frame.offset as usize..end).step_by(step) {
            let mut rotten = whole.clone();
            rotten[at] ^= 1 << (at % 8);
            let opener = PackOpener::new(&rotten, &keys.ring).map_err(|error| error.to_string())?;
            match opener.read_frame(&mut codecs, offset, frame.number, rotten.as_slice()) {
                Ok(opened) if opened.payload() != given => {
                    return Err(format!("byte {at} is damaged, and its frame is handed out"));
                }
                Ok(_) => return Err(format!("byte {at} is damaged and nobody minds; handed out")),
                Err(_) => refused += 1,
            }
        }
        let opener = PackOpener::new(&whole, &keys.ring).map_err(|error| error.to_string())?;
        let opened = opener.read_frame(&mut codecs, offset, frame.number, whole.as_slice());
        if opened.map_err(|error| error.to_string())?.payload() != given {
            return Err("a whole frame reads as something else".to_owned());
        }
    }
    if refused < 200 { Err(format!("only {refused} places were tried")) } else { Ok(()) }
}

fn other_keys() -> Result<(), String> {
    let keys = Keys::new(3);
    let (bytes, _) = keys.pack(&[noise(1, 100)])?;
    let header = PackHeader::decode(&bytes[..HEADER_LEN]).map_err(|error| error.to_string())?;
    PackOpener::new(&bytes, &keys.ring).map_err(|error| format!("its own key: {error}"))?;
    for at in 0..32 {
        let mut other = header.clone();
        other.commitment[at] ^= 1;
        if PackOpener::new(&other.encode(), &keys.ring).is_ok() {
            return Err(format!("a header that commits to another key (byte {at}) is accepted"));
        }
    }
    Ok(())
}

fn borders() -> Result<(), String> {
    let file = noise(9, 24 << 20);
    let cut = |seed: u64| {
        let chunker = Chunker::new(Keys::new(seed).of_space());
        let (mut places, mut at) = (Vec::new(), 0);
        while at < file.len() {
            at += chunker.cut(&file[at..]);
            places.push(at);
        }
        places.pop();
        places
    };
    let (one, other) = (cut(4), cut(5));
    if cut(4) != one || one.len() < 8 {
        return Err(format!("one key gives {one:?}, and then others"));
    }
    let shared = one.iter().filter(|place| other.contains(place)).count();
    if shared > one.len() / 2 {
        return Err(format!("two keys cut at the same places: {shared} of {}", one.len()));
    }
    Ok(())
}

fn lengths() -> Result<(), String> {
    let keys = Keys::new(6);
    let mut seen = std::collections::BTreeSet::new();
    for n in 0..24 {
        let (bytes, _) = keys.pack(&[noise(n, 1 + 11_003 * usize::try_from(n).expect("small"))])?;
        if !(bytes.len() as u64).is_multiple_of(SIZE_STEP) {
            return Err(format!("a pack is {} bytes long, which says what is in it", bytes.len()));
        }
        seen.insert(bytes.len());
    }
    if seen.len() > 2 { Err(format!("24 similar packs have lengths {seen:?}")) } else { Ok(()) }
}
