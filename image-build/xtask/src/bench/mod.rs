//! `cargo xtask bench`: what the vault costs, beside a peer on the same files in the same run.
//!
//! Processor seconds are the figure to compare: they travel a little better than wall time, which
//! is kept too. The tools take turns on each set of files, and restored trees are compared with
//! the originals before a figure counts. Results go to `target/bench/` as a table for people and
//! as TSV; `--write-docs` puts the table into the documents, and its first line is the command
//! that made it. Start reading at [`command`].

mod data;
mod table;
mod tool;

use std::path::Path;

use data::{Set, Size};
use tool::Tool;

use crate::corpus::Random;
use crate::say::{say, size};
use crate::{Outcome, cmd, compare, files, product, repo, setup};

/// What was measured once.
#[derive(Clone, Debug)]
pub(crate) struct Figure {
    /// Kind of files.
    pub set: &'static str,
    /// What was done with them.
    pub act: &'static str,
    /// Who did it.
    pub tool: &'static str,
    /// Processor seconds.
    pub cpu_s: f64,
    /// Wall seconds.
    pub wall_s: f64,
    /// Largest resident size.
    pub peak_bytes: u64,
    /// Size of the repository afterwards.
    pub stored_bytes: u64,
}

#[derive(Clone, Debug)]
struct Options {
    seed: u64,
    rounds: u32,
    size: Size,
    restic: bool,
    /// The one set that is measured; all when none.
    only: Option<String>,
    write_docs: bool,
}

impl Options {
    fn read(arguments: &[String]) -> Outcome<Self> {
        let (size, only) = (Size::Full, None);
        let mut options = Self { seed: 1, rounds: 1, size, restic: false, only, write_docs: false };
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            let mut number = || {
                let next = words.next().and_then(|text| text.parse().ok());
                next.ok_or_else(|| format!("{word} needs a number"))
            };
            match word.as_str() {
                "--seed" => options.seed = number()?,
                "--rounds" => options.rounds = u32::try_from(number()?.max(1)).unwrap_or(1),
                "--small" => options.size = Size::Small,
                "--write-docs" => options.write_docs = true,
                "--only" => options.only = words.next().cloned(),
                "--peers" => match words.next().map(String::as_str) {
                    Some("restic") => options.restic = true,
                    _ => return Err("the only peer known is restic".to_owned()),
                },
                _ => return Err(format!("cannot use {word}")),
            }
        }
        Ok(options)
    }

    fn command_line(&self) -> String {
        let mut line = format!("cargo xtask bench --seed {} --rounds {}", self.seed, self.rounds);
        if self.size == Size::Small {
            line.push_str(" --small");
        }
        if self.restic {
            line.push_str(" --peers restic");
        }
        if let Some(only) = &self.only {
            line.push_str(&format!(" --only \"{only}\""));
        }
        line
    }
}

/// The command.
pub(crate) fn command(arguments: &[String]) -> Outcome<()> {
    let options = Options::read(arguments)?;
    setup::for_demo()?;
    let restic = options.restic && setup::for_peer("restic")?;
    let program = product::build()?;
    let place = repo::target().join("bench");
    files::folder(&place)?;
    let mut figures = Vec::new();
    for round in 0..options.rounds {
        let wanted = |set: &Set| options.only.as_deref().is_none_or(|name| name == set.name());
        for set in Set::ALL.into_iter().filter(wanted) {
            say(format!("\n{} (round {} of {})", set.name(), round + 1, options.rounds));
            let source = place.join("source");
            files::fresh(&source)?;
            let mut random = Random::new(options.seed);
            set.make(&source, options.size, &mut random)?;
            let (count, bytes) = files::count(&source);
            say(format!("  {count} files, {}", size(bytes)));
            let mut tools = vec![Tool::holdfast(&program, &place)?];
            if restic {
                tools.push(Tool::restic(&place)?);
            }
            figures.extend(measure(set, &source, &mut tools, &mut random)?);
            files::remove(&source)?;
        }
    }
    publish(&options, &place, &figures, restic)
}

/// All acts on one set, each tool in turn; the files change once in between.
fn measure(
    set: Set,
    source: &Path,
    tools: &mut [Tool],
    random: &mut Random,
) -> Outcome<Vec<Figure>> {
    let mut figures = Vec::new();
    let mut each = |act: &'static str, tools: &mut [Tool]| -> Outcome<()> {
        for tool in tools {
            let ended = tool.act(act, source)?;
            let figure = Figure {
                set: set.name(),
                act,
                tool: tool.name,
                cpu_s: ended.cpu.as_secs_f64(),
                wall_s: ended.wall.as_secs_f64(),
                peak_bytes: ended.peak_bytes,
                stored_bytes: files::count(&tool.repository).1,
            };
            say(format!(
                "  {act:9} {:9} {:7.2} s of processor, {:7.2} s, {} of memory, {} stored",
                figure.tool,
                figure.cpu_s,
                figure.wall_s,
                size(figure.peak_bytes),
                size(figure.stored_bytes),
            ));
            figures.push(figure);
        }
        Ok(())
    };
    each("backup", tools)?;
    each("again", tools)?;
    set.change(source, random)?;
    each("day 2", tools)?;
    each("restore", tools)?;
    for tool in tools.iter() {
        let seen = compare::trees(source, &tool.restored)?;
        if let Err(sentence) = tool.judge(seen) {
            return Err(format!("{} restored {} wrongly: {sentence}", tool.name, set.name()));
        }
        files::remove(&tool.restored)?;
    }
    each("verify", tools)?;
    each("prune", tools)?;
    for tool in tools.iter() {
        tool.clear()?;
    }
    Ok(figures)
}

fn publish(options: &Options, place: &Path, figures: &[Figure], restic: bool) -> Outcome<()> {
    files::put(&place.join("results.tsv"), table::tsv(figures).as_bytes())?;
    let page = table::page(&options.command_line(), figures, &machine(), restic);
    files::put(&place.join("performance.md"), page.as_bytes())?;
    if options.write_docs {
        files::put(&repo::root().join("docs/performance.md"), page.as_bytes())?;
    }
    say(format!("\n{page}"));
    Ok(())
}

/// One sentence about the computer: figures without it mean nothing.
fn machine() -> String {
    let cpu = files::text(Path::new("/proc/cpuinfo")).unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or("");
    let model = model.trim_start_matches(['\t', ':', ' ']);
    let processors = cpu.lines().filter(|line| line.starts_with("processor")).count();
    let memory = files::text(Path::new("/proc/meminfo")).unwrap_or_default();
    let memory = memory.lines().next().and_then(|line| line.split_whitespace().nth(1));
    let kib: u64 = memory.and_then(|number| number.parse().ok()).unwrap_or(0);
    let restic = cmd::Cmd::new("restic").arg("version").kept();
    let restic = restic.ok().and_then(|ended| ended.stdout.lines().next().map(str::to_owned));
    let restic = restic.map_or(String::new(), |line| format!(" Peer: {line}."));
    format!("{processors} processors ({model}), {} of memory.{restic}", size(kib * 1024))
}

#[test]
fn options_are_read_and_told_again_as_one_line() {
    let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let options = Options::read(&words("--seed 7 --small --peers restic")).unwrap();
    let line = options.command_line();
    assert_eq!(line, "cargo xtask bench --seed 7 --rounds 1 --small --peers restic");
    assert!(Options::read(&words("--peers tar")).is_err());
    assert!(Options::read(&words("--sed 7")).is_err());
}
