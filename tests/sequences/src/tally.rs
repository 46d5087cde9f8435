//! What courses did, to see that they did something. Start at [`Tally`].

use crate::Outcome;

/// What was done, to see that something was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Versions that were acknowledged and restored in the end.
    pub versions: u64,
    /// Bytes of them.
    pub bytes: u64,
    /// Disks pushed in and pulled.
    pub moved: u64,
    /// Disks that began to fail.
    pub faults: u64,
    /// Acts of the owner that were done.
    pub acts: u64,
    /// The same that were refused.
    pub refused: u64,
    /// Disks destroyed.
    pub destroyed: u64,
    /// Cards erased as their owner wanted.
    pub erased: u64,
    /// Jumps of the clock.
    pub jumps: u64,
    /// Stops in order.
    pub stops: u64,
    /// Ends by SIGKILL.
    pub kills: u64,
    /// Jobs that came to their end.
    pub jobs: u64,
    /// Looks at two jobs at work at once.
    pub together: u64,
    /// Versions that the usual rule let go.
    pub expired: u64,
    /// Courses after which the box was not clean before its owner had it mended.
    pub mended: u64,
    /// Courses at whose end every version was looked for.
    pub compared: u64,
    /// Versions that were acknowledged and were gone or otherwise.
    pub lost: u64,
    /// Courses in which a stranger's card was written.
    pub foreign: u64,
    /// Courses in which jobs fought, or something was let go by a clock that is not believed.
    pub fights: u64,
}

/// What has to be none at all.
const NONE: [&str; 3] = ["lost", "foreign_written", "jobs_fighting"];

impl Tally {
    fn parts(&mut self) -> [(&'static str, &mut u64); 19] {
        [
            ("versions", &mut self.versions),
            ("bytes", &mut self.bytes),
            ("moved", &mut self.moved),
            ("faults", &mut self.faults),
            ("acts", &mut self.acts),
            ("refused", &mut self.refused),
            ("destroyed", &mut self.destroyed),
            ("erased", &mut self.erased),
            ("jumps", &mut self.jumps),
            ("stops", &mut self.stops),
            ("kills", &mut self.kills),
            ("jobs", &mut self.jobs),
            ("together", &mut self.together),
            ("expired", &mut self.expired),
            ("mended", &mut self.mended),
            ("compared", &mut self.compared),
            ("lost", &mut self.lost),
            ("foreign_written", &mut self.foreign),
            ("jobs_fighting", &mut self.fights),
        ]
    }

    /// Adds what another course did.
    pub fn add(&mut self, other: &Self) {
        let mut other = *other;
        for (mine, more) in self.parts().into_iter().zip(other.parts()) {
            *mine.1 += *more.1;
        }
    }

    /// Whether so many courses did enough to have shown anything.
    pub fn is_enough(mut self, courses: u64) -> Outcome<()> {
        // What comes seldom needs some courses to come at all.
        let seldom: &[&str] =
            if courses < 30 { &["destroyed", "erased", "expired", "mended"] } else { &[] };
        let idle = |(name, n): &(&str, &mut u64)| {
            **n == 0 && !seldom.contains(name) && !NONE.contains(name)
        };
        let idle = self.parts().into_iter().find(idle);
        match idle {
            Some((name, _)) => Err(format!("the hands did too little: no {name} at all")),
            None => Ok(()),
        }
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut all = *self;
        for (name, number) in all.parts() {
            write!(f, "{name}={number} ")?;
        }
        Ok(())
    }
}
