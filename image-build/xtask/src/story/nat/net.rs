//! Two homes behind two NATs, and the public network between them, as network namespaces.
//!
//! Each home is one computer behind a router that hides it (masquerade) and lets nothing in that was not
//! asked for. In the middle a bridge joins the routers, and the relay has an address on it. Nothing here
//! touches the machine's own network. The names carry this process's number; what a run that was killed
//! left behind is swept at the next start, and everything is removed when the value is dropped.
//! Start at [`Net::build`].

use std::path::Path;
use std::time::Duration;

use crate::Outcome;
use crate::cmd::{self, Cmd};
use crate::files;

/// Where the relay is.
pub(super) const RELAY: &str = "198.18.0.1";
/// Names of all these begin so.
const PREFIX: &str = "hfnat";
/// Where `ip` keeps names of namespaces.
const NAMES: &str = "/run/netns";
const LIMIT: Duration = Duration::from_secs(20);

/// One of the two homes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Home {
    /// Whose packs they are.
    Owner,
    /// Where they go.
    Host,
}

impl Home {
    fn number(self) -> u8 {
        match self {
            Self::Owner => 1,
            Self::Host => 2,
        }
    }
}

/// All of it.
#[derive(Debug)]
pub(super) struct Net {
    names: String,
}

/// Why this machine cannot have such networks; nothing when it can.
pub(super) fn unable() -> Option<String> {
    if !nix::unistd::Uid::effective().is_root() {
        return Some("networks of their own need root".to_owned());
    }
    let missing = ["ip", "nft", "tcpdump", "setpriv", "sysctl"].into_iter();
    missing.filter(|name| !cmd::has(name)).map(|name| format!("{name} is missing")).next()
}

impl Net {
    /// Makes it.
    pub(super) fn build() -> Outcome<Self> {
        sweep()?;
        let net = Self { names: format!("{PREFIX}{}-", std::process::id()) };
        net.add("mid")?;
        net.ip("mid", "link add br0 type bridge")?;
        net.ip("mid", &format!("address add {RELAY}/24 dev br0"))?;
        net.ip("mid", "link set br0 up")?;
        net.ip("mid", "link set lo up")?;
        for home in [Home::Owner, Home::Host] {
            net.home(home)?;
        }
        Ok(net)
    }

    fn add(&self, role: &str) -> Outcome<()> {
        ip(&format!("netns add {}{role}", self.names))
    }

    fn home(&self, home: Home) -> Outcome<()> {
        let number = home.number();
        let (router, inside) = (format!("router{number}"), format!("home{number}"));
        self.add(&router)?;
        self.add(&inside)?;
        let names = &self.names;
        ip(&format!(
            "link add wan netns {names}{router} type veth peer name to{number} netns {names}mid"
        ))?;
        ip(&format!(
            "link add lan netns {names}{router} type veth peer name eth0 netns {names}{inside}"
        ))?;
        self.ip("mid", &format!("link set to{number} master br0"))?;
        self.ip("mid", &format!("link set to{number} up"))?;
        self.ip(&router, &format!("address add 198.18.0.{}/24 dev wan", 10 + number))?;
        self.ip(&router, &format!("address add 10.18.{number}.1/24 dev lan"))?;
        for link in ["lo", "wan", "lan"] {
            self.ip(&router, &format!("link set {link} up"))?;
        }
        let forward = Cmd::new("sysctl").args(["-q", "-w", "net.ipv4.ip_forward=1"]);
        self.within(&router, forward).limit(LIMIT).kept()?.ok()?;
        self.within(&router, Cmd::new("nft").arg(RULES)).limit(LIMIT).kept()?.ok()?;
        self.ip(&inside, &format!("address add 10.18.{number}.2/24 dev eth0"))?;
        for link in ["lo", "eth0"] {
            self.ip(&inside, &format!("link set {link} up"))?;
        }
        self.ip(&inside, &format!("route add default via 10.18.{number}.1"))
    }

    /// The middle, where the relay is.
    pub(super) fn middle(&self, cmd: Cmd) -> Cmd {
        self.within("mid", cmd)
    }

    /// Inside a home.
    pub(super) fn at(&self, home: Home, cmd: Cmd) -> Cmd {
        self.within(&format!("home{}", home.number()), cmd)
    }

    /// Runs there, and dies with this process even when that is killed.
    fn within(&self, role: &str, cmd: Cmd) -> Cmd {
        let name = format!("{}{role}", self.names);
        cmd.under("setpriv", &["--pdeathsig", "KILL"]).under("ip", &["netns", "exec", &name])
    }

    /// Whether the two routers can reach each other, or the relay alone.
    pub(super) fn let_meet(&self, yes: bool) -> Outcome<()> {
        let isolated = if yes { "off" } else { "on" };
        for number in [1, 2] {
            let set = format!("link set to{number} type bridge_slave isolated {isolated}");
            self.ip("mid", &set)?;
        }
        Ok(())
    }

    /// Takes a home's line away, or gives it back.
    pub(super) fn line(&self, home: Home, is_up: bool) -> Outcome<()> {
        let state = if is_up { "up" } else { "down" };
        self.ip("mid", &format!("link set to{} {state}", home.number()))
    }

    /// Bytes that came into a home since the start, headers and all.
    pub(super) fn came(&self, home: Home) -> Outcome<u64> {
        let count = Cmd::new("cat").arg("/sys/class/net/eth0/statistics/rx_bytes");
        let said = self.at(home, count).limit(LIMIT).kept()?.ok()?.stdout;
        said.trim().parse().map_err(|_| format!("the counter of a link says {said}"))
    }

    /// The link of the middle on which all of the host's traffic goes.
    pub(super) fn watched(&self) -> &'static str {
        "to2"
    }

    fn ip(&self, role: &str, words: &str) -> Outcome<()> {
        ip(&format!("-n {}{role} {words}", self.names))
    }
}

impl Drop for Net {
    fn drop(&mut self) {
        drop(remove(&self.names));
    }
}

/// What a home's router does: nobody outside sees who is inside, or gets in unasked.
const RULES: &str = "
table ip hide {
    chain out {
        type nat hook postrouting priority 100;
        oifname \"wan\" masquerade;
    }
}
table inet guard {
    chain through {
        type filter hook forward priority 0; policy drop;
        ct state established,related accept;
        iifname \"lan\" accept;
    }
    chain to_me {
        type filter hook input priority 0; policy drop;
        ct state established,related accept;
        iifname \"lan\" accept;
    }
}
";

fn ip(words: &str) -> Outcome<()> {
    Cmd::new("ip").args(words.split(' ')).limit(LIMIT).kept()?.ok().map(drop)
}

/// Removes what runs left that are no more.
fn sweep() -> Outcome<()> {
    for name in names() {
        if let Some(process) = maker(&name)
            && !Path::new(&format!("/proc/{process}")).exists()
        {
            remove(&name)?;
        }
    }
    Ok(())
}

fn remove(beginning: &str) -> Outcome<()> {
    for name in names().iter().filter(|name| name.starts_with(beginning)) {
        ip(&format!("netns delete {name}"))?;
    }
    Ok(())
}

fn names() -> Vec<String> {
    let all = files::all_files(Path::new(NAMES));
    all.iter().filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned())).collect()
}

/// The process that made a namespace of this name.
fn maker(name: &str) -> Option<u32> {
    name.strip_prefix(PREFIX)?.split_once('-')?.0.parse().ok()
}

#[test]
fn only_names_of_this_story_are_swept() {
    assert_eq!(maker("hfnat4711-mid"), Some(4711));
    assert_eq!(maker("hfnat-mid"), None);
    assert_eq!(maker("4711-mid"), None);
    assert_eq!(maker("vpn"), None);
}
