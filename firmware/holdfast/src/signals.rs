//! Ctrl-C and its kin: the first asks the running operation to stop, the second ends the process.
//!
//! Signals are blocked in every thread and waited for in one, so nothing runs inside a handler.
//! A vault is consistent at any moment: stopping in order only saves work. A prompt that hides
//! what is typed gives the terminal back its echo first. Start at [`watch`].

use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use nix::sys::signal::{SigSet, Signal};
use nix::sys::termios::{SetArg, Termios, tcgetattr, tcsetattr};

/// What a shell expects of a program that Ctrl-C ended: 128 and the signal's number.
pub(crate) const EXIT_STOPPED: u8 = 130;

static STOP: AtomicBool = AtomicBool::new(false);
/// The terminal as it was before a question was asked at it.
static BEFORE_PROMPT: Mutex<Option<Termios>> = Mutex::new(None);

/// Starts to watch. To be called before any other thread is started: they inherit the mask.
pub(crate) fn watch() {
    let mut set = SigSet::empty();
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        set.add(signal);
    }
    if set.thread_block().is_err() {
        // Then Ctrl-C ends the process at once, which harms nothing.
        return;
    }
    std::thread::spawn(move || {
        while set.wait().is_ok() {
            let prompting = give_echo_back();
            if prompting || STOP.swap(true, Ordering::SeqCst) {
                end();
            }
        }
    });
}

/// Whether the owner asked to stop.
pub(crate) fn stopped() -> bool {
    STOP.load(Ordering::Relaxed)
}

/// Runs a question at the terminal, which Ctrl-C ends at once.
pub(crate) fn while_asking<T>(prompt: impl FnOnce() -> T) -> T {
    let terminal = std::fs::File::open("/dev/tty").ok();
    let before = terminal.and_then(|terminal| tcgetattr(terminal.as_fd()).ok());
    *BEFORE_PROMPT.lock().unwrap_or_else(PoisonError::into_inner) = before;
    let answer = prompt();
    *BEFORE_PROMPT.lock().unwrap_or_else(PoisonError::into_inner) = None;
    answer
}

/// True when a prompt was open.
fn give_echo_back() -> bool {
    let before = BEFORE_PROMPT.lock().unwrap_or_else(PoisonError::into_inner).take();
    let Some(before) = before else { return false };
    if let Ok(terminal) = std::fs::File::open("/dev/tty") {
        // A terminal that is gone needs no echo.
        tcsetattr(terminal.as_fd(), SetArg::TCSANOW, &before).ok();
    }
    true
}

#[expect(clippy::exit, reason = "the second Ctrl-C: the vault is consistent at any moment")]
fn end() {
    std::process::exit(i32::from(EXIT_STOPPED));
}
