//! The programs that Holdfast is measured beside, and how they come onto this machine.
//!
//! restic and borg come from Debian trixie: `mmdebstrap` unpacks them with all they need into a
//! folder of their own, from the mirror that this machine's apt uses, with signatures checked.
//! Nothing is mounted and no root is changed to run them: the loader of that folder is called with
//! its own libraries, so that what is measured is the program alone. rustic is built by cargo from
//! the registry, with its own lock file. restic of this machine's Debian comes from apt.
//! Everything is made once, under `target/peers`. Start reading at [`find`].

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::cmd::{self, Cmd};
use crate::debian::{self, Variant};
use crate::say::say;
use crate::{Outcome, files, repo, setup};

/// The Debian release whose restic and borg are the peers.
const RELEASE: &str = "trixie";
/// What is unpacked from it.
const PACKAGES: &str = "restic,borgbackup";
/// The version of rustic, from the registry of Rust.
const RUSTIC: &str = "rustic-rs@0.11.4";
/// Deadline of fetching or building a peer.
const LIMIT: Duration = Duration::from_secs(3600);

/// How a program is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// restic's command line.
    Restic,
    /// borg's.
    Borg,
    /// rustic's.
    Rustic,
}

/// A program that can be run here.
#[derive(Clone, Debug)]
pub(crate) struct Peer {
    /// Its name in tables.
    pub name: &'static str,
    /// Whose command line it has.
    pub kind: Kind,
    /// What it says of itself.
    pub version: String,
    words: Vec<OsString>,
    env: Vec<(&'static str, OsString)>,
}

impl Peer {
    /// The program, ready for its arguments.
    pub(crate) fn cmd(&self) -> Cmd {
        let mut cmd = Cmd::new(&self.words[0]).args(&self.words[1..]);
        for (name, value) in &self.env {
            cmd = cmd.env(name, value);
        }
        cmd
    }

    fn asked(mut self, how: &str) -> Outcome<Self> {
        let said = self.cmd().arg(how).kept()?.ok()?.stdout;
        said.lines().next().unwrap_or("").trim().clone_into(&mut self.version);
        Ok(self)
    }
}

/// The names that `--peers` knows, and what each is.
pub(crate) const KNOWN: &[(&str, &str)] = &[
    ("restic", "of Debian trixie"),
    ("borg", "of Debian trixie"),
    ("rustic", "of the registry of Rust"),
    ("restic-bookworm", "of this machine's own Debian"),
];

/// Finds these peers, or brings them here first.
pub(crate) fn find(names: &[String]) -> Outcome<Vec<Peer>> {
    names.iter().map(|name| one(name)).collect()
}

fn one(name: &str) -> Outcome<Peer> {
    let peer = |name, kind, words, env| Peer { name, kind, version: String::new(), words, env };
    match name {
        "restic" => {
            let root = trixie()?;
            let words = loaded(&root, &root.join("usr/bin/restic"))?;
            peer("restic", Kind::Restic, words, Vec::new()).asked("version")
        }
        "borg" => {
            let root = trixie()?;
            let mut words = loaded(&root, &root.join("usr/bin/python3"))?;
            words.push(root.join("usr/bin/borg").into());
            peer("borg", Kind::Borg, words, python(&root)).asked("--version")
        }
        "rustic" => {
            peer("rustic", Kind::Rustic, vec![rustic()?.into()], Vec::new()).asked("--version")
        }
        "restic-bookworm" => {
            if !setup::for_peer("restic")? {
                return Err("restic is not here, and apt-get could not bring it".to_owned());
            }
            let words = vec!["restic".into()];
            peer("restic-bookworm", Kind::Restic, words, Vec::new()).asked("version")
        }
        _ => {
            let names: Vec<&str> = KNOWN.iter().map(|(name, _)| *name).collect();
            Err(format!("there is no peer {name}; known are {}", names.join(", ")))
        }
    }
}

/// restic and its server, of Debian trixie: the words of each, without arguments.
pub(super) fn restic_and_server() -> Outcome<(Peer, Vec<OsString>)> {
    let root = unpacked("trixie-rest", "restic,restic-rest-server", |_| Ok(()))?;
    let (restic, env) = (loaded(&root, &root.join("usr/bin/restic"))?, Vec::new());
    let peer =
        Peer { name: "restic", kind: Kind::Restic, version: String::new(), words: restic, env };
    let server = files::all_files(&root.join("usr/bin"));
    let server = server.iter().find(|path| path.to_string_lossy().ends_with("rest-server"));
    let server = server.ok_or_else(|| "the package has no rest-server".to_owned())?;
    Ok((peer.asked("version")?, loaded(&root, server)?))
}

/// nginx of Debian trixie: the words that start it, and its version.
pub(super) fn nginx() -> Outcome<(Vec<OsString>, String)> {
    let root = unpacked("trixie-nginx", "nginx", |_| Ok(()))?;
    let words = loaded(&root, &root.join("usr/sbin/nginx"))?;
    let told = Cmd::new(&words[0]).args(&words[1..]).arg("-v").kept()?.ok()?;
    let version = told.stderr.lines().find_map(|line| line.split_once("nginx/"));
    Ok((words, version.map_or(String::new(), |(_, version)| version.trim().to_owned())))
}

/// The folder with trixie's programs, unpacked when it is not there yet.
fn trixie() -> Outcome<PathBuf> {
    unpacked(RELEASE, PACKAGES, compile)
}

/// A folder with these packages of trixie and all they need, unpacked when it is not there yet.
fn unpacked(
    name: &str,
    packages: &str,
    set_up: impl FnOnce(&Path) -> Outcome<()>,
) -> Outcome<PathBuf> {
    let root = repo::target().join("peers").join(name);
    let stamp = root.with_extension("stamp");
    if files::text(&stamp).is_ok_and(|found| found == packages) {
        return Ok(root);
    }
    files::remove(&stamp)?;
    files::folder(&repo::target().join("peers"))?;
    debian::unpack(&root, RELEASE, Variant::Extract, packages)?;
    set_up(&root)?;
    files::put(&stamp, packages.as_bytes())?;
    Ok(root)
}

/// What makes that folder's Python use that folder's modules and no others.
fn python(root: &Path) -> Vec<(&'static str, OsString)> {
    vec![("PYTHONHOME", root.join("usr").into()), ("PYTHONNOUSERSITE", "1".into())]
}

/// Python's modules are compiled as Debian's installer would do: unpacking alone does not, and borg
/// would be measured while it compiles.
fn compile(root: &Path) -> Outcome<()> {
    let words = loaded(root, &root.join("usr/bin/python3"))?;
    let mut cmd = Cmd::new(&words[0]).args(&words[1..]).args(["-m", "compileall", "-q"]);
    for (name, value) in python(root) {
        cmd = cmd.env(name, value);
    }
    // A module that cannot be compiled (a test of the compiler, say) is not one that borg needs.
    cmd.arg(root.join("usr/lib")).limit(LIMIT).kept()?.wants(&[0, 1]).map(drop)
}

/// A program of another root, called through that root's loader with that root's libraries.
fn loaded(root: &Path, program: &Path) -> Outcome<Vec<OsString>> {
    let named = |path: &PathBuf| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("ld-linux"))
    };
    let mut places = files::all_files(&root.join("usr/lib64"));
    places.extend(files::all_files(&root.join("usr/lib")));
    let loader = places.into_iter().find(named);
    let loader = loader.ok_or_else(|| format!("{} has no loader", root.display()))?;
    let libraries = std::fs::read_dir(root.join("usr/lib"))
        .map_err(|error| format!("cannot list {}: {error}", root.display()))?
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.join("libc.so.6").is_file());
    let libraries = libraries.ok_or_else(|| format!("{} has no libc", root.display()))?;
    Ok(vec![loader.into(), "--library-path".into(), libraries.into(), program.into()])
}

/// rustic, built when it is not there yet.
fn rustic() -> Outcome<PathBuf> {
    let root = repo::target().join("peers").join("rustic");
    let (program, stamp) = (root.join("bin/rustic"), root.join("version.txt"));
    if program.is_file() && files::text(&stamp).is_ok_and(|found| found == RUSTIC) {
        return Ok(program);
    }
    if !cmd::has("cargo") {
        return Err("rustic needs cargo, which is not here".to_owned());
    }
    say(format!("Building {RUSTIC} into {}; this takes some minutes", root.display()));
    Cmd::new("cargo")
        .args(["install", "--quiet", "--locked", "--no-default-features", RUSTIC, "--root"])
        .arg(&root)
        .env("CARGO_TARGET_DIR", root.join("build"))
        .limit(LIMIT)
        .kept()?
        .ok()?;
    files::remove(&root.join("build"))?;
    files::put(&stamp, RUSTIC.as_bytes())?;
    Ok(program)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_that_nobody_knows_is_refused_with_the_names_of_those_known() {
        let refused = find(&["tar".to_owned()]).unwrap_err();
        assert!(refused.contains("tar") && refused.contains("borg"), "{refused}");
    }
}
