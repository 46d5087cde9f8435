//! Bodies of packs between a stream and code that blocks: one piece in memory, throttled, given up when
//! nothing moves for too long or somebody says so. Start at [`BodyIn`] and [`BodyOut`].

use std::io::{self, Read, Write};
use std::sync::Arc;
use std::time::Duration;

use iroh::endpoint::{RecvStream, SendStream};
use peer_proto::limits;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::house::Direction;
use crate::throttle::Throttle;

/// Bytes that are gathered before they go, or read at once.
const BUFFER: usize = 64 << 10;
/// A body of which nothing moves for this long is given up; it is resumed later.
pub(crate) const MOVES_WITHIN: Duration = Duration::from_millis(limits::PUSH_WITHIN.0);

/// What a body needs beside its stream.
#[derive(Clone)]
pub(crate) struct Around {
    pub(crate) runtime: Handle,
    pub(crate) throttle: Arc<Throttle>,
    /// Becomes true when it is to be given up.
    pub(crate) given_up: watch::Receiver<bool>,
    /// Told that bytes moved.
    pub(crate) moved: Arc<dyn Fn() + Send + Sync>,
}

/// Resolves when somebody gives it up.
async fn given_up(mut told: watch::Receiver<bool>) {
    // Whoever could say so is gone: then nobody wants it any more either.
    drop(told.wait_for(|over| *over).await);
}

fn broken(what: impl std::fmt::Display) -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionReset, what.to_string())
}

impl Around {
    fn wait<T, E: std::fmt::Display>(
        &self,
        step: impl Future<Output = Result<T, E>>,
    ) -> io::Result<T> {
        self.runtime.block_on(async {
            tokio::select! {
                done = timeout(MOVES_WITHIN, step) => match done {
                    Ok(Ok(done)) => Ok(done),
                    Ok(Err(error)) => Err(broken(error)),
                    Err(_) => Err(io::ErrorKind::TimedOut.into()),
                },
                () = given_up(self.given_up.clone()) => Err(broken("given up")),
            }
        })
    }
}

/// A body that comes. Only on threads that may block.
pub(crate) struct BodyIn<'a> {
    from: &'a mut RecvStream,
    around: Around,
    buffer: Vec<u8>,
    taken: usize,
}

impl<'a> BodyIn<'a> {
    pub(crate) fn new(from: &'a mut RecvStream, around: Around) -> Self {
        Self { from, around, buffer: Vec::new(), taken: 0 }
    }

    fn fill(&mut self) -> io::Result<()> {
        let Self { from, around, buffer, taken } = self;
        buffer.resize(BUFFER.min(around.throttle.piece(Direction::In)), 0);
        *taken = 0;
        let read = around.wait(from.read(buffer))?.unwrap_or(0);
        buffer.truncate(read);
        let slow = async {
            around.throttle.pass(Direction::In, read).await;
            Ok::<_, io::Error>(())
        };
        around.wait(slow)?;
        (around.moved)();
        Ok(())
    }
}

impl Read for BodyIn<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.taken == self.buffer.len() {
            self.fill()?;
        }
        let len = out.len().min(self.buffer.len() - self.taken);
        out[..len].copy_from_slice(&self.buffer[self.taken..self.taken + len]);
        self.taken += len;
        Ok(len)
    }
}

/// A body that goes. Only on threads that may block; what was written is on its way after a flush.
pub(crate) struct BodyOut<'a> {
    to: &'a mut SendStream,
    around: Around,
    buffer: Vec<u8>,
}

impl<'a> BodyOut<'a> {
    pub(crate) fn new(to: &'a mut SendStream, around: Around) -> Self {
        Self { to, around, buffer: Vec::with_capacity(BUFFER) }
    }
}

impl Write for BodyOut<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let len = bytes.len().min(BUFFER - self.buffer.len());
        self.buffer.extend_from_slice(&bytes[..len]);
        if self.buffer.len() == BUFFER {
            self.flush()?;
        }
        Ok(len)
    }

    fn flush(&mut self) -> io::Result<()> {
        let Self { to, around, buffer } = self;
        let mut rest = &buffer[..];
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(around.throttle.piece(Direction::Out)));
            let slow = async {
                around.throttle.pass(Direction::Out, now.len()).await;
                to.write_all(now).await
            };
            around.wait(slow)?;
            (around.moved)();
            rest = later;
        }
        buffer.clear();
        Ok(())
    }
}
