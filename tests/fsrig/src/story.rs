//! What a recorded world promised, and when: the face that a search sees of any workload.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::path::PathBuf;

use testkit::dice::Dice;

/// The disks of a state: where each is mounted, none when it does not mount.
pub type Homes = [Option<PathBuf>];

/// Acknowledgements with their moments.
pub trait Story: Debug {
    /// The moments at which something was acknowledged.
    fn acknowledged(&self) -> Vec<u64>;
    /// Opens what lies on the disks, as the first start after a power cut does, and stops there.
    fn recover(&self, cut: u64, homes: &Homes) -> Result<(), String>;
    /// Compares what lies on the disks with what was acknowledged before a power cut. Nothing may
    /// depend on those that `lied`.
    fn examine(
        &self,
        cut: u64,
        homes: &Homes,
        lied: &BTreeSet<usize>,
        dice: &mut Dice,
    ) -> Result<(), String>;
}

/// What held when: the newest entry at or before a moment counts.
#[derive(Clone, Debug)]
pub struct Timeline<T>(Vec<(u64, T)>);

impl<T> Default for Timeline<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Timeline<T> {
    /// From `moment` on, `what` holds.
    pub fn from(&mut self, moment: u64, what: T) {
        self.0.push((moment, what));
    }

    /// What held at a moment.
    pub fn at(&self, moment: u64) -> Option<&T> {
        let end = self.0.partition_point(|(began, _)| *began <= moment);
        self.0[..end].last().map(|(_, what)| what)
    }

    /// All entries.
    pub fn entries(&self) -> impl Iterator<Item = &(u64, T)> {
        self.0.iter()
    }
}

#[test]
fn of_several_entries_at_one_moment_the_last_counts() {
    let mut line = Timeline::default();
    assert!(line.at(9).is_none());
    for (moment, what) in [(3, "begun"), (5, "done"), (5, "begun again")] {
        line.from(moment, what);
    }
    assert_eq!(line.at(2), None);
    assert_eq!(line.at(4), Some(&"begun"));
    assert_eq!(line.at(5), Some(&"begun again"));
}
