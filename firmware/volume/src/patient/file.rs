//! A file of a disk that is waited for no longer than its deadline.
//!
//! Start at [`PatientFile`].

use std::io;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError, RwLock};

use nix::errno::Errno;

use super::{OWN, Shared};
use crate::disk::DiskFile;

#[derive(Debug)]
pub(super) struct PatientFile {
    pub(super) shared: Arc<Shared>,
    /// There until it is dropped.
    pub(super) file: Option<Arc<RwLock<Box<dyn DiskFile>>>>,
}

impl PatientFile {
    fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&RwLock<Box<dyn DiskFile>>) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let file = self.file.clone().ok_or(Errno::EBADF)?;
        self.shared.ask(self.shared.deadline, move || work(&file))
    }

    fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn DiskFile) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        self.ask(|file| work(&**file.read().unwrap_or_else(PoisonError::into_inner)))
    }

    fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn DiskFile) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        self.ask(|file| work(&mut **file.write().unwrap_or_else(PoisonError::into_inner)))
    }

    /// The file itself, for the thread of its disk's writer.
    fn own(&self) -> Option<&RwLock<Box<dyn DiskFile>>> {
        let is_own = OWN.get() == self.shared.address();
        let gone = self.shared.gone.load(Ordering::Acquire);
        self.file.as_deref().filter(|_| is_own && !gone)
    }
}

impl DiskFile for PatientFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        if let Some(file) = self.own() {
            return file.write().unwrap_or_else(PoisonError::into_inner).append(bytes);
        }
        let bytes = bytes.to_vec();
        self.write(move |file| file.append(&bytes))
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let bytes = bytes.to_vec();
        self.write(move |file| file.write_at(offset, &bytes))
    }

    fn sync_data(&mut self) -> io::Result<()> {
        self.write(|file| file.sync_data())
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        if let Some(file) = self.own() {
            return file.read().unwrap_or_else(PoisonError::into_inner).read_at(offset, buf);
        }
        // Its own buffer: a thread that hangs keeps it.
        let mut bytes = vec![0; buf.len()];
        let bytes = self.read(move |file| {
            let read = file.read_at(offset, &mut bytes)?;
            bytes.truncate(read);
            Ok(bytes)
        })?;
        buf[..bytes.len()].copy_from_slice(&bytes);
        Ok(bytes.len())
    }

    fn len(&self) -> io::Result<u64> {
        self.read(|file| file.len())
    }

    fn forget_cache(&self) -> io::Result<()> {
        self.read(|file| file.forget_cache())
    }
}

impl Drop for PatientFile {
    /// Closing a file may hang as well as anything else: a disk that is gone is closed elsewhere.
    fn drop(&mut self) {
        let file = self.file.take();
        let late = self.shared.late.load(Ordering::SeqCst) > 0;
        if late || self.shared.gone.load(Ordering::Acquire) {
            let thread = std::thread::Builder::new().name("close".to_owned());
            drop(thread.spawn(move || drop(file)));
        }
    }
}
