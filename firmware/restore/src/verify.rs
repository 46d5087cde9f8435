//! Reads every file of a restore back from its drive and compares it with the manifest.
//!
//! Changes nothing. The kernel is asked to forget what it keeps of a file before it is read, so
//! that what is compared comes from the drive; after an unmount and a mount it certainly does.
//! Start at [`verify_folder`].

use std::io::{self, Read};
use std::path::Path;

use nix::fcntl::{PosixFadviseAdvice, posix_fadvise};
use vault::{OnProgress, Progress, VaultError};

use crate::error::RestoreError;
use crate::manifest::{MANIFEST, lines};
use crate::plain::read_below;
use crate::set::restores_in;

/// Read at a time.
const PIECE: usize = 1 << 20;
/// Damaged files that are named; more are counted.
const NAMED_MAX: usize = 10_000;

/// What a check of a drive found.
#[derive(Clone, Debug, Default)]
pub struct VerifyReport {
    /// Files that match the manifest.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files that do not match, or cannot be read: path on the drive, and what is wrong.
    pub damaged: Vec<(String, String)>,
    /// How many of them there are, named or not.
    pub damaged_count: u64,
}

/// Checks every restore on a drive, or the one in a restore's folder.
pub fn verify(dir: &Path, progress: OnProgress<'_>) -> Result<VerifyReport, RestoreError> {
    let found = restores_in(dir)?;
    if found.is_empty() {
        return Err(RestoreError::NoRestore { path: dir.to_owned() });
    }
    let mut report = VerifyReport::default();
    for (root, _) in found {
        verify_folder(&root, &mut report, progress)?;
    }
    Ok(report)
}

/// Checks the restore in one folder.
pub(crate) fn verify_folder(
    root: &Path,
    report: &mut VerifyReport,
    progress: OnProgress<'_>,
) -> Result<(), RestoreError> {
    let mut buffer = vec![0; PIECE];
    let mut stopped = false;
    let read = lines(root, |line| {
        // A manifest may come from anywhere; it names files of its own folder or nothing.
        let leads_out = line.path.split('/').any(|name| matches!(name, "" | "." | ".."));
        if leads_out {
            report.blame(line.path, "it is no path of this restore".to_owned());
            return Ok(());
        }
        let (files, before) = (report.files, report.bytes);
        let hashed = hash_of((root, &line.path), &mut buffer, &mut |len| {
            progress(Progress { items: files, bytes: before + len, ..Progress::default() })
        });
        match hashed {
            Ok((hash, len)) if hash == line.hash => {
                report.files += 1;
                report.bytes += len;
            }
            Ok(_) => report.blame(line.path, "it is not what was written".to_owned()),
            Err(error) => report.blame(line.path, format!("it cannot be read: {error}")),
        }
        let now = Progress { items: report.files, bytes: report.bytes, ..Progress::default() };
        stopped = !progress(now);
        if stopped { Err(io::ErrorKind::Interrupted.into()) } else { Ok(()) }
    });
    match read {
        _ if stopped => Err(VaultError::Stopped.into()),
        Ok(true) => Ok(()),
        Ok(false) => {
            let what = format!("it is damaged after {} lines", report.files + report.damaged_count);
            report.blame(MANIFEST.to_owned(), what);
            Ok(())
        }
        Err(source) => {
            let files = report.files;
            Err(RestoreError::Gone { path: root.join(MANIFEST), files, source })
        }
    }
}

impl VerifyReport {
    pub(crate) fn add(&mut self, other: Self) {
        self.files += other.files;
        self.bytes += other.bytes;
        self.damaged_count += other.damaged_count;
        self.damaged.extend(other.damaged);
        self.damaged.truncate(NAMED_MAX);
    }

    fn blame(&mut self, path: String, why: String) {
        self.damaged_count += 1;
        if self.damaged.len() < NAMED_MAX {
            self.damaged.push((path, why));
        }
    }
}

/// Hash and length of a file, read from the drive as far as the system allows.
fn hash_of(
    (root, path): (&Path, &str),
    buffer: &mut [u8],
    on_bytes: &mut dyn FnMut(u64) -> bool,
) -> io::Result<(String, u64)> {
    let mut file = read_below(root, path)?;
    posix_fadvise(&file, 0, 0, PosixFadviseAdvice::POSIX_FADV_DONTNEED)?;
    let (mut hasher, mut len) = (blake3::Hasher::new(), 0);
    loop {
        match file.read(buffer) {
            Ok(0) => return Ok((hasher.finalize().to_hex().to_string(), len)),
            Ok(read) => {
                hasher.update(&buffer[..read]);
                len += read as u64;
                if !on_bytes(len) {
                    return Err(io::ErrorKind::Other.into());
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
