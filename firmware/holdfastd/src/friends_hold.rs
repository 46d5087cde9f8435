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

/// One friend.
#[derive(Debug)]
pub(crate) struct FriendHold<'s> {
    pub(crate) supervisor: &'s Supervisor,
    pub(crate) service: &'s Service,
    pub(crate) friend: FriendId,
    pub(crate) name: String,
    /// Whoever asks is to stop.
    pub(crate) halt: &'s AtomicBool,
}

impl FriendHold<'_> {
    /// Asks until there is an answer, or it makes no sense any more.
    fn asked<T>(&self, ask: impl Fn() -> Result<T, Fault>) -> io::Result<T> {
        let mut tries = 0;
        loop {
            let stops = || self.halt.load(Ordering::SeqCst) || self.supervisor.is_stopping();
            if stops() {
                return Err(io::ErrorKind::Interrupted.into());
            }
            tries += 1;
            match ask() {
                Ok(answer) => return Ok(answer),
                // It is there and says no: asked again it says the same.
                Err(fault) if tries >= TRIES || is_final(fault.code) => {
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
