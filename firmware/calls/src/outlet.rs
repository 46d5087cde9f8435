//! Where the box tells its owner what happened: by mail, over ntfy, or to a web address of his own.
//!
//! Secrets come in and are never shown again. Start at [`Outlet`].

use serde::{Deserialize, Serialize};

use crate::SecretText;

/// Outlets of a box, at most: a family and a helper.
pub const OUTLETS_MAX: usize = 8;

/// One way to reach somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Outlet {
    /// What it is called: told apart by it.
    pub name: String,
    /// Numbers and nothing that has a name: what a stranger on the way may read. Names of disks and
    /// sources are left out, and the reader opens the page.
    #[serde(default)]
    pub brief: bool,
    /// How.
    pub way: Way,
}

/// How a message travels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Way {
    /// A mail, through the server of whoever keeps the mailbox.
    Mail {
        /// Its host name.
        server: String,
        /// Its port; the usual one of `security` when none is named.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        port: Option<u16>,
        /// What protects the way to it.
        #[serde(default)]
        security: Security,
        /// Who signs in there.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        user: Option<String>,
        /// With which password. When it is left out, the one that was given before stays.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        password: Option<SecretText>,
        /// The sender's address.
        from: String,
        /// The reader's address.
        to: String,
    },
    /// A message over ntfy.
    Ntfy {
        /// The server and the topic, such as `https://ntfy.example/our-box`.
        url: String,
        /// An access token. When it is left out, the one that was given before stays.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        token: Option<SecretText>,
    },
    /// A JSON document, posted.
    Webhook {
        /// Where.
        url: String,
        /// What the document is signed with, by HMAC-SHA256. When it is left out, the one that was
        /// given before stays.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<SecretText>,
    },
}

/// What protects the way to a mail server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Security {
    /// TLS from the first byte; port 465.
    #[default]
    Tls,
    /// TLS after a greeting, or nothing is sent; port 587.
    StartTls,
    /// Nothing; port 25. No password is sent this way.
    None,
}

/// An outlet as it is shown: with no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct OutletShown {
    /// The outlet, its secret left out.
    pub outlet: Outlet,
    /// It has a password, token or key.
    pub has_secret: bool,
    /// When a message was last taken there, milliseconds since 1970.
    pub sent_ms: Option<i64>,
    /// Messages that wait for it.
    pub waiting: u32,
    /// Why the last one was not taken; none when it was.
    pub fault: Option<String>,
}

impl Way {
    /// Its secret.
    pub fn secret(&self) -> Option<&SecretText> {
        match self {
            Self::Mail { password, .. } => password.as_ref(),
            Self::Ntfy { token, .. } => token.as_ref(),
            Self::Webhook { key, .. } => key.as_ref(),
        }
    }

    /// Puts a secret in, or takes it out.
    pub fn set_secret(&mut self, secret: Option<SecretText>) {
        match self {
            Self::Mail { password: place, .. }
            | Self::Ntfy { token: place, .. }
            | Self::Webhook { key: place, .. } => *place = secret,
        }
    }

    /// Where its secret is sent to: whoever changes that has to give the secret anew.
    pub fn destination(&self) -> (&'static str, &str, &str) {
        match self {
            Self::Mail { server, user, .. } => ("mail", server, user.as_deref().unwrap_or("")),
            Self::Ntfy { url, .. } => ("ntfy", url, ""),
            Self::Webhook { url, .. } => ("webhook", url, ""),
        }
    }
}
