//! The file beside the catalog that keeps a second process out and remembers how the last one left.
//!
//! A damaged database may not only fail but bring the process down while it is opened or read.
//! The guard says so to the next start, which then deletes the database, or checks every page of
//! it first, instead of falling over it again. One byte; a torn or strange one means "check".

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::CatalogError;

/// How the last user left the catalog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Left {
    /// Closed, or never there.
    Cleanly,
    /// It died while it opened the file: do not open it again.
    Opening,
    /// It died, or lost power, while the file was open: check every page.
    InUse,
    /// It found damage: do not open it again.
    Broken,
}

impl Left {
    fn byte(self) -> &'static [u8] {
        match self {
            Self::Cleanly => b"",
            Self::Opening => b"o",
            Self::InUse => b"u",
            Self::Broken => b"b",
        }
    }
}

/// The guard, held: nobody else opens this catalog while it lives.
#[derive(Debug)]
pub(crate) struct Guard {
    file: File,
    path: PathBuf,
}

impl Guard {
    /// Takes the guard of the catalog at `catalog`.
    pub(crate) fn take(catalog: &Path) -> Result<Self, CatalogError> {
        let mut name = catalog.as_os_str().to_owned();
        name.push(".guard");
        let path = PathBuf::from(name);
        let folder = |source| CatalogError::Folder { doing: "create", path: path.clone(), source };
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(folder)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { file, path }),
            Err(TryLockError::WouldBlock) => Err(CatalogError::Busy { path: catalog.to_owned() }),
            Err(TryLockError::Error(source)) => Err(folder(source)),
        }
    }

    /// How the last user left.
    pub(crate) fn left(&self) -> Left {
        let mut text = Vec::new();
        let mut file = &self.file;
        let read = file.seek(SeekFrom::Start(0)).and_then(|_| file.take(2).read_to_end(&mut text));
        match (read, text.as_slice()) {
            (Ok(_), b"") => Left::Cleanly,
            (Ok(_), b"o") => Left::Opening,
            (Ok(_), b"b") => Left::Broken,
            _ => Left::InUse,
        }
    }

    /// Notes how things stand. Not synced: after a power cut the database checks itself.
    pub(crate) fn set(&self, left: Left) -> Result<(), CatalogError> {
        let mut file = &self.file;
        file.set_len(0)
            .and_then(|()| file.seek(SeekFrom::Start(0)))
            .and_then(|_| file.write_all(left.byte()))
            .map_err(|source| CatalogError::Folder {
                doing: "write",
                path: self.path.clone(),
                source,
            })
    }
}
