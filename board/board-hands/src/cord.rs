//! One end of a talk: bytes, and now and then an open folder that travels with them.
//!
//! At most one handle comes with a frame; more are closed by the kernel before anybody sees them.
//! Start at [`Cord`].

use std::collections::VecDeque;
use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};

/// Handles that came and were not taken: a side that sends more is not listened to.
const HANDLES_MAX: usize = 1;

/// A socket that carries handles.
#[derive(Debug)]
pub(crate) struct Cord {
    stream: UnixStream,
    came: VecDeque<OwnedFd>,
    /// Goes with the next bytes.
    goes: Option<OwnedFd>,
}

impl Cord {
    pub(crate) fn new(stream: UnixStream) -> Self {
        Self { stream, came: VecDeque::new(), goes: None }
    }

    /// The handle that came with what was read last.
    pub(crate) fn take_handle(&mut self) -> Option<OwnedFd> {
        self.came.pop_front()
    }

    /// Lets a handle go with the next frame.
    pub(crate) fn attach(&mut self, handle: OwnedFd) {
        self.goes = Some(handle);
    }
}

impl Read for Cord {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(HANDLES_MAX))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let mut bytes = [IoSliceMut::new(buf)];
        let got = recvmsg(&self.stream, &mut bytes, &mut control, RecvFlags::CMSG_CLOEXEC)?;
        for message in control.drain() {
            if let RecvAncillaryMessage::ScmRights(handles) = message {
                self.came.extend(handles);
            }
        }
        if self.came.len() > HANDLES_MAX {
            self.came.clear();
            return Err(io::ErrorKind::InvalidData.into());
        }
        Ok(got.bytes)
    }
}

impl Write for Cord {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(HANDLES_MAX))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        let handle = self.goes.take();
        let handles = handle.as_ref().map(AsFd::as_fd);
        if handles.is_some() && !control.push(SendAncillaryMessage::ScmRights(handles.as_slice())) {
            return Err(io::ErrorKind::OutOfMemory.into());
        }
        // Whoever is interrupted sends the same bytes again, and so the same handle.
        match sendmsg(&self.stream, &[IoSlice::new(buf)], &mut control, SendFlags::NOSIGNAL) {
            Err(error) => {
                self.goes = handle;
                Err(error.into())
            }
            Ok(count) => Ok(count),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
