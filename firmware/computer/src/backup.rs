//! A backup: the vault's own walk, with a sink that sends what the box lacks.
//!
//! The walk compares with the tree of the source's newest version, whose objects are kept here; what is
//! unchanged is neither read nor asked for. Start at [`back_up`].

use std::collections::HashSet;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::sync_channel;
use std::sync::{Mutex, MutexGuard, PoisonError};

use calls::afar::{Committed, Standing, read_name, unhex};
use format::entry::Entry;
use format::record::{Snapshot, SnapshotKind, SnapshotStats};
use format::{from_cbor, to_cbor};
use seal::{Chunker, NamingKeys};
use types::{ChunkId, SourceId, UnixTime};
use vault::{BackupSpec, OnProgress, RECORD_LEN_MAX, Walked, walk_source};

use crate::error::ComputerError;
use crate::line::{Line, escaped, json};
use crate::objects::Objects;
use crate::outbound::{Near, Outbound};
use crate::pairing::Pairing;
use crate::parcels::{LINES, Parcel, Sender, WAITING};

/// What the box says to lack after a backup is sent so often.
const ROUNDS_MAX: usize = 3;

/// What to back up, and to where.
#[derive(Debug)]
pub struct Backup<'b> {
    /// The box, and which source this computer is.
    pub pairing: &'b Pairing,
    /// The way there.
    pub line: &'b Line,
    /// Where objects are kept.
    pub cache: &'b Path,
    /// What. Its source and space are the pairing's.
    pub spec: BackupSpec,
}

/// What a backup did.
#[derive(Clone, Debug)]
pub struct Report {
    /// The new version.
    pub version: String,
    /// What was found.
    pub walked: Walked,
    /// Disks that durably hold all of it.
    pub copies: u8,
    /// Disks that shall.
    pub wanted: u8,
    /// Pieces that were sent.
    pub pieces: u64,
    /// Bytes that were sent.
    pub sent: u64,
    /// Requests that were made.
    pub requests: u64,
}

/// Backs up. When it returns, the version is durable on as many disks as the report says.
pub fn back_up(backup: &Backup<'_>, progress: OnProgress<'_>) -> Result<Report, ComputerError> {
    let Backup { pairing, line, cache, spec } = backup;
    let keys = pairing.keys()?;
    let objects = Mutex::new(Objects::open(cache, &keys)?);
    let started = line.now();
    let (sent, requests) = (&line.counts.sent, &line.counts.requests);
    let before = (sent.load(Ordering::Relaxed), requests.load(Ordering::Relaxed));
    let pieces = AtomicU64::new(0);
    for _round in 0..ROUNDS_MAX {
        let standing = standing(line, &pairing.source)?;
        let run = Run { pairing, line, keys: &keys, objects: &objects, pieces: &pieces };
        let walked = run.walk(spec, &standing, &mut *progress)?;
        walked.must_hold_something(&spec.paths)?;
        let record = record(spec, &walked, started);
        if let Some(committed) = run.commit(&record)? {
            let tidied = locked(&objects).tidy();
            tidied.map_err(|source| ComputerError::Own { path: cache.to_path_buf(), source })?;
            return Ok(Report {
                version: committed.version.unwrap_or_default(),
                walked,
                copies: committed.copies,
                wanted: committed.wanted,
                pieces: pieces.load(Ordering::Relaxed),
                sent: sent.load(Ordering::Relaxed) - before.0,
                requests: requests.load(Ordering::Relaxed) - before.1,
            });
        }
    }
    Err(ComputerError::Lacking { count: 1 })
}

/// Where the source stands.
fn standing(line: &Line, source: &str) -> Result<Stands, ComputerError> {
    let standing: Standing = json(&line.get(&format!("computers/{}", escaped(source)))?)?;
    let odd = || ComputerError::Odd { what: "a top folder that is none".to_owned() };
    let root = match &standing.root {
        None => None,
        Some(root) => {
            let bytes = unhex(root).ok_or_else(odd)?;
            Some(from_cbor::<Entry>("top folder", &bytes).map_err(|_| odd())?)
        }
    };
    Ok(Stands { standing, root })
}

struct Stands {
    standing: Standing,
    root: Option<Entry>,
}

fn record(spec: &BackupSpec, walked: &Walked, started: UnixTime) -> Vec<u8> {
    use std::os::unix::ffi::OsStrExt;
    let path = |path: &std::path::PathBuf| path.as_os_str().as_bytes().to_vec().into();
    as_it_fits(Snapshot {
        // Whose it is, and when the box had it all, is the box's to say.
        source: SourceId::default(),
        source_name: String::new(),
        kind: SnapshotKind::Backup,
        root: walked.root.clone(),
        started,
        finished: started,
        host: spec.host.clone(),
        paths: spec.paths.iter().map(path).collect(),
        excludes: spec.excludes.clone(),
        stats: SnapshotStats { new_bytes: 0, ..walked.stats },
        skipped: walked.skipped.clone(),
    })
}

/// As CBOR. The count says how much was left out; names are told as far as they fit what the box takes.
fn as_it_fits(mut snapshot: Snapshot) -> Vec<u8> {
    loop {
        let record = to_cbor(&snapshot);
        if record.len() <= RECORD_LEN_MAX || snapshot.skipped.is_empty() {
            return record;
        }
        snapshot.skipped.truncate(snapshot.skipped.len() / 2);
    }
}

pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One round: a walk, and its end.
pub(crate) struct Run<'r> {
    pub(crate) pairing: &'r Pairing,
    pub(crate) line: &'r Line,
    pub(crate) keys: &'r NamingKeys,
    pub(crate) objects: &'r Mutex<Objects>,
    pieces: &'r AtomicU64,
}

impl Run<'_> {
    fn sender<'s>(
        &'s self,
        ask_first: bool,
        failed: &'s Mutex<Option<ComputerError>>,
    ) -> Sender<'s> {
        let (line, source) = (self.line, self.pairing.source.as_str());
        Sender { line, source, ask_first, failed, pieces: self.pieces }
    }

    /// Walks and sends; when it returns, the box has acknowledged all that was new.
    fn walk(
        &self,
        spec: &BackupSpec,
        stands: &Stands,
        progress: OnProgress<'_>,
    ) -> Result<Walked, ComputerError> {
        let failed = Mutex::new(None);
        let ask_first = stands.standing.version.is_some() || stands.standing.received > 0;
        let near = Near { run: self, version: stands.standing.version.as_deref(), failed: &failed };
        let (out, parcels) = sync_channel(WAITING);
        let parcels = Mutex::new(parcels);
        let walked = std::thread::scope(|scope| {
            for _ in 0..LINES {
                let sender = self.sender(ask_first, &failed);
                let parcels = &parcels;
                scope.spawn(move || sender.work(parcels));
            }
            let doubtful = stands.standing.doubtful;
            let mut sink = Outbound::new((self, &near), out, doubtful, &failed);
            let chunker = Chunker::of(self.keys);
            let root = stands.root.as_ref();
            let walked = walk_source(spec, chunker, (&mut sink, &near), root, progress);
            sink.flush();
            walked
        });
        // What failed on the line is why the walk was stopped.
        if let Some(error) = locked(&failed).take() {
            return Err(error);
        }
        Ok(walked?)
    }

    /// Makes the version; none when the box lacks something that only another walk can give.
    fn commit(&self, record: &[u8]) -> Result<Option<Committed>, ComputerError> {
        let path = format!("computers/{}/versions", escaped(&self.pairing.source));
        let mut sent_again = HashSet::new();
        loop {
            let committed: Committed = json(&self.line.post(&path, record)?)?;
            if committed.version.is_some() {
                return Ok(Some(committed));
            }
            let (failed, before) = (Mutex::new(None), sent_again.len());
            let sender = self.sender(false, &failed);
            let mut parcel = Parcel::default();
            for name in &committed.lacking {
                let named = unhex(name).and_then(|bytes| read_name(&bytes));
                let Some((true, id)) = named else { return Ok(None) };
                let id = ChunkId(id);
                let Some(bytes) = locked(self.objects).get(&id) else { return Ok(None) };
                if sent_again.insert(id) {
                    parcel.push(true, &id, &bytes);
                }
                if parcel.is_full() {
                    sender.send(std::mem::take(&mut parcel))?;
                }
            }
            // What is below a missing object is only known when that is there: each round has to name more.
            if sent_again.len() == before {
                return Err(ComputerError::Lacking { count: committed.lacking.len() });
            }
            sender.send(parcel)?;
        }
    }
}

#[cfg(test)]
mod tests {
    use format::entry::EntryKind;
    use format::record::Skipped;

    use super::*;

    fn snapshot(left_out: usize) -> Snapshot {
        let path = vec![b'p'; 1_000];
        let one = Skipped { path: path.into(), reason: "it cannot be read".to_owned() };
        Snapshot {
            source: SourceId::default(),
            source_name: String::new(),
            kind: SnapshotKind::Backup,
            root: Entry::new(Vec::new(), EntryKind::Folder),
            started: UnixTime(1),
            finished: UnixTime(1),
            host: "laptop".to_owned(),
            paths: Vec::new(),
            excludes: Vec::new(),
            stats: SnapshotStats { skipped: left_out as u64, ..SnapshotStats::default() },
            skipped: vec![one; left_out],
        }
    }

    /// Found by somebody who attacked it: a record of more than a frame of a pack holds was refused at each
    /// try, so that the backup never came to its end.
    #[test]
    fn of_very_many_long_names_that_were_left_out_all_are_counted_and_some_are_told() {
        let read = |record: &[u8]| from_cbor::<Snapshot>("version", record).expect("a record");
        let few = read(&as_it_fits(snapshot(3)));
        assert_eq!((few.stats.skipped, few.skipped.len()), (3, 3), "what fits is told");
        let record = as_it_fits(snapshot(10_000));
        let many = read(&record);
        assert!(record.len() <= RECORD_LEN_MAX, "{} bytes", record.len());
        assert_eq!(many.stats.skipped, 10_000);
        assert!(many.skipped.len() >= 1_000, "{} are told", many.skipped.len());
    }
}
