//! A friend as the vault asks it for what it keeps: lists and parts of packs, through the friends' service.
//!
//! A line that breaks, or a friend that is away for a while, is waited for, with a bound, and never after
//! somebody wants the box or the job to stop. Nothing of what comes is believed here: the vault compares it with
//! the names. Start at [`FriendHold`].

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use calls::{Fault, FaultCode};
use friends::Service;
use friends::federation::FriendId;
use peer_proto::wire::Listed;
use types::{Bytes, PackId};
use vault::Hold;

use crate::supervisor::Supervisor;

/// Bytes that are asked for at once: little enough that a slow line answers within a stop's patience.
const PIECE: u64 = 2 * Bytes::MIB;
/// What failed is tried again after this.
const AGAIN: Duration = Duration::from_secs(2);
/// And given up after so many times in a row: whoever asked decides then what is next.
const TRIES: u32 = 15;
/// By whoever asks again in a while, sooner: one friend that is off keeps nobody from the others.
pub(crate) const TRIES_OF_ROUND: u32 = 2;

/// One friend.
#[derive(Debug)]
pub(crate) struct FriendHold<'s> {
    pub(crate) supervisor: &'s Supervisor,
    pub(crate) service: &'s Service,
    pub(crate) friend: FriendId,
    pub(crate) name: String,
    /// Whoever asks is to stop.
    pub(crate) halt: &'s AtomicBool,
    /// How often it is asked before it is given up.
    tries: u32,
    /// It was given up. This does not change any more: whoever asks again has another one of these.
    silent: AtomicBool,
    /// Something was not to be had just now, and may be later.
    unsure: AtomicBool,
}

impl<'s> FriendHold<'s> {
    pub(crate) fn new(
        supervisor: &'s Supervisor,
        service: &'s Service,
        (friend, name): (FriendId, String),
        halt: &'s AtomicBool,
    ) -> Self {
        let (silent, unsure) = (AtomicBool::new(false), AtomicBool::new(false));
        Self { supervisor, service, friend, name, halt, tries: TRIES, silent, unsure }
    }

    /// Given up after so many times.
    pub(crate) fn within(mut self, tries: u32) -> Self {
        self.tries = tries;
        self
    }

    /// Whether something was not to be had that may be later: a box that is away, a disk that is, a lack of time.
    pub(crate) fn is_unsure(&self) -> bool {
        self.unsure.load(Ordering::SeqCst)
    }

    /// Who says that it is busy is there, and asked on.
    fn tries_after(&self, code: FaultCode) -> u32 {
        if code == FaultCode::Busy { TRIES } else { self.tries }
    }

    /// Asks until there is an answer, or it makes no sense any more.
    fn asked<T>(&self, ask: impl Fn() -> Result<T, Fault>) -> io::Result<T> {
        let mut tries = 0;
        loop {
            let stops = || self.halt.load(Ordering::SeqCst) || self.supervisor.is_stopping();
            if stops() {
                return Err(io::ErrorKind::Interrupted.into());
            }
            if self.is_silent() {
                return Err(io::Error::new(io::ErrorKind::TimedOut, "it did not answer before"));
            }
            tries += 1;
            match ask() {
                Ok(answer) => return Ok(answer),
                // It is there and says no: asked again it says the same.
                Err(fault) if is_final(fault.code) => {
                    // A disk that is not there just now is nothing for good.
                    self.unsure.fetch_or(fault.code == FaultCode::Refused, Ordering::SeqCst);
                    return Err(io::Error::other(fault.sentence));
                }
                Err(fault) if tries >= self.tries_after(fault.code) => {
                    self.unsure.store(true, Ordering::SeqCst);
                    self.silent.fetch_or(fault.code != FaultCode::Busy, Ordering::SeqCst);
                    return Err(io::Error::other(fault.sentence));
                }
                Err(fault) => {
                    tracing::debug!(friend = self.name, tries, "not answered: {fault}");
                    if self.supervisor.rests(AGAIN) || stops() {
                        return Err(io::ErrorKind::Interrupted.into());
                    }
                }
            }
        }
    }
}

fn is_final(code: FaultCode) -> bool {
    !matches!(code, FaultCode::Failed | FaultCode::Busy)
}

impl Hold for FriendHold<'_> {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn is_silent(&self) -> bool {
        self.silent.load(Ordering::SeqCst)
    }

    fn list(&self) -> io::Result<Vec<Listed>> {
        self.asked(|| self.service.kept_there(self.friend))
    }

    fn read(&self, root: PackId, from: u64, to: u64) -> io::Result<Vec<u8>> {
        let len = to.saturating_sub(from).min(format::pack::SIZE_MAX);
        let mut bytes = Vec::with_capacity(usize::try_from(len).unwrap_or(0));
        let mut at = from;
        while at < to {
            let end = to.min(at.saturating_add(PIECE));
            let piece = self.asked(|| self.service.read_back(self.friend, root, (at, end)))?;
            if piece.len() as u64 != end - at {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            bytes.extend_from_slice(&piece);
            at = end;
        }
        Ok(bytes)
    }
}
