//! What another rule of versions would take, before anybody chooses it.
//!
//! Reads only, beside whatever is being stored; what is being pruned now is not looked at. The versions are
//! those that the rule itself names; the room is what pruning would let go once they are gone, reckoned by the
//! same decision. Start at [`Vault::foresee`].

use catalog::{PackNo, PackState};
use format::pack::PackKind;
use plan::gc::{Collector, GcRefusal, loses};
use plan::retention::{Change, Days, Policy};
use types::{Bytes, ObjectId, SourceId};

use super::PruneOptions;
use crate::Vault;
use crate::error::VaultError;
use crate::mark::Marking;
use crate::snapshots::SnapshotInfo;

/// References that are followed for a forecast, at most: somebody waits for it. A vault of about four
/// terabytes has as many; a larger one is told that its room is not known.
const REFERENCES_MAX: usize = 4_000_000;

/// What would go.
#[derive(Clone, Debug)]
pub struct Foreseen {
    /// The versions, the oldest first.
    pub goes: Vec<SnapshotInfo>,
    /// Of these, how many the rule until now would have kept today.
    pub sooner: u64,
    /// What that frees; none where there is too much to count, or it is being pruned now.
    pub room: Option<Room>,
    /// Why pruning would let nothing go as things are now.
    pub held: Option<GcRefusal>,
}

/// Room on all disks that are here, together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// How much, as far as lengths before compression tell. Packs are rounded up, and what is stored until then
    /// may need some of it again.
    pub bytes: Bytes,
    /// Everything was counted; when not, it is more than this.
    pub whole: bool,
}

impl Vault {
    /// What would go if versions were kept by this rule.
    pub fn foresee(&self, rule: Days) -> Result<Foreseen, VaultError> {
        self.foresee_within(rule, REFERENCES_MAX)
    }

    /// The same, with no more than so many references followed.
    pub fn foresee_within(&self, rule: Days, references: usize) -> Result<Foreseen, VaultError> {
        let Change { goes, sooner, .. } = self.would_go(rule)?;
        let mut foreseen = Foreseen { goes, sooner: sooner as u64, room: None, held: None };
        // One at a time: what was seen is held in memory.
        let _one = self.locks.foreseeing();
        if let Some(_no_pruning) = self.try_beside_storing() {
            self.weigh(&mut foreseen, references)?;
        }
        Ok(foreseen)
    }

    /// The versions that would go, how many of them sooner than now, and how many no rule judges now. Reads nothing but the list of them.
    pub fn would_go(&self, rule: Days) -> Result<Change<SnapshotInfo>, VaultError> {
        let (from, to) = (Policy::from(self.keeping()), Policy::from(rule));
        let now = self.env.clock.now();
        let (mut sooner, mut ahead) = (0, 0);
        let goes = self.by_source(None, |list| {
            let change = plan::retention::change(list, now, &from, &to);
            sooner += change.sooner;
            ahead += change.ahead;
            change.goes
        })?;
        Ok(Change { goes, sooner, ahead })
    }

    /// Bytes of all data that is kept, once: what one more copy of it takes.
    pub fn data_len(&self) -> Result<Bytes, VaultError> {
        let mut bytes = 0;
        self.catalog.visit_packs(|_, info, _| {
            let is_data = PackKind::from_code(info.kind) == Some(PackKind::Data);
            let stays = !matches!(info.state, PackState::Dying | PackState::Missing);
            bytes += if is_data && stays { info.len } else { 0 };
        })?;
        Ok(Bytes(bytes))
    }

    /// Reckons what would be freed: what is needed now and would not be needed then.
    fn weigh(&self, foreseen: &mut Foreseen, references: usize) -> Result<(), VaultError> {
        let mut goes: Vec<(SourceId, ObjectId)> =
            foreseen.goes.iter().map(|one| (one.source, one.id)).collect();
        goes.sort_unstable();
        let mut stay = self.snapshots_kept(None)?;
        stay.retain(|one| goes.binary_search(&(one.source, one.id)).is_err());
        let mut marking = Marking::begin(self, references).beside_storing();
        if !marking.add(&stay)? {
            return Ok(());
        }
        let then = marking.so_far()?;
        foreseen.held = self.held(then.live_by_pack(), &then.missing)?;
        let then = then.live_by_pack().to_vec();
        let whole = marking.add(&foreseen.goes)?;
        let now = marking.so_far()?;
        let mut bytes = 0_u64;
        self.catalog.visit_packs(|no, info, presence| {
            if info.state == PackState::Missing {
                return;
            }
            let (len, of) = (Bytes(info.len), |live| loses(Bytes(info.len), info.raw_len, live));
            let then = then.get(no.index()).copied().unwrap_or(0);
            let more = of(then).0.saturating_sub(of(now.live_in(no)).0).min(len.0);
            bytes = bytes.saturating_add(more.saturating_mul(presence.count_ones().into()));
        })?;
        foreseen.room = Some(Room { bytes: Bytes(bytes), whole });
        Ok(())
    }

    /// Why pruning would refuse once so much of each pack is needed.
    fn held(
        &self,
        live: &[u64],
        missing: &[types::PackId],
    ) -> Result<Option<GcRefusal>, VaultError> {
        let facts = self.gc_facts(PruneOptions::default(), self.blockers(missing)?);
        let waiting = self.waiting()?;
        let mut collector = match Collector::new(&facts) {
            Ok(collector) => collector,
            Err(refusal) => return Ok(Some(refusal)),
        };
        let mut total = 0;
        self.catalog.visit_packs(|no: PackNo, info, _| {
            total += info.len;
            let live = live.get(no.index()).copied().unwrap_or(0);
            if let Some(pack) = waiting.pack(no, info, live, facts.grace) {
                collector.add(&pack);
            }
        })?;
        Ok(collector.finish(Bytes(total)).err())
    }
}
