//! Fifty clients at once, up and then down, at a box that the kernel holds to 256 MiB, and at nginx.
//!
//! Each has a file of its own and compares every byte of it. Start at [`measured`].

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use super::servers::{Keeps, Server};
use super::{Size, make};
use crate::cgroup::MemoryGroup;
use crate::cmd::{Cmd, Running};
use crate::say::{say, size};
use crate::{Outcome, files};

/// Clients, and what each sends; with `--small` a sixteenth.
const CLIENTS: usize = 50;
const LEN_OF_EACH: u64 = 16 << 20;
/// What the box may have, the kernel's pages of its files included.
const MEMORY: u64 = 256 << 20;
const LIMIT: Duration = Duration::from_secs(1_800);

/// Measures, and tells it as a table.
pub(super) fn measured(
    place: &Path,
    programs: &Path,
    nginx: &[OsString],
    how_much: Size,
) -> Outcome<String> {
    let len = if how_much == Size::Small { LEN_OF_EACH / 16 } else { LEN_OF_EACH };
    let sources = place.join("sources");
    files::fresh(&sources)?;
    for number in 0..CLIENTS {
        make(&sources.join(number.to_string()), len, 1_000 + number as u64)?;
    }
    let group = MemoryGroup::create(MEMORY);
    let held = Server::box_within(&place.join("crowd"), programs, 2, group.as_ref())?;
    let other = Server::nginx(&place.join("crowd-nginx"), nginx, Keeps::AsItComes)?;
    let mut text = format!(
        "{CLIENTS} clients at once, {} each; the box is {}:\n\n\
         | server | all up | all down | memory at its highest |\n|---|---|---|---|\n",
        size(len),
        match &group {
            Some(_) => format!("held to {} by the kernel, its files' pages included", size(MEMORY)),
            None => "not held, since the kernel offers no group here".to_owned(),
        }
    );
    for server in [&held, &other] {
        let up = together(
            server,
            &sources,
            "exec curl \"$@\" --upload-file \"$FILE\" --output /dev/null",
        )?;
        let down = together(server, &sources, "set -o pipefail; curl \"$@\" | cmp - \"$FILE\"")?;
        let peak = server.peak_bytes()?;
        text.push_str(&format!(
            "| {} | {:.2} s | {:.2} s | {} |\n",
            server.name(),
            up.as_secs_f64(),
            down.as_secs_f64(),
            size(peak)
        ));
        say(format!("  {CLIENTS} clients at {}: up {up:?}, down {down:?}", server.name()));
        if std::ptr::eq(server, &held) && peak > MEMORY {
            return Err(format!("the box had {} in memory", size(peak)));
        }
    }
    if let Some(kills) = group.as_ref().map(MemoryGroup::kills).filter(|kills| *kills > 0) {
        return Err(format!("the kernel killed the box {kills} times"));
    }
    held.stops()?;
    other.stops()?;
    Ok(text)
}

/// All clients at once; how long until the last of them was done.
fn together(server: &Server, sources: &Path, line: &str) -> Outcome<Duration> {
    let began = files::now();
    let mut clients: Vec<Running> = Vec::new();
    for number in 0..CLIENTS {
        let name = number.to_string();
        let cmd = Cmd::new("bash").args(["-c", line, "curl", "--silent", "--show-error", "--fail"]);
        // Whoever finds no place is asked to come again in a moment.
        let cmd =
            cmd.args(["--http1.1", "--retry", "20", "--retry-delay", "1"]).args(server.words());
        let cmd = cmd.arg(server.address(&name)).env("FILE", sources.join(&name));
        clients.push(cmd.log(&sources.with_extension(&name)).limit(LIMIT).start()?);
    }
    for client in clients {
        client.wait(LIMIT)?.ok()?;
    }
    Ok(began.elapsed())
}

/// Whatever the pieces that it is made of.
#[test]
fn a_file_is_as_long_as_it_is_said_to_be() {
    let place = std::env::temp_dir().join(format!("holdfast-crowd-{}", std::process::id()));
    make(&place, 10_000_001, 7).unwrap();
    let length = std::fs::File::open(&place).unwrap().metadata().unwrap().len();
    files::remove(&place).unwrap();
    assert_eq!(length, 10_000_001);
}
