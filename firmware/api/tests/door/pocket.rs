//! Sticks in a pocket: what lies on them, which of them is plugged in, and what they refuse.
//!
//! Start at [`Pocket::plug`].

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard};

use api::{Found, Stick, Sticks};
use calls::{Fault, FaultCode};
use zeroize::Zeroizing;

/// The files on one stick, by name.
pub(crate) type Files = BTreeMap<String, String>;

/// What is plugged in.
#[derive(Debug, Default)]
pub(crate) struct Pocket {
    plugged: Mutex<BTreeMap<String, (u64, Files)>>,
    arrivals: AtomicU64,
    /// They are pulled before the first byte of a file is written.
    pub(crate) refuses: Mutex<bool>,
    /// How often files were looked for.
    pub(crate) looks: AtomicU64,
    /// How often the verdict was wanted anew.
    pub(crate) judged: AtomicU64,
}

impl Pocket {
    fn all(&self) -> MutexGuard<'_, BTreeMap<String, (u64, Files)>> {
        self.plugged.lock().expect("held for a moment")
    }

    pub(crate) fn plug(&self, stick: &str, files: Files) {
        let mut all = self.all();
        let arrival = self.arrivals.fetch_add(1, Ordering::Relaxed);
        all.insert(stick.to_owned(), (arrival, files));
    }

    /// Takes one out, with what is on it now.
    pub(crate) fn pull(&self, stick: &str) -> Files {
        self.all().remove(stick).expect("it is plugged in").1
    }
}

impl Sticks for Pocket {
    fn here(&self) -> Result<Vec<Stick>, Fault> {
        let place = "USB socket front".to_owned();
        let one = |id: &String| Stick {
            id: id.clone(),
            model: format!("{id} stick"),
            place: place.clone(),
            size: 8 << 30,
        };
        Ok(self.all().keys().map(one).collect())
    }

    fn arrivals(&self) -> u64 {
        self.arrivals.load(Ordering::Relaxed)
    }

    fn read(&self, name: &str) -> Result<Vec<Found>, Fault> {
        self.looks.fetch_add(1, Ordering::Relaxed);
        let found = |(stick, (arrival, files)): (&String, &(u64, Files))| {
            let bytes = Zeroizing::new(files.get(name)?.clone().into_bytes());
            Some(Found { stick: stick.clone(), arrival: *arrival, is_beside: false, bytes })
        };
        Ok(self.all().iter().filter_map(found).collect())
    }

    fn write(
        &self,
        stick: &str,
        _is_beside: bool,
        name: &str,
        text: &str,
    ) -> Result<Zeroizing<Vec<u8>>, Fault> {
        let mut all = self.all();
        let files = all.get_mut(stick).filter(|_| !*self.refuses.lock().expect("a moment"));
        let (_, files) = files.ok_or(Fault::new(FaultCode::Volumes, "It went.", "Plug it in."))?;
        files.insert(name.to_owned(), text.to_owned());
        Ok(Zeroizing::new(text.as_bytes().to_vec()))
    }
}
