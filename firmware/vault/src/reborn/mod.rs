//! A vault anew from the words and what friends keep, after the box and all its disks are gone.
//!
//! The words slot comes first and is opened by the words, then heads, by which it is known what there
//! has to be, then metadata: from there on the vault is open, and lists every version. Data follows, by
//! [`Vault::fetch_lacking`], what the newest versions need first. Nothing that a friend says is believed.
//! A kill at any moment costs the pack that was under way: do the same again, with the same disks.
//! The vault is the same one: its keys, its id, its chain of heads. Only its volumes are others: those
//! before are struck off. Why: ADR 32. Start at [`Vault::reborn`].

mod ground;
mod holds;
mod refill;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use format::head::{Envelope, HeadPayload};
use format::keys::KeyFile;
use format::pack::{HEADER_LEN, PackHeader, PackKind};
use peer_proto::wire::{HeadPoint, Kind};
use seal::{KeyRing, PackOpener, Words};
use types::{Bytes, HeadHash, PackId, UnixTime, VolumeId};
use volume::{Disk, Volume};

use crate::env::{Env, Options};
use crate::error::VaultError;
use crate::open::{Access, Journal, Secrets};
use crate::{OnProgress, Progress, Vault, keys};

pub use holds::Hold;
pub use refill::FetchReport;

use holds::{Held, Holds};

/// What a vault is to be made of.
#[derive(Clone, Debug)]
pub struct RebornSpec<'a> {
    /// Empty disks, prepared as for a new vault; or those of an attempt that was cut short. A disk of this vault
    /// that lost its metadata, so that it cannot be opened any more, is mended: then no volume is struck off.
    pub disks: Vec<Arc<dyn Disk>>,
    /// The recovery kit.
    pub words: &'a Words,
    /// The friends that can be asked. One is enough, if it keeps everything.
    pub holds: &'a [&'a dyn Hold],
    /// The head to begin from; none for the newest that any friend has. An earlier one is for whoever was
    /// robbed of a box that went on writing.
    pub head: Option<HeadPoint>,
    /// Goes on although a friend does not answer, or not with all heads and words slots that it lists: what is
    /// newer and only there is given up. Otherwise that is an error which names who.
    pub go_on_without: bool,
}

/// What a rebirth found and did.
#[derive(Clone, Debug)]
pub struct RebornReport {
    /// The head from which it goes on.
    pub head: HeadPoint,
    /// When that was written, by the clock of the box that is gone.
    pub written: UnixTime,
    /// Packs of metadata that were fetched now.
    pub fetched: u64,
    /// Their bytes.
    pub bytes: Bytes,
    /// Packs of metadata that were not to be had: they are fetched first, once somebody has them.
    pub lacking: Vec<PackId>,
    /// Volumes of before that were struck off.
    pub struck_off: Vec<VolumeId>,
    /// What was odd, one sentence each.
    pub findings: Vec<String>,
}

/// A head that a friend keeps, opened.
struct Seen {
    point: HeadPoint,
    previous: HeadHash,
    bytes: Vec<u8>,
    payload: HeadPayload,
}

/// The heads that friends keep, told apart.
struct Heads {
    /// The one to begin from.
    newest: HeadPoint,
    /// It and those before it, by number, each named by the one after it.
    chain: BTreeMap<u64, Seen>,
    /// Those behind one that the owner chose.
    unwanted: BTreeSet<HeadHash>,
}

impl Vault {
    /// Makes the vault anew on these disks and opens it: every version is listed, and what is in them comes
    /// with [`Self::fetch_lacking`]. See the module for what is done when it is cut short.
    pub fn reborn(
        env: Env,
        options: Options,
        spec: RebornSpec<'_>,
        progress: OnProgress<'_>,
    ) -> Result<(Self, RebornReport), VaultError> {
        let holds = Holds::ask(spec.holds)?;
        let (file, ring) = open_words_slot(&holds, spec.words, &env)?;
        let Heads { newest, chain: heads, unwanted } = heads_of(&holds, &ring, spec.head)?;
        if !spec.go_on_without {
            holds.must_be_heard()?;
        }
        let volumes = ground::prepare(&env, &options, &spec.disks, &file)?;
        let mut report = RebornReport {
            head: newest,
            written: heads[&newest.seq].payload.time,
            fetched: 0,
            bytes: Bytes(0),
            lacking: Vec::new(),
            struck_off: Vec::new(),
            findings: Vec::new(),
        };
        if spec.head.is_none() {
            ground::same_way(&volumes, &heads)?;
        }
        fetch_metadata(&holds, (&ring, &volumes), false, &mut report, progress)?;
        // What came after a head that was chosen is not wanted; what these volumes took themselves is.
        ground::go_back(&volumes, &unwanted)?;
        let chosen = spec.head.filter(|head| !ground::is_past(&volumes, head.seq));
        let journal = chosen.map_or(Journal::Replayed, |_| Journal::LeftOut);
        // Last: a volume with a head and without its metadata would be taken for one that lost it.
        ground::write_heads(&volumes, &heads)?;
        let open = || {
            let (env, options, disks) = (env.clone(), options.clone(), spec.disks.clone());
            let (access, secret) = (Access::ReadWrite, Secrets::Words(spec.words));
            Self::open_by(env, options, access, disks, Some(file.vault), secret, journal)
        };
        let opened = match open() {
            // Something that friends were asked to let go may be needed for a head that is older than that.
            Err(_) if holds.of_kinds(METADATA).any(|one| one.until.is_some()) => {
                fetch_metadata(&holds, (&ring, &volumes), true, &mut report, progress)?;
                open()
            }
            other => other,
        };
        let (vault, opened) = opened?;
        let burned = ground::burned(&volumes, &heads[&newest.seq].payload);
        drop(volumes);
        let gone = vault.members().absent();
        for id in gone.into_iter().filter(|id| burned.contains(id)) {
            vault.remove(id, true)?;
            report.struck_off.push(id);
        }
        let lacking = vault.packs_to_fetch()?.into_iter();
        report.lacking =
            lacking.filter(|pack| pack.kind != PackKind::Data).map(|pack| pack.id).collect();
        report.findings.extend(holds.findings());
        report.findings.extend(opened.findings);
        Ok((vault, report))
    }
}

/// Packs without which nothing can be listed.
const METADATA: &[Kind] = &[Kind::Meta, Kind::Index];

/// The newest key file that the words open, with the spaces of all others.
fn open_words_slot(
    holds: &Holds<'_>,
    words: &Words,
    env: &Env,
) -> Result<(KeyFile, KeyRing), VaultError> {
    let mut files = Vec::new();
    for held in holds.of_kinds(&[Kind::Keys]) {
        match holds.whole(held, 0).map(|bytes| KeyFile::decode(&bytes)) {
            Ok(Ok(file)) => files.push(file),
            Ok(Err(error)) => holds.misses("words slot", held.id, &error.to_string().into()),
            Err(lack) => holds.misses("words slot", held.id, &lack),
        }
    }
    if files.is_empty() {
        return Err(lack(holds, "a words slot"));
    }
    keys::unlock_files(files, Secrets::Words(words), &*env.rng)
}

fn lack(holds: &Holds<'_>, what: &'static str) -> VaultError {
    let detail = holds.findings().iter().map(|one| format!("\n  {one}")).collect();
    VaultError::HoldsLack { what, detail }
}

/// Reads the heads that friends keep.
fn heads_of(
    holds: &Holds<'_>,
    ring: &KeyRing,
    wanted: Option<HeadPoint>,
) -> Result<Heads, VaultError> {
    let mut seen: Vec<Seen> = Vec::new();
    for held in holds.of_kinds(&[Kind::Head]) {
        let opened = holds.whole(held, 0).and_then(|bytes| {
            let envelope = Envelope::decode(&bytes).map_err(|error| error.to_string())?;
            let payload = seal::open_head(ring, &envelope).map_err(|error| error.to_string())?;
            let point = HeadPoint { seq: envelope.seq, hash: envelope.hash() };
            Ok(Seen { point, previous: envelope.previous, bytes, payload })
        });
        match opened {
            Ok(head) => seen.push(head),
            Err(lack) => holds.misses("head", held.id, &lack),
        }
    }
    choose(seen, wanted, holds).ok_or_else(|| lack(holds, "a readable head"))
}

/// Picks the head to begin from, and walks the chain back from it as far as friends keep it without a gap:
/// behind one, nobody can tell the own heads from those of a box that went on from the same vault.
fn choose(mut seen: Vec<Seen>, wanted: Option<HeadPoint>, holds: &Holds<'_>) -> Option<Heads> {
    // Of two with one number the later one, as when a vault is opened.
    seen.sort_by_key(|head| (head.point.seq, head.payload.time, head.point.hash));
    let at = match wanted {
        Some(point) => seen.iter().position(|head| head.point == point)?,
        None => seen.len().checked_sub(1)?,
    };
    let first = seen.remove(at);
    let (newest, mut previous) = (first.point, first.previous);
    let mut chain = BTreeMap::from([(newest.seq, first)]);
    let mut unwanted = BTreeSet::new();
    for head in seen.into_iter().rev() {
        let HeadPoint { seq, hash } = head.point;
        if wanted.is_some() && seq > newest.seq {
            unwanted.insert(hash);
        } else if hash == previous && chain.contains_key(&(seq + 1)) {
            previous = head.previous;
            chain.insert(seq, head);
        } else if seq == newest.seq || chain.contains_key(&(seq + 1)) {
            holds.note(format!("friends keep two heads {seq}: two boxes went on from one vault"));
        }
    }
    Some(Heads { newest, chain, unwanted })
}

/// Brings all metadata to all volumes; what was fetched before is passed over.
fn fetch_metadata(
    holds: &Holds<'_>,
    (ring, volumes): (&KeyRing, &[Arc<Volume>]),
    those_that_go: bool,
    report: &mut RebornReport,
    progress: OnProgress<'_>,
) -> Result<(), VaultError> {
    let wanted: Vec<&Held> =
        holds.of_kinds(METADATA).filter(|one| those_that_go || one.until.is_none()).collect();
    let mut now = Progress {
        items_total: Some(wanted.len() as u64),
        bytes_total: Some(Holds::sum(wanted.iter().copied()).0),
        ..Progress::default()
    };
    for (turn, held) in wanted.into_iter().enumerate() {
        let lacks = ground::without(volumes, held.id)?;
        if !lacks.is_empty() {
            match holds.whole(held, turn).and_then(|bytes| Ok((kind_of(ring, &bytes)?, bytes))) {
                Ok((kind, bytes)) if kind != PackKind::Data => {
                    ground::import(&lacks, (held.id, kind), &bytes)?;
                    report.fetched += 1;
                    report.bytes += Bytes(bytes.len() as u64);
                }
                Ok(_) => holds.note(called_otherwise(held.id)),
                Err(why) => holds.note(format!("pack {} was not fetched: {why}", held.id.short())),
            }
        }
        now.items += 1;
        now.bytes += held.len;
        if !progress(now) {
            return Err(VaultError::Stopped);
        }
    }
    Ok(())
}

fn called_otherwise(id: PackId) -> String {
    format!("pack {} is called metadata by a friend and holds data", id.short())
}

/// What a pack holds by its own header, if it is one of this vault.
fn kind_of(ring: &KeyRing, bytes: &[u8]) -> Result<PackKind, String> {
    let header = bytes.get(..HEADER_LEN).ok_or("it is no pack")?;
    let decoded = PackHeader::decode(header).map_err(|error| error.to_string())?;
    PackOpener::new(header, ring).map_err(|error| error.to_string())?;
    Ok(decoded.kind)
}
