//! A message over HTTP: to ntfy, or as JSON to an address of the owner's.
//!
//! No redirect is followed, so that nothing goes where nobody wanted it, and little is read of the
//! answer. Start at [`ntfy`].

use calls::SecretText;
use ring::hmac;
use ureq::Agent;

use crate::words::{Text, Weight};
use crate::{SEND_MAX, SendError};

/// Where the signature of a webhook stands.
pub(crate) const SIGNATURE: &str = "X-Holdfast-Signature";

fn agent() -> Agent {
    Agent::config_builder()
        .timeout_global(Some(SEND_MAX))
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .user_agent(concat!("holdfast/", env!("CARGO_PKG_VERSION")))
        .build()
        .into()
}

/// Posts it to a topic.
pub(crate) fn ntfy(url: &str, token: Option<&SecretText>, text: &Text) -> Result<(), SendError> {
    let (priority, tag) = match text.weight {
        Weight::Urgent => ("5", "rotating_light"),
        Weight::Plain => ("3", "warning"),
        Weight::Quiet => ("2", "seedling"),
    };
    let mut request = agent()
        .post(url)
        .header("Title", &text.title)
        .header("Priority", priority)
        .header("Tags", tag);
    if let Some(token) = token {
        request = request.header("Authorization", format!("Bearer {}", token.reveal()));
    }
    taken(url, request.send(&text.body))
}

/// Posts it as JSON: `title`, `body`, `weight`, `sent_ms`.
pub(crate) fn webhook(url: &str, key: Option<&SecretText>, text: &Text) -> Result<(), SendError> {
    let document = serde_json::to_vec(text).map_err(|error| {
        SendError::new(format!("The message could not be written: {error}."), "Report this.")
    })?;
    let mut request = agent().post(url).header("Content-Type", "application/json");
    if let Some(key) = key {
        request = request.header(SIGNATURE, signature(key.reveal(), &document));
    }
    taken(url, request.send(&document))
}

/// `sha256=` and the HMAC of the document, in hex.
pub(crate) fn signature(key: &str, document: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
    let tag = hmac::sign(&key, document);
    let hex: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256={hex}")
}

fn taken(
    url: &str,
    done: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
) -> Result<(), SendError> {
    let host = host(url);
    match done {
        Ok(answer) if answer.status().is_success() => Ok(()),
        Ok(answer) if matches!(answer.status().as_u16(), 401 | 403) => {
            let sentence = format!("{host} refused the message: {}.", answer.status());
            Err(SendError::new(sentence, "Check the token."))
        }
        Ok(answer) => {
            let sentence = format!("{host} did not take the message: {}.", answer.status());
            Err(SendError::new(sentence, "Check the address."))
        }
        Err(error) => {
            let sentence = format!("{host} could not be reached: {error}.");
            Err(SendError::new(sentence, "Check the address and the box's network."))
        }
    }
}

/// The address without what may be private in it: a topic is all that keeps strangers out.
fn host(url: &str) -> String {
    let parsed: Option<ureq::http::Uri> = url.parse().ok();
    let named = parsed.as_ref().and_then(|uri| uri.host());
    named.unwrap_or("The server").to_owned()
}
