//! `cargo xtask deb`: the Debian package that runs the box on any Debian with disks of its own.
//!
//! Three static programs, their units and settings, and the scripts that make the box's user. What is
//! in it stands in `image-build/deb`; this module puts it where Debian wants it and calls
//! `dpkg-deb`. It installs nothing. Start at [`build`].

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::cmd::Cmd;
use crate::say::say;
use crate::{Outcome, files, product, repo, setup};

/// The package's name.
pub(crate) const PACKAGE: &str = "holdfast";
/// Where the box's unit stands on an installed system.
pub(crate) const UNIT: &str = "usr/lib/systemd/system/holdfast.service";
/// Where that of its helper stands.
pub(crate) const HANDS_UNIT: &str = "usr/lib/systemd/system/holdfast-hands.service";
/// Each program, and where it stands.
const PROGRAMS: [(&str, &str); 3] = [
    ("holdfast", "usr/bin/holdfast"),
    ("holdfastd", "usr/sbin/holdfastd"),
    ("holdfast-hands", "usr/libexec/holdfast/holdfast-hands"),
];
/// Each file beside them, and where it stands.
const FILES: [(&str, &str); 4] = [
    ("holdfast.service", UNIT),
    ("holdfast-hands.service", HANDS_UNIT),
    ("holdfastd.toml", "etc/holdfast/holdfastd.toml"),
    ("hands.toml", "etc/holdfast/hands.toml"),
];
/// The scripts that Debian runs around installing and removing.
const SCRIPTS: [&str; 3] = ["postinst", "prerm", "postrm"];

/// The command.
pub(crate) fn command(arguments: &[String]) -> Outcome<()> {
    if !arguments.is_empty() {
        return Err("it takes no options".to_owned());
    }
    let package = build()?;
    say(format!("{}\nInstall it with: apt-get install {0}", package.display()));
    Ok(())
}

/// Builds the package and says where it stands.
pub(crate) fn build() -> Outcome<PathBuf> {
    setup::for_deb()?;
    let programs = product::static_build(&PROGRAMS.map(|(name, _)| name))?;
    let root = repo::target().join("deb").join("root");
    files::fresh(&root)?;
    let sources = repo::root().join("image-build/deb");
    for (name, place) in PROGRAMS {
        put(&product::built(&programs, name)?, &root.join(place), 0o755)?;
        // Two thirds of a program that says where it failed; kept beside the build.
        Cmd::new("strip").arg("--strip-debug").arg(root.join(place)).kept()?.ok()?;
    }
    for (name, place) in FILES {
        put(&sources.join(name), &root.join(place), 0o644)?;
    }
    for name in ["LICENSE-MIT", "LICENSE-APACHE", "README.md", "CHANGELOG.md"] {
        let to = root.join("usr/share/doc").join(PACKAGE).join(name);
        put(&repo::root().join(name), &to, 0o644)?;
    }
    let control = root.join("DEBIAN");
    for name in SCRIPTS {
        put(&sources.join(name), &control.join(name), 0o755)?;
    }
    let settings = FILES.iter().filter(|(_, place)| place.starts_with("etc/"));
    let list: String = settings.map(|(_, place)| format!("/{place}\n")).collect();
    files::put(&control.join("conffiles"), list.as_bytes())?;
    let arch = Cmd::new("dpkg").arg("--print-architecture").kept()?.ok()?;
    let arch = arch.stdout.trim();
    let version = env!("CARGO_PKG_VERSION");
    let text = control_file(version, arch, files::count(&root).1 >> 10);
    files::put(&control.join("control"), text.as_bytes())?;
    let package = repo::target().join("deb").join(format!("{PACKAGE}_{version}_{arch}.deb"));
    Cmd::new("dpkg-deb")
        .args(["--build", "--root-owner-group", "-Zxz"])
        .arg(&root)
        .arg(&package)
        .kept()?
        .ok()?;
    Ok(package)
}

/// What Debian wants to know. `size` in KiB.
fn control_file(version: &str, arch: &str, size: u64) -> String {
    format!(
        "Package: {PACKAGE}\n\
         Version: {version}\n\
         Architecture: {arch}\n\
         Maintainer: The Holdfast project\n\
         Installed-Size: {size}\n\
         Depends: adduser, e2fsprogs, mount\n\
         Recommends: smartmontools, hdparm\n\
         Section: admin\n\
         Priority: optional\n\
         Description: home backup box: every version, on two or more disks of any size\n \
         Keeps what computers send, deduplicated and encrypted, on as many disks as there are\n \
         to be copies, and mends one disk from the others. Any one disk and the 24 words of the\n \
         recovery kit are enough to read what is on it.\n"
    )
}

fn put(from: &Path, to: &Path, mode: u32) -> Outcome<()> {
    let folder = to.parent().unwrap_or(to);
    files::folder(folder)?;
    let copied = std::fs::copy(from, to)
        .and_then(|_| std::fs::set_permissions(to, PermissionsExt::from_mode(mode)));
    copied.map_err(|error| format!("cannot copy {} to {}: {error}", from.display(), to.display()))
}

#[test]
fn what_debian_is_told_has_every_field_that_it_demands_and_ends_its_paragraph() {
    let text = control_file("1.2.3", "amd64", 7);
    for field in ["Package", "Version", "Architecture", "Maintainer", "Description"] {
        assert!(text.lines().any(|line| line.starts_with(&format!("{field}: "))), "{field}");
    }
    let more = text.lines().skip_while(|line| !line.starts_with("Description")).skip(1);
    assert!(more.clone().count() > 0 && more.clone().all(|line| line.starts_with(' ')), "{text}");
    assert!(text.ends_with('\n'));
}
