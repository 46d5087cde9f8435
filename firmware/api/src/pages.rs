//! The page: files that are part of the program, for whoever reaches the box.
//!
//! They hold nothing of anybody, so that no guard asks who it is; Host and Origin are asked for before.
//! Nothing is looked up on a disk. Start at [`answer`].

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use page::File;

use crate::guard;

/// What has a hash in its name never changes.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// The rest is asked for again: an update of the box is an update of its page.
const ASK_AGAIN: &str = "no-cache";

/// Whatever no route takes: a file of the page, or nothing.
pub(crate) async fn answer(request: Request) -> Response {
    let looks = matches!(*request.method(), Method::GET | Method::HEAD);
    match page::find(request.uri().path()).filter(|_| looks) {
        Some(file) => served(file, request.headers()),
        None => guard::nothing_here().into_response(),
    }
}

fn served(file: &'static File, asked: &HeaderMap) -> Response {
    let packed = file.brotli.filter(|_| takes_brotli(asked));
    let mut response = Response::new(Body::from(packed.unwrap_or(file.bytes)));
    let headers = response.headers_mut();
    let caching = if file.is_hashed() { FOR_EVER } else { ASK_AGAIN };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.kind()));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if packed.is_some() {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    response
}

/// `br` is named, and not refused with a weight of nothing.
fn takes_brotli(asked: &HeaderMap) -> bool {
    let said = asked.get_all(header::ACCEPT_ENCODING).iter().filter_map(|said| said.to_str().ok());
    said.flat_map(|said| said.split(',')).any(|one| {
        let mut parts = one.split(';').map(str::trim);
        let weight = |part: &str| part.strip_prefix("q=").and_then(|q| q.parse::<f32>().ok());
        parts.next() == Some("br") && parts.filter_map(weight).all(|weight| weight > 0.0)
    })
}
