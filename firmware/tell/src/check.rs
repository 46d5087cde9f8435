//! Whether an outlet can be meant: looked at before it is kept, and again before anything is sent.
//!
//! Pure. Start at [`check`].

use calls::{Outlet, Security, Way};

use crate::SendError;

/// An address of a mailbox or a server is never longer.
const LEN_MAX: usize = 2_000;

/// Refuses what could never be sent, or would send a password in the open.
pub fn check(outlet: &Outlet) -> Result<(), SendError> {
    if outlet.name.is_empty() || outlet.name.chars().count() > 64 || has_control(&outlet.name) {
        let sentence = "An outlet has no name, or one that cannot be shown.";
        return Err(SendError::new(sentence, "Call it something of at most 64 letters."));
    }
    match &outlet.way {
        Way::Mail { server, security, user, password, from, to, .. } => {
            let texts = [server, from, to].into_iter().chain(user);
            texts.into_iter().try_for_each(|text| plain(text))?;
            if server.is_empty() {
                let sentence = "No mail server is named.";
                return Err(SendError::new(sentence, "Name it, such as smtp.example.org."));
            }
            if *security == Security::None && password.is_some() {
                let sentence = "A password would travel to the mail server for everybody to read.";
                let advice = "Choose tls or starttls, or leave user and password out.";
                return Err(SendError::new(sentence, advice));
            }
            [from, to].into_iter().try_for_each(|address| mailbox(address))
        }
        Way::Ntfy { url, token } => web(url, token.is_some()),
        Way::Webhook { url, .. } => web(url, false),
    }
}

fn has_control(text: &str) -> bool {
    text.chars().any(char::is_control)
}

fn plain(text: &str) -> Result<(), SendError> {
    if text.len() > LEN_MAX || has_control(text) {
        let sentence = "An address is too long or holds a control character.";
        return Err(SendError::new(sentence, "Type it again."));
    }
    Ok(())
}

fn mailbox(address: &str) -> Result<(), SendError> {
    match address.parse::<lettre::message::Mailbox>() {
        Ok(_) => Ok(()),
        Err(_) => {
            let sentence = format!("{address:?} is no mail address.");
            Err(SendError::new(sentence, "Write it like anna@example.org."))
        }
    }
}

fn web(url: &str, has_token: bool) -> Result<(), SendError> {
    plain(url)?;
    let parsed: Option<ureq::http::Uri> = url.parse().ok();
    let scheme = parsed.as_ref().and_then(|uri| uri.scheme_str());
    let named = parsed.as_ref().and_then(|uri| uri.authority());
    if named.is_some_and(|authority| authority.as_str().contains('@')) {
        let sentence = "The address holds a password, and addresses are shown.";
        return Err(SendError::new(sentence, "Leave it out, and give it as the token or key."));
    }
    match (scheme, named) {
        (Some("http"), Some(_)) if has_token => {
            let sentence = "The token would travel for everybody to read.";
            Err(SendError::new(sentence, "Use an address that begins with https."))
        }
        (Some("http" | "https"), Some(_)) => Ok(()),
        _ => {
            let sentence = format!("{url:?} is no web address.");
            Err(SendError::new(sentence, "Write it like https://example.org/somewhere."))
        }
    }
}
