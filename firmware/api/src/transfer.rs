//! Bodies on their way in and out: a few frames in memory, whoever is slow.
//!
//! The side that stores reads on a thread of its own and waits for the network; the network waits for it.
//! Start at [`incoming`] and [`outgoing`].

use std::io::{self, ErrorKind, Read, Write};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use http_body_util::BodyExt;
use hyper::body::Frame;
use tokio::sync::Notify;
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// Frames of a body that wait between the two sides.
const FRAMES_MAX: usize = 4;
/// A body that sends nothing for so long is left; what came of it is kept.
const SILENCE_MAX: Duration = Duration::from_secs(60);
/// Bytes that are gathered before they are sent on.
const CHUNK: usize = 64 << 10;

enum Piece {
    Bytes(Bytes),
    /// The body has come to its end, and did not only break off.
    End,
}

/// The reading side of a body.
pub(crate) struct Incoming {
    pieces: Receiver<Piece>,
    here: Bytes,
    ended: bool,
    taken: u64,
}

impl Incoming {
    /// Bytes that came out of it: all that whoever reads it may have stored.
    pub(crate) fn taken(&self) -> u64 {
        self.taken
    }
}

/// Ends a body from elsewhere: whoever reads it is told that it broke off.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stop(Arc<Notify>);

impl Stop {
    pub(crate) fn stop(&self) {
        self.0.notify_one();
    }
}

/// A body as something to be read on a thread, and what has to be waited for beside that.
///
/// Between two frames it is asked whether whoever sends them still may: a token that was taken back sends no
/// more, however long its body is.
pub(crate) fn incoming(
    body: Body,
    stop: Stop,
    still: impl Fn() -> bool + Send + 'static,
) -> (Incoming, impl Future<Output = ()> + Send + 'static) {
    let (sender, pieces) = channel(FRAMES_MAX);
    let incoming = Incoming { pieces, here: Bytes::new(), ended: false, taken: 0 };
    (incoming, pump(body, sender, stop, still))
}

async fn pump(mut body: Body, sender: Sender<Piece>, stop: Stop, still: impl Fn() -> bool) {
    loop {
        let frame = tokio::time::timeout(SILENCE_MAX, body.frame());
        let frame = tokio::select! {
            () = stop.0.notified() => return,
            () = sender.closed() => return,
            frame = frame => frame,
        };
        let piece = match frame {
            Ok(Some(Ok(frame))) => match frame.into_data() {
                Ok(bytes) => Piece::Bytes(bytes),
                Err(_) => continue,
            },
            Ok(None) => Piece::End,
            Ok(Some(Err(_))) | Err(_) => return,
        };
        if !still() {
            return;
        }
        let is_end = matches!(piece, Piece::End);
        let sent = tokio::select! {
            () = stop.0.notified() => return,
            sent = sender.send(piece) => sent,
        };
        if is_end || sent.is_err() {
            return;
        }
    }
}

impl Read for Incoming {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        while self.here.is_empty() && !self.ended {
            match self.pieces.blocking_recv() {
                Some(Piece::Bytes(bytes)) => self.here = bytes,
                Some(Piece::End) => self.ended = true,
                None => return Err(ErrorKind::ConnectionReset.into()),
            }
        }
        let len = self.here.len().min(buf.len());
        buf[..len].copy_from_slice(&self.here[..len]);
        self.here = self.here.slice(len..);
        self.taken += len as u64;
        Ok(len)
    }
}

/// The writing side of an answer.
pub(crate) struct Outgoing {
    sender: Sender<io::Result<Bytes>>,
    still: Box<dyn Fn() -> bool + Send>,
    gathered: Vec<u8>,
}

/// An answer that is written on a thread, as long as whoever reads it still may.
pub(crate) fn outgoing(still: impl Fn() -> bool + Send + 'static) -> (Outgoing, Body) {
    let (sender, receiver) = channel(FRAMES_MAX);
    let body = Body::new(Frames(receiver));
    (Outgoing { sender, still: Box::new(still), gathered: Vec::new() }, body)
}

impl Outgoing {
    /// Tells whoever reads that this is not all of it.
    pub(crate) fn break_off(self) {
        let broken = io::Error::from(ErrorKind::ConnectionAborted);
        // Nobody may read any more, which is what was to be said.
        drop(self.sender.blocking_send(Err(broken)));
    }

    fn send(&mut self, bytes: Vec<u8>) -> io::Result<()> {
        if !(self.still)() {
            return Err(ErrorKind::PermissionDenied.into());
        }
        let sent = self.sender.blocking_send(Ok(bytes.into()));
        sent.map_err(|_| ErrorKind::BrokenPipe.into())
    }
}

impl Write for Outgoing {
    /// Takes what fits one frame: all that waits for a reader who takes nothing is a few frames.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let len = bytes.len().min(CHUNK - self.gathered.len());
        self.gathered.extend_from_slice(&bytes[..len]);
        if self.gathered.len() >= CHUNK {
            let gathered = std::mem::take(&mut self.gathered);
            self.send(gathered)?;
        }
        Ok(len)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.gathered.is_empty() {
            return Ok(());
        }
        let gathered = std::mem::take(&mut self.gathered);
        self.send(gathered)
    }
}

struct Frames(Receiver<io::Result<Bytes>>);

impl hyper::body::Body for Frames {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let next = self.0.poll_recv(context);
        next.map(|next| next.map(|bytes| bytes.map(Frame::data)))
    }
}
