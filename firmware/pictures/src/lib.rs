//! Pictures and films: when each was taken, and a small picture of it.
//!
//! What somebody stored is read by a child of the box with no rights: it has the bytes that it was given and
//! nothing else, no file, no network, little memory and little time. The box itself never decodes a picture.
//! Nothing is changed, and nothing is kept here. Start at [`Worker`], then [`answer`].
#![warn(missing_docs)]

mod child;
mod decode;
mod film;
mod sandbox;
mod sort;
mod wire;
mod worker;

use std::fmt::Debug;

use thiserror::Error;

pub use child::answer;
pub use decode::{LocalEyes, SIDE};
pub use film::{FILM_READ_MAX, made};
pub use sandbox::shut_in;
pub use sort::{Sort, sort_of};
pub use wire::WHOLE_MAX;
pub use worker::Worker;

/// The front of a picture in which its own date is looked for: cameras put it there, behind a small picture.
pub const HEAD_LEN: usize = 256 << 10;

/// When a picture was taken, as the clock on the wall said there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Seconds from 1970-01-01 00:00 by that clock.
    pub wall_secs: i64,
    /// How far that clock was ahead of UTC, in minutes, where the picture says so.
    pub offset_minutes: Option<i16>,
}

/// Why there is no answer about a picture.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum Unseen {
    /// It is not one, or is damaged, or of a kind that is not drawn.
    #[error("this picture cannot be read")]
    Broken,
    /// It has more bytes or points than are looked at.
    #[error("this picture is too large to be drawn in small")]
    TooLarge,
    /// Whoever looked at it ended, or took too long.
    #[error("looking at this picture did not come to an end")]
    Lost,
    /// Nobody could be asked to look: it says nothing about the picture.
    #[error("nobody could be asked to look at this picture")]
    Nobody,
}

/// Somebody who looks at pictures, one after the other.
pub trait Look {
    /// When it was taken, by its own word in its first [`HEAD_LEN`] bytes.
    fn date(&mut self, head: &[u8]) -> Result<Option<Taken>, Unseen>;
    /// The whole of it in small, upright, as a JPEG of at most [`SIDE`] on its longer side.
    fn draw(&mut self, whole: &[u8]) -> Result<Vec<u8>, Unseen>;
}

/// Where those who look at pictures come from.
pub trait Eyes: Send + Sync + Debug {
    /// A new one, who has seen nothing yet.
    fn open(&self) -> Box<dyn Look + '_>;
}
