//! The vault's file: which vault, where its catalog and its volumes are. No secrets.
//!
//! It is a convenience: the volumes know everything themselves, and a lost file can be typed
//! again. It is replaced whole and durably. Start at [`VaultFile::load`].

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;
use types::{VaultId, VolumeId};
use volume::{FsDisk, durable};

/// A vault's file is never longer than this: a vault has at most some dozen volumes.
const LEN_MAX: u64 = 1 << 20;

/// Why the vault's file could not be read or written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum VaultFileError {
    /// It cannot be read.
    #[error("the vault file {} cannot be read", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Something else stands in it.
    #[error("the vault file {} is not as it should be: {what}", .path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// It would have to be replaced.
    #[error("the vault file {} exists already and was kept", .path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// It cannot be written.
    #[error("the vault file {} cannot be written", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl VaultFileError {
    /// What the owner can do now: one sentence.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Read { .. } => "Check the path given with --vault or in HOLDFAST_VAULT.",
            Self::Content { .. } => {
                "Correct the file; docs/operations/vault.md shows what stands in it."
            }
            Self::Exists { .. } => "Name another file with --vault.",
            Self::Write { .. } => "Check that its folder exists, is yours and has room.",
        }
    }
}

/// The vault's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VaultFile {
    /// Where it is.
    pub file: PathBuf,
    /// The vault's id.
    pub vault: VaultId,
    /// As it is written; see [`Self::absolute`].
    catalog: PathBuf,
    /// Its volumes.
    pub volumes: Vec<VolumeAt>,
}

/// A volume and the folder it is expected in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VolumeAt {
    /// The volume.
    pub id: VolumeId,
    /// As it is written.
    path: PathBuf,
}

/// As it stands in the file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    vault: String,
    catalog: PathBuf,
    #[serde(default)]
    volume: Vec<WrittenVolume>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenVolume {
    id: String,
    path: PathBuf,
}

impl VaultFile {
    /// The file of a new vault; the catalog lies beside it.
    pub fn new(file: &Path, vault: VaultId) -> Self {
        let mut catalog = file.file_stem().unwrap_or_default().to_owned();
        catalog.push(".catalog");
        Self { file: file.to_owned(), vault, catalog: catalog.into(), volumes: Vec::new() }
    }

    /// Reads a vault's file.
    pub fn load(file: &Path) -> Result<Self, VaultFileError> {
        let mut text = String::new();
        File::open(file)
            .and_then(|opened| opened.take(LEN_MAX).read_to_string(&mut text))
            .map_err(|source| VaultFileError::Read { path: file.to_owned(), source })?;
        let wrong = |what: String| VaultFileError::Content { path: file.to_owned(), what };
        let written: Written = toml::from_str(&text).map_err(|error| wrong(first_line(&error)))?;
        let vault = written.vault.parse().map_err(|error| wrong(format!("vault: {error}")))?;
        let mut volumes: Vec<VolumeAt> = Vec::new();
        for one in written.volume {
            let id = one.id.parse().map_err(|error| wrong(format!("volume id: {error}")))?;
            volumes.push(VolumeAt { id, path: one.path });
        }
        Ok(Self { file: file.to_owned(), vault, catalog: written.catalog, volumes })
    }

    /// Where the catalog is.
    pub fn catalog(&self) -> PathBuf {
        self.absolute(&self.catalog)
    }

    /// Where a volume is expected.
    pub fn path_of(&self, volume: &VolumeAt) -> PathBuf {
        self.absolute(&volume.path)
    }

    /// Notes where a volume is; one of that id moves there.
    pub fn put(&mut self, id: VolumeId, path: &Path) {
        self.volumes.retain(|volume| volume.id != id);
        self.volumes.push(VolumeAt { id, path: path.to_owned() });
    }

    /// Where each volume stands.
    pub fn paths(&self) -> impl Iterator<Item = PathBuf> {
        self.volumes.iter().map(|volume| self.absolute(&volume.path))
    }

    /// Relative paths count from the file's folder.
    fn absolute(&self, path: &Path) -> PathBuf {
        folder_of(&self.file).join(path)
    }

    /// Writes the file; the old one or the new one is there, whole, whatever happens.
    pub fn save(&self) -> Result<(), VaultFileError> {
        let (disk, name) = self.place()?;
        self.write_as(&disk, &name)
    }

    /// Writes the file of a new vault; refuses when there is one. A cut leaves it whole or not at all:
    /// half a file would be in the way of every later try.
    pub fn save_new(&self) -> Result<(), VaultFileError> {
        let exists = || VaultFileError::Exists { path: self.file.clone() };
        if self.file.symlink_metadata().is_ok() {
            return Err(exists());
        }
        let (disk, name) = self.place()?;
        let whole = format!("{name}.new");
        self.write_as(&disk, &whole)?;
        let linked = std::fs::hard_link(self.file.with_file_name(&whole), &self.file);
        let removed = durable::remove_file(&disk, &whole);
        match linked {
            Ok(()) => removed.map(drop).map_err(|error| self.failed(error.source)),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Err(exists()),
            // Not every file system knows links: then whoever makes two vaults at once is not told.
            Err(_) => self.write_as(&disk, &name),
        }
    }

    fn failed(&self, source: std::io::Error) -> VaultFileError {
        VaultFileError::Write { path: self.file.clone(), source }
    }

    /// The folder that it is in, and its name there.
    fn place(&self) -> Result<(FsDisk, String), VaultFileError> {
        let name = self.file.file_name().and_then(|name| name.to_str());
        let name = name.ok_or_else(|| self.failed(std::io::ErrorKind::InvalidFilename.into()))?;
        let folder = FsDisk::plain_folder(&folder_of(&self.file));
        Ok((folder.map_err(|source| self.failed(source))?, name.to_owned()))
    }

    fn write_as(&self, disk: &FsDisk, name: &str) -> Result<(), VaultFileError> {
        let put = durable::replace_file(disk, name, self.text().as_bytes());
        put.map_err(|error| self.failed(error.source))
    }

    fn text(&self) -> String {
        let written = Written {
            vault: self.vault.to_string(),
            catalog: self.catalog.clone(),
            volume: self
                .volumes
                .iter()
                .map(|v| WrittenVolume { id: v.id.to_string(), path: v.path.clone() })
                .collect(),
        };
        let toml = toml::to_string(&written).expect("paths were checked to be text");
        format!("# Which vault this is and where its parts are. Holds no secret.\n{toml}")
    }
}

/// The folder of a file, also of one named without any.
pub fn folder_of(file: &Path) -> PathBuf {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

fn first_line(error: &toml::de::Error) -> String {
    error.message().lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_vaults_file_reads_back_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("home.toml");
        let mut config = VaultFile::new(&file, VaultId([7; 16]));
        config.put(VolumeId([1; 16]), Path::new("/mnt/disk1"));
        config.put(VolumeId([2; 16]), Path::new("disk2"));
        config.save_new().unwrap();
        assert_eq!(VaultFile::load(&file).unwrap(), config);
        assert_eq!(config.path_of(&config.volumes[1]), folder.path().join("disk2"));
        assert!(matches!(config.save_new(), Err(VaultFileError::Exists { .. })));
        config.put(VolumeId([1; 16]), Path::new("/mnt/disk3"));
        config.save().unwrap();
        assert_eq!(VaultFile::load(&file).unwrap(), config);
        assert_eq!(config.volumes.len(), 2);
    }

    #[test]
    fn a_key_that_means_nothing_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("home.toml");
        let mut config = VaultFile::new(&file, VaultId([7; 16]));
        config.put(VolumeId([1; 16]), Path::new("/mnt/disk1"));
        config.save_new().unwrap();
        let text = config.text().replace("catalog =", "catalogue =");
        File::create(&file).unwrap().write_all(text.as_bytes()).unwrap();
        let said = VaultFile::load(&file).unwrap_err().to_string();
        assert!(said.contains("catalogue"), "{said}");
    }
}
