//! A computer that backs itself up over HTTPS, beside restic and its own server, on the same files in one run.
//!
//! Both sides run on this computer and share its processors; what each side uses is told apart. Both servers
//! speak TLS, keep what they get on the same disk and sync it before they say so. Start at [`run`].

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::data::Set;
use super::peers::{self, Peer};
use super::tool::Act;
use super::{Options, machine, page};
use crate::cmd::{Cmd, Ended, Running};
use crate::corpus::Random;
use crate::laptop::Laptop;
use crate::say::{say, size};
use crate::story::idle::{TICKS_A_SECOND, processor_ticks};
use crate::{Outcome, compare, files, product, repo};

/// What is measured: a gibibyte of many kinds, and 20,000 small files.
const SETS: [Set; 2] = [Set::Demo, Set::Docs];
const ACTS: [Act; 4] = [Act::Backup, Act::Again, Act::NextDay, Act::Restore];
/// Deadline of one act.
const LIMIT: Duration = Duration::from_secs(3_600);
const PASSWORD: &str = "bench";

/// What was measured once.
struct Row {
    act: Act,
    tool: String,
    wall_s: f64,
    client_cpu_s: f64,
    server_cpu_s: f64,
    client_peak: u64,
    stored: u64,
}

/// Somebody who is measured.
enum Tool {
    Holdfast { laptop: Box<Laptop>, name: String, place: PathBuf },
    Restic(Box<Restic>),
}

/// restic, and its server that runs.
struct Restic {
    peer: Peer,
    server: Running,
    place: PathBuf,
    url: String,
}

impl Drop for Restic {
    fn drop(&mut self) {
        self.server.kill();
    }
}

/// Measures.
pub(super) fn run(options: &Options) -> Outcome<()> {
    let (peer, server) = peers::restic_and_server()?;
    let programs = product::programs(&["holdfast", "holdfastd"])?;
    let place = repo::target().join("bench-computer");
    let mut text = format!(
        "Made by `{}` on {}. restic is {}, with restic-rest-server of the same Debian.\n",
        options.command_line(),
        machine(),
        peer.version
    );
    for set in SETS.into_iter().filter(|set| options.only.is_empty() || options.only.contains(set))
    {
        let source = place.join("source");
        files::fresh(&source)?;
        let mut random = Random::new(options.seed);
        set.make(&source, options.size, &mut random)?;
        let (count, bytes) = files::count(&source);
        say(format!("\n{}: {count} files, {}", set.name(), size(bytes)));
        let mut tools = Vec::new();
        for copies in [1, 2] {
            let place = place.join(format!("holdfast-{copies}"));
            files::fresh(&place)?;
            let laptop = Box::new(Laptop::paired(&place, &programs, copies)?);
            let name = if copies == 1 { "holdfast" } else { "holdfast, 2 copies" }.to_owned();
            tools.push(Tool::Holdfast { laptop, name, place });
        }
        tools.insert(1, Tool::Restic(Box::new(restic(&peer, &server, &place.join("restic"))?)));
        let rows = measure(set, &source, &tools, &mut random)?;
        for tool in tools {
            if let Tool::Holdfast { laptop, .. } = tool {
                laptop.stops()?;
            }
        }
        text.push_str(&format!(
            "\n**{}**: {count} files, {}\n\n{}",
            set.name(),
            size(bytes),
            table(&rows)
        ));
        files::remove(&place)?;
    }
    if options.write_docs {
        page::put(&repo::root().join("docs/performance.md"), "computer", &text)?;
    }
    say(format!("\n{text}"));
    Ok(())
}

/// restic with a server of its own, on a free port, with a certificate that is made for it.
fn restic(peer: &Peer, server: &[std::ffi::OsString], place: &Path) -> Outcome<Restic> {
    files::fresh(place)?;
    if !crate::setup::for_peer("openssl")? {
        return Err("openssl is not here, and apt-get could not bring it".to_owned());
    }
    let (key, certificate) = (place.join("key.pem"), place.join("certificate.pem"));
    let made = Cmd::new("openssl").args(["req", "-x509", "-newkey", "ec", "-pkeyopt"]);
    let made =
        made.args(["ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost"]);
    let made = made.args(["-addext", "subjectAltName=DNS:localhost", "-keyout"]).arg(&key);
    made.arg("-out").arg(&certificate).kept()?.ok()?;
    let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|one| one.local_addr());
    let port = free.map_err(|error| format!("no port is free: {error}"))?.port();
    let cmd = Cmd::new(&server[0]).args(&server[1..]).args(["--no-auth", "--tls", "--tls-key"]);
    let cmd = cmd.arg(&key).arg("--tls-cert").arg(&certificate).arg("--path");
    let cmd = cmd.arg(place.join("repository")).arg("--listen").arg(format!("127.0.0.1:{port}"));
    let server = cmd.log(&place.join("server")).limit(LIMIT).start()?;
    let url = format!("rest:https://localhost:{port}/");
    let mut restic = Restic { peer: peer.clone(), server, place: place.to_owned(), url };
    let began = files::now();
    while restic.call(&["init"]).kept()?.ok().is_err() {
        if !restic.server.alive() || began.elapsed() > Duration::from_secs(60) {
            return Err("restic's server does not answer".to_owned());
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    Ok(restic)
}

impl Restic {
    fn call(&self, words: &[&str]) -> Cmd {
        let cmd = self.peer.cmd().args(words).limit(LIMIT);
        cmd.env("RESTIC_REPOSITORY", &self.url)
            .env("RESTIC_CACERT", self.place.join("certificate.pem"))
            .env("RESTIC_PASSWORD", PASSWORD)
            .env("RESTIC_CACHE_DIR", self.place.join("cache"))
    }
}

impl Tool {
    fn name(&self) -> &str {
        match self {
            Self::Holdfast { name, .. } => name,
            Self::Restic(_) => "restic",
        }
    }

    fn restored(&self) -> PathBuf {
        match self {
            Self::Holdfast { place, .. } => place.join("restored"),
            Self::Restic(restic) => restic.place.join("restored"),
        }
    }

    fn server(&self) -> Outcome<u32> {
        match self {
            Self::Holdfast { laptop, .. } => {
                laptop.process().ok_or("the box does not run".to_owned())
            }
            Self::Restic(restic) => Ok(restic.server.id()),
        }
    }

    fn act(&self, act: Act, source: &Path) -> Outcome<Ended> {
        let cmd = match (self, act) {
            (Self::Holdfast { laptop, .. }, Act::Restore) => {
                laptop.asks(&["restore", "latest", "--to"]).arg(self.restored())
            }
            (Self::Holdfast { laptop, .. }, _) => laptop.asks(&["backup"]).arg(source),
            (Self::Restic(restic), Act::Restore) => {
                restic.call(&["restore", "latest", "--quiet", "--target"]).arg(self.restored())
            }
            (Self::Restic(restic), _) => restic.call(&["backup", "--quiet", "."]).dir(source),
        };
        cmd.limit(LIMIT).kept()?.ok()
    }

    fn stored(&self) -> u64 {
        let folder = match self {
            Self::Holdfast { laptop, .. } => laptop.house.home().join("machine"),
            Self::Restic(restic) => restic.place.join("repository"),
        };
        let all = files::all_files(&folder);
        let counted = all.iter().filter(|path| !path.ends_with("holdfast-rescue"));
        counted.filter_map(|path| path.symlink_metadata().ok()).map(|facts| facts.len()).sum()
    }
}

/// All acts on one set, each tool in turn.
fn measure(set: Set, source: &Path, tools: &[Tool], random: &mut Random) -> Outcome<Vec<Row>> {
    let mut rows = Vec::new();
    for act in ACTS {
        if act == Act::NextDay {
            set.change(source, random)?;
        }
        for tool in tools {
            let server = tool.server()?;
            let before = processor_ticks(server)?;
            let ended = tool.act(act, source)?;
            let ticks = processor_ticks(server)?.saturating_sub(before);
            let server_cpu = Duration::from_millis(ticks * 1_000 / TICKS_A_SECOND);
            let row = Row {
                act,
                tool: tool.name().to_owned(),
                wall_s: ended.wall.as_secs_f64(),
                client_cpu_s: ended.cpu.as_secs_f64(),
                server_cpu_s: server_cpu.as_secs_f64(),
                client_peak: ended.peak_bytes,
                stored: tool.stored(),
            };
            say(format!(
                "  {:16} {:18} {:7.2} s, {:6.2} s of processor at the computer and {:6.2} s at the box, \
                 {} of memory, {} stored",
                act.name(),
                row.tool,
                row.wall_s,
                row.client_cpu_s,
                row.server_cpu_s,
                size(row.client_peak),
                size(row.stored),
            ));
            rows.push(row);
            if act == Act::Restore {
                judge(tool, source)?;
            }
        }
    }
    Ok(rows)
}

/// Holdfast is held to every byte and attribute; of restic's restore the bytes have to be right.
fn judge(tool: &Tool, source: &Path) -> Outcome<()> {
    let seen = compare::trees(source, &tool.restored())?;
    match tool {
        Tool::Holdfast { .. } => seen.same().map(drop)?,
        Tool::Restic(_) if seen.other_bytes == 0 => {}
        Tool::Restic(_) => return Err(seen.named.join("\n    ")),
    }
    files::remove(&tool.restored())
}

/// Rows as a table, with what each is of restic's.
fn table(rows: &[Row]) -> String {
    let mut text =
        "| act | tool | wall | of restic's | processor, computer | processor, box | both, of \
                    restic's | memory | stored |\n|---|---|---|---|---|---|---|---|---|\n"
            .to_owned();
    for row in rows {
        let peer = rows.iter().find(|other| other.act == row.act && other.tool == "restic");
        let both = |row: &Row| row.client_cpu_s + row.server_cpu_s;
        let of = |own: f64, of: Option<f64>| match of {
            Some(of) if of > 0.0 => format!("{:.2}", own / of),
            _ => "-".to_owned(),
        };
        text.push_str(&format!(
            "| {} | {} | {:.2} s | {} | {:.2} s | {:.2} s | {} | {} | {} |\n",
            row.act.name(),
            row.tool,
            row.wall_s,
            of(row.wall_s, peer.map(|peer| peer.wall_s)),
            row.client_cpu_s,
            row.server_cpu_s,
            of(both(row), peer.map(both)),
            size(row.client_peak),
            size(row.stored),
        ));
    }
    text
}

#[test]
fn each_row_says_what_it_is_of_restics() {
    let row = |tool: &str, wall_s, client_cpu_s| Row {
        act: Act::Backup,
        tool: tool.to_owned(),
        wall_s,
        client_cpu_s,
        server_cpu_s: 1.0,
        client_peak: 1 << 20,
        stored: 1 << 20,
    };
    let text = table(&[row("holdfast", 1.0, 1.0), row("restic", 2.0, 3.0)]);
    assert!(text.contains("| holdfast | 1.00 s | 0.50 | 1.00 s | 1.00 s | 0.50 |"), "{text}");
}
