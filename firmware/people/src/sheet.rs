//! The printed sheet: codes that each work once, for the day when the phone is gone.
//!
//! A new sheet takes the place of the old one. Start at [`Sheet::fresh`].

use serde::{Deserialize, Serialize};
use types::Rng;

use crate::code::{CodeHash, SpokenCode};

/// Codes on a sheet.
pub const SHEET_CODES: usize = 20;

/// What is kept of a sheet: the codes that were not used yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Sheet(Vec<CodeHash>);

impl Sheet {
    /// A new one, and its codes as they are printed.
    pub(crate) fn fresh(rng: &dyn Rng) -> (Self, Vec<SpokenCode>) {
        let codes: Vec<SpokenCode> = (0..SHEET_CODES).map(|_| SpokenCode::fresh(rng)).collect();
        (Self(codes.iter().map(SpokenCode::hash).collect()), codes)
    }

    pub(crate) fn left(&self) -> usize {
        self.0.len()
    }

    /// Whether this is one of its codes.
    pub(crate) fn has(&self, typed: &str) -> bool {
        self.0.iter().any(|code| code.is(typed))
    }

    /// Uses a code up; says whether it was there.
    pub(crate) fn take(&mut self, typed: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|code| !code.is(typed));
        self.0.len() < before
    }
}
