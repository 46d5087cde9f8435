//! Opening the vault that the owner named: its file, its volumes, its secret; and closing it.
//!
//! A volume that is not there is named and the others go on. Commands that only read are given
//! disks that cannot be written. Start at [`Session::open`].

use std::path::{Path, PathBuf};
use std::sync::Arc;

use host::{VaultFile, VolumeAt};
use types::{SpaceId, VolumeId};
use vault::{Access, Found, OpenReport, Options, Vault};
use volume::{Disk, FsDisk};

use crate::args::Global;
use crate::fail::CliError;
use crate::out::Out;
use crate::readonly::ReadOnly;
use crate::secrets::Supplied;

/// Fewer digits of an id than this are a slip, not a name.
const ID_DIGITS_MIN: usize = 4;

/// What a command is given.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) global: Global,
    pub(crate) out: Out,
}

/// How well a command went that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum Done {
    /// Everything was done.
    Clean,
    /// Done, but something was skipped or damaged, and listed.
    Imperfect,
}

impl Done {
    /// Imperfect if there was `anything`.
    pub(crate) fn imperfect_if(anything: bool) -> Self {
        if anything { Self::Imperfect } else { Self::Clean }
    }
}

/// An open vault and its file.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) vault: Vault,
    pub(crate) config: VaultFile,
}

impl Session {
    /// Opens the vault of `--vault`, and says on standard error what is odd about it.
    pub(crate) fn open(context: &Context, access: Access) -> Result<Self, CliError> {
        Self::open_with(context, access, None)
    }

    /// Opens it with one more volume, that its file does not list yet.
    pub(crate) fn open_with(
        context: &Context,
        access: Access,
        more: Option<(&Path, Arc<dyn Disk>)>,
    ) -> Result<Self, CliError> {
        let config = load(&context.global)?;
        let (mut disks, missing) = host::attach(&config, |disk| guarded(disk, access));
        let listed = |dir: &Path| config.volumes.iter().any(|at| config.path_of(at) == dir);
        disks.extend(more.filter(|(dir, _)| !listed(dir)).map(|(_, disk)| disk));
        let out = &context.out;
        let missing: Vec<String> = missing
            .iter()
            .map(|one| format!("{}; volume {} is missing", one.why, one.id.short()))
            .collect();
        if disks.is_empty() {
            let detail: String = missing.iter().map(|text| format!("\n  {text}")).collect();
            return Err(CliError::NothingThere { detail });
        }
        for text in &missing {
            out.warn(format_args!("{text} and the others go on without it"));
        }
        let secret = Supplied::load(&context.global, out)?;
        let options = options(Some(config.catalog()));
        let opened = Vault::open(
            host::env(),
            options,
            access,
            disks,
            Some(config.vault),
            secret.as_secrets(),
        );
        let (vault, report) = opened?;
        tell(&report, out);
        for volume in vault.volumes()?.iter().filter(|one| one.state == "absent") {
            if !config.volumes.iter().any(|at| at.id == volume.id) {
                out.warn(format_args!(
                    "volume {} belongs to the vault, but its file does not say where it is",
                    volume.id.short()
                ));
            }
        }
        Ok(Self { vault, config })
    }

    /// Runs a command on the open vault and closes it, whatever came of it.
    pub(crate) fn run(
        context: &Context,
        access: Access,
        work: impl FnOnce(&mut Self) -> Result<Done, CliError>,
    ) -> Result<Done, CliError> {
        Self::open(context, access)?.finish(work)
    }

    /// Does the work and closes the vault, whatever came of it.
    pub(crate) fn finish(
        mut self,
        work: impl FnOnce(&mut Self) -> Result<Done, CliError>,
    ) -> Result<Done, CliError> {
        let result = work(&mut self);
        let closed = self.vault.close();
        let done = result?;
        closed?;
        Ok(done)
    }

    /// The space that was named, if one was.
    pub(crate) fn space(&self, context: &Context) -> Result<Option<SpaceId>, CliError> {
        let Some(name) = &context.global.space else { return Ok(None) };
        let missing = || vault::VaultError::NotFound { what: "space", name: name.clone() };
        Ok(Some(self.vault.space_named(name).ok_or_else(missing)?))
    }

    /// The snapshot that was named, in the space that was.
    pub(crate) fn snapshot(&self, context: &Context, name: &str) -> Result<Found, CliError> {
        Ok(self.vault.find_snapshot_in(self.space(context)?, name)?)
    }

    /// Where a volume is, or was.
    pub(crate) fn path_of(&self, id: VolumeId) -> Option<PathBuf> {
        let volume = self.config.volumes.iter().find(|volume| volume.id == id)?;
        Some(self.config.path_of(volume))
    }

    /// The volume that an argument means: an id, a unique front of one, or a path.
    pub(crate) fn volume_named(&self, name: &std::ffi::OsStr) -> Result<VolumeId, CliError> {
        let mut known: Vec<VolumeId> = self.vault.volumes()?.iter().map(|one| one.id).collect();
        known.extend(self.config.volumes.iter().map(|one| one.id));
        known.sort_unstable();
        known.dedup();
        let shown = name.to_string_lossy().into_owned();
        let wanted = shown.to_ascii_lowercase();
        let hits: Vec<_> = known.iter().filter(|id| id.to_string().starts_with(&wanted)).collect();
        match hits.as_slice() {
            [one] if wanted.len() >= ID_DIGITS_MIN => return Ok(**one),
            [_, _, ..] if !wanted.is_empty() => {
                return Err(CliError::AmbiguousVolume { name: shown, count: hits.len() });
            }
            _ => {}
        }
        let same = |at: &&VolumeAt| same_folder(&self.config.path_of(at), Path::new(name));
        let found = self.config.volumes.iter().find(same).map(|volume| volume.id);
        found.ok_or(CliError::NoSuchVolume { name: shown })
    }
}

/// The file that `--vault` or `HOLDFAST_VAULT` names.
pub(crate) fn vault_file(global: &Global) -> Result<&Path, CliError> {
    let named = global.vault.as_deref().filter(|path| !path.as_os_str().is_empty());
    named.ok_or(CliError::NoVaultNamed)
}

/// Reads the vault's file.
pub(crate) fn load(global: &Global) -> Result<VaultFile, CliError> {
    Ok(VaultFile::load(vault_file(global)?)?)
}

/// How this program opens any vault.
pub(crate) fn options(catalog: Option<PathBuf>) -> Options {
    host::options(catalog, std::env::current_exe().ok())
}

/// A disk that cannot be written when nothing is to be written.
pub(crate) fn guarded(disk: FsDisk, access: Access) -> Arc<dyn Disk> {
    match access {
        Access::ReadWrite => Arc::new(disk),
        Access::ReadOnly => Arc::new(ReadOnly::new(disk)),
    }
}

/// Says what opening found.
pub(crate) fn tell(report: &OpenReport, out: &Out) {
    for finding in &report.findings {
        out.warn(finding);
    }
    if let Some(why) = &report.catalog_discarded {
        out.warn(format_args!("the catalog was made anew from the packs: {why}"));
    }
    if report.recovered_packs > 0 {
        out.warn(format_args!(
            "the last run did not end in order; {} sealed now",
            crate::show::count(report.recovered_packs as u64, "unfinished pack")
        ));
    }
    if !report.missing_packs.is_empty() {
        out.warn(format_args!(
            "{} on no volume that is here; `holdfast check` lists what is lost with it",
            crate::show::count(report.missing_packs.len() as u64, "pack")
        ));
    }
}

/// Whether two paths lead to one folder; a folder that is gone is told by its name.
fn same_folder(one: &Path, other: &Path) -> bool {
    let real = |path: &Path| {
        path.canonicalize().or_else(|_| std::path::absolute(path)).unwrap_or(path.to_owned())
    };
    real(one) == real(other)
}
