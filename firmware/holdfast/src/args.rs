//! The command line: what may be typed. Nothing is decided or opened here.
//!
//! Secrets have no place on a command line, where every process can read them: only files that
//! hold them can be named. Start at [`Cli`].

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use types::Millis;

use crate::args_of_agent::AgentCommand;
use crate::args_of_computers::Pair;
use crate::args_of_disks::{Copies, CreateOnBox, DeskCommand, DiskCommand, Keep};
use crate::args_of_tell::TellCommand;
pub(crate) use crate::args_of_volumes::{SpaceCommand, VolumeCommand};

/// Backs up folders into a sealed vault on several disks, and brings them back.
#[derive(Debug, Parser)]
#[command(name = "holdfast", version, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command understands.
#[derive(Clone, Debug, Args)]
pub(crate) struct Global {
    /// The vault's file, which lists its volumes
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "HOLDFAST_VAULT",
        hide_env_values = true
    )]
    pub(crate) vault: Option<PathBuf>,
    /// Ask a running box: its socket, or `default` for that in HOLDFAST_BOX or the usual one; or a box that
    /// this computer is paired with, by its name
    #[arg(long = "box", global = true, value_name = "SOCKET|NAME")]
    pub(crate) running_box: Option<PathBuf>,
    /// Whose sources are meant: a space, or somebody who lives with the box. When not given, everyone's
    /// shared ones are stored in, and all are looked through
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) space: Option<String>,
    /// Print one JSON document; progress and warnings are JSON lines on standard error
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// A file with the 24 words [env: HOLDFAST_WORDS_FILE]
    #[arg(long, global = true, value_name = "FILE", conflicts_with = "password_file")]
    pub(crate) words_file: Option<PathBuf>,
    /// A file with the password [env: HOLDFAST_PASSWORD_FILE]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) password_file: Option<PathBuf>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a new vault
    #[command(subcommand)]
    Vault(VaultCommand),
    /// Pair this computer with a box over the network
    Pair(Pair),
    /// Forget a box that this computer is paired with; what it holds stays there
    Unpair {
        /// What it is called here
        #[arg(value_name = "BOX")]
        name: String,
    },
    /// Have this computer back itself up to a paired box by itself
    #[command(subcommand)]
    Agent(AgentCommand),
    /// Back up folders and files
    Backup(Backup),
    /// List what was backed up when
    Snapshots {
        /// Only this source
        #[arg(long, value_name = "NAME")]
        source: Option<String>,
    },
    /// List the files of a snapshot
    Ls {
        /// Snapshot: an id, the front of one, `latest` or `latest:SOURCE`
        #[arg(value_name = "SNAPSHOT[:PATH]")]
        place: OsString,
        /// Everything below, too
        #[arg(short = 'R', long)]
        recursive: bool,
    },
    /// Write a snapshot, or part of it, back as plain files
    Restore(Restore),
    /// Show what changed between two snapshots
    Diff {
        /// The older
        #[arg(value_name = "SNAPSHOT")]
        before: String,
        /// The newer
        #[arg(value_name = "SNAPSHOT")]
        after: String,
    },
    /// Print a file of a snapshot
    Cat {
        /// Which file
        #[arg(value_name = "SNAPSHOT:PATH")]
        place: OsString,
        /// Begin at this byte
        #[arg(long, value_name = "N", default_value_t = 0)]
        offset: u64,
        /// Stop after this many bytes
        #[arg(long, value_name = "N")]
        length: Option<u64>,
    },
    /// List the versions of one file
    Versions {
        /// Which file
        #[arg(value_name = "SOURCE:PATH")]
        place: OsString,
    },
    /// Check that everything is there and sound
    Check {
        /// Read and check every byte, not only that each pack is there
        #[arg(long)]
        read_data: bool,
        /// Restore damaged and missing copies from sound ones
        #[arg(long)]
        repair: bool,
    },
    /// Let go of snapshots
    Forget(Forget),
    /// Free the room that forgotten snapshots took
    Prune {
        /// How long a pack waits before it goes, such as `30d`; 30 days when not given
        #[arg(long, value_name = "DURATION", value_parser = duration)]
        grace: Option<Millis>,
        /// Only say what would go
        #[arg(long)]
        dry_run: bool,
        /// Go on though a large part of the vault would go
        #[arg(long)]
        allow_large: bool,
    },
    /// List, add, retire, replace or remove volumes
    #[command(subcommand)]
    Volume(VolumeCommand),
    /// List the spaces of a vault, or make one more: each has keys of its own
    #[command(subcommand)]
    Space(SpaceCommand),
    /// Show who lives with a running box, and whose space is which
    People,
    /// Let a running box make a code with which a computer is paired for somebody
    PairingCode {
        /// Whose computer
        #[arg(value_name = "PERSON")]
        person: String,
        /// The source that the computer goes on with, when it was set up anew
        #[arg(long, value_name = "NAME")]
        source: Option<String>,
    },
    /// Make the catalog, the index of the vault, anew
    #[command(subcommand)]
    Catalog(CatalogCommand),
    /// Get everything back from pulled disks and the words, nothing else
    Rescue(Rescue),
    /// Emergency restore: plain files on USB drives, read back and listed
    #[command(subcommand)]
    Usb(UsbCommand),
    /// Compare two folders: every name, byte and attribute
    Compare {
        /// One folder
        left: PathBuf,
        /// The other
        right: PathBuf,
        /// Leave out owners and groups: only root can restore them
        #[arg(long)]
        ignore_owners: bool,
    },
    /// Change a source in place
    #[command(subcommand)]
    Edit(EditCommand),
    /// Show what a running box is doing
    Status,
    /// Show what is wrong with a running box and its disks, and what to do
    Health,
    /// List the jobs of a running box, or do something about one
    #[command(args_conflicts_with_subcommands = true)]
    Jobs {
        #[command(subcommand)]
        command: Option<crate::args_of_jobs::JobsCommand>,
    },
    /// Give a running box the words or the password, so that it can work
    Unlock,
    /// Let a running box put its work by and forget the keys
    Lock,
    /// Stop a running box in order
    Shutdown,
    /// Stop a running box in order and start it anew
    Restart,
    /// Show the disks of a running box, what each is to the vault, and what is wanted of you
    Disks,
    /// Do something with one disk of a running box
    #[command(subcommand)]
    Disk(DiskCommand),
    /// Have a disk of a running box replaced by another; the box says what to insert and pull
    Replace {
        /// Its bay, its id, or the last four of its serial
        #[arg(value_name = "DISK")]
        disk: String,
    },
    /// Make the vault of a new box on blank disks
    Create(CreateOnBox),
    /// Bring the vault of a box that is gone back to this new one: with the 24 words, from friends
    Reborn(crate::args_of_reborn::Reborn),
    /// Change on how many disks a running box keeps each piece
    Copies(Copies),
    /// Show how many copies and which old versions a running box keeps, or change how long versions are kept
    Keep(Keep),
    /// Play the hardware of a simulated box
    #[command(subcommand)]
    Desk(DeskCommand),
    /// Show whom a running box tells what happens, or set it
    #[command(args_conflicts_with_subcommands = true)]
    Tell {
        #[command(subcommand)]
        command: Option<TellCommand>,
    },
    /// Friends of a running box: whose box keeps what for whom
    #[command(subcommand)]
    Friend(crate::args_of_friends::FriendCommand),
    /// Print a running box's numbers for Prometheus
    Metrics,
    /// For whoever helps: what a running box is and does, without secrets and names of files
    #[command(subcommand)]
    Support(SupportCommand),
}

/// `holdfast support`.
#[derive(Clone, Copy, Debug, Subcommand)]
pub(crate) enum SupportCommand {
    /// Print everything a helper needs to see, as one JSON document
    Bundle,
}

/// `holdfast vault`.
#[derive(Debug, Subcommand)]
pub(crate) enum VaultCommand {
    /// Make a new vault on empty folders, one for each disk, and write its file
    Create(Create),
    /// Write the file of a vault anew from its disks, when it is lost or they moved
    Attach {
        /// A folder that holds a volume; name each disk that there is
        #[arg(long = "volume", value_name = "DIR", required = true)]
        volumes: Vec<PathBuf>,
    },
}

/// `holdfast vault create`.
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// A folder on a disk; name one for each disk
    #[arg(long = "volume", value_name = "DIR", required = true)]
    pub(crate) volumes: Vec<PathBuf>,
    /// On how many disks each piece is kept; 2 when not given, 1 when there is one disk
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=8))]
    pub(crate) copies: Option<u8>,
    /// Write the 24 words into this new file instead of showing them
    #[arg(long, value_name = "FILE")]
    pub(crate) kit_out: Option<PathBuf>,
    /// Let a password open the vault, too
    #[arg(long)]
    pub(crate) with_password: bool,
}

/// `holdfast backup`.
#[derive(Debug, Args)]
pub(crate) struct Backup {
    /// What to back up; the content of a single folder, or several by their last name
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Whose versions these are: a name for this computer or folder. To a box over the network it is the
    /// one that this computer was paired for
    #[arg(long, value_name = "NAME")]
    pub(crate) source: Option<String>,
    /// Leave out names that match, or paths when there is a `/` in it
    #[arg(long, value_name = "GLOB")]
    pub(crate) exclude: Vec<String>,
    /// Over the network, send no more than this in a second, such as `500K` or `2M`
    #[arg(long, value_name = "BYTES", value_parser = crate::args_of_computers::rate)]
    pub(crate) limit: Option<u64>,
}

impl Backup {
    /// The source, where it has to be named.
    pub(crate) fn named_source(&self) -> Result<&str, crate::fail::CliError> {
        self.source.as_deref().ok_or_else(|| crate::fail::CliError::Usage {
            what: "whose versions these are has to be said with --source".to_owned(),
        })
    }
}

/// `holdfast restore`.
#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// What to restore
    #[arg(value_name = "SNAPSHOT[:PATH]")]
    pub(crate) place: OsString,
    /// The folder to restore into; made if it is not there
    #[arg(long, value_name = "DIR")]
    pub(crate) to: PathBuf,
    /// Take the place of files that are there already
    #[arg(long)]
    pub(crate) overwrite: bool,
}

/// `holdfast forget`.
#[derive(Debug, Args)]
pub(crate) struct Forget {
    /// Which
    #[arg(value_name = "SNAPSHOT", required_unless_present = "older_than")]
    pub(crate) snapshots: Vec<String>,
    /// All that are older, such as `90d`, but never the newest of a source
    #[arg(long, value_name = "DURATION", value_parser = duration, conflicts_with = "snapshots")]
    pub(crate) older_than: Option<Millis>,
    /// With --older-than, only of this source
    #[arg(long, value_name = "NAME", requires = "older_than")]
    pub(crate) source: Option<String>,
    /// Only say which
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// `holdfast catalog`.
#[derive(Debug, Subcommand)]
pub(crate) enum CatalogCommand {
    /// Throw the catalog away and make it again from the packs
    Rebuild,
}

/// `holdfast rescue`.
#[derive(Debug, Args)]
pub(crate) struct Rescue {
    /// A folder that holds a volume; name each disk that there is. Nothing is written there
    #[arg(long = "volume", value_name = "DIR", required = true)]
    pub(crate) volumes: Vec<PathBuf>,
    /// The folder to restore into, a folder for each source
    #[arg(long, value_name = "DIR", required_unless_present = "list")]
    pub(crate) to: Option<PathBuf>,
    /// Only this snapshot instead of the newest of every source
    #[arg(long, value_name = "SNAPSHOT")]
    pub(crate) snapshot: Option<String>,
    /// Only list the snapshots
    #[arg(long, conflicts_with = "to")]
    pub(crate) list: bool,
}

/// `holdfast usb`.
#[derive(Debug, Subcommand)]
pub(crate) enum UsbCommand {
    /// Write plain files to one or more drives; go on with what was cut off
    Restore {
        /// The folder under which a drive is mounted, or a disk of a running box, which mounts it itself;
        /// several are filled one after the other
        #[arg(value_name = "DRIVE", required = true)]
        drives: Vec<PathBuf>,
        /// Only this source; may be given more than once
        #[arg(long = "source", value_name = "NAME")]
        sources: Vec<String>,
        /// Only what stands at this path of each source
        #[arg(long, value_name = "PATH")]
        path: Option<OsString>,
        /// Each source as it was this long ago, such as `12h` or `30d`
        #[arg(long, value_name = "DURATION", value_parser = duration)]
        ago: Option<Millis>,
        /// Begin a new restore, though an unfinished one is on a drive
        #[arg(long)]
        anew: bool,
    },
    /// Read every file of a drive's restore again and compare it with its manifest
    Verify {
        /// The folder under which the drive is mounted, or the restore's folder on it; or a disk of a
        /// running box
        #[arg(value_name = "DRIVE")]
        drive: PathBuf,
    },
}

/// `holdfast edit`.
#[derive(Debug, Subcommand)]
pub(crate) enum EditCommand {
    /// Store a file, with the folders above it
    Put {
        /// The file; `-` for standard input
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Where to
        #[arg(value_name = "SOURCE:PATH")]
        place: OsString,
    },
    /// Make a folder
    Mkdir {
        /// Where
        #[arg(value_name = "SOURCE:PATH")]
        place: OsString,
    },
    /// Move or rename within a source
    Mv {
        /// What
        #[arg(value_name = "SOURCE:PATH")]
        from: OsString,
        /// Its new path in the same source
        #[arg(value_name = "PATH")]
        to: OsString,
        /// Take the place of what is there already
        #[arg(long)]
        replace: bool,
    },
    /// Remove from the newest version; older versions keep it
    Rm {
        /// What
        #[arg(value_name = "SOURCE:PATH")]
        place: OsString,
        /// A folder with all that is in it
        #[arg(long)]
        recursive: bool,
    },
}

/// Reads `90s`, `15m` (minutes), `12h`, `30d`, `4w` or `1y` (365 days).
pub(crate) fn duration(text: &str) -> Result<Millis, String> {
    const UNITS: [(char, u64); 6] =
        [('s', 1), ('m', 60), ('h', 3_600), ('d', 86_400), ('w', 604_800), ('y', 31_536_000)];
    let wrong = || "write a number and s, m, h, d, w or y, such as 30d".to_owned();
    let last = text.chars().next_back().ok_or_else(wrong)?;
    let (_, secs) = UNITS.iter().find(|(unit, _)| *unit == last).ok_or_else(wrong)?;
    let count: u64 = text[..text.len() - 1].parse().map_err(|_| wrong())?;
    let millis = count.checked_mul(secs * 1_000).ok_or_else(wrong)?;
    // Times are signed 64 bit milliseconds.
    i64::try_from(millis).map_err(|_| wrong())?;
    Ok(Millis(millis))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_contradicts_itself_nowhere() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }

    #[test]
    fn a_duration_is_a_number_and_a_unit() {
        for (text, answer) in [
            ("0s", Some(0)),
            ("90s", Some(90_000)),
            ("2m", Some(120_000)),
            ("12h", Some(43_200_000)),
            ("30d", Some(2_592_000_000)),
            ("4w", Some(2_419_200_000)),
            ("1y", Some(31_536_000_000)),
            ("30", None),
            ("d", None),
            ("", None),
            ("-1d", None),
            ("1.5d", None),
            ("99999999999999999d", None),
            ("5\u{b5}", None),
        ] {
            assert_eq!(duration(text).ok().map(|millis| millis.0), answer, "{text}");
        }
    }
}
