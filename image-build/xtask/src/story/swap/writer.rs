//! Backups that go on during everything else: one after the other, each with something new, until
//! they are stopped.
//!
//! A box that is killed acknowledges nothing; that backup is asked for again, and its wait is counted
//! apart. Every other refusal ends the story. Start at [`Writer::start`].

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::running::RealBox;
use crate::boxes::House;
use crate::corpus::Random;
use crate::product::document;
use crate::story::Facts;
use crate::{Outcome, files};

/// Bytes that are new in each backup.
const NEW_LEN: usize = 96 << 10;
/// The rest of the machine has to come to something, too.
const PAUSE: Duration = Duration::from_millis(100);
/// A box that was killed is back by then.
const BACK_WITHIN: Duration = Duration::from_secs(100);

/// A backup that was acknowledged.
#[derive(Clone, Debug)]
pub(super) struct Acknowledged {
    pub(super) snapshot: String,
    pub(super) took: Duration,
    /// Disks that durably held all of it when it was acknowledged.
    pub(super) copies: u64,
    /// It was asked for more than once.
    pub(super) interrupted: bool,
}

/// The backups.
#[derive(Debug)]
pub(super) struct Writer {
    stop: Arc<AtomicBool>,
    /// The box is about to be killed, or is down.
    forgives: Arc<AtomicBool>,
    count: Arc<AtomicU32>,
    thread: Option<JoinHandle<Outcome<Vec<Acknowledged>>>>,
}

struct Work {
    house: House,
    folder: PathBuf,
    stop: Arc<AtomicBool>,
    forgives: Arc<AtomicBool>,
    count: Arc<AtomicU32>,
}

impl Writer {
    /// Starts to back up a folder as the source `notes`, over and over.
    pub(super) fn start(house: &House, folder: &Path) -> Self {
        let (stop, forgives) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let count = Arc::new(AtomicU32::new(0));
        let work = Work {
            house: house.clone(),
            folder: folder.to_path_buf(),
            stop: Arc::clone(&stop),
            forgives: Arc::clone(&forgives),
            count: Arc::clone(&count),
        };
        let thread = Some(thread::spawn(move || work.run()));
        Self { stop, forgives, count, thread }
    }

    /// Waits until so many more were acknowledged from now on.
    pub(super) fn goes_on(&self, real: &RealBox, more: u32) -> Outcome<()> {
        let from = self.count.load(Ordering::SeqCst);
        real.until(&format!("{more} more backups are acknowledged"), || {
            if self.thread.as_ref().is_some_and(JoinHandle::is_finished) {
                return Err("the backups ended by themselves".to_owned());
            }
            Ok((self.count.load(Ordering::SeqCst) >= from + more).then_some(()))
        })
    }

    /// While this is so a backup may be cut off, and is asked for again.
    pub(super) fn forgive(&self, so: bool) {
        self.forgives.store(so, Ordering::SeqCst);
    }

    /// Ends them: all that were acknowledged.
    pub(super) fn finish(mut self) -> Outcome<Vec<Acknowledged>> {
        self.stop.store(true, Ordering::SeqCst);
        let thread = self.thread.take().ok_or("the backups were ended before")?;
        thread.join().map_err(|_| "the thread of the backups ended badly".to_owned())?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

impl Work {
    fn run(&self) -> Outcome<Vec<Acknowledged>> {
        let mut random = Random::new(77);
        let mut all = Vec::new();
        while !self.stop.load(Ordering::SeqCst) {
            let name = format!("note-{:04}", all.len());
            files::put(&self.folder.join(name), &random.noise(NEW_LEN))?;
            all.push(self.one()?);
            self.count.fetch_add(1, Ordering::SeqCst);
            thread::sleep(PAUSE);
        }
        Ok(all)
    }

    /// One backup, until it is acknowledged.
    fn one(&self) -> Outcome<Acknowledged> {
        let began = files::now();
        let mut interrupted = false;
        loop {
            // What was asked while it was forgiven may be refused a moment later.
            let forgiven = self.forgives.load(Ordering::SeqCst);
            let ask = self.house.ask(&["backup", "--source", "notes", "--json"]);
            // Code 3: acknowledged, on fewer disks than promised.
            let refused = match ask.arg(&self.folder).kept()?.wants(&[0, 3]) {
                Ok(ended) => {
                    let told = document(&ended)?;
                    return Ok(Acknowledged {
                        snapshot: told["result"]["snapshot"]
                            .as_str()
                            .unwrap_or_default()
                            .to_owned(),
                        copies: told["result"]["copies"].as_u64().unwrap_or(0),
                        took: began.elapsed(),
                        interrupted,
                    });
                }
                Err(refused) => refused,
            };
            let stopping = self.stop.load(Ordering::SeqCst);
            let forgiven = forgiven || self.forgives.load(Ordering::SeqCst);
            if !forgiven || stopping || began.elapsed() > BACK_WITHIN {
                return Err(format!("a backup was not acknowledged: {refused}"));
            }
            interrupted = true;
            thread::sleep(PAUSE);
        }
    }
}

/// What the backups came to.
pub(super) fn tell(part: &str, acknowledged: &[Acknowledged], facts: &mut Facts) {
    let longest = |cut: bool| {
        let those = acknowledged.iter().filter(|one| one.interrupted == cut);
        those.map(|one| one.took).max().unwrap_or(Duration::ZERO)
    };
    facts.add(&format!("{part}_backups"), acknowledged.len());
    facts.add(&format!("{part}_on_one_disk"), acknowledged.iter().filter(|o| o.copies < 2).count());
    facts.add_time(&format!("{part}_longest"), longest(false));
    facts.add_time(&format!("{part}_longest_over_kill"), longest(true));
}
