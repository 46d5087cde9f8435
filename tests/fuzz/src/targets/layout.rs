//! The plaintext of packs, piece by piece: header, frame head, table, trailer, footer; and names.
//!
//! What the ciphers usually stand before; `targets::pack` goes through them.

use format::pack::{
    Codec, Footer, FrameHead, PackHeader, TABLE_ENTRY_LEN, TableEntry, Trailer, decode_table,
    encode_table, padding_for,
};
use types::{ChunkId, HeadHash, PackId, VaultId, VolumeId};

use crate::feed::Feed;
use crate::seeds::{self, Seed};
use crate::values;

/// The first byte chooses the piece.
pub fn run(data: &[u8]) {
    let mut feed = Feed::new(data);
    match feed.u8() & 7 {
        0 => header(feed.rest()),
        1 => frame_head(feed.rest()),
        2 => {
            let (count, raw_len) = (feed.number32(), feed.number32());
            table(feed.rest(), count, raw_len);
        }
        3 => trailer(feed.rest()),
        4 => footer(feed.rest()),
        5 => ids(feed.rest()),
        6 => {
            let used = feed.number() & 0xff_ffff;
            assert!((used + padding_for(used) + 48).is_multiple_of(format::pack::SIZE_STEP));
        }
        _ => any_table(&mut feed),
    }
}

fn header(bytes: &[u8]) {
    if let Ok(read) = PackHeader::decode(bytes) {
        assert_eq!(PackHeader::decode(&read.encode()), Ok(read));
    }
}

fn frame_head(bytes: &[u8]) {
    let Ok(read) = FrameHead::decode(bytes) else { return };
    assert_eq!(FrameHead::decode(&read.encode()), Ok(read));
    assert!(read.table_len() <= u64::from(read.body_len));
    assert!(read.sealed_len() <= format::pack::SIZE_MAX);
}

fn table(bytes: &[u8], count: u32, raw_len: u32) {
    let Ok(entries) = decode_table(bytes, count, raw_len) else { return };
    assert_eq!(entries.len(), count as usize);
    let mut written = Vec::new();
    encode_table(&entries, &mut written);
    assert_eq!(written, bytes[..written.len()]);
}

fn any_table(feed: &mut Feed<'_>) {
    let mut entries = Vec::new();
    let mut sum = 0_u32;
    while !feed.is_empty() {
        let (id, len) = (ChunkId(values::id(feed)), feed.u16().into());
        sum += len;
        entries.push(TableEntry { id, len });
    }
    let mut bytes = Vec::new();
    encode_table(&entries, &mut bytes);
    let count = u32::try_from(entries.len()).expect("few");
    assert_eq!(bytes.len(), entries.len() * TABLE_ENTRY_LEN);
    assert_eq!(decode_table(&bytes, count, sum), Ok(entries));
}

fn trailer(bytes: &[u8]) {
    let Ok(read) = Trailer::decode(bytes) else { return };
    assert_eq!(read.encode(), bytes, "there is one way to write a trailer");
    let entries = read.frames.iter().map(|frame| frame.objects.len()).sum();
    assert_eq!(Trailer::encoded_len(read.frames.len(), entries), bytes.len());
    assert!(
        read.frames.iter().all(|f| f.head.codec != Codec::Raw || f.head.raw_len <= f.head.body_len)
    );
}

fn footer(bytes: &[u8]) {
    if let Ok(read) = Footer::decode(bytes) {
        assert_eq!(Footer::decode(&read.encode()), Ok(read));
    }
}

fn ids(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(id) = text.parse::<PackId>() {
        assert_eq!(id.to_string(), text.to_ascii_lowercase());
    }
    if let Ok(id) = text.parse::<VaultId>() {
        assert_eq!(VolumeId(id.0).to_string(), id.to_string());
    }
    assert_eq!(HeadHash::from_slice(bytes).is_some(), bytes.len() == HeadHash::LEN);
}

/// One of each piece.
pub fn seeds() -> Vec<Seed> {
    let headers = seeds::golden(|name| name.ends_with(".pack") || name.ends_with(".part"));
    let mut all: Vec<Seed> = headers.iter().map(|pack| [&[0][..], &pack[..128]].concat()).collect();
    let head = FrameHead {
        frame_type: format::pack::FrameType::Objects,
        codec: Codec::Raw,
        entries: 2,
        body_len: 2 * 36 + 5,
        raw_len: 5,
    };
    let objects = vec![
        TableEntry { id: ChunkId([1; 32]), len: 2 },
        TableEntry { id: ChunkId([2; 32]), len: 3 },
    ];
    let mut table = Vec::new();
    encode_table(&objects, &mut table);
    let frame = format::pack::TrailerFrame { number: 1, offset: 128, head, objects };
    let trailer = Trailer { frames: vec![frame.clone(), frame] }.encode();
    let footer = Footer { trailer_offset: 900, trailer_number: 4, pack_len: 262_144 }.encode();
    all.push([&[1][..], &head.encode()].concat());
    all.push([&[2, 2, 5][..], &table].concat());
    all.push([&[3][..], &trailer].concat());
    all.push([&[4][..], &footer].concat());
    all.push([&[5][..], PackId([0xa5; 32]).to_string().as_bytes()].concat());
    all.push([&[5][..], VaultId([0xa5; 16]).to_string().as_bytes()].concat());
    all.push(vec![6, 0xff, 1, 2, 3]);
    all.push(vec![7, 1, 2, 0, 2, 3, 0]);
    all
}
