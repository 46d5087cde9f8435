//! Story `nat`: two boxes behind two NATs become friends by way of a relay, and one keeps the other's packs
//! through kills and a cut line; whoever listens in the middle or takes the host's disk reads nothing.
//!
//! The networks are namespaces ([`net`]), the boxes real federations on real volumes (`tests/peer`), the
//! relay is iroh's own (`tests/relay`), the packs were sealed by the product and hold ten thousand words.
//! Beside each zero stands the same search where sealing was left out. Needs root. Start at [`story`].

mod course;
mod net;
mod peers;
mod sealed;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use self::course::{Course, Figures};
use self::net::{Home, Net};
use self::peers::{Beside, Peer};
use self::sealed::Sealed;
use super::{Facts, Story, StoryDir};
use crate::cmd::Cmd;
use crate::{Outcome, files, repo, setup};

/// MiB of packs in the short form, and how fast they may go: a good line out of a house.
const MIB: u64 = 64;
const MBIT: u32 = 40;
/// With so many MiB or more it goes as fast as this, and everything is done in full.
const WHOLE_MIB: u64 = 1024;
const WHOLE_MBIT: u32 = 200;

/// Its line in the list of stories.
pub(super) const STORY: Story = Story {
    name: "nat",
    about: "two boxes behind two NATs find each other; killed and cut off on the way, each pack arrives once",
    // It passed with the owner killed three times; with the host killed it has not been seen to end in time.
    in_test: false,
    run: story,
};

/// Tells it.
fn story(dir: &StoryDir) -> Outcome<Facts> {
    let mib = mib(&dir.options)?;
    let mut facts = Facts::default();
    setup::for_nat()?;
    if let Some(why) = net::unable() {
        facts.add("skipped", why);
        return Ok(facts);
    }
    let programs = build()?;
    let sealed = Sealed::make(dir, mib)?;
    facts.add("packs", sealed.packs);
    facts.add("bytes", sealed.bytes);
    facts.add("canaries", sealed.canaries() as u64);
    let net = Net::build()?;
    let _relay = Beside::relay(&net, &programs, &dir.path)?;
    let captured = dir.path.join("middle.pcap");
    let mut ear = Beside::eavesdropper(&net, &captured)?;
    let mbit = if mib >= WHOLE_MIB { WHOLE_MBIT } else { MBIT };
    let owner = Peer::new(Home::Owner, sealed.owner.clone(), &programs, mbit);
    let host = Peer::new(Home::Host, dir.path.join("host"), &programs, mbit);
    let mut course = Course::new(&net, owner, host, &sealed);
    course.meet(&mut facts)?;
    let figures = course.bring(mib >= WHOLE_MIB, &mut facts)?;
    arrived_once(&figures, &sealed, &mut facts)?;
    ear.finish()?;
    unread(&sealed, &captured, &course, &mut facts)?;
    plainly(dir, &net, &sealed, &mut course, &mut facts)?;
    files::remove(&captured)?;
    Ok(facts)
}

/// `--gib N` and `--mib N`: how much is brought.
fn mib(options: &[String]) -> Outcome<u64> {
    let number = options.get(1).and_then(|word| word.parse::<u64>().ok());
    match (options.first().map(String::as_str), number, options.len()) {
        (None, _, _) => Ok(MIB),
        (Some("--gib"), Some(number @ 1..=64), 2) => Ok(number * 1024),
        (Some("--mib"), Some(number @ 1..=65_536), 2) => Ok(number),
        _ => Err(format!("cannot use {}; it takes --gib N or --mib N", options.join(" "))),
    }
}

/// The programs of the story, which the product does not have; the folder they stand in. One with programs
/// that were built elsewhere can be named in `HOLDFAST_PEERS`.
fn build() -> Outcome<PathBuf> {
    if let Some(folder) = std::env::var_os("HOLDFAST_PEERS") {
        return Ok(folder.into());
    }
    for package in [&["peer"][..], &["relay", "--features", "server"]] {
        let build = Cmd::new("cargo").args(["build", "--quiet", "--package"]).args(package);
        build.dir(&repo::root()).limit(Duration::from_secs(3600)).shown()?.ok()?;
    }
    Ok(repo::target().join("debug"))
}

/// What a host gathers in memory of each pack on its way, and of its stream, is lost with it.
const IN_MEMORY: u64 = 4 * ((256 + 64) << 10);

/// No more than one part in a hundred was sent twice, but for what a killed host had in memory.
fn arrived_once(figures: &Figures, sealed: &Sealed, facts: &mut Facts) -> Outcome<()> {
    let twice = figures.came.saturating_sub(sealed.bytes);
    facts.add("body_bytes", figures.came);
    facts.add("body_bytes_beyond", twice);
    facts.add("wire_bytes", figures.wire);
    facts.add("counted_and_checked", figures.checked);
    if figures.checked == 0 {
        return Err("no pack counted at any kill, so the kills showed nothing".to_owned());
    }
    let most = sealed.bytes / 100 + figures.hosts_killed * IN_MEMORY;
    facts.add("body_bytes_beyond_most", most);
    if twice > most {
        let (bytes, line) = (sealed.bytes, facts.line());
        return Err(format!("{twice} bytes of {bytes} were sent twice, {most} may be: {line}"));
    }
    Ok(())
}

/// Neither what went through the middle nor what the host keeps shows a word.
fn unread(sealed: &Sealed, captured: &Path, course: &Course<'_>, facts: &mut Facts) -> Outcome<()> {
    let open = File::open(captured).map_err(|error| format!("the capture: {error}"))?;
    let heard = sealed.search(open)?;
    facts.add("captured_bytes", heard.bytes);
    facts.add("captured_found", heard.words.len() as u64);
    if heard.bytes < sealed.bytes {
        return Err(format!("only {} bytes were captured, less than the packs", heard.bytes));
    }
    let kept = course.search_host(sealed)?;
    facts.add("host_bytes", kept.bytes);
    facts.add("host_found", kept.words.len() as u64);
    match heard.words.iter().chain(&kept.words).next() {
        Some(word) => Err(format!("{word} stands in the middle or at the host, to be read")),
        None => Ok(()),
    }
}

/// The same two searches where sealing was left out: they have to find every word.
fn plainly(
    dir: &StoryDir,
    net: &Net,
    sealed: &Sealed,
    course: &mut Course<'_>,
    facts: &mut Facts,
) -> Outcome<()> {
    let list = dir.path.join("plain");
    files::put(&list, sealed.list().as_bytes())?;
    course.bring_one_more(&list)?;
    let kept = course.search_host(sealed)?.words.len();
    facts.add("plain_host_found", kept as u64);
    let captured = dir.path.join("plain.pcap");
    let mut ear = Beside::eavesdropper(net, &captured)?;
    let script = format!(
        "for again in 1 2 3; do dd if='{}' bs={} status=none > /dev/udp/198.18.0.12/9; done",
        list.display(),
        sealed::LINE * 30
    );
    net.at(Home::Owner, Cmd::new("bash").args(["-c", &script])).kept()?.ok()?;
    // What the kernel hands over late is still written down.
    thread::sleep(Duration::from_secs(1));
    ear.finish()?;
    let open = File::open(&captured).map_err(|error| format!("the capture: {error}"))?;
    let heard = sealed.search(open)?.words.len();
    facts.add("plain_captured_found", heard as u64);
    if kept < sealed.canaries() || heard < sealed.canaries() {
        return Err(format!(
            "of {} plain words {kept} were found at the host and {heard} in the middle",
            sealed.canaries()
        ));
    }
    Ok(())
}

#[test]
fn how_much_is_brought_is_read_and_nonsense_refused() {
    let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(mib(&[]), Ok(MIB));
    assert_eq!(mib(&words("--gib 1")), Ok(1024));
    assert_eq!(mib(&words("--mib 8")), Ok(8));
    assert!(mib(&words("--gib 0")).is_err());
    assert!(mib(&words("--gib")).is_err());
    assert!(mib(&words("--gib 1 2")).is_err());
}
