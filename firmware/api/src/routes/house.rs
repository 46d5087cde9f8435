//! The box as a whole: how it is, its lock, its clock, its news, its vault, its end.
//!
//! Start at [`routes`].

use std::collections::BTreeMap;

use axum::body::Body;
use axum::extract::State as Given;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use calls::{
    Answer, Call, DeskAct, Health, Lock, OnDesk, Secret, SecretText, Status, SupportBundle,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zeroize::Zeroizing;

use crate::body::Json;
use crate::caller::Caller;
use crate::events;
use crate::problem::Problem;
use crate::routes::{DONE, Done, only};
use crate::shared::State;
use crate::table::{EVERYBODY, LOOKS_AFTER, Needs, OWNERS, Route};

const OWNER: Needs = Needs::one_of(OWNERS);
/// Words that have to be said back before a new vault is used.
const SAID_BACK: usize = 2;

/// The table.
pub(super) fn routes() -> Vec<Route> {
    running().into_iter().chain(making()).collect()
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
            "/api/v1/vault",
            OWNER.elevated(),
            "Make the vault of a new box on blank disks. Its words are told once.",
            create,
        )
        .takes::<MakeVault>()
        .gives::<MadeVault>(),
        Route::new(
            &Method::POST,
            "/api/v1/vault/words",
            OWNER,
            "Say two of the new vault's words back: they are on paper.",
            words,
        )
        .takes::<SaidBack>()
        .gives::<Done>(),
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

/// A vault that is wanted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MakeVault {
    /// Which disks: by id, bay, or the last four of the serial.
    disks: Vec<String>,
    /// Copies of everything, 1 to 8.
    copies: u8,
    /// A password that opens it, too.
    #[serde(default)]
    password: Option<SecretText>,
}

/// A vault that was made.
#[derive(Debug, Serialize, ToSchema)]
struct MadeVault {
    /// Its id.
    vault: String,
    /// The 24 words. They open it, and nobody has them but who reads this.
    words: SecretText,
}

/// Words of the kit, by their numbers.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SaidBack {
    /// At least two: `{"3": "abandon", "17": "zoo"}`, counted from 1.
    #[schema(value_type = Object)]
    words: BTreeMap<usize, SecretText>,
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
    let lines = events::follow(&state, caller, last).ok_or_else(Problem::busy)?;
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

async fn bundle(
    Given(state): Given<State>,
    caller: Caller,
) -> Result<Json<SupportBundle>, Problem> {
    let answer = state.ask(&caller, Call::SupportBundle {}).await?;
    only!(answer, Answer::SupportBundle(bundle) => Json(bundle))
}

async fn create(
    Given(state): Given<State>,
    caller: Caller,
    Json(asked): Json<MakeVault>,
) -> Result<Json<MadeVault>, Problem> {
    state.note(&caller, "make-vault", "").await?;
    let MakeVault { disks, copies, password } = asked;
    let answer = state.ask(&caller, Call::Create { disks, copies, password }).await?;
    let (vault, words) = only!(answer, Answer::Created { vault, words } => (vault, words))?;
    let kept = Zeroizing::new(words.reveal().to_owned());
    *state.words() = Some(kept);
    Ok(Json(MadeVault { vault, words }))
}

async fn words(
    Given(state): Given<State>,
    caller: Caller,
    Json(said): Json<SaidBack>,
) -> Result<Json<Done>, Problem> {
    state.keeper.take_session(&caller)?;
    let right = {
        let kept = state.words();
        let Some(kept) = kept.as_ref() else {
            let (detail, next) = ("No new vault waits for its words.", "Look at the status.");
            let status = StatusCode::CONFLICT;
            return Err(Problem::new(status, "wrong_state", detail, next));
        };
        let all: Vec<&str> = kept.split_whitespace().collect();
        let is_right = |(number, word): (&usize, &SecretText)| {
            let known = number.checked_sub(1).and_then(|at| all.get(at));
            known.is_some_and(|known| known.eq_ignore_ascii_case(word.reveal().trim()))
        };
        said.words.len() >= SAID_BACK && said.words.iter().all(is_right)
    };
    if !right {
        let detail = "These are not two or more of the words.";
        let next = "Read them from your paper, with their numbers.";
        return Err(Problem::new(StatusCode::FORBIDDEN, "wrong_secret", detail, next));
    }
    state.keeper.give_back_session(&caller);
    state.note(&caller, "words-on-paper", "").await?;
    state
        .blocking(|shared| {
            shared.supervisor.words_are_told();
            Ok(())
        })
        .await?;
    *state.words() = None;
    Ok(Json(DONE))
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
