//! What the box keeps of friends on its own disk: the key by which they know it, notes, records.
//!
//! The key is a file that only the box's user may read. All of it may be lost with the box's own disk: what it takes
//! to find friends again lies sealed on the vault's disks (`mirror`). Start at [`Store::open`].

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use federation::EndpointSecret;
use types::{InviteId, PackId, Rng, UnixTime};
use volume::durable;
use volume::{Disk, FsDisk};
use zeroize::Zeroizing;

use crate::notes::Notes;
use crate::proving::{Known, Proving};
use crate::records::Records;
use crate::service::StartError;

const FOLDER: &str = "friends";
const LOGS: &str = "friends/logs";
const NOTES: &str = "friends/notes.json";
const PROOFS: &str = "friends/proofs";
const SECRET: &str = "friends/endpoint-key";
/// The notes of all friends, with their messages, are never longer.
const NOTES_LEN_MAX: u64 = 64 << 20;
/// A pack's name, when it was proved, when it was lost; 0 for never.
const PROOF_LEN: usize = 48;

/// What is kept.
#[derive(Debug)]
pub(crate) struct Store {
    disk: Arc<dyn Disk>,
    root: PathBuf,
    pub(crate) records: Records,
}

impl Store {
    /// Opens what is in the box's state folder, and makes what is not.
    pub(crate) fn open(state: &Path) -> Result<Self, StartError> {
        let failed = |source| StartError::State { path: state.to_owned(), source };
        let disk: Arc<dyn Disk> = Arc::new(FsDisk::plain_folder(state).map_err(failed)?);
        let made = |failure: durable::IoFailure| failed(io::Error::other(failure));
        for folder in [FOLDER, PROOFS] {
            durable::make_folder(&*disk, folder).map_err(made)?;
        }
        let records = Records::open(Arc::clone(&disk), LOGS).map_err(failed)?;
        Ok(Self { disk, root: state.to_owned(), records })
    }

    /// The key by which friends know this box; drawn once. One that others could read is not used.
    pub(crate) fn secret(&self, rng: &dyn Rng) -> Result<EndpointSecret, StartError> {
        self.secret_bytes(rng).map(|key| EndpointSecret::of(*key))
    }

    /// The same, to be kept sealed.
    pub(crate) fn secret_bytes(&self, rng: &dyn Rng) -> Result<Zeroizing<[u8; 32]>, StartError> {
        let path = self.root.join(SECRET);
        let failed = |source| StartError::State { path: path.clone(), source };
        let mut key = Zeroizing::new([0_u8; 32]);
        match File::open(&path) {
            Ok(mut file) => {
                use std::os::unix::fs::PermissionsExt;
                let meta = file.metadata().map_err(failed)?;
                if !meta.is_file() || meta.permissions().mode() & 0o077 != 0 || meta.len() != 32 {
                    return Err(StartError::Key { path });
                }
                file.read_exact(&mut *key).map_err(failed)?;
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                rng.fill(&mut *key);
                self.put_secret(&key)?;
            }
            Err(error) => return Err(failed(error)),
        }
        Ok(key)
    }

    /// Puts a key in place, durably: a file that nobody else may read.
    pub(crate) fn put_secret(&self, key: &[u8; 32]) -> Result<(), StartError> {
        let path = self.root.join(SECRET);
        let failed = |source| StartError::State { path: path.clone(), source };
        let new = path.with_extension("new");
        let mut options = File::options();
        let opened = options.write(true).create(true).truncate(true).mode(0o600).open(&new);
        let mut file = opened.map_err(failed)?;
        file.write_all(key).and_then(|()| file.sync_data()).map_err(failed)?;
        let moved = durable::move_file(&*self.disk, &format!("{SECRET}.new"), SECRET);
        moved.map_err(|failure| failed(io::Error::other(failure)))
    }

    /// Of how many friends there are records.
    pub(crate) fn friends(&self) -> io::Result<usize> {
        let names = self.records.names()?;
        Ok(names.iter().filter(|name| name.parse::<InviteId>().is_ok()).count())
    }

    /// Something here cannot be read or written.
    pub(crate) fn failed(&self, source: io::Error) -> StartError {
        StartError::State { path: self.root.clone(), source }
    }

    /// The notes; empty when there are none or they cannot be read, which is logged.
    pub(crate) fn notes(&self) -> Notes {
        let read = self.get(NOTES, NOTES_LEN_MAX).and_then(|bytes| match bytes {
            None => Ok(Notes::default()),
            Some(bytes) => serde_json::from_slice(&bytes).map_err(io::Error::other),
        });
        read.unwrap_or_else(|error| {
            tracing::warn!(%error, "the notes of friends cannot be read: their names are lost");
            Notes::default()
        })
    }

    /// Writes the notes, durably.
    pub(crate) fn put_notes(&self, notes: &Notes) -> io::Result<()> {
        let bytes = serde_json::to_vec(notes).map_err(io::Error::other)?;
        durable::replace_file(&*self.disk, NOTES, &bytes).map_err(io::Error::other)
    }

    /// What was proved when by a friend; nothing when that cannot be read: it is asked for again then.
    pub(crate) fn proofs(&self, friend: &str, proving: &mut Proving) {
        let most = (peer_proto::limits::PACKS_MAX + 1) * PROOF_LEN as u64;
        let bytes = self.get(&format!("{PROOFS}/{friend}"), most).ok().flatten();
        for line in bytes.unwrap_or_default().chunks_exact(PROOF_LEN) {
            let Some(id) = PackId::from_slice(&line[..32]) else { continue };
            let (proved, lost) = (time(&line[32..40]), time(&line[40..48]));
            proving.packs.insert(id, Known { proved, lost });
        }
    }

    /// Writes what was proved when. It is a cache.
    pub(crate) fn put_proofs(&self, friend: &str, proving: &Proving) -> io::Result<()> {
        let mut bytes = Vec::with_capacity(proving.packs.len() * PROOF_LEN);
        for (id, known) in &proving.packs {
            bytes.extend_from_slice(&id.0);
            for at in [known.proved, known.lost] {
                bytes.extend_from_slice(&at.map_or(0, |at| at.0).to_le_bytes());
            }
        }
        let path = format!("{PROOFS}/{friend}");
        durable::replace_file(&*self.disk, &path, &bytes).map_err(io::Error::other)
    }

    /// What a friend proved that is one no more. A file that stays is read by nobody.
    pub(crate) fn forget_proofs(&self, friend: &str) {
        drop(durable::remove_file(&*self.disk, &format!("{PROOFS}/{friend}")));
    }

    fn get(&self, path: &str, most: u64) -> io::Result<Option<Vec<u8>>> {
        let file = match File::open(self.root.join(path)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            other => other?,
        };
        let mut bytes = Vec::new();
        file.take(most).read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    }
}

fn time(bytes: &[u8]) -> Option<UnixTime> {
    let at = i64::from_le_bytes(bytes.try_into().ok()?);
    (at != 0).then_some(UnixTime(at))
}
