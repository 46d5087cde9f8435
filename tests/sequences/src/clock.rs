//! The clock of a box, as the test steers it, and what the box has to say of it.
//!
//! Start at `Outside::jump`.

use std::io::Write;

use calls::{Answer, Call, Clock, DiskAct, Status};

use crate::Outcome;
use crate::outside::{Outside, line};

impl Outside {
    fn steer(&mut self, word: &str, hours: i64) -> Outcome<()> {
        self.hours += hours;
        let Some(running) = &mut self.running else { return Ok(()) };
        let told = running.steer.write_all(format!("{word} {hours}\n").as_bytes());
        told.and_then(|()| running.steer.flush()).map_err(|error| error.to_string())?;
        line(&mut running.said)
    }

    /// Lets hours go by; a box that is off does not notice.
    pub fn pass(&mut self, hours: i64) -> Outcome<()> {
        self.steer("pass", hours)?;
        // Who cares for the disks waits in real time: asked for a disk that is none, it looks.
        if self.is_on() { self.disk("none", DiskAct::Confirm {}).map(drop) } else { Ok(()) }
    }

    /// Sets the wall clock. A jump of more than two days has to freeze it.
    pub fn jump(&mut self, hours: i64) -> Outcome<()> {
        self.clock_may_thaw();
        self.steer("jump", hours)?;
        if !self.is_on() {
            return Ok(());
        }
        self.jumped = self.jumped.map(|before| before + hours);
        let frozen = self.look_at_clock()?;
        match self.jumped.filter(|jumped| jumped.abs() > 49 && !frozen) {
            Some(jumped) => Err(format!("the clock jumped {jumped} hours and is believed")),
            None => Ok(()),
        }
    }

    /// Says that the clock is right.
    pub fn trust_clock(&mut self) -> Outcome<()> {
        self.clock_may_thaw();
        self.ask(Call::TrustClock {})?.map_err(|fault| fault.to_string())?;
        self.jumped = Some(0);
        match self.look_at_clock()? {
            false => Ok(()),
            true => Err("the clock is not believed when its owner says so".to_owned()),
        }
    }

    pub(crate) fn look_at_clock(&mut self) -> Outcome<bool> {
        let frozen = self.status()?.clock == Clock::Jumped;
        if frozen {
            let now = self.real();
            self.judge().clock_is_frozen(now);
        }
        Ok(frozen)
    }

    /// What the box says of itself.
    pub fn status(&mut self) -> Outcome<Status> {
        match self.ask(Call::Status {})? {
            Ok(Answer::Status(status)) => Ok(status),
            other => Err(format!("asked for its status: {other:?}")),
        }
    }

    pub(crate) fn clock_may_thaw(&mut self) {
        let now = self.real();
        self.judge().clock_may_thaw(now);
    }
}
