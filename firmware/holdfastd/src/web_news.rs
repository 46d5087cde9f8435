//! What happens in the box, as the web door is told it.
//!
//! It waits for nobody but the box itself. Start at [`Heard`].

use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use api::{Next, Watching};
use calls::Event;
use types::Millis;

use crate::events;
use crate::web::WebBox;

/// News that come thicker than this are told by what was looked up before.
const LOOK_EVERY: Millis = Millis::from_secs(2);

/// The box's news. Their reader also looks up whose sources are whose, so that those who are told wait for
/// nothing.
pub(crate) struct Heard {
    pub(crate) news: events::Watching,
    pub(crate) behind: WebBox,
    pub(crate) looked: Option<Millis>,
}

impl Watching for Heard {
    fn next(&mut self, patience: Duration) -> Next {
        match self.news.missed() {
            0 => {}
            count => return Next::Missed(count),
        }
        let event = match self.news.next(patience) {
            Ok(event) => event,
            Err(RecvTimeoutError::Timeout) => return Next::Quiet,
            Err(RecvTimeoutError::Disconnected) => return Next::Ended,
        };
        let now = self.behind.supervisor.uptime();
        let changed = match &*event {
            Event::Lock(_) => true,
            Event::Job(job) => job.state.is_over(),
            _ => false,
        };
        let old = self.looked.is_none_or(|looked| now.0.saturating_sub(looked.0) >= LOOK_EVERY.0);
        if changed || old {
            self.behind.look();
            self.looked = Some(now);
        }
        Next::Event(event)
    }
}
