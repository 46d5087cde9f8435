//! The terms as values: who the two are, what each keeps for the other, and their bounds.
//!
//! Nothing here remembers or decides; whether terms may replace others is `pact::change`. Bytes that
//! are signed: postcard of [`Pact`], as `docs/protocols/friends.md` lists its fields.
//! Start at [`Pact`].

use serde::{Deserialize, Serialize};
use thiserror::Error;
use types::{Bytes, EndpointId, InviteId, Millis, Signer, UnixTime, VaultId};

use crate::limits;
use crate::sign::{Signature, Statement, holds};
use crate::wire::Text;

/// One of the two.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    /// Its box.
    pub endpoint: EndpointId,
    /// Its vault.
    pub vault: VaultId,
    /// Public half of its recovery key: what the 24 words prove.
    pub recovery: [u8; 32],
    /// Public key of the device that writes its heads.
    pub writer: [u8; 32],
    /// What its owner calls it.
    pub label: Text<{ limits::LABEL_LEN_MAX }>,
}

/// Which of the two a side is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Part {
    /// Made the ticket.
    Inviter,
    /// Took it.
    Invitee,
}

impl Part {
    /// The other one.
    pub fn other(self) -> Self {
        match self {
            Self::Inviter => Self::Invitee,
            Self::Invitee => Self::Inviter,
        }
    }
}

/// Hours of the week in which a host wants traffic, and how fast.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// A bit for each of 168 hours in UTC, from Monday 0:00; lowest bit first.
    pub hours: [u8; 21],
    /// Kilobits a second, 0 for no limit.
    pub rate_kbit: u32,
}

impl Schedule {
    /// At any hour and without a limit.
    pub const ALWAYS: Self = Self { hours: [0xff; 21], rate_kbit: 0 };

    /// Whether the hour of this time is one of them.
    pub fn allows(&self, now: UnixTime) -> bool {
        // 1970 began on a Thursday: three days after a Monday.
        let hour = (now.0.div_euclid(3_600_000) + 72).rem_euclid(168);
        usize::try_from(hour).is_ok_and(|hour| self.hours[hour / 8] >> (hour % 8) & 1 == 1)
    }
}

/// What one side keeps for the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keeping {
    /// So many bytes, in whole packs (`limits::charge`); 0 in a one-way pact.
    pub bytes: Bytes,
    /// Days by the host's clock before a deletion is carried out.
    pub not_before_days: u16,
    /// Months for which it keeps while the owner is silent.
    pub silence_months: u8,
    /// When it wants traffic.
    pub schedule: Schedule,
}

impl Keeping {
    /// These bytes, with the usual times.
    pub fn usual(bytes: Bytes) -> Self {
        Self {
            bytes,
            not_before_days: types::pact::NOT_BEFORE_DAYS,
            silence_months: types::pact::SILENCE_MONTHS,
            schedule: Schedule::ALWAYS,
        }
    }

    /// The wait before a deletion.
    pub fn not_before(&self) -> Millis {
        Millis::from_days(self.not_before_days.into())
    }

    /// The silence that is borne.
    pub fn silence(&self) -> Millis {
        Millis(types::pact::MONTH.0 * u64::from(self.silence_months))
    }

    /// Whether an owner's data are less safe with this than with `before`.
    pub fn is_shorter_than(&self, before: &Self) -> bool {
        self.not_before_days < before.not_before_days || self.silence_months < before.silence_months
    }
}

/// What is agreed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// What the inviter keeps for the invitee.
    pub by_inviter: Keeping,
    /// What the invitee keeps for the inviter.
    pub by_invitee: Keeping,
    /// Days between notice and the end.
    pub notice_days: u16,
}

impl Terms {
    /// What this side keeps.
    pub fn by(&self, part: Part) -> &Keeping {
        match part {
            Part::Inviter => &self.by_inviter,
            Part::Invitee => &self.by_invitee,
        }
    }

    /// The time between notice and the end.
    pub fn notice(&self) -> Millis {
        Millis::from_days(self.notice_days.into())
    }

    /// Whether every number is one that a pact may name.
    pub fn check(&self) -> Result<(), TermsError> {
        for keeping in [&self.by_inviter, &self.by_invitee] {
            within(
                "days before a deletion",
                keeping.not_before_days,
                (1, limits::NOT_BEFORE_DAYS_MAX),
            )?;
            within(
                "months of silence",
                keeping.silence_months.into(),
                (types::pact::SILENCE_MONTHS_MIN.into(), limits::SILENCE_MONTHS_MAX.into()),
            )?;
        }
        within("days of notice", self.notice_days, (1, limits::NOTICE_DAYS_MAX))?;
        if self.by_inviter.bytes == Bytes(0) && self.by_invitee.bytes == Bytes(0) {
            return Err(TermsError::Nothing);
        }
        Ok(())
    }
}

fn within(what: &'static str, found: u16, (least, most): (u16, u16)) -> Result<(), TermsError> {
    if (least..=most).contains(&found) {
        Ok(())
    } else {
        Err(TermsError::Outside { what, found, least, most })
    }
}

/// Why terms cannot be agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TermsError {
    /// A number outside its bounds.
    #[error("{found} {what} are not between {least} and {most}")]
    Outside {
        /// Which number.
        what: &'static str,
        /// Its value.
        found: u16,
        /// The least that may be.
        least: u16,
        /// The most.
        most: u16,
    },
    /// Neither side keeps anything.
    #[error("neither box would keep anything for the other")]
    Nothing,
}

impl TermsError {
    /// What the owner can do now.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Outside { .. } => "Choose a number between those two.",
            Self::Nothing => "Give at least one of the two boxes some room for the other.",
        }
    }
}

/// Names one version of a pact: what an owner was shown is what an owner signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PactHash(pub [u8; 32]);

/// The record both hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pact {
    /// Named after the invite it came of.
    pub id: InviteId,
    /// Counts its versions from 1.
    pub seq: u32,
    /// Who made the ticket.
    pub inviter: Side,
    /// Who took it.
    pub invitee: Side,
    /// What is agreed.
    pub terms: Terms,
    /// When this version was written.
    pub made: UnixTime,
}

impl Pact {
    /// One side.
    pub fn side(&self, part: Part) -> &Side {
        match part {
            Part::Inviter => &self.inviter,
            Part::Invitee => &self.invitee,
        }
    }

    /// Which side a box is.
    pub fn part_of(&self, endpoint: EndpointId) -> Option<Part> {
        [Part::Inviter, Part::Invitee]
            .into_iter()
            .find(|part| self.side(*part).endpoint == endpoint)
    }

    /// What is signed.
    pub fn signed_bytes(&self) -> Vec<u8> {
        crate::wire::plain(self)
    }

    /// BLAKE3 of what is signed.
    pub fn hash(&self) -> PactHash {
        PactHash(*blake3::hash(&self.signed_bytes()).as_bytes())
    }

    /// Signs it as one of the two boxes.
    pub fn sign(&self, signer: &dyn Signer) -> Signature {
        Statement::Pact.sign(&self.signed_bytes(), signer)
    }

    /// Whether that side signed it.
    #[must_use]
    pub fn is_signed_by(&self, part: Part, signature: &Signature) -> bool {
        holds(Statement::Pact, &self.signed_bytes(), signature, &self.side(part).endpoint.0)
    }
}

/// A pact with both signatures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedPact {
    /// What was signed.
    pub pact: Pact,
    /// By the inviter's box.
    pub by_inviter: Signature,
    /// By the invitee's box.
    pub by_invitee: Signature,
}

impl SignedPact {
    /// The pact and one side's signature, completed with the other's.
    pub fn joined(pact: Pact, (part, own): (Part, Signature), other: Signature) -> Self {
        let (by_inviter, by_invitee) = match part {
            Part::Inviter => (own, other),
            Part::Invitee => (other, own),
        };
        Self { pact, by_inviter, by_invitee }
    }

    /// One side's signature.
    pub fn by(&self, part: Part) -> Signature {
        match part {
            Part::Inviter => self.by_inviter,
            Part::Invitee => self.by_invitee,
        }
    }

    /// Whether both signed.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.pact.is_signed_by(Part::Inviter, &self.by_inviter)
            && self.pact.is_signed_by(Part::Invitee, &self.by_invitee)
    }
}
