//! The repository's own commands: `cargo xtask demo`, `test`, `tidy` and the rest.
//!
//! Nothing here ships on a box. Each command does its own set-up, says what it does while it
//! does it, and leaves everything it makes under the target folder. A failure ends with one
//! sentence on standard error and exit code 1; a command line that means nothing ends with 2.
//! Start reading at [`COMMANDS`]; programs are started only by [`cmd`].

mod bench;
mod boxes;
mod cgroup;
mod cmd;
mod compare;
mod corpus;
mod crash;
mod deb;
mod debian;
mod demo;
mod files;
mod friends;
mod fsrig;
mod fuzz;
mod laptop;
mod odd;
mod page;
mod product;
mod repo;
mod sabotage;
mod say;
mod setup;
mod sim;
mod story;
mod test;
mod tidy;

use std::process::ExitCode;

use say::{complain, say};

/// Result of anything that can fail here; the text is a sentence for the person at the terminal.
type Outcome<T> = Result<T, String>;

/// One subcommand.
struct Command {
    name: &'static str,
    arguments: &'static str,
    about: &'static str,
    run: fn(&[String]) -> Outcome<()>,
}

const COMMANDS: &[Command] = &[
    Command {
        name: "demo",
        arguments: "[--small]",
        about: "back up this machine's own files, break disks, get everything back",
        run: demo::command,
    },
    Command {
        name: "test",
        arguments: "",
        about: "everything that must hold: format, lints, licences, tests, stories",
        run: test::command,
    },
    Command {
        name: "tidy",
        arguments: "[--lower]",
        about: "the rules of this repository; --lower tightens the ratchets in tidy.toml",
        run: tidy::command,
    },
    Command {
        name: "story",
        arguments: "NAME [NAME ...] | scale [--chunks N] [--files N] | \
                    corruption [--damages N] [--seed N] [--peers restic,borg] [--write-docs]",
        about: "one acceptance story on the real program; no name lists them",
        run: story::command,
    },
    Command {
        name: "bench",
        arguments: "[--peers restic,borg,rustic,restic-bookworm] [--seed N] [--rounds N] [--small] \
                    [--only SET,SET] [--write-docs]",
        about: "measure the vault beside its peers, which it brings here; sets are demo, photos, \
                docs and vm",
        run: bench::command,
    },
    Command {
        name: "crash",
        arguments: "[--fs ext4|xfs] [--states N] [--seed N]",
        about: "many power cuts, one seed: simulated, or with --fs on the kernel's file systems",
        run: crash::command,
    },
    Command {
        name: "sim",
        arguments: "[--worlds N] [--seed N]",
        about: "worlds of friends over years, one seed each, and the same sabotaged",
        run: sim::command,
    },
    Command {
        name: "sabotage",
        arguments: "[--only NAME]",
        about: "deliberate bugs, each of which a test must catch",
        run: sabotage::command,
    },
    Command {
        name: "fuzz",
        arguments: "[--target NAME] [--seconds N | --hours N] [--seed N]",
        about: "coverage-guided fuzzing of every stored layout; with a time, that long a target",
        run: fuzz::command,
    },
    Command {
        name: "box",
        arguments: "",
        about: "a box of your own in target/box, with folders for disks, until Ctrl-C",
        run: boxes::command,
    },
    Command {
        name: "friends",
        arguments: "[--boxes N]",
        about: "some boxes of your own that can become friends, in target/friends, until Ctrl-C",
        run: friends::command,
    },
    Command {
        name: "page",
        arguments: "",
        about: "the page that a box serves, built with Node into web-ui/dist",
        run: page::command,
    },
    Command {
        name: "e2e",
        arguments: "",
        about: "the page in Chromium: every screen, what axe finds, and a real box in desk mode",
        run: page::e2e,
    },
    Command {
        name: "deb",
        arguments: "",
        about: "the Debian package of the box, for any Debian with disks of its own",
        run: deb::command,
    },
    Command { name: "help", arguments: "", about: "this list", run: help },
];

fn help(_: &[String]) -> Outcome<()> {
    say("cargo xtask COMMAND, from anywhere inside the repository:\n");
    for command in COMMANDS {
        say(format!("  {} {}\n      {}", command.name, command.arguments, command.about));
    }
    Ok(())
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let name = arguments.next().unwrap_or_else(|| "help".to_owned());
    let rest: Vec<String> = arguments.collect();
    let name = if matches!(name.as_str(), "--help" | "-h") { "help" } else { name.as_str() };
    let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
        complain(format!("there is no command {name}; `cargo xtask help` lists them"));
        return ExitCode::from(2);
    };
    match (command.run)(&rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            // A command that has said everything itself fails without another word.
            if !sentence.is_empty() {
                complain(format!("{name}: {sentence}"));
            }
            ExitCode::FAILURE
        }
    }
}
