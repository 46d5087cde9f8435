//! The agent's unit and timer, as the user's own systemd reads them; and a line for cron.
//!
//! The timer is enabled by the link that `systemctl --user enable` would make, so nothing is started here. Start
//! at [`write`].

use std::io::ErrorKind;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::kept::{gone, put};
use crate::Result;
use crate::fail::CliError;

/// The timer's name.
pub(super) const TIMER: &str = "holdfast-agent.timer";
const SERVICE: &str = "holdfast-agent.service";
const WANTS: &str = "timers.target.wants";

/// What says of each line whether it is metered, where NetworkManager is.
const METERED: &str = "LC_ALL=C nmcli --get-values GENERAL.METERED device show 2>/dev/null";

/// Puts both, and has the timer wanted at each login.
pub(super) fn write(folder: &Path, program: &Path) -> Result<()> {
    put(folder, SERVICE, service(program).as_bytes())?;
    put(folder, TIMER, timer().as_bytes())?;
    let wants = folder.join(WANTS);
    let failed = |source| CliError::Input { path: wants.clone(), source };
    std::fs::create_dir_all(&wants).map_err(failed)?;
    match symlink(Path::new("..").join(TIMER), wants.join(TIMER)) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        made => made.map_err(failed),
    }
}

/// Whether there was something.
pub(super) fn remove(folder: &Path) -> Result<bool> {
    let link = gone(&folder.join(WANTS).join(TIMER))?;
    Ok(gone(&folder.join(TIMER))? | gone(&folder.join(SERVICE))? | link)
}

/// Whether the timer is wanted.
pub(super) fn are_there(folder: &Path) -> bool {
    folder.join(SERVICE).is_file() && folder.join(WANTS).join(TIMER).is_file()
}

/// A line for `crontab -e`.
pub(super) fn cron(program: &Path) -> String {
    // A percent sign ends a command of cron's.
    let program = program.display().to_string().replace('\'', "'\\''").replace('%', "\\%");
    format!("*/20 * * * * '{program}' agent run --metered \"$({METERED})\"")
}

fn service(program: &Path) -> String {
    let program = quoted(&program.display().to_string());
    // To systemd a dollar sign is two; the program comes behind, so that no shell reads its path.
    let call = format!("exec \"$$0\" agent run --metered \"$$({METERED})\"");
    format!(
        "[Unit]\n\
         Description=Back this computer up to its Holdfast box\n\
         \n\
         [Service]\n\
         Type=oneshot\n\
         ExecStart=/bin/sh -c '{call}' {program}\n\
         # Something was left out, and listed.\n\
         SuccessExitStatus=3\n\
         Nice=10\n\
         IOSchedulingClass=idle\n\
         CPUSchedulingPolicy=batch\n\
         # What is put by is gone on with.\n\
         KillSignal=SIGTERM\n\
         TimeoutStopSec=60\n"
    )
}

fn timer() -> String {
    "[Unit]\n\
     Description=Look now and then whether this computer is to be backed up\n\
     \n\
     [Timer]\n\
     OnCalendar=*:0/20\n\
     Persistent=true\n\
     RandomizedDelaySec=5min\n\
     \n\
     [Install]\n\
     WantedBy=timers.target\n"
        .to_owned()
}

/// A word of a command line of systemd's.
fn quoted(word: &str) -> String {
    let escaped = word.replace('\\', "\\\\").replace('"', "\\\"").replace('%', "%%");
    format!("\"{}\"", escaped.replace('$', "$$"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_units_and_the_link_are_made_again_and_taken_away() {
        let folder = tempfile::tempdir().unwrap();
        let folder = &folder.path().join("systemd/user");
        assert!(!remove(folder).unwrap());
        for _ in 0..2 {
            write(folder, Path::new("/usr/bin/holdfast")).unwrap();
            assert!(are_there(folder));
        }
        let timer = std::fs::read_to_string(folder.join(WANTS).join(TIMER)).unwrap();
        assert!(timer.contains("Persistent=true") && timer.contains("RandomizedDelaySec="));
        assert!(remove(folder).unwrap());
        assert!(!are_there(folder) && !remove(folder).unwrap());
    }

    #[test]
    fn a_program_with_an_odd_path_is_one_word_to_systemd_and_to_cron() {
        let odd = Path::new("/home/a b/100%/\"it's\"/$x\\y/holdfast");
        let service = service(odd);
        let word = "\"/home/a b/100%%/\\\"it's\\\"/$$x\\\\y/holdfast\"";
        assert!(service.contains(word), "{service}");
        assert!(
            cron(odd).contains("'/home/a b/100\\%/\"it'\\''s\"/$x\\y/holdfast'"),
            "{}",
            cron(odd)
        );
    }
}
