//! A vault with two sources, and an empty drive, in folders of a test's own.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use restore::{Choice, Options, Report, RestoreError, Stage, restore_to_drives};
use seal::Words;
use testkit::env::{ManualClock, SeededRng, noise};
use types::{Clock, UnixTime};
use vault::{BackupSpec, CreateSpec, Env, Options as VaultOptions, Vault};
use volume::FsDisk;

/// A vault with two sources, and an empty drive.
pub(crate) struct Rig {
    dir: tempfile::TempDir,
    pub(crate) vault: Vault,
    pub(crate) clock: Arc<ManualClock>,
}

impl Rig {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        for name in ["disk", "drive", "laptop/letters/old", "laptop/empty", "phone"] {
            fs::create_dir_all(dir.path().join(name)).unwrap();
        }
        let write = |name: &str, bytes: &[u8]| fs::write(dir.path().join(name), bytes).unwrap();
        write("laptop/letters/will.odt", b"all to the cat");
        write("laptop/letters/old/a\nb\\c.txt", b"an odd name");
        write("laptop/holes.img", &[0; 300_000]);
        write("laptop/nothing", b"");
        for n in 0..40 {
            write(&format!("phone/IMG_{n:04}.jpg"), &noise(n, 50_000));
        }
        std::os::unix::fs::symlink("/etc/passwd", dir.path().join("laptop/link")).unwrap();
        let clock = Arc::new(ManualClock::at(UnixTime(1_800_000_000_000)));
        let rng = Arc::new(SeededRng::new(7));
        let words = Words::generate(&*rng);
        let env = Env { clock: Arc::clone(&clock) as _, rng };
        let disk = Arc::new(FsDisk::create(&dir.path().join("disk"), None).unwrap());
        let spec = CreateSpec { disks: vec![disk], copies: 1, words: &words, password: None };
        let vault = Vault::create(env, VaultOptions::default(), spec).unwrap();
        let rig = Self { dir, vault, clock };
        rig.backup("laptop");
        rig.backup("phone");
        rig
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn backup(&self, source: &str) {
        let spec = BackupSpec {
            source: source.to_owned(),
            paths: vec![self.path(source)],
            ..BackupSpec::default()
        };
        self.vault.backup(&spec, &mut |_| true).unwrap();
    }

    /// Restores everything, but stops when that many files were written.
    pub(crate) fn restore(&self, stop_at: u64) -> Result<Report, RestoreError> {
        self.restore_with(stop_at, Options::default())
    }

    pub(crate) fn restore_with(
        &self,
        stop_at: u64,
        options: Options<'_>,
    ) -> Result<Report, RestoreError> {
        // The clock may tick; the minute is the same for both halves of one restore.
        let now = UnixTime(self.clock.now().0 / 60_000);
        let options = Options { today: "2027-01-15", now, ..options };
        let drives = [self.path("drive")];
        restore_to_drives(&self.vault, &Choice::default(), &drives, options, &mut |stage, now| {
            stage != Stage::Writing || now.items < stop_at
        })
    }

    pub(crate) fn root(&self) -> PathBuf {
        let mut found = fs::read_dir(self.path("drive")).unwrap();
        found.next().unwrap().unwrap().path()
    }
}

/// Every file below a folder, by its path; links are named, not followed.
pub(crate) fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut todo = vec![folder.to_owned()];
    while let Some(at) = todo.pop() {
        for entry in fs::read_dir(&at).unwrap() {
            let entry = entry.unwrap();
            let kind = entry.file_type().unwrap();
            if kind.is_dir() {
                todo.push(entry.path());
            } else {
                let name = entry.path().strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                let bytes = if kind.is_file() { fs::read(entry.path()).unwrap() } else { vec![] };
                found.insert(name, bytes);
            }
        }
    }
    found
}

pub(crate) fn same_as_sources(rig: &Rig) {
    let there = files(&rig.root().join("files"));
    for source in ["laptop", "phone"] {
        for (name, bytes) in files(&rig.path(source)) {
            let name = format!("{source}/{name}");
            assert_eq!(there.get(&name).map(Vec::len), Some(bytes.len()), "{name}");
            assert!(there[&name] == bytes, "{name}");
        }
    }
    assert_eq!(there.len(), 45, "nothing else is there");
    assert!(rig.root().join("files/laptop/empty").is_dir());
}
