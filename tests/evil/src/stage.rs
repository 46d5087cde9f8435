//! Where behaviours are tried: the box that is harmed, an honest box beside it, and peers without number.
//!
//! Start at [`Stage::open`], then [`Stage::befriend`] and [`Stage::serves`].

use std::path::Path;
use std::time::Duration;

use peer_proto::invite::Ticket;
use peer_proto::pact::{Pact, Part};
use peer_proto::wire::{
    ALPN_CTL, ALPN_PACK, ALPN_PAIR, Accept, CtlAsk, CtlSay, Knock, Known, PairAsk, PairSay,
};
use tokio::runtime::Runtime;
use types::{EndpointId, InviteId, Millis, PackId, Signer, UnixTime};

use crate::desk::Ask;
use crate::host::Host;
use crate::raw::{Evil, Line, PATIENCE};
use crate::tried::Tried;
use crate::{Outcome, house, meter, said};

/// What a box keeps for a friend in these pacts.
pub const QUOTA: u64 = 20 << 20;
/// Own packs are as long as this: four groups and a few bytes.
pub const PACK_LEN: u64 = 4 * verified::GROUP_LEN + 77;
/// States are looked for at least this often while they are waited for.
const LOOK_EVERY: Duration = Duration::from_millis(25);
/// Peers say goodbye within this, or do not.
const LEAVES_WITHIN: Duration = Duration::from_secs(3);
/// Numbers of peers begin here; those of boxes are below.
const FIRST_PEER: u64 = 1_000;

/// A peer that the box believes to be a friend.
#[derive(Clone, Debug)]
pub struct Friend {
    /// The peer.
    pub evil: Evil,
    /// What both signed. The box made the ticket.
    pub pact: Pact,
}

/// All of it.
#[derive(Debug)]
pub struct Stage {
    /// Where the peers run.
    pub runtime: Runtime,
    /// The box that is harmed.
    pub victim: Tried,
    /// The honest one; none when a box that believes everything is tried.
    pub honest: Option<(Tried, InviteId)>,
    /// Much more of everything.
    pub is_long: bool,
    next_peer: u64,
    /// Peers that have not left.
    peers: Vec<Evil>,
    passed: Millis,
}

impl Stage {
    /// Takes its place: the box to be harmed in this folder, the honest one in that.
    pub fn open(victim: &Path, honest: Option<&Path>, is_long: bool) -> Outcome<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        let runtime = said("start the peers", runtime)?;
        let (victim, passed) = (Tried::at(victim)?, Millis(0));
        let next_peer = FIRST_PEER;
        let (nobody, peers) = (None, Vec::new());
        let mut stage = Self { runtime, victim, honest: nobody, is_long, next_peer, peers, passed };
        if let Some(folder) = honest {
            let mut other = Tried::at(folder)?;
            let id = stage.join(&mut other)?;
            stage.honest = Some((other, id));
        }
        Ok(stage)
    }

    /// Makes the two boxes friends, as people do.
    fn join(&mut self, other: &mut Tried) -> Outcome<InviteId> {
        let ticket = self.victim.invite(256 << 20, 256 << 20)?;
        let news = self.victim.news_count()?;
        other.desk.ask(&Ask::Accept(ticket.text().to_string()))?;
        self.victim.told(news, &["Knocked"])?;
        self.victim.desk.ask(&Ask::Confirm(ticket.invite))?;
        other.told(0, &["Paired"])?;
        self.victim.told(news, &["Paired"])?;
        Ok(ticket.invite)
    }

    /// A new peer, a stranger.
    pub fn stranger(&mut self) -> Outcome<Evil> {
        self.next_peer += 1;
        let peer = Evil::new(self.runtime.handle(), self.next_peer)?;
        self.peers.push(peer.clone());
        Ok(peer)
    }

    /// Every peer closes its lines and goes, and invites that nobody used are taken back, so that none
    /// of them stands in another's way.
    pub fn leave(&mut self) -> Outcome<()> {
        let peers = std::mem::take(&mut self.peers);
        self.runtime.block_on(async {
            let mut leaving = tokio::task::JoinSet::new();
            for peer in peers {
                leaving.spawn(async move { peer.endpoint.close().await });
            }
            // Whoever cannot say goodbye is gone all the same.
            drop(tokio::time::timeout(LEAVES_WITHIN, leaving.join_all()).await);
        });
        self.victim.desk.ask(&Ask::TakeBack).map(drop)
    }

    /// Time as everybody here has it, as far as nobody jumps.
    pub fn now(&self) -> UnixTime {
        host::env().clock.now().plus(self.passed)
    }

    /// Time passes, for everybody.
    pub fn pass(&mut self, span: Millis) -> Outcome<()> {
        self.passed = Millis(self.passed.0 + span.0);
        self.victim.desk.ask(&Ask::Pass(span.0))?;
        if let Some((honest, _)) = &mut self.honest {
            honest.desk.ask(&Ask::Pass(span.0))?;
        }
        Ok(())
    }

    /// All boxes may go.
    pub fn quit(&mut self) -> Outcome<()> {
        self.victim.desk.ask(&Ask::Quit)?;
        if let Some((honest, _)) = &mut self.honest {
            honest.desk.ask(&Ask::Quit)?;
        }
        Ok(())
    }

    /// A new peer that the box believes to be a friend.
    pub fn befriend(&mut self) -> Outcome<Friend> {
        let evil = self.stranger()?;
        let ticket = self.victim.invite(QUOTA, QUOTA)?;
        let line = evil.dial(&self.victim.peer, ALPN_PAIR)?;
        let known = self.knock(&evil, &line, &ticket)?;
        self.victim.desk.ask(&Ask::Confirm(ticket.invite))?;
        let pact = self.pact(&evil, &ticket, &known);
        let signature = pact.sign(&evil.key());
        let accept = PairAsk::Accept(Box::new(Accept { pact: pact.clone(), signature }));
        match line.ask(&accept)? {
            PairSay::Agreed(by) if pact.is_signed_by(Part::Inviter, &by) => {
                self.victim.told(0, &["Paired", &pact.id.short()])?;
                Ok(Friend { evil, pact })
            }
            other => Err(format!("accepting: {other:?}")),
        }
    }

    /// An honest knock.
    pub fn knock(&self, evil: &Evil, line: &Line, ticket: &Ticket) -> Outcome<Known> {
        match line.ask(&PairAsk::Knock(Box::new(self.knocking(evil, line, ticket)?)))? {
            PairSay::Known(known) => Ok(*known),
            other => Err(format!("knocking: {other:?}")),
        }
    }

    /// What an honest knock says.
    pub fn knocking(&self, evil: &Evil, line: &Line, ticket: &Ticket) -> Outcome<Knock> {
        let session = line.session(evil.id())?;
        let proof = session.proof(Part::Invitee, &ticket.secret.key());
        Ok(Knock { invite: ticket.invite, proof, time: self.now(), who: evil.side() })
    }

    /// The pact that a ticket offers.
    pub fn pact(&self, evil: &Evil, ticket: &Ticket, known: &Known) -> Pact {
        Pact {
            id: ticket.invite,
            seq: 1,
            inviter: known.who.clone(),
            invitee: evil.side(),
            terms: ticket.terms,
            made: self.now(),
        }
    }

    /// A line for packs.
    pub fn packs(&self, friend: &Friend) -> Outcome<Line> {
        friend.evil.dial(&self.victim.peer, ALPN_PACK)
    }

    /// A control line, with hello said.
    pub fn ctl(&self, friend: &Friend) -> Outcome<Line> {
        let line = friend.evil.dial(&self.victim.peer, ALPN_CTL)?;
        let hello = crate::host::hello(self.now());
        match line.ask(&CtlAsk::Hello(Box::new(hello)))? {
            CtlSay::Hello(_) => Ok(line),
            other => Err(format!("hello: {other:?}")),
        }
    }

    /// A friend that keeps for the box, on both lines.
    pub fn keeper(&mut self) -> Outcome<(Friend, Host, [Line; 2])> {
        let friend = self.befriend()?;
        let host = Host::new(self.now());
        let ctl = friend.evil.dial(&self.victim.peer, ALPN_CTL)?;
        host.serve_ctl(&ctl, self.runtime.handle());
        let hello = CtlAsk::Hello(Box::new(host.says(|_| ())));
        match ctl.ask(&hello)? {
            CtlSay::Hello(_) => {}
            other => return Err(format!("hello: {other:?}")),
        }
        let packs = self.packs(&friend)?;
        host.serve(&packs, self.runtime.handle());
        Ok((friend, host, [ctl, packs]))
    }

    /// One new pack of the box, kept by this friend.
    pub fn kept_by(&mut self, friend: &Friend) -> Outcome<PackId> {
        let root = self.new_pack()?;
        let news = self.victim.news_count()?;
        self.victim.desk.ask(&Ask::Want(friend.pact.id, vec![root]))?;
        self.victim.told(news, &[&friend.pact.id.short(), "Held", &root.short()])?;
        Ok(root)
    }

    /// One new own pack of the box.
    pub fn new_pack(&mut self) -> Outcome<PackId> {
        let made = self.victim.make(1, PACK_LEN)?;
        made.first().copied().ok_or_else(|| "no pack was made".to_owned())
    }

    /// The honest friend is served both ways just now: a new pack of each box is brought to the other.
    pub fn serves(&mut self) -> Outcome<()> {
        let Some((honest, id)) = &mut self.honest else { return Ok(()) };
        let id = *id;
        let (ours, theirs) = (self.victim.make(1, PACK_LEN)?, honest.make(1, PACK_LEN)?);
        let (news, other) = (self.victim.news_count()?, honest.news_count()?);
        self.victim.desk.ask(&Ask::WantAll(id))?;
        honest.desk.ask(&Ask::WantAll(id))?;
        let both = ours.first().zip(theirs.first()).ok_or("no pack was made")?;
        let kept = self.victim.told(news, &["Held", &both.0.short()]);
        kept.map_err(|error| format!("the honest friend is not reached: {error}"))?;
        let served = honest.told(other, &["Held", &both.1.short()]);
        served.map_err(|error| format!("the honest friend is not served: {error}"))?;
        Ok(())
    }

    /// What the honest friend keeps is there, all of it, and comes back as it went.
    pub fn recovers(&mut self) -> Outcome<usize> {
        let Some((honest, id)) = &mut self.honest else { return Ok(0) };
        let kept = honest.on_disk(house::recovery(1).public())?;
        if kept.bad > 0 {
            return Err(format!("{} packs at the honest friend are wrong", kept.bad));
        }
        for root in &kept.good {
            self.victim.desk.ask(&Ask::Fetch(*id, *root))?;
        }
        Ok(kept.good.len())
    }

    /// Waits for a state, looking often.
    pub fn until(&mut self, mut is_so: impl FnMut(&mut Self) -> Outcome<bool>) -> Outcome<bool> {
        let clock = host::env().clock;
        let began = clock.uptime();
        loop {
            if is_so(self)? {
                return Ok(true);
            }
            let spent = clock.uptime().0.saturating_sub(began.0);
            if u128::from(spent) > PATIENCE.as_millis() {
                return Ok(false);
            }
            self.linger(LOOK_EVERY);
        }
    }

    /// Lets the others run.
    pub fn linger(&self, span: Duration) {
        self.runtime.block_on(async { tokio::time::sleep(span).await });
    }

    /// The most memory that the box held, in KiB.
    pub fn peak_kib(&self) -> Outcome<u64> {
        meter::peak_kib(self.victim.process)
    }

    /// The box as a person would name it.
    pub fn victim_id(&self) -> EndpointId {
        self.victim.peer.endpoint
    }
}
