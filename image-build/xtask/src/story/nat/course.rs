//! What happens to the two boxes: they meet, packs go, either is killed, the line is cut.
//!
//! After each kill everything that the owner counts is looked for at the host, with its bytes compared
//! with its name. Start at [`Course::meet`], then [`Course::bring`].

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use super::super::Facts;
use super::super::canaries::Found;
use super::net::{Home, Net};
use super::peers::Peer;
use super::sealed::{Sealed, everything};
use crate::{Outcome, files};

/// What each promises: more than any run brings.
const PROMISED: u64 = 100 << 30;
/// Kills on the way, in full and in the test command.
const KILLS: (u64, u64) = (5, 3);
/// Seconds for which the line is cut, in full and in the test command.
const CUT: (u64, u64) = (40, 12);

/// Both boxes on their way.
pub(super) struct Course<'s> {
    net: &'s Net,
    owner: Peer,
    host: Peer,
    sealed: &'s Sealed,
    /// Bodies that came to processes of the host that are no more.
    came_before: u64,
    checked: u64,
    hosts_killed: u64,
}

/// What was counted on the way.
#[derive(Debug, Default)]
pub(super) struct Figures {
    /// Bytes of packs that came to the host, as its federation counts them.
    pub(super) came: u64,
    /// Bytes that came into its home, with everything around the packs.
    pub(super) wire: u64,
    /// Packs that counted at a kill and were found whole, added up.
    pub(super) checked: u64,
    /// How often it was the host that was killed.
    pub(super) hosts_killed: u64,
}

impl<'s> Course<'s> {
    pub(super) fn new(net: &'s Net, owner: Peer, host: Peer, sealed: &'s Sealed) -> Self {
        Self { net, owner, host, sealed, came_before: 0, checked: 0, hosts_killed: 0 }
    }

    /// They are started where only the relay is reached, and become friends through it; then nothing
    /// stands between them any more but their routers.
    pub(super) fn meet(&mut self, facts: &mut Facts) -> Outcome<()> {
        self.net.let_meet(false)?;
        self.owner.start(self.net)?;
        self.host.start(self.net)?;
        for peer in [&mut self.owner, &mut self.host] {
            peer.ask("wait address https 60")?;
        }
        let ticket = self.owner.ask(&format!("invite {PROMISED}"))?.of("ticket")?.to_owned();
        self.host.ask(&format!("accept {ticket}"))?;
        self.owner.ask("confirm 60")?;
        for peer in [&mut self.owner, &mut self.host] {
            peer.ask("paired 60")?;
        }
        let began = files::now();
        self.host.ask("wait path relay 60")?;
        facts.add("relay_first", true);
        facts.add_time("until_relayed", began.elapsed());
        self.net.let_meet(true)
    }

    /// All packs go from one to the other.
    pub(super) fn bring(&mut self, whole: bool, facts: &mut Facts) -> Outcome<Figures> {
        let of = |pair: (u64, u64)| if whole { pair.0 } else { pair.1 };
        let (kills, cut) = (of(KILLS), Duration::from_secs(of(CUT)));
        let began = files::now();
        let wire_before = self.net.came(Home::Host)?;
        self.owner.ask("want all")?;
        let mut killed = Vec::new();
        for number in 1..=kills {
            killed.push(self.kill_at(number, kills)?);
            if number == kills / 2 + 1 {
                self.cut(cut)?;
                facts.add_time("cut", cut);
            }
        }
        facts.add("killed", killed.join(","));
        let packs = self.sealed.packs;
        self.owner.ask(&format!("wait held {packs} 180"))?;
        facts.add_time("brought", began.elapsed());
        let counted = self.check()?;
        if counted != packs {
            return Err(format!("{counted} of {packs} packs are at the host in the end"));
        }
        self.host.ask("wait path direct 90")?;
        facts.add("direct_in_the_end", true);
        let kept = self.host.ask("figures")?;
        let (held, kept_packs) = (self.owner.ask("figures")?.number("held")?, kept.number("kept")?);
        if held != kept_packs {
            return Err(format!("the owner counts {held} packs, the host {kept_packs}"));
        }
        Ok(Figures {
            came: self.came_before + kept.number("came")?,
            wire: self.net.came(Home::Host)? - wire_before,
            checked: self.checked,
            hosts_killed: self.hosts_killed,
        })
    }

    /// Kills one of the two at a random moment of its part of the way, looks at what counts, and starts
    /// it again. Says which it was, and at how many bytes.
    fn kill_at(&mut self, number: u64, of: u64) -> Outcome<String> {
        let mut random = [0];
        blake3::Hasher::new()
            .update(&std::process::id().to_le_bytes())
            .update(&number.to_le_bytes())
            .finalize_xof()
            .fill(&mut random);
        // Somewhere in the middle four fifths of that part.
        let part = self.sealed.bytes / (of + 1);
        let at = part * (number - 1) + part / 10 + part * 4 / 5 * u64::from(random[0]) / 255;
        // By turns, so that each side is hit in every run.
        let turn = u64::from(std::process::id()) + number;
        let victim = if turn.is_multiple_of(2) { Home::Owner } else { Home::Host };
        let here = at.saturating_sub(self.came_before);
        let seen = self.host.ask(&format!("wait came {here} 150"))?;
        if victim == Home::Host {
            self.host.kill()?;
            self.hosts_killed += 1;
            self.came_before += seen.number("came")?;
            self.check()?;
            self.host.start(self.net)?;
        } else {
            self.owner.kill()?;
            self.owner.start(self.net)?;
            self.check()?;
            self.owner.ask("want all")?;
        }
        Ok(format!("{victim:?}@{at}"))
    }

    fn cut(&mut self, span: Duration) -> Outcome<()> {
        self.net.line(Home::Host, false)?;
        thread::sleep(span);
        self.net.line(Home::Host, true)
    }

    /// Everything that the owner counts is at the host, under its name, with the bytes of that name.
    /// Returns how many packs that are.
    fn check(&mut self) -> Outcome<u64> {
        let list = self.owner.folder.with_extension("held");
        self.owner.ask(&format!("held {}", list.display()))?;
        let there = kept_packs(&self.host.folder);
        let mut counted = 0;
        for name in files::text(&list)?.lines() {
            let path = there.get(name).ok_or_else(|| format!("{name} counts and is not there"))?;
            let mut hasher = blake3::Hasher::new();
            let read = File::open(path).and_then(|file| hasher.update_reader(file).map(drop));
            read.map_err(|error| format!("{}: {error}", path.display()))?;
            if hasher.finalize().to_hex().as_str() != name {
                return Err(format!("{name} counts and has other bytes at the host"));
            }
            counted += 1;
        }
        self.checked += counted;
        Ok(counted)
    }

    /// One more pack, made of these bytes as they are: what a box that does not seal would send.
    pub(super) fn bring_one_more(&mut self, file: &Path) -> Outcome<()> {
        let bytes = fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
        let name = blake3::hash(&bytes).to_hex();
        files::put(&self.owner.folder.join("packs").join(name.as_str()), &bytes)?;
        self.owner.ask("want all")?;
        self.owner.ask(&format!("wait held {} 60", self.sealed.packs + 1))?;
        self.host.stop()?;
        self.owner.stop()
    }

    /// Everything in the host's folder, what is half there too.
    pub(super) fn search_host(&self, sealed: &Sealed) -> Outcome<Found> {
        sealed.search(everything(&self.host.folder)?)
    }
}

/// Packs that a box keeps for friends, by name.
fn kept_packs(folder: &Path) -> BTreeMap<String, PathBuf> {
    let mut found = BTreeMap::new();
    for path in files::all_files(folder) {
        let is_kept = path.components().any(|part| part.as_os_str() == "friends")
            && path.components().any(|part| part.as_os_str() == "packs")
            && path.extension().is_some_and(|ending| ending == "pack");
        if let Some(name) = path.file_stem().filter(|_| is_kept) {
            found.insert(name.to_string_lossy().into_owned(), path.clone());
        }
    }
    found
}
