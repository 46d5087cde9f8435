//! What the door asks of the box, as a trait that the supervisor implements.
//!
//! Whoever asks is always named: what a person may see is decided where the sources are known. Calls
//! block, and are made on threads of their own. Start at [`Supervise`].

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use calls::{Answer, Call, Event, Fault, FaultCode, JobSpec};
use files::Files;
use people::{PersonId, Role, Scope};
use types::SpaceId;

use crate::enclosure::Enclosure;
use crate::sticks::Sticks;

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    /// The person.
    pub person: PersonId,
    /// Their name, for the log.
    pub name: String,
    /// What they are to the box.
    pub role: Role,
    /// The name of their own space in the vault.
    pub space: String,
    /// What their device may do, when a device asks for them.
    pub device: Option<Scope>,
}

/// The next piece of news.
#[derive(Clone, Debug)]
pub enum Next {
    /// Something happened.
    Event(Arc<Event>),
    /// So many events were dropped before it, because nobody read.
    Missed(u64),
    /// Nothing happened for as long as somebody waited.
    Quiet,
    /// There will be no more.
    Ended,
}

/// A source that is taken with everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Its id: later there may be another one of its name.
    pub id: String,
    /// Its space, by the name of [`Who::space`].
    pub space: String,
}

/// The files of one space.
#[derive(Clone, Debug)]
pub struct Shelf {
    /// The files of all spaces.
    pub files: Arc<Files>,
    /// The one that is meant.
    pub space: SpaceId,
    /// Its name.
    pub name: String,
}

/// What somebody wants of the files of a space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// To see what is there.
    Look,
    /// To store something: their own space is made for it if there is none yet.
    Store,
}

/// Hears everything.
pub trait Watching: Send {
    /// Waits for the next piece of news.
    fn next(&mut self, patience: Duration) -> Next;
}

/// The box behind the door.
pub trait Supervise: Send + Sync + Debug {
    /// Answers a call, with no more in it than who asks may see.
    fn call(&self, who: &Who, call: Call) -> Result<Answer, Fault>;

    /// Begins to hear of everything.
    fn watch(&self) -> Box<dyn Watching>;

    /// An event as who asks may see it; none when it is not for them. Waits for nothing.
    fn shown(&self, who: &Who, event: &Event) -> Option<Event>;

    /// The sources that are taken when "everything" is.
    fn everything(&self) -> Result<Vec<Taken>, Fault>;

    /// Starts a job that names sources of others, too: whoever asks has said whose.
    fn start_agreed(&self, who: &Who, spec: JobSpec) -> Result<Answer, Fault>;

    /// What the box looks like, where its profile says so.
    fn enclosure(&self) -> Option<Enclosure> {
        None
    }

    /// The sticks that are plugged in, where there are sockets for them.
    fn sticks(&self) -> Option<&dyn Sticks> {
        None
    }

    /// Something about people is another way that the verdict speaks of. Waits for nothing.
    fn people_changed(&self) {}

    /// Somebody has the words of a vault that was just made.
    fn words_are_told(&self);

    /// The files of a space: of the one that is named, or of who asks.
    fn shelf(&self, _who: &Who, _space: Option<&str>, _reach: Reach) -> Result<Shelf, Fault> {
        let sentence = "This box has no files to show.";
        Err(Fault::new(FaultCode::NotFound, sentence, "Ask a box with a vault."))
    }
}
