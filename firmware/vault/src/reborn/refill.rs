//! Fetching what is lacking from friends, what the newest versions need first.
//!
//! For a vault that was reborn, and for one whose disks lost something. What is in a pack is learned from
//! its trailer before it comes, so that it is known which are wanted most and which files depend on each.
//! Goes on beside everything else; killed, it goes on with what is still lacking.
//! Start at [`Vault::fetch_lacking`].

use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::sync_channel;

use catalog::{Durability, PackNo, PackState};
use format::pack::{HEADER_LEN, PackHeader, PackKind, Trailer};
use format::record::PackEntry;
use seal::{Codecs, PackOpener};
use types::{Bytes, PackId};

use super::Hold;
use super::holds::{Held, Holds};
use crate::error::VaultError;
use crate::index::enter_pack;
use crate::mark::Marking;
use crate::offsite::PackToFetch;
use crate::{OnProgress, Progress, Vault};

/// Packs that are on their way at once: the line is full with four (measured, see the design of the
/// federation), and each is held in memory.
const AT_ONCE: usize = 4;
/// Trailers that are entered in one commit of the catalog.
const LEARNED_AT_ONCE: usize = 64;
/// How many trailers are on their way at once: they are short, and the line's delay is all that they cost.
const LEARNERS: usize = 8;
/// Bytes at the end of a pack that are asked for at once: most trailers are shorter.
const TAIL: u64 = 64 << 10;

/// What was fetched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FetchReport {
    /// Packs that are here now.
    pub fetched: u64,
    /// Their bytes.
    pub bytes: Bytes,
    /// Packs that are needed and that nobody who was asked has whole.
    pub lacking: Vec<PackId>,
    /// Why, one sentence each, and what else was odd.
    pub findings: Vec<String>,
}

impl Vault {
    /// Fetches from these friends what no disk has. When it returns, each pack that came is durable and
    /// counts. [`Self::check`] says which files need what is still lacking.
    pub fn fetch_lacking(
        &self,
        holds: &[&dyn Hold],
        progress: OnProgress<'_>,
    ) -> Result<FetchReport, VaultError> {
        self.writable()?;
        let holds = Holds::ask(holds)?;
        let wanted = self.packs_to_fetch()?;
        self.learn(&holds, &wanted, progress)?;
        let order = self.most_wanted_first(&holds, wanted);
        let mut report = FetchReport::default();
        self.fetch_all(&holds, &order, &mut report, progress)?;
        self.close()?;
        report.lacking = self.packs_to_fetch()?.iter().map(|pack| pack.id).collect();
        report.findings.extend(holds.findings());
        Ok(report)
    }

    /// Enters what is in packs of which only the name is known.
    fn learn(
        &self,
        holds: &Holds<'_>,
        wanted: &[PackToFetch],
        progress: OnProgress<'_>,
    ) -> Result<(), VaultError> {
        let unknown: Vec<_> = wanted.iter().filter(|pack| !pack.is_indexed).collect();
        for together in unknown.chunks(LEARNED_AT_ONCE) {
            // Nobody waits for a line with the catalog's batch in hand.
            let learned: Vec<_> = std::thread::scope(|scope| {
                let parts = together.chunks(LEARNED_AT_ONCE / LEARNERS);
                let learners: Vec<_> =
                    parts.map(|part| scope.spawn(|| self.trailers_of(holds, part))).collect();
                let learned = learners.into_iter().map(|one| one.join().unwrap_or_default());
                learned.flatten().collect()
            });
            let mut batch = self.catalog.batch()?;
            for (entry, trailer) in learned {
                let members = self.members();
                enter_pack(&mut batch, &members, &entry, &trailer, &[], PackState::Missing)?;
            }
            batch.commit(Durability::Relaxed)?;
            if !progress(Progress::default()) {
                return Err(VaultError::Stopped);
            }
        }
        Ok(())
    }

    /// What these hold, one after the other. What cannot be learned comes all the same, only not in order.
    fn trailers_of(&self, holds: &Holds<'_>, packs: &[&PackToFetch]) -> Vec<(PackEntry, Trailer)> {
        let mut learned = Vec::new();
        for pack in packs {
            let Some(held) = holds.get(pack.id, pack.len) else { continue };
            let info = self.catalog.pack(PackNo(pack.no)).ok().flatten();
            let Some(space) = info.map(|info| info.space) else { continue };
            let entry = PackEntry { id: pack.id, kind: pack.kind, space, len: pack.len };
            match self.trailer_at(holds, &held, &entry) {
                Ok(trailer) => learned.push((entry, trailer)),
                Err(why) => holds.note(format!("the end of pack {}: {why}", pack.id.short())),
            }
        }
        learned
    }

    /// What a pack says that it holds, while it is at a friend's. It opens with the vault's keys, so it is
    /// some pack's; whether it is this one's is seen when that is here.
    fn trailer_at(
        &self,
        holds: &Holds<'_>,
        held: &Held,
        entry: &PackEntry,
    ) -> Result<Trailer, String> {
        let said = |error: io::Error| error.to_string();
        let len = entry.len.0;
        let header = holds.part(held, 0, (HEADER_LEN as u64).min(len)).map_err(said)?;
        let decoded = PackHeader::decode(&header).map_err(|error| error.to_string())?;
        if (decoded.kind, decoded.space) != (entry.kind, entry.space) {
            return Err("it is another pack".to_owned());
        }
        let ring = self.keys.ring();
        let opener = PackOpener::new(&header, &ring).map_err(|error| error.to_string())?;
        let from = len.saturating_sub(TAIL);
        let tail = holds.part(held, from, len).map_err(said)?;
        let read = |offset: u64, buf: &mut [u8]| {
            let end = (offset + buf.len() as u64).min(len);
            let bytes = match offset.checked_sub(from).and_then(|at| usize::try_from(at).ok()) {
                Some(at) => tail.get(at..).unwrap_or_default().to_vec(),
                None => holds.part(held, offset, end)?,
            };
            let filled = bytes.len().min(buf.len());
            buf[..filled].copy_from_slice(&bytes[..filled]);
            Ok(filled)
        };
        let trailer = opener.read_trailer(&mut Codecs::new(), len, &read);
        trailer.map_err(|error| error.to_string())
    }

    /// What nobody keeps for much longer, then metadata, then what the newest version of any source needs, then
    /// the rest. Where that cannot be found out, the order is another, and nothing else.
    fn most_wanted_first(
        &self,
        holds: &Holds<'_>,
        mut wanted: Vec<PackToFetch>,
    ) -> Vec<PackToFetch> {
        let newest: Vec<_> = self
            .sources()
            .into_iter()
            .filter_map(|(source, ..)| self.snapshots_of(source).pop())
            .collect();
        let mut marking = Marking::begin(self, usize::MAX).beside_storing();
        let mut needed = marking.add(&newest).and_then(|_| marking.so_far()).ok();
        wanted.sort_by_cached_key(|pack| {
            let live = needed.as_mut().map_or(0, |mark| mark.live_in(PackNo(pack.no)));
            let until = holds.get(pack.id, pack.len).and_then(|held| held.until);
            (until.is_none(), until, pack.kind == PackKind::Data, live == 0, pack.no)
        });
        wanted
    }

    /// Fetches them in this order, several at once.
    fn fetch_all(
        &self,
        holds: &Holds<'_>,
        order: &[PackToFetch],
        report: &mut FetchReport,
        progress: OnProgress<'_>,
    ) -> Result<(), VaultError> {
        let mut now = Progress {
            items_total: Some(order.len() as u64),
            bytes_total: Some(order.iter().map(|pack| pack.len.0).sum()),
            ..Progress::default()
        };
        let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
        let mut failed = None;
        std::thread::scope(|scope| {
            let (tell, hear) = sync_channel(0);
            for _ in 0..AT_ONCE.min(order.len()) {
                let (tell, next, stop) = (tell.clone(), &next, &stop);
                scope.spawn(move || {
                    while !stop.load(Ordering::Relaxed) {
                        let turn = next.fetch_add(1, Ordering::Relaxed);
                        let Some(pack) = order.get(turn) else { return };
                        if tell.send((pack, self.fetch_one(holds, pack, turn))).is_err() {
                            return;
                        }
                    }
                });
            }
            drop(tell);
            for (pack, fetched) in hear {
                now.items += 1;
                now.bytes += pack.len.0;
                match fetched {
                    Ok(None) => {
                        report.fetched += 1;
                        report.bytes += pack.len;
                    }
                    Ok(Some(why)) => {
                        report.findings.push(format!("pack {}: {why}", pack.id.short()));
                    }
                    // The disks, not the friends: the next pack would fare no better.
                    Err(error) => {
                        stop.store(true, Ordering::Relaxed);
                        failed.get_or_insert(error);
                    }
                }
                if !progress(now) {
                    stop.store(true, Ordering::Relaxed);
                    failed.get_or_insert(VaultError::Stopped);
                }
            }
        });
        failed.map_or(Ok(()), Err)
    }

    /// Fetches a pack; answers why nobody could give it.
    fn fetch_one(
        &self,
        holds: &Holds<'_>,
        pack: &PackToFetch,
        turn: usize,
    ) -> Result<Option<String>, VaultError> {
        let Some(held) = holds.get(pack.id, pack.len) else {
            return Ok(Some("no friend that was asked keeps it".to_owned()));
        };
        match holds.whole(&held, turn) {
            Ok(bytes) => self.take_back(pack.id, &mut bytes.as_slice()).map(|_| None),
            Err(lack) => Ok(Some(lack.to_string())),
        }
    }
}
