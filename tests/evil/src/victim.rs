//! The real box, as a process: a federation in a house, steered from a desk.
//!
//! Nothing is decided here. Start at [`be`].

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use federation::{EndpointSecret, Federation, FriendId, InviteState, Settings};
use peer_proto::pact::{Keeping, Terms};
use peer_proto::wire::{Audit, ByteRange, List};
use types::{Bytes, InviteId, Millis, OwnerKey, PackId, Rng};
use volume::Volume;

use crate::desk::{self, Ask, FriendLine, OnDisk, Say};
use crate::house::Home;
use crate::{Outcome, said};

/// How often time passes for the machines.
const TICK: Duration = Duration::from_millis(100);
/// Packs of which a disk is asked at once.
const PAGE: usize = 1_000;

struct Victim {
    home: Arc<Home>,
    federation: Federation,
    swollen: Vec<Vec<u8>>,
}

/// Is a box until somebody says that it is enough.
pub fn be(folder: &Path, seed: u64) -> Outcome<()> {
    let home = Arc::new(Home::new(folder, seed)?);
    let mut settings = Settings::new(EndpointSecret::of(home.key().0.to_bytes()));
    settings.listen = vec![SocketAddr::from(([127, 0, 0, 1], 0))];
    settings.tick = TICK;
    let house: Arc<Home> = Arc::clone(&home);
    let federation = said("start the federation", Federation::start(settings, house))?;
    let mut victim = Victim { home, federation, swollen: Vec::new() };
    desk::serve(&folder.join("desk"), |ask| victim.answer(ask).unwrap_or_else(Say::No))?;
    victim.federation.stop();
    Ok(())
}

impl Victim {
    fn answer(&mut self, ask: Ask) -> Outcome<Say> {
        let Self { home, federation, .. } = self;
        let done = |done: Result<(), federation::FederationError>| match done {
            Ok(()) => Ok(Say::Done),
            Err(error) => Err(error.to_string()),
        };
        match ask {
            Ask::Who => Ok(Say::Who {
                endpoint: federation.endpoint(),
                addresses: federation.addresses(),
                process: std::process::id(),
            }),
            Ask::Invite { keeps, kept } => invite(federation, keeps, kept),
            Ask::TakeBack => {
                for invite in federation.invites() {
                    if invite.state != InviteState::Paired {
                        said("take an invite back", federation.take_back(invite.invite))?;
                    }
                }
                Ok(Say::Done)
            }
            Ask::Confirm(invite) => done(federation.confirm(invite, true)),
            Ask::Accept(ticket) => {
                let preview = said("look at the ticket", federation.look_at(&ticket))?;
                done(federation.accept(preview.invite, true))
            }
            Ask::Friends => Ok(Say::Friends(friends(federation))),
            Ask::Make { count, len } => Ok(Say::Packs(home.make(count, len))),
            Ask::WantAll(friend) => done(federation.want(FriendId(friend), home.items(None))),
            Ask::Want(friend, roots) => {
                done(federation.want(FriendId(friend), home.items(Some(&roots))))
            }
            Ask::Unwant(friend, roots) => done(federation.unwant(FriendId(friend), roots)),
            Ask::Block(friend) => done(federation.block(FriendId(friend))),
            Ask::SayYes(friend) => {
                let view = said("the friend", federation.friend(FriendId(friend)))?;
                let asked = view.asked.ok_or("nothing is proposed")?;
                done(federation.answer(FriendId(friend), asked.hash(), true, None))
            }
            Ask::Pass(span) => {
                home.pass(Millis(span));
                Ok(Say::Done)
            }
            Ask::NewHead => {
                federation.head(home.new_head());
                Ok(Say::Done)
            }
            Ask::OnDisk(owner) => on_disk(home.volume(), OwnerKey(owner)).map(Say::OnDisk),
            Ask::Swell(mib) => {
                self.swollen.push(vec![1; mib << 20]);
                Ok(Say::Count(self.swollen.len()))
            }
            Ask::Quit => Ok(Say::Done),
            other => look(home, federation, other),
        }
    }
}

/// What is asked for to be looked at, or waited for.
fn look(home: &Arc<Home>, federation: &Federation, ask: Ask) -> Outcome<Say> {
    match ask {
        Ask::Audit { friend, root, group } => {
            let nonce = (home.as_ref() as &dyn federation::House).rng();
            let audit = Audit { root, ranges: one_group(group), nonce: random(nonce) };
            said("audit", federation.audit(FriendId(friend), audit)).map(|()| Say::Done)
        }
        Ask::Fetch(friend, root) => fetch(home, federation, friend, root),
        Ask::Copies(friend) => {
            let copies = said("copies", federation.copies(FriendId(friend)))?;
            Ok(Say::Copies(copies.iter().map(|copy| (copy.root, copy.stage)).collect()))
        }
        Ask::News { after, says, within } => {
            let found = home.wait(after, &says, Duration::from_millis(within));
            found
                .map(|(place, text)| Say::News(place, text))
                .ok_or_else(|| format!("nothing was told of {says:?}"))
        }
        Ask::NewsCount => Ok(Say::Count(home.count())),
        Ask::Inbox(friend) => {
            let inbox = said("the inbox", federation.inbox(FriendId(friend)))?;
            Ok(Say::Texts(inbox.iter().map(|note| note.text.to_string()).collect()))
        }
        other => Err(format!("nobody answers {other:?}")),
    }
}

fn random(rng: &dyn Rng) -> [u8; 16] {
    let mut nonce = [0; 16];
    rng.fill(&mut nonce);
    nonce
}

fn one_group(group: u64) -> List<ByteRange, 1024> {
    let from = group * verified::GROUP_LEN;
    List::first([ByteRange { from, to: from + verified::GROUP_LEN }])
}

fn invite(federation: &Federation, keeps: u64, kept: u64) -> Outcome<Say> {
    let terms = Terms {
        by_inviter: Keeping::usual(Bytes(keeps)),
        by_invitee: Keeping::usual(Bytes(kept)),
        notice_days: 30,
    };
    let ticket = said("make an invite", federation.invite(terms))?;
    Ok(Say::Ticket(ticket.text().to_string()))
}

fn friends(federation: &Federation) -> Vec<FriendLine> {
    let line = |view: federation::FriendView| FriendLine {
        id: view.id.0,
        endpoint: view.friend().endpoint,
        seen: format!("{:?}", view.seen),
        blocked: view.blocked,
        phase: format!("{:?}", view.phase),
        pact_seq: view.pact.seq,
        kept: (view.kept.packs, view.kept.bytes.0),
        held: (view.held.packs, view.held.bytes.0),
        asked: view.asked.is_some(),
        went_back: view.went_back,
        answering: view.doing.answering,
        last_error: view.last_error.map(|(_, why)| why),
    };
    federation.friends().into_iter().map(line).collect()
}

/// Fetches all of a pack and compares it with what was sent there once.
fn fetch(home: &Home, federation: &Federation, friend: InviteId, root: PackId) -> Outcome<Say> {
    let mut parts = BTreeMap::new();
    let fetched = federation.fetch(FriendId(friend), root, &[], &mut |at, bytes| {
        parts.insert(at, bytes.to_vec());
        Ok(())
    });
    let len = said("fetch", fetched)?;
    let bytes = parts.into_values().collect::<Vec<_>>().concat();
    match home.pack(root) {
        Some(own) if own == bytes && len.0 == own.len() as u64 => Ok(Say::Done),
        _ => Err("what was fetched is another pack".to_owned()),
    }
}

fn on_disk(volume: &Volume, owner: OwnerKey) -> Outcome<OnDisk> {
    let (hosted, mut found) = (volume.hosted(), OnDisk::default());
    for pack in said("list what is hosted", hosted.list(owner, None, PAGE))? {
        let mut answer = Vec::new();
        let kept = said("open what is hosted", hosted.open(owner, pack.id))?;
        let told = kept.told();
        let is_sent = kept.answer(&verified::Groups::all(&told), &mut answer).is_ok();
        let is_whole = verified::check(&told, &verified::Groups::all(&told), &answer[..]).is_ok();
        if is_sent && is_whole && pack.len == told.len() {
            found.good.push(pack.id);
        } else {
            found.bad += 1;
        }
    }
    found.coming = said("list what comes", hosted.list_incoming(owner))?.len();
    found.heads = said("list heads", hosted.list_heads(owner))?.len();
    Ok(found)
}
