//! What is said of a route's words beside the body: after the `?`, and in headers.
//!
//! Data only; the OpenAPI document and the guard are made of it. Start at [`Word`].

/// What a word has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Any text.
    Text,
    /// Text that this expression describes.
    Like(&'static str),
    /// This, and nothing else.
    Exactly(&'static str),
    /// `true` or `false`.
    Flag,
    /// A whole number that is not negative, up to this.
    Number(u64),
    /// Seconds, also before 1970.
    Seconds,
}

/// How many of something.
pub const COUNT: Shape = Shape::Number(u32::MAX as u64);
/// Bytes as hex digits.
pub const HEX: Shape = Shape::Like("^([0-9a-fA-F]{2})*$");
/// The tag of something as it was seen.
pub const TAG: Shape = Shape::Like("^\"?[0-9a-f]+\"?$");
/// A path as hex digits: no byte is zero.
pub const PATH_HEX: Shape = Shape::Like("^(0[1-9a-fA-F]|[1-9a-fA-F][0-9a-fA-F])*$");

/// Where a word is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// After the `?`, where it may be.
    AfterTheMark,
    /// After the `?`, where it has to be.
    NeededAfterTheMark,
    /// In a header that may be there.
    MaybeInHeader,
    /// In a header that has to be there.
    InHeader,
}

impl Said {
    /// Behind the path, and not in a header.
    pub fn is_after_the_mark(self) -> bool {
        matches!(self, Self::AfterTheMark | Self::NeededAfterTheMark)
    }
}

/// A word that is said beside the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    /// What it has to be.
    pub shape: Shape,
    /// Where it is said.
    pub said: Said,
}
