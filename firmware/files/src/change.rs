//! Changing: put, make a folder, rename, delete, bring an old version back.
//!
//! Nothing is lost by any of these: what gives way stays as a version. Each takes what its caller
//! expects to find, and is refused when something else stands there. Start at [`Files::put`].

use std::io::Read;

use format::entry::EntryKind;
use tree::{Edit, EditError, EditOutcome, Expected, Tag};
use vault::{EditReceipt, Receipt, VaultError};

use crate::browse::{At, find, newest};
use crate::error::FilesError;
use crate::names::{check_path, numbered};
use crate::{Files, Place};

/// Other names that are tried before giving up.
pub(crate) const NUMBER_MAX: u32 = 1_000;

/// What is said of an entry that is put.
#[derive(Clone, Debug, Default)]
pub struct NewEntry {
    /// What its sender said of it: `mtime`, `filetype`, and words of their own.
    pub words: Vec<crate::UploadWord>,
    /// What has to stand there now; whatever stands there gives way when none.
    pub expected: Option<Expected>,
    /// What its sender may still store.
    pub room: Option<u64>,
    /// Its checksum, compared before anything is put.
    pub checksum: Option<crate::Checksum>,
}

/// What a change came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// Where it stands now, or stood.
    pub path: Vec<u8>,
    /// Its tag; none for what is gone.
    pub tag: Option<Tag>,
    /// Whether something stands where nothing was.
    pub created: bool,
    /// What is promised of it; none where nothing had to change.
    pub receipt: Option<Receipt>,
}

impl Files {
    /// Puts a file, read from `body` to its end. However long it is, little of it is in memory.
    pub fn put(
        &self,
        place: &Place,
        path: &[u8],
        new: NewEntry,
        body: &mut dyn Read,
    ) -> Result<Changed, FilesError> {
        check_path(path).map_err(|fault| FilesError::name(path, fault))?;
        self.put_through_bench(place, path, new, body)
    }

    /// Makes an empty folder, unless there is one.
    pub fn make_folder(&self, place: &Place, path: &[u8]) -> Result<Changed, FilesError> {
        check_path(path).map_err(|fault| FilesError::name(path, fault))?;
        self.change(place, path, None, Edit::MakeFolder { path: path.to_vec() })
    }

    /// Moves an entry, a folder with all it holds. `expected` is of what is moved.
    pub fn rename(
        &self,
        place: &Place,
        from: &[u8],
        to: &[u8],
        replace: bool,
        expected: Option<Expected>,
    ) -> Result<Changed, FilesError> {
        for path in [from, to] {
            check_path(path).map_err(|fault| FilesError::name(path, fault))?;
        }
        let edit = Edit::Rename { from: from.to_vec(), to: to.to_vec(), replace };
        let moved = self.change(place, from, expected, edit)?;
        Ok(Changed { path: to.to_vec(), ..moved })
    }

    /// Removes an entry from the newest version; older versions keep it.
    pub fn delete(
        &self,
        place: &Place,
        path: &[u8],
        recursive: bool,
        expected: Option<Expected>,
    ) -> Result<Changed, FilesError> {
        check_path(path).map_err(|fault| FilesError::name(path, fault))?;
        self.change(place, path, expected, Edit::Delete { path: path.to_vec(), recursive })
    }

    /// Puts what stood at `path` in an old version back into the newest. Where something else stands
    /// now, both are kept, unless its tag is given. Nothing is read or stored for it.
    pub fn bring_back(
        &self,
        place: &Place,
        path: &[u8],
        version: &At,
        expected: Option<Expected>,
    ) -> Result<Changed, FilesError> {
        check_path(path).map_err(|fault| FilesError::name(path, fault))?;
        let vault = self.lend()?;
        let (_, old) = find(&vault, place, version, path)?;
        let tag = tree::tag(&old);
        let is_same = |now: &format::entry::Entry| tree::tag(now) == tag && now.kind == old.kind;
        if expected.is_none() && newest(&vault, place, path)?.as_ref().is_some_and(is_same) {
            return Ok(Changed {
                path: path.to_vec(),
                tag: Some(tag),
                created: false,
                receipt: None,
            });
        }
        for n in 1..=NUMBER_MAX {
            let to = if n == 1 { path.to_vec() } else { numbered(path, n) };
            let here = if n == 1 { expected } else { None };
            let put =
                Edit::Put { path: to.clone(), entry: Box::new(old.clone()), make_parents: true };
            let tied = here.unwrap_or(Expected::Nothing);
            // A folder is put where nothing is: what gives way to it goes first, in the same commit.
            let is_folder = old.kind == EntryKind::Folder;
            let mut edits = Vec::new();
            if is_folder && matches!(tied, Expected::Tag(_)) {
                let delete = Edit::Delete { path: to.clone(), recursive: true };
                edits.push(if_so(&to, Some(tied), delete));
                edits.push(if_so(&to, Some(Expected::Nothing), put));
            } else {
                edits.push(if_so(&to, Some(tied), put));
            }
            let editor = vault.editor(Some(place.space), &place.source)?;
            let mut answers = editor.apply_all(edits);
            let Some(answer) = answers.pop() else { break };
            let first = answers.pop().transpose().map_err(FilesError::from)?;
            match answer {
                Ok(receipt) => {
                    let created = first.is_none() && is_new(&receipt.outcome);
                    let receipt = Some(receipt.receipt);
                    return Ok(Changed { path: to, tag: Some(tag), created, receipt });
                }
                Err(error) if expected.is_none() && is_taken(&error) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(VaultError::from(EditError::Exists { path: path.to_vec() }).into())
    }

    fn change(
        &self,
        place: &Place,
        path: &[u8],
        expected: Option<Expected>,
        edit: Edit,
    ) -> Result<Changed, FilesError> {
        let vault = self.lend()?;
        let editor = vault.editor(Some(place.space), &place.source)?;
        let EditReceipt { outcome, receipt, .. } = editor.apply(if_so(path, expected, edit))?;
        let created = is_new(&outcome);
        Ok(Changed { path: path.to_vec(), tag: None, created, receipt: Some(receipt) })
    }
}

pub(crate) fn is_new(outcome: &EditOutcome) -> bool {
    matches!(outcome, EditOutcome::Created)
}

/// Whether an edit failed because something stands there.
pub(crate) fn is_taken(error: &VaultError) -> bool {
    matches!(
        error,
        VaultError::Edit(
            EditError::Changed { .. } | EditError::Exists { .. } | EditError::IsAFolder { .. }
        )
    )
}

/// An edit that is made only when what stands at `path` is as expected.
pub(crate) fn if_so(path: &[u8], expected: Option<Expected>, edit: Edit) -> Edit {
    match expected {
        None => edit,
        Some(expected) => Edit::If { path: path.to_vec(), expected, edit: Box::new(edit) },
    }
}

impl Changed {
    /// Whether it is of a kind that nothing had to change for.
    pub fn was_there(&self) -> bool {
        self.receipt.is_none()
    }
}
