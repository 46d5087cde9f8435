//! A computer that backs itself up to a real box over TLS: killed on the way, unchanged, changed, brought back.
//!
//! Start at [`Computer`].

use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use computer::{Backup, ComputerError, Folders, Line, News, Pairing, Report, Restore, Split};
use filetree::{Compare, compare};
use serde_json::json;
use types::Millis;
use vault::{BackupSpec, RestoreOptions, RestoreReport};

use crate::rig::{DEADLINE, LOOK_EVERY, Rig, noise, put};
use crate::running::Running;
use crate::web::Guest;

/// Nobody tells anything, and nobody wants to stop.
#[derive(Debug, Default)]
pub(crate) struct Quiet {
    pub(crate) stop: AtomicBool,
    waited: AtomicBool,
}

impl News for Quiet {
    fn waits(&self, _why: &ComputerError) {
        self.waited.store(true, Ordering::Relaxed);
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// A computer that is paired.
pub(crate) struct Computer {
    pub(crate) pairing: Pairing,
    pub(crate) folders: Folders,
    pub(crate) news: Arc<Quiet>,
    pub(crate) line: Line,
}

/// A box whose web door is at the same port after each start.
pub(crate) fn rig() -> Rig {
    let rig = Rig::vault(2);
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    rig.settings(&format!("[web]\nlisten = \"127.0.0.1:{port}\"\n"));
    rig
}

pub(crate) fn folders(rig: &Rig, name: &str) -> Folders {
    let home = rig.path(name);
    Folders { config: home.join("config"), cache: home.join("cache") }
}

/// A code that a person makes for a computer.
pub(crate) fn code(guest: &Guest<'_>, source: Option<&str>) -> Split {
    let asked = match source {
        Some(source) => json!({ "source": source }),
        None => json!({}),
    };
    let made = guest.posts("/api/v1/devices/pairing", &asked);
    Split::read(made["code"].as_str().unwrap()).unwrap()
}

impl Computer {
    pub(crate) fn paired(guest: &Guest<'_>, name: &str) -> Self {
        let folders = folders(guest.rig, name);
        let address = guest.at.to_string();
        let pairing =
            computer::pair(&folders, (&address, &code(guest, None)), "home", name).unwrap();
        Self::with(pairing, folders, None)
    }

    pub(crate) fn with(pairing: Pairing, folders: Folders, limit: Option<u64>) -> Self {
        let news = Arc::new(Quiet::default());
        let told: Arc<dyn News> = Arc::<Quiet>::clone(&news);
        let line = Line::to(&pairing, limit, host::env().clock, told).unwrap();
        Self { pairing, folders, news, line: line.with_patience(Millis(60_000)) }
    }

    /// The same computer after a restart.
    pub(crate) fn again(&self, limit: Option<u64>) -> Self {
        Self::with(self.folders.load("home").unwrap(), self.folders.clone(), limit)
    }

    pub(crate) fn backs_up(&self, folder: &Path) -> Result<Report, ComputerError> {
        let spec = BackupSpec {
            source: self.pairing.source.clone(),
            paths: vec![folder.to_owned()],
            host: "laptop".to_owned(),
            ..BackupSpec::default()
        };
        let cache = self.folders.cache.join("home");
        let backup = Backup { pairing: &self.pairing, line: &self.line, cache: &cache, spec };
        computer::back_up(&backup, &mut |_| !self.news.stop.load(Ordering::Relaxed))
    }

    pub(crate) fn restores(&self, version: &str, to: &Path) -> RestoreReport {
        let all = computer::versions(&self.line, &self.pairing).unwrap();
        let version = computer::find(all, version).unwrap();
        let cache = self.folders.cache.join("home");
        let (pairing, line) = (&self.pairing, &self.line);
        let what = Restore { pairing, line, cache: &cache, version: &version, path: b"" };
        computer::restore(&what, to, RestoreOptions::default(), &mut |_| true).unwrap()
    }
}

/// All that two folders do not have in common.
pub(crate) fn differences(left: &Path, right: &Path) -> Vec<String> {
    let found = compare(left, right, &Compare::default());
    found.iter().map(|difference| format!("{difference:?}")).collect()
}

/// A folder with files small and large, links, holes and modes.
pub(crate) fn mixed(rig: &Rig, name: &str, mebibytes: u64) -> PathBuf {
    let folder = rig.path(name);
    fs::create_dir(&folder).unwrap();
    for n in 0..mebibytes / 4 {
        put(&folder.join(format!("large-{n:03}")), &noise(4 << 20, n + 1));
    }
    fs::create_dir(folder.join("small")).unwrap();
    for n in 0..300 {
        let path = folder.join(format!("small/{n:04}"));
        put(&path, &noise(usize::try_from(n * 7).unwrap(), 10_000 + n));
        fs::set_permissions(
            &path,
            fs::Permissions::from_mode(0o600 + (u32::try_from(n).unwrap() & 0o77)),
        )
        .unwrap();
    }
    fs::create_dir_all(folder.join("empty/below")).unwrap();
    fs::hard_link(folder.join("small/0007"), folder.join("another name")).unwrap();
    symlink("small/0007", folder.join("link")).unwrap();
    let mut holes = File::create(folder.join("holes")).unwrap();
    holes.seek(SeekFrom::Start(3 << 20)).unwrap();
    holes.write_all(b"behind a hole").unwrap();
    folder
}

/// Waits until so many bytes were taken.
fn until_sent(line: &Line, bytes: u64, ended: &AtomicBool) {
    let mut waited = Duration::ZERO;
    while line.counts.sent.load(Ordering::Relaxed) < bytes {
        assert!(waited < DEADLINE, "the box takes nothing");
        assert!(!ended.load(Ordering::Relaxed), "it was over before the box was killed");
        waited += LOOK_EVERY;
        std::thread::park_timeout(LOOK_EVERY);
    }
}

/// A backup while something else happens, which is told when it is over.
fn backing_up_while<T>(
    computer: &Computer,
    folder: &Path,
    happens: impl FnOnce(&AtomicBool) -> T,
) -> (Result<Report, ComputerError>, T) {
    let ended = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let backing_up = scope.spawn(|| {
            let report = computer.backs_up(folder);
            ended.store(true, Ordering::Relaxed);
            report
        });
        let happened = happens(&ended);
        (backing_up.join().unwrap(), happened)
    })
}

/// Starts the box again, as its owner does it.
fn starts_again(rig: &Rig) -> Running<'_> {
    let running = rig.start();
    running.unlock();
    running
}

#[test]
fn a_box_that_is_killed_twice_has_everything_in_the_end_and_nothing_is_sent_twice() {
    let rig = rig();
    let running = starts_again(&rig);
    let ada = Guest::at_the_door(&rig).claims().raised();
    let laptop = Computer::paired(&ada, "laptop");
    let folder = mixed(&rig, "files", 64);
    // So slow that the box can be killed in between.
    let laptop = laptop.again(Some(24 << 20));
    let (report, running) = backing_up_while(&laptop, &folder, |ended| {
        let mut running = running;
        for bytes in [16 << 20, 40 << 20] {
            until_sent(&laptop.line, bytes, ended);
            running.kill();
            running = starts_again(&rig);
        }
        running
    });
    let report = report.unwrap();
    assert_eq!(running.stop(), Some(0));
    assert!(laptop.line.counts.retries.load(Ordering::Relaxed) >= 2, "both kills were noticed");
    let stats = report.walked.stats;
    assert_eq!((report.copies, report.wanted, stats.skipped), (2, 2, 0));
    // Taken was each piece once: heads and objects are what is beside the bytes of the files.
    let beside = report.sent.checked_sub(stats.bytes - (3 << 20)).unwrap();
    assert!(beside < 1 << 20, "{beside} bytes more than the files have");

    let running = starts_again(&rig);
    let to = rig.path("back");
    let laptop = laptop.again(None);
    let restored = laptop.restores("latest", &to);
    assert_eq!((restored.lost_count, restored.shortfall_count), (0, 0), "{restored:?}");
    assert_eq!(differences(&folder, &to), Vec::<String>::new());
    // The comparison would have seen a byte.
    put(&to.join("small/0042"), b"something else");
    assert!(!differences(&folder, &to).is_empty());
    assert_eq!(running.stop(), Some(0));
}

#[test]
fn an_unchanged_folder_takes_a_few_requests_and_a_changed_one_sends_what_changed() {
    let rig = rig();
    let running = starts_again(&rig);
    let ada = Guest::at_the_door(&rig).claims().raised();
    let laptop = Computer::paired(&ada, "laptop");
    let folder = mixed(&rig, "files", 8);
    let first = laptop.backs_up(&folder).unwrap();
    assert!(first.pieces > 300 && first.sent > 8 << 20, "{first:?}");
    // A file that changed just now is read again once; after that its time is behind.
    let mut waited = Duration::ZERO;
    let same = loop {
        let again = laptop.again(None).backs_up(&folder).unwrap();
        if again.requests <= 2 || waited > DEADLINE {
            break again;
        }
        waited += LOOK_EVERY;
        std::thread::park_timeout(LOOK_EVERY);
    };
    assert_eq!((same.pieces, same.requests), (0, 2), "where it stands, and the new version");
    assert_ne!(same.version, first.version);

    put(&folder.join("small/0100"), b"other bytes");
    put(&folder.join("new"), &noise(50_000, 77));
    let changed = laptop.again(None).backs_up(&folder).unwrap();
    assert!(changed.pieces >= 3 && changed.sent < 400_000, "{changed:?}");
    let to = rig.path("back");
    laptop.restores(&changed.version, &to);
    assert_eq!(differences(&folder, &to), Vec::<String>::new());
    // The version before is still what it was.
    let before = rig.path("before");
    laptop.restores(&same.version, &before);
    assert!(!before.join("new").exists());

    // Without its cache it has to ask, and nothing else.
    fs::remove_dir_all(&laptop.folders.cache).unwrap();
    let without = laptop.again(None).backs_up(&folder).unwrap();
    assert_eq!(without.walked.stats.files, changed.walked.stats.files);
    assert!(without.pieces < 5, "{without:?}");
    assert_eq!(running.stop(), Some(0));
}

#[test]
fn a_computer_that_was_stopped_half_way_sends_only_the_rest() {
    let rig = rig();
    let running = starts_again(&rig);
    let ada = Guest::at_the_door(&rig).claims().raised();
    let laptop = Computer::paired(&ada, "laptop");
    let folder = mixed(&rig, "files", 64);
    let slow = laptop.again(Some(32 << 20));
    let (stopped, ()) = backing_up_while(&slow, &folder, |ended| {
        until_sent(&slow.line, 24 << 20, ended);
        slow.news.stop.store(true, Ordering::Relaxed);
    });
    assert!(
        matches!(stopped, Err(ComputerError::Vault(vault::VaultError::Stopped))),
        "{stopped:?}"
    );
    assert!(computer::versions(&laptop.line, &laptop.pairing).unwrap().is_empty());
    let taken = slow.line.counts.sent.load(Ordering::Relaxed);
    let rest = laptop.backs_up(&folder).unwrap();
    let all = rest.walked.stats.bytes;
    // Of what was on the way when it stopped, some may have come.
    assert!(rest.sent < all - taken + (1 << 20), "{} of {all} after {taken}", rest.sent);
    let to = rig.path("back");
    laptop.restores("latest", &to);
    assert_eq!(differences(&folder, &to), Vec::<String>::new());
    assert_eq!(running.stop(), Some(0));
}
