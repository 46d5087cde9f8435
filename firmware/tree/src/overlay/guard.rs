//! Whether what an edit was meant for still stands where it stood.
//!
//! Changes nothing but what looking opens. Start at [`Overlay::guarded`].

use super::{FolderAt, Overlay, Slot, Tried, target};
use crate::ObjectReader;
use crate::edit::{Edit, Expected};
use crate::error::EditError;
use crate::tag::tag;

impl Overlay {
    /// The edit that is to be made, once all that it was tied to holds.
    pub(super) fn guarded<R: ObjectReader + ?Sized>(
        &mut self,
        reader: &R,
        mut edit: Edit,
    ) -> Tried<Edit, R> {
        while let Edit::If { path, expected, edit: inner } = edit {
            if !self.is_expected(reader, &path, expected)? {
                return Err(EditError::Changed { path }.into());
            }
            edit = *inner;
        }
        Ok(edit)
    }

    fn is_expected<R: ObjectReader + ?Sized>(
        &mut self,
        reader: &R,
        path: &[u8],
        expected: Expected,
    ) -> Tried<bool, R> {
        let target = target(path)?;
        let (folder, missing) = self.descend(reader, &target)?;
        let found =
            if missing.is_empty() { self.child(reader, folder, target.name)? } else { None };
        Ok(match (found, expected) {
            (None, Expected::Nothing) => true,
            (None, Expected::Tag(_)) | (Some(_), Expected::Nothing) => false,
            (Some(Slot::Entry { entry, .. }), Expected::Tag(wanted)) => tag(&entry) == wanted,
            (Some(Slot::Open(at)), Expected::Tag(wanted)) => {
                !self.is_touched(at) && tag(&self.open[at].entry) == wanted
            }
        })
    }

    /// Whether this batch has changed anything in an open folder or below it.
    fn is_touched(&self, folder: FolderAt) -> bool {
        let mut stack = vec![folder];
        while let Some(folder) = stack.pop() {
            let open = &self.open[folder];
            if open.is_edited {
                return true;
            }
            stack.extend(open.changes.values().filter_map(|slot| match slot {
                Some(Slot::Open(at)) => Some(*at),
                Some(Slot::Entry { .. }) | None => None,
            }));
        }
        false
    }
}
