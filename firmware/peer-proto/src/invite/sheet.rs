//! The come-back address of an owner at one friend, as text: for the recovery kit, and for a friend who helps.
//!
//! Whose vault, and where the friend's box is. There is no secret in it: who comes back is proved by the 24
//! words, and whoever finds a sheet can do nothing but knock. Start at [`Sheet::text`] and [`Sheet::parse`].

use serde::{Deserialize, Serialize};
use thiserror::Error;
use types::{EndpointId, VaultId};

use super::letters::{self, Unread, VERSION};
use crate::limits;
use crate::wire::{List, Text};

/// What a sheet's text begins with.
const PREFIX: &str = "HFR";

/// Where an owner who lost everything comes back to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    /// The owner's vault.
    pub vault: VaultId,
    /// The friend's box, which keeps for that vault; a connection to any other is refused.
    pub friend: EndpointId,
    /// Where it was or is reached, in the transport's words.
    pub addresses: List<Text<{ limits::ADDRESS_LEN_MAX }>, { limits::ADDRESSES_MAX }>,
    /// What the friend's box is called.
    pub label: Text<{ limits::LABEL_LEN_MAX }>,
}

/// Why a text is no come-back address.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SheetError {
    /// Something else altogether.
    #[error("this is no come-back address: those begin with {PREFIX}")]
    Other,
    /// A character that none holds.
    #[error("letter {position} of the come-back address, \"{letter}\", cannot be one")]
    Letter {
        /// Counted from 1, without spaces and dashes.
        position: usize,
        /// As it was typed.
        letter: char,
    },
    /// Cut off or mistyped.
    #[error("the come-back address is incomplete or mistyped: its check sum does not hold")]
    Sum,
    /// Made by a newer box.
    #[error("the come-back address is of version {0}, and this box knows {VERSION}")]
    Version(u8),
    /// The sum holds, and yet what it says does not read.
    #[error("the come-back address cannot be read")]
    Malformed,
}

impl SheetError {
    /// What the owner can do now.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Other => {
                "Take the friend sheet of your recovery kit, or ask a friend for a new come-back address."
            }
            Self::Letter { .. } | Self::Sum => {
                "Compare it with the sheet, or scan the picture instead."
            }
            Self::Version(_) => "Update Holdfast on this box.",
            Self::Malformed => "Ask your friend for a new come-back address.",
        }
    }
}

impl From<Unread> for SheetError {
    fn from(why: Unread) -> Self {
        match why {
            Unread::Other => Self::Other,
            Unread::Letter { position, letter } => Self::Letter { position, letter },
            Unread::Sum => Self::Sum,
            Unread::Version(version) => Self::Version(version),
        }
    }
}

impl Sheet {
    /// As it is shown: one word of letters and digits, made for pictures.
    pub fn text(&self) -> String {
        letters::write(PREFIX, &crate::wire::plain(self)).to_string()
    }

    /// The same in groups of four, for paper and for somebody who types.
    pub fn spaced(&self) -> String {
        letters::spaced(&self.text()).to_string()
    }

    /// Reads what somebody typed, scanned or clicked.
    pub fn parse(text: &str) -> Result<Self, SheetError> {
        let body = letters::read(PREFIX, text)?;
        match postcard::take_from_bytes::<Self>(&body) {
            Ok((sheet, [])) => Ok(sheet),
            Ok(_) | Err(_) => Err(SheetError::Malformed),
        }
    }
}
