//! What the story is told on its command line. Start at [`Options::read`].

use std::path::PathBuf;

use crate::Outcome;

/// Damages that the test command does to Holdfast with two volumes.
const DAMAGES: u64 = 60;

/// What was asked for.
#[derive(Debug)]
pub(super) struct Options {
    pub damages: u64,
    pub seed: u64,
    pub peers: Vec<String>,
    /// Where the peers' part is kept, so that it goes on there after an interruption.
    pub keep: Option<PathBuf>,
    pub write_docs: bool,
}

impl Options {
    pub(super) fn read(words: &[String]) -> Outcome<Self> {
        let mut options =
            Self { damages: DAMAGES, seed: 1, peers: Vec::new(), keep: None, write_docs: false };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let mut next = || words.next().ok_or_else(|| format!("{word} needs a value"));
            let number = |text: &String| {
                text.parse::<u64>().map_err(|_| format!("{word} needs a number, not {text}"))
            };
            match word.as_str() {
                "--damages" => options.damages = number(next()?)?.max(1),
                "--seed" => options.seed = number(next()?)?,
                "--peers" => options.peers = next()?.split(',').map(str::to_owned).collect(),
                "--keep" => options.keep = Some(PathBuf::from(next()?)),
                "--write-docs" => options.write_docs = true,
                _ => return Err(format!("the story corruption cannot use {word}")),
            }
        }
        Ok(options)
    }

    pub(super) fn command_line(&self) -> String {
        let mut line =
            format!("cargo xtask story corruption --damages {} --seed {}", self.damages, self.seed);
        if !self.peers.is_empty() {
            line.push_str(&format!(" --peers {}", self.peers.join(",")));
        }
        line
    }
}

#[test]
fn options_are_read_and_told_again() {
    let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let options = Options::read(&words("--damages 9 --seed 4 --peers borg")).unwrap();
    let line = "cargo xtask story corruption --damages 9 --seed 4 --peers borg";
    assert_eq!(options.command_line(), line);
    assert!(Options::read(&words("--damage 9")).is_err());
}
