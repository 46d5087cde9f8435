//! The files that every tool backs up: one small tree in three versions, the same for a seed.
//!
//! Nothing here knows any tool. Start at [`versions`].

use std::path::{Path, PathBuf};

use super::damage;
use crate::corpus::Random;
use crate::{Outcome, files};

/// Backups that each repository has seen; the one before the last is what a folder goes back to.
pub(super) const VERSIONS: usize = 3;
/// Files of the first version.
const FILES: u64 = 40;

/// Writes every version of the files that all tools back up.
pub(super) fn versions(folder: &Path, seed: u64) -> Outcome<Vec<PathBuf>> {
    let mut random = Random::new(seed);
    let mut made: Vec<PathBuf> = Vec::new();
    for version in 0..VERSIONS {
        let place = folder.join(format!("version-{version}"));
        match made.last() {
            Some(last) => damage::copy(last, &place, &|_| false)?,
            None => files::folder(&place.join("deep/deeper"))?,
        }
        // The first version is everything, later ones change a part of it and add to it.
        for number in 0..if version == 0 { FILES } else { FILES / 4 } {
            let number = if version == 0 { number } else { random.below(FILES * 2) };
            let folder = ["", "deep", "deep/deeper"][usize::from(number.to_le_bytes()[0] % 3)];
            let length = usize::try_from(random.below(120_000)).unwrap_or(0);
            let bytes = if number % 2 == 0 { random.noise(length) } else { random.text(length) };
            files::put(&place.join(folder).join(format!("file-{number}")), &bytes)?;
        }
        made.push(place);
    }
    Ok(made)
}
