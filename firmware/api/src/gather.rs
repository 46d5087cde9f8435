//! Bodies that are in memory before anything is borrowed for them: what computers send.
//!
//! Whoever sends slowly holds a place of their own and nothing else, neither the vault nor those who store.
//! Places and lengths bound the memory. Start at [`gathered`].

use std::time::Duration;

use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use http_body_util::BodyExt;

use crate::caller::Caller;
use crate::places::Place;
use crate::problem::Problem;
use crate::shared::State;

/// A body that sends nothing for so long is left.
const SILENCE_MAX: Duration = Duration::from_secs(60);
/// And one that is not here by then: 4 KiB a second for 13 MiB, which slower lines do not have either.
const WHOLE_MAX: Duration = Duration::from_secs(3_600);

/// A body, and its place, which is held until it is stored.
pub(crate) struct Gathered {
    pub(crate) bytes: Vec<u8>,
    _place: Place,
}

/// Gathers a body of at most `len_max` bytes once there is a place for it, as long as its sender still may.
pub(crate) async fn gathered(
    state: &State,
    caller: &Caller,
    request: Request,
    len_max: usize,
) -> Result<Gathered, Problem> {
    let said = said_length(request.headers());
    if said.is_some_and(|len| len > len_max) {
        return Err(too_long(len_max));
    }
    let place = state.parcels.take(caller).await?;
    // All of it at once: growing would hold it twice for a moment. What does not come takes no memory.
    let bytes = Vec::with_capacity(said.unwrap_or(len_max));
    let gather = gather(state, caller, request, (bytes, len_max));
    let bytes = tokio::time::timeout(WHOLE_MAX, gather).await.map_err(|_| too_slow())??;
    Ok(Gathered { bytes, _place: place })
}

async fn gather(
    state: &State,
    caller: &Caller,
    request: Request,
    (mut bytes, len_max): (Vec<u8>, usize),
) -> Result<Vec<u8>, Problem> {
    let mut body = request.into_body();
    loop {
        let frame = tokio::time::timeout(SILENCE_MAX, body.frame()).await;
        let frame = frame.map_err(|_| too_slow())?;
        if !state.is_still_in(caller) {
            return Err(state.unless_sent_away(caller, broken_off()));
        }
        let Some(frame) = frame else { return Ok(bytes) };
        let Ok(data) = frame.map_err(|_| broken_off())?.into_data() else { continue };
        if data.len() > len_max - bytes.len() {
            return Err(too_long(len_max));
        }
        bytes.extend_from_slice(&data);
    }
}

fn said_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn too_long(len_max: usize) -> Problem {
    let detail = format!("The body has more than {len_max} bytes.");
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail, "Send less at once.")
}

fn too_slow() -> Problem {
    let detail = "The body did not come in time.";
    Problem::new(StatusCode::REQUEST_TIMEOUT, "too_slow", detail, "Send it again.")
}

fn broken_off() -> Problem {
    let detail = "The body broke off.";
    Problem::new(StatusCode::BAD_REQUEST, "broken_off", detail, "Send it again.")
}
