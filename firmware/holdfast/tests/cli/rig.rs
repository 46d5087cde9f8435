//! A vault on folders, and the program to call on it. The only place here that starts programs.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A place for a vault, with the environment that every call gets.
pub(crate) struct Rig {
    pub(crate) dir: TempDir,
}

/// What a call came to.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
    what: String,
}

#[expect(clippy::disallowed_methods, reason = "the one place of these tests that starts programs")]
pub(crate) fn program(name: impl AsRef<OsStr>) -> Command {
    Command::new(name)
}

impl Rig {
    /// Folders `disk1` to `diskN`, and nothing in them.
    pub(crate) fn empty(disks: usize) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for disk in 1..=disks {
            fs::create_dir(dir.path().join(format!("disk{disk}"))).unwrap();
        }
        Self { dir }
    }

    /// A vault on `disks` folders.
    pub(crate) fn vault(disks: usize) -> Self {
        let rig = Self::empty(disks);
        rig.create(disks).ok();
        rig
    }

    /// A vault on two folders with one backup of [`Rig::tree`].
    pub(crate) fn filled(disks: usize) -> Self {
        let rig = Self::vault(disks);
        rig.make_tree();
        rig.run(&["backup", "tree", "--source", "docs"]).ok();
        rig
    }

    pub(crate) fn create(&self, disks: usize) -> Ran {
        let mut args = vec!["vault".to_owned(), "create".to_owned()];
        for disk in 1..=disks {
            args.extend(["--volume".to_owned(), format!("disk{disk}")]);
        }
        args.extend(["--kit-out".to_owned(), "kit.txt".to_owned()]);
        self.run(&args)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The call before it is made: in the rig's folder, with its vault and words named.
    pub(crate) fn call(&self, args: &[impl AsRef<OsStr>]) -> Command {
        let mut command = program(env!("CARGO_BIN_EXE_holdfast"));
        command
            .args(args)
            .current_dir(self.dir.path())
            .env_remove("HOLDFAST_PASSWORD_FILE")
            .env("HOLDFAST_BOX", self.path("box.sock"))
            .env("HOLDFAST_VAULT", self.path("home.toml"))
            .env("HOLDFAST_WORDS_FILE", self.path("kit.txt"))
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, args: &[impl AsRef<OsStr>]) -> Ran {
        ran(&mut self.call(args))
    }

    /// The JSON document of a call that succeeds.
    pub(crate) fn ask(&self, args: &[&str]) -> Value {
        let mut args = args.to_vec();
        args.push("--json");
        self.run(&args).ok().json()
    }

    /// A small tree with everything odd that any user may have.
    pub(crate) fn make_tree(&self) {
        let tree = self.path("tree");
        fs::create_dir_all(tree.join("sub/empty")).unwrap();
        put(&tree.join("hello.txt"), b"hello\n");
        put(&tree.join("big.bin"), &noise(3_000_000, 1));
        put(&tree.join("sub/deep.txt"), &b"deep ".repeat(10_000));
        fs::set_permissions(tree.join("sub/deep.txt"), fs::Permissions::from_mode(0o640)).unwrap();
        symlink("../hello.txt", tree.join("sub/link")).unwrap();
        fs::hard_link(tree.join("hello.txt"), tree.join("sub/hard")).unwrap();
        let odd = OsStr::new(std::str::from_utf8(b"tab\there").unwrap());
        put(&tree.join(odd), b"odd");
    }

    /// Restores the newest version of `docs` and compares it with the tree, by the program itself
    /// and by nothing else than the standard library.
    pub(crate) fn everything_restores(&self) {
        let to = tempfile::tempdir_in(self.dir.path()).unwrap();
        let target = to.path().join("out");
        let args =
            [OsStr::new("restore"), "latest:docs".as_ref(), "--to".as_ref(), target.as_os_str()];
        self.run(&args).ok();
        self.is_the_tree(&target);
    }

    pub(crate) fn is_the_tree(&self, restored: &Path) {
        let tree = self.path("tree");
        for name in ["hello.txt", "big.bin", "sub/deep.txt", "tab\there", "sub/hard"] {
            assert_eq!(fs::read(tree.join(name)).unwrap(), fs::read(restored.join(name)).unwrap());
        }
        let args = [OsStr::new("compare"), tree.as_os_str(), restored.as_os_str()];
        self.run(&args).ok();
    }

    /// Files below a folder with this ending, sorted.
    pub(crate) fn files(&self, folder: &str, ending: &str) -> Vec<PathBuf> {
        testkit::files::below(&self.path(folder), ending)
    }

    /// Replaces part of the vault's file.
    pub(crate) fn change_vault_file(&self, from: &str, to: &str) {
        let file = self.path("home.toml");
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.contains(from), "{from:?} is not in {text}");
        put(&file, text.replace(from, to).as_bytes());
    }

    /// The id of the volume at a folder.
    pub(crate) fn volume_at(&self, folder: &str) -> String {
        let list = self.ask(&["volume", "list"]);
        let path = self.path(folder);
        let volumes = list["volumes"].as_array().unwrap();
        let found = volumes.iter().find(|one| one["path"].as_str() == path.to_str());
        found.unwrap_or_else(|| panic!("{folder} is not in {list}"))["id"].as_str().unwrap().into()
    }
}

/// Runs a call to its end.
pub(crate) fn ran(command: &mut Command) -> Ran {
    let what = format!("{command:?}");
    let Output { status, stdout, stderr } = command.output().unwrap();
    let stderr = String::from_utf8(stderr).unwrap();
    Ran { code: status.code(), stdout, stderr, what }
}

impl Ran {
    /// It ended well.
    pub(crate) fn ok(self) -> Self {
        self.ended(0)
    }

    pub(crate) fn ended(self, code: i32) -> Self {
        let text = String::from_utf8_lossy(&self.stdout);
        assert_eq!(self.code, Some(code), "{}\n{text}{}", self.what, self.stderr);
        self
    }

    /// It failed with one sentence that holds all of `parts`, and a piece of advice.
    pub(crate) fn failed(self, code: i32, parts: &[&str]) -> Self {
        let ran = self.ended(code);
        let errors: Vec<_> =
            ran.stderr.lines().filter(|line| line.starts_with("error: ")).collect();
        assert_eq!(errors.len(), 1, "{}: {}", ran.what, ran.stderr);
        for part in parts {
            assert!(ran.stderr.contains(part), "{part:?} is not in: {}", ran.stderr);
        }
        let advice = ran.stderr.lines().last().unwrap_or_default();
        assert!(advice.starts_with("  do: ") && advice.len() > 15, "{}", ran.stderr);
        ran
    }

    /// It said something on standard error.
    pub(crate) fn saying(self, part: &str) -> Self {
        assert!(self.stderr.contains(part), "{part:?} is not in: {}", self.stderr);
        self
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.stdout.clone()).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.stdout).unwrap()
    }
}

/// Writes a file; its own function because the standard one is not durable and so not allowed.
pub(crate) fn put(path: &Path, bytes: &[u8]) {
    use std::io::Write;
    fs::File::create(path).unwrap().write_all(bytes).unwrap();
}

/// Bytes that no compressor shortens, the same for the same seed.
pub(crate) fn noise(len: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..len).map(|_| next()).collect()
}

/// Changes a byte in the middle of a file.
pub(crate) fn corrupt(file: &Path) {
    let mut bytes = fs::read(file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x55;
    put(file, &bytes);
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test pulls a disk; nothing here has to be durable"
)]
pub(crate) fn rename(from: &Path, to: &Path) {
    fs::rename(from, to).unwrap();
}
