//! Which history is this vault's: heads from all volumes, the highest valid chain, and branches.
//!
//! Reads only. A branch is merged when one side's registry says that the other was absent (a disk
//! that went on alone for a while); any other fork is the owner's to decide. Start at [`read`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use format::head::{Envelope, HeadPayload, VolumeState};
use seal::KeyRing;
use types::sabotage::{self, Bug};
use types::{HeadHash, VolumeId};
use volume::{HeadFile, Volume};

use crate::error::VaultError;
use crate::open::{Candidate, OpenReport};

/// Damaged heads that are stepped over before a volume is taken to have none.
const DAMAGED_HEADS_MAX: usize = 64;
/// A higher number was forged: no vault writes so many heads or commits, and whoever counts on from
/// here must not come to the end of the numbers.
const NUMBER_MAX: u64 = 1 << 62;
/// Heads that are walked back to find where two histories parted.
const WALK_MAX: usize = 5_000;

/// The newest head of a history.
#[derive(Clone, Debug)]
pub(crate) struct Newest {
    pub(crate) seq: u64,
    pub(crate) hash: HeadHash,
    /// As it is stored.
    pub(crate) bytes: Arc<Vec<u8>>,
    pub(crate) payload: HeadPayload,
}

/// A history that parted from the main one.
#[derive(Clone, Debug)]
pub(crate) struct Branch {
    pub(crate) label: String,
    pub(crate) payload: HeadPayload,
    /// The last head that both have.
    pub(crate) common: HeadPayload,
}

/// What the heads say.
#[derive(Clone, Debug)]
pub(crate) struct History {
    pub(crate) main: Newest,
    pub(crate) branches: Vec<Branch>,
    /// Volumes whose own newest head is of a branch.
    pub(crate) apart: BTreeSet<VolumeId>,
    /// For each volume, the newest commit that its own newest head knows.
    pub(crate) known_commits: BTreeMap<VolumeId, u64>,
    /// Volumes that have left the vault, by any volume's newest head: nobody comes back.
    pub(crate) removed: BTreeSet<VolumeId>,
}

/// One head, opened.
#[derive(Clone, Debug)]
struct Head {
    seq: u64,
    hash: HeadHash,
    previous: HeadHash,
    bytes: Arc<Vec<u8>>,
    payload: HeadPayload,
}

/// Reads every volume's newest head and puts the histories together; `struck_off` are volumes that are
/// known to have left, whatever the heads that are here say.
pub(crate) fn read(
    keys: &KeyRing,
    candidates: &[Candidate],
    struck_off: BTreeSet<VolumeId>,
    report: &mut OpenReport,
) -> Result<History, VaultError> {
    let Heads { mut newest, headless, listed } = newest_of_each(keys, candidates, report);
    let mut removed = removed_of(&newest);
    removed.extend(struck_off);
    // What a volume that has left says of the vault is of the past, whatever its head's number.
    let stays = |n: usize| !removed.contains(&candidates[n].volume.id());
    if newest.iter().any(|(n, _)| stays(*n)) {
        newest.retain(|(n, _)| stays(*n));
    }
    let main = newest.iter().map(|(_, head)| head).max_by_key(|h| (h.seq, h.payload.time));
    // Only making a vault begins a history: packs without a head are never taken for an empty one.
    let Some(main) = main.cloned() else {
        return Err(VaultError::NoHead { found: listed.iter().map(Vec::len).sum() });
    };
    report.findings.extend(headless.iter().map(|label| {
        format!("{label} has no readable head; `holdfast check --repair` gives it the newest")
    }));
    let chain = Walk { keys, candidates, listed: &listed };
    let (seq, hash, bytes, payload) =
        (main.seq, main.hash, Arc::clone(&main.bytes), main.payload.clone());
    let mut history = History {
        main: Newest { seq, hash, bytes, payload },
        branches: Vec::new(),
        apart: BTreeSet::new(),
        known_commits: BTreeMap::new(),
        removed,
    };
    let main_label = newest
        .iter()
        .find(|(_, head)| head.hash == main.hash)
        .map_or_else(String::new, |(n, _)| candidates[*n].label.clone());
    for (n, head) in &newest {
        let candidate = &candidates[*n];
        history.known_commits.insert(candidate.volume.id(), head.payload.commit_seq);
        if history.branches.iter().any(|b| b.payload == head.payload) {
            history.apart.insert(candidate.volume.id());
            continue;
        }
        match chain.parted(&main, head) {
            Parted::SameChain => {}
            Parted::After(common) => {
                let branch = branch_of(&main, head, candidate, &common, &main_label)?;
                history.known_commits.insert(candidate.volume.id(), common.payload.commit_seq);
                history.branches.push(branch);
                history.apart.insert(candidate.volume.id());
            }
            // The heads do not reach back far enough, but the volume's newest is from a session
            // that the main history took part in: it is merely old.
            Parted::Unknown if is_known_session(&main, head, candidate) => {}
            Parted::Unknown => {
                return Err(VaultError::Fork {
                    fork: 0,
                    one: main_label,
                    other: candidate.label.clone(),
                });
            }
        }
    }
    Ok(history)
}

/// What the volumes' lists of heads say.
struct Heads<'c> {
    /// The newest readable head of each volume, by the volume's place among the candidates.
    newest: Vec<(usize, Head)>,
    /// The volumes that have none.
    headless: Vec<&'c str>,
    /// Each candidate's heads, oldest first.
    listed: Vec<Vec<HeadFile>>,
}

fn newest_of_each<'c>(
    keys: &KeyRing,
    candidates: &'c [Candidate],
    report: &mut OpenReport,
) -> Heads<'c> {
    let mut newest: Vec<(usize, Head)> = Vec::new();
    let (mut headless, mut listed) = (Vec::new(), Vec::new());
    for (n, candidate) in candidates.iter().enumerate() {
        let heads = match candidate.volume.list_heads() {
            Ok(heads) => heads,
            Err(error) => {
                report.findings.push(error.to_string());
                listed.push(Vec::new());
                continue;
            }
        };
        let before = newest.len();
        let mut damaged = Vec::new();
        let passed = usize::from(heads.len() > 1 && sabotage::on(Bug::OldHeadTrusted));
        for file in heads.iter().rev().skip(passed).take(DAMAGED_HEADS_MAX) {
            match open_head(keys, &candidate.volume, &file.name) {
                Ok(head) => {
                    newest.push((n, head));
                    break;
                }
                Err(why) => damaged.push(why),
            }
        }
        if let Some(first) = damaged.first() {
            let more = match damaged.len() - 1 {
                0 => String::new(),
                more => format!("; so it is with {more} more"),
            };
            report.findings.push(format!("{}: {first}{more}", candidate.label));
        }
        if newest.len() == before {
            headless.push(candidate.label.as_str());
        }
        listed.push(heads);
    }
    Heads { newest, headless, listed }
}

/// The volumes that any of the heads has as removed. An old vault file may have brought one of them
/// back for a while: its own heads then go on from a time when it still belonged to the vault.
fn removed_of(newest: &[(usize, Head)]) -> BTreeSet<VolumeId> {
    let entries = newest.iter().flat_map(|(_, head)| &head.payload.volumes);
    entries.filter(|v| v.state == VolumeState::Removed).map(|v| v.id).collect()
}

/// Whether a volume's newest head was written while the main history had the volume. Every opening
/// counts a generation first, and a side that goes on alone writes a head before anything else: a
/// head of its own would carry a generation that the main history has never seen.
fn is_known_session(main: &Head, head: &Head, candidate: &Candidate) -> bool {
    let id = candidate.volume.id();
    let of = |head: &Head| head.payload.volumes.iter().find(|v| v.id == id).map(|v| v.generation);
    of(main).zip(of(head)).is_some_and(|(seen, own)| own <= seen)
}

fn branch_of(
    main: &Head,
    head: &Head,
    candidate: &Candidate,
    common: &Head,
    main_label: &str,
) -> Result<Branch, VaultError> {
    let absent = |payload: &HeadPayload, id: VolumeId| {
        payload.volumes.iter().find(|v| v.id == id).is_none_or(|v| v.state == VolumeState::Absent)
    };
    let mine = candidate.volume.id();
    let others_absent = head
        .payload
        .volumes
        .iter()
        .filter(|v| v.state == VolumeState::Absent)
        .any(|v| !absent(&main.payload, v.id));
    if absent(&main.payload, mine) || others_absent || sabotage::on(Bug::ForkJoined) {
        let (label, payload) = (candidate.label.clone(), head.payload.clone());
        return Ok(Branch { label, payload, common: common.payload.clone() });
    }
    Err(VaultError::Fork {
        fork: common.seq,
        one: main_label.to_owned(),
        other: candidate.label.clone(),
    })
}

fn open_head(keys: &KeyRing, volume: &Volume, name: &str) -> Result<Head, String> {
    let bytes = volume.read_head(name).map_err(|error| error.to_string())?;
    let envelope = Envelope::decode(&bytes).map_err(|error| format!("{name}: {error}"))?;
    let payload = seal::open_head(keys, &envelope).map_err(|error| format!("{name}: {error}"))?;
    if envelope.seq > NUMBER_MAX || payload.commit_seq > NUMBER_MAX {
        return Err(format!("{name}: no vault has come to this number"));
    }
    let (seq, hash, previous) = (envelope.seq, envelope.hash(), envelope.previous);
    Ok(Head { seq, hash, previous, bytes: Arc::new(bytes), payload })
}

/// A head's bytes, if they are what its name says and carry a good signature.
pub(crate) fn sound_head(keys: &KeyRing, volume: &Volume, name: &str) -> Option<Newest> {
    let Head { seq, hash, bytes, payload, .. } = open_head(keys, volume, name).ok()?;
    (Volume::head_name(seq, hash) == name).then_some(Newest { seq, hash, bytes, payload })
}

/// Where two heads' histories parted.
enum Parted {
    SameChain,
    After(Box<Head>),
    Unknown,
}

/// Walks chains back over whichever volume has each head.
struct Walk<'a> {
    keys: &'a KeyRing,
    candidates: &'a [Candidate],
    /// Each candidate's heads, oldest first: listed once, since a walk takes thousands of steps.
    listed: &'a [Vec<HeadFile>],
}

impl Walk<'_> {
    /// The head that `head` names as the one before it.
    fn before(&self, head: &Head) -> Option<Head> {
        let seq = head.seq.checked_sub(1).filter(|seq| *seq > 0)?;
        self.candidates.iter().zip(self.listed).find_map(|(candidate, heads)| {
            let from = heads.partition_point(|file| file.seq < seq);
            let named = heads[from..].iter().take_while(|file| file.seq == seq);
            named.take(DAMAGED_HEADS_MAX).find_map(|file| {
                let found = open_head(self.keys, &candidate.volume, &file.name).ok()?;
                (found.hash == head.previous).then_some(found)
            })
        })
    }

    fn parted(&self, main: &Head, other: &Head) -> Parted {
        let (mut a, mut b) = (main.clone(), other.clone());
        for _ in 0..WALK_MAX {
            if a.hash == b.hash {
                return if b.hash == other.hash {
                    Parted::SameChain
                } else {
                    Parted::After(Box::new(b))
                };
            }
            let step = if a.seq > b.seq { self.before(&a) } else { self.before(&b) };
            match (step, a.seq > b.seq) {
                (Some(before), true) => a = before,
                (Some(before), false) => b = before,
                (None, _) => return Parted::Unknown,
            }
        }
        Parted::Unknown
    }
}
