//! What is backed up: the demo's tree, and three kinds of files that are the same for the same
//! seed: photos, documents, a disk image.
//!
//! And the change of a second day for each. Sizes at full scale are those for which the peers'
//! figures in the design were measured. Start reading at [`Set`].

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::peers::Peer;
use crate::corpus::Random;
use crate::{Outcome, corpus, files, odd};

/// How much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Size {
    /// What a figure is taken from: 1.5 GiB, 282 MiB, 1 GiB.
    Full,
    /// A sixteenth: to see that everything works.
    Small,
}

/// A kind of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Set {
    /// The demo's tree: this machine's documentation and libraries, and odd things. Without its
    /// largest sparse file, which a peer restores as gigabytes of zeros.
    Demo,
    /// Large files that do not compress.
    Photos,
    /// Many small files that do.
    Docs,
    /// One file, half holes, changed in place.
    Image,
}

/// Larger files of the demo's tree are left out: they are holes.
const SPARSE_MAX: u64 = 1 << 30;
const PHOTOS: u64 = 384;
const PHOTO_BYTES: u64 = 4 << 20;
const DOCS: u64 = 20_000;
const DOC_BYTES: u64 = 14_800;
const IMAGE_BYTES: u64 = 1 << 30;

/// Second day: one file in this many changes, and the image changes in this many places of 4 KiB.
const CHANGED_OF: u64 = 50;
const IMAGE_CHANGES: u64 = 2560;

impl Set {
    /// In the order in which they are measured.
    pub(super) const ALL: [Self; 4] = [Self::Demo, Self::Photos, Self::Docs, Self::Image];

    /// Its name in tables.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Demo => "demo",
            Self::Photos => "photos",
            Self::Docs => "docs",
            Self::Image => "vm",
        }
    }

    /// The set of this name.
    pub(super) fn named(name: &str) -> Outcome<Self> {
        let found = Self::ALL.into_iter().find(|set| set.name() == name);
        found.ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            format!("there is no set {name}; known are {names}")
        })
    }

    /// True when this peer is measured on it: the older restic only on the demo's tree.
    pub(super) fn has(self, peer: &Peer) -> bool {
        self == Self::Demo || peer.name != "restic-bookworm"
    }

    /// Writes the files.
    pub(super) fn make(self, to: &Path, size: Size, random: &mut Random) -> Outcome<()> {
        let share = if size == Size::Full { 1 } else { 16 };
        match self {
            Self::Demo => {
                let scale = if size == Size::Full { corpus::FULL } else { corpus::SMALL };
                let corpus = corpus::build(&to.join("tree"), scale)?;
                for path in files::all_files(&corpus.tree) {
                    if std::fs::symlink_metadata(&path).is_ok_and(|meta| meta.len() > SPARSE_MAX) {
                        files::remove(&path)?;
                    }
                }
            }
            Self::Photos => {
                for index in 0..PHOTOS / share {
                    let bytes = PHOTO_BYTES / 2 + random.below(PHOTO_BYTES);
                    let name = to.join(format!("IMG_{index:05}.jpg"));
                    files::put(&name, &random.noise(whole(bytes)))?;
                }
            }
            Self::Docs => {
                for index in 0..DOCS / share {
                    let folder = to.join(format!("folder-{:03}", index / 100));
                    if index % 100 == 0 {
                        files::folder(&folder)?;
                    }
                    let bytes = 500 + random.below(DOC_BYTES * 2 - 1000);
                    files::put(
                        &folder.join(format!("page-{index}.txt")),
                        &random.text(whole(bytes)),
                    )?;
                }
            }
            Self::Image => image(&to.join("disk.img"), IMAGE_BYTES / share, random)?,
        }
        Ok(())
    }

    /// What a day changes.
    pub(super) fn change(self, source: &Path, random: &mut Random) -> Outcome<()> {
        match self {
            Self::Demo => odd::rewrite(&source.join("tree"), random.next()).map(|_| ()),
            Self::Photos => {
                let more = source.join("IMG_day2.jpg");
                files::put(&more, &random.noise(whole(PHOTO_BYTES * 4)))
            }
            Self::Docs => {
                for path in files::all_files(source) {
                    if random.below(CHANGED_OF) == 0 {
                        let bytes = 500 + random.below(DOC_BYTES * 2 - 1000);
                        files::put(&path, &random.text(whole(bytes)))?;
                    }
                }
                Ok(())
            }
            Self::Image => {
                let path = source.join("disk.img");
                let changed = OpenOptions::new().write(true).open(&path).and_then(|file| {
                    let blocks = file.metadata()?.len() / 4096;
                    // At full size 10 MiB; a small image changes by the same share.
                    let changes = IMAGE_CHANGES * blocks * 4096 / IMAGE_BYTES;
                    for _ in 0..changes {
                        file.write_all_at(&random.noise(4096), random.below(blocks) * 4096)?;
                    }
                    Ok(())
                });
                changed.map_err(|error| format!("cannot change {}: {error}", path.display()))
            }
        }
    }
}

fn image(path: &Path, bytes: u64, random: &mut Random) -> Outcome<()> {
    let made = File::create(path).and_then(|file| {
        file.set_len(bytes)?;
        // Runs of 4 MiB: data, hole, data, hole. Data is half noise, half text.
        let run = 4 << 20;
        for start in (0..bytes).step_by(2 * run) {
            file.write_all_at(&random.noise(run / 2), start)?;
            file.write_all_at(&random.text(run / 2), start + (run / 2) as u64)?;
        }
        Ok(())
    });
    made.map_err(|error| format!("cannot write {}: {error}", path.display()))
}

fn whole(bytes: u64) -> usize {
    usize::try_from(bytes).expect("sizes here are a few MiB")
}

#[test]
fn the_same_seed_makes_the_same_files_and_a_day_changes_them() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    for place in [&one, &two] {
        files::folder(place).unwrap();
        Set::Docs.make(place, Size::Small, &mut Random::new(9)).unwrap();
    }
    let bytes = |place: &Path| -> Vec<Vec<u8>> {
        files::all_files(place).iter().map(|path| std::fs::read(path).unwrap()).collect()
    };
    assert_eq!(bytes(&one), bytes(&two));
    Set::Docs.change(&two, &mut Random::new(10)).unwrap();
    let differing = bytes(&one).iter().zip(bytes(&two)).filter(|(a, b)| **a != *b).count();
    assert!((5..100).contains(&differing), "{differing} of 1250 changed");
}
