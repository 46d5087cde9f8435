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
use super::options::Options;
use super::peers::Peer;
use super::sealed::{Sealed, everything};
use crate::{Outcome, files};

/// What each promises: more than any run brings.
const PROMISED: u64 = 100 << 30;
/// When so many bytes came after a kill, it goes on: more than can have been on its way before.
const GOES_ON: u64 = 6 << 20;
/// Everything has arrived so long after the last kill, on a machine that is busy.
const ARRIVES: u64 = 180;

/// Both boxes on their way.
pub(super) struct Course<'s> {
    net: &'s Net,
    owner: Peer,
    host: Peer,
    sealed: &'s Sealed,
    /// Bodies that came to processes of the host that are no more, and that such of the owner sent.
    came_before: u64,
    /// Bodies that processes of the owner sent which are no more.
    sent_before: u64,
    checked: u64,
}

/// What was counted on the way.
#[derive(Debug, Default)]
pub(super) struct Figures {
    /// Bytes of packs that came to the host, as its federation counts them.
    pub(super) came: u64,
    /// Bytes of packs that the owner gave to its connection, what was lost with it among them.
    pub(super) sent: u64,
    /// Bytes that came into its home, with everything around the packs.
    pub(super) wire: u64,
    /// Packs that counted at a kill and were found whole, added up.
    pub(super) checked: u64,
}

impl<'s> Course<'s> {
    pub(super) fn new(net: &'s Net, owner: Peer, host: Peer, sealed: &'s Sealed) -> Self {
        let (came_before, sent_before, checked) = (0, 0, 0);
        Self { net, owner, host, sealed, came_before, sent_before, checked }
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
    pub(super) fn bring(&mut self, options: &Options, facts: &mut Facts) -> Outcome<Figures> {
        let began = files::now();
        let wire_before = self.net.came(Home::Host)?;
        self.owner.ask("want all")?;
        let mut killed = Vec::new();
        for (number, (victim, at)) in (1..).zip(options.kills_of(self.sealed.bytes)) {
            killed.push(self.kill_at(victim, at)?);
            if number == options.kills / 2 + 1 {
                self.cut(options.cut())?;
                facts.add_time("cut", options.cut());
            }
        }
        facts.add("killed", killed.join(","));
        let packs = self.sealed.packs;
        self.owner.ask(&format!("wait held {packs} {ARRIVES}"))?;
        facts.add_time("brought", began.elapsed());
        let counted = self.check()?;
        if counted != packs {
            return Err(format!("{counted} of {packs} packs are at the host in the end"));
        }
        self.host.ask("wait path direct 90")?;
        facts.add("direct_in_the_end", true);
        let (owner, host) = (self.owner.ask("figures")?, self.host.ask("figures")?);
        let (held, kept) = (owner.number("held")?, host.number("kept")?);
        if held != kept {
            return Err(format!("the owner counts {held} packs, the host {kept}"));
        }
        Ok(Figures {
            came: self.came_before + host.number("came")?,
            sent: self.sent_before + owner.number("sent")?,
            wire: self.net.came(Home::Host)? - wire_before,
            checked: self.checked,
        })
    }

    /// Kills one of the two once so many bytes came, looks at what counts, and starts it again. Says which
    /// it was, at how many bytes, and after how long something came again.
    fn kill_at(&mut self, victim: Home, at: u64) -> Outcome<String> {
        let here = at.saturating_sub(self.came_before);
        let seen = self.host.ask(&format!("wait came {here} 150"))?;
        let began = files::now();
        let from = if victim == Home::Host {
            self.host.kill()?;
            self.came_before += seen.number("came")?;
            self.check()?;
            self.host.start(self.net)?;
            0
        } else {
            let sent = self.owner.ask("figures")?.number("sent")?;
            self.owner.kill()?;
            self.sent_before += sent;
            let stands = self.host.ask("figures")?.number("came")?;
            self.owner.start(self.net)?;
            self.check()?;
            self.owner.ask("want all")?;
            stands
        };
        self.host.ask(&format!("wait came {} 150", from + GOES_ON))?;
        Ok(format!("{victim:?}@{at}:{}ms", began.elapsed().as_millis()))
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

    /// Some pack that the host keeps.
    pub(super) fn a_kept_pack(&self) -> Outcome<PathBuf> {
        let kept = kept_packs(&self.host.folder).into_values().next();
        kept.ok_or_else(|| "the host keeps no pack".to_owned())
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
