//! Every program that this crate starts, by name, each with a deadline and a bound on its answer.
//!
//! Programs get no input but an open file, no environment but a fixed path and language, and a
//! process group of their own, which is ended as a whole when the deadline comes. A program that
//! even then does not end, because the disk under it hangs in the kernel, is left behind and
//! collected when it does; nobody waits for it. Start at [`Programs::run`].

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use nix::sys::signal::{Signal, killpg};
use nix::sys::wait::{Id, WaitPidFlag, waitid};
use nix::unistd::Pid;

use super::time::Deadline;

/// Where system programs lie.
const PATH: &str = "/usr/sbin:/usr/bin:/sbin:/bin";
/// More than any of these programs has to say: smartctl's longest answers are under 100 KiB.
const ANSWER_LEN_MAX: u64 = 1 << 20;
/// A program that was ended is waited for this long, because most are gone at once.
const AFTER_KILL: Duration = Duration::from_secs(2);

/// A program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Program {
    /// Asks a disk how it is.
    Smartctl,
    /// Sends a disk to sleep.
    Hdparm,
    /// Makes a file system.
    MkfsExt4,
    /// Puts back what making a file system overwrote.
    E2undo,
    /// Tells the kernel of a partition, in the partition table or not.
    Addpart,
    /// Lets the kernel forget a partition.
    Delpart,
    /// Makes a device read-only, by another on top of it.
    Losetup,
    /// Ourselves again, as the child that looks at what others wrote.
    Probe,
}

impl Program {
    fn name(self) -> &'static str {
        match self {
            Self::Smartctl => "smartctl",
            Self::Hdparm => "hdparm",
            Self::MkfsExt4 => "mkfs.ext4",
            Self::E2undo => "e2undo",
            Self::Addpart => "addpart",
            Self::Delpart => "delpart",
            Self::Losetup => "losetup",
            Self::Probe => "holdfast-probe",
        }
    }

    /// How long it may take, on a slow disk that has to wake first.
    fn deadline(self) -> Duration {
        Duration::from_secs(match self {
            // A bridge that gives up on a command does so after 30 s, and some ask twice.
            Self::Smartctl | Self::Hdparm => 90,
            // 20 TB take a minute when the inode tables are left for later; a sick disk longer.
            Self::MkfsExt4 | Self::E2undo => 1_800,
            Self::Addpart | Self::Delpart | Self::Losetup => 30,
            // The owner waits for the answer; half a million files take less.
            Self::Probe => 120,
        })
    }
}

/// What a program left.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: ExitStatus,
    pub(crate) said: Vec<u8>,
    complained: Vec<u8>,
}

impl Answer {
    /// What it said, if it ended well.
    pub(crate) fn well(self, program: Program) -> io::Result<Vec<u8>> {
        if self.status.success() {
            return Ok(self.said);
        }
        let complaint = String::from_utf8_lossy(&self.complained);
        let last = complaint.trim().lines().last().unwrap_or("it did not say why").to_owned();
        Err(io::Error::other(format!("{} ended with {}: {last}", program.name(), self.status)))
    }
}

/// Where the programs are found.
#[derive(Clone, Debug)]
pub(crate) struct Programs {
    /// The program that is ourselves as a child.
    pub(crate) probe: PathBuf,
    /// A folder that is looked into first: tests put theirs there.
    pub(crate) first: Option<PathBuf>,
}

impl Programs {
    /// Runs a program to its end. `input` becomes its standard input.
    pub(crate) fn run(
        &self,
        program: Program,
        arguments: &[&str],
        input: Option<File>,
    ) -> io::Result<Answer> {
        let mut command = Command::new(self.path(program));
        command.args(arguments).env_clear().env("PATH", PATH).env("LC_ALL", "C");
        command.process_group(0).current_dir("/");
        command.stdin(input.map_or_else(Stdio::null, Stdio::from));
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().map_err(|error| {
            io::Error::new(error.kind(), format!("cannot start {}: {error}", program.name()))
        })?;
        supervise(child, program.name(), program.deadline())
    }

    /// Whether another program is taken instead of the system's.
    pub(crate) fn is_own(&self, program: Program) -> bool {
        self.own(program).is_some()
    }

    fn own(&self, program: Program) -> Option<PathBuf> {
        let own = self.first.as_deref().map(|folder| folder.join(program.name()));
        own.filter(|path| path.exists())
    }

    fn path(&self, program: Program) -> PathBuf {
        if program == Program::Probe {
            return self.probe.clone();
        }
        self.own(program)
            .or_else(|| find(program.name()))
            .unwrap_or_else(|| PathBuf::from(program.name()))
    }
}

fn find(name: &str) -> Option<PathBuf> {
    PATH.split(':').map(|folder| Path::new(folder).join(name)).find(|path| path.exists())
}

fn supervise(mut child: Child, name: &str, most: Duration) -> io::Result<Answer> {
    let said = reader(child.stdout.take())?;
    let complained = reader(child.stderr.take())?;
    let pid = Pid::from_raw(i32::try_from(child.id()).map_err(io::Error::other)?);
    let ended = watcher(pid)?;
    let deadline = Deadline::within(most);
    let in_time = ended.recv_timeout(deadline.left()).is_ok();
    // Not collected yet, so the number still belongs to it and to nobody else. Also after a normal
    // end: what it may have started itself does not stay.
    killpg(pid, Signal::SIGKILL).ok();
    if !in_time && ended.recv_timeout(AFTER_KILL).is_err() {
        thread::Builder::new().name("reaper".to_owned()).spawn(move || child.wait())?;
        return Err(late(name, most));
    }
    let status = child.wait()?;
    if !in_time {
        return Err(late(name, most));
    }
    let text = |from: Receiver<Vec<u8>>| from.recv_timeout(AFTER_KILL).unwrap_or_default();
    Ok(Answer { status, said: text(said), complained: text(complained) })
}

fn late(name: &str, most: Duration) -> io::Error {
    let sentence = format!("{name} did not end within {} s", most.as_secs());
    io::Error::new(io::ErrorKind::TimedOut, sentence)
}

/// Says when a process has ended, and leaves it to be collected.
fn watcher(pid: Pid) -> io::Result<Receiver<()>> {
    let (tell, told) = channel();
    thread::Builder::new().name("watcher".to_owned()).spawn(move || {
        let wait = || waitid(Id::Pid(pid), WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT);
        while wait() == Err(nix::errno::Errno::EINTR) {}
        // Whoever waited may have given up.
        tell.send(()).ok();
    })?;
    Ok(told)
}

/// Reads to the end and keeps as much as is sensible; the rest is read and dropped, so that the
/// program does not stand still.
fn reader(from: Option<impl Read + Send + 'static>) -> io::Result<Receiver<Vec<u8>>> {
    let (tell, told) = channel();
    thread::Builder::new().name("reader".to_owned()).spawn(move || {
        let mut kept = Vec::new();
        if let Some(mut from) = from {
            // What cannot be read is missing in the answer, and the answer is checked.
            from.by_ref().take(ANSWER_LEN_MAX).read_to_end(&mut kept).ok();
            io::copy(&mut from, &mut io::sink()).ok();
        }
        tell.send(kept).ok();
    })?;
    Ok(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, most: Duration) -> io::Result<Answer> {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]).process_group(0);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        supervise(command.spawn().unwrap(), "sh", most)
    }

    #[test]
    fn a_program_that_does_not_end_is_ended_with_all_that_it_started() {
        let began = Deadline::within(Duration::from_secs(60));
        let late = shell("sleep 1000 & sleep 1000", Duration::from_millis(50)).unwrap_err();
        assert_eq!(late.kind(), io::ErrorKind::TimedOut);
        assert!(!began.is_over());
    }

    #[test]
    fn what_a_program_leaves_running_does_not_stay_and_holds_nobody_up() {
        let began = Deadline::within(Duration::from_secs(60));
        let answer = shell("sleep 1000 & echo done", Duration::from_secs(50)).unwrap();
        assert_eq!(answer.said, b"done\n");
        assert!(!began.is_over());
    }

    #[test]
    fn the_last_complaint_is_passed_on() {
        let answer = shell("echo first >&2; echo last >&2; exit 3", Duration::from_secs(50));
        let error = answer.unwrap().well(Program::Hdparm).unwrap_err().to_string();
        assert!(error.starts_with("hdparm ended with") && error.ends_with(": last"), "{error}");
    }
}
