//! `cargo xtask bench`: what the vault costs, beside its peers on the same files in the same run.
//!
//! Processor seconds are the figure to compare: they travel a little better than wall time, which
//! is kept too. The tools take turns on each set of files, and restored trees are compared with
//! the originals before a figure counts. Results go to `target/bench/results.tsv` and, as tables,
//! to standard output; `--write-docs` puts the tables of the sets that were measured between their
//! marks in the documents. Start reading at [`command`].

mod computer;
mod data;
pub(crate) mod page;
pub(crate) mod peers;
mod table;
mod targets;
mod tool;
mod web;

use std::path::Path;

use data::{Set, Size};
use peers::Peer;
use tool::{Act, Tool};

use crate::corpus::Random;
use crate::say::{say, size};
use crate::{Outcome, compare, files, product, repo, setup};

/// What was measured once.
#[derive(Clone, Debug)]
struct Figure {
    /// Kind of files.
    set: Set,
    /// What was done with them.
    act: Act,
    /// Who did it.
    tool: &'static str,
    /// In which round, from 0.
    round: u32,
    /// Processor seconds.
    cpu_s: f64,
    /// Wall seconds.
    wall_s: f64,
    /// Largest resident size of one process.
    peak_bytes: u64,
    /// Size of the repository afterwards.
    stored_bytes: u64,
}

#[derive(Clone, Debug)]
struct Options {
    seed: u64,
    rounds: u32,
    size: Size,
    peers: Vec<String>,
    /// The sets that are measured; all when empty.
    only: Vec<Set>,
    write_docs: bool,
    /// A computer that backs itself up over the network, instead of the vault itself.
    computer: bool,
    /// One large file and fifty clients over HTTPS, likewise.
    web: bool,
}

impl Options {
    fn read(arguments: &[String]) -> Outcome<Self> {
        let (peers, only) = (Vec::new(), Vec::new());
        let mut options = Self {
            seed: 1,
            rounds: 1,
            size: Size::Full,
            peers,
            only,
            write_docs: false,
            computer: false,
            web: false,
        };
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            let mut next = || words.next().ok_or_else(|| format!("{word} needs a value"));
            let number = |text: &String| {
                text.parse::<u32>().map_err(|_| format!("{word} needs a number, not {text}"))
            };
            match word.as_str() {
                "--seed" => options.seed = number(next()?)?.into(),
                "--rounds" => options.rounds = number(next()?)?.max(1),
                "--small" => options.size = Size::Small,
                "--computer" => options.computer = true,
                "--web" => options.web = true,
                "--write-docs" => options.write_docs = true,
                "--only" => {
                    for name in next()?.split(',') {
                        options.only.push(Set::named(name)?);
                    }
                }
                "--peers" => options.peers = next()?.split(',').map(str::to_owned).collect(),
                _ => return Err(format!("cannot use {word}")),
            }
        }
        Ok(options)
    }

    fn command_line(&self) -> String {
        let mut line = format!("cargo xtask bench --seed {} --rounds {}", self.seed, self.rounds);
        if self.computer {
            line.push_str(" --computer");
        }
        if self.web {
            line.push_str(" --web");
        }
        if self.size == Size::Small {
            line.push_str(" --small");
        }
        if !self.peers.is_empty() {
            line.push_str(&format!(" --peers {}", self.peers.join(",")));
        }
        if !self.only.is_empty() {
            let names: Vec<&str> = self.only.iter().map(|set| set.name()).collect();
            line.push_str(&format!(" --only {}", names.join(",")));
        }
        line
    }

    fn sets(&self) -> Vec<Set> {
        let wanted = |set: &Set| self.only.is_empty() || self.only.contains(set);
        Set::ALL.into_iter().filter(wanted).collect()
    }
}

/// The command.
pub(crate) fn command(arguments: &[String]) -> Outcome<()> {
    let options = Options::read(arguments)?;
    setup::for_demo()?;
    if options.computer {
        return computer::run(&options);
    }
    if options.web {
        return web::run(&options);
    }
    let peers = peers::find(&options.peers)?;
    let program = product::build()?;
    let place = repo::target().join("bench");
    files::folder(&place)?;
    let mut figures = Vec::new();
    for set in options.sets() {
        let mut about = String::new();
        for round in 0..options.rounds {
            say(format!("\n{} (round {} of {})", set.name(), round + 1, options.rounds));
            let source = place.join("source");
            files::fresh(&source)?;
            let mut random = Random::new(options.seed);
            set.make(&source, options.size, &mut random)?;
            let (count, bytes) = files::count(&source);
            about = format!("{count} files, {}", size(bytes));
            say(format!("  {about}"));
            let mut tools = vec![Tool::holdfast(&program, &place, 1)?];
            for peer in peers.iter().filter(|peer| set.has(peer)) {
                tools.push(Tool::peer(peer, &place)?);
            }
            tools.push(Tool::holdfast(&program, &place, 2)?);
            // Each round another tool goes first, and so meets a disk and a cache that others left.
            let turn = round as usize % tools.len();
            tools.rotate_left(turn);
            figures.extend(measure(set, round, &source, &tools, &mut random)?);
            files::remove(&source)?;
            files::put(&place.join("results.tsv"), table::tsv(&figures).as_bytes())?;
        }
        publish(&options, set, &about, &figures, &peers)?;
    }
    Ok(())
}

/// All acts on one set, each tool in turn; the files change once in between.
fn measure(
    set: Set,
    round: u32,
    source: &Path,
    tools: &[Tool],
    random: &mut Random,
) -> Outcome<Vec<Figure>> {
    let mut figures = Vec::new();
    for act in Act::ALL {
        if act == Act::NextDay {
            set.change(source, random)?;
        }
        for tool in tools {
            let ended = tool.act(act, source)?;
            let figure = Figure {
                set,
                act,
                tool: tool.name,
                round,
                cpu_s: ended.cpu.as_secs_f64(),
                wall_s: ended.wall.as_secs_f64(),
                peak_bytes: ended.peak_bytes,
                stored_bytes: tool.stored(),
            };
            say(format!(
                "  {:16} {:18} {:7.2} s of processor, {:7.2} s, {} of memory, {} stored",
                act.name(),
                figure.tool,
                figure.cpu_s,
                figure.wall_s,
                size(figure.peak_bytes),
                size(figure.stored_bytes),
            ));
            figures.push(figure);
            if act == Act::Restore {
                judge(set, source, tool)?;
            }
        }
    }
    for tool in tools {
        tool.clear()?;
    }
    Ok(figures)
}

/// A restore whose bytes are wrong is not a figure but the end of the run.
fn judge(set: Set, source: &Path, tool: &Tool) -> Outcome<()> {
    let seen = compare::trees(source, &tool.restored)?;
    tool.judge(seen)
        .map_err(|sentence| format!("{} restored {} wrongly: {sentence}", tool.name, set.name()))?;
    files::remove(&tool.restored)
}

fn publish(
    options: &Options,
    set: Set,
    about: &str,
    figures: &[Figure],
    peers: &[Peer],
) -> Outcome<()> {
    let versions: Vec<String> = peers
        .iter()
        .filter(|peer| set.has(peer))
        .map(|peer| format!("{} is {}", peer.name, peer.version))
        .collect();
    let text = format!(
        "{about}. Made by `{}` on {}.{}\n\n{}",
        options.command_line(),
        machine(),
        if versions.is_empty() { String::new() } else { format!(" {}.", versions.join("; ")) },
        table::section(set, figures)
    );
    if options.write_docs {
        page::put(&repo::root().join("docs/performance.md"), set.name(), &text)?;
    }
    say(format!("\n{text}"));
    Ok(())
}

/// The computer, in a few words: figures without it mean nothing.
fn machine() -> String {
    let cpu = files::text(Path::new("/proc/cpuinfo")).unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or("");
    let model = model.trim_start_matches(['\t', ':', ' ']);
    let processors = cpu.lines().filter(|line| line.starts_with("processor")).count();
    let memory = files::text(Path::new("/proc/meminfo")).unwrap_or_default();
    let memory = memory.lines().next().and_then(|line| line.split_whitespace().nth(1));
    let kib: u64 = memory.and_then(|number| number.parse().ok()).unwrap_or(0);
    format!("{processors} processors ({model}) with {} of memory", size(kib * 1024))
}

#[test]
fn options_are_read_and_told_again_as_one_line() {
    let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let line = "--seed 7 --rounds 2 --small --peers restic,borg --only docs,vm";
    let options = Options::read(&words(line)).unwrap();
    assert_eq!(options.command_line(), format!("cargo xtask bench {line}"));
    assert_eq!(options.sets(), [Set::Docs, Set::Image]);
    assert!(Options::read(&words("--only nothing")).is_err());
    assert!(Options::read(&words("--rounds many")).is_err());
    assert!(Options::read(&words("--sed 7")).is_err());
}
