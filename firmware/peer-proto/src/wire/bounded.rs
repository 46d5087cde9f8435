//! Lists, texts and bytes that say how long they may be, checked before anything is allocated.
//!
//! A friend's text is shown to people, so it holds no control characters and nothing that turns the
//! direction of reading. Start at [`List`].

use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// At most `MAX` items.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct List<T, const MAX: usize>(Vec<T>);

/// At most `MAX` bytes of UTF-8 that a screen may show.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Text<const MAX: usize>(String);

/// Why something does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// Too long.
    #[error("{found} are too many, {most} may be")]
    Long {
        /// How many there are.
        found: usize,
        /// How many may be.
        most: usize,
    },
    /// A character that no screen should show.
    #[error("a text from another box may not hold U+{0:04X}")]
    Character(u32),
}

impl<T, const MAX: usize> List<T, MAX> {
    /// These items, when they are few enough.
    pub fn new(items: Vec<T>) -> Result<Self, Unfit> {
        if items.len() > MAX {
            return Err(Unfit::Long { found: items.len(), most: MAX });
        }
        Ok(Self(items))
    }

    /// The first `MAX` of these.
    pub fn first(items: impl IntoIterator<Item = T>) -> Self {
        Self(items.into_iter().take(MAX).collect())
    }

    /// The items.
    pub fn items(&self) -> &[T] {
        &self.0
    }

    /// The items, without a copy.
    pub fn into_items(self) -> Vec<T> {
        self.0
    }
}

impl<const MAX: usize> Text<MAX> {
    /// This text, when it may be shown and is short enough.
    pub fn new(text: &str) -> Result<Self, Unfit> {
        if text.len() > MAX {
            return Err(Unfit::Long { found: text.len(), most: MAX });
        }
        match text.chars().find(|letter| is_unfit(*letter)) {
            Some(letter) => Err(Unfit::Character(letter.into())),
            None => Ok(Self(text.to_owned())),
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> fmt::Display for Text<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Control characters but the end of a line, and what turns the direction of reading.
fn is_unfit(letter: char) -> bool {
    (letter.is_control() && letter != '\n')
        || matches!(letter, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

impl<T: Serialize, const MAX: usize> Serialize for List<T, MAX> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(to)
    }
}

struct Items<T, const MAX: usize>(PhantomData<T>);

impl<'de, T: Deserialize<'de>, const MAX: usize> Visitor<'de> for Items<T, MAX> {
    type Value = List<T, MAX>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at most {MAX} items")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Self::Value, A::Error> {
        let told = from.size_hint().unwrap_or(0);
        if told > MAX {
            return Err(de::Error::invalid_length(told, &self));
        }
        let mut items = Vec::new();
        while let Some(item) = from.next_element()? {
            if items.len() == MAX {
                return Err(de::Error::invalid_length(MAX + 1, &self));
            }
            items.push(item);
        }
        Ok(List(items))
    }
}

impl<'de, T: Deserialize<'de>, const MAX: usize> Deserialize<'de> for List<T, MAX> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_seq(Items(PhantomData))
    }
}

impl<const MAX: usize> Serialize for Text<MAX> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.0)
    }
}

struct Letters<const MAX: usize>;

impl<const MAX: usize> Visitor<'_> for Letters<MAX> {
    type Value = Text<MAX>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a text of at most {MAX} bytes")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Text::new(text).map_err(E::custom)
    }
}

impl<'de, const MAX: usize> Deserialize<'de> for Text<MAX> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_str(Letters)
    }
}
