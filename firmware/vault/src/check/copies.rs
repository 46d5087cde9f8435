//! What lies on the volumes: every copy's length, and its bytes when data are read; the key files.
//!
//! Finds and notes, mends nothing but key files. Start at `check_lengths`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;

use catalog::PackState;
use format::keys::KeyFile;
use format::pack::PackKind;
use types::sabotage::{self, Bug};
use volume::PackVerdict;

use super::{BadCopy, CheckReport, Damage};
use crate::error::VaultError;
use crate::reconcile::Listing;
use crate::{OnProgress, Progress, Vault};

impl Vault {
    /// Copies that were found damaged before are looked at like all others.
    pub(super) fn doubt_again(&self) -> Result<(), VaultError> {
        for (pack, volume) in self.damaged_copies()? {
            let slot = self.members().get(volume).map(|member| member.slot);
            if let (Some(no), Some(slot)) = (self.catalog.pack_no(&pack)?, slot) {
                self.set_presence(no, slot, true)?;
                self.note_damaged(|all| {
                    all.remove(&(pack, volume));
                })?;
            }
        }
        Ok(())
    }

    /// Every listed file against the length that its pack has.
    pub(super) fn check_lengths(
        &self,
        report: &mut CheckReport,
    ) -> Result<Vec<BadCopy>, VaultError> {
        let mut odd = Vec::new();
        let listing = Listing::take(self, &mut odd)?;
        let mut rows = Vec::new();
        self.catalog.visit_packs(|no, info, presence| rows.push((no, info.clone(), presence)))?;
        report.packs =
            rows.iter().filter(|(_, info, _)| info.state != PackState::Dying).count() as u64;
        let members = self.members();
        for member in &members.attached {
            if let Some(why) = &member.failed {
                let (volume, what) = (member.label.clone(), format!("it failed: {why}"));
                report.damaged.push(Damage { volume, pack: None, what, repaired: false });
            }
        }
        let healthy = || members.attached.iter().filter(|member| member.failed.is_none());
        let mut bad = Vec::new();
        for (no, info, presence) in rows {
            let Some(kind) = PackKind::from_code(info.kind) else { continue };
            for member in healthy().filter(|m| presence & m.slot.bit() != 0) {
                let len = member.volume.pack_len(info.id, kind)?;
                let here = listing.packs.get(&info.id).is_some_and(|l| l.on.contains(&member.id()));
                let what = match len {
                    Some(len) if here && len.0 == info.len => continue,
                    Some(len) => {
                        format!("pack {} is {} long, not {}", info.id.short(), len.0, info.len)
                    }
                    None => format!("pack {} is missing", info.id.short()),
                };
                bad.push(BadCopy { no, pack: info.id, kind, volume: member.id() });
                let (volume, pack) = (member.label.clone(), Some(info.id));
                report.damaged.push(Damage { volume, pack, what, repaired: false });
            }
        }
        Ok(bad)
    }

    /// Copies that failed while something was read since the vault was opened.
    pub(super) fn noticed(&self, report: &mut CheckReport) -> Result<Vec<BadCopy>, VaultError> {
        let mut bad = Vec::new();
        for (pack, volume) in self.reader.damaged() {
            let Some(no) = self.catalog.pack_no(&pack)? else { continue };
            let kind = self.catalog.pack(no)?.and_then(|info| PackKind::from_code(info.kind));
            let Some(kind) = kind else { continue };
            let Some(holder) = self.members().get(volume).map(|m| Arc::clone(&m.volume)) else {
                continue;
            };
            if holder.verify_pack(pack, kind, true)? == PackVerdict::Good {
                continue;
            }
            bad.push(BadCopy { no, pack, kind, volume });
            let label = crate::reconcile::label_of(self, volume);
            if !report.damaged.iter().any(|d| d.pack == Some(pack) && d.volume == label) {
                let what = format!("pack {} does not match its name", pack.short());
                report.damaged.push(Damage {
                    volume: label,
                    pack: Some(pack),
                    what,
                    repaired: false,
                });
            }
        }
        Ok(bad)
    }

    /// Reads every copy of every pack, each volume on a thread of its own.
    pub(super) fn check_data(
        &self,
        report: &mut CheckReport,
        progress: OnProgress<'_>,
    ) -> Result<Vec<BadCopy>, VaultError> {
        let mut rows = Vec::new();
        self.catalog.visit_packs(|no, info, presence| rows.push((no, info.clone(), presence)))?;
        let volumes: Vec<_> = {
            let members = self.members();
            let attached = members.attached.iter().filter(|member| member.failed.is_none());
            attached.map(|m| (m.slot, Arc::clone(&m.volume), m.label.clone())).collect()
        };
        let copies = |bit: u64| rows.iter().filter(move |(_, _, presence)| presence & bit != 0);
        let total = volumes
            .iter()
            .map(|(slot, ..)| copies(slot.bit()).map(|(_, info, _)| info.len).sum::<u64>())
            .sum();
        let stop = AtomicBool::new(false);
        let mut bad = Vec::new();
        let mut now = Progress { bytes_total: Some(total), ..Progress::default() };
        let mut failed = None;
        std::thread::scope(|scope| {
            let (tell, hear) = channel();
            for (slot, volume, label) in &volumes {
                let (tell, stop, mine) = (tell.clone(), &stop, copies(slot.bit()));
                scope.spawn(move || {
                    for (no, info, _) in mine {
                        let Some(kind) = PackKind::from_code(info.kind) else { continue };
                        let verdict = volume.verify_pack(info.id, kind, true);
                        let copy = BadCopy { no: *no, pack: info.id, kind, volume: volume.id() };
                        if stop.load(Ordering::Relaxed)
                            || tell.send((copy, info.len, label, verdict)).is_err()
                        {
                            return;
                        }
                    }
                });
            }
            drop(tell);
            for (copy, len, label, verdict) in hear {
                now.items += 1;
                now.bytes += len;
                report.bytes_read += len;
                if !progress(now) {
                    stop.store(true, Ordering::Relaxed);
                    failed = Some(VaultError::Stopped);
                }
                let what = match verdict {
                    Ok(PackVerdict::Good) => continue,
                    Ok(PackVerdict::Missing) => "is missing".to_owned(),
                    Ok(PackVerdict::Damaged { .. }) => "does not match its name".to_owned(),
                    Ok(PackVerdict::Unreadable { at }) => format!("cannot be read beyond {at}"),
                    Err(error) => format!("cannot be read: {error}"),
                };
                bad.push(copy);
                let what = format!("pack {} {what}", copy.pack.short());
                let pack = Some(copy.pack);
                let already = report.damaged.iter().any(|d| d.pack == pack && d.volume == *label);
                if !already {
                    let volume = label.clone();
                    report.damaged.push(Damage { volume, pack, what, repaired: false });
                }
            }
        });
        failed.map_or(Ok(bad), Err)
    }

    /// Both copies of the key file on every volume.
    pub(super) fn check_keys(
        &self,
        repair: bool,
        report: &mut CheckReport,
    ) -> Result<(), VaultError> {
        for member in &self.members().attached {
            let good = member.volume.read_keys().unwrap_or_default();
            let good = good
                .iter()
                .filter(|bytes| KeyFile::decode(bytes).is_ok() && **bytes == self.key_file);
            if good.count() == volume::COPIES_OF_KEYS {
                continue;
            }
            let repaired = repair && member.volume.write_keys(&self.key_file).is_ok();
            report.repaired += u64::from(repaired);
            report.damaged.push(Damage {
                volume: member.label.clone(),
                pack: None,
                what: "a copy of the key file is damaged, missing or old".to_owned(),
                repaired,
            });
        }
        Ok(())
    }

    /// Damaged copies no longer count, whether they are mended or not.
    pub(super) fn note_bad(&self, bad: &[BadCopy]) -> Result<(), VaultError> {
        if sabotage::on(Bug::DamagedCopyReused) {
            return Ok(());
        }
        for copy in bad {
            let slot = self.members().get(copy.volume).map(|member| member.slot);
            if let Some(slot) = slot {
                self.set_presence(copy.no, slot, false)?;
            }
        }
        self.note_damaged(|all| all.extend(bad.iter().map(|copy| (copy.pack, copy.volume))))?;
        if !bad.is_empty() {
            self.reader.forget_all();
        }
        Ok(())
    }
}
