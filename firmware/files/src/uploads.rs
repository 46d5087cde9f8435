//! Uploads in pieces: begun, gone on with, joined, given up, thrown away.
//!
//! An upload is one entry on its space's bench: the entry's bytes are what has come, its size is the
//! offset, and a record in an extended attribute says the rest. So an offset that was told is durable
//! on the promised disks, whatever happens to the box, and nothing of it is ever outside the vault.
//! Nobody but who began an upload can touch it, or learn that it is there.
//!
//! Start at [`Files::create`], then [`Files::append`].

mod append;
mod checked;
pub(crate) mod checksum;
mod join;
mod kinds;
pub(crate) mod lease;
mod sweep;
mod whole;

use format::entry::{Entry, EntryKind};
use format::upload::{Upload, UploadKind};
use tree::{Edit, Expected};
use types::{Millis, SpaceId};
use vault::Vault;

pub use append::Append;
pub(crate) use kinds::OnBench;
use kinds::attrs_of;
pub use kinds::{NewUpload, UploadId, UploadState};
pub use sweep::SweepReport;

use crate::browse::newest;
use crate::change::if_so;
use crate::error::FilesError;
use crate::names::check_path;
use crate::placing::check_words;
use crate::{Files, Place};

/// An upload that nothing comes for is thrown away after this long.
pub const EXPIRES_AFTER: Millis = Millis::from_days(7);
/// A finished one is remembered this long, for a sender that missed the answer.
const REMEMBERED_FOR: Millis = Millis::from_days(1);
/// Bytes of keys and values that may come with an upload.
pub const WORDS_LEN_MAX: usize = 16 << 10;

/// Who puts a file without beginning an upload; no person's name begins like this.
const PUT_OWNER: &str = ":put";

impl Files {
    /// Begins an upload. It is durable when this returns, and lasts [`EXPIRES_AFTER`].
    pub fn create(&self, space: SpaceId, new: NewUpload) -> Result<UploadState, FilesError> {
        let fresh = self.fresh(space, new)?;
        self.lay_down(space, &fresh.entry.name, &fresh.record, Some(Expected::Nothing))?;
        // An empty file is whole already.
        if fresh.is_complete() && fresh.record.kind == UploadKind::Whole {
            return self.finish_upload(space, fresh, &[]);
        }
        self.state(space, &fresh)
    }

    /// An upload that is not on the bench yet.
    fn fresh(&self, space: SpaceId, new: NewUpload) -> Result<OnBench, FilesError> {
        if !new.piece {
            check_path(&new.path).map_err(|fault| FilesError::name(&new.path, fault))?;
        }
        check_words(&new.words)?;
        let said = new.words.iter().map(|word| word.key.len() + word.value.len()).sum::<usize>();
        if said > WORDS_LEN_MAX {
            let what = format!("more than {WORDS_LEN_MAX} bytes are said of the upload");
            return Err(FilesError::bad(what));
        }
        if let (Some(room), Some(length)) = (new.room, new.length) {
            let need = length.saturating_add(self.waiting(space, &new.owner)?);
            if need > room {
                return Err(FilesError::Quota { room, need });
            }
        }
        let now = self.clock.now();
        let record = Upload {
            owner: new.owner,
            created: now,
            expires: now.plus(EXPIRES_AFTER),
            length: new.length,
            kind: if new.piece { UploadKind::Piece } else { UploadKind::Whole },
            source: new.source,
            path: new.path.into(),
            words: new.words,
            if_exists: new.if_exists,
            expected: new.expected.map(|tag| tag.0.to_vec().into()),
            finished: None,
        };
        let id = UploadId::new(self.rng.array());
        let mut entry = Entry::new(id.name(), EntryKind::File);
        entry.attrs = attrs_of(&record);
        Ok(OnBench { id, entry, record })
    }

    /// Where an upload stands. Whoever writes it is asked to stop first, so that what is told stays
    /// true; one that has come to its end and was cut off there is finished now.
    pub fn upload(
        &self,
        space: SpaceId,
        id: UploadId,
        owner: &str,
    ) -> Result<UploadState, FilesError> {
        let _lease = self.leases.take((space, id), None)?;
        let found = self.load(space, id, owner)?;
        let is_due = found.record.kind == UploadKind::Whole && found.record.finished.is_none();
        if is_due && found.is_complete() {
            return self.finish_upload(space, found, &[]);
        }
        self.state(space, &found)
    }

    /// Gives an upload up. The file that it became, if it did, stays.
    pub fn terminate(&self, space: SpaceId, id: UploadId, owner: &str) -> Result<(), FilesError> {
        let _lease = self.leases.take((space, id), None)?;
        self.load(space, id, owner)?;
        self.drop_from_bench(space, &[id.name(), id.doubtful_name()])
    }

    /// Bytes that an owner's uploads will take when they are whole.
    fn waiting(&self, space: SpaceId, owner: &str) -> Result<u64, FilesError> {
        let all = self.on_bench(space, usize::MAX)?;
        let open = all.iter().filter(|one| one.record.owner == owner);
        let open = open.filter(|one| one.record.finished.is_none());
        let lengths = open.map(|one| one.record.length.unwrap_or(0).max(one.entry.size));
        // What is said to come is the sender's word, and may be any number.
        Ok(lengths.fold(0, u64::saturating_add))
    }

    /// What is told of an upload, with the disks that all of it is on now.
    pub(crate) fn state(
        &self,
        space: SpaceId,
        upload: &OnBench,
    ) -> Result<UploadState, FilesError> {
        let vault = self.lend()?;
        let receipt = match &upload.record.finished {
            None => Some(vault.copies_of(space, &upload.entry)?),
            Some(path) => {
                let place = Place { space, source: upload.record.source.clone() };
                let found = newest(&vault, &place, path).ok().flatten();
                let file = found.filter(|file| Some(file.size) == upload.record.length);
                file.map(|file| vault.copies_of(space, &file)).transpose()?
            }
        };
        Ok(upload.state(receipt))
    }

    fn load(&self, space: SpaceId, id: UploadId, owner: &str) -> Result<OnBench, FilesError> {
        let vault = self.lend()?;
        let found = vault.on_bench(space, &id.name())?.and_then(OnBench::read);
        // Another's upload is not there.
        let found = found.filter(|found| found.record.owner == owner);
        let found = found.ok_or(FilesError::NoUpload)?;
        if self.clock.now() > found.record.expires {
            return Err(FilesError::Expired);
        }
        Ok(found)
    }

    /// What lies on the bench.
    fn on_bench(&self, space: SpaceId, max: usize) -> Result<Vec<OnBench>, FilesError> {
        let vault = self.lend()?;
        let root = vault.bench_root(space)?;
        let mut all = Vec::new();
        vault.list_from(space, &root, b"", &mut |entry| {
            all.extend(OnBench::read(entry));
            all.len() < max
        })?;
        Ok(all)
    }

    /// Puts an upload without bytes on the bench.
    fn lay_down(
        &self,
        space: SpaceId,
        name: &[u8],
        record: &Upload,
        expected: Option<Expected>,
    ) -> Result<(), FilesError> {
        let mut entry = Entry::new(name, EntryKind::File);
        entry.attrs = attrs_of(record);
        let put = Edit::Put { path: name.to_vec(), entry: Box::new(entry), make_parents: false };
        self.lend()?.bench(space)?.apply(if_so(name, expected, put))?;
        Ok(())
    }

    fn drop_from_bench(&self, space: SpaceId, names: &[Vec<u8>]) -> Result<(), FilesError> {
        let vault = self.lend()?;
        let mut edits = Vec::new();
        for name in names {
            if vault.on_bench(space, name)?.is_some() {
                edits.push(Edit::Delete { path: name.clone(), recursive: false });
            }
        }
        for answer in vault.bench(space)?.apply_all(edits) {
            answer?;
        }
        Ok(())
    }

    /// Makes the file of an upload, with `tail` behind what lies on the bench, and notes so there.
    fn finish_upload(
        &self,
        space: SpaceId,
        upload: OnBench,
        tail: &[u8],
    ) -> Result<UploadState, FilesError> {
        let before = [upload.entry.clone()];
        let placed = match self.place(space, &upload.record, &before, tail) {
            // Bytes that are not those that were announced are of no use to anybody.
            Err(FilesError::Checksum) => {
                self.drop_from_bench(space, &[upload.id.name()])?;
                return Err(FilesError::Checksum);
            }
            placed => placed?,
        };
        self.note_finished(space, upload, placed)
    }

    /// Remembers on the bench which file an upload became; its bytes are the file's now.
    fn note_finished(
        &self,
        space: SpaceId,
        upload: OnBench,
        path: Vec<u8>,
    ) -> Result<UploadState, FilesError> {
        let OnBench { id, entry, mut record } = upload;
        record.finished = Some(path.into());
        record.expires = self.clock.now().plus(REMEMBERED_FOR);
        self.lay_down(space, &id.name(), &record, None)?;
        self.state(space, &OnBench { id, entry, record })
    }
}

/// Whether what lies on the bench is still what this request has seen there.
fn is_unchanged(vault: &Vault, space: SpaceId, seen: &OnBench) -> Result<bool, FilesError> {
    let found = vault.on_bench(space, &seen.entry.name)?;
    Ok(found.is_some_and(|found| tree::tag(&found) == tree::tag(&seen.entry)))
}
