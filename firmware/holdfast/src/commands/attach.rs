//! `holdfast vault attach`: the vault's file written anew, from its disks and the words.
//!
//! Reads the volumes and writes nothing to them; a file that is there is kept. Start at [`run`].

use std::path::{Path, PathBuf};

use host::VaultFile;
use serde_json::json;

use super::rescue::open;
use crate::Result;
use crate::args::Rescue;
use crate::config::storable;
use crate::session::{Context, Done, vault_file};

/// Writes the file.
pub(super) fn run(context: &Context, dirs: &[PathBuf]) -> Result<Done> {
    let file = vault_file(&context.global)?;
    if file.symlink_metadata().is_ok() {
        return Err(host::VaultFileError::Exists { path: file.to_owned() }.into());
    }
    let volumes: Vec<PathBuf> = dirs.iter().map(|dir| storable(dir)).collect::<Result<_>>()?;
    let vault = open(context, &Rescue { volumes, to: None, snapshot: None, list: false })?;
    let mut config = VaultFile::new(file, vault.id());
    let known = vault.volumes()?;
    for volume in known.iter().filter(|volume| !volume.path.is_empty()) {
        config.put(volume.id, Path::new(&volume.path));
    }
    config.save_new()?;
    let out = &context.out;
    out.line(format_args!("vault {}", config.vault));
    for volume in &config.volumes {
        out.line(format_args!("volume {} at {}", volume.id, config.path_of(volume).display()));
    }
    for volume in known.iter().filter(|volume| volume.path.is_empty()) {
        out.warn(format_args!(
            "volume {} belongs to the vault and is not here: attach it, and write the file once more",
            volume.id
        ));
    }
    out.line(format_args!("vault file {}", config.file.display()));
    let listed: Vec<_> = config
        .volumes
        .iter()
        .map(|one| json!({ "id": one.id.to_string(), "path": config.path_of(one) }))
        .collect();
    out.document(&json!({
        "vault": config.vault.to_string(),
        "vault_file": config.file,
        "volumes": listed,
    }));
    Ok(Done::imperfect_if(config.volumes.len() < known.len()))
}
