//! The side without rights: a [`Board`] whose every call goes to the helper.
//!
//! Several calls at once have a talk each, so none waits for another. When the helper was started anew
//! it is met again, with bounded patience, and the next event says that some were missed. Only erasing
//! is never asked again by itself. Start at [`RemoteBoard::connect`].

use std::collections::BTreeSet;
use std::io;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use board::{
    Board, BoardError, BurnOrder, Burnt, DiskContent, DiskIdentity, DiskInfo, Event, Light,
    MountAs, Mounted, PrepareOrder, Prepared, Profile, PutBackOrder, SmartFacts, profile,
};
use frame::{LEN_MAX, read, write};
use volume::FsDisk;

use crate::cord::Cord;
use crate::fault::{broken, odd, over};
use crate::helper::WAIT_MAX;
use crate::message::{
    Ask, Greeting, Hello, KEEPS_ONLY_SINCE, Left, OLDEST_PROTOCOL, PROTOCOL, Reply, Said, Why,
};

/// Talks that are kept for the next call.
const IDLE_MAX: usize = 4;

/// How long a helper that is not there is waited for.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// How often it is looked for.
    pub attempts: u32,
    /// The time between two looks.
    pub pause: Duration,
}

impl Default for Patience {
    /// Five seconds: a service that is started anew is there long before.
    fn default() -> Self {
        Self { attempts: 51, pause: Duration::from_millis(100) }
    }
}

/// The hardware, by way of the helper.
#[derive(Debug)]
pub struct RemoteBoard {
    socket: PathBuf,
    patience: Patience,
    profile: Profile,
    /// The helper's version, when it was met first.
    speaks: u16,
    idle: Mutex<Vec<Cord>>,
    /// A talk broke off: events may have been lost with it.
    missed: AtomicBool,
}

impl RemoteBoard {
    /// Meets the helper behind this socket.
    pub fn connect(socket: &Path) -> Result<Self, BoardError> {
        Self::with_patience(socket, Patience::default())
    }

    /// The same, waiting longer or not as long.
    pub fn with_patience(socket: &Path, patience: Patience) -> Result<Self, BoardError> {
        let (cord, greeting) = meet(socket, patience)?;
        let unknown = |error| BoardError::helper(io::Error::other(error));
        let profile = profile::by_id(&greeting.profile).map_err(unknown)?;
        let (socket, idle, missed) = (socket.to_owned(), Mutex::new(vec![cord]), false.into());
        let speaks = greeting.protocol;
        Ok(Self { socket, patience, profile, speaks, idle, missed })
    }

    /// Asks, and keeps the talk for the next call. The folder, if one came with the answer, is in it.
    fn ask<T>(
        &self,
        ask: &Ask,
        wanted: impl Fn(Said, &mut Cord) -> Result<T, BoardError>,
    ) -> Result<T, BoardError> {
        // A talk that was kept may have ended long ago; what is asked once gets a new one.
        let kept = if ask.may_be_repeated() { self.idle().pop() } else { None };
        if let Some(cord) = kept {
            match self.ask_once(cord, ask, &wanted) {
                Err(BoardError::Helper { .. }) => self.missed.store(true, Ordering::SeqCst),
                answered => return answered,
            }
            // Those beside it are of the same age.
            self.idle().clear();
        }
        let cord = meet(&self.socket, self.patience)?.0;
        match self.ask_once(cord, ask, &wanted) {
            Err(error @ BoardError::Helper { .. }) => {
                self.missed.store(true, Ordering::SeqCst);
                Err(error)
            }
            answered => answered,
        }
    }

    fn ask_once<T>(
        &self,
        mut cord: Cord,
        ask: &Ask,
        wanted: impl Fn(Said, &mut Cord) -> Result<T, BoardError>,
    ) -> Result<T, BoardError> {
        write(&mut cord, ask).map_err(broken)?;
        let answered = match read(&mut cord, LEN_MAX).map_err(broken)? {
            Reply::Said(said) => wanted(said, &mut cord)?,
            Reply::Refused(refusal) => {
                self.keep(cord);
                return Err(refusal.into());
            }
            Reply::Left(left) => return Err(over(left)),
        };
        self.keep(cord);
        Ok(answered)
    }

    fn keep(&self, cord: Cord) {
        let mut idle = self.idle();
        if idle.len() < IDLE_MAX {
            idle.push(cord);
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Cord>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn done(&self, ask: &Ask) -> Result<(), BoardError> {
        self.ask(ask, |said, _| match said {
            Said::Done {} => Ok(()),
            other => Err(odd(&other)),
        })
    }
}

impl Board for RemoteBoard {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn disks(&self) -> Result<Vec<DiskInfo>, BoardError> {
        self.ask(&Ask::Disks {}, |said, _| match said {
            Said::Disks { disks } => Ok(disks.into_iter().map(|held| held.0).collect()),
            other => Err(odd(&other)),
        })
    }

    fn next_event(&self, wait: Duration) -> Result<Option<Event>, BoardError> {
        let mut left = wait;
        loop {
            if self.missed.swap(false, Ordering::SeqCst) {
                return Ok(Some(Event::Overflow));
            }
            // The helper waits in small pieces, so that it notices when nobody is here any more.
            let piece = left.min(WAIT_MAX);
            let wait_ms = u32::try_from(piece.as_millis()).unwrap_or(u32::MAX);
            let event = self.ask(&Ask::NextEvent { wait_ms }, |said, _| match said {
                Said::NextEvent { event } => Ok(event.map(|held| held.0)),
                other => Err(odd(&other)),
            })?;
            left = left.saturating_sub(piece);
            if event.is_some() || left.is_zero() {
                return Ok(event);
            }
        }
    }

    fn smart(&self, disk: &DiskIdentity) -> Result<SmartFacts, BoardError> {
        self.ask(&Ask::Smart { disk: disk.clone() }, |said, _| match said {
            Said::Smart { facts } => Ok(facts),
            other => Err(odd(&other)),
        })
    }

    fn probe(&self, disk: &DiskIdentity) -> Result<DiskContent, BoardError> {
        self.ask(&Ask::Probe { disk: disk.clone() }, |said, _| match said {
            Said::Probe { content } => Ok(content),
            other => Err(odd(&other)),
        })
    }

    fn prepare(&self, disk: &DiskIdentity, order: &PrepareOrder) -> Result<Prepared, BoardError> {
        let ask = Ask::prepare(disk, order, self.speaks);
        self.ask(&ask, |said, _| match said {
            Said::Prepare { prepared } => Ok(prepared),
            other => Err(odd(&other)),
        })
    }

    fn put_back(&self, disk: &DiskIdentity, order: &PutBackOrder) -> Result<(), BoardError> {
        self.done(&Ask::PutBack { disk: disk.clone(), order: order.clone() })
    }

    /// A helper from before lets go by itself when a disk is mounted, and cannot be told.
    fn keep_only(&self, labels: &BTreeSet<String>) -> Result<(), BoardError> {
        if self.speaks < KEEPS_ONLY_SINCE {
            return Ok(());
        }
        self.done(&Ask::KeepOnly { labels: labels.clone() })
    }

    fn burn(&self, disk: &DiskIdentity, order: &BurnOrder) -> Result<Burnt, BoardError> {
        let ask = Ask::Burn { disk: disk.clone(), order: order.clone() };
        self.ask(&ask, |said, _| match said {
            Said::Burn { burnt } => Ok(burnt),
            other => Err(odd(&other)),
        })
    }

    fn pulse(&self, disk: &DiskIdentity) -> Result<(), BoardError> {
        self.done(&Ask::Pulse { disk: disk.clone() })
    }

    fn mount(&self, disk: &DiskIdentity, how: MountAs) -> Result<Mounted, BoardError> {
        self.ask(&Ask::Mount { disk: disk.clone(), how }, |said, cord| match said {
            Said::Mount { path, label, serial } => {
                let nothing = || BoardError::helper(io::ErrorKind::UnexpectedEof.into());
                let folder = cord.take_handle().ok_or_else(nothing)?;
                let opened = FsDisk::of_folder(folder, label, serial);
                let opened = opened.map_err(|error| BoardError::io("open", disk, error))?;
                Ok(Mounted { disk: Arc::new(opened), path: path.into() })
            }
            other => Err(odd(&other)),
        })
    }

    fn unmount(&self, disk: &DiskIdentity) -> Result<(), BoardError> {
        self.done(&Ask::Unmount { disk: disk.clone() })
    }

    fn light(&self, bay: &str, light: Light) -> Result<(), BoardError> {
        self.done(&Ask::Light { bay: bay.to_owned(), light })
    }

    fn sleep(&self, disk: &DiskIdentity) -> Result<(), BoardError> {
        self.done(&Ask::Sleep { disk: disk.clone() })
    }
}

/// Begins a talk; a helper that is not there, or has no place, may be in a moment.
fn meet(socket: &Path, patience: Patience) -> Result<(Cord, Greeting), BoardError> {
    let mut attempts = patience.attempts.max(1);
    loop {
        let met = UnixStream::connect(socket).map_err(BoardError::helper).and_then(greet);
        attempts -= 1;
        match met {
            Err(BoardError::Helper { source }) if attempts > 0 && passes(&source) => {
                std::thread::sleep(patience.pause);
            }
            met => return met,
        }
    }
}

/// Whether waiting may help. A helper that was killed leaves a socket that refuses.
fn passes(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ResourceBusy
            | io::ErrorKind::WouldBlock
    )
}

fn greet(stream: UnixStream) -> Result<(Cord, Greeting), BoardError> {
    let mut cord = Cord::new(stream);
    let greeting: Greeting = read(&mut cord, LEN_MAX).map_err(broken)?;
    if let Some(left) = greeting.left {
        return Err(over(left));
    }
    let protocol = greeting.protocol.min(PROTOCOL);
    if protocol < greeting.oldest || protocol < OLDEST_PROTOCOL {
        let sentence = format!("it is version {}, and this is another", greeting.hands);
        return Err(over(Left { why: Why::Version, sentence }));
    }
    write(&mut cord, &Hello { protocol }).map_err(broken)?;
    Ok((cord, greeting))
}
