//! The side with rights: who may speak, how many at once, and what is asked of the board.
//!
//! One thread a talk, so that a call about a disk that hangs holds up no other. The kernel says who is
//! at the other end. What is asked goes to the board as it is: the board finds and checks its target
//! itself. Who sends what cannot be read is told so and left. Start at [`Helper::serve`].

use std::io;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use board::{Board, BoardError, Event};
use frame::{FrameError, read, write};
use nix::sys::socket::{getsockopt, sockopt};
use nix::unistd::Uid;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::cord::Cord;
use crate::door::Door;
use crate::message::{
    ASK_LEN_MAX, Ask, Greeting, Hello, Left, OLDEST_PROTOCOL, PROTOCOL, Reply, Said, Why,
};
use crate::wire::InfoHeld;

/// Talks at once: a box has a handful of threads that speak, and one more for each disk that hangs.
pub const CALLERS_MAX: usize = 32;
/// A caller that says nothing for this long is left.
const IDLE_MAX: Duration = Duration::from_secs(600);
/// A caller has this long to say hello.
const HELLO_MAX: Duration = Duration::from_secs(10);
/// A caller that takes nothing for this long is left.
const WRITE_MAX: Duration = Duration::from_secs(30);
/// An event is waited for this long at a time: who went away meanwhile costs a thread no longer.
pub(crate) const WAIT_MAX: Duration = Duration::from_secs(2);
/// No caller is taken for this long after one could not be.
const AFTER_TROUBLE: Duration = Duration::from_millis(200);

/// Works on disks for one user.
#[derive(Debug)]
pub struct Helper {
    board: Arc<dyn Board>,
    user: Uid,
    callers: AtomicUsize,
    /// An event was taken from the board, and nobody got it.
    missed: AtomicBool,
}

impl Helper {
    /// A helper for this user; root may speak with it as well.
    pub fn new(board: Arc<dyn Board>, user: Uid) -> Arc<Self> {
        let (callers, missed) = (AtomicUsize::new(0), AtomicBool::new(false));
        Arc::new(Self { board, user, callers, missed })
    }

    /// Serves whoever comes in, without end.
    pub fn serve(self: &Arc<Self>, door: &Door) {
        for stream in door.listener.incoming() {
            let stream = match stream {
                Ok(stream) => stream,
                Err(error) => {
                    // Too many open files, say: to try again at once would only burn the processor.
                    tracing::warn!(%error, "a caller could not be taken");
                    std::thread::sleep(AFTER_TROUBLE);
                    continue;
                }
            };
            let taken = self.callers.fetch_add(1, Ordering::SeqCst) < CALLERS_MAX;
            let place = Place(Arc::clone(self));
            let named = std::thread::Builder::new().name("caller".to_owned());
            let spawned = named.spawn(move || {
                let begun = Talk::begin(&place.0, stream, taken);
                if let Err(error) = begun.and_then(|mut talk| talk.go_on()) {
                    tracing::debug!(%error, "a talk ended");
                }
            });
            if let Err(error) = spawned {
                tracing::warn!(%error, "no thread for a caller");
            }
        }
    }

    /// What is asked, done. The folder of a mount is kept in the cord for the answer.
    fn answer(&self, ask: Ask, cord: &mut Cord) -> Result<Said, BoardError> {
        let board = &self.board;
        Ok(match ask {
            Ask::Disks {} => {
                Said::Disks { disks: board.disks()?.into_iter().map(InfoHeld).collect() }
            }
            Ask::NextEvent { wait_ms } => Said::event(self.next_event(wait_ms)?),
            Ask::Smart { disk } => Said::Smart { facts: board.smart(&disk)? },
            Ask::Probe { disk } => Said::Probe { content: board.probe(&disk)? },
            Ask::Prepare { disk, order } => {
                if !order.label_is_fit() {
                    let what = "its label does not fit";
                    return Err(BoardError::Order { disk: Box::new(disk), what });
                }
                Said::Prepare { prepared: board.prepare(&disk, &order)? }
            }
            Ask::PutBack { disk, order } => {
                if !order.label_is_fit() {
                    let what = "its label does not fit";
                    return Err(BoardError::Order { disk: Box::new(disk), what });
                }
                board.put_back(&disk, &order).map(|()| Said::Done {})?
            }
            Ask::KeepOnly { labels } => board.keep_only(&labels).map(|()| Said::Done {})?,
            Ask::Mount { disk, how } => {
                let io = |error| BoardError::io("hand over", &disk, error);
                let mounted = board.mount(&disk, how)?;
                let folder = mounted.disk.folder().map_err(io)?;
                cord.attach(folder.ok_or_else(|| io(io::ErrorKind::Unsupported.into()))?);
                let path = mounted.path.into_os_string().into_string();
                Said::Mount {
                    path: path.map_err(|_| io(io::ErrorKind::InvalidData.into()))?,
                    label: mounted.disk.label(),
                    serial: mounted.disk.serial(),
                }
            }
            Ask::Unmount { disk } => board.unmount(&disk).map(|()| Said::Done {})?,
            Ask::Burn { disk, order } => Said::Burn { burnt: board.burn(&disk, &order)? },
            Ask::Pulse { disk } => board.pulse(&disk).map(|()| Said::Done {})?,
            Ask::Light { bay, light } => board.light(&bay, light).map(|()| Said::Done {})?,
            Ask::Sleep { disk } => board.sleep(&disk).map(|()| Said::Done {})?,
        })
    }

    fn next_event(&self, wait_ms: u32) -> Result<Option<Event>, BoardError> {
        if self.missed.swap(false, Ordering::SeqCst) {
            return Ok(Some(Event::Overflow));
        }
        self.board.next_event(Duration::from_millis(u64::from(wait_ms)).min(WAIT_MAX))
    }
}

/// A caller's place, given back when its thread ends.
struct Place(Arc<Helper>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.callers.fetch_sub(1, Ordering::SeqCst);
    }
}

struct Talk<'h> {
    helper: &'h Helper,
    /// Reads without handles: what a caller sends with its bytes, the kernel closes.
    from: UnixStream,
    to: Cord,
}

impl<'h> Talk<'h> {
    /// Greets, and hears whether both speak the same version.
    fn begin(helper: &'h Helper, from: UnixStream, taken: bool) -> Result<Self, FrameError> {
        let io = |source| FrameError::Io { source };
        from.set_read_timeout(Some(HELLO_MAX)).map_err(io)?;
        from.set_write_timeout(Some(WRITE_MAX)).map_err(io)?;
        let who = getsockopt(&from, sockopt::PeerCredentials).map_err(|errno| io(errno.into()))?;
        let to = Cord::new(from.try_clone().map_err(io)?);
        let mut talk = Self { helper, from, to };
        let left = if !may_speak(Uid::from_raw(who.uid()), helper.user) {
            tracing::warn!(uid = who.uid(), "a stranger called");
            let sentence = "it works for the box's own user only".to_owned();
            Some(Left { why: Why::Denied, sentence })
        } else if !taken {
            let sentence = format!("{CALLERS_MAX} callers are here already");
            Some(Left { why: Why::Busy, sentence })
        } else {
            None
        };
        let is_over = left.is_some();
        talk.send(&Greeting {
            hands: env!("CARGO_PKG_VERSION").to_owned(),
            protocol: PROTOCOL,
            oldest: OLDEST_PROTOCOL,
            profile: helper.board.profile().id.clone(),
            left,
        })?;
        if is_over {
            return Err(FrameError::Ended);
        }
        let Hello { protocol } = talk.read()?;
        if !(OLDEST_PROTOCOL..=PROTOCOL).contains(&protocol) {
            let sentence = format!("it speaks protocol {PROTOCOL}, and {protocol} was wanted");
            return talk.leave(Why::Version, sentence);
        }
        talk.from.set_read_timeout(Some(IDLE_MAX)).map_err(io)?;
        Ok(talk)
    }

    fn go_on(&mut self) -> Result<(), FrameError> {
        loop {
            let ask: Ask = match self.read() {
                Err(FrameError::Ended) => return Ok(()),
                other => other?,
            };
            let (name, disk) = (ask.name(), ask.touches().cloned());
            let is_event = matches!(ask, Ask::NextEvent { .. });
            let answered = self.helper.answer(ask, &mut self.to);
            if let Some(disk) = disk {
                match &answered {
                    Ok(_) => tracing::info!(%disk, act = name, "done"),
                    Err(error) => tracing::warn!(%disk, act = name, %error, "not done"),
                }
            }
            let sent = match answered {
                Ok(said) => self.send(&Reply::Said(said)),
                Err(error) => self.send(&Reply::Refused((&error).into())),
            };
            if sent.is_err() && is_event {
                self.helper.missed.store(true, Ordering::SeqCst);
            }
            sent?;
        }
    }

    /// The caller's next frame. What cannot be read is answered, and never repeated.
    fn read<T: DeserializeOwned>(&mut self) -> Result<T, FrameError> {
        let got = read(&mut self.from, ASK_LEN_MAX);
        let sentence = match &got {
            Err(FrameError::NotUnderstood { source }) => {
                format!("{:?} error at byte {}", source.classify(), source.column())
            }
            Err(error @ FrameError::TooLong { .. }) => error.to_string(),
            _ => return got,
        };
        tracing::warn!(%sentence, "what was asked cannot be understood");
        self.leave(Why::NotUnderstood, sentence)
    }

    fn send<T: Serialize>(&mut self, what: &T) -> Result<(), FrameError> {
        write(&mut self.to, what)
    }

    /// Says why, and ends the talk.
    fn leave<T>(&mut self, why: Why, sentence: String) -> Result<T, FrameError> {
        self.send(&Reply::Left(Left { why, sentence }))?;
        Err(FrameError::Ended)
    }
}

/// Whether somebody with this number may speak with a helper of that user.
fn may_speak(caller: Uid, user: Uid) -> bool {
    caller == user || caller.is_root()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_boxs_user_and_root_may_speak() {
        let (user, other) = (Uid::from_raw(990), Uid::from_raw(1_000));
        assert!(may_speak(user, user) && may_speak(Uid::from_raw(0), user));
        assert!(!may_speak(other, user) && !may_speak(other, Uid::from_raw(0)));
    }
}
