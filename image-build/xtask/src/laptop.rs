//! A computer that is paired with a box of its own, for the story and the measurements: the real programs, on
//! this computer's own network.
//!
//! The box is claimed with `curl`, as a person would do it. Start at [`Laptop::paired`].

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use crate::boxes::House;
use crate::cmd::{Cmd, Running};
use crate::{Outcome, files, product, setup};

/// What everything may take.
const LIMIT: Duration = Duration::from_secs(3_600);
/// Who owns the box.
const OWNER: &str = "me";
/// What the box is called at the computer.
const BOX: &str = "home";

/// A computer, and the box that it is paired with.
pub(crate) struct Laptop {
    pub house: House,
    service: Option<Running>,
    home: PathBuf,
    program: PathBuf,
    /// Where everything that the box does is told.
    log: PathBuf,
}

impl Laptop {
    /// Makes a box in a folder that keeps so many copies, claims it, and pairs a computer with it.
    pub(crate) fn paired(place: &Path, programs: &Path, copies: u8) -> Outcome<Self> {
        if !setup::for_peer("curl")? {
            return Err("curl is not here, and apt-get could not bring it".to_owned());
        }
        files::folder(place)?;
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let port = free.map_err(|error| format!("no port is free: {error}"))?.port();
        let house = House::prepare(&place.join("box"), programs, [port, 0])?;
        let house = house.with_copies(copies);
        let (home, log) = (place.join("computer"), place.join("service"));
        files::folder(&home)?;
        let program = programs.join("holdfast");
        let mut laptop = Self { house, service: None, home, program, log };
        laptop.starts()?;
        laptop.claim(port)?;
        let told = laptop.house.ask(&["pairing-code", OWNER, "--json"]).kept()?.ok()?;
        let code = product::document(&told)?["code"].as_str().unwrap_or_default().to_owned();
        let file = laptop.home.join("code");
        files::put(&file, code.as_bytes())?;
        let address = format!("localhost:{port}");
        let pair = laptop.call(&["pair", &address, "--as", BOX, "--name", "laptop", "--code-file"]);
        pair.arg(&file).kept()?.ok()?;
        Ok(laptop)
    }

    /// Starts the box and opens its vault.
    pub(crate) fn starts(&mut self) -> Outcome<()> {
        let mut service = self.house.service().log(&self.log).limit(LIMIT).start()?;
        let answers = self.house.answers(|| service.alive()).and_then(|_| self.house.settle_in());
        if answers.is_err() {
            service.kill();
        }
        self.service = Some(service);
        answers
    }

    /// As a power cut does it.
    pub(crate) fn kills(&mut self) -> Outcome<()> {
        let Some(mut service) = self.service.take() else { return Ok(()) };
        service.kill();
        service.wait(LIMIT).map(drop)
    }

    fn claim(&self, port: u16) -> Outcome<()> {
        let web = self.house.home().join("state/web");
        let code = files::text(&web.join("claim-code"))?;
        let body = serde_json::json!({
            "code": code.trim(), "name": OWNER, "password": "four words of mine",
        });
        let curl = Cmd::new("curl").args(["--silent", "--show-error", "--fail", "--cacert"]);
        let curl =
            curl.arg(web.join("ca.pem")).arg(format!("https://localhost:{port}/api/v1/claim"));
        let curl = curl.args(["-H", "content-type: application/json", "-d"]).arg(body.to_string());
        curl.kept()?.ok().map(drop)
    }

    /// The program as the computer's user calls it.
    pub(crate) fn call(&self, words: &[&str]) -> Cmd {
        let cmd = Cmd::new(&self.program).args(words).limit(LIMIT);
        let cmd = cmd.env("HOME", &self.home).env("XDG_CONFIG_HOME", self.home.join("config"));
        cmd.env("XDG_CACHE_HOME", self.home.join("cache"))
    }

    /// The same about the box.
    pub(crate) fn asks(&self, words: &[&str]) -> Cmd {
        self.call(&["--box", BOX]).args(words)
    }

    /// A backup of these, and what it says of itself.
    pub(crate) fn backs_up(&self, paths: &[&Path]) -> Outcome<Value> {
        let told = self.asks(&["backup", "--json"]).args(paths.iter().copied()).kept()?;
        product::document(&told.ok()?)
    }

    /// The number of the box's process.
    pub(crate) fn process(&self) -> Option<u32> {
        self.service.as_ref().map(Running::id)
    }

    /// Stops the box in order.
    pub(crate) fn stops(mut self) -> Outcome<()> {
        self.house.ask(&["shutdown"]).kept()?.ok()?;
        match self.service.take() {
            Some(service) => service.wait(Duration::from_secs(600))?.ok().map(drop),
            None => Ok(()),
        }
    }
}

impl Drop for Laptop {
    fn drop(&mut self) {
        if let Some(service) = &mut self.service {
            service.kill();
        }
    }
}
