//! Which history is this vault's: heads from all volumes, the highest valid chain, and branches.
//!
//! Reads only. A branch is merged when one side's registry says that the other was absent (a disk
//! that went on alone for a while); any other fork is the owner's to decide. Start at [`read`].

use std::collections::BTreeMap;

use format::head::{Envelope, HeadPayload, VolumeState};
use seal::KeyRing;
use types::{HeadHash, UnixTime, VolumeId};
use volume::Volume;

use crate::error::VaultError;
use crate::open::{Candidate, OpenReport};

/// Damaged heads that are stepped over before a volume is taken to have none.
const DAMAGED_HEADS_MAX: usize = 64;
/// Heads that are walked back to find where two histories parted.
const WALK_MAX: usize = 5_000;

/// The newest head of a history.
#[derive(Clone, Debug, Default)]
pub(crate) struct Newest {
    pub(crate) seq: u64,
    pub(crate) hash: HeadHash,
    /// None in a vault that has no head yet.
    pub(crate) payload: Option<HeadPayload>,
}

/// A history that parted from the main one.
#[derive(Clone, Debug)]
pub(crate) struct Branch {
    pub(crate) label: String,
    pub(crate) payload: HeadPayload,
    /// When the last head that both have was written.
    pub(crate) parted: UnixTime,
}

/// What the heads say.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    pub(crate) main: Newest,
    pub(crate) branches: Vec<Branch>,
    /// For each volume, the newest commit that its own newest head knows.
    pub(crate) known_commits: BTreeMap<VolumeId, u64>,
}

/// One head, opened.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    pub(crate) seq: u64,
    pub(crate) hash: HeadHash,
    previous: HeadHash,
    payload: HeadPayload,
}

/// Reads every volume's newest head and puts the histories together.
pub(crate) fn read(
    keys: &KeyRing,
    candidates: &[Candidate],
    report: &mut OpenReport,
) -> Result<History, VaultError> {
    let mut newest: Vec<(usize, Head)> = Vec::new();
    let mut seen = 0;
    for (n, candidate) in candidates.iter().enumerate() {
        let heads = match candidate.volume.list_heads() {
            Ok(heads) => heads,
            Err(error) => {
                report.findings.push(error.to_string());
                continue;
            }
        };
        seen += heads.len();
        for file in heads.iter().rev().take(DAMAGED_HEADS_MAX) {
            match open_head(keys, &candidate.volume, &file.name) {
                Ok(head) => {
                    newest.push((n, head));
                    break;
                }
                Err(why) => report.findings.push(format!("{}: {why}", candidate.label)),
            }
        }
    }
    let main = newest.iter().map(|(_, head)| head).max_by_key(|h| (h.seq, h.payload.time));
    let Some(main) = main.cloned() else {
        return if seen == 0 {
            Ok(History::default())
        } else {
            Err(VaultError::NoHead { found: seen })
        };
    };
    let chain = Walk { keys, candidates };
    let mut history = History {
        main: Newest { seq: main.seq, hash: main.hash, payload: Some(main.payload.clone()) },
        ..History::default()
    };
    let main_label = newest
        .iter()
        .find(|(_, head)| head.hash == main.hash)
        .map_or_else(String::new, |(n, _)| candidates[*n].label.clone());
    for (n, head) in &newest {
        let candidate = &candidates[*n];
        history.known_commits.insert(candidate.volume.id(), head.payload.commit_seq);
        if history.branches.iter().any(|b| b.payload == head.payload) {
            continue;
        }
        match chain.parted(&main, head) {
            Parted::SameChain => {}
            Parted::After(common) => {
                let branch = branch_of(&main, head, candidate, &common, &main_label)?;
                history.known_commits.insert(candidate.volume.id(), common.payload.commit_seq);
                history.branches.push(branch);
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
    if absent(&main.payload, mine) || others_absent {
        let (label, payload) = (candidate.label.clone(), head.payload.clone());
        return Ok(Branch { label, payload, parted: common.payload.time });
    }
    Err(VaultError::Fork {
        fork: common.seq,
        one: main_label.to_owned(),
        other: candidate.label.clone(),
    })
}

pub(crate) fn open_head(keys: &KeyRing, volume: &Volume, name: &str) -> Result<Head, String> {
    let bytes = volume.read_head(name).map_err(|error| error.to_string())?;
    let envelope = Envelope::decode(&bytes).map_err(|error| format!("{name}: {error}"))?;
    let payload = seal::open_head(keys, &envelope).map_err(|error| format!("{name}: {error}"))?;
    let hash = envelope.hash();
    Ok(Head { seq: envelope.seq, hash, previous: envelope.previous, payload })
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
}

impl Walk<'_> {
    /// The head that `head` names as the one before it.
    fn before(&self, head: &Head) -> Option<Head> {
        let seq = head.seq.checked_sub(1).filter(|seq| *seq > 0)?;
        self.candidates.iter().find_map(|candidate| {
            let heads = candidate.volume.list_heads().ok()?;
            heads.iter().filter(|file| file.seq == seq).find_map(|file| {
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
