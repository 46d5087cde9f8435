//! Being signed in: who it is, where else they are, raised rights, signing out.
//!
//! Start at [`routes`].

use axum::extract::State as Given;
use axum::http::{HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use calls::SecretText;
use people::{ELEVATED_FOR, UsbKey};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::body::{Json, Path};
use crate::caller::Caller;
use crate::names::{self, SESSION};
use crate::problem::Problem;
use crate::routes::entry::role_name;
use crate::routes::{DONE, Done};
use crate::second::{Beside, shown};
use crate::shared::{State, told};
use crate::table::{DeviceMay, EVERYBODY, Needs, Route};
use crate::waiting::By;

pub(super) const SIGNED: Needs = Needs::one_of(EVERYBODY);

/// The table.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(&Method::GET, "/api/v1/session", SIGNED, "Who is signed in here.", who)
            .gives::<Me>(),
        Route::new(&Method::DELETE, "/api/v1/session", SIGNED, "Sign out.", sign_out)
            .gives::<Done>(),
        Route::new(
            &Method::POST,
            "/api/v1/session/elevation",
            SIGNED,
            "Give the password once more, for a quarter of an hour.",
            elevate,
        )
        .takes::<Elevation>()
        .gives::<Elevated>(),
        Route::new(
            &Method::GET,
            "/api/v1/sessions",
            SIGNED,
            "Where else you are signed in.",
            sessions,
        )
        .gives::<Sessions>(),
        Route::new(
            &Method::DELETE,
            "/api/v1/sessions/{session}",
            SIGNED,
            "End one of your sessions.",
            end_session,
        )
        .gives::<Done>(),
        Route::new(
            &Method::GET,
            "/api/v1/me",
            SIGNED.or_device(DeviceMay::Anything),
            "Who asks, be it a person or a device.",
            me,
        )
        .gives::<Asker>(),
    ]
}

/// Who is signed in.
#[derive(Debug, Serialize, ToSchema)]
struct Me {
    /// Their id.
    person: String,
    /// Their name.
    name: String,
    /// `owner`, `member` or `helper`.
    role: String,
    /// The name of their space.
    space: String,
    /// This session.
    session: String,
    /// Rights are raised now.
    elevated: bool,
    /// A second factor is asked for.
    second_factor: bool,
    /// An app makes codes.
    totp: bool,
    /// A key on a stick, where there is one.
    key: Option<OwnKey>,
    /// Codes of the printed sheet that are left.
    codes_left: usize,
    /// Until when, for a helper, milliseconds since 1970.
    until_ms: Option<i64>,
    /// Goes into the header `x-holdfast-csrf` of whatever changes something.
    csrf: String,
}

/// Somebody's key.
#[derive(Debug, Serialize, ToSchema)]
struct OwnKey {
    /// What its stick says it is.
    stick: String,
    /// When it was made, milliseconds since 1970.
    made_ms: i64,
    /// When it was last used.
    used_ms: Option<i64>,
    /// When somebody used a copy of it: since then it opens nothing.
    copied_ms: Option<i64>,
    /// When somebody else with the password waited for it: it opens nothing until that is another one.
    wanted_ms: Option<i64>,
}

/// Who asks.
#[derive(Debug, Serialize, ToSchema)]
struct Asker {
    /// The person's id.
    person: String,
    /// The person's name, with the device's behind it when one asks.
    name: String,
    /// The person's role.
    role: String,
    /// What the device may do; none when no device asks.
    #[schema(value_type = Option<Object>)]
    scope: Option<people::Scope>,
}

/// The password once more.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Elevation {
    /// The password.
    password: SecretText,
    /// A code, where a second factor is asked for.
    #[serde(default)]
    code: Option<SecretText>,
    /// Use the key instead, and wait so many seconds for it to be plugged into the box: 20 at most.
    #[serde(default)]
    key_seconds: Option<u8>,
    /// The vault's 24 words instead, for who lost all else.
    #[serde(default)]
    words: Option<SecretText>,
}

/// Rights are raised.
#[derive(Debug, Serialize, ToSchema)]
struct Elevated {
    /// For so many seconds.
    seconds: u64,
}

/// Somebody's sessions.
#[derive(Debug, Serialize, ToSchema)]
struct Sessions {
    /// The newest last.
    sessions: Vec<OneSession>,
}

/// A session.
#[derive(Debug, Serialize, ToSchema)]
struct OneSession {
    /// Its name.
    id: String,
    /// It is the one that asks.
    this: bool,
    /// What the browser says it is.
    agent: String,
    /// When it began, milliseconds since 1970.
    since_ms: i64,
    /// When it was last used, to the hour.
    used_ms: i64,
}

async fn who(Given(state): Given<State>, caller: Caller) -> Result<Json<Me>, Problem> {
    let (house, now) = (state.keeper.house(), state.env.now());
    let (session, person) = house.session(&caller.token, now)?;
    Ok(Json(Me {
        person: person.id.to_string(),
        name: person.name.clone(),
        role: role_name(person.role).to_owned(),
        space: person.space(),
        session: session.id().to_string(),
        elevated: session.is_elevated(now),
        second_factor: person.has_second_factor(),
        totp: person.has_totp(),
        key: person.key().map(own_key),
        codes_left: person.codes_left(),
        until_ms: person.until_ms,
        csrf: caller.token.page_word().text(),
    }))
}

fn own_key(key: &UsbKey) -> OwnKey {
    let (made_ms, used_ms, copied_ms) = (key.made_ms, key.used_ms, key.copied_ms);
    OwnKey { stick: key.stick.clone(), made_ms, used_ms, copied_ms, wanted_ms: key.wanted_ms }
}

async fn me(caller: Caller) -> Json<Asker> {
    Json(Asker {
        person: caller.id().to_string(),
        name: caller.who.name.clone(),
        role: role_name(caller.who.role).to_owned(),
        scope: caller.who.device.clone(),
    })
}

async fn sign_out(Given(state): Given<State>, caller: Caller) -> Result<Response, Problem> {
    let id = caller.session()?.to_string();
    end(&state, &caller, id, "sign-out").await?;
    let mut response = Json(DONE).into_response();
    // The browser stays known: its next sign-in has an allowance of its own.
    if let Some(cookie) = names::drop_it(SESSION) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    let clear = HeaderValue::from_static("\"cache\"");
    response.headers_mut().insert("clear-site-data", clear);
    Ok(response)
}

async fn end(state: &State, caller: &Caller, id: String, act: &'static str) -> Result<(), Problem> {
    let (person, told) = (caller.id(), told(caller, act, id.clone()));
    let change = move |shared: &crate::Shared| {
        shared.keeper.change(Some(told), |house| house.end_session(person, &id))
    };
    state.blocking(change).await
}

async fn elevate(
    Given(state): Given<State>,
    caller: Caller,
    Json(asked): Json<Elevation>,
) -> Result<Json<Elevated>, Problem> {
    let beside = Beside { code: asked.code, key_seconds: asked.key_seconds, words: asked.words };
    let factor = beside.factor();
    let now = state.env.now();
    let attempt = {
        let house = state.keeper.house();
        let mut tries = state.keeper.tries();
        house.may_elevate(&mut tries, &caller.token, factor, now)?
    };
    let note = |what: &str| told(&caller, "raise-rights", what);
    let (done, refused) = (note(beside.what()), note(""));
    let token = std::sync::Arc::clone(&caller.token);
    let password = asked.password;
    let checked = state.checking(move |_| Ok(attempt.check(password.reveal()))).await?;
    let session = caller.session()?;
    let by =
        By { from: caller.from.clone(), token: Some(caller.token.hash()), session: Some(session) };
    let checked = shown(&state, checked, beside, by).await;
    let raise = move |shared: &crate::Shared| {
        let raised = checked.and_then(|(checked, turned)| {
            shared.keeper.change(Some(done), |house| {
                let mut tries = shared.keeper.tries();
                house.elevate(&mut tries, checked, &token, now)
            })?;
            if let Some(turned) = turned {
                turned.lets_in(shared, session);
            }
            Ok(())
        });
        if let Err(why) = &raised {
            shared.keeper.note_refused(refused, why)?;
        }
        raised
    };
    state.blocking(raise).await?;
    Ok(Json(Elevated { seconds: ELEVATED_FOR.0 / 1_000 }))
}

async fn sessions(Given(state): Given<State>, caller: Caller) -> Result<Json<Sessions>, Problem> {
    let (house, own) = (state.keeper.house(), caller.session()?);
    let sessions = house.sessions(caller.id(), state.env.now()).map(|one| OneSession {
        id: one.id().to_string(),
        this: one.id() == own,
        agent: one.agent.clone(),
        since_ms: one.since_ms,
        used_ms: one.used_ms,
    });
    Ok(Json(Sessions { sessions: sessions.collect() }))
}

async fn end_session(
    Given(state): Given<State>,
    caller: Caller,
    Path(session): Path<String>,
) -> Result<Json<Done>, Problem> {
    end(&state, &caller, session, "end-session").await?;
    Ok(Json(DONE))
}
