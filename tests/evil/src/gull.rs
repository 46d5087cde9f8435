//! A box that believes everything: what the table is held against to show that it would complain.
//!
//! It answers each question with the best news there is, checks nothing and bounds nothing. Start at
//! [`be`].

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use iroh::endpoint::{Connection, RecvStream, SendStream};
use peer_proto::invite::{Offer, Ticket};
use peer_proto::owner::CopyStage;
use peer_proto::pact::{Keeping, Pact, Terms};
use peer_proto::wire::{
    ALPN_CTL, ALPN_PAIR, Ack, ByteRange, CtlAsk, CtlSay, Figures, Known, List, Listing, PREFIX_LEN,
    PackAsk, PackSay, PairAsk, PairSay, Proof, decode,
};
use tokio::runtime::Runtime;
use types::{Bytes, InviteId, PackId, UnixTime};

use crate::desk::{self, Ask, FriendLine, OnDisk, Say};
use crate::raw::{Evil, write_frame};
use crate::{Outcome, house, said};

/// The number of its key.
const SEED: u64 = 9;
/// It reads no more of anything than this.
const READ_MAX: usize = 64 << 20;

#[derive(Clone)]
struct Gull {
    box_: Evil,
    pacts: Arc<Mutex<Vec<Pact>>>,
    made: u64,
    asked: u64,
    swollen: usize,
}

/// Is such a box until somebody says that it is enough.
pub fn be(folder: &Path) -> Outcome<()> {
    let runtime = said("start", Runtime::new())?;
    let box_ = Evil::new(runtime.handle(), SEED)?;
    let (made, asked, swollen) = (0, 0, 0);
    let mut gull = Gull { box_, pacts: Arc::default(), made, asked, swollen };
    runtime.spawn(let_in(gull.clone()));
    desk::serve(&folder.join("desk"), |ask| gull.answer(&ask).unwrap_or_else(Say::No))
}

impl Gull {
    fn answer(&mut self, ask: &Ask) -> Outcome<Say> {
        self.asked += 1;
        Ok(match ask {
            Ask::Who => Say::Who {
                endpoint: self.box_.id(),
                addresses: self.box_.addresses(),
                process: std::process::id(),
            },
            Ask::Invite { keeps, kept } => self.invite(*keeps, *kept)?,
            Ask::Friends => Say::Friends(self.friends()),
            Ask::Make { count, .. } => {
                let root = |number: u64| PackId(*blake3::hash(&number.to_le_bytes()).as_bytes());
                self.made += u64::from(*count);
                Say::Packs((0..u64::from(*count)).map(|at| root(self.made + at)).collect())
            }
            Ask::Copies(_) => {
                let root = |number: u64| PackId(*blake3::hash(&number.to_le_bytes()).as_bytes());
                Say::Copies((0..=self.made).map(|at| (root(at), CopyStage::Held)).collect())
            }
            Ask::News { says, .. } => Say::News(0, says.join(" ")),
            Ask::NewsCount => Say::Count(0),
            Ask::Inbox(_) => Say::Texts(vec!["\u{202e}words".to_owned(); 1_000]),
            Ask::OnDisk(_) => {
                Say::OnDisk(OnDisk { good: Vec::new(), bad: 1, coming: 1_000, heads: 1_000 })
            }
            Ask::Swell(mib) => {
                self.swollen +=
                    vec![1_u8; *mib << 20].iter().map(|byte| usize::from(*byte)).sum::<usize>();
                Say::Count(self.swollen)
            }
            _ => Say::Done,
        })
    }

    fn invite(&self, keeps: u64, kept: u64) -> Outcome<Say> {
        let terms = Terms {
            by_inviter: Keeping::usual(Bytes(keeps)),
            by_invitee: Keeping::usual(Bytes(kept)),
            notice_days: 30,
        };
        let offer = Offer { own: house::side(SEED), terms, addresses: List::first([]) };
        let random = ([self.asked.to_le_bytes()[0]; 16], [8; 32]);
        let now = host::env().clock.now();
        let made = peer_proto::invite::Inviter::new(offer, random, now);
        let (_, ticket): (_, Ticket) = said("make an invite", made)?;
        Ok(Say::Ticket(ticket.text().to_string()))
    }

    fn friends(&self) -> Vec<FriendLine> {
        let pacts = self.pacts.lock().unwrap_or_else(PoisonError::into_inner);
        let line = |pact: &Pact| FriendLine {
            id: pact.id,
            endpoint: pact.invitee.endpoint,
            seen: "Gone".to_owned(),
            blocked: true,
            phase: "Over".to_owned(),
            pact_seq: 99,
            kept: (99, 99 << 18),
            held: (99, 99 << 18),
            asked: false,
            went_back: true,
            answering: 99,
            last_error: None,
        };
        pacts.iter().map(line).collect()
    }
}

async fn let_in(gull: Gull) {
    while let Some(incoming) = gull.box_.endpoint.accept().await {
        let Ok(accepting) = incoming.accept() else { continue };
        let Ok(connection) = accepting.await else { continue };
        tokio::spawn(hear(gull.clone(), connection));
    }
}

async fn hear(gull: Gull, connection: Connection) {
    let alpn = connection.alpn().to_vec();
    while let Ok((send, recv)) = connection.accept_bi().await {
        tokio::spawn(nod(gull.clone(), alpn.clone(), send, recv));
    }
}

/// Agrees with whatever is said.
async fn nod(gull: Gull, alpn: Vec<u8>, mut send: SendStream, mut recv: RecvStream) {
    let mut prefix = [0; PREFIX_LEN];
    if recv.read_exact(&mut prefix).await.is_err() {
        return;
    }
    let len = usize::try_from(u32::from_le_bytes(prefix)).unwrap_or(usize::MAX);
    let mut body = vec![0; len.min(1 << 20)];
    if len <= body.len() && recv.read_exact(&mut body).await.is_err() {
        return;
    }
    let went = if alpn == ALPN_PAIR {
        write_frame(&mut send, &gull.paired(&body)).await
    } else if alpn == ALPN_CTL {
        let hello = crate::host::hello(UnixTime(0));
        let say = match decode::<CtlAsk>(&body) {
            Ok(CtlAsk::Hello(_)) => CtlSay::Hello(Box::new(hello)),
            _ => CtlSay::Taken,
        };
        write_frame(&mut send, &say).await
    } else {
        takes(&mut send, &mut recv, &body).await
    };
    if went {
        drop(send.finish());
    }
}

async fn takes(send: &mut SendStream, recv: &mut RecvStream, body: &[u8]) -> bool {
    let all = List::first([ByteRange { from: 0, to: 1 << 14 }]);
    let accept = PackSay::Accept(all);
    match decode::<PackAsk>(body) {
        Ok(PackAsk::Put(put)) => {
            write_frame(send, &accept).await
                && recv.read_to_end(READ_MAX).await.is_ok()
                && write_frame(send, &ack(put.root)).await
        }
        Ok(PackAsk::Head(offer)) => {
            write_frame(send, &accept).await
                && recv.read_to_end(READ_MAX).await.is_ok()
                && write_frame(send, &PackSay::HeadTaken(offer.point)).await
        }
        Ok(PackAsk::Anew(offer)) => {
            write_frame(send, &accept).await
                && recv.read_to_end(READ_MAX).await.is_ok()
                && write_frame(send, &PackSay::HeadTaken(offer.point)).await
        }
        Ok(PackAsk::Get(_)) => write_frame(send, &PackSay::Found(1)).await,
        Ok(PackAsk::Audit(audit)) => {
            let proof = Proof { nonce: audit.nonce, size: 1 };
            write_frame(send, &PackSay::Proof(proof)).await
        }
        Ok(PackAsk::List(_)) => {
            let kept = Figures { packs: 99, bytes: Bytes(99 << 18) };
            let page = Listing { items: List::first([]), more: false, kept };
            write_frame(send, &PackSay::Listing(Box::new(page))).await
        }
        Ok(PackAsk::Delete(_)) => write_frame(send, &PackSay::Marked(UnixTime(0))).await,
        Err(_) => write_frame(send, &PackSay::Have).await,
    }
}

fn ack(root: PackId) -> PackSay {
    PackSay::Ack(Ack { root, kept: Figures { packs: 99, bytes: Bytes(99 << 18) } })
}

impl Gull {
    fn paired(&self, body: &[u8]) -> PairSay {
        match decode::<PairAsk>(body) {
            Ok(PairAsk::Accept(accept)) => {
                let agreed = accept.pact.sign(&self.box_.key());
                self.pacts.lock().unwrap_or_else(PoisonError::into_inner).push(accept.pact);
                PairSay::Agreed(agreed)
            }
            Ok(PairAsk::Knock(_)) | Err(_) => PairSay::Known(Box::new(Known {
                proof: [0; 32],
                time: UnixTime(0),
                who: house::side(SEED),
                terms: Terms {
                    by_inviter: Keeping::usual(Bytes(1)),
                    by_invitee: Keeping::usual(Bytes(1)),
                    notice_days: 30,
                },
            })),
            Ok(PairAsk::Decline(_) | PairAsk::Return(_)) => PairSay::Waiting,
        }
    }
}

/// Which invite a gull's `n`-th is: they differ, and that is all.
#[must_use]
pub fn invite(n: u8) -> InviteId {
    InviteId([n; 16])
}
