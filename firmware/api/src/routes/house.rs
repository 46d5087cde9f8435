//! The box as a whole: how it is, its lock, its clock, its news, its vault, its end.
//!
//! Start at [`routes`].

use axum::body::Body;
use axum::extract::State as Given;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use calls::{
    Answer, Call, DeskAct, Health, Lock, OnDesk, Secret, Status, SupportBundle, Surroundings,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::body::Json;
use crate::caller::Caller;
use crate::events;
use crate::problem::Problem;
use crate::routes::{DONE, Done, only};
use crate::shared::State;
use crate::table::{EVERYBODY, LOOKS_AFTER, Needs, OWNERS, Route};

const OWNER: Needs = Needs::one_of(OWNERS);

/// The table.
pub(super) fn routes() -> Vec<Route> {
    running().into_iter().chain(around()).chain(making()).collect()
}

fn running() -> Vec<Route> {
    let all = Needs::one_of(EVERYBODY);
    vec![
        Route::new(&Method::GET, "/api/v1/status", all, "What the box is doing.", status)
            .gives::<Status>(),
        Route::new(&Method::GET, "/api/v1/health", all, "What is wrong, and what to do.", health)
            .gives::<Health>(),
        Route::new(
            &Method::GET,
            "/api/v1/events",
            all,
            "News as server-sent events; `Last-Event-ID` goes on after one.",
            news,
        )
        .gives_media("text/event-stream"),
        Route::new(
            &Method::POST,
            "/api/v1/unlock",
            OWNER,
            "Open the vault with its words or its password.",
            unlock,
        )
        .takes::<Secret>()
        .gives::<LockState>(),
        Route::new(
            &Method::POST,
            "/api/v1/lock",
            OWNER,
            "Stop what needs the keys, and forget them.",
            lock,
        )
        .gives::<LockState>(),
        Route::new(
            &Method::POST,
            "/api/v1/clock/trust",
            OWNER.elevated(),
            "The clock is right although it jumped: old versions may go again.",
            trust_clock,
        )
        .gives::<Done>(),
        Route::new(
            &Method::POST,
            "/api/v1/shutdown",
            OWNER.elevated(),
            "Stop the box in order.",
            shutdown,
        )
        .gives::<Done>(),
        Route::new(
            &Method::POST,
            "/api/v1/restart",
            OWNER.elevated(),
            "Stop the box in order and start it anew; it waits for its key then.",
            restart,
        )
        .gives::<Done>(),
    ]
}

fn around() -> Vec<Route> {
    vec![
        Route::new(
            &Method::GET,
            "/api/v1/surroundings",
            Needs::one_of(EVERYBODY),
            "Quiet hours, the battery, and whether it opens by itself.",
            surroundings,
        )
        .gives::<Surroundings>(),
        Route::new(
            &Method::PUT,
            "/api/v1/quiet-hours",
            OWNER,
            "Say from when to when nothing noisy is done that can wait, instead of the settings file.",
            set_quiet,
        )
        .takes::<SetQuiet>()
        .gives::<Surroundings>(),
    ]
}

fn making() -> Vec<Route> {
    let looks = Needs::one_of(LOOKS_AFTER);
    vec![
        Route::new(
            &Method::GET,
            "/api/v1/support-bundle",
            looks,
            "What a helper needs to see: no secrets, no names.",
            bundle,
        )
        .gives::<SupportBundle>(),
        Route::new(
            &Method::POST,
            "/api/v1/desk",
            OWNER,
            "Play the hardware of a simulated box; refused by a real one.",
            desk,
        )
        .takes::<DeskAct>()
        .gives::<Desk>(),
    ]
}

/// Whether the keys are there.
#[derive(Debug, Serialize, ToSchema)]
struct LockState {
    /// `none` while there is no vault.
    lock: Lock,
}

/// When it has to be quiet.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SetQuiet {
    /// Two times of day, as `22:00-07:00`; null for never.
    hours: Option<String>,
}

/// The desk as it is now.
#[derive(Debug, Serialize, ToSchema)]
struct Desk {
    /// By name.
    disks: Vec<OnDesk>,
}

async fn status(Given(state): Given<State>, caller: Caller) -> Result<Json<Status>, Problem> {
    let answer = state.ask(&caller, Call::Status {}).await?;
    only!(answer, Answer::Status(status) => Json(status))
}

async fn health(Given(state): Given<State>, caller: Caller) -> Result<Json<Health>, Problem> {
    let answer = state.ask(&caller, Call::Health {}).await?;
    only!(answer, Answer::Health(health) => Json(health))
}

async fn news(
    Given(state): Given<State>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let last = headers.get("last-event-id").and_then(|last| last.to_str().ok());
    let lines = events::follow(&state, caller, last).await?;
    let mut response = Response::new(Body::new(lines));
    let kind = HeaderValue::from_static("text/event-stream");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    Ok(response)
}

async fn unlock(
    Given(state): Given<State>,
    caller: Caller,
    Json(secret): Json<Secret>,
) -> Result<Json<LockState>, Problem> {
    state.note(&caller, "unlock", "").await?;
    // Guessing the vault's password costs as much as guessing a person's.
    state.keeper.take_session(&caller)?;
    let _turn = state.checks.acquire().await.map_err(|_| Problem::busy())?;
    let answer = state.ask(&caller, Call::Unlock { secret }).await?;
    state.keeper.give_back_session(&caller);
    only!(answer, Answer::Lock(lock) => Json(LockState { lock }))
}

async fn lock(Given(state): Given<State>, caller: Caller) -> Result<Json<LockState>, Problem> {
    state.note(&caller, "lock", "").await?;
    let answer = state.ask(&caller, Call::Lock {}).await?;
    only!(answer, Answer::Lock(lock) => Json(LockState { lock }))
}

async fn trust_clock(Given(state): Given<State>, caller: Caller) -> Result<Json<Done>, Problem> {
    state.note(&caller, "trust-clock", "").await?;
    state.ask(&caller, Call::TrustClock {}).await?;
    Ok(Json(DONE))
}

async fn shutdown(Given(state): Given<State>, caller: Caller) -> Result<Json<Done>, Problem> {
    state.note(&caller, "shutdown", "").await?;
    state.ask(&caller, Call::Shutdown {}).await?;
    Ok(Json(DONE))
}

async fn restart(Given(state): Given<State>, caller: Caller) -> Result<Json<Done>, Problem> {
    state.note(&caller, "restart", "").await?;
    state.ask(&caller, Call::Restart {}).await?;
    Ok(Json(DONE))
}

async fn surroundings(
    Given(state): Given<State>,
    caller: Caller,
) -> Result<Json<Surroundings>, Problem> {
    let answer = state.ask(&caller, Call::Surroundings {}).await?;
    only!(answer, Answer::Surroundings(surroundings) => Json(surroundings))
}

async fn set_quiet(
    Given(state): Given<State>,
    caller: Caller,
    Json(asked): Json<SetQuiet>,
) -> Result<Json<Surroundings>, Problem> {
    state.note(&caller, "set-quiet-hours", asked.hours.as_deref().unwrap_or("never")).await?;
    let answer = state.ask(&caller, Call::SetQuiet { hours: asked.hours }).await?;
    only!(answer, Answer::Surroundings(surroundings) => Json(surroundings))
}

async fn bundle(
    Given(state): Given<State>,
    caller: Caller,
) -> Result<Json<SupportBundle>, Problem> {
    let answer = state.ask(&caller, Call::SupportBundle {}).await?;
    only!(answer, Answer::SupportBundle(bundle) => Json(bundle))
}

async fn desk(
    Given(state): Given<State>,
    caller: Caller,
    Json(act): Json<DeskAct>,
) -> Result<Json<Desk>, Problem> {
    if !state.settings.desk {
        let (detail, next) = ("This box has real hardware.", "Use your hands.");
        return Err(Problem::new(StatusCode::CONFLICT, "wrong_state", detail, next));
    }
    if let DeskAct::Show { .. } = act {
        // It would show folders of this computer to a page.
        let (detail, next) = ("A page shows no folders of this computer.", "Use the local socket.");
        return Err(Problem::new(StatusCode::FORBIDDEN, "not_allowed", detail, next));
    }
    let answer = state.ask(&caller, Call::Desk { act }).await?;
    only!(answer, Answer::Desk { disks } => Json(Desk { disks }))
}
