//! Pieces on their way to the box: gathered to parcels, asked for where that may spare sending, sent by a few
//! lines at once.
//!
//! A parcel is given up by nobody but its owner: what breaks is sent again. Start at [`Sender`].

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender};
use std::sync::{Mutex, PoisonError};

use calls::afar::{NAME_LEN, PieceHead, Received};
use types::ChunkId;

use crate::error::ComputerError;
use crate::line::{Line, escaped, json};

/// A parcel goes when it holds this much, or so many pieces.
const PARCEL_LEN: usize = 8 << 20;
const PARCEL_PIECES: usize = 2_048;
/// Parcels at once on the way, and those that wait: with 8 MiB each the bound on memory.
pub(crate) const LINES: usize = 4;
pub(crate) const WAITING: usize = 1;

/// Pieces, one behind the other.
#[derive(Debug, Default)]
pub(crate) struct Parcel {
    /// As they stand in a body.
    body: Vec<u8>,
    /// Where each begins.
    starts: Vec<usize>,
}

impl Parcel {
    pub(crate) fn push(&mut self, is_object: bool, id: &ChunkId, bytes: &[u8]) {
        // None is longer than a chunk; one that were would be refused by the box.
        let len = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        self.starts.push(self.body.len());
        self.body.extend_from_slice(&PieceHead { is_object, id: id.0, len }.to_bytes());
        self.body.extend_from_slice(bytes);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    pub(crate) fn is_full(&self) -> bool {
        self.body.len() >= PARCEL_LEN || self.starts.len() >= PARCEL_PIECES
    }

    fn names(&self) -> Vec<u8> {
        let name = |start: &usize| &self.body[*start..*start + NAME_LEN];
        self.starts.iter().flat_map(name).copied().collect()
    }

    /// Leaves out what the box has.
    fn keep(&mut self, lacking: &[u8]) {
        if lacking.iter().all(|lacks| *lacks != 0) {
            return;
        }
        let ends = self.starts.iter().skip(1).copied().chain([self.body.len()]);
        let pieces: Vec<(usize, usize)> = self.starts.iter().copied().zip(ends).collect();
        let mut kept = Self::default();
        for ((start, end), _) in pieces.iter().zip(lacking).filter(|(_, lacks)| **lacks != 0) {
            kept.starts.push(kept.body.len());
            kept.body.extend_from_slice(&self.body[*start..*end]);
        }
        *self = kept;
    }
}

/// What one line needs to send parcels.
pub(crate) struct Sender<'l> {
    pub(crate) line: &'l Line,
    pub(crate) source: &'l str,
    /// The source has something: asking may spare sending.
    pub(crate) ask_first: bool,
    pub(crate) failed: &'l Mutex<Option<ComputerError>>,
    pub(crate) pieces: &'l AtomicU64,
}

impl Sender<'_> {
    /// Sends what comes until there is no more, or something failed for good.
    pub(crate) fn work(&self, parcels: &Mutex<Receiver<Parcel>>) {
        loop {
            let next = parcels.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(parcel) = next else { return };
            if self.has_failed() {
                // Taken and dropped, so that whoever makes them does not wait.
                continue;
            }
            if let Err(error) = self.send(parcel) {
                let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
                failed.get_or_insert(error);
            }
        }
    }

    fn has_failed(&self) -> bool {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Sends a parcel; when it returns, all of it is durable on the box.
    pub(crate) fn send(&self, mut parcel: Parcel) -> Result<(), ComputerError> {
        let source = escaped(self.source);
        if self.ask_first {
            let lacking =
                self.line.post(&format!("computers/{source}/lacking"), &parcel.names())?;
            if lacking.len() != parcel.starts.len() {
                let what = "other pieces than those that were asked for".to_owned();
                return Err(ComputerError::Odd { what });
            }
            parcel.keep(&lacking);
        }
        if parcel.is_empty() {
            return Ok(());
        }
        let took = self.line.post(&format!("computers/{source}/pieces"), &parcel.body)?;
        let _received: Received = json(&took)?;
        self.pieces.fetch_add(parcel.starts.len() as u64, Ordering::Relaxed);
        Ok(())
    }
}

/// Hands a parcel to the lines.
pub(crate) fn hand_on(out: &SyncSender<Parcel>, parcel: &mut Parcel) {
    // Nobody takes it only after everything has failed, which is told elsewhere.
    drop(out.send(std::mem::take(parcel)));
}
