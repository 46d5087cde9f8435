//! Why a request was refused, as RFC 9457 has it, with what to do next.
//!
//! `code` is for programs, `detail` and `next` are for people. Nothing that was sent is repeated: it may
//! be a secret in the wrong place. Start at [`Problem`].

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use calls::{Fault, FaultCode};
use files::{FilesError, Kind};
use people::Refusal;
use serde::Serialize;
use utoipa::ToSchema;

/// Why not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The HTTP status.
    pub status: u16,
    /// For programs.
    pub code: &'static str,
    /// What is the case.
    pub detail: Box<str>,
    /// What to do now.
    pub next: Box<str>,
    /// When to try again, where that helps.
    pub wait_seconds: Option<u64>,
}

/// Why a request was refused, as RFC 9457 has it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct Written<'p> {
    /// What kind of problem it is: `urn:holdfast:problem:` and the code.
    #[serde(rename = "type")]
    kind: String,
    /// The kind in a word or two.
    title: String,
    /// The HTTP status.
    status: u16,
    /// What is the case.
    detail: &'p str,
    /// For programs.
    code: &'p str,
    /// What to do now.
    next: &'p str,
    /// When to try again, where that helps.
    #[serde(skip_serializing_if = "Option::is_none")]
    wait_seconds: Option<u64>,
}

impl Problem {
    /// A problem of this kind.
    pub fn new(
        status: StatusCode,
        code: &'static str,
        detail: impl Into<Box<str>>,
        next: impl Into<Box<str>>,
    ) -> Self {
        let (status, detail, next) = (status.as_u16(), detail.into(), next.into());
        Self { status, code, detail, next, wait_seconds: None }
    }

    /// Something is wrong with what was sent.
    pub fn bad(detail: impl Into<Box<str>>, next: impl Into<Box<str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", detail, next)
    }

    /// The box failed. Nobody is to blame but us.
    pub fn failed(detail: impl Into<Box<str>>) -> Self {
        let next = "Try again; if it stays so, send the support bundle to whoever helps you.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "failed", detail, next)
    }

    /// Too much is asked at once.
    pub fn busy() -> Self {
        let detail = "The box has as much to do as it can.";
        let next = "Try again in a moment.";
        let mut problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", detail, next);
        problem.wait_seconds = Some(2);
        problem
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        let (status, code) = match fault.code {
            FaultCode::BadRequest => (StatusCode::BAD_REQUEST, "bad_request"),
            FaultCode::Version => (StatusCode::BAD_REQUEST, "version"),
            FaultCode::Denied => (StatusCode::FORBIDDEN, "denied"),
            FaultCode::Locked => (StatusCode::LOCKED, "locked"),
            FaultCode::WrongSecret => (StatusCode::FORBIDDEN, "wrong_secret"),
            FaultCode::NotFound => (StatusCode::NOT_FOUND, "not_found"),
            FaultCode::WrongState => (StatusCode::CONFLICT, "wrong_state"),
            FaultCode::Busy => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
            FaultCode::Full => (StatusCode::INSUFFICIENT_STORAGE, "full"),
            FaultCode::Volumes => (StatusCode::SERVICE_UNAVAILABLE, "volumes"),
            FaultCode::Refused => (StatusCode::CONFLICT, "refused"),
            FaultCode::Stopped => (StatusCode::CONFLICT, "stopped"),
            FaultCode::ShuttingDown => (StatusCode::SERVICE_UNAVAILABLE, "shutting_down"),
            FaultCode::Failed => (StatusCode::INTERNAL_SERVER_ERROR, "failed"),
        };
        Self::new(status, code, fault.sentence, fault.advice)
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let (status, code) = match refusal {
            Refusal::Unclaimed => (StatusCode::CONFLICT, "unclaimed"),
            Refusal::Claimed => (StatusCode::CONFLICT, "claimed"),
            Refusal::WrongCode => (StatusCode::FORBIDDEN, "wrong_code"),
            Refusal::WrongSecret => (StatusCode::FORBIDDEN, "wrong_secret"),
            Refusal::SecondFactor => (StatusCode::FORBIDDEN, "second_factor"),
            Refusal::CodeOrKey => (StatusCode::FORBIDDEN, "code_or_key"),
            Refusal::NoKey => (StatusCode::FORBIDDEN, "no_key"),
            Refusal::KeyNotHere => (StatusCode::FORBIDDEN, "key_not_here"),
            Refusal::KeyNotWritten => (StatusCode::CONFLICT, "key_not_written"),
            Refusal::KeyUsed => (StatusCode::FORBIDDEN, "key_used"),
            Refusal::KeyWanted => (StatusCode::FORBIDDEN, "key_wanted"),
            Refusal::KeyCopied => (StatusCode::FORBIDDEN, "key_copied"),
            Refusal::NoOtherWay => (StatusCode::CONFLICT, "no_other_way"),
            Refusal::TooOften { .. } => (StatusCode::TOO_MANY_REQUESTS, "too_often"),
            Refusal::NoSession => (StatusCode::UNAUTHORIZED, "no_session"),
            Refusal::NoToken => (StatusCode::UNAUTHORIZED, "no_token"),
            Refusal::NotElevated => (StatusCode::FORBIDDEN, "not_elevated"),
            Refusal::NotAllowed => (StatusCode::FORBIDDEN, "not_allowed"),
            Refusal::NotFound => (StatusCode::NOT_FOUND, "not_found"),
            Refusal::NameTaken => (StatusCode::CONFLICT, "name_taken"),
            Refusal::LastOwner => (StatusCode::CONFLICT, "last_owner"),
            Refusal::TooMany => (StatusCode::CONFLICT, "too_many"),
            Refusal::CannotCheck => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
            _ => (StatusCode::BAD_REQUEST, "bad_request"),
        };
        let mut problem = Self::new(status, code, sentence(&refusal), refusal.advice());
        if let Refusal::TooOften { wait } = refusal {
            problem.wait_seconds = Some(wait.0.div_ceil(1_000));
        }
        problem
    }
}

impl From<FilesError> for Problem {
    fn from(error: FilesError) -> Self {
        // The bytes are not those of their checksum: tus has a number of its own for it.
        let mismatch = StatusCode::from_u16(460).unwrap_or(StatusCode::BAD_REQUEST);
        let (status, code) = match error.kind() {
            Kind::Bad => (StatusCode::BAD_REQUEST, "bad_request"),
            Kind::Locked => (StatusCode::LOCKED, "locked"),
            Kind::Away => (StatusCode::SERVICE_UNAVAILABLE, "volumes"),
            Kind::NotFound => (StatusCode::NOT_FOUND, "not_found"),
            Kind::Gone => (StatusCode::GONE, "expired"),
            Kind::Conflict => (StatusCode::CONFLICT, "conflict"),
            Kind::Changed => (StatusCode::PRECONDITION_FAILED, "changed"),
            Kind::Busy => (StatusCode::LOCKED, "in_use"),
            Kind::Checksum => (mismatch, "checksum"),
            Kind::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too_large"),
            Kind::Full => (StatusCode::INSUFFICIENT_STORAGE, "full"),
            Kind::Broken => (StatusCode::BAD_REQUEST, "broken_off"),
            Kind::Failed => (StatusCode::INTERNAL_SERVER_ERROR, "failed"),
        };
        Self::new(status, code, capital(&error.to_string()), error.advice())
    }
}

/// With a capital letter and a full stop, as everything for people.
fn sentence(refusal: &Refusal) -> String {
    capital(&refusal.to_string())
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).chain(['.']).collect()
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        let written = Written {
            kind: format!("urn:holdfast:problem:{}", self.code),
            title: self.code.replace('_', " "),
            status: self.status,
            detail: &self.detail,
            code: self.code,
            next: &self.next,
            wait_seconds: self.wait_seconds,
        };
        let text = serde_json::to_string(&written).unwrap_or_default();
        let kind = HeaderValue::from_static("application/problem+json");
        let mut response = (status, [(header::CONTENT_TYPE, kind)], text).into_response();
        if let Some(seconds) = self.wait_seconds {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        if status == StatusCode::UNAUTHORIZED {
            let scheme = HeaderValue::from_static("Bearer");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
        }
        response
    }
}
