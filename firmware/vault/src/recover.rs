//! Putting in order what the last run left: unfinished packs, the catalog, the journal.
//!
//! Nothing is ever encrypted under an old salt: the objects of an unfinished pack are stored anew,
//! in new packs, unless a sealed pack has them; only when those are durable and a new head names
//! them are the old files unlinked. A crash during all this leaves more of the same to put in
//! order next time. Start at [`run`].

use std::collections::{BTreeMap, BTreeSet, HashSet};

use catalog::PackState;
use format::from_cbor;
use format::head::HeadPayload;
use format::pack::{PackHeader, PackKind};
use format::record::{self, Commit, Op, PackList};
use seal::{Codecs, PackOpener};
use types::sabotage::{self, Bug};
use types::{ChunkId, ObjectId, PackId, SpaceId, VolumeId};

use crate::Vault;
use crate::branches::{Stray, merge};
use crate::copy::Route;
use crate::counted::Counted;
use crate::error::VaultError;
use crate::history::History;
use crate::index::entry_of;
use crate::listing::{Listed, Listing};
use crate::members::Member;
use crate::open::{Access, Journal, OpenReport};
use crate::openpack::Placed;
use crate::reader::{Ghost, read_header};
use crate::reconcile::{FoundCommit, note_missing};
use crate::state::State;
use crate::torn::{enter_again, without_torn};
use crate::wanted::Wanted;

/// An unfinished pack found on one volume.
struct Unfinished {
    volume: VolumeId,
    name: [u8; 16],
    space: SpaceId,
    kind: PackKind,
    objects: Vec<ChunkId>,
}

/// Puts a vault that was just assembled in order. Answers which volumes may hold something that was not
/// read: of the `suspects` those that are away or failed before all of their packs were known, and
/// whichever keeps an unfinished pack to itself.
pub(crate) fn run(
    vault: &Vault,
    history: &History,
    suspects: &BTreeSet<VolumeId>,
    journal: Journal,
    report: &mut OpenReport,
) -> Result<BTreeSet<VolumeId>, VaultError> {
    let mut commits = Vec::new();
    let (unfinished, mut unread) = find_unfinished(vault, &mut commits, report)?;
    let listing = Listing::take(vault, &mut report.findings)?;
    unread.extend(vault.members().absent().into_iter().filter(|id| suspects.contains(id)));
    let unknown = listing.correct(vault)?;
    let is_meta = |at: &u32| listing.at(*at).kind == PackKind::Meta;
    let (meta, data): (Vec<u32>, Vec<u32>) = unknown.iter().copied().partition(is_meta);
    listing.index(vault, &meta, |_| PackState::Live, &mut report.findings)?;

    let mut past_torn = false;
    let (state, wanted) = match load(vault, &history.main.payload) {
        Ok(loaded) => loaded,
        Err(error) => {
            past_torn = true;
            load_past_torn(vault, history, &listing, &meta, report)?.ok_or(error)?
        }
    };
    listing.index(
        vault,
        &data,
        |id| if state.tombstones.contains_key(id) { PackState::Dying } else { PackState::Live },
        &mut report.findings,
    )?;
    mark_dying(vault, &state)?;
    // Metadata was indexed before it was known what is to go. What a living pack has too is found
    // there: a dying one is copied to no volume any more.
    let (dying, living): (Vec<u32>, Vec<u32>) =
        meta.into_iter().partition(|at| state.tombstones.contains_key(&listing.at(*at).id));
    if !dying.is_empty() {
        listing.index(vault, &living, |_| PackState::Live, &mut report.findings)?;
    }
    let mut counted = Counted::of(&listing);
    report.missing_packs =
        note_missing(vault, &wanted, &mut counted, |id| state.tombstones.contains_key(id))?;
    counted.drop_gone(vault)?;
    let seen = without_torn(vault, &listing, counted.strangers(), &unknown, &mut report.findings)?;
    let (all, strangers) = (counted.strangers(), seen.kept);
    if seen.displaced || past_torn {
        let but = all.iter().map(|listed| listed.id).collect();
        let going = |id: &PackId| state.tombstones.contains_key(id);
        enter_again(vault, &listing, &but, going, &mut report.findings)?;
    }
    match journal {
        Journal::Replayed => commits.extend(listing.commits(vault, &all)?),
        Journal::LeftOut => commits.clear(),
    }
    vault.writer().state = state;
    let records = older_records(vault, &commits);
    let replay = replay(vault, &commits);
    report.replayed_commits = replay.chained.len();
    let merged = merge(vault, history, &replay.chained, &replay.stray, &listing, report)?;
    if vault.access == Access::ReadOnly {
        let mut writer = vault.writer();
        for (commit, _) in &replay.chained {
            commit.ops.iter().for_each(|op| writer.state.apply(op));
        }
        merged.iter().for_each(|op| writer.state.apply(op));
        return Ok(unread);
    }
    adopt_strangers(vault, &strangers)?;
    count_opening(vault, report);
    top_up(vault, &listing, &strangers)?;
    unread.extend(settle(vault, &unfinished, &records, replay.chained, merged, report)?);
    Ok(unread)
}

/// Loads the state once more, after torn metadata was taken out of its way; none when none was torn.
fn load_past_torn(
    vault: &Vault,
    history: &History,
    listing: &Listing,
    meta: &[u32],
    report: &mut OpenReport,
) -> Result<Option<(State, Wanted)>, VaultError> {
    let all: Vec<Listed> = meta.iter().map(|at| *listing.at(*at)).collect();
    let seen = without_torn(vault, listing, all.clone(), meta, &mut report.findings)?;
    if !seen.displaced {
        return Ok(None);
    }
    let kept: HashSet<PackId> = seen.kept.iter().map(|listed| listed.id).collect();
    let torn = all.iter().map(|listed| listed.id).filter(|id| !kept.contains(id)).collect();
    enter_again(vault, listing, &torn, |_| false, &mut report.findings)?;
    load(vault, &history.main.payload).map(Some)
}

/// The records in unfinished packs that the head knows of already. Nothing needs them but a volume
/// that is absent now: when it comes back, they tell what it has in common with the others.
fn older_records(vault: &Vault, found: &[FoundCommit]) -> Vec<Vec<u8>> {
    let newest = vault.writer().chain.commit_seq;
    let mut records = BTreeMap::new();
    for item in found.iter().filter(|item| !item.sealed) {
        if let Ok(commit) = from_cbor::<Commit>("commit", &item.cbor)
            && commit.seq <= newest
        {
            records.insert((commit.seq, *blake3::hash(&item.cbor).as_bytes()), item.cbor.clone());
        }
    }
    records.into_values().collect()
}

/// Makes durable what a kill left between a rename and its folder's sync, which is listed but may
/// not last, and counts the opening. A disk that fails at this is demoted; one that is only full
/// can still be read, and emptied.
fn count_opening(vault: &Vault, report: &mut OpenReport) {
    let mut failed = Vec::new();
    for member in vault.members().attached.iter().filter(|member| member.takes_writes()) {
        let counted = member.volume.settle().and_then(|()| member.volume.bump_generation());
        if let Err(error) = counted {
            report.findings.push(error.to_string());
            failed.push((member.id(), error));
        }
    }
    let mut members = vault.members.write().expect("no code panics while it holds the members");
    for (id, error) in failed.iter().filter(|(_, error)| !error.is_full()) {
        members.demote(*id, error);
    }
}

/// Reads every unfinished pack on every volume as far as it is authentic, and names the volumes with one
/// that waits for its key.
fn find_unfinished(
    vault: &Vault,
    commits: &mut Vec<FoundCommit>,
    report: &mut OpenReport,
) -> Result<(Vec<Unfinished>, BTreeSet<VolumeId>), VaultError> {
    let mut codecs = Codecs::new();
    let mut all = Vec::new();
    let (mut failed, mut waiting) = (Vec::new(), BTreeSet::new());
    for member in &vault.members().attached {
        match unfinished_on(vault, member, &mut codecs, commits, &mut report.findings) {
            Ok((found, waits)) => {
                all.extend(found);
                waiting.extend(waits.then(|| member.id()));
            }
            Err(error) => failed.push((member.id(), error)),
        }
    }
    shed(vault, failed, &mut report.findings);
    let names: HashSet<_> = all.iter().map(|part| part.name).collect();
    report.recovered_packs = names.len();
    Ok((all, waiting))
}

/// The unfinished packs of one volume; what they hold becomes readable. Says whether there is another one
/// that no key opens.
fn unfinished_on(
    vault: &Vault,
    member: &Member,
    codecs: &mut Codecs,
    commits: &mut Vec<FoundCommit>,
    findings: &mut Vec<String>,
) -> Result<(Vec<Unfinished>, bool), VaultError> {
    let (mut all, mut waits) = (Vec::new(), false);
    for part in member.volume.list_open()? {
        let reader = member.volume.read_open(part.name)?;
        let header = read_header(&reader)?;
        let Ok(decoded) = PackHeader::decode(&header) else {
            // Cut off within its header: nothing was ever acknowledged from it.
            let (space, kind) = (SpaceId::SYSTEM, PackKind::Meta);
            let (volume, name, objects) = (member.id(), part.name, Vec::new());
            all.push(Unfinished { volume, name, space, kind, objects });
            continue;
        };
        let opener = match PackOpener::new(&header, &vault.keys.ring()) {
            Ok(opener) => opener,
            Err(error) => {
                // There may be something in it that was acknowledged: it waits for its key.
                findings.push(format!(
                    "{} has an unfinished pack that no key opens, and keeps it: {error}",
                    member.label
                ));
                waits = true;
                continue;
            }
        };
        let read = |offset: u64, buf: &mut [u8]| {
            reader.read_at(offset, buf).map_err(std::io::Error::other)
        };
        let prefix = opener
            .scan_prefix(codecs, reader.len(), &read)
            .map_err(|error| VaultError::Tree(error.to_string()))?;
        let on = vec![member.id()];
        commits.extend(prefix.commits.into_iter().map(|(_, cbor)| FoundCommit {
            cbor,
            sealed: false,
            on: on.clone(),
        }));
        let mut objects = Vec::new();
        for frame in &prefix.frames {
            let mut raw_offset = 0;
            for object in &frame.objects {
                let (frame, frame_offset) = (frame.number, frame.offset);
                objects
                    .push((object.id, Placed { frame, frame_offset, raw_offset, len: object.len }));
                raw_offset += object.len;
            }
        }
        let (space, kind) = (decoded.space, decoded.kind);
        let ids = objects.iter().map(|(id, _)| *id).collect();
        let volume = std::sync::Arc::clone(&member.volume);
        vault.reader.add_ghost(Ghost { volume, name: part.name, header, space, kind }, objects);
        all.push(Unfinished { volume: member.id(), name: part.name, space, kind, objects: ids });
    }
    Ok((all, waits))
}

/// Goes on without volumes that fail while the vault is opened: the others carry it.
pub(crate) fn shed(vault: &Vault, failed: Vec<(VolumeId, VaultError)>, findings: &mut Vec<String>) {
    for (id, error) in failed {
        findings.push(error.to_string());
        vault
            .members
            .write()
            .expect("no code panics while it holds the members")
            .demote(id, &error);
    }
}

/// The state that a head names, and every pack that it counts on.
pub(crate) fn load(vault: &Vault, payload: &HeadPayload) -> Result<(State, Wanted), VaultError> {
    let Some(id) = payload.state else {
        return Ok((State::default(), Wanted::new(payload, &PackList::default())));
    };
    let mut read = Vec::new();
    let mut get = |id: &ObjectId| -> Result<Vec<u8>, VaultError> {
        read.push(*id);
        Ok(vault.object(SpaceId::SYSTEM, PackKind::Meta, id)?.to_vec())
    };
    let record: record::State = from_cbor("state", &get(&id)?)?;
    let state = State::load(&record, &mut get)?;
    let wanted = Wanted::new(payload, &record.packs);
    read.extend_from_slice(wanted.objects());
    let mut writer = vault.writer();
    writer.chain.packs = record.packs;
    writer.set_system_objects(read);
    Ok((state, wanted))
}

fn mark_dying(vault: &Vault, state: &State) -> Result<(), VaultError> {
    let mut batch = vault.catalog.batch()?;
    for pack in state.tombstones.keys() {
        if let Some(no) = vault.catalog.pack_no(pack)?
            && vault.catalog.pack_state(no) == Some(PackState::Live)
        {
            batch.set_state(no, PackState::Dying)?;
        }
    }
    batch.commit(catalog::Durability::Relaxed)?;
    Ok(())
}

/// Commits newer than the head: those that continue its chain, and the others.
struct Replay {
    /// In order.
    chained: Vec<(Commit, FoundCommit)>,
    /// In order of their numbers.
    stray: Vec<Stray>,
}

fn replay(vault: &Vault, found: &[FoundCommit]) -> Replay {
    let chain = vault.writer().chain.clone();
    let mut by_hash: BTreeMap<[u8; 32], (Commit, FoundCommit)> = BTreeMap::new();
    for item in found {
        let Ok(commit) = from_cbor::<Commit>("commit", &item.cbor) else { continue };
        let hash = *blake3::hash(&item.cbor).as_bytes();
        let known = by_hash.entry(hash).or_insert_with(|| (commit, item.clone()));
        known.1.sealed |= item.sealed;
        known.1.on.extend(&item.on);
    }
    // By what they follow: looking through all of them for each step would take longer than the
    // power cut that left them.
    let mut after: BTreeMap<(u64, [u8; 32]), [u8; 32]> = BTreeMap::new();
    for (hash, (commit, _)) in &by_hash {
        after.entry((commit.seq, commit.previous)).or_insert(*hash);
    }
    let mut last = Some((chain.commit_seq, chain.commit_hash));
    let mut chained = Vec::new();
    while let Some((seq, hash)) = last {
        // A number that has none after it was forged, and nothing follows it.
        let next = seq.checked_add(1).and_then(|seq| after.get(&(seq, hash)));
        last = None;
        if let Some(hash) = next
            && let Some((commit, item)) = by_hash.remove(hash)
        {
            last = Some((commit.seq, *hash));
            chained.push((commit, item));
        }
    }
    let stray =
        by_hash.into_iter().map(|(hash, (commit, item))| Stray { hash, commit, on: item.on });
    let mut stray: Vec<_> = stray.collect();
    stray.sort_by_key(|stray| (stray.commit.seq, stray.hash));
    Replay { chained, stray }
}

/// Counts on sealed packs that the head does not list.
fn adopt_strangers(vault: &Vault, strangers: &[Listed]) -> Result<(), VaultError> {
    for Listed { id, .. } in strangers {
        let Some(no) = vault.catalog.pack_no(id)? else { continue };
        let Some(entry) = vault.catalog.pack(no)?.as_ref().and_then(entry_of) else { continue };
        let mut writer = vault.writer();
        writer.chain.gone.retain(|gone| gone != id);
        writer.chain.recent.push(entry);
        writer.head_due = true;
    }
    Ok(())
}

/// Brings packs that a crash caught between one disk's rename and another's to all their disks,
/// before their unfinished twins are removed there.
fn top_up(vault: &Vault, listing: &Listing, strangers: &[Listed]) -> Result<(), VaultError> {
    let copies = usize::from(vault.copies());
    for listed in strangers {
        let Some(no) = vault.catalog.pack_no(&listed.id)? else { continue };
        let presence = vault.catalog.presence(no)?;
        let holds =
            |id: &VolumeId| vault.members().get(*id).is_some_and(|m| presence & m.slot.bit() != 0);
        // A torn copy is none.
        let mut on = listing.on(listed);
        on.retain(holds);
        let targets: Vec<VolumeId> = {
            let members = vault.members();
            let takers = members.attached.iter().filter(|m| m.takes_writes() && !m.retiring);
            let others = takers.map(crate::members::Member::id).filter(|v| !on.contains(v));
            match listed.kind {
                PackKind::Data => others.take(copies.saturating_sub(on.len())).collect(),
                PackKind::Meta | PackKind::Index => others.collect(),
            }
        };
        for to in targets {
            let route = Route::of(&vault.members(), &on, to);
            if let Ok(route) = route
                && route.copy(listed.id, listed.kind).is_ok()
            {
                vault.set_presence(no, route.slot, true)?;
            }
        }
    }
    Ok(())
}

/// Stores unfinished packs' objects anew, journals what the head lacks, writes a head, and only
/// then removes the old files. Answers which volumes keep one of them, because it could not be read.
fn settle(
    vault: &Vault,
    unfinished: &[Unfinished],
    records: &[Vec<u8>],
    chained: Vec<(Commit, FoundCommit)>,
    merged: Vec<Op>,
    report: &mut OpenReport,
) -> Result<BTreeSet<VolumeId>, VaultError> {
    // What is stored anew here was stored already: it may use the reserve.
    vault.writer().making_room = true;
    let mut unread = HashSet::new();
    for part in unfinished {
        for id in &part.objects {
            let known = vault.writer().knows(part.space, part.kind, id)?;
            if !known {
                match vault.object(part.space, part.kind, id) {
                    Ok(bytes) => {
                        vault.writer().put(part.space, part.kind, *id, &bytes)?;
                    }
                    Err(error) => {
                        report.findings.push(format!("an unfinished piece: {error}"));
                        unread.insert(part.name);
                    }
                }
            }
        }
    }
    if sabotage::on(Bug::OldFilesRemovedFirst) {
        remove_unfinished(vault, unfinished, &unread)?;
    }
    // One that can only be read keeps its records, too.
    let some_absent = !vault.members().absent().is_empty() || !vault.members().behind().is_empty();
    let mut writer = vault.writer();
    for record in records.iter().filter(|_| some_absent) {
        writer.append_record(record)?;
    }
    writer.making_room = false;
    writer.sync_all()?;
    let anything = !chained.is_empty() || !merged.is_empty() || !unfinished.is_empty();
    for (commit, found) in chained {
        if found.sealed {
            writer.chain.commit_seq = commit.seq;
            writer.chain.commit_hash = *blake3::hash(&found.cbor).as_bytes();
        } else {
            writer.append_commit(&found.cbor)?;
        }
        for op in &commit.ops {
            let forgets = matches!(op, Op::SnapshotForgotten(..));
            if !(forgets && sabotage::on(Bug::ForgetNotReplayed)) {
                writer.state.apply(op);
            }
        }
        writer.head_due = true;
    }
    if !merged.is_empty() {
        writer.commit(merged)?;
    }
    // A volume that is here alone, or again, must say so before anything new is acknowledged: two
    // sides that go on apart are told apart by their heads.
    let others = vault.members().differ_from_registry()
        || vault.members().attached.iter().any(|member| member.apart && member.takes_writes());
    if anything || others || writer.head_due {
        writer.write_head()?;
    }
    drop(writer);
    vault.reader.drop_ghosts();
    vault.reader.forget_all();
    let mut failed = remove_unfinished(vault, unfinished, &unread)?;
    for member in vault.members().attached.iter().filter(|member| member.takes_writes()) {
        if let Err(error) = member.volume.delete_leftovers() {
            failed.push((member.id(), error.into()));
        }
    }
    shed(vault, failed, &mut report.findings);
    let kept = unfinished.iter().filter(|part| unread.contains(&part.name));
    Ok(kept.map(|part| part.volume).collect())
}

/// Removes the old files. What could not be read now may be readable next time: such a pack stays
/// where it is.
fn remove_unfinished(
    vault: &Vault,
    unfinished: &[Unfinished],
    unread: &HashSet<[u8; 16]>,
) -> Result<Vec<(VolumeId, VaultError)>, VaultError> {
    let mut failed = Vec::new();
    for part in unfinished.iter().filter(|part| !unread.contains(&part.name)) {
        let volume = crate::reconcile::volume_of(vault, part.volume)?;
        if !volume.is_read_only()
            && let Err(error) = volume.delete_open(part.name)
        {
            failed.push((part.volume, error.into()));
        }
    }
    Ok(failed)
}
