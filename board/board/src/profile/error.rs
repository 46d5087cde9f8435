//! What is wrong with a profile: always with the file, and the line or the key.

/// Why a profile cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProfileError {
    /// It is no TOML, or not of the right shape.
    #[error("{file}, line {line}: {what}")]
    Shape {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What the reader said, with the key's name.
        what: String,
    },
    /// A value makes no sense beside the others.
    #[error("{file}: {key}: {what}")]
    Value {
        /// The file.
        file: String,
        /// The key, as a path.
        key: String,
        /// What is wrong.
        what: String,
    },
    /// There is no profile of that name.
    #[error("there is no board profile {id}")]
    Unknown {
        /// The name.
        id: String,
    },
}

impl ProfileError {
    /// What can be done about it: one sentence.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Shape { .. } | Self::Value { .. } => {
                "Correct the file; the other profiles show what belongs where."
            }
            Self::Unknown { .. } => "Name one of the profiles that are there.",
        }
    }
}

/// A text that the reader refused. The place is counted here: the reader gives an offset.
pub(super) fn unreadable(file: &str, text: &str, error: &toml::de::Error) -> ProfileError {
    let at = error.span().map_or(0, |span| span.start.min(text.len()));
    let before = text.as_bytes().get(..at).unwrap_or_default();
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    ProfileError::Shape { file: file.to_owned(), line, what: error.message().to_owned() }
}
