//! The words or a password on their way to the box: shown by nobody, wiped when dropped.
//!
//! Start at [`Secret`].

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// What opens a vault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Secret {
    /// The 24 words.
    Words(SecretText),
    /// The password.
    Password(SecretText),
}

/// Text that is never shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(value_type = String, format = "password"))]
pub struct SecretText(Zeroizing<String>);

impl SecretText {
    /// The text itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for SecretText {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl From<SecretText> for String {
    fn from(text: SecretText) -> Self {
        Self::clone(&text.0)
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("..")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_shown() {
        let secret = Secret::Password("hunter2".to_owned().into());
        assert_eq!(format!("{secret:?}"), "Password(..)");
    }
}
