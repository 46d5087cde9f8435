//! Frames of `holdfast/pack/1`: packs out and back, one request a stream, raw bytes after the frame.
//!
//! Start at [`PackAsk`]; which bytes follow which frame stands at each.

use serde::{Deserialize, Serialize};
use types::{Bytes, PackId, UnixTime};

use super::{Figures, Frame, HeadPoint, Kind, List, Refused, WireError};
use crate::limits;
use crate::sign::Signature;

/// Parts of a pack, in order and apart.
pub type Ranges = List<ByteRange, { limits::RANGES_MAX }>;

/// What an owner asks of a host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PackAsk {
    /// 0: keep this. After [`PackSay::Accept`] the bytes follow as a bao stream of what is missing.
    Put(Put),
    /// 1: give me these parts.
    Get(Get),
    /// 2: prove that you have these parts.
    Audit(Audit),
    /// 3: what do you keep for me?
    List(Cursor),
    /// 4: I no longer need this.
    Delete(PackId),
    /// 5: this is my newest head. After [`PackSay::Accept`] its bytes follow, plain.
    Head(Box<OfferHead>),
    /// 6: my heads begin again from this one, by the recovery key's word. Goes on like a head.
    Anew(Box<HeadAnew>),
}

/// What a host answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PackSay {
    /// 0: send these parts.
    Accept(Ranges),
    /// 1: it is here already, whole and durable.
    Have,
    /// 2: it is whole and durable now.
    Ack(Ack),
    /// 3: here they are; a bao stream of the parts follows.
    Found(u64),
    /// 4: the answer to an audit; a bao stream of the parts follows.
    Proof(Proof),
    /// 5: it is not here.
    Missing,
    /// 6: a page of what is kept.
    Listing(Box<Listing>),
    /// 7: noted; it goes at this time by the host's clock, not earlier.
    Marked(UnixTime),
    /// 8: the head was seen, and everything from now on has to follow it.
    HeadTaken(HeadPoint),
    /// 9: no.
    Refused(Refused),
}

/// Bytes `from..to` of a pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ByteRange {
    /// The first.
    pub from: u64,
    /// One past the last.
    pub to: u64,
}

/// A pack that is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Put {
    /// Its name: the BLAKE3 hash of its bytes, and so the root of its bao tree.
    pub root: PackId,
    /// Its length.
    pub size: u64,
    /// What it is.
    pub kind: Kind,
}

/// Parts that are wanted back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Get {
    /// Of which pack.
    pub root: PackId,
    /// Which; none at all means the whole.
    pub ranges: Ranges,
}

/// Parts to be proved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audit {
    /// Of which pack.
    pub root: PackId,
    /// Which parts; at least one.
    pub ranges: Ranges,
    /// Comes back in the proof, so that an old answer is none.
    pub nonce: [u8; 16],
}

/// Where to go on with a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// After this one; from the beginning if there is none.
    pub after: Option<PackId>,
}

/// A head that is offered to a witness.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferHead {
    /// Its place in the chain.
    pub point: HeadPoint,
    /// The last one that this friend has seen, as the owner knows; none for the first.
    pub previous: Option<HeadPoint>,
    /// Length of its bytes.
    pub len: u64,
    /// Its writer's word that it follows `previous`, when heads between the two are not shown.
    pub link: Option<Signature>,
    /// The recovery key's word for a writer that this friend does not know.
    pub vouched: Option<Signature>,
}

/// A head from which an owner's heads begin again, whatever was shown in its name before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeadAnew {
    /// Its place in the chain.
    pub point: HeadPoint,
    /// The last one that this friend has seen.
    pub after: HeadPoint,
    /// Length of its bytes.
    pub len: u64,
    /// The recovery key's word that `point` comes after `after`.
    pub recovery: Signature,
    /// The recovery key's word for a writer that this friend does not know.
    pub vouched: Option<Signature>,
}

/// A receipt: from here on the pack counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ack {
    /// Which pack.
    pub root: PackId,
    /// All that is kept for this owner, with it.
    pub kept: Figures,
}

/// The head of an audit's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// The question's.
    pub nonce: [u8; 16],
    /// Length of the pack.
    pub size: u64,
}

/// A page of a list, in the order of the names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// What is kept.
    pub items: List<Listed, { limits::LIST_MAX }>,
    /// Whether there are more after the last one.
    pub more: bool,
    /// All that is kept.
    pub kept: Figures,
}

/// One thing that a host keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Its name.
    pub root: PackId,
    /// Its length.
    pub size: u64,
    /// What it is.
    pub kind: Kind,
    /// When it goes, if its deletion was asked for.
    pub until: Option<UnixTime>,
}

/// Whether these are parts of a pack of at most that size: in order, apart, none empty.
pub fn are_parts(ranges: &[ByteRange], size: u64) -> bool {
    let mut end = 0;
    ranges.iter().enumerate().all(|(at, range)| {
        let follows = at == 0 || range.from > end;
        end = range.to;
        follows && range.from < range.to && range.to <= size
    })
}

/// What these parts are together.
pub fn len_of(ranges: &[ByteRange]) -> Bytes {
    Bytes(ranges.iter().map(|range| range.to.saturating_sub(range.from)).sum())
}

/// Ranges that cannot be parts of any pack are refused with the frame.
fn checked(what: &'static str, ranges: &Ranges) -> Result<(), WireError> {
    if are_parts(ranges.items(), limits::PACK_LEN_MAX) {
        Ok(())
    } else {
        Err(WireError::Field { what, field: "ranges" })
    }
}

impl Frame for PackAsk {
    const WHAT: &'static str = "pack request";
    const VARIANTS: u32 = 7;

    fn check(&self) -> Result<(), WireError> {
        match self {
            Self::Get(get) => checked(Self::WHAT, &get.ranges),
            Self::Audit(audit) if audit.ranges.items().is_empty() => {
                Err(WireError::Field { what: Self::WHAT, field: "ranges" })
            }
            Self::Audit(audit) => checked(Self::WHAT, &audit.ranges),
            Self::Put(_) | Self::List(_) | Self::Delete(_) | Self::Head(_) | Self::Anew(_) => {
                Ok(())
            }
        }
    }
}

impl Frame for PackSay {
    const WHAT: &'static str = "pack answer";
    const VARIANTS: u32 = 10;

    fn check(&self) -> Result<(), WireError> {
        match self {
            Self::Accept(missing) => checked(Self::WHAT, missing),
            Self::Listing(page)
                if !page.items.items().windows(2).all(|two| two[0].root < two[1].root) =>
            {
                Err(WireError::Field { what: Self::WHAT, field: "items" })
            }
            _ => Ok(()),
        }
    }
}
