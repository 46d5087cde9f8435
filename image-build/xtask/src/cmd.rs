//! The only module that starts programs.
//!
//! Every program gets a deadline and is killed with its children when it passes. Output either
//! goes to the terminal, or to files, or to both. Reading a program's peak memory is by looking at
//! the kernel's own high-water mark, so it may miss what grows in the last few milliseconds.
//! Start reading at [`Cmd`].

use std::ffi::{OsStr, OsString};
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::cgroup::MemoryGroup;
use crate::{Outcome, files};

/// How often a running program is looked at: short enough to see its peak, long enough to cost
/// nothing.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Deadline of a program for which none was named.
const DEFAULT_LIMIT: Duration = Duration::from_secs(600);

/// A program to be started.
#[derive(Debug)]
pub(crate) struct Cmd {
    program: OsString,
    args: Vec<OsString>,
    env: Vec<(OsString, OsString)>,
    dir: Option<PathBuf>,
    limit: Duration,
    log: Option<PathBuf>,
}

/// How a program ended, and what it cost.
#[derive(Debug)]
pub(crate) struct Ended {
    /// The command line, for messages.
    pub what: String,
    /// Exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// True when the deadline passed.
    pub late: bool,
    /// Wall time.
    pub wall: Duration,
    /// Processor time of it and its children.
    pub cpu: Duration,
    /// Largest resident size seen, in bytes.
    pub peak_bytes: u64,
    /// What it wrote, where that was kept.
    pub stdout: String,
    /// What it wrote on standard error, where that was kept.
    pub stderr: String,
}

/// A program that runs.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    what: String,
    began: Instant,
    cpu_before: Duration,
    peak_bytes: u64,
    own_group: bool,
    log: Option<PathBuf>,
}

impl Cmd {
    /// A program by name or path.
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        Self {
            program: program.as_ref().to_owned(),
            args: Vec::new(),
            env: Vec::new(),
            dir: None,
            limit: DEFAULT_LIMIT,
            log: None,
        }
    }

    /// One more argument.
    pub(crate) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.args.push(arg.as_ref().to_owned());
        self
    }

    /// More arguments.
    pub(crate) fn args<A: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.args.extend(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self
    }

    /// An environment variable.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.env.push((name.into(), value.as_ref().to_owned()));
        self
    }

    /// Another program starts it: one that becomes it.
    pub(crate) fn under(mut self, program: &str, args: &[&str]) -> Self {
        let mut all: Vec<OsString> = args.iter().map(OsString::from).collect();
        all.push(std::mem::replace(&mut self.program, program.into()));
        all.append(&mut self.args);
        self.args = all;
        self
    }

    /// The folder to run in.
    pub(crate) fn dir(mut self, dir: &Path) -> Self {
        self.dir = Some(dir.to_path_buf());
        self
    }

    /// The deadline.
    pub(crate) fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Where its output is kept: `PATH.out` and `PATH.err`.
    pub(crate) fn log(mut self, path: &Path) -> Self {
        self.log = Some(path.to_path_buf());
        self
    }

    /// Runs inside a memory group: a shell joins the group and becomes the program, so that the
    /// process id stays the same and not one page is allocated outside.
    pub(crate) fn within(self, group: &MemoryGroup) -> Self {
        let join = format!("echo $$ > '{}' && exec \"$@\"", group.procs().display());
        self.under("sh", &["-c", &join, "sh"])
    }

    fn describe(&self) -> String {
        let mut words = vec![self.program.to_string_lossy().into_owned()];
        words.extend(self.args.iter().map(|arg| arg.to_string_lossy().into_owned()));
        words.join(" ")
    }

    #[expect(clippy::disallowed_methods, reason = "this is the module that starts programs")]
    fn command(&self) -> std::process::Command {
        let mut command = std::process::Command::new(&self.program);
        command.args(&self.args).envs(self.env.iter().map(|(name, value)| (name, value)));
        if let Some(dir) = &self.dir {
            command.current_dir(dir);
        }
        command
    }

    fn spawn(&self, mut command: std::process::Command, own_group: bool) -> Outcome<Running> {
        if own_group {
            command.process_group(0);
        }
        let cpu_before = children_cpu();
        let child = command
            .spawn()
            .map_err(|error| format!("cannot start {}: {error}", self.program.to_string_lossy()))?;
        Ok(Running {
            child,
            what: self.describe(),
            began: files::now(),
            cpu_before,
            peak_bytes: 0,
            own_group,
            log: self.log.clone(),
        })
    }

    /// Runs with the terminal as it is: progress bars, colours, Ctrl-C.
    pub(crate) fn shown(self) -> Outcome<Ended> {
        let command = self.command();
        let limit = self.limit;
        self.spawn(command, false)?.wait(limit)
    }

    /// Runs with its output kept and not shown.
    pub(crate) fn kept(self) -> Outcome<Ended> {
        let limit = self.limit;
        self.start()?.wait(limit)
    }

    /// Starts it and returns at once; its output is kept.
    pub(crate) fn start(mut self) -> Outcome<Running> {
        let log = match self.log.take() {
            Some(log) => log,
            None => scratch_log()?,
        };
        let mut command = self.command();
        command.stdin(Stdio::null());
        command.stdout(create(&beside(&log, "out"))?).stderr(create(&beside(&log, "err"))?);
        self.log = Some(log);
        self.spawn(command, true)
    }

    /// Runs with its output both shown and kept.
    pub(crate) fn teed(mut self) -> Outcome<Ended> {
        let log = match self.log.take() {
            Some(log) => log,
            None => scratch_log()?,
        };
        let mut command = self.command();
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let (out, err) = (create(&beside(&log, "out"))?, create(&beside(&log, "err"))?);
        self.log = Some(log);
        let limit = self.limit;
        let mut running = self.spawn(command, true)?;
        let stdout = running.child.stdout.take().expect("it was asked for");
        let stderr = running.child.stderr.take().expect("it was asked for");
        let shown_out = thread::spawn(move || tee(stdout, out, std::io::stdout()));
        let shown_err = thread::spawn(move || tee(stderr, err, std::io::stderr()));
        let mut ended = running.wait(limit)?;
        drop((shown_out.join(), shown_err.join()));
        ended.stdout = files::text(&beside(self.log.as_ref().expect("set above"), "out"))?;
        ended.stderr = files::text(&beside(self.log.as_ref().expect("set above"), "err"))?;
        Ok(ended)
    }
}

impl Running {
    /// Its number.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// True while it has not ended.
    pub(crate) fn alive(&mut self) -> bool {
        self.peak_bytes = self.peak_bytes.max(high_water(self.child.id()));
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Ends it and its children with SIGKILL.
    pub(crate) fn kill(&mut self) {
        // Both calls fail only when it is gone already, which is what is wanted.
        if self.own_group
            && let Ok(id) = i32::try_from(self.child.id())
        {
            killpg(Pid::from_raw(id), Signal::SIGKILL).ok();
        }
        drop(self.child.kill());
    }

    /// Waits until it ends, or ends it when the deadline passes.
    pub(crate) fn wait(mut self, limit: Duration) -> Outcome<Ended> {
        let mut late = false;
        while self.alive() {
            if self.began.elapsed() > limit {
                late = true;
                self.kill();
                break;
            }
            thread::sleep(LOOK_EVERY);
        }
        let status =
            self.child.wait().map_err(|error| format!("cannot wait for {}: {error}", self.what))?;
        let kept = |ending| match &self.log {
            Some(log) => files::text(&beside(log, ending)),
            None => Ok(String::new()),
        };
        Ok(Ended {
            stdout: kept("out")?,
            stderr: kept("err")?,
            code: status.code(),
            signal: status.signal(),
            late,
            wall: self.began.elapsed(),
            cpu: children_cpu().saturating_sub(self.cpu_before),
            peak_bytes: self.peak_bytes,
            what: self.what,
        })
    }
}

impl Ended {
    /// Itself when the exit code is one of these, else a sentence with the end of what it said.
    pub(crate) fn wants(self, codes: &[i32]) -> Outcome<Self> {
        if !self.late && self.code.is_some_and(|code| codes.contains(&code)) {
            return Ok(self);
        }
        let how = match (self.late, self.code, self.signal) {
            (true, _, _) => format!("was stopped after {}", crate::say::time(self.wall)),
            (_, Some(code), _) => format!("ended with code {code}, expected {codes:?}"),
            (_, None, signal) => format!("was ended by signal {}", signal.unwrap_or_default()),
        };
        let said = if self.stderr.trim().is_empty() { &self.stdout } else { &self.stderr };
        let lines: Vec<&str> = said.trim().lines().collect();
        let tail = lines[lines.len().saturating_sub(8)..].join("\n    ");
        let tail = if tail.is_empty() { tail } else { format!(":\n    {tail}") };
        Err(format!("`{}` {how}{tail}", self.what))
    }

    /// Itself when it succeeded.
    pub(crate) fn ok(self) -> Outcome<Self> {
        self.wants(&[0])
    }
}

/// True when a program of this name stands in `PATH` or where Debian keeps root's programs.
pub(crate) fn has(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let usual = ["/usr/sbin", "/sbin"].map(PathBuf::from);
    std::env::split_paths(&path).chain(usual).any(|folder| folder.join(program).is_file())
}

fn tee(mut from: impl Read, mut file: File, mut terminal: impl Write) {
    let mut buffer = [0; 8192];
    while let Ok(count) = from.read(&mut buffer) {
        if count == 0 {
            break;
        }
        // A full disk or a closed terminal must not stop the program that is being watched.
        drop(file.write_all(&buffer[..count]));
        drop(terminal.write_all(&buffer[..count]));
    }
}

fn beside(log: &Path, ending: &str) -> PathBuf {
    let mut name = log.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

/// A log name of this process; one after another, so that none is overwritten while it is read.
fn scratch_log() -> Outcome<PathBuf> {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let folder = crate::repo::target().join("xtask");
    files::folder(&folder)?;
    let number = NEXT.fetch_add(1, Ordering::Relaxed) % 64;
    Ok(folder.join(format!("run-{}-{number}", std::process::id())))
}

fn create(path: &Path) -> Outcome<File> {
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .open(path)
        .map_err(|error| format!("cannot write {}: {error}", path.display()))
}

fn children_cpu() -> Duration {
    let Ok(usage) = getrusage(UsageWho::RUSAGE_CHILDREN) else { return Duration::ZERO };
    let of = |value: nix::sys::time::TimeVal| {
        let micros = value.tv_sec() * 1_000_000 + value.tv_usec();
        Duration::from_micros(u64::try_from(micros).unwrap_or(0))
    };
    of(usage.user_time()) + of(usage.system_time())
}

/// The kernel's high-water mark of a process's resident memory; 0 when it is gone.
fn high_water(process: u32) -> u64 {
    let Ok(status) = std::fs::read_to_string(format!("/proc/{process}/status")) else { return 0 };
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|rest| rest.trim().split(' ').next()?.parse::<u64>().ok());
    kib.unwrap_or(0) * 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_past_its_deadline_is_stopped_with_its_children() {
        let ended = Cmd::new("sh")
            .args(["-c", "sleep 100 & sleep 100"])
            .limit(Duration::from_millis(50))
            .kept()
            .unwrap();
        assert!(ended.late);
        assert!(ended.wall < Duration::from_secs(20));
        let sentence = ended.ok().unwrap_err();
        assert!(sentence.contains("was stopped after"), "{sentence}");
    }

    #[test]
    fn what_a_program_said_and_how_it_ended_is_kept() {
        let ended = Cmd::new("sh").args(["-c", "echo out; echo err >&2; exit 3"]).kept().unwrap();
        assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("out\n", "err\n"));
        assert_eq!(ended.code, Some(3));
        assert!(ended.wants(&[0, 3]).is_ok());
    }

    #[test]
    fn a_missing_program_is_named() {
        let refused = Cmd::new("no-such-program-here").kept().unwrap_err();
        assert!(refused.contains("no-such-program-here"), "{refused}");
    }

    #[test]
    fn peak_memory_counts_what_the_program_touched() {
        let script = "x=$(head -c 40000000 /dev/zero | tr '\\0' a); sleep 0.1; echo ${#x}";
        let ended = Cmd::new("sh").args(["-c", script]).kept().unwrap().ok().unwrap();
        assert!(ended.peak_bytes > 40_000_000, "saw {} bytes", ended.peak_bytes);
    }
}
