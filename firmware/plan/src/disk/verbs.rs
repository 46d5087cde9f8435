//! The verbs of a disk's life: each leads to the next value or refuses with a sentence.
//!
//! No verb does anything but compute. What was refused changes nothing, and every verb that the
//! hands may repeat after a kill gives the same again. Start at [`Life::adopt`].

use types::Millis;

use super::joining::{Aim, ERASE_WAIT, Joining};
use super::life::{Doubt, Life, Standing, Wish};
use super::refusal::{Refusal, Verb};
use super::verdict::Grade;

type Next = Result<Life, Refusal>;

impl Life {
    fn with_joining(&self, joining: Joining) -> Self {
        match *self {
            Self::Blank(_) => Self::Blank(joining),
            Self::Foreign(_) => Self::Foreign(joining),
            Self::Quarantined(doubt, _) => Self::Quarantined(doubt, joining),
            other => other,
        }
    }

    fn step(&self, verb: Verb, next: Option<Joining>) -> Next {
        next.map(|joining| self.with_joining(joining)).ok_or_else(|| self.refuse(verb))
    }

    fn of(standing: Standing, wish: Wish) -> Self {
        match standing {
            Standing::Member => Self::Member { wish },
            Standing::Watch => Self::Watch { wish },
            Standing::Failed => Self::Failed { wish },
            // It was told apart when it went; what it was before that is of no use any more.
            Standing::Retiring => Self::Retiring { was: Standing::Watch },
        }
    }

    /// A blank disk is to be used. One click is enough: nothing goes.
    pub fn adopt(&self, aim: Aim) -> Next {
        match self {
            Self::Blank(Joining::No) => Ok(Self::Blank(Joining::Ready { aim })),
            Self::Foreign(Joining::No) | Self::Quarantined(_, Joining::No) => {
                Err(Refusal::HoldsSomething)
            }
            _ => Err(self.asked_again(Verb::Adopt)),
        }
    }

    /// What is on a disk is to go. It waits first. The typed letters were compared by the roster.
    pub fn ask_erase(&self, aim: Aim) -> Next {
        match self {
            Self::Foreign(Joining::No) | Self::Quarantined(_, Joining::No) => {
                Ok(self.with_joining(Joining::Waiting { left: ERASE_WAIT, aim }))
            }
            _ => Err(self.asked_again(Verb::AskErase)),
        }
    }

    /// What is under way already is no fault of the disk's.
    fn asked_again(&self, verb: Verb) -> Refusal {
        self.joining().underway().map_or_else(|| self.refuse(verb), |how| Refusal::Underway { how })
    }

    /// The owner does not want to wait.
    pub fn skip_wait(&self) -> Next {
        self.step(Verb::SkipWait, self.joining().skipped())
    }

    /// The owner changed his mind.
    pub fn undo(&self) -> Next {
        match self.joining().undone() {
            Some(Err(refusal)) => Err(refusal),
            Some(Ok(joining)) => Ok(self.with_joining(joining)),
            None => Err(self.refuse(Verb::Undo)),
        }
    }

    /// Time passed, as a clock counts it that cannot be set.
    #[must_use]
    pub fn passed(&self, span: Millis) -> Self {
        self.with_joining(self.joining().passed(span))
    }

    /// Formatting begins with the next call.
    pub fn format(&self) -> Next {
        self.step(Verb::Format, self.joining().begun())
    }

    /// The board refused to format it, and has written nothing: nobody said yes to this.
    pub fn spared(&self) -> Next {
        self.step(Verb::Spared, self.joining().spared())
    }

    /// What it was formatted for came to nothing.
    pub fn format_again(&self) -> Next {
        let again = match self.joining() {
            Joining::Formatted { aim } | Joining::Formatting { aim } => {
                Some(Joining::Formatting { aim })
            }
            Joining::No
            | Joining::Waiting { .. }
            | Joining::Ready { .. }
            | Joining::Kept { .. }
            | Joining::PuttingBack => None,
        };
        self.step(Verb::Format, again)
    }

    /// Formatting is done.
    pub fn formatted(&self) -> Next {
        self.step(Verb::Formatted, self.joining().done())
    }

    /// Formatting is done, and what was there before can still be put back.
    pub fn kept(&self) -> Next {
        self.step(Verb::Kept, self.joining().kept())
    }

    /// It is what it was formatted for.
    pub fn joined(&self) -> Next {
        match self.joining() {
            Joining::Formatted { aim: Aim::Member { .. } } => Ok(Self::Member { wish: Wish::Stay }),
            Joining::Formatted { aim: Aim::Rescue } => Ok(Self::Rescue),
            Joining::Formatted { aim: Aim::Courier } => Ok(Self::Courier),
            _ => Err(self.refuse(Verb::Joined)),
        }
    }

    /// It went away. None: there is nothing to remember it by.
    pub fn pulled(&self) -> Result<Option<Self>, Refusal> {
        match (self.standing(), self.is_here()) {
            (_, false) => Err(self.refuse(Verb::Pulled)),
            (None, true) => {
                Ok(self.joining().outlives_a_pull().then_some(Self::TakenOut(self.joining())))
            }
            (Some(was), true) => Ok(Some(Self::OursAbsent { was, wish: self.wish() })),
        }
    }

    /// It came back, and is believed.
    pub fn returned(&self) -> Next {
        match *self {
            Self::OursAbsent { was, wish } => Ok(Self::of(was, wish)),
            Self::TakenOut(joining) => Ok(Self::Foreign(joining)),
            _ => Err(self.refuse(Verb::Returned)),
        }
    }

    /// The owner says that what moved to another disk did so on purpose.
    pub fn confirm(&self) -> Next {
        match *self {
            Self::Quarantined(Doubt::Moved, Joining::No) => Ok(Self::Member { wish: Wish::Stay }),
            Self::Quarantined(doubt, Joining::No) => Err(Refusal::Doubtful { doubt }),
            _ => Err(self.refuse(Verb::Confirm)),
        }
    }

    /// How well it is, as far as anybody knows. A disk that failed stays so until its owner says
    /// otherwise: what it lost does not come back with better numbers.
    #[must_use]
    pub fn judged(&self, grade: Grade) -> Self {
        match (*self, grade) {
            (Self::Member { wish } | Self::Watch { wish }, Grade::Healthy) => Self::Member { wish },
            (Self::Member { wish } | Self::Watch { wish }, Grade::Watch | Grade::ReplaceSoon) => {
                Self::Watch { wish }
            }
            (Self::Member { wish } | Self::Watch { wish }, Grade::Failed) => Self::Failed { wish },
            (Self::Retiring { .. }, Grade::Failed) => Self::Retiring { was: Standing::Failed },
            (other, _) => other,
        }
    }

    /// Another is to take its place.
    pub fn replace(&self) -> Next {
        let wish = Wish::Replace;
        match *self {
            Self::Member { .. } => Ok(Self::Member { wish }),
            Self::Watch { .. } => Ok(Self::Watch { wish }),
            Self::Failed { .. } => Ok(Self::Failed { wish }),
            Self::OursAbsent { was, .. } if was != Standing::Retiring => {
                Ok(Self::OursAbsent { was, wish })
            }
            _ => Err(self.refuse(Verb::Replace)),
        }
    }

    /// It is to be emptied.
    pub fn retire(&self) -> Next {
        match *self {
            Self::Retiring { .. } => Ok(*self),
            Self::OursAbsent { wish, .. } => Ok(Self::OursAbsent { was: Standing::Retiring, wish }),
            _ => match self.standing() {
                Some(was) => Ok(Self::Retiring { was }),
                None => Err(self.refuse(Verb::Retire)),
            },
        }
    }

    /// It stays after all.
    pub fn cancel(&self) -> Next {
        let wish = Wish::Stay;
        match *self {
            Self::Retiring { was } => Ok(Self::of(was, wish)),
            Self::Member { wish: Wish::Replace } => Ok(Self::Member { wish }),
            Self::Watch { wish: Wish::Replace } => Ok(Self::Watch { wish }),
            Self::Failed { wish: Wish::Replace } => Ok(Self::Failed { wish }),
            Self::OursAbsent { was: Standing::Retiring, .. } => {
                Ok(Self::OursAbsent { was: Standing::Watch, wish })
            }
            Self::OursAbsent { was, wish: Wish::Replace } => Ok(Self::OursAbsent { was, wish }),
            _ => Err(self.refuse(Verb::Cancel)),
        }
    }

    /// Nothing depends on it any more.
    pub fn drained(&self) -> Next {
        match self {
            Self::Retiring { .. } | Self::Drained => Ok(Self::Drained),
            _ => Err(self.refuse(Verb::Drained)),
        }
    }

    /// It comes back with what is on it, though it had left: all that is missing is that it joins.
    pub fn readmit(&self) -> Next {
        match self {
            Self::Drained | Self::Foreign(Joining::No) => {
                Ok(Self::Foreign(Joining::Formatted { aim: Aim::Member { replaces: None } }))
            }
            _ => Err(self.refuse(Verb::Cancel)),
        }
    }

    /// Its owner wants to keep it, and that came a moment too late: it had left. It comes back with what
    /// is on it; one that failed cannot.
    pub fn kept_too_late(&self) -> Next {
        match self {
            Self::Member { .. } | Self::Watch { .. } => Self::Drained.readmit(),
            Self::Failed { .. } => Ok(Self::Drained),
            _ => Err(self.refuse(Verb::Drained)),
        }
    }

    /// Whether it may be forgotten while it is away: only when its owner wanted it gone.
    pub fn strike_off(&self) -> Result<(), Refusal> {
        match self {
            Self::OursAbsent { was: Standing::Retiring, .. }
            | Self::OursAbsent { wish: Wish::Replace, .. } => Ok(()),
            _ => Err(self.refuse(Verb::StrikeOff)),
        }
    }

    /// The owner changed a cable and wants to try again.
    pub fn reinstate(&self) -> Next {
        match *self {
            Self::Failed { wish } => Ok(Self::Watch { wish }),
            _ => Err(self.refuse(Verb::Reinstate)),
        }
    }

    /// A drive is used as it is: what is on it stays, and something is written beside it.
    pub fn use_as(&self, aim: Aim) -> Next {
        match (self, aim) {
            (Self::Foreign(Joining::No), Aim::Rescue) => Ok(Self::Rescue),
            (Self::Foreign(Joining::No), Aim::Courier) => Ok(Self::Courier),
            _ => Err(self.refuse(Verb::UseAs)),
        }
    }

    /// A drive is nobody's again.
    pub fn release(&self) -> Next {
        match self {
            Self::Rescue | Self::Courier => Ok(Self::Foreign(Joining::No)),
            _ => Err(self.refuse(Verb::Release)),
        }
    }
}
