//! Disks as their owner deals with them: the life of each, what is to be done next, how well it is.
//!
//! Facts about disks come in, actions and sentences go out; the hands that carry them out stand
//! above. The whole of what is remembered is the [`Roster`], a plain value that the hands keep; from
//! the same roster and the same facts follow the same actions, so a kill between any two costs
//! nothing. What never follows from anything here: a write to a disk that the owner did not name.
//! Start reading at [`Life`], then [`Roster::look`] and [`Roster::decide`].

mod acts;
mod claims;
mod decide;
mod formatting;
mod joining;
mod life;
mod lights;
mod news;
mod promise;
mod pulling;
mod refusal;
mod restart;
mod roster;
mod taken_out;
mod trust;
mod verbs;
mod verdict;

pub use decide::{ABSENT_GRACE, Action, How, Offer, VolumeNeeds, World};
pub use joining::{Aim, ERASE_WAIT, Joining, KEPT_WAIT};
pub use life::{Doubt, Life, Standing, Wish};
pub use lights::Bay;
pub use news::{News, UndoNews, whole_minutes};
pub use refusal::{Refusal, Verb};
pub use roster::{Entry, Roster, Seen};
pub use taken_out::{HALF_AWAY, KEPT_AWAY};
pub use trust::{Tested, Trust, trust};
pub use verdict::{Evidence, Grade, IoRecord, Latency, Verdict, verdict};
