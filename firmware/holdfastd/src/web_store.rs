//! The web door's records, in a folder of the box's state folder.
//!
//! The folder is the box's user's alone, and each record is replaced whole and durably, as all of the
//! box's are. Start at [`WebStore::open`].

use std::error::Error;
use std::io;
use std::sync::Arc;

use api::Store;
use volume::durable::IoFailure;

use crate::state::StateFolder;

/// The folder of records.
pub(crate) const FOLDER: &str = "web";

/// The records.
#[derive(Debug)]
pub(crate) struct WebStore(Arc<StateFolder>);

impl WebStore {
    /// Makes the folder if it is not there.
    pub(crate) fn open(folder: &Arc<StateFolder>) -> Result<Self, IoFailure> {
        folder.make_folder(FOLDER)?;
        Ok(Self::at(folder))
    }

    /// The records that are there, if any.
    pub(crate) fn at(folder: &Arc<StateFolder>) -> Self {
        Self(Arc::clone(folder))
    }
}

fn failed(failure: IoFailure) -> io::Error {
    let kind = failure.source().and_then(|cause| cause.downcast_ref::<io::Error>());
    io::Error::new(kind.map_or(io::ErrorKind::Other, io::Error::kind), failure)
}

impl Store for WebStore {
    fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        self.0.get(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.0.put(name, bytes).map_err(failed)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.0.remove(name).map_err(failed)
    }
}
