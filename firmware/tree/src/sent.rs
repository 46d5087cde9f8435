//! What no computer has, and a record that was written by hand may hold all the same. Pure.
//!
//! An entry of which this is true is taken nowhere: it could not be restored, or would take the memory of
//! whoever lists it. Nothing here concerns what a file system may really hold, however odd. Start at
//! [`sent_fault`].

use format::entry::{Entry, EntryKind};
use format::to_cbor;

use crate::split::ENTRY_LEN_MAX;

/// The longest target of a link, in bytes: Linux takes no longer one.
const TARGET_LEN_MAX: usize = 4_096;
/// The longest name of an extended attribute, in bytes, as Linux has it.
const XATTR_NAME_LEN_MAX: usize = 255;
/// The longest value of an extended attribute, in bytes, as Linux has it.
const XATTR_LEN_MAX: usize = 1 << 16;
const MODE_MAX: u32 = 0o7777;
const NANOS_MAX: u32 = 999_999_999;

/// What is wrong with an entry that somebody else made, as the rest of a sentence that begins with its name.
pub(crate) fn sent_fault(entry: &Entry) -> Option<&'static str> {
    let attrs = &entry.attrs;
    if entry.target.as_ref().is_some_and(|to| to.len() > TARGET_LEN_MAX || to.contains(&0)) {
        return Some("is a link to what can be no path");
    }
    let is_device = matches!(entry.kind, EntryKind::CharDevice | EntryKind::BlockDevice);
    if is_device != entry.device.is_some() {
        return Some("is a device without a number, or has a number and is no device");
    }
    if attrs.mode > MODE_MAX {
        return Some("has permissions that do not exist");
    }
    if attrs.mtime.nanos > NANOS_MAX {
        return Some("has a time that is none");
    }
    let is_xattr = |name: &[u8]| (1..=XATTR_NAME_LEN_MAX).contains(&name.len());
    if attrs.xattrs.iter().any(|one| !is_xattr(&one.name) || one.name.contains(&0)) {
        return Some("has an attribute with a name that can be none");
    }
    if attrs.xattrs.iter().any(|one| one.value.len() > XATTR_LEN_MAX) {
        return Some("has an attribute that is longer than one can be");
    }
    // Whoever changes a folder writes its entries anew, and has room for no longer ones.
    (to_cbor(entry).len() > ENTRY_LEN_MAX).then_some("has more attributes than one entry may have")
}

#[cfg(test)]
mod tests {
    use format::entry::Xattr;

    use super::*;

    fn of(kind: EntryKind, change: impl FnOnce(&mut Entry)) -> Option<&'static str> {
        let mut entry = Entry::new(b"odd".to_vec(), kind);
        change(&mut entry);
        sent_fault(&entry)
    }

    fn xattr(name: usize, value: usize) -> Xattr {
        Xattr { name: vec![b'x'; name].into(), value: vec![1; value].into() }
    }

    #[test]
    fn what_linux_can_have_is_taken_and_what_it_cannot_have_is_named() {
        let link = |len| move |entry: &mut Entry| entry.target = Some(vec![b'/'; len].into());
        assert_eq!(of(EntryKind::Symlink, link(4_096)), None);
        assert!(of(EntryKind::Symlink, link(4_097)).is_some_and(|why| why.contains("no path")));
        assert!(of(EntryKind::Symlink, |one| one.target = Some(b"a\0b".to_vec().into())).is_some());
        assert_eq!(of(EntryKind::CharDevice, |one| one.device = Some(1 << 32 | 3)), None);
        assert!(of(EntryKind::CharDevice, |_| ()).is_some());
        assert!(of(EntryKind::Fifo, |one| one.device = Some(1)).is_some());
        assert_eq!(of(EntryKind::File, |one| one.attrs.mode = 0o7777), None);
        assert!(of(EntryKind::File, |one| one.attrs.mode = 0o10000).is_some());
        assert_eq!(of(EntryKind::File, |one| one.attrs.mtime.secs = i64::MIN), None);
        assert!(of(EntryKind::File, |one| one.attrs.mtime.nanos = 1_000_000_000).is_some());
        let has = |all: Vec<Xattr>| of(EntryKind::File, move |one| one.attrs.xattrs = all);
        assert_eq!(has(vec![xattr(255, 1 << 16), xattr(1, 0)]), None);
        for odd in [xattr(256, 1), xattr(0, 1), xattr(9, (1 << 16) + 1)] {
            assert!(has(vec![odd]).is_some());
        }
        let many = (1..=16).map(|n| xattr(n, 1 << 16)).collect();
        assert!(has(many).is_some_and(|why| why.contains("more attributes")));
    }
}
