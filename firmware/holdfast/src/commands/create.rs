//! `holdfast vault create`: the words first, then the volumes, then the vault's file.
//!
//! What was begun is taken back when a later step fails, so that the same command can be tried
//! again; what cannot be taken back is named. A folder that was there before is never removed.
//! Start at [`run`].

use std::ops::Range;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use host::VaultFile;
use nix::unistd::geteuid;
use seal::Words;
use serde_json::json;
use vault::{CreateSpec, Vault};
use volume::{Disk, FsDisk};
use zeroize::Zeroizing;

use crate::Result;
use crate::args::Create;
use crate::config::storable;
use crate::fail::CliError;
use crate::out::Out;
use crate::session::{Context, Done, options, vault_file};
use crate::{kit, secrets};

/// The folder that a volume is within the folder that the owner names.
const VOLUME_FOLDER: &str = "holdfast";

/// Debian's numbers for users that are no people. A person's folder is theirs to write in with `sudo`.
const USERS_OF_SERVICES: Range<u32> = 1..1_000;

/// What was made so far, to be taken back if the rest fails.
#[derive(Debug, Default)]
struct Made {
    folders: Vec<PathBuf>,
    files: Vec<PathBuf>,
}

/// Makes a vault.
pub(super) fn run(context: &Context, args: &Create) -> Result<Done> {
    let file = vault_file(&context.global)?;
    if file.symlink_metadata().is_ok() {
        return Err(host::VaultFileError::Exists { path: file.to_owned() }.into());
    }
    must_be_readable_later(&host::folder_of(file))?;
    let dirs: Vec<PathBuf> = args.volumes.iter().map(|dir| storable(dir)).collect::<Result<_>>()?;
    if context.global.words_file.is_some() {
        let what = "a new vault draws words of its own: --words-file has no place here".to_owned();
        return Err(CliError::Usage { what });
    }
    // Who names a password's file means to use it.
    let password = if args.with_password || context.global.password_file.is_some() {
        Some(secrets::new_password(&context.global, &context.out)?)
    } else {
        None
    };
    let mut made = Made::default();
    match make(file, &dirs, args, password, &mut made) {
        Ok(config) => {
            warn_of_shared_disks(&context.out, &dirs);
            tell(context, args, &config);
            Ok(Done::Clean)
        }
        Err(error) => Err(take_back(made, error)),
    }
}

/// A box runs as its own user, and could not read what root made for it.
fn must_be_readable_later(folder: &Path) -> Result<()> {
    let user = folder.metadata().map_or(0, |meta| meta.uid());
    if geteuid().is_root() && USERS_OF_SERVICES.contains(&user) {
        return Err(CliError::AnotherUsers { folder: folder.to_owned(), user });
    }
    Ok(())
}

fn make(
    file: &Path,
    dirs: &[PathBuf],
    args: &Create,
    password: Option<Zeroizing<Vec<u8>>>,
    made: &mut Made,
) -> Result<VaultFile> {
    let mut disks: Vec<Arc<dyn Disk>> = Vec::new();
    for dir in dirs {
        disks.push(Arc::new(prepare(dir, made)?));
    }
    let env = host::env();
    let words = Words::generate(&*env.rng);
    kit::hand_over(&words, args.kit_out.as_deref())?;
    made.files.extend(args.kit_out.clone());
    // The catalog's name follows from the file's; the id is not known yet.
    let catalog = VaultFile::new(file, types::VaultId::default()).catalog();
    if catalog.symlink_metadata().is_err() {
        let mut guard = catalog.clone().into_os_string();
        guard.push(".guard");
        made.files.extend([catalog.clone(), guard.into()]);
    }
    let spec = CreateSpec {
        disks,
        copies: copies(args),
        words: &words,
        password: password.as_ref().map(|password| password.as_slice()),
    };
    let vault = Vault::create(env, options(Some(catalog)), spec)?;
    let mut config = VaultFile::new(file, vault.id());
    for volume in vault.volumes()? {
        config.put(volume.id, Path::new(&volume.path));
    }
    vault.close()?;
    config.save_new()?;
    Ok(config)
}

/// Says so when folders lie on one file system: what is promised to be on two disks is then on one.
pub(super) fn warn_of_shared_disks(out: &Out, dirs: &[PathBuf]) {
    let device = |dir: &PathBuf| dir.metadata().ok().map(|meta| meta.dev());
    for (n, dir) in dirs.iter().enumerate() {
        let twin = dirs[..n].iter().find(|other| device(other) == device(dir));
        if let Some(twin) = twin {
            let (dir, twin) = (dir.display(), twin.display());
            out.warn(format_args!(
                "{dir} and {twin} are on the same file system: when that disk dies, both are gone"
            ));
        }
    }
}

/// Makes the volume's folder in a folder that must be there: a disk that is not mounted has none.
pub(super) fn prepare_folder(dir: &Path) -> Result<(FsDisk, Option<PathBuf>)> {
    let folder = dir.join(VOLUME_FOLDER);
    let is_new = folder.symlink_metadata().is_err();
    let disk = FsDisk::create(dir, None)?;
    Ok((disk, is_new.then_some(folder)))
}

fn prepare(dir: &Path, made: &mut Made) -> Result<FsDisk> {
    let (disk, new) = prepare_folder(dir)?;
    made.folders.extend(new);
    Ok(disk)
}

fn copies(args: &Create) -> u8 {
    args.copies.unwrap_or(if args.volumes.len() == 1 { 1 } else { 2 })
}

/// Removes what was made, newest first.
fn take_back(made: Made, cause: CliError) -> CliError {
    let mut left = Vec::new();
    for folder in made.folders.iter().rev() {
        if std::fs::remove_dir_all(folder).is_err() && folder.symlink_metadata().is_ok() {
            left.push(folder.display().to_string());
        }
    }
    for file in made.files.iter().rev() {
        if std::fs::remove_file(file).is_err() && file.symlink_metadata().is_ok() {
            left.push(file.display().to_string());
        }
    }
    if left.is_empty() {
        return cause;
    }
    CliError::HalfCreated { left: left.join(", "), source: Box::new(cause) }
}

fn tell(context: &Context, args: &Create, config: &VaultFile) {
    let out = &context.out;
    let (copies, count) = (copies(args), config.volumes.len());
    out.line(format_args!("vault {}", config.vault));
    for volume in &config.volumes {
        out.line(format_args!("volume {} at {}", volume.id, config.path_of(volume).display()));
    }
    out.line(format_args!("vault file {}", config.file.display()));
    if let Some(kit) = &args.kit_out {
        out.line(format_args!(
            "recovery kit {}: 24 words, keep them away from here",
            kit.display()
        ));
    }
    match (copies, count) {
        (1, _) => {
            out.line(
                "Each piece is kept on one disk only: when that disk dies, what is on it is gone.",
            );
        }
        (copies, count) if usize::from(copies) > count => out.warn(format_args!(
            "each piece is to be kept on {copies} disks and there are {count}: add disks"
        )),
        (copies, count) => {
            out.line(format_args!("Each piece is kept on {copies} of {count} disks."));
        }
    }
    let volumes: Vec<_> = config
        .volumes
        .iter()
        .map(|v| json!({ "id": v.id.to_string(), "path": config.path_of(v) }))
        .collect();
    out.document(&json!({
        "vault": config.vault.to_string(),
        "vault_file": config.file,
        "kit_file": args.kit_out,
        "copies": copies,
        "volumes": volumes,
    }));
}
