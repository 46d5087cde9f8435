//! A pack comes: quota before bytes, resume after every cut, a receipt when all is durable.

use types::{Bytes, PackId, UnixTime};

use super::events::{HostAction, HostNews, StreamId};
use super::record::{Entry, Record, Stage};
use super::{Host, keeping, no, owner, say};
use crate::clock::Now;
use crate::heads::{Offer, Offered, Stay};
use crate::limits::{self, charge};
use crate::pact::PactLife;
use crate::wire::{Ack, ByteRange, Kind, PackSay, Put, Ranges, Refused, Why, are_parts};

impl Host {
    pub(super) fn put(
        &mut self,
        now: Now,
        pact: &PactLife,
        stream: StreamId,
        put: Put,
    ) -> Vec<HostAction> {
        match self.may_put(now, pact, put) {
            Err(refused) => no(stream, refused),
            Ok(done) if self.is_whole(put.root) => {
                done.into_iter().chain([say(stream, PackSay::Have)]).collect()
            }
            Ok(mut done) => {
                let stage = Stage::Coming { since: now.wall };
                let entry = Entry { root: put.root, size: put.size, kind: put.kind, stage };
                self.put_entry(entry);
                self.bringing.insert(put.root, stream);
                done.push(HostAction::Keep(Record::Entry(entry)));
                done.push(HostAction::Look { stream, put });
                done
            }
        }
    }

    fn is_whole(&self, root: PackId) -> bool {
        self.entries.get(&root).is_some_and(|entry| !matches!(entry.stage, Stage::Coming { .. }))
    }

    /// What has to happen first, or why not.
    fn may_put(&mut self, now: Now, pact: &PactLife, put: Put) -> Result<Vec<HostAction>, Refused> {
        pact.may_bring(now.wall)?;
        let most = match put.kind {
            Kind::Data | Kind::Meta | Kind::Index => limits::PACK_LEN_MAX,
            Kind::Keys => limits::HEAD_LEN_MAX,
            Kind::Head => return Err(Why::Malformed.plain()),
            Kind::Unknown(kind) => return Err(Why::NotUnderstood.with(kind.into())),
        };
        if put.size == 0 || put.size > most {
            return Err(Why::Size.with(most));
        }
        if self.away.contains(&put.root) {
            return Err(Why::Away.plain());
        }
        if self.removing.contains(&put.root) || self.bringing.contains_key(&put.root) {
            return Err(Why::Busy.with(1_000));
        }
        match self.entries.get(&put.root).copied() {
            // A name is the hash of the bytes: of two lengths one is a lie.
            Some(entry) if entry.size != put.size => Err(Why::Malformed.plain()),
            Some(Entry { stage: Stage::Coming { .. } | Stage::Kept, .. }) => Ok(Vec::new()),
            // The owner wants it after all.
            Some(entry) => {
                let entry = Entry { stage: Stage::Kept, ..entry };
                self.put_entry(entry);
                Ok(vec![HostAction::Keep(Record::Entry(entry))])
            }
            None => self.may_begin(pact, put),
        }
    }

    fn may_begin(&mut self, pact: &PactLife, put: Put) -> Result<Vec<HostAction>, Refused> {
        if self.kept.packs + self.coming.packs >= limits::PACKS_MAX {
            return Err(Why::Full.plain());
        }
        let need = charge(put.size);
        let left = self.left(pact);
        // What was left unfinished and is not being brought gives way to what is.
        let idle: u64 = self.unfinished().map(|(root, _)| self.charge_of(root)).sum();
        let firm = Bytes(self.used().0.saturating_sub(idle));
        if need > keeping(pact).bytes.saturating_sub(firm) {
            return Err(Why::OverQuota.with(left.0));
        }
        let room = self.room.saturating_sub(self.coming.bytes);
        if need.0 > room.0.saturating_add(idle) {
            return Err(Why::NoRoom.with(room.0));
        }
        let mut done = Vec::new();
        while need > self.left(pact)
            || need > self.room.saturating_sub(self.coming.bytes)
            || self.coming.packs >= limits::COMING_MAX as u64
        {
            let quiet = self.quietest().ok_or(Why::Busy.with(1_000))?;
            done.extend(self.drop_coming(quiet));
        }
        Ok(done)
    }

    fn charge_of(&self, root: PackId) -> u64 {
        self.entries.get(&root).map_or(0, |entry| charge(entry.size).0)
    }

    /// Of the unfinished packs that no stream brings, the one that was left longest ago.
    fn quietest(&self) -> Option<PackId> {
        self.unfinished().min_by_key(|(_, since)| *since).map(|(root, _)| root)
    }

    /// Unfinished packs that no stream brings and whose disk is there, and since when.
    pub(super) fn unfinished(&self) -> impl Iterator<Item = (PackId, UnixTime)> {
        let is_idle = |(root, _): &(&PackId, &UnixTime)| {
            !self.bringing.contains_key(*root) && !self.away.contains(*root)
        };
        self.unfinished.iter().filter(is_idle).map(|(root, since)| (*root, *since))
    }

    pub(super) fn drop_coming(&mut self, root: PackId) -> Vec<HostAction> {
        self.take_entry(root);
        self.bringing.remove(&root);
        vec![HostAction::DropPart(root), HostAction::Keep(Record::Forget(root))]
    }

    pub(super) fn looked(
        &mut self,
        stream: StreamId,
        root: PackId,
        missing: Vec<ByteRange>,
    ) -> Vec<HostAction> {
        let size = self.entries.get(&root).map_or(0, |entry| entry.size);
        if self.bringing.get(&root) != Some(&stream) || !are_parts(&missing, size) {
            return Vec::new();
        }
        let missing = Ranges::first(missing);
        vec![
            say(stream, PackSay::Accept(missing.clone())),
            HostAction::Receive { stream, root, missing },
        ]
    }

    pub(super) fn stored(&mut self, root: PackId) -> Vec<HostAction> {
        let stream = self.bringing.remove(&root);
        let Some(entry) = self.entries.get(&root).copied() else {
            // It was given up while its last bytes were synced, and its room given to another.
            return vec![HostAction::DropPart(root)];
        };
        if !matches!(entry.stage, Stage::Coming { .. }) {
            return Vec::new();
        }
        let entry = Entry { stage: Stage::Kept, ..entry };
        self.put_entry(entry);
        self.room = self.room.saturating_sub(charge(entry.size));
        let mut done = vec![HostAction::Keep(Record::Entry(entry))];
        let open = stream.filter(|stream| self.streams.contains(stream));
        let ack = Ack { root, kept: self.kept };
        done.extend(open.map(|stream| say(stream, PackSay::Ack(ack))));
        done
    }

    pub(super) fn store_failed(&mut self, root: PackId) -> Vec<HostAction> {
        let stream = self.bringing.remove(&root);
        stream.map_or_else(Vec::new, |stream| no(stream, Why::Failed.plain()))
    }

    pub(super) fn head(
        &mut self,
        pact: &PactLife,
        stream: StreamId,
        offer: Offer,
    ) -> Vec<HostAction> {
        match self.witness.offered(owner(pact), &offer) {
            Offered::Known => vec![say(stream, PackSay::Have)],
            Offered::Refused(refused) => self.head_refused(stream, &offer, refused),
            // Each is read into memory whole: one at a time.
            Offered::Send if !self.heads.is_empty() => no(stream, Why::Busy.with(1_000)),
            Offered::Send => {
                let len = offer.size();
                self.heads.insert(stream, offer);
                let all = Ranges::first([ByteRange { from: 0, to: len }]);
                vec![say(stream, PackSay::Accept(all)), HostAction::ReceiveHead { stream, len }]
            }
        }
    }

    pub(super) fn head_arrived(
        &mut self,
        now: Now,
        pact: &PactLife,
        stream: StreamId,
        bytes: &[u8],
    ) -> Vec<HostAction> {
        let Some(offer) = self.heads.remove(&stream) else { return Vec::new() };
        let stay = self.stay(now, pact);
        match self.witness.take(owner(pact), &offer, bytes, stay) {
            Err(refused) => self.head_refused(stream, &offer, refused),
            Ok(old) => {
                let point = offer.point();
                let mut done = vec![
                    HostAction::KeepHead { point, bytes: bytes.to_vec() },
                    HostAction::Keep(Record::Witness(self.witness.clone())),
                    say(stream, PackSay::HeadTaken(point)),
                ];
                done.extend(old.into_iter().map(HostAction::DropHead));
                done
            }
        }
    }

    fn head_refused(&self, stream: StreamId, offer: &Offer, refused: Refused) -> Vec<HostAction> {
        let mut done = no(stream, refused);
        let offered = offer.point();
        let news = match (refused.why, self.witness.newest()) {
            (Why::Fork, Some(seen)) => Some(HostNews::Forked { offered, seen }),
            (Why::Rollback, Some(seen)) => Some(HostNews::RolledBack { offered, seen }),
            _ => None,
        };
        done.extend(news.map(HostAction::Tell));
        done
    }

    /// How long this friend's older heads stay.
    pub(super) fn stay(&self, now: Now, pact: &PactLife) -> Stay {
        let sure = self.clock.is_sure(now).then_some(now.wall);
        Stay { now: sure, not_before: keeping(pact).not_before() }
    }

    /// Bytes that a friend may still bring.
    pub fn left(&self, pact: &PactLife) -> Bytes {
        keeping(pact).bytes.saturating_sub(self.used())
    }
}
