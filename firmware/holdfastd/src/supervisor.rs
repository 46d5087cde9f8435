//! The supervisor: everything that callers, jobs and the conductor share.
//!
//! One lock guards the book of jobs and the box's memory; it is never held while the vault works.
//! Start at [`Supervisor::start`]; what goes on by itself is in `conduct`.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;

use calls::{AskedBy, Event, Fault, Health, Job, JobId, JobSpec, JobState};
use plan::jobs::Wish;
use types::clock::{ClockWatch, Moment};
use types::{Clock, Millis, UnixTime, VaultId};

use crate::book::Book;
use crate::care::Care;
use crate::chosen::Chosen;
use crate::error::StartError;
use crate::events::Hub;
use crate::friends_of_box::Friendship;
use crate::health;
use crate::judge::Judge;
use crate::keeper::Keeper;
use crate::key_looks::KeyLooks;
use crate::memory::Memory;
use crate::own::apart_from_volumes;
use crate::quiet::{QuietHours, Zone};
use crate::reborn::Rebirth;
use crate::setup::Setup;
use crate::show;
use crate::state::StateFolder;
use crate::telling::Telling;
use crate::untold::{self, Untold};
use crate::ups::Battery;

/// A running box.
#[derive(Debug)]
pub struct Supervisor {
    pub(crate) setup: Setup,
    /// None while the box is new.
    pub(crate) vault: OnceLock<VaultId>,
    me: Weak<Self>,
    pub(crate) folder: Arc<StateFolder>,
    pub(crate) keeper: Keeper,
    pub(crate) hub: Hub,
    shared: Mutex<Shared>,
    pub(crate) changed: Condvar,
    /// The zone whose time of day counts, once it was looked up.
    pub(crate) zone: OnceLock<Zone>,
    pub(crate) judge: Judge,
    /// A vault that was made and whose words nobody has yet.
    pub(crate) untold: Untold,
    /// Held while the vault of a box that is gone is brought back.
    pub(crate) rebirth: Rebirth,
    /// Makes codes for computers, when there is a web door.
    pub(crate) codes: OnceLock<api::Codes>,
    /// Who looks after the disks, if anybody does.
    pub(crate) care: Option<Care>,
    /// Whom the box tells what happens.
    pub(crate) telling: Telling,
    /// Who looks after friends, and with what.
    pub(crate) friendship: Friendship,
    /// Where somebody's key is looked for now.
    pub(crate) key_looks: Arc<KeyLooks>,
}

/// What the lock guards.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) book: Book,
    pub(crate) memory: Memory,
    pub(crate) clock: ClockWatch,
    /// The quiet hours, as they were chosen or stand in the settings.
    pub(crate) quiet_hours: Option<QuietHours>,
    /// It is one of them.
    pub(crate) quiet: bool,
    /// When a time server's client last said that the clock is right.
    pub(crate) clock_word: Option<UnixTime>,
    pub(crate) stopping: bool,
    /// It begins anew once it has stopped.
    pub(crate) begins_anew: bool,
    /// How many wait for the jobs at work to stop, and want none begun: who locks, who changes disks.
    pub(crate) putting_by: u32,
    /// The verdict as it was last made.
    pub(crate) health: Health,
    /// What opening the vault found, and what is wrong with the web door's records: a sentence each.
    pub(crate) oddities: Vec<String>,
    pub(crate) door: Vec<String>,
    /// Packs that no volume had when the vault was opened.
    pub(crate) missing_packs: u64,
    /// What is known of the battery; none when there is none.
    pub(crate) battery: Option<Battery>,
}

impl Supervisor {
    /// Reads the box's records. Nothing is at work yet, and the vault is locked.
    pub fn start(setup: Setup) -> Result<Arc<Self>, StartError> {
        apart_from_volumes(&setup)?;
        let folder = Arc::new(StateFolder::open(&setup.config.state)?);
        let vault = OnceLock::new();
        untold::throw_away(&folder, &setup)?;
        if let Some(known) = setup.source.vault()? {
            folder.is_of(known)?;
            vault.get_or_init(|| known);
        }
        let now = moment(&*setup.env.clock);
        let mut memory = Memory::load(&folder, now.wall);
        memory.anchor(now.wall);
        let clock = ClockWatch::at_start(memory.clock(), now);
        let mut book = Book::load(Arc::clone(&folder), now.wall)?;
        book.given_up().iter().for_each(|kind| memory.note(*kind, now.wall, false));
        if let Err(error) = memory.save(&folder) {
            // Lost, it costs an early chore. A box whose own disk is full still gives back.
            tracing::error!(%error, "the box's memory cannot be written");
        }
        // What cannot be written now is written later.
        book.write_again();
        let shared = Shared {
            book,
            memory,
            clock,
            quiet_hours: Chosen::load(&folder).quiet(setup.config.schedule.quiet),
            quiet: false,
            clock_word: None,
            stopping: false,
            begins_anew: false,
            putting_by: 0,
            health: health::at_start(),
            oddities: Vec::new(),
            door: Vec::new(),
            missing_packs: 0,
            battery: None,
        };
        let care = setup.hardware.as_ref().map(Care::new);
        let started = Arc::new_cyclic(|me| Self {
            setup,
            vault,
            me: me.clone(),
            judge: Judge::default(),
            untold: Untold::default(),
            rebirth: Rebirth::default(),
            codes: OnceLock::new(),
            care,
            telling: Telling::new(crate::telling::Kept::load(&folder)),
            friendship: Friendship::default(),
            key_looks: Arc::default(),
            folder,
            keeper: Keeper::default(),
            hub: Hub::default(),
            shared: Mutex::new(shared),
            changed: Condvar::new(),
            zone: OnceLock::new(),
        });
        // Nobody is told that all is well before anybody has looked.
        started.look_after_health();
        Ok(started)
    }

    /// Itself, for a thread that it starts.
    pub(crate) fn me(&self) -> Option<Arc<Self>> {
        self.me.upgrade()
    }

    /// Itself, for what it holds.
    pub(crate) fn me_weak(&self) -> Weak<Self> {
        self.me.clone()
    }

    pub(crate) fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn moment(&self) -> Moment {
        moment(&*self.setup.env.clock)
    }

    pub(crate) fn now(&self) -> UnixTime {
        self.setup.env.clock.now()
    }

    /// Whether the box stops, or has.
    pub fn is_stopping(&self) -> bool {
        self.shared().stopping
    }

    /// Waits so long, or until the box stops; whether it does.
    pub(crate) fn waits_to_stop(&self, span: Duration) -> bool {
        let goes_on = |shared: &mut Shared| !shared.stopping;
        let waited = self.changed.wait_timeout_while(self.shared(), span, goes_on);
        waited.unwrap_or_else(PoisonError::into_inner).0.stopping
    }

    /// Lets the box stop in order: jobs are put by, the vault is closed. Answers at once.
    pub fn stop(&self) {
        let mut shared = self.shared();
        if !shared.stopping {
            tracing::info!("the box stops");
            self.setup.notifier.stopping();
        }
        shared.stopping = true;
        shared.book.halt_all();
        self.hub.tell(&Event::ShuttingDown {});
        self.changed.notify_all();
    }

    /// Writes a new job down.
    pub(crate) fn add(&self, spec: JobSpec, asked_by: AskedBy) -> Result<(Job, bool), Fault> {
        let now = self.moment();
        let mut shared = self.shared();
        if shared.stopping {
            return Err(show::stopping());
        }
        let added = shared.book.add(spec, asked_by, now);
        // A record that cannot be written is seen to by the conductor.
        self.changed.notify_all();
        let (job, already_there) = added?;
        if !already_there {
            tracing::info!(job = job.id.0, by = ?asked_by, "a job is written down");
            self.hub.tell(&Event::Job(Box::new(job.clone())));
        }
        Ok((job, already_there))
    }

    /// Does what somebody wants of a job.
    pub(crate) fn wish(&self, id: JobId, wish: Wish) -> Result<Job, Fault> {
        let now = self.moment();
        let mut shared = self.shared();
        let job = shared.book.wish(id, wish, now)?;
        tracing::info!(job = id.0, ?wish, "somebody wants something of a job");
        drop(shared);
        if wish == Wish::Cancel {
            self.let_drives_go(&job);
        }
        self.hub.tell(&Event::Job(Box::new(job.clone())));
        self.changed.notify_all();
        // One that asked does so no more.
        self.judge_soon();
        Ok(job)
    }

    /// The clock is right: whatever time it says now counts.
    pub(crate) fn trust_clock(&self) -> Result<(), Fault> {
        let now = self.moment();
        let mut shared = self.shared();
        shared.clock = ClockWatch::agreed(now);
        let mark = shared.clock.mark(now);
        shared.memory.set_clock(mark);
        shared.memory.save(&self.folder).map_err(|error| show::record(&error))?;
        drop(shared);
        tracing::info!("the clock is believed");
        self.changed.notify_all();
        self.tell_friends_of_clock();
        Ok(())
    }

    /// How many jobs stand where.
    pub(crate) fn count(&self, state: JobState) -> u32 {
        let count = self.shared().book.jobs().filter(|job| job.state == state).count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    pub(crate) fn uptime(&self) -> Millis {
        self.setup.env.clock.uptime()
    }
}

fn moment(clock: &dyn Clock) -> Moment {
    Moment { wall: clock.now(), uptime: clock.uptime() }
}
