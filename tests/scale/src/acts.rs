//! What is done with the large vault and measured, one process each; every act checks its result.
//!
//! Acts run in order, each on what the one before left. Start at [`ACTS`].

use std::fmt::Write as _;
use std::sync::atomic::Ordering;

use types::{Bytes, Millis};
use vault::{CheckOptions, CheckReport, OpenReport, PruneOptions, PruneReport, Vault};

use crate::Outcome;
use crate::disk::ScaleDisk;
use crate::make::{self, SOURCE};
use crate::place::{Place, taken};
use crate::shape::Shape;
use crate::{index, small};

/// One act: its name, what it stands for in the table, and the work, which returns facts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Act {
    /// Its name.
    pub(crate) name: &'static str,
    /// What it measures.
    pub(crate) about: &'static str,
    /// Whether its memory is held against the target: what only makes things is not.
    pub(crate) bounded: bool,
    /// Does it.
    pub(crate) run: fn(&Place, Shape) -> Outcome<String>,
}

/// All of them, in order.
pub(crate) const ACTS: &[Act] = &[
    act("make", "the vault is made", false, |place, shape| {
        let meta = make::make(place, shape)?;
        let taken = taken(&place.dir);
        Ok(format!("meta_bytes={meta} disk_bytes={taken}"))
    }),
    act("rebuild", "open without a catalog: rebuilt from all trailers", true, rebuild),
    act("open", "open with its catalog", true, open),
    act("check", "check without reading data", true, check),
    act("small", "a small folder backed up into it and restored", true, small::backup_and_restore),
    act("dry", "one version forgotten; prune --dry-run: one mark", true, forget_and_look),
    act("prune", "prune without grace: marks, trash, unlink", true, prune),
    act("recheck", "check after pruning", true, recheck),
    act("lookups", "known and unknown chunks looked up", true, index::lookups),
    act("insert", "an empty catalog filled with as many chunks", true, index::insert),
    act("first", "first backup of a tenth as many real, empty files", true, small::first_of_many),
    act("rerun", "the same again, unchanged", true, small::rerun_of_many),
    act("sabotage", "a lost pack is found by a check", true, sabotage),
];

const fn act(
    name: &'static str,
    about: &'static str,
    bounded: bool,
    run: fn(&Place, Shape) -> Outcome<String>,
) -> Act {
    Act { name, about, bounded, run }
}

/// Refuses with a sentence unless it holds.
pub(crate) fn must(holds: bool, sentence: impl FnOnce() -> String) -> Outcome<()> {
    if holds { Ok(()) } else { Err(sentence().into()) }
}

fn opened(place: &Place) -> Outcome<(Vault, OpenReport, Vec<std::sync::Arc<ScaleDisk>>)> {
    let disks = place.disks(true)?;
    let (vault, report) = place.open_vault(&disks)?;
    must(report.missing_packs.is_empty() && report.findings.is_empty(), || {
        let first = report.findings.first().cloned().unwrap_or_default();
        format!("{} packs are missing; findings: {first}", report.missing_packs.len())
    })?;
    Ok((vault, report, disks))
}

fn rebuild(place: &Place, shape: Shape) -> Outcome<String> {
    must(!place.catalog().exists(), || "the catalog is there".to_owned())?;
    let (vault, ..) = opened(place)?;
    vault.close()?;
    drop(vault);
    let stats = index::stats(place)?;
    must(stats.chunk_rows >= shape.chunks, || format!("the catalog is short: {stats:?}"))?;
    let bytes = stats.file_bytes / stats.chunk_rows;
    Ok(format!("rows={} packs={} bytes_an_entry={bytes}", stats.chunk_rows, stats.packs))
}

fn open(place: &Place, _: Shape) -> Outcome<String> {
    let (vault, ..) = opened(place)?;
    let versions = vault.snapshots(Some(SOURCE))?.len();
    must(versions == 2, || format!("{versions} versions, not 2"))?;
    Ok(format!("versions={versions}"))
}

fn checked(place: &Place) -> Outcome<CheckReport> {
    let (vault, ..) = opened(place)?;
    Ok(vault.check(CheckOptions::default(), &mut |_| true)?)
}

fn check(place: &Place, shape: Shape) -> Outcome<String> {
    let report = checked(place)?;
    must(report.is_clean(), || format!("not clean: {:.400}", format!("{report:?}")))?;
    must(report.chunks == shape.chunks && report.snapshots == 2, || format!("{report:?}"))?;
    must(report.packs > shape.packs(), || format!("{} packs", report.packs))?;
    Ok(format!("chunks={} objects={} packs={}", report.chunks, report.objects, report.packs))
}

fn told(report: &PruneReport) -> String {
    let mut out = String::new();
    let PruneReport { rewritten, tombstoned, trashed, unlinked, freed, .. } = report;
    write!(out, "rewritten={rewritten} tombstoned={tombstoned} trashed={trashed} ")
        .and_then(|()| write!(out, "unlinked={unlinked} freed={}", freed.0))
        .expect("writing to a string does not fail");
    out
}

fn forget_and_look(place: &Place, shape: Shape) -> Outcome<String> {
    let (vault, ..) = opened(place)?;
    let versions = vault.snapshots(Some(SOURCE))?;
    vault.forget(&versions[..1])?;
    let options = PruneOptions { dry_run: true, ..PruneOptions::default() };
    let report = vault.prune(options, &mut |_| true)?;
    must(report.tombstoned >= shape.dead_packs(), || told(&report))?;
    must(report.unlinked == 0, || told(&report))?;
    Ok(told(&report))
}

fn prune(place: &Place, shape: Shape) -> Outcome<String> {
    let (vault, _, disks) = opened(place)?;
    let options = PruneOptions { grace: Some(Millis(0)), ..PruneOptions::default() };
    let report = vault.prune(options, &mut |_| true)?;
    must(report.unlinked >= shape.dead_packs(), || told(&report))?;
    let least = shape.dead_packs() * 15 * Bytes::MIB;
    must(report.freed.0 >= least, || told(&report))?;
    let syncs = disks.iter().map(|disk| disk.pack_folder_syncs.load(Ordering::Relaxed));
    Ok(format!("{} pack_folder_syncs={}", told(&report), syncs.sum::<u64>()))
}

fn recheck(place: &Place, shape: Shape) -> Outcome<String> {
    let report = checked(place)?;
    let left = shape.chunks - shape.dead_packs() * crate::shape::PER_PACK;
    must(report.is_clean(), || format!("not clean: {:.400}", format!("{report:?}")))?;
    must(report.chunks >= left && report.chunks < shape.chunks, || format!("{report:?}"))?;
    Ok(format!("chunks={} objects={} packs={}", report.chunks, report.objects, report.packs))
}

/// The same check must fail when there is something to find.
fn sabotage(place: &Place, _: Shape) -> Outcome<String> {
    let disks = place.disks(true)?;
    let id = disks[0].a_pack()?;
    disks.iter().try_for_each(|disk| disk.lose(id, true))?;
    let (vault, opened) = place.open_vault(&disks)?;
    must(opened.missing_packs == [id], || format!("{:?}", opened.missing_packs))?;
    let report = vault.check(CheckOptions::default(), &mut |_| true)?;
    must(report.lost_chunks == crate::shape::PER_PACK, || {
        format!("{} chunks are lost", report.lost_chunks)
    })?;
    must(report.lost_packs == [id] && report.lost_file_count > 0, || "not named".to_owned())?;
    drop(vault);
    disks.iter().try_for_each(|disk| disk.lose(id, false))?;
    Ok(format!("lost_chunks={} lost_files={}", report.lost_chunks, report.lost_file_count))
}
