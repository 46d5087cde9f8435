//! One value of each frame, always the same, for the golden file and for damage.

use peer_proto::pact::{Keeping, Pact, Schedule, Side, Terms};
use peer_proto::sign::Signature;
use peer_proto::wire::{
    Accept, Ack, Agree, Audit, ByeWhy, ByteRange, CtlAsk, CtlSay, Cursor, Ending, Figures, Get,
    HeadAnew, HeadPoint, Hello, Kind, Knock, Known, Leaving, List, Listed, Listing, Note, NoteKind,
    OfferHead, PackAsk, PackSay, PairAsk, PairSay, Proof, Propose, Put, Return, Returned,
    SignedNote, Text, Why,
};
use types::{Bytes, EndpointId, HeadHash, InviteId, PackId, UnixTime, VaultId};

const TIME: UnixTime = UnixTime(1_796_000_000_000);

fn side(of: u8, label: &str) -> Side {
    Side {
        endpoint: EndpointId([of; 32]),
        vault: VaultId([of + 1; 16]),
        recovery: [of + 2; 32],
        writer: [of + 3; 32],
        label: Text::new(label).unwrap(),
    }
}

fn terms() -> Terms {
    let mut by_invitee = Keeping::usual(Bytes(500_000_000_000));
    by_invitee.schedule = Schedule { hours: [0x0f; 21], rate_kbit: 5_000 };
    Terms { by_inviter: Keeping::usual(Bytes(1 << 40)), by_invitee, notice_days: 30 }
}

fn pact() -> Pact {
    Pact {
        id: InviteId([7; 16]),
        seq: 2,
        inviter: side(0x10, "Anna"),
        invitee: side(0x20, "Bo"),
        terms: terms(),
        made: TIME,
    }
}

fn ranges() -> List<ByteRange, 1024> {
    List::new(vec![ByteRange { from: 0, to: 16_384 }, ByteRange { from: 65_536, to: 16_777_216 }])
        .unwrap()
}

fn figures() -> Figures {
    Figures { packs: 3, bytes: Bytes(12_582_912) }
}

fn point(seq: u64) -> HeadPoint {
    HeadPoint { seq, hash: HeadHash([0x33; 32]) }
}

fn signature() -> Signature {
    Signature::of([0x44; 64])
}

/// Every request and answer for pairing.
pub(crate) fn pair() -> (Vec<PairAsk>, Vec<PairSay>) {
    let asks = vec![
        PairAsk::Knock(Box::new(Knock {
            invite: InviteId([7; 16]),
            proof: [8; 32],
            time: TIME,
            who: side(0x20, "Bo"),
        })),
        PairAsk::Accept(Box::new(Accept { pact: pact(), signature: signature() })),
        PairAsk::Decline(InviteId([7; 16])),
        PairAsk::Return(Box::new(Return {
            vault: VaultId([0x21; 16]),
            who: side(0x30, "Bo again"),
            time: TIME,
            proof: signature(),
        })),
    ];
    let says = vec![
        PairSay::Known(Box::new(Known {
            proof: [9; 32],
            time: TIME,
            who: side(0x10, "Anna"),
            terms: terms(),
        })),
        PairSay::Waiting,
        PairSay::Agreed(signature()),
        PairSay::Returned(Box::new(Returned { pact: pact(), signature: signature() })),
        PairSay::Refused(Why::WrongSecret.with(4)),
        PairSay::Leaving(Box::new(Leaving {
            returned: Returned { pact: pact(), signature: signature() },
            ends: TIME,
        })),
    ];
    (asks, says)
}

fn hello() -> Hello {
    Hello {
        version: 1,
        time: TIME,
        time_is_sure: true,
        addresses: List::new(vec![Text::new("192.0.2.7:4433").unwrap()]).unwrap(),
        pact_seq: 2,
        kept: figures(),
        held: figures(),
        head: Some(point(40)),
    }
}

/// Every request and answer of control.
pub(crate) fn ctl() -> (Vec<CtlAsk>, Vec<CtlSay>) {
    let note = Note {
        from: EndpointId([0x10; 32]),
        to: EndpointId([0x20; 32]),
        serial: 5,
        time: TIME,
        kind: NoteKind::Words,
        circle: None,
        text: Text::new("Back on Sunday.").unwrap(),
    };
    let asks = vec![
        CtlAsk::Hello(Box::new(hello())),
        CtlAsk::Note(Box::new(SignedNote { note, signature: signature() })),
        CtlAsk::Propose(Box::new(Propose {
            pact: pact(),
            signature: signature(),
            recovery: Some(signature()),
        })),
        CtlAsk::Agree(Agree { seq: 2, signature: signature(), recovery: None }),
        CtlAsk::Decline(2),
        CtlAsk::Pause(Some(TIME)),
        CtlAsk::Resume,
        CtlAsk::End(Ending {
            pact: InviteId([7; 16]),
            at: UnixTime(TIME.0 + 2_592_000_000),
            said: TIME,
            signature: signature(),
        }),
        CtlAsk::Bye(ByeWhy::Restart),
    ];
    let says = vec![
        CtlSay::Hello(Box::new(Hello { head: None, ..hello() })),
        CtlSay::Taken,
        CtlSay::Refused(Why::Full.plain()),
    ];
    (asks, says)
}

/// Every request and answer about packs.
pub(crate) fn pack() -> (Vec<PackAsk>, Vec<PackSay>) {
    let root = PackId([0x55; 32]);
    let asks = vec![
        PackAsk::Put(Put { root, size: 4_194_304, kind: Kind::Meta }),
        PackAsk::Get(Get { root, ranges: List::first([]) }),
        PackAsk::Audit(Audit { root, ranges: ranges(), nonce: [6; 16] }),
        PackAsk::List(Cursor { after: Some(root) }),
        PackAsk::Delete(root),
        PackAsk::Head(Box::new(OfferHead {
            point: point(41),
            previous: Some(point(40)),
            len: 900,
            link: Some(signature()),
            vouched: None,
        })),
        PackAsk::Anew(Box::new(HeadAnew {
            point: point(41),
            after: point(40),
            len: 900,
            recovery: signature(),
            vouched: None,
        })),
    ];
    let listed =
        |of: u8, until| Listed { root: PackId([of; 32]), size: 4_194_304, kind: Kind::Data, until };
    let says = vec![
        PackSay::Accept(ranges()),
        PackSay::Have,
        PackSay::Ack(Ack { root, kept: figures() }),
        PackSay::Found(4_194_304),
        PackSay::Proof(Proof { nonce: [6; 16], size: 4_194_304 }),
        PackSay::Missing,
        PackSay::Listing(Box::new(Listing {
            items: List::new(vec![listed(1, None), listed(2, Some(TIME))]).unwrap(),
            more: true,
            kept: figures(),
        })),
        PackSay::Marked(TIME),
        PackSay::HeadTaken(point(41)),
        PackSay::Refused(Why::OverQuota.with(1_048_576)),
    ];
    (asks, says)
}
