//! Another Debian in a folder: unpacked by `mmdebstrap` from the mirror that this machine's apt uses,
//! with signatures checked.
//!
//! Nothing of it is mounted or run here. Start at [`unpack`].

use std::path::Path;
use std::time::Duration;

use crate::cmd::Cmd;
use crate::say::say;
use crate::{Outcome, files, setup};

/// Deadline of fetching and unpacking.
const LIMIT: Duration = Duration::from_secs(3600);

/// How much of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Variant {
    /// What the packages need, unpacked and not set up.
    Extract,
    /// A small system, set up, into which packages can be installed.
    Small,
}

impl Variant {
    fn name(self) -> &'static str {
        match self {
            Self::Extract => "extract",
            Self::Small => "minbase",
        }
    }
}

/// Makes `root` anew with these packages (names with commas between) of a release.
pub(crate) fn unpack(root: &Path, release: &str, variant: Variant, packages: &str) -> Outcome<()> {
    let keyring = setup::for_unpacking(release)?;
    files::remove(root)?;
    let settings = root.with_extension("apt.conf");
    files::put(&settings, network_settings()?.as_bytes())?;
    say(format!("Unpacking from Debian {release} into {}: {packages}", root.display()));
    let made = Cmd::new("mmdebstrap")
        .arg(format!("--variant={}", variant.name()))
        .arg("--format=directory")
        .arg(format!("--include={packages}"))
        .arg(format!("--keyring={}", keyring.display()))
        .arg(format!("--aptopt={}", settings.display()))
        .arg(release)
        .arg(root)
        .arg(mirror()?)
        .limit(LIMIT)
        .kept()?;
    files::remove(&settings)?;
    made.ok().map(drop)
}

/// The mirror that this machine's apt takes Debian from.
fn mirror() -> Outcome<String> {
    let ask = || Cmd::new("apt-get").args(["indextargets", "Created-By: Packages"]).kept()?.ok();
    if let Some(found) = mirror_in(&ask()?.stdout) {
        return Ok(found);
    }
    // The lists of a fresh machine are empty, and then apt does not know who signs what.
    Cmd::new("apt-get").arg("update").limit(LIMIT).kept()?.ok()?;
    let found = mirror_in(&ask()?.stdout);
    found.ok_or_else(|| "this machine's apt names no mirror of Debian".to_owned())
}

/// Of paragraphs about indexes, the address of the first that is Debian's own, and not its updates.
fn mirror_in(targets: &str) -> Option<String> {
    let value = |paragraph: &str, field: &str| {
        let line = paragraph.lines().find_map(|line| line.strip_prefix(field));
        line.map(|rest| rest.trim().to_owned())
    };
    targets.split("\n\n").find_map(|paragraph| {
        let is = |field, wanted: &str| value(paragraph, field).is_some_and(|is| is == wanted);
        let plain = value(paragraph, "Codename:").is_some_and(|name| !name.contains('-'));
        let debian = is("Origin:", "Debian") && is("Label:", "Debian") && is("Component:", "main");
        if debian && plain { value(paragraph, "Repo-URI:") } else { None }
    })
}

/// What this machine's apt was told about its way to the network, as settings for another apt.
fn network_settings() -> Outcome<String> {
    let dump = Cmd::new("apt-config").args(["dump", "--no-empty", "Acquire"]).kept()?.ok()?;
    let wanted = |line: &&str| {
        let line = line.to_ascii_lowercase();
        line.starts_with("acquire::http") && line.contains("::proxy")
    };
    Ok(dump.stdout.lines().filter(wanted).map(|line| format!("{line}\n")).collect())
}

#[test]
fn the_mirror_is_the_one_of_debian_itself_and_not_of_its_updates_or_of_others() {
    let paragraph = |origin: &str, codename: &str, component: &str, uri: &str| {
        format!(
            "MetaKey: x\nCodename: {codename}\nLabel: {origin}\nOrigin: {origin}\n\
             Component: {component}\nRepo-URI: {uri}\n"
        )
    };
    let other = paragraph("Another", "one", "main", "http://one/");
    let updates = paragraph("Debian", "one-updates", "main", "http://two/");
    let unfree = paragraph("Debian", "one", "contrib", "http://three/");
    let right = paragraph("Debian", "one", "main", "http://four/");
    let all = [other.clone(), updates, unfree, right].join("\n");
    assert_eq!(mirror_in(&all).as_deref(), Some("http://four/"));
    assert_eq!(mirror_in(&other), None);
}
