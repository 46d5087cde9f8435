//! What the box itself lives on: nobody restores over it, and it lies on no volume.
//!
//! Where things are is looked up first, by [`Own::of`], [`resolved`] and [`volume_above`]; what follows
//! from it is decided by [`Own::leaves`] and [`lies_on`], which look at nothing.

use std::path::{Path, PathBuf};

use calls::{Fault, FaultCode};

use crate::config::Config;
use crate::error::StartError;
use crate::setup::Setup;
use crate::supervisor::Supervisor;

/// Where the box's own things are, without links.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Own {
    state: PathBuf,
    /// Single files: the vault's, the socket, the key.
    files: Vec<PathBuf>,
}

impl Own {
    /// Looks where they are.
    pub(crate) fn of(config: &Config) -> Self {
        let key = config.unlock.as_ref().map(|unlock| &unlock.key_file);
        let files = [&config.vault, &config.socket].into_iter().chain(key);
        Self { state: resolved(&config.state), files: files.map(|file| resolved(file)).collect() }
    }

    /// Device and inode of each that is there: they are the same behind every link and mount.
    pub(crate) fn ids(&self) -> Vec<(u64, u64)> {
        use std::os::unix::fs::MetadataExt;
        let own = self.files.iter().chain([&self.state]);
        own.filter_map(|own| own.metadata().ok()).map(|meta| (meta.dev(), meta.ino())).collect()
    }

    /// Refuses to back up what is theirs alone: it holds secrets, and whoever may read a source would
    /// read them. What lies above them is backed up without them.
    pub(crate) fn is_none_of(&self, path: &Path) -> Result<(), Fault> {
        if !path.starts_with(&self.state) && !self.files.iter().any(|own| own == path) {
            return Ok(());
        }
        let sentence =
            format!("{} is what the box itself lives on, and holds its secrets.", path.display());
        let advice = "Name another folder. The words on paper bring a box back, not its own files.";
        Err(Fault::new(FaultCode::BadRequest, sentence, advice))
    }

    /// Refuses to restore into a folder that holds them; `to` is without links, too.
    pub(crate) fn leaves(&self, to: &Path) -> Result<(), Fault> {
        let mut own = self.files.iter().chain([&self.state]);
        if !own.any(|own| own.starts_with(to)) && !to.starts_with(&self.state) {
            return Ok(());
        }
        let sentence = format!("{} holds what the box itself needs.", to.display());
        let advice = "Restore into a folder of its own, and move what you need from there.";
        Err(Fault::new(FaultCode::BadRequest, sentence, advice))
    }
}

/// A path without links, as far as it is there.
pub(crate) fn resolved(path: &Path) -> PathBuf {
    let there = path.ancestors().find_map(|folder| Some((folder, folder.canonicalize().ok()?)));
    let Some((folder, real)) = there else { return path.to_owned() };
    match path.strip_prefix(folder) {
        // Joined with nothing it would end in a slash, and a file that does is none.
        Ok(rest) if !rest.as_os_str().is_empty() => real.join(rest),
        _ => real,
    }
}

/// The folder above a path in which a volume is, if there is one.
pub(crate) fn volume_above(path: &Path) -> Option<PathBuf> {
    path.ancestors().skip(1).find(|folder| volume::holds_volume(folder)).map(Path::to_owned)
}

/// The volume's folder that a path lies in.
pub(crate) fn lies_on<'v>(path: &Path, volumes: &'v [PathBuf]) -> Option<&'v PathBuf> {
    volumes.iter().find(|volume| path.starts_with(volume))
}

impl Supervisor {
    /// What this box lives on.
    pub(crate) fn own(&self) -> Own {
        Own::of(&self.setup.config)
    }
}

/// Refuses records, or a vault's file, on a disk that may be pulled at any time.
pub(crate) fn apart_from_volumes(setup: &Setup) -> Result<(), StartError> {
    let folders = setup.source.folders()?;
    let own = [("the folder for the box's records", &setup.config.state)];
    for (what, path) in own.into_iter().chain([("the vault's file", &setup.config.vault)]) {
        let real = resolved(path);
        // A volume that is away is known by its path only, and one behind a link by what it holds.
        let listed = lies_on(&real, &folders).or_else(|| lies_on(path, &folders)).cloned();
        let volume = listed.or_else(|| volume_above(&real));
        if let Some(volume) = volume {
            return Err(StartError::OnVolume { what, path: path.clone(), volume });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_restored_into_what_the_box_needs_nor_above_it() {
        let own = Own {
            state: "/var/lib/holdfast".into(),
            files: vec!["/etc/holdfast/home.toml".into(), "/run/holdfast.sock".into()],
        };
        for to in ["/", "/var", "/var/lib/holdfast", "/var/lib/holdfast/jobs/new", "/etc/holdfast"]
        {
            assert!(own.leaves(Path::new(to)).is_err(), "{to}");
        }
        for to in ["/var/lib/holdfast2", "/etc/holdfast/new", "/home/me", "/run/user"] {
            assert!(own.leaves(Path::new(to)).is_ok(), "{to}");
        }
    }

    #[test]
    fn what_is_below_a_volumes_folder_lies_on_it_and_its_neighbour_does_not() {
        let volumes = [PathBuf::from("/mnt/disk1"), PathBuf::from("/mnt/disk2")];
        assert_eq!(lies_on(Path::new("/mnt/disk2/box/state"), &volumes), Some(&volumes[1]));
        assert_eq!(lies_on(Path::new("/mnt/disk10/state"), &volumes), None);
        assert_eq!(lies_on(Path::new("/mnt"), &volumes), None);
    }
}
