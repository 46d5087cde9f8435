//! Story `nat`: two boxes behind two NATs become friends by way of a relay, and one keeps the other's packs
//! through kills and a cut line; whoever listens in the middle or takes the host's disk reads nothing.
//!
//! The networks are namespaces ([`net`]), the boxes real federations on real volumes (`tests/peer`), the
//! relay is iroh's own (`tests/relay`), the packs were sealed by the product and hold ten thousand words.
//! Beside each zero stands the same search where sealing was left out. Needs root. Start at [`story`].

mod course;
mod net;
mod options;
mod peers;
mod sealed;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use self::course::{Course, Figures};
use self::net::{Home, Net};
use self::options::Options;
use self::peers::{Beside, Peer};
use self::sealed::Sealed;
use super::{Facts, Story, StoryDir};
use crate::cmd::Cmd;
use crate::{Outcome, files, repo, setup};

/// Its line in the list of stories.
pub(super) const STORY: Story = Story {
    name: "nat",
    about: "two boxes behind two NATs find each other; killed and cut off on the way, each pack arrives once",
    in_test: false,
    run: story,
};

/// Tells it.
fn story(dir: &StoryDir) -> Outcome<Facts> {
    let options = Options::read(&dir.options)?;
    let mut facts = Facts::default();
    setup::for_nat()?;
    if let Some(why) = net::unable() {
        facts.add("skipped", why);
        return Ok(facts);
    }
    let programs = build()?;
    facts.add("seed", options.seed);
    let sealed = Sealed::make(dir, options.bytes)?;
    facts.add("packs", sealed.packs);
    facts.add("bytes", sealed.bytes);
    facts.add("canaries", sealed.canaries() as u64);
    let net = Net::build()?;
    let _relay = Beside::relay(&net, &programs, &dir.path)?;
    let captured = dir.path.join("middle.pcap");
    let mut ear = Beside::eavesdropper(&net, &captured)?;
    let mbit = options.mbit();
    let owner = Peer::new(Home::Owner, sealed.owner.clone(), &programs, mbit);
    let host = Peer::new(Home::Host, dir.path.join("host"), &programs, mbit);
    let mut course = Course::new(&net, owner, host, &sealed);
    course.meet(&mut facts)?;
    let figures = course.bring(&options, &mut facts)?;
    arrived_once(&figures, &sealed, &mut facts)?;
    ear.finish()?;
    unread(&sealed, &captured, &course, &mut facts)?;
    plainly(dir, &net, &sealed, &mut course, &mut facts)?;
    files::remove(&captured)?;
    Ok(facts)
}

/// The programs of the story, which the product does not have; the folder they stand in. One with programs
/// that were built elsewhere can be named in `HOLDFAST_PEERS`.
fn build() -> Outcome<PathBuf> {
    if let Some(folder) = std::env::var_os("HOLDFAST_PEERS") {
        return Ok(folder.into());
    }
    // With the whole workspace's choice of features: what the tests have built is built.
    let build = Cmd::new("cargo").args(["build", "--quiet", "--workspace", "--features"]);
    let build = build.args(["relay/server", "--bin", "peer", "--bin", "relay"]);
    build.dir(&repo::root()).limit(Duration::from_secs(3600)).shown()?.ok()?;
    Ok(repo::target().join("debug"))
}

/// One part in so many may come twice.
const TWICE_AT_MOST: u64 = 100;

/// No more than one part in a hundred came twice.
fn arrived_once(figures: &Figures, sealed: &Sealed, facts: &mut Facts) -> Outcome<()> {
    let twice = figures.came.saturating_sub(sealed.bytes + sealed.proofs);
    facts.add("body_bytes", figures.came);
    facts.add("proof_bytes", sealed.proofs);
    facts.add("body_bytes_beyond", twice);
    facts.add("sent_bytes", figures.sent);
    facts.add("wire_bytes", figures.wire);
    facts.add("counted_and_checked", figures.checked);
    if figures.checked == 0 {
        return Err("no pack counted at any kill, so the kills showed nothing".to_owned());
    }
    let most = sealed.bytes / TWICE_AT_MOST;
    facts.add("body_bytes_beyond_most", most);
    if twice > most {
        let (bytes, line) = (sealed.bytes, facts.line());
        return Err(format!("{twice} bytes of {bytes} came twice, {most} may: {line}"));
    }
    Ok(())
}

/// Neither what went through the middle nor what the host keeps shows a word.
fn unread(sealed: &Sealed, captured: &Path, course: &Course<'_>, facts: &mut Facts) -> Outcome<()> {
    let heard = sealed.search(opened(captured)?)?;
    facts.add("captured_bytes", heard.bytes);
    facts.add("captured_found", heard.words.len() as u64);
    if heard.bytes < sealed.bytes {
        return Err(format!("only {} bytes were captured, less than the packs", heard.bytes));
    }
    let kept = course.search_host(sealed)?;
    facts.add("host_bytes", kept.bytes);
    facts.add("host_found", kept.words.len() as u64);
    if let Some(word) = heard.words.iter().chain(&kept.words).next() {
        return Err(format!("{word} stands in the middle or at the host, to be read"));
    }
    // One word alone in a copy of either is enough to be found.
    let scratch = captured.with_extension("scratch");
    for (of, name) in [(captured.to_path_buf(), "captured"), (course.a_kept_pack()?, "host")] {
        let found = sealed.search_spoilt(&of, &scratch)?;
        facts.add(&format!("spoilt_{name}_found"), found);
        if found != 1 {
            return Err(format!("one plain word in a copy of {}: {found} found", of.display()));
        }
    }
    files::remove(&scratch)
}

fn opened(path: &Path) -> Outcome<File> {
    File::open(path).map_err(|error| format!("{}: {error}", path.display()))
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
    // What the kernel hands over late is still written down; what never comes is told.
    let mut heard = 0;
    let all = peers::until("the plain words were not all heard", || {
        heard = sealed.search(opened(&captured)?)?.words.len();
        Ok((heard >= sealed.canaries()).then_some(()))
    });
    ear.finish()?;
    facts.add("plain_captured_found", heard as u64);
    all?;
    if kept < sealed.canaries() {
        let all = sealed.canaries();
        return Err(format!("of {all} plain words {kept} were found at the host"));
    }
    Ok(())
}
