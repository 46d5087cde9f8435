//! One box and its friends, once a day: it is told what they have, asks for proof, and does what
//! `plan::offsite` says, as far as the line goes. Start at [`World::see_friends`].

use peer_proto::host::Given;
use plan::offsite::audit::{HeldPack, today, wants_look};
use plan::offsite::place::{OffsiteAction, OffsitePack, plan};
use plan::offsite::score::{Answer, Answered, Record, Verdict, keep, verdict};
use plan::offsite::silence::{Duty, duty, heard};
use plan::offsite::{FriendFacts, FriendSet, Standing};
use types::{Bytes, Millis};

use crate::Sabotage;
use crate::world::{Character, Disk, House, Pack, Set, View, World, at, bit, index, members};

/// Bytes that a line carries in a day.
const LINE_A_DAY: Bytes = Bytes(96 * Bytes::MIB);
/// Ranges asked of a friend in a day: fewer than in life, as there are fewer packs.
const RANGES: u32 = 16;
/// Days between two full lists.
const LIST_EVERY: u32 = 7;
/// An owner who is told that a friend keeps nothing waits so many days before ending it.
const ENDS_AFTER: u32 = 45;

impl View {
    pub(crate) fn facts(&self, slot: u8, used: Bytes, open: bool) -> FriendFacts {
        let (standing, last_seen, given) = (self.standing(), self.last_seen, self.given);
        FriendFacts { slot, standing, last_seen, given, used, open, place: u16::from(slot) }
    }

    fn standing(&self) -> Standing {
        match self.standing {
            Standing::Active if self.distrusted.is_some() => Standing::Distrusted,
            Standing::Active if self.is_paused => Standing::Paused,
            other => other,
        }
    }

    /// It does not have a pack that it should have.
    fn loses(&mut self, pack: u32) {
        self.at &= !bit(pack);
        self.going &= !bit(pack);
        self.lost |= bit(pack);
        // What else was lost by the same cause is looked for at once.
        self.unproved |= self.at;
    }
}

impl World {
    pub(crate) fn see_friends(&mut self, owner: usize) {
        for host in 0..self.houses.len() {
            if host != owner && self.houses[host].is_up(self.day) {
                self.meet(owner, host);
                if self.sabotage != Sabotage::NoAudits {
                    self.audit(owner, host);
                }
            }
        }
        self.carry(owner);
    }

    /// What both sides learn of each other when they are connected.
    fn meet(&mut self, owner: usize, host: usize) {
        let (day, now) = (self.day, at(self.day));
        let shelf = &mut self.houses[host].shelves[owner];
        shelf.guest = heard(&shelf.guest, now);
        let (claimed, cleared, duty) = (shelf.claimed(), shelf.cleared, duty(&shelf.guest, now));
        let asked = (0..).zip(&shelf.asked).filter(|(_, asked)| asked.is_some());
        let asked = asked.fold(0, |set, (no, _)| set | bit(no));
        let view = &mut self.houses[owner].views[host];
        let was_away = now.since(view.last_seen) > Millis::from_days(1);
        view.last_seen = now;
        if cleared || view.standing == Standing::Ended {
            (view.standing, view.at, view.going) = (Standing::Ended, 0, 0);
            return;
        }
        if matches!(duty, Duty::Ending { .. } | Duty::Over) {
            view.standing = Standing::Leaving;
        }
        // What was to go and is gone is no loss.
        view.at &= !(view.going & !claimed);
        if was_away || day - view.listed >= LIST_EVERY {
            view.listed = day;
            let missing = view.at & !claimed;
            members(missing).for_each(|pack| self.hear(owner, host, pack, Answer::Missing));
        }
        let view = &mut self.houses[owner].views[host];
        view.going = asked & view.at;
    }

    /// Notes an answer.
    fn hear(&mut self, owner: usize, host: usize, pack: u32, answer: Answer) {
        let now = at(self.day);
        let view = &mut self.houses[owner].views[host];
        let proved = view.proved[index(pack)];
        keep(&mut view.history, Answered { answer, proved }, now);
        if answer == Answer::Proved {
            (view.proved[index(pack)], view.proved_any) = (now, now);
            view.unproved &= !bit(pack);
        } else if answer.is_lost() {
            view.loses(pack);
            self.tally.found_lost += 1;
        }
    }

    fn audit(&mut self, owner: usize, host: usize) {
        let me = &self.houses[owner];
        let view = &me.views[host];
        if view.standing == Standing::Ended {
            return;
        }
        let held = members(view.at & !view.going).map(|no| HeldPack {
            no,
            len: me.packs[index(no)].len,
            unproved: view.unproved & bit(no) != 0
                || wants_look(Some(view.proved[index(no)]), None, at(self.day)),
        });
        let ranges = today(&held.collect::<Vec<_>>(), RANGES, self.dice.seed());
        for range in ranges {
            if self.houses[owner].views[host].at & bit(range.pack) != 0 {
                let answer = self.answer(host, owner, range.pack);
                self.hear(owner, host, range.pack, answer);
            }
        }
        let (day, now) = (self.day, at(self.day));
        let view = &mut self.houses[owner].views[host];
        let record = Record {
            history: &view.history,
            proved: view.proved_any,
            last_seen: view.last_seen,
            holds: view.at & !view.going != 0,
        };
        match verdict(&record, now) {
            Verdict::Distrusted => {
                let since = *view.distrusted.get_or_insert(day);
                // Its owner was told, found another home or none, and ends it.
                if day - since >= ENDS_AFTER {
                    (view.standing, view.at, view.going) = (Standing::Ended, 0, 0);
                }
            }
            Verdict::Good | Verdict::Warned { .. } | Verdict::Unproved { .. } => {
                view.distrusted = None;
            }
        }
    }

    /// Does what the plan says until the line is full.
    fn carry(&mut self, owner: usize) {
        let packs = self.houses[owner].offsite_packs();
        let friends = (0..).zip(0..self.houses.len()).filter(|(_, host)| *host != owner);
        let friends: Vec<FriendFacts> = friends
            .map(|(slot, host)| {
                let (me, other) = (&self.houses[owner], &self.houses[host]);
                // As the host counts it, which each connection tells.
                let used = me.bytes(other.shelves[owner].claimed());
                me.views[host].facts(slot, used, other.is_up(self.day))
            })
            .collect();
        let plan = plan(&packs, &friends, at(self.day));
        let all = |packs: &[u32]| packs.iter().fold(0, |set, pack| set | bit(*pack));
        self.houses[owner].named = all(&plan.lost);
        self.houses[owner].away = all(&plan.away);
        let mut line = LINE_A_DAY;
        for action in plan.actions {
            match action {
                OffsiteAction::Fetch { pack, from } => {
                    self.fetch(owner, usize::from(from), pack);
                }
                OffsiteAction::Send { pack, to } => {
                    if !self.send(owner, usize::from(to), pack, &mut line) {
                        break;
                    }
                }
                OffsiteAction::LetGo { pack, at } => {
                    let host = usize::from(at);
                    let shelf = &mut self.houses[host].shelves[owner];
                    shelf.asked[index(pack)].get_or_insert(self.day);
                    self.houses[owner].views[host].going |= bit(pack);
                }
            }
        }
    }

    fn fetch(&mut self, owner: usize, host: usize, pack: u32) {
        let answer = self.answer(host, owner, pack);
        if answer == Answer::Proved && self.houses[owner].put_back(pack) {
            self.tally.fetched += 1;
        }
        self.hear(owner, host, pack, answer);
    }

    /// Sends one pack, or keeps one that was to go; false once the line is full.
    fn send(&mut self, owner: usize, host: usize, pack: u32, line: &mut Bytes) -> bool {
        let me = &self.houses[owner];
        let used = me.bytes(self.houses[host].shelves[owner].claimed());
        let me = &mut self.houses[owner];
        let len = me.packs[index(pack)].len;
        if self.sabotage == Sabotage::NoSecondSend && me.sent & bit(pack) != 0 {
            return true;
        }
        let is_kept = me.views[host].going & bit(pack) != 0;
        if !is_kept && me.good_here() & bit(pack) == 0 {
            // Reading it to send it shows that it rotted.
            me.disks.iter_mut().for_each(|disk| disk.has &= !(bit(pack) & disk.rotten));
            return true;
        }
        if !is_kept && *line < len {
            me.views[host].begun |= bit(pack);
            return false;
        }
        let is_honest = self.houses[host].behaves(self.day) == Character::Honest;
        let shelf = &mut self.houses[host].shelves[owner];
        if !is_kept {
            *line = line.saturating_sub(len);
            let given = Given { given: shelf.given, used };
            if len > given.room() {
                self.tally.refused += u64::from(is_honest);
                return true;
            }
            self.tally.sent += 1;
            shelf.rotten &= !bit(pack);
            shelf.feigned &= !bit(pack);
            shelf.good |= bit(pack);
        }
        shelf.asked[index(pack)] = None;
        self.houses[owner].took(host, pack, self.day, is_kept);
        true
    }
}

impl House {
    /// A friend says that it has a pack, durably.
    fn took(&mut self, host: usize, pack: u32, day: u32, is_kept: bool) {
        self.sent |= bit(pack);
        let view = &mut self.views[host];
        if view.at == 0 {
            view.proved_any = at(day);
        }
        view.at |= bit(pack);
        view.going &= !bit(pack);
        view.begun &= !bit(pack);
        view.unproved |= bit(pack);
        if !is_kept
            && let Some(proved) = usize::try_from(pack).ok().and_then(|no| view.proved.get_mut(no))
        {
            *proved = at(day);
        }
    }

    /// The packs as `plan` sees them.
    fn offsite_packs(&self) -> Vec<OffsitePack> {
        let of = |pack: u32, set: fn(&View) -> Set| {
            let friends = (0..).zip(&self.views).filter(|(_, view)| set(view) & bit(pack) != 0);
            friends.fold(FriendSet::default(), |all, (slot, _)| all.with(slot))
        };
        let holds = |disk: &&Disk, no| disk.alive && disk.has & bit(no) != 0;
        let facts = |(no, pack): (u32, &Pack)| OffsitePack {
            no,
            kind: pack.kind,
            len: pack.len,
            here: (0..3).zip(&self.disks).filter(|(_, disk)| holds(disk, no)).map(|_| 1).sum(),
            away: false,
            at: of(no, |view| view.at),
            going: of(no, |view| view.going),
            begun: of(no, |view| view.begun),
            lost_at: of(no, |view| view.lost),
            wanted: self.wanted,
            pinned: no % 7 == 0,
            pruned: pack.pruned.is_some(),
            sealed: at(pack.sealed),
        };
        (0..).zip(&self.packs).map(facts).collect()
    }
}
