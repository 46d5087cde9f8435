//! USB sticks in a simulated box: made, plugged in, and looked at from outside.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use calls::{DeskAct, Fault, Job, JobId, JobResult, JobSpec, JobState, RawPath, UsbResult};
use restore::MANIFEST;

use crate::hand::told;
use crate::rig::{Rig, bytes_of, noise, put};
use crate::running::Running;

pub(crate) const BIG: u64 = 2_000_000_000;
/// What the restore leaves free of a stick, and a little for its lists.
pub(crate) const KEPT_FREE: u64 = 26 << 20;

pub(crate) fn everything(drives: &[&str]) -> JobSpec {
    JobSpec::Usb {
        drives: drives.iter().map(|drive| (*drive).to_owned()).collect(),
        sources: Vec::new(),
        path: RawPath::default(),
        ago_ms: None,
        anew: false,
    }
}

impl Running<'_> {
    /// A stick as it comes from a shop, plugged in.
    pub(crate) fn stick(&self, name: &str, size: u64, port: &str) {
        self.desk(DeskAct::New {
            name: name.to_owned(),
            size,
            usb: true,
            serial: Some(format!("STICK-{name}")),
            formatted: true,
        });
        self.plug(name, port);
    }

    pub(crate) fn plug(&self, name: &str, port: &str) {
        self.desk(DeskAct::Insert { name: name.to_owned(), port: port.to_owned() });
    }

    /// Follows a job to its end.
    pub(crate) fn over(&self, job: JobId) -> Job {
        self.until(job, |job| job.state.is_over())
    }

    pub(crate) fn restored(&self, job: JobId) -> UsbResult {
        match self.over(job) {
            Job { state: JobState::Done, result: Some(JobResult::Usb(result)), .. } => result,
            other => panic!("{other:?}: {}", self.rig.log()),
        }
    }

    pub(crate) fn held(&self) {
        self.desk(DeskAct::Press { held: true });
    }

    pub(crate) fn until_told(&self, words: &str) {
        self.until_disks(|disks| told(disks, words));
    }
}

impl Rig {
    pub(crate) fn on_stick(&self, name: &str) -> PathBuf {
        self.path(&format!("machine/disks/{name}/content"))
    }

    /// The folders of restores on a stick.
    pub(crate) fn restores(&self, name: &str) -> Vec<PathBuf> {
        let all = fs::read_dir(self.on_stick(name)).unwrap().map(|one| one.unwrap().path());
        all.filter(|path| path.join(MANIFEST).exists()).collect()
    }

    /// What the one restore on a stick holds, by its manifest, every line of which is true.
    pub(crate) fn proven(&self, name: &str) -> BTreeMap<String, PathBuf> {
        let restores = self.restores(name);
        let [root] = &restores[..] else { panic!("{restores:?}") };
        let mut files = BTreeMap::new();
        for line in fs::read_to_string(root.join(MANIFEST)).unwrap().lines() {
            let (hash, path) = line.split_once("  ").unwrap();
            let bytes = bytes_of(&root.join(path));
            assert_eq!(blake3::hash(&bytes).to_hex().as_str(), hash, "{path}");
            let before = files.insert(path.to_owned(), root.join(path));
            assert!(before.is_none(), "{path} stands there twice");
        }
        files
    }

    /// Many small files.
    pub(crate) fn letters(&self, name: &str, count: u64) -> JobSpec {
        fs::create_dir(self.path(name)).unwrap();
        for n in 0..count {
            put(&self.path(name).join(format!("{n:05}.txt")), &noise(700, n + 1));
        }
        self.backup_of(name)
    }

    /// Whether a stick holds every file of a source as it is.
    pub(crate) fn holds(&self, files: &BTreeMap<String, PathBuf>, source: &str) {
        let own = self.files(source, "");
        assert!(!own.is_empty());
        for file in own {
            let name = file.strip_prefix(self.path(source)).unwrap().to_str().unwrap();
            let there = files.iter().find(|(path, _)| path.ends_with(&format!("{source}/{name}")));
            let (_, there) = there.unwrap_or_else(|| panic!("{name} is not there"));
            assert!(bytes_of(there) == bytes_of(&file), "{name}");
        }
    }
}

/// Which file on the medium each is: one that is written again is another.
pub(crate) fn inodes(files: &BTreeMap<String, PathBuf>) -> BTreeMap<String, u64> {
    let inode = |path: &Path| fs::metadata(path).unwrap().ino();
    files.iter().map(|(name, path)| (name.clone(), inode(path))).collect()
}

pub(crate) fn waiting(job: &Job) -> Option<&Fault> {
    job.fault.as_ref().filter(|_| job.state == JobState::Paused)
}
