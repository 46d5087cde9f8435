//! The real program: builds it, and calls it as a person would.
//!
//! The build is static, because the same file is copied to every volume as the rescue program and
//! has to run on any Linux computer. Start reading at [`build`], then [`Vault`].

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use crate::cmd::{Cmd, Ended};
use crate::say::say;
use crate::{Outcome, files, repo};

/// Deadline of the release build from nothing, on a slow computer.
const BUILD_LIMIT: Duration = Duration::from_secs(30 * 60);

/// Builds `holdfast` for release as one static file and says where it stands. A program that was
/// built elsewhere can be named in `HOLDFAST_PROGRAM`, for example the one of a release.
pub(crate) fn build() -> Outcome<PathBuf> {
    if let Some(program) = std::env::var_os("HOLDFAST_PROGRAM") {
        say(format!("Using {}, as HOLDFAST_PROGRAM says", program.display()));
        return Ok(program.into());
    }
    static_build(&["holdfast"]).and_then(|folder| built(&folder, "holdfast"))
}

/// The folder with these programs: beside the one that was named, or built as [`static_build`] does.
pub(crate) fn programs(packages: &[&str]) -> Outcome<PathBuf> {
    match std::env::var_os("HOLDFAST_PROGRAM").map(PathBuf::from) {
        Some(program) => Ok(program.parent().map(Path::to_path_buf).unwrap_or_default()),
        None => static_build(packages),
    }
}

/// Builds these programs for release, each as one static file; the folder they stand in.
pub(crate) fn static_build(packages: &[&str]) -> Outcome<PathBuf> {
    let triple = host_triple()?;
    let mut cmd = Cmd::new("cargo").args(["build", "--release", "--target", &triple]);
    for package in packages {
        cmd = cmd.args(["--package", package]);
    }
    cmd.env("RUSTFLAGS", "-C target-feature=+crt-static")
        .dir(&repo::root())
        .limit(BUILD_LIMIT)
        .shown()?
        .ok()?;
    Ok(repo::target().join(triple).join("release"))
}

/// A program that a build left in its folder.
pub(crate) fn built(folder: &Path, name: &str) -> Outcome<PathBuf> {
    let program = folder.join(name);
    if program.is_file() {
        Ok(program)
    } else {
        Err(format!("the build left no {}", program.display()))
    }
}

/// The kind of computer that builds, as `rustc` names it.
pub(crate) fn host_triple() -> Outcome<String> {
    let said = Cmd::new("rustc").arg("-vV").dir(&repo::root()).kept()?.ok()?;
    let line = said.stdout.lines().find_map(|line| line.strip_prefix("host: "));
    line.map(str::to_owned).ok_or_else(|| "rustc does not name its host".to_owned())
}

/// A vault as a person at the terminal has it: a program, a vault file and a sheet of words.
#[derive(Clone, Debug)]
pub(crate) struct Vault {
    /// The program.
    pub program: PathBuf,
    /// The small file that lists the volumes.
    pub file: PathBuf,
    /// The recovery kit.
    pub kit: PathBuf,
}

impl Vault {
    /// A vault that will stand in this folder.
    pub(crate) fn new(program: &Path, folder: &Path) -> Self {
        Self {
            program: program.to_path_buf(),
            file: folder.join("vault.toml"),
            kit: folder.join("kit.txt"),
        }
    }

    /// The program with the vault and the words named in its environment.
    pub(crate) fn call(&self, words: &[&str]) -> Cmd {
        Cmd::new(&self.program)
            .args(words)
            .env("HOLDFAST_VAULT", &self.file)
            .env("HOLDFAST_WORDS_FILE", &self.kit)
    }

    /// Creates it on these volumes.
    pub(crate) fn create(&self, volumes: &[&Path], copies: u32) -> Cmd {
        let mut cmd = self.call(&["vault", "create"]);
        for volume in volumes {
            cmd = cmd.arg("--volume").arg(volume);
        }
        cmd.args(["--copies", &copies.to_string(), "--kit-out"]).arg(&self.kit)
    }

    /// Runs a command with `--json` and reads the one document it prints.
    pub(crate) fn ask(&self, words: &[&str]) -> Outcome<Value> {
        let ended = self.call(words).arg("--json").kept()?.ok()?;
        document(&ended)
    }

    /// The id of the volume that stands at this path.
    pub(crate) fn volume_at(&self, path: &Path) -> Outcome<String> {
        let list = self.ask(&["volume", "list"])?;
        let volumes = list["volumes"].as_array().cloned().unwrap_or_default();
        let here = path.to_string_lossy();
        let found = volumes.iter().find(|volume| {
            volume["path"].as_str().is_some_and(|at| Path::new(at).starts_with(&*here))
        });
        let id = found.map(|volume| &volume["id"]);
        match id {
            Some(Value::String(id)) => Ok(id.clone()),
            Some(Value::Number(id)) => Ok(id.to_string()),
            _ => Err(format!("`volume list --json` names no volume at {here}")),
        }
    }

    /// How many snapshots there are.
    pub(crate) fn snapshots(&self) -> Outcome<usize> {
        let list = self.ask(&["snapshots"])?;
        let snapshots = list["snapshots"].as_array();
        snapshots.map(Vec::len).ok_or_else(|| "`snapshots --json` has no list".to_owned())
    }

    /// Where the catalog stands, as the vault file says.
    pub(crate) fn catalog(&self) -> Outcome<PathBuf> {
        let text = files::text(&self.file)?;
        let table: toml::Table = text
            .parse()
            .map_err(|error| format!("{} cannot be read: {error}", self.file.display()))?;
        let path = table.get("catalog").and_then(toml::Value::as_str);
        let path = path.ok_or_else(|| format!("{} names no catalog", self.file.display()))?;
        let folder = self.file.parent().expect("the vault file stands in a folder");
        Ok(folder.join(path))
    }
}

/// The JSON document that a program printed.
pub(crate) fn document(ended: &Ended) -> Outcome<Value> {
    serde_json::from_str(ended.stdout.trim())
        .map_err(|error| format!("`{}` did not print one JSON document: {error}", ended.what))
}

/// Sealed packs of one kind (`data` or `meta`) on a volume, sorted by path.
pub(crate) fn packs(volume: &Path, kind: &str) -> Vec<PathBuf> {
    let mut found = files::all_files(volume);
    found.retain(|path| {
        let below = path.strip_prefix(volume).unwrap_or(path);
        path.extension().is_some_and(|ending| ending == "pack")
            && below.components().any(|part| part.as_os_str() == kind)
    });
    found
}
