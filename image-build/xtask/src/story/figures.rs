//! What a program of a story says of itself, as `name=number` in its last line, and what has to hold of it.
//!
//! Nothing is run here. Start at [`Figures::read`].

use super::Facts;
use crate::Outcome;

/// Names and numbers, in the order in which they were said.
#[derive(Debug)]
pub(super) struct Figures(Vec<(String, u64)>);

impl Figures {
    /// Of the last line that begins with `front`; none when there is no such line.
    pub(super) fn read(said: &str, front: &str) -> Self {
        let line = said.lines().rev().find_map(|line| line.strip_prefix(front)).unwrap_or_default();
        let pair = |word: &str| {
            let (name, number) = word.split_once('=')?;
            Some((name.to_owned(), number.parse().ok()?))
        };
        Self(line.split_whitespace().filter_map(pair).collect())
    }

    /// The number of this name.
    pub(super) fn of(&self, wanted: &str) -> Outcome<u64> {
        let found = self.0.iter().find(|(name, _)| name == wanted);
        found.map(|(_, number)| *number).ok_or_else(|| format!("it did not say how many: {wanted}"))
    }

    /// What must be none is, and was seen where it was spoilt on purpose: pairs of both names.
    pub(super) fn hold(&self, none: &[(&str, &str)]) -> Outcome<()> {
        for (none, spoilt) in none {
            let (some, seen) = (self.of(none)?, self.of(spoilt)?);
            if some > 0 {
                return Err(format!("{none}={some}"));
            }
            if seen == 0 {
                return Err(format!("{spoilt}=0: it would not have been seen"));
            }
        }
        Ok(())
    }

    /// All of them, as what a story tells.
    pub(super) fn facts(self) -> Facts {
        let mut facts = Facts::default();
        self.0.into_iter().for_each(|(name, number)| facts.add(&name, number));
        facts
    }
}

#[test]
fn what_was_not_seen_when_it_was_spoilt_proves_nothing() {
    let of = |line: &str| {
        Figures::read(line, "").hold(&[("lost", "spoilt_lost"), ("torn", "spoilt_torn")])
    };
    let good = "lost=0 torn=0 spoilt_lost=1 spoilt_torn=2";
    assert_eq!(of(good), Ok(()));
    assert!(of(&good.replacen("lost=0", "lost=1", 1)).is_err());
    assert!(of(&good.replace("spoilt_lost=1", "spoilt_lost=0")).is_err());
    assert!(of("lost=0").is_err());
}

#[test]
fn the_last_line_of_that_name_counts() {
    let said = "uploads: files=1\nother: files=9\nuploads: files=2 what\nand more\n";
    assert_eq!(Figures::read(said, "uploads: ").of("files"), Ok(2));
    assert!(Figures::read(said, "nothing: ").of("files").is_err());
}
