//! The file of a key on a mounted stick: read within bounds, and put in place so that no cut loses the right
//! one. No other name on the stick is touched, and no link is followed.
//!
//! It knows nothing of whose key it is. Start at [`put`].

use people::KeyFile;
use volume::Disk;
use volume::durable::{self, IoFailure, TEMPORARY};
use zeroize::Zeroizing;

/// A file as it was read, and whether it is the one beside.
pub(crate) type Lying = (bool, Zeroizing<Vec<u8>>);

fn beside(name: &str) -> String {
    format!("{name}{TEMPORARY}")
}

/// The file of this name and the one that was to take its place, as far as they are there. What is too long
/// to be one, is no file, or cannot be read is none.
pub(crate) fn read(disk: &dyn Disk, name: &str) -> Vec<Lying> {
    let one = |is_beside: bool| {
        let name = if is_beside { beside(name) } else { name.to_owned() };
        Some((is_beside, whole(disk, &name)?))
    };
    [false, true].into_iter().filter_map(one).collect()
}

fn whole(disk: &dyn Disk, name: &str) -> Option<Zeroizing<Vec<u8>>> {
    let file = disk.open(name).ok()?;
    let len = usize::try_from(file.len().ok()?).ok().filter(|len| *len <= KeyFile::LEN_MAX)?;
    let mut bytes = Zeroizing::new(vec![0; len]);
    let read = file.read_at(0, &mut bytes).ok()?;
    (read == len).then_some(bytes)
}

/// Puts a file in place. `is_beside` says that the right one of those that lie there is the one beside: that
/// one is never written over, but moved first. Renaming is two steps on FAT, so everything is synced between.
pub(crate) fn put(
    disk: &dyn Disk,
    is_beside: bool,
    name: &str,
    text: &str,
) -> Result<(), IoFailure> {
    let sync = || {
        let path = name.to_owned();
        disk.sync_all().map_err(|source| IoFailure { doing: "sync", path, source })
    };
    if is_beside {
        durable::move_file(disk, &beside(name), name)?;
        sync()?;
    }
    durable::replace_file(disk, name, text.as_bytes())?;
    sync()
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use testkit::simdisk::SimDisk;
    use types::Bytes;
    use volume::{DiskFile, Listed, Space};

    use super::*;

    const NAME: &str = "holdfast-key-00000001";
    const OLD: &str = "the old one";
    const NEW: &str = "the new one, which is longer";

    /// A stick that is pulled before the step of this number.
    #[derive(Debug)]
    struct Pulled {
        inner: SimDisk,
        left: Arc<AtomicUsize>,
    }

    fn step(left: &AtomicUsize) -> io::Result<()> {
        let more = |left: usize| left.checked_sub(1);
        let taken = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
        taken.map(drop).map_err(|_| io::ErrorKind::NotConnected.into())
    }

    #[derive(Debug)]
    struct File(Box<dyn DiskFile>, Arc<AtomicUsize>);

    impl DiskFile for File {
        /// Half of it arrives when the stick goes meanwhile.
        fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
            let half = bytes.len() / 2;
            step(&self.1)?;
            self.0.append(&bytes[..half])?;
            step(&self.1)?;
            self.0.append(&bytes[half..])
        }
        fn sync_data(&mut self) -> io::Result<()> {
            step(&self.1)?;
            self.0.sync_data()
        }
        fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
            self.0.read_at(offset, buf)
        }
        fn len(&self) -> io::Result<u64> {
            self.0.len()
        }
        fn forget_cache(&self) -> io::Result<()> {
            self.0.forget_cache()
        }
    }

    impl Disk for Pulled {
        fn create_new(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
            step(&self.left)?;
            Ok(Box::new(File(self.inner.create_new(path)?, Arc::clone(&self.left))))
        }
        fn open(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
            self.inner.open(path)
        }
        fn rename(&self, from: &str, to: &str) -> io::Result<()> {
            step(&self.left)?;
            self.inner.rename(from, to)
        }
        fn unlink(&self, path: &str) -> io::Result<()> {
            step(&self.left)?;
            self.inner.unlink(path)
        }
        fn make_dir(&self, path: &str) -> io::Result<()> {
            self.inner.make_dir(path)
        }
        fn sync_dir(&self, path: &str) -> io::Result<()> {
            step(&self.left)?;
            self.inner.sync_dir(path)
        }
        fn sync_all(&self) -> io::Result<()> {
            step(&self.left)?;
            self.inner.sync_all()
        }
        fn list(&self, path: &str) -> io::Result<Vec<Listed>> {
            self.inner.list(path)
        }
        fn space(&self) -> io::Result<Space> {
            self.inner.space()
        }
        fn serial(&self) -> String {
            self.inner.serial()
        }
        fn label(&self) -> String {
            self.inner.label()
        }
        fn read_only(&self) -> bool {
            false
        }
    }

    fn put_by_hand(disk: &dyn Disk, name: &str, text: &str) {
        let mut file = disk.create_new(name).expect("nothing has this name");
        file.append(text.as_bytes()).expect("there is room");
        file.sync_data().expect("it is there");
        disk.sync_dir("").expect("so is its name");
    }

    fn stick(left: usize) -> Pulled {
        let inner = SimDisk::new("stick", Bytes(1 << 20));
        put_by_hand(&inner, "letter.txt", "somebody's own");
        Pulled { inner, left: Arc::new(AtomicUsize::new(left)) }
    }

    fn texts(disk: &dyn Disk) -> Vec<String> {
        let text = |(_, bytes): Lying| String::from_utf8(bytes.to_vec()).expect("text");
        read(disk, NAME).into_iter().map(text).collect()
    }

    /// Where the right one is the one beside, and where it is the other, with half a file beside it.
    #[test]
    fn a_stick_that_is_pulled_before_any_step_holds_the_old_file_or_the_new_one() {
        for is_beside in [false, true] {
            let mut cuts = 0;
            loop {
                let disk = stick(cuts);
                let (right, other) = if is_beside {
                    (beside(NAME), NAME.into())
                } else {
                    (NAME.into(), beside(NAME))
                };
                put_by_hand(&disk.inner, &right, OLD);
                put_by_hand(&disk.inner, &other, "half of a fi");
                let done = put(&disk, is_beside, NAME, NEW);
                let lying = texts(&disk);
                assert!(
                    lying.iter().any(|text| text == OLD || text == NEW),
                    "pulled before step {cuts}: {lying:?}"
                );
                let mut names: Vec<String> =
                    disk.inner.list("").expect("a list").into_iter().map(|one| one.name).collect();
                names.sort();
                assert_eq!(names.last().map(String::as_str), Some("letter.txt"));
                assert!(names.iter().all(|name| name == "letter.txt" || name.starts_with(NAME)));
                if done.is_ok() {
                    assert_eq!(lying, [NEW], "and nothing is left beside it");
                    break;
                }
                cuts += 1;
            }
            assert!(cuts > 5, "it has steps at which to pull: {cuts}");
        }
    }

    /// What the test above would have found: writing over the right one.
    #[test]
    fn that_no_file_is_left_is_seen_where_the_right_one_is_written_over() {
        let lost = (0..20).any(|cuts| {
            let disk = stick(cuts);
            put_by_hand(&disk.inner, &beside(NAME), OLD);
            // Told wrongly that the right one is not the one beside.
            drop(put(&disk, false, NAME, NEW));
            !texts(&disk).iter().any(|text| text == OLD || text == NEW)
        });
        assert!(lost);
    }

    #[test]
    fn what_is_too_long_to_be_a_key_is_not_read() {
        let disk = stick(100);
        put_by_hand(&disk.inner, NAME, &"x".repeat(KeyFile::LEN_MAX + 1));
        assert!(read(&disk, NAME).is_empty());
        put_by_hand(&disk.inner, &beside(NAME), &"x".repeat(KeyFile::LEN_MAX));
        assert_eq!(read(&disk, NAME).len(), 1);
    }
}
