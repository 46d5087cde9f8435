//! What lies on the volumes: every copy's length, and its bytes when data are read.
//!
//! Finds and notes, mends nothing. Start at `check_lengths`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::sync_channel;

use catalog::{PackNo, PackState};
use format::pack::PackKind;
use types::sabotage::{self, Bug};
use volume::{PackVerdict, Volume, VolumeError};

use super::{BadCopy, CheckReport, Damage};
use crate::error::VaultError;
use crate::members::Member;
use crate::{OnProgress, Progress, Vault};

fn is_unreadable(verdict: &Result<PackVerdict, VolumeError>) -> bool {
    matches!(verdict, Ok(PackVerdict::Unreadable { .. }))
}

/// Whether a disk can be read at all. One that was pulled fails every read, and says nothing of its
/// copies: they are as good as before when it is back.
fn answers(volume: &Volume) -> bool {
    volume.read_keys().is_ok_and(|copies| !copies.is_empty())
}

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

    /// Every listed file against the length that its pack has, and every pack that should be listed.
    pub(super) fn check_lengths(
        &self,
        report: &mut CheckReport,
    ) -> Result<Vec<BadCopy>, VaultError> {
        // What is sealed from now on may be in a listing or not.
        let mut before = Vec::new();
        self.catalog.visit_packs(|no, info, presence| {
            before.resize(no.index(), 0);
            before.push(presence);
            report.packs += u64::from(info.state != PackState::Dying);
        })?;
        let (mut bad, mut failed, mut odd) = (Vec::new(), Vec::new(), Vec::new());
        for member in &self.members().attached {
            let found = match &member.failed {
                Some(why) => Err(why.clone()),
                None => match self.odd_lengths(member, &before) {
                    Ok(found) => Ok(found),
                    Err(VaultError::Volume(error)) => {
                        let why = error.to_string();
                        failed.push((member.id(), error.into()));
                        Err(why)
                    }
                    // The catalog's fault is no disk's.
                    Err(error) => return Err(error),
                },
            };
            let volume = member.label.clone();
            match found {
                Err(why) => {
                    let what = format!("it failed: {why}");
                    report.damaged.push(Damage { volume, pack: None, what, repaired: false });
                }
                Ok(found) => {
                    for (copy, what) in found {
                        let (volume, pack) = (volume.clone(), Some(copy.pack));
                        report.damaged.push(Damage { volume, pack, what, repaired: false });
                        bad.push(copy);
                    }
                }
            }
        }
        crate::recover::shed(self, failed, &mut odd);
        Ok(bad)
    }

    /// Copies on one volume that are missing or have another length, each with a sentence. Only
    /// those that the volume had by `before`, by pack number.
    fn odd_lengths(
        &self,
        member: &Member,
        before: &[u64],
    ) -> Result<Vec<(BadCopy, String)>, VaultError> {
        let mine =
            |no: PackNo| before.get(no.index()).is_some_and(|on| on & member.slot.bit() != 0);
        let mut listed = vec![false; before.len()];
        let mut failed = None;
        member.volume.visit_packs(|file| {
            let pack = self.catalog.pack_no(&file.id).and_then(|no| {
                let Some(no) = no.filter(|no| mine(*no)) else { return Ok(None) };
                Ok(self.catalog.pack(no)?.map(|info| (no, info)))
            });
            match pack {
                Ok(Some((no, info))) => {
                    let same_folder =
                        (file.kind == PackKind::Data) == (info.kind == PackKind::Data.code());
                    listed[no.index()] |= same_folder && file.len.0 == info.len;
                }
                Ok(None) => {}
                Err(error) => failed = Some(error),
            }
        })?;
        failed.map_or(Ok(()), Err)?;
        let mut odd = Vec::new();
        self.catalog.visit_packs(|no, info, _| {
            if mine(no) && !listed[no.index()] && info.state != PackState::Dying {
                odd.push((no, info.clone()));
            }
        })?;
        let mut bad = Vec::new();
        for (no, info) in odd {
            let Some(kind) = PackKind::from_code(info.kind) else { continue };
            let what = match member.volume.pack_len(info.id, kind)? {
                Some(len) => {
                    format!("pack {} is {} long, not {}", info.id.short(), len.0, info.len)
                }
                None => format!("pack {} is missing", info.id.short()),
            };
            bad.push((BadCopy { no, pack: info.id, kind, volume: member.id() }, what));
        }
        Ok(bad)
    }

    /// Copies that were found damaged or gone before, and were not mended since.
    pub(super) fn known_bad(&self, report: &mut CheckReport) -> Result<Vec<BadCopy>, VaultError> {
        let mut bad = Vec::new();
        for (pack, volume) in self.damaged_copies()? {
            let Some(no) = self.catalog.pack_no(&pack)? else { continue };
            let Some(info) = self.catalog.pack(no)? else { continue };
            let Some(kind) = PackKind::from_code(info.kind) else { continue };
            let holder = self.members().get(volume).filter(|m| m.failed.is_none()).map(|m| {
                let (label, volume) = (m.label.clone(), Arc::clone(&m.volume));
                (label, volume, m.slot)
            });
            let Some((label, holder, slot)) = holder else { continue };
            // Here again, by its name at least: it counts as any other.
            if self.catalog.presence(no)? & slot.bit() != 0 || info.state == PackState::Dying {
                continue;
            }
            bad.push(BadCopy { no, pack, kind, volume });
            let what = match holder.has_pack(pack, kind) {
                Ok(true) => format!("pack {} was found damaged before", pack.short()),
                Ok(false) => format!("pack {} is missing", pack.short()),
                Err(error) => format!("pack {} cannot be looked for: {error}", pack.short()),
            };
            report.damaged.push(Damage { volume: label, pack: Some(pack), what, repaired: false });
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
            let holder = self.members().get(volume).map(|m| (m.slot, Arc::clone(&m.volume)));
            let Some((slot, holder)) = holder else { continue };
            // One that was taken away on purpose, while somebody read it, is not missed.
            if self.catalog.presence(no)? & slot.bit() == 0 {
                continue;
            }
            let what = match holder.verify_pack(pack, kind, true) {
                Ok(PackVerdict::Good) => continue,
                Ok(verdict) => {
                    if !matches!(verdict, PackVerdict::Unreadable { .. }) || answers(&holder) {
                        bad.push(BadCopy { no, pack, kind, volume });
                    }
                    format!("pack {} does not match its name", pack.short())
                }
                // A disk that does not answer says nothing of the copy.
                Err(error) => format!("pack {} cannot be read: {error}", pack.short()),
            };
            let label = crate::reconcile::label_of(self, volume);
            if !report.damaged.iter().any(|d| d.pack == Some(pack) && d.volume == label) {
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
            // Whoever hears may rest for hours: then nobody reads ahead.
            let (tell, hear) = sync_channel(0);
            for (slot, volume, label) in &volumes {
                let (tell, stop, mine) = (tell.clone(), &stop, copies(slot.bit()));
                scope.spawn(move || {
                    for (no, info, _) in mine {
                        let Some(kind) = PackKind::from_code(info.kind) else { continue };
                        let verdict = volume.verify_pack(info.id, kind, true);
                        // One that is to go may lie in the trash already: nobody misses it.
                        let gone = matches!(verdict, Ok(PackVerdict::Missing));
                        if gone && info.state == PackState::Dying {
                            continue;
                        }
                        let answers = !is_unreadable(&verdict) || answers(volume);
                        let copy = BadCopy { no: *no, pack: info.id, kind, volume: volume.id() };
                        if stop.load(Ordering::Relaxed)
                            || tell.send((copy, info.len, label, verdict, answers)).is_err()
                        {
                            return;
                        }
                    }
                });
            }
            drop(tell);
            for (copy, len, label, verdict, answers) in hear {
                now.items += 1;
                now.bytes += len;
                report.bytes_read += len;
                if !progress(now) {
                    stop.store(true, Ordering::Relaxed);
                    failed = Some(VaultError::Stopped);
                }
                let answered = verdict.is_ok() && answers;
                let what = match verdict {
                    Ok(PackVerdict::Good) => continue,
                    Ok(PackVerdict::Missing) => "is missing".to_owned(),
                    Ok(PackVerdict::Damaged { .. }) => "does not match its name".to_owned(),
                    Ok(PackVerdict::Unreadable { at }) => format!("cannot be read beyond {at}"),
                    Err(error) => format!("cannot be read: {error}"),
                };
                // A disk that does not answer says nothing of the copy.
                if answered {
                    bad.push(copy);
                }
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

    /// Damaged copies no longer count, whether they are mended or not.
    pub(crate) fn note_bad(&self, bad: &[BadCopy]) -> Result<(), VaultError> {
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
