//! Plain HTTP: the certificate to trust, and the way to HTTPS. Nothing else, from nowhere, ever.
//!
//! Who claims a box, signs in or asks for anything over it is refused: what they sent was readable on its
//! way. Start at [`router`].

use axum::Router;
use axum::extract::{Request, State as Given};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::guard::{self, Arrived};
use crate::problem::Problem;
use crate::routes::certificate;
use crate::shared::State;

/// The router; `port` is where HTTPS is spoken.
pub(crate) fn router(port: u16, state: &State) -> Router {
    let away = move |Given(state): Given<State>, request: Request| async move {
        to_https(&state, port, &request)
    };
    let router = Router::new().route("/ca.pem", get(certificate)).fallback(away);
    guard::with_headers_only(router).with_state(state.clone())
}

fn to_https(state: &State, port: u16, request: &Request) -> Response {
    let arrived = request.extensions().get::<Arrived>().copied();
    let host = arrived.and_then(|one| state.hosts.takes(request.headers(), request.uri(), one.at));
    let Some(host) = host else {
        let detail = "This box is not called that.";
        let next = "Use the name or the address that the box shows on its console.";
        let status = StatusCode::MISDIRECTED_REQUEST;
        return Problem::new(status, "not_our_name", detail, next).into_response();
    };
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let detail = "What you sent could be read on its way here.";
        let next = "Use `https://`; if it held a password, choose another one.";
        let status = StatusCode::FORBIDDEN;
        return Problem::new(status, "not_encrypted", detail, next).into_response();
    }
    let name = match host.rfind(':') {
        Some(at) if !host.ends_with(']') => &host[..at],
        _ => host.as_str(),
    };
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let port = if port == 443 { String::new() } else { format!(":{port}") };
    let place = format!("https://{name}{port}{path}");
    match HeaderValue::from_str(&place) {
        Ok(place) => (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, place)]).into_response(),
        Err(_) => Problem::bad("The address is none.", "Use `https://`.").into_response(),
    }
}
