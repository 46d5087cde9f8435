//! What a box decides about its friends, once a step: whom it asks for proof, what goes to whom, what comes
//! back, and what may go. Start at [`World::see_friends`].

use peer_proto::host::HostEvent;
use peer_proto::owner::{Item, OwnerEvent};
use peer_proto::pact::PactEvent;
use peer_proto::wire::{Audit, ByteRange, Kind, List};
use plan::PackKind;
use plan::offsite::FriendFacts;
use plan::offsite::audit::{HeldPack, today, wants_look};
use plan::offsite::place::{OffsiteAction, plan};
use plan::offsite::score::{Record, Verdict, verdict};
use types::{Bytes, Millis};

use crate::Sabotage;
use crate::sets::{bit, index, number};
use crate::shelf::Truth;
use crate::store::SCRUB_DAYS;
use crate::world::{Fetch, Pack, World, at};

/// Bytes that a line carries in a day.
const LINE_A_DAY: Bytes = Bytes(96 * Bytes::MIB);
/// Ranges asked of a friend in a step: fewer than in life, as there are fewer packs.
const RANGES: u32 = 16;
/// An owner who is told that a friend keeps nothing waits so many days before ending it.
const ENDS_AFTER: u32 = 45;
/// How soon a host lets a dark box's packs go when it is sabotaged, in days.
const EXPIRES_AFTER: u64 = 60;

impl World {
    pub(crate) fn line_in_a_step(&self) -> Bytes {
        Bytes(LINE_A_DAY.0 * u64::from(self.stride))
    }

    /// Time passes for the machines of a house.
    pub(crate) fn tick(&mut self, house: usize) {
        for friend in 0..self.houses.len() {
            if friend == house || self.houses[house].bonds[friend].is_none() {
                continue;
            }
            self.pact_on(house, friend, PactEvent::Tick);
            self.host_on(house, friend, HostEvent::Tick);
            self.owner_on(house, friend, OwnerEvent::Tick);
        }
        self.start_again(house);
    }

    /// Reads what is kept for others, now and then.
    pub(crate) fn look_after_guests(&mut self, house: usize) {
        for guest in 0..self.houses.len() {
            let dark = at(self.day).since(self.houses[house].views[guest].last_seen);
            if self.sabotage == Sabotage::SilenceExpires && dark > Millis::from_days(EXPIRES_AFTER)
            {
                let shelf = &mut self.houses[house].shelves[guest];
                shelf.betrayed |= shelf.good();
                shelf.files.clear();
            }
        }
        if self.day - self.houses[house].scrubbed < SCRUB_DAYS {
            return;
        }
        self.houses[house].scrubbed = self.day;
        let alive: Vec<u32> = self.houses[house]
            .disks
            .iter()
            .filter(|disk| disk.alive)
            .map(|disk| disk.serial)
            .collect();
        for guest in 0..self.houses.len() {
            let files = self.houses[house].shelves[guest].files.iter();
            let rotten =
                files.filter(|(_, file)| file.is == Truth::Rotten && alive.contains(&file.disk));
            let rotten: Vec<_> = rotten.map(|(root, _)| *root).collect();
            rotten.into_iter().for_each(|root| self.is_rotten(house, guest, root));
        }
        self.start_again(house);
    }

    pub(crate) fn see_friends(&mut self, owner: usize) {
        let now = self.now(owner);
        for host in 0..self.houses.len() {
            if !self.line(owner, host).open {
                continue;
            }
            self.houses[owner].views[host].last_seen = now.wall;
            if self.sabotage != Sabotage::NoAudits {
                self.audit(owner, host);
            }
        }
        // Who does not know what time it is leaves everything as it is.
        if self.knows_time(owner) {
            self.judge_friends(owner);
            self.carry(owner);
        }
        self.start_again(owner);
    }

    fn knows_time(&self, house: usize) -> bool {
        let (now, me) = (self.now(house), &self.houses[house]);
        let guests = me.shelves.iter().enumerate().filter(|(guest, _)| *guest != house);
        guests.map(|(_, shelf)| shelf).all(|shelf| shelf.machine.clock_is_sure(now))
    }

    fn audit(&mut self, owner: usize, host: usize) {
        let (at, going) = self.counted(owner, host);
        let now = self.now(owner).wall;
        let me = &self.houses[owner];
        let view = &me.views[host];
        let held = crate::sets::members(at & !going).map(|no| HeldPack {
            no,
            len: me.packs[index(no)].len,
            unproved: view.unproved & bit(no) != 0
                || wants_look(Some(view.proved[index(no)]), None, now),
        });
        let ranges = today(&held.collect::<Vec<_>>(), RANGES, self.dice.seed());
        for range in ranges {
            self.ask_for_proof(owner, host, range.pack, (range.from, range.from + range.len));
        }
    }

    pub(crate) fn ask_for_proof(
        &mut self,
        owner: usize,
        host: usize,
        pack: u32,
        (from, to): (u64, u64),
    ) {
        let root = self.root(owner, pack);
        let ranges = List::first([ByteRange { from, to }]);
        let audit = Audit { root, ranges, nonce: [9; 16] };
        self.owner_on(owner, host, OwnerEvent::Audit(audit));
    }

    fn judge_friends(&mut self, owner: usize) {
        if self.sabotage == Sabotage::NoAudits {
            return;
        }
        for host in 0..self.houses.len() {
            let (at, going) = self.counted(owner, host);
            let (day, now) = (self.day, self.now(owner).wall);
            let may_push =
                self.houses[owner].bonds[host].as_ref().is_some_and(|bond| bond.life.may_push(now));
            let view = &mut self.houses[owner].views[host];
            // Whoever is silent when it is offered packs keeps others from being offered them.
            view.offered = view.offered.filter(|_| may_push);
            let holds = at & !going != 0;
            let since = if holds { view.proved_any } else { view.offered.unwrap_or(now) };
            let record = Record {
                history: &view.history,
                proved: since,
                last_seen: view.last_seen,
                holds: holds || view.offered.is_some(),
            };
            match verdict(&record, now) {
                Verdict::Distrusted => {
                    let since = *view.distrusted.get_or_insert(day);
                    // Its owner was told, found another home or none, and ends it.
                    view.given_up |= day - since >= ENDS_AFTER;
                }
                Verdict::Good | Verdict::Warned { .. } | Verdict::Unproved { .. } => {
                    view.distrusted = None;
                }
            }
        }
    }

    /// Does what the plan says until the line is full.
    fn carry(&mut self, owner: usize) {
        let others = (0..self.houses.len()).filter(|host| *host != owner);
        let friends: Vec<FriendFacts> = others.map(|host| self.facts(owner, host)).collect();
        let plan = plan(&self.offsite_packs(owner), &friends, self.now(owner).wall);
        let all = |packs: &[u32]| packs.iter().fold(0, |set, pack| set | bit(*pack));
        self.houses[owner].named = all(&plan.lost);
        self.houses[owner].away = all(&plan.away);
        let mut want = vec![Vec::new(); self.houses.len()];
        for action in plan.actions {
            match action {
                OffsiteAction::Fetch { pack, from } => {
                    let root = self.root(owner, pack);
                    self.fetch(owner, usize::from(from), root, Fetch::Pack(pack));
                }
                OffsiteAction::Send { pack, to } => {
                    let host = usize::from(to);
                    want[host].extend(self.item(owner, host, pack));
                }
                OffsiteAction::LetGo { pack, at } => {
                    let root = self.root(owner, pack);
                    self.owner_on(owner, usize::from(at), OwnerEvent::Unwant(vec![root]));
                }
            }
        }
        for (host, items) in want.into_iter().enumerate() {
            self.forget_strangers(owner, host);
            let is_new = !items.is_empty() || self.houses[owner].views[host].machine.queued() > 0;
            if !items.is_empty() {
                let now = self.now(owner).wall;
                self.houses[owner].views[host].offered.get_or_insert(now);
            }
            if host != owner && is_new {
                self.owner_on(owner, host, OwnerEvent::Want(items));
            }
        }
    }

    /// What a friend keeps under a name that no pack has any more need not be there.
    fn forget_strangers(&mut self, owner: usize, host: usize) {
        let copies = self.houses[owner].views[host].machine.copies();
        let strange = copies
            .filter(|copy| copy.is_safe() && self.root(owner, number(copy.root)) != copy.root);
        let strange: Vec<_> = strange.map(|copy| copy.root).collect();
        if !strange.is_empty() {
            self.owner_on(owner, host, OwnerEvent::Unwant(strange));
        }
    }

    /// A pack to be sent, as far as the line goes. One that is there and was to go costs nothing.
    fn item(&mut self, owner: usize, host: usize, pack: u32) -> Option<Item> {
        let (at, _) = self.counted(owner, host);
        let root = self.root(owner, pack);
        let me = &mut self.houses[owner];
        let Pack { kind, len, .. } = *me.packs.get(index(pack))?;
        if self.sabotage == Sabotage::NoSecondSend && me.sent & bit(pack) != 0 {
            return None;
        }
        if at & bit(pack) == 0 {
            me.line_left = Bytes(me.line_left.0.checked_sub(len.0)?);
        }
        let kind = if kind == PackKind::Meta { Kind::Meta } else { Kind::Data };
        Some(Item { root, size: len.0, kind })
    }
}
