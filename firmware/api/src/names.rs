//! Cookies and headers by name, and how cookies are read and written.
//!
//! `__Host-` makes a browser refuse such a cookie from anybody but this very box, over HTTPS.
//! Start at [`SESSION`].

use axum::http::{HeaderMap, HeaderValue, header};
use people::Token;

/// The session's token.
pub(crate) const SESSION: &str = "__Host-holdfast-session";
/// By this the browser is known again at the next sign-in.
pub(crate) const BROWSER: &str = "__Host-holdfast-browser";
/// What a page sends with every change, and only a page that may read answers knows.
pub(crate) const PAGE_WORD: &str = "x-holdfast-csrf";

/// How long a browser keeps a session's cookie; the box decides when it is over.
const SESSION_SECONDS: u32 = 400 * 86_400;

/// A token from a cookie. One that is there twice is none.
pub(crate) fn cookie(headers: &HeaderMap, name: &str) -> Option<Token> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.split_once('='));
    let mut values = pairs.filter(|(key, _)| key.trim() == name).map(|(_, value)| value.trim());
    let value = values.next()?;
    if values.next().is_some() { None } else { Token::parse(value) }
}

/// A token after `Bearer`.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<Result<Token, ()>> {
    let value = headers.get(header::AUTHORIZATION)?;
    let text = value.to_str().ok().and_then(|text| text.strip_prefix("Bearer "));
    Some(text.and_then(|text| Token::parse(text.trim())).ok_or(()))
}

/// Gives a browser a token to keep.
pub(crate) fn keep(name: &str, token: &Token) -> Option<HeaderValue> {
    set(name, token.text().as_str(), SESSION_SECONDS)
}

/// Takes it from the browser.
pub(crate) fn drop_it(name: &str) -> Option<HeaderValue> {
    set(name, "", 0)
}

fn set(name: &str, value: &str, seconds: u32) -> Option<HeaderValue> {
    let text =
        format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age={seconds}");
    HeaderValue::from_str(&text).ok().map(|mut value| {
        value.set_sensitive(true);
        value
    })
}
