//! A box that is driven by lines: one command a line, one answer a line. For rigs that start it in a
//! process or a network of its own and end it with SIGKILL.
//!
//! An answer is `ok key=value ...` or `no SENTENCE`. Commands: `invite BYTES`, `accept TICKET`,
//! `confirm SECONDS`, `paired SECONDS`, `make COUNT BYTES SEED`, `want all`, `held FILE`, `fetch FOLDER`,
//! `figures`, `path`, `news`, `quit`; and, with `SECONDS` behind each, `wait held COUNT`,
//! `wait came BYTES`, `wait path direct|relay` and `wait address BEGINNING`.
//! Start at [`Driven::answer`].

use std::fmt::Write as _;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use federation::{FriendId, FriendView};
use peer_proto::presence::Seen;
use types::Bytes;

use crate::boxed::PeerBox;
use crate::folder;

/// A box and its lines.
#[derive(Debug)]
pub struct Driven {
    boxed: PeerBox,
}

/// What to do with a line's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Say it and go on.
    Say(String),
    /// Say it and end.
    End(String),
}

type Said = Result<String, String>;

impl Driven {
    /// Drives this box.
    pub fn new(boxed: PeerBox) -> Self {
        Self { boxed }
    }

    /// Stops the box politely.
    pub fn stop(self) {
        self.boxed.stop();
    }

    /// Does what a line says.
    pub fn answer(&self, line: &str) -> Answer {
        let words: Vec<&str> = line.split_whitespace().collect();
        let said = match words[..] {
            ["quit"] => return Answer::End("ok".to_owned()),
            ["invite", bytes] => self.invite(bytes),
            ["accept", ticket] => self.accept(ticket),
            ["confirm", seconds] => self.confirm(seconds),
            ["paired", seconds] => self.friend(seconds).map(|id| format!("friend={id}")),
            ["make", count, bytes, seed] => self.make(count, bytes, seed),
            ["want", "all"] => self.want(),
            ["wait", "held", count, seconds] => self.wait_held(count, seconds),
            ["wait", "came", bytes, seconds] => self.wait_came(bytes, seconds),
            ["wait", "address", with, seconds] => self.wait_address(with, seconds),
            ["wait", "path", way, seconds] => self.wait_path(way, seconds),
            ["held", file] => self.held(Path::new(file)),
            ["fetch", to] => self.fetch(Path::new(to)),
            ["figures"] => self.view().map(|view| figures(&view)),
            ["path"] => self.view().map(|view| format!("path={}", path(view.seen))),
            ["news"] => Ok(format!("news={}", self.boxed.news().len())),
            _ => Err(format!("no such command: {}", words.first().unwrap_or(&""))),
        };
        // An answer is one line, whatever an error says.
        Answer::Say(match said {
            Ok(facts) => format!("ok {facts}").trim_end().to_owned(),
            Err(sentence) => format!("no {}", sentence.replace('\n', " ")),
        })
    }

    fn invite(&self, bytes: &str) -> Said {
        let ticket = self.boxed.invite(Bytes(number(bytes)?)).map_err(told)?;
        Ok(format!("ticket={ticket}"))
    }

    fn accept(&self, ticket: &str) -> Said {
        let words = self.boxed.accept(ticket).map_err(told)?;
        Ok(format!("words={}", words.0.join("-")))
    }

    fn confirm(&self, limit: &str) -> Said {
        match self.boxed.confirm(seconds(limit)?).map_err(told)? {
            true => Ok(String::new()),
            false => Err("nobody shows an invite".to_owned()),
        }
    }

    fn friend(&self, limit: &str) -> Result<FriendId, String> {
        self.boxed.only_friend(seconds(limit)?).ok_or_else(|| "there is no friend".to_owned())
    }

    fn view(&self) -> Result<FriendView, String> {
        self.boxed.federation().friend(self.friend("0")?).map_err(told)
    }

    fn make(&self, count: &str, bytes: &str, seed: &str) -> Said {
        let (count, bytes, seed) = (number(count)?, Bytes(number(bytes)?), number(seed)?);
        let made = self.boxed.house().packs().make(count, bytes, seed).map_err(told)?;
        Ok(format!("packs={}", made.len()))
    }

    fn want(&self) -> Said {
        let items = self.boxed.want_all(self.friend("0")?).map_err(told)?;
        Ok(format!("packs={}", items.len()))
    }

    fn wait_held(&self, count: &str, limit: &str) -> Said {
        let (friend, count) = (self.friend("0")?, number::<usize>(count)?);
        let house = self.boxed.house();
        let began = house.uptime();
        let held = || self.boxed.wanted(friend).map(|wanted| wanted.held.len());
        house.wait_until(seconds(limit)?, |_| held().is_ok_and(|held| held >= count));
        let held = held().map_err(told)?;
        let spent = house.uptime().0 - began.0;
        match held >= count {
            true => Ok(format!("held={held} ms={spent}")),
            false => Err(format!("held={held} after {spent} ms")),
        }
    }

    fn wait_came(&self, bytes: &str, limit: &str) -> Said {
        let (friend, bytes) = (self.friend("0")?, Bytes(number(bytes)?));
        let enough = |view: &FriendView| view.doing.came >= bytes;
        let view = self.boxed.friend_when(friend, seconds(limit)?, enough).map_err(told)?;
        match enough(&view) {
            true => Ok(figures(&view)),
            false => Err(format!("{} bytes came", view.doing.came.0)),
        }
    }

    /// Until there is an address that begins so.
    fn wait_address(&self, with: &str, limit: &str) -> Said {
        let addresses = || self.boxed.federation().addresses();
        let found = |all: &[String]| all.iter().any(|one| one.starts_with(with));
        self.boxed.house().wait_until(seconds(limit)?, |_| found(&addresses()));
        let all = addresses();
        match found(&all) {
            true => Ok(format!("addresses={}", all.join(","))),
            false => Err(format!("the addresses are {}", all.join(","))),
        }
    }

    fn wait_path(&self, way: &str, limit: &str) -> Said {
        let (friend, began) = (self.friend("0")?, self.boxed.house().uptime());
        let is_so = |view: &FriendView| path(view.seen) == way;
        let view = self.boxed.friend_when(friend, seconds(limit)?, is_so).map_err(told)?;
        match is_so(&view) {
            true => Ok(format!("path={way} ms={}", self.boxed.house().uptime().0 - began.0)),
            false => Err(format!("path={}", path(view.seen))),
        }
    }

    /// Names of the packs that count go into a file, one a line.
    fn held(&self, file: &Path) -> Said {
        let held = self.boxed.wanted(self.friend("0")?).map_err(told)?.held;
        let mut list = String::new();
        for root in &held {
            writeln!(list, "{root}").map_err(told)?;
        }
        let bad = || format!("cannot write {}", file.display());
        let (parent, name) = (file.parent(), file.file_name());
        let name = name.and_then(|name| name.to_str()).ok_or_else(bad)?;
        folder::put(parent.ok_or_else(bad)?, name, list.as_bytes()).map_err(told)?;
        Ok(format!("held={}", held.len()))
    }

    fn fetch(&self, to: &Path) -> Said {
        let (packs, bytes) = self.boxed.fetch_all(self.friend("0")?, to).map_err(told)?;
        Ok(format!("packs={packs} bytes={}", bytes.0))
    }
}

/// `key=value` for everything that a rig counts.
fn figures(view: &FriendView) -> String {
    format!(
        "held={} held_bytes={} kept={} kept_bytes={} queued={} sent={} came={} path={}",
        view.held.packs,
        view.held.bytes.0,
        view.kept.packs,
        view.kept.bytes.0,
        view.queued,
        view.doing.sent.0,
        view.doing.came.0,
        path(view.seen),
    )
}

fn path(seen: Seen) -> &'static str {
    match seen {
        Seen::Direct => "direct",
        Seen::Relayed => "relay",
        Seen::Gone => "gone",
        Seen::Offline => "offline",
    }
}

fn number<T: FromStr>(word: &str) -> Result<T, String> {
    word.parse().map_err(|_| format!("{word} is no number"))
}

fn seconds(word: &str) -> Result<Duration, String> {
    number(word).map(Duration::from_secs)
}

fn told(error: impl std::fmt::Display) -> String {
    error.to_string()
}
