//! One large file up and down over HTTPS, beside Debian's nginx that does the same by WebDAV; and fifty clients at
//! once at a box that the kernel holds to 256 MiB.
//!
//! One client, `curl`, speaks with all of them, on this computer, which client and server share. A figure counts
//! only when every byte came back. Start at [`run`].

mod crowd;
mod servers;

use std::path::Path;
use std::time::Duration;

use servers::{Keeps, Server};

use super::{Options, Size, machine, page, peers};
use crate::corpus::Random;
use crate::say::{say, size};
use crate::{Outcome, files, product, repo, setup};

/// What is sent, and what `--small` sends: a sixteenth.
const LEN: u64 = 2 << 30;
/// Deadline of one transfer.
const LIMIT: Duration = Duration::from_secs(1_800);
/// What is in memory at once while the file is made.
const PIECE: usize = 8 << 20;
/// What stays free of the disk, and what all servers keep of one file together.
const FREE: u64 = 12 << 30;
const COPIES_OF_ALL: u64 = 6;

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Upload,
    Download,
}

impl Act {
    fn name(self) -> &'static str {
        match self {
            Self::Upload => "upload",
            Self::Download => "download",
        }
    }
}

/// What was measured once.
#[derive(Clone, Debug)]
struct Row {
    act: Act,
    tool: &'static str,
    wall_s: f64,
    client_cpu_s: f64,
    server_cpu_s: f64,
    /// Of the server's processes together, until then.
    peak_bytes: u64,
}

/// Measures.
pub(super) fn run(options: &Options) -> Outcome<()> {
    if !setup::for_peer("curl")? || !setup::for_peer("openssl")? {
        return Err("curl or openssl is not here, and apt-get could not bring it".to_owned());
    }
    let (nginx, version) = peers::nginx()?;
    let programs = product::programs(&["holdfast", "holdfastd"])?;
    let place = repo::target().join("bench-web");
    files::fresh(&place)?;
    let len = if options.size == Size::Small { LEN / 16 } else { LEN };
    has_room(&place, len)?;
    let mut rows = Vec::new();
    for round in 0..options.rounds {
        let source = place.join("source");
        // New bytes each time: the box would know those of before.
        make(&source, len, options.seed + u64::from(round))?;
        let mut all = vec![
            Server::box_of(&place.join("box-1"), &programs, 1)?,
            Server::nginx(&place.join("nginx"), &nginx, Keeps::AsItComes)?,
            Server::nginx(&place.join("nginx-synced"), &nginx, Keeps::Synced)?,
            Server::box_of(&place.join("box-2"), &programs, 2)?,
        ];
        let turn = round as usize % all.len();
        all.rotate_left(turn);
        for act in [Act::Upload, Act::Download] {
            for server in all.iter().filter(|one| act == Act::Upload || one.is_asked_again()) {
                rows.push(measured(server, act, &source)?);
            }
        }
        for server in all {
            server.stops()?;
        }
        for folder in ["box-1", "box-2", "nginx", "nginx-synced"] {
            files::remove(&place.join(folder))?;
        }
    }
    let crowd = crowd::measured(&place, &programs, &nginx, options.size)?;
    let text = format!(
        "{} each way, {} {}. Made by `{}` on {}, which had {} to do beside it. nginx is {version}.\n\n{}\n{crowd}",
        size(len),
        options.rounds,
        if options.rounds == 1 { "round" } else { "rounds, the middle one" },
        options.command_line(),
        machine(),
        load(),
        table(&rows),
    );
    files::remove(&place)?;
    if options.write_docs {
        page::put(&repo::root().join("docs/performance.md"), "web", &text)?;
    }
    say(format!("\n{text}"));
    Ok(())
}

fn has_room(place: &Path, len: u64) -> Outcome<()> {
    let facts = nix::sys::statvfs::statvfs(place).map_err(|error| error.to_string())?;
    let free = facts.blocks_available() * facts.fragment_size();
    let wanted = FREE + COPIES_OF_ALL * len;
    if free < wanted {
        return Err(format!("{} are free, and it needs {}", size(free), size(wanted)));
    }
    Ok(())
}

/// Bytes that do not compress.
fn make(path: &Path, len: u64, seed: u64) -> Outcome<()> {
    use std::io::Write as _;
    let mut random = Random::new(seed);
    let told = |error: std::io::Error| format!("{} cannot be made: {error}", path.display());
    let mut file = std::fs::File::create(path).map_err(told)?;
    let mut left = len;
    while left > 0 {
        let now = left.min(PIECE as u64);
        left -= now;
        let piece = random.noise(usize::try_from(now).unwrap_or(PIECE));
        file.write_all(&piece).map_err(told)?;
    }
    file.sync_all().map_err(told)
}

fn measured(server: &Server, act: Act, source: &Path) -> Outcome<Row> {
    let before = server.processor_seconds()?;
    let ended = match act {
        Act::Upload => server.takes(source),
        Act::Download => server.gives(source),
    };
    let ended = ended?.limit(LIMIT).kept()?.ok()?;
    let row = Row {
        act,
        tool: server.name(),
        wall_s: ended.wall.as_secs_f64(),
        client_cpu_s: ended.cpu.as_secs_f64(),
        server_cpu_s: server.processor_seconds()? - before,
        peak_bytes: server.peak_bytes()?,
    };
    say(format!(
        "  {:10} {:22} {:7.2} s, {:6.2} s of processor at the client and {:6.2} s at the server, {} of memory",
        act.name(),
        row.tool,
        row.wall_s,
        row.client_cpu_s,
        row.server_cpu_s,
        size(row.peak_bytes)
    ));
    Ok(row)
}

/// How many processes wanted a processor lately, this run's own among them.
fn load() -> String {
    let text = files::text(Path::new("/proc/loadavg")).unwrap_or_default();
    let lately = text.split_whitespace().nth(2).unwrap_or("nobody knows how much").to_owned();
    format!("a load of {lately}")
}

/// The middle of all rounds, with what each is of nginx's.
fn table(rows: &[Row]) -> String {
    let mut text = "| act | server | wall | of nginx's | processor, client | processor, server | of nginx's | \
                    memory, server |\n|---|---|---|---|---|---|---|---|\n"
        .to_owned();
    let mut told: Vec<(Act, &str)> = Vec::new();
    for row in rows {
        if told.contains(&(row.act, row.tool)) {
            continue;
        }
        told.push((row.act, row.tool));
        let of = |tool: &str, figure: fn(&Row) -> f64| {
            let own = rows.iter().filter(|one| one.act == row.act && one.tool == tool);
            middle(own.map(figure).collect())
        };
        let nginx = servers::NGINX;
        let ratio =
            |own: f64, of: f64| if of > 0.0 { format!("{:.2}", own / of) } else { "-".into() };
        let (wall, server) = (of(row.tool, |one| one.wall_s), of(row.tool, |one| one.server_cpu_s));
        let peak = rows.iter().filter(|one| one.act == row.act && one.tool == row.tool);
        let peak = peak.map(|one| one.peak_bytes).max().unwrap_or(0);
        text.push_str(&format!(
            "| {} | {} | {wall:.2} s | {} | {:.2} s | {server:.2} s | {} | {} |\n",
            row.act.name(),
            row.tool,
            ratio(wall, of(nginx, |one| one.wall_s)),
            of(row.tool, |one| one.client_cpu_s),
            ratio(server, of(nginx, |one| one.server_cpu_s)),
            size(peak),
        ));
    }
    text
}

fn middle(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(0.0)
}

#[test]
fn each_row_is_the_middle_of_its_rounds_and_says_what_it_is_of_nginxs() {
    let row = |tool, wall_s| Row {
        act: Act::Upload,
        tool,
        wall_s,
        client_cpu_s: 1.0,
        server_cpu_s: wall_s,
        peak_bytes: 1 << 20,
    };
    let rows = [row("box", 9.0), row(servers::NGINX, 2.0), row("box", 3.0), row("box", 4.0)];
    let text = table(&rows);
    assert!(
        text.contains("| upload | box | 4.00 s | 2.00 | 1.00 s | 4.00 s | 2.00 | 1.0 MiB |"),
        "{text}"
    );
    assert_eq!(text.lines().count(), 4, "{text}");
}
