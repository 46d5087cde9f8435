//! Bodies and queries: bounded in size and time, and refused when they hold what nobody knows.
//!
//! Start at [`Json`].

use std::time::Duration;

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::problem::Problem;

/// A body of JSON is never longer: as much as a caller of the local socket may send.
pub(crate) const JSON_LEN_MAX: usize = 128 << 10;
/// Whoever takes longer to send one is left.
const PATIENCE: Duration = Duration::from_secs(15);

/// JSON in, or out.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        // A form that another page sends has no such type, and no preflight is ever granted.
        let is_json = kind.is_some_and(|kind| {
            let kind = kind.split(';').next().unwrap_or_default().trim();
            kind.eq_ignore_ascii_case("application/json")
        });
        if !is_json {
            let (detail, next) = ("The body is not said to be JSON.", "Send `application/json`.");
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "no_json", detail, next));
        }
        let bytes = whole(request, JSON_LEN_MAX).await?;
        // What is read as fields by their names would else be taken as fields by their order, too.
        if bytes.trim_ascii_start().starts_with(b"[") {
            let detail = "The body is a list, where an object is needed.";
            return Err(Problem::bad(detail, "Compare it with `/api/v1/openapi.json`."));
        }
        let read = serde_json::from_slice(&bytes);
        read.map(Self).map_err(|error: serde_json::Error| {
            let (line, column) = (error.line(), error.column());
            // What serde says may hold what was sent; only its kind is told, and where.
            let detail = match error.classify() {
                serde_json::error::Category::Data => {
                    format!(
                        "A field is missing, unknown or of another kind (line {line}, {column})."
                    )
                }
                _ => format!("The body is no JSON (line {line}, {column})."),
            };
            Problem::bad(detail, "Compare it with `/api/v1/openapi.json`.")
        })
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(bytes) => {
                let kind = HeaderValue::from_static("application/json");
                ([(header::CONTENT_TYPE, kind)], bytes).into_response()
            }
            Err(_) => Problem::failed("The answer could not be written.").into_response(),
        }
    }
}

/// A whole body of bounded length, waited for as long as is polite.
pub(crate) async fn whole(request: Request, len_max: usize) -> Result<Vec<u8>, Problem> {
    let read = Limited::new(request.into_body(), len_max).collect();
    let Ok(read) = tokio::time::timeout(PATIENCE, read).await else {
        let detail = "The body did not come in time.";
        let status = StatusCode::REQUEST_TIMEOUT;
        return Err(Problem::new(status, "too_slow", detail, "Send it at once."));
    };
    match read {
        Ok(body) => Ok(body.to_bytes().into()),
        Err(error) if error.downcast_ref::<LengthLimitError>().is_some() => {
            let detail = format!("The body has more than {len_max} bytes.");
            let status = StatusCode::PAYLOAD_TOO_LARGE;
            Err(Problem::new(status, "too_large", detail, "Send less at once."))
        }
        Err(_) => Err(Problem::bad("The body broke off.", "Send it again.")),
    }
}

/// Words after the `?`, and none that nobody knows.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let read = axum::extract::Query::<T>::try_from_uri(&parts.uri);
        read.map(|query| Self(query.0)).map_err(|_| strange_word())
    }
}

/// Something after the `?` is not what the route has.
pub(crate) fn strange_word() -> Problem {
    let detail = "A word after the `?` is missing, unknown or of another kind.";
    Problem::bad(detail, "Compare it with `/api/v1/openapi.json`.")
}

/// Whether what stands after the `?` is text. Reading it as words puts signs in the place of what is none, and so
/// a path would become that of another file.
pub(crate) fn is_text(query: &str) -> bool {
    let mut bytes = Vec::with_capacity(query.len());
    let mut pieces = query.split('%');
    bytes.extend_from_slice(pieces.next().unwrap_or_default().as_bytes());
    for piece in pieces {
        match piece.get(..2).and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(byte) => bytes.push(byte),
            None => bytes.push(b'%'),
        }
        bytes.extend_from_slice(piece.get(2..).unwrap_or(piece).as_bytes());
    }
    std::str::from_utf8(&bytes).is_ok()
}

pub(crate) fn no_text() -> Problem {
    let next = "Send a path that is no text in hex digits, as `path_hex`.";
    Problem::bad("A word after the `?` is no text.", next)
}

/// The one changing part of a path.
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let read = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        read.map(|path| Self(path.0)).map_err(|_| {
            let detail = "A part of the path is no text, or of another kind.";
            Problem::bad(detail, "Compare it with `/api/v1/openapi.json`.")
        })
    }
}
