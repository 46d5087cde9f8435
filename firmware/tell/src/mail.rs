//! A message as a mail, handed to the server of whoever keeps the mailbox.
//!
//! Unless the owner said so, nothing is sent before TLS stands and the server's name is proven.
//! Start at [`send`].

use calls::{Security, Way};
use lettre::Transport;
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::{Error, SmtpTransport};

use crate::words::{Text, Weight};
use crate::{SEND_MAX, SendError};

/// Sends it.
pub(crate) fn send(way: &Way, text: &Text) -> Result<(), SendError> {
    let Way::Mail { server, port, security, user, password, from, to } = way else {
        return Err(SendError::new("This is no mailbox.", "Set the outlet anew."));
    };
    let builder = match security {
        Security::Tls => SmtpTransport::relay(server),
        Security::StartTls => SmtpTransport::starttls_relay(server),
        Security::None => Ok(SmtpTransport::builder_dangerous(server)),
    };
    let mut builder = builder.map_err(|error| failed(server, &error))?.timeout(Some(SEND_MAX));
    if let Some(port) = port {
        builder = builder.port(*port);
    }
    if let (Some(user), Some(password)) = (user, password) {
        let password = password.reveal().to_owned();
        builder = builder.credentials(Credentials::new(user.clone(), password));
    }
    let message = message(from, to, text)?;
    builder.build().send(&message).map(drop).map_err(|error| failed(server, &error))
}

fn message(from: &str, to: &str, text: &Text) -> Result<Message, SendError> {
    let mailbox = |address: &str| -> Result<Mailbox, SendError> {
        address.parse().map_err(|_| {
            SendError::new(format!("{address:?} is no mail address."), "Set the outlet anew.")
        })
    };
    let builder = Message::builder().from(mailbox(from)?).to(mailbox(to)?).subject(&text.title);
    let builder = builder.header(ContentType::TEXT_PLAIN);
    let builder = match text.weight {
        Weight::Urgent => builder.header(Importance("high".to_owned())),
        Weight::Plain | Weight::Quiet => builder,
    };
    builder
        .body(text.body.clone())
        .map_err(|_| SendError::new("The message could not be made.", "Set the outlet anew."))
}

/// RFC 4021, section 2.1.54.
#[derive(Clone, Debug)]
struct Importance(String);

impl lettre::message::header::Header for Importance {
    fn name() -> lettre::message::header::HeaderName {
        lettre::message::header::HeaderName::new_from_ascii_str("Importance")
    }

    fn parse(text: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self(text.to_owned()))
    }

    fn display(&self) -> lettre::message::header::HeaderValue {
        lettre::message::header::HeaderValue::new(Self::name(), self.0.clone())
    }
}

/// The library's errors hold what the server said, never what was sent.
fn failed(server: &str, error: &Error) -> SendError {
    let said = error.to_string();
    if error.is_permanent() {
        let sentence = format!("The mail server {server} refused the message: {said}.");
        let advice = "Check user, password and both addresses.";
        return SendError::new(sentence, advice);
    }
    if error.is_timeout() {
        let sentence = format!("The mail server {server} did not answer in time.");
        return SendError::new(sentence, "Check its name and port, and the box's network.");
    }
    let sentence = format!("The mail server {server} could not be used: {said}.");
    SendError::new(sentence, "Check its name, its port, and whether it wants tls or starttls.")
}
