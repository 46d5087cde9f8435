//! Who is measured: a box of its own that was claimed with `curl`, and Debian's nginx with WebDAV and TLS.
//!
//! Each runs until it is dropped. Start at [`Server::box_of`] and [`Server::nginx`].

use std::ffi::OsString;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use crate::boxes::House;
use crate::cgroup::MemoryGroup;
use crate::cmd::{Cmd, Running};
use crate::story::idle::{TICKS_A_SECOND, processor_ticks};
use crate::{Outcome, files};

/// What nginx is called in the tables.
pub(super) const NGINX: &str = "nginx";
/// Deadline of a whole run.
const LIMIT: Duration = Duration::from_secs(4 * 3600);
const PATIENCE: Duration = Duration::from_secs(60);
const PASSWORD: &str = "four words of mine";

/// Whether what was sent has to be on the disk before it counts as there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keeps {
    /// As nginx has it: in the memory of the kernel.
    AsItComes,
    /// The whole file system is synced behind each file.
    Synced,
}

/// Somebody who takes files and gives them back.
pub(super) struct Server {
    name: &'static str,
    running: Option<Running>,
    /// Of the box, which is stopped in order.
    house: Option<House>,
    /// Where files are, with a slash behind it.
    url: String,
    /// What `curl` needs to be let in.
    words: Vec<OsString>,
    /// Where it keeps them.
    place: PathBuf,
    keeps: Keeps,
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(running) = &mut self.running {
            running.kill();
        }
    }
}

impl Server {
    /// A box with a vault that keeps so many copies, claimed.
    pub(super) fn box_of(place: &Path, programs: &Path, copies: u8) -> Outcome<Self> {
        Self::box_within(place, programs, copies, None)
    }

    /// The same, held by the kernel.
    pub(super) fn box_within(
        place: &Path,
        programs: &Path,
        copies: u8,
        group: Option<&MemoryGroup>,
    ) -> Outcome<Self> {
        files::fresh(place)?;
        let port = free_port()?;
        let house = House::prepare(&place.join("box"), programs, [port, 0])?.with_copies(copies);
        let service = house.service().log(&place.join("service")).limit(LIMIT);
        let service = match group {
            Some(group) => service.within(group),
            None => service,
        };
        let name = if copies == 1 { "holdfast" } else { "holdfast, 2 copies" };
        let mut server = Self {
            name,
            running: Some(service.start()?),
            house: None,
            url: format!("https://localhost:{port}/api/v1/files/big/content?path="),
            words: Vec::new(),
            place: place.to_owned(),
            keeps: Keeps::AsItComes,
        };
        house.answers(|| server.running.as_mut().is_some_and(Running::alive))?;
        house.settle_in()?;
        server.words = claimed(&house, place, port)?;
        server.house = Some(house);
        Ok(server)
    }

    /// nginx with these words before its arguments.
    pub(super) fn nginx(place: &Path, words: &[OsString], keeps: Keeps) -> Outcome<Self> {
        files::fresh(place)?;
        for folder in ["files", "temporary"] {
            files::folder(&place.join(folder))?;
        }
        let (key, certificate) = (place.join("key.pem"), place.join("certificate.pem"));
        let made = Cmd::new("openssl").args(["req", "-x509", "-newkey", "ec", "-pkeyopt"]);
        let made = made.args(["ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj"]);
        let made = made.args(["/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]);
        made.arg("-keyout").arg(&key).arg("-out").arg(&certificate).kept()?.ok()?;
        let port = free_port()?;
        let settings = place.join("nginx.conf");
        files::put(&settings, nginx_settings(place, port).as_bytes())?;
        let cmd = Cmd::new(&words[0]).args(&words[1..]).arg("-e").arg(place.join("errors"));
        let cmd = cmd.arg("-p").arg(place).arg("-c").arg(&settings);
        let running = cmd.log(&place.join("server")).limit(LIMIT).start()?;
        let name = if keeps == Keeps::Synced { "nginx and `sync`" } else { NGINX };
        let url = format!("https://localhost:{port}/");
        let words = vec!["--cacert".into(), certificate.into()];
        let (running, place) = (Some(running), place.to_owned());
        let mut server = Self { name, running, house: None, url, words, place, keeps };
        let began = files::now();
        while server.curl().args(["--output", "/dev/null"]).arg(&server.url).kept()?.code != Some(0)
        {
            if !server.running.as_mut().is_some_and(Running::alive) || began.elapsed() > PATIENCE {
                return Err(format!("nginx does not answer: see {}", server.place.display()));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(server)
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    /// What is read is the same with and without a sync before.
    pub(super) fn is_asked_again(&self) -> bool {
        self.keeps == Keeps::AsItComes
    }

    fn curl(&self) -> Cmd {
        let curl = Cmd::new("curl").args(["--silent", "--show-error", "--http1.1"]);
        curl.args(&self.words)
    }

    /// The words of a `curl` that has to be let in.
    pub(super) fn words(&self) -> &[OsString] {
        &self.words
    }

    /// Where a file of this name is.
    pub(super) fn address(&self, name: &str) -> String {
        format!("{}{name}", self.url)
    }

    /// Sends a file, and ends when the server says that it has it.
    pub(super) fn takes(&self, file: &Path) -> Outcome<Cmd> {
        let line = match self.keeps {
            Keeps::AsItComes => "exec curl \"$@\"",
            Keeps::Synced => "curl \"$@\" && exec sync -f \"$KEPT\"",
        };
        let cmd = Cmd::new("sh").args(["-c", line, "curl"]).env("KEPT", &self.place);
        let cmd =
            cmd.args(["--silent", "--show-error", "--fail", "--http1.1", "--output", "/dev/null"]);
        Ok(cmd.args(&self.words).arg("--upload-file").arg(file).arg(self.address("file")))
    }

    /// Fetches it, and compares every byte.
    pub(super) fn gives(&self, file: &Path) -> Outcome<Cmd> {
        let line = "set -o pipefail; curl \"$@\" | cmp - \"$WANTED\"";
        let cmd = Cmd::new("bash").args(["-c", line, "curl"]).env("WANTED", file);
        let cmd = cmd.args(["--silent", "--show-error", "--fail", "--http1.1"]);
        Ok(cmd.args(&self.words).arg(self.address("file")))
    }

    /// What all its processes have used so far.
    pub(super) fn processor_seconds(&self) -> Outcome<f64> {
        let mut ticks = 0;
        for process in self.processes()? {
            ticks += processor_ticks(process)?;
        }
        let millis = Duration::from_millis(ticks * 1_000 / TICKS_A_SECOND);
        Ok(millis.as_secs_f64())
    }

    /// The most memory that its processes had, each at its own moment.
    pub(super) fn peak_bytes(&self) -> Outcome<u64> {
        let peak = |process: u32| -> Outcome<u64> {
            let status = files::text(format!("/proc/{process}/status").as_ref())?;
            let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
            Ok(kib.unwrap_or(0) * 1024)
        };
        self.processes()?.into_iter().map(peak).sum()
    }

    /// It, and those that it started.
    fn processes(&self) -> Outcome<Vec<u32>> {
        let own = self.running.as_ref().map(Running::id).ok_or("the server does not run")?;
        let children = files::text(format!("/proc/{own}/task/{own}/children").as_ref())?;
        let children = children.split_whitespace().filter_map(|one| one.parse().ok());
        Ok(std::iter::once(own).chain(children).collect())
    }

    /// Ends it in order.
    pub(super) fn stops(mut self) -> Outcome<()> {
        if let Some(house) = &self.house {
            house.ask(&["shutdown"]).kept()?.ok()?;
            if let Some(running) = self.running.take() {
                running.wait(LIMIT)?.ok()?;
            }
        }
        Ok(())
    }
}

fn free_port() -> Outcome<u16> {
    let free = TcpListener::bind("127.0.0.1:0").and_then(|one| one.local_addr());
    Ok(free.map_err(|error| format!("no port is free: {error}"))?.port())
}

/// Claims a box; the words with which `curl` is its owner from then on.
fn claimed(house: &House, place: &Path, port: u16) -> Outcome<Vec<OsString>> {
    let web = house.home().join("state/web");
    let (ca, jar) = (web.join("ca.pem"), place.join("cookies"));
    let code = files::text(&web.join("claim-code"))?;
    let body = serde_json::json!({ "code": code.trim(), "name": "me", "password": PASSWORD });
    let curl = Cmd::new("curl").args(["--silent", "--show-error", "--fail", "--cacert"]).arg(&ca);
    let curl = curl.arg("--cookie-jar").arg(&jar).args(["-H", "content-type: application/json"]);
    let curl = curl.arg("-d").arg(body.to_string());
    let told = curl.arg(format!("https://localhost:{port}/api/v1/claim")).kept()?.ok()?;
    let told: Value = serde_json::from_str(&told.stdout).map_err(|error| error.to_string())?;
    let word = format!("x-holdfast-csrf: {}", told["csrf"].as_str().unwrap_or_default());
    Ok(vec!["--cacert".into(), ca.into(), "--cookie".into(), jar.into(), "-H".into(), word.into()])
}

/// As many workers as there are processors here, files as they come, and nothing else.
fn nginx_settings(place: &Path, port: u16) -> String {
    let place = place.display();
    let ways = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let temporary: String =
        ways.map(|way| format!("  {way}_temp_path {place}/temporary/{way};\n")).concat();
    format!(
        "daemon off;\nuser root;\nworker_processes auto;\npid {place}/pid;\n\
         events {{ worker_connections 512; }}\nhttp {{\n{temporary}  access_log off;\n  \
         sendfile on;\n  client_max_body_size 0;\n  server {{\n    listen 127.0.0.1:{port} ssl;\n    \
         ssl_certificate {place}/certificate.pem;\n    ssl_certificate_key {place}/key.pem;\n    \
         root {place}/files;\n    location / {{\n      autoindex on;\n      dav_methods PUT;\n      \
         create_full_put_path on;\n    }}\n  }}\n}}\n"
    )
}
