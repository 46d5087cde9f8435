//! The vault's file: which vault, where its catalog and its volumes are. No secrets.
//!
//! It is a convenience: the volumes know everything themselves, and a lost file can be typed
//! again. It is replaced whole and durably. Start at [`Config::load`].

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use types::{VaultId, VolumeId};
use volume::{FsDisk, durable};

use crate::fail::CliError;

/// A vault's file is never longer than this: a vault has at most some dozen volumes.
const LEN_MAX: u64 = 1 << 20;

/// The vault's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Config {
    /// Where it is.
    pub(crate) file: PathBuf,
    pub(crate) vault: VaultId,
    /// As it is written; see [`Self::absolute`].
    catalog: PathBuf,
    pub(crate) volumes: Vec<VolumeAt>,
}

/// A volume and the folder it is expected in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VolumeAt {
    pub(crate) id: VolumeId,
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

impl Config {
    /// The file of a new vault; the catalog lies beside it.
    pub(crate) fn new(file: &Path, vault: VaultId) -> Self {
        let mut catalog = file.file_stem().unwrap_or_default().to_owned();
        catalog.push(".catalog");
        Self { file: file.to_owned(), vault, catalog: catalog.into(), volumes: Vec::new() }
    }

    /// Reads a vault's file.
    pub(crate) fn load(file: &Path) -> Result<Self, CliError> {
        let mut text = String::new();
        File::open(file)
            .and_then(|opened| opened.take(LEN_MAX).read_to_string(&mut text))
            .map_err(|source| CliError::VaultFile { path: file.to_owned(), source })?;
        let wrong = |what: String| CliError::VaultFileContent { path: file.to_owned(), what };
        let written: Written = toml::from_str(&text).map_err(|error| wrong(first_line(&error)))?;
        let vault = written.vault.parse().map_err(|error| wrong(format!("vault: {error}")))?;
        let mut volumes: Vec<VolumeAt> = Vec::new();
        for one in written.volume {
            let id = one.id.parse().map_err(|error| wrong(format!("volume id: {error}")))?;
            volumes.push(VolumeAt { id, path: one.path });
        }
        if volumes.is_empty() {
            return Err(wrong("it lists no volume".to_owned()));
        }
        Ok(Self { file: file.to_owned(), vault, catalog: written.catalog, volumes })
    }

    /// Where the catalog is.
    pub(crate) fn catalog(&self) -> PathBuf {
        self.absolute(&self.catalog)
    }

    /// Where a volume is expected.
    pub(crate) fn path_of(&self, volume: &VolumeAt) -> PathBuf {
        self.absolute(&volume.path)
    }

    /// Notes where a volume is; one of that id moves there.
    pub(crate) fn put(&mut self, id: VolumeId, path: &Path) {
        self.volumes.retain(|volume| volume.id != id);
        self.volumes.push(VolumeAt { id, path: path.to_owned() });
    }

    /// Where each volume stands.
    pub(crate) fn paths(&self) -> impl Iterator<Item = PathBuf> {
        self.volumes.iter().map(|volume| self.absolute(&volume.path))
    }

    /// Relative paths count from the file's folder.
    fn absolute(&self, path: &Path) -> PathBuf {
        folder_of(&self.file).join(path)
    }

    /// Writes the file; the old one or the new one is there, whole, whatever happens.
    pub(crate) fn save(&self) -> Result<(), CliError> {
        let text = self.text();
        let failed = |source| CliError::VaultFileWrite { path: self.file.clone(), source };
        let (Some(name), folder) = (self.file.file_name(), folder_of(&self.file)) else {
            return Err(failed(std::io::ErrorKind::InvalidFilename.into()));
        };
        let name = name.to_str().ok_or_else(|| failed(std::io::ErrorKind::InvalidFilename.into()));
        let disk = FsDisk::plain_folder(&folder).map_err(failed)?;
        durable::replace_file(&disk, name?, text.as_bytes()).map_err(|error| failed(error.source))
    }

    /// Writes the file of a new vault; refuses when there is one.
    pub(crate) fn save_new(&self) -> Result<(), CliError> {
        let made = OpenOptions::new().write(true).create_new(true).open(&self.file);
        let failed = |source| CliError::VaultFileWrite { path: self.file.clone(), source };
        let mut file = match made {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                return Err(CliError::VaultFileExists { path: self.file.clone() });
            }
            other => other.map_err(failed)?,
        };
        file.write_all(self.text().as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
        File::open(folder_of(&self.file)).and_then(|folder| folder.sync_all()).map_err(failed)
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

/// A path that stays right wherever the program is called from, and can stand in the file.
pub(crate) fn storable(path: &Path) -> Result<PathBuf, CliError> {
    let absolute = std::path::absolute(path)
        .map_err(|source| CliError::Input { path: path.to_owned(), source })?;
    if absolute.to_str().is_none() {
        let what = format!("the path {} is not text", path.display());
        return Err(CliError::Usage { what });
    }
    Ok(absolute)
}

/// The folder of a file, also of one named without any.
pub(crate) fn folder_of(file: &Path) -> PathBuf {
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
    use super::*;

    #[test]
    fn a_vaults_file_reads_back_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("home.toml");
        let mut config = Config::new(&file, VaultId([7; 16]));
        config.put(VolumeId([1; 16]), Path::new("/mnt/disk1"));
        config.put(VolumeId([2; 16]), Path::new("disk2"));
        config.save_new().unwrap();
        assert_eq!(Config::load(&file).unwrap(), config);
        assert_eq!(config.path_of(&config.volumes[1]), folder.path().join("disk2"));
        assert!(matches!(config.save_new(), Err(CliError::VaultFileExists { .. })));
        config.put(VolumeId([1; 16]), Path::new("/mnt/disk3"));
        config.save().unwrap();
        assert_eq!(Config::load(&file).unwrap(), config);
        assert_eq!(config.volumes.len(), 2);
    }

    #[test]
    fn a_key_that_means_nothing_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("home.toml");
        let mut config = Config::new(&file, VaultId([7; 16]));
        config.put(VolumeId([1; 16]), Path::new("/mnt/disk1"));
        config.save_new().unwrap();
        let text = config.text().replace("catalog =", "catalogue =");
        File::create(&file).unwrap().write_all(text.as_bytes()).unwrap();
        let said = Config::load(&file).unwrap_err().to_string();
        assert!(said.contains("catalogue"), "{said}");
    }
}
