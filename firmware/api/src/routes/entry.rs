//! What anybody may ask who reaches the box: what it is, its certificate, the claim, joining, signing in.
//!
//! Each try of a code or a password costs one of the place it comes from. Start at [`routes`].

use std::net::IpAddr;
use std::sync::Arc;

use axum::Extension;
use axum::extract::State as Given;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use calls::SecretText;
use people::{Place, Refusal, Role, SignedIn, Told, Verifier};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::body::Json;
use crate::guard::Arrived;
use crate::names::{self, BROWSER, SESSION};
use crate::problem::Problem;
use crate::second::{Beside, shown};
use crate::shared::{Shared, State};
use crate::table::{Needs, Route};
use crate::waiting::By;

/// The table.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            &Method::GET,
            "/api/v1/box",
            Needs::ANYONE,
            "What this is, before anybody is known.",
            about,
        )
        .gives::<About>(),
        Route::new(
            &Method::GET,
            "/api/v1/ca.pem",
            Needs::ANYONE,
            "The certificate to trust.",
            certificate,
        )
        .gives_media("application/x-pem-file"),
        Route::new(&Method::GET, "/api/v1/openapi.json", Needs::ANYONE, "This document.", document)
            .gives_media("application/json"),
        Route::new(
            &Method::POST,
            "/api/v1/claim",
            Needs::ANYONE,
            "Become the owner of a new box, with the code on its console.",
            claim,
        )
        .takes::<Claim>()
        .gives::<Welcome>(),
        Route::new(
            &Method::POST,
            "/api/v1/join",
            Needs::ANYONE,
            "Choose a password after an invitation.",
            join,
        )
        .takes::<Claim>()
        .gives::<Welcome>(),
        Route::new(&Method::POST, "/api/v1/session", Needs::ANYONE, "Sign in.", sign_in)
            .takes::<SignIn>()
            .gives::<Welcome>(),
    ]
}

/// What a box is to whoever has just found it.
#[derive(Debug, Serialize, ToSchema)]
struct About {
    /// The program.
    holdfast: String,
    /// Its version.
    version: String,
    /// Somebody owns it.
    claimed: bool,
    /// Its hardware is simulated.
    desk: bool,
}

/// A code, a name and a password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Claim {
    /// The code: of the console, or of the invitation.
    code: SecretText,
    /// The name to sign in with.
    name: String,
    /// Ten letters or more.
    password: SecretText,
}

/// Who, and the proof.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SignIn {
    /// The name.
    name: String,
    /// The password.
    password: SecretText,
    /// A code of the second factor, or of the printed sheet.
    #[serde(default)]
    code: Option<SecretText>,
    /// Use the key instead, and wait so many seconds for it to be plugged into the box: 20 at most.
    #[serde(default)]
    key_seconds: Option<u8>,
    /// The vault's 24 words instead, for who lost all else.
    #[serde(default)]
    words: Option<SecretText>,
}

/// Somebody is in.
#[derive(Debug, Serialize, ToSchema)]
struct Welcome {
    /// Their id.
    person: String,
    /// Their name.
    name: String,
    /// `owner`, `member` or `helper`.
    role: String,
    /// Goes into the header `x-holdfast-csrf` of whatever changes something.
    csrf: String,
}

async fn about(Given(state): Given<State>) -> Json<About> {
    Json(About {
        holdfast: "holdfast".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        claimed: state.keeper.house().is_claimed(),
        desk: state.settings.desk,
    })
}

pub(crate) async fn certificate(Given(state): Given<State>) -> Response {
    let kind = HeaderValue::from_static("application/x-pem-file");
    ([(header::CONTENT_TYPE, kind)], state.ca.clone()).into_response()
}

async fn document(Given(state): Given<State>) -> Response {
    let make = || crate::openapi::document(&state.table).to_string();
    let document = state.document.get_or_init(make);
    let kind = HeaderValue::from_static("application/json");
    ([(header::CONTENT_TYPE, kind)], document.clone()).into_response()
}

async fn claim(
    Given(state): Given<State>,
    Extension(arrived): Extension<Arrived>,
    headers: HeaderMap,
    Json(claim): Json<Claim>,
) -> Result<Response, Problem> {
    enter(state, arrived, headers, claim, "claim").await
}

async fn join(
    Given(state): Given<State>,
    Extension(arrived): Extension<Arrived>,
    headers: HeaderMap,
    Json(claim): Json<Claim>,
) -> Result<Response, Problem> {
    enter(state, arrived, headers, claim, "join").await
}

/// A code that was told once, and the password that goes with it from now on.
async fn enter(
    state: State,
    arrived: Arrived,
    headers: HeaderMap,
    claim: Claim,
    act: &'static str,
) -> Result<Response, Problem> {
    let place = Place::from(arrived.from.ip());
    let now = state.env.now();
    let house = state.keeper.house();
    let right = |house: &people::House| match act {
        "claim" => house.may_claim(claim.code.reveal()),
        _ => house.invited(&claim.name, claim.code.reveal(), now).map(|_| ()),
    };
    if act == "claim" && house.is_claimed() {
        return Err(Refusal::Claimed.into());
    }
    // A code of 60 bits is not guessed, so that whoever has it need not wait for those who try.
    if let Err(refusal) = right(&house) {
        state.keeper.tries().take_strange(place, now.uptime)?;
        let told = told(act, "", "refused", arrived.from.ip());
        state.blocking(move |shared| shared.keeper.note(told)).await?;
        return Err(refusal.into());
    }
    if act == "claim" {
        // Told before the password is made, which takes a while.
        house.free_name(&claim.name, None)?;
    }
    let agent = agent(&headers);
    let from = arrived.from.ip();
    let signed = state
        .checking(move |shared| {
            let rng = &*shared.env.rng;
            let cost = shared.keeper.house().cost();
            let verifier = Verifier::of(claim.password.reveal(), cost, rng)?;
            let told = told(act, &claim.name, "", from);
            shared.keeper.change(Some(told), |house| {
                let code = claim.code.reveal();
                let id = match act {
                    "claim" => house.claim(code, &claim.name, verifier, now, rng)?,
                    _ => house.join(&claim.name, code, verifier, now)?,
                };
                house.welcome(id, &agent, now, rng)
            })
        })
        .await?;
    welcome(&state, &signed)
}

async fn sign_in(
    Given(state): Given<State>,
    Extension(arrived): Extension<Arrived>,
    headers: HeaderMap,
    Json(sign): Json<SignIn>,
) -> Result<Response, Problem> {
    let place = Place::from(arrived.from.ip());
    let browser = names::cookie(&headers, BROWSER);
    let beside = Beside { code: sign.code, key_seconds: sign.key_seconds, words: sign.words };
    let factor = beside.factor();
    let now = state.env.now();
    let attempt = {
        let house = state.keeper.house();
        let mut tries = state.keeper.tries();
        house.may_try(&mut tries, &sign.name, factor, (place, browser.as_ref()), now)?
    };
    let (agent, from) = (agent(&headers), arrived.from.ip());
    let (name, password, what) = (sign.name, sign.password, beside.what());
    let checked = state.checking(move |_| Ok(attempt.check(password.reveal()))).await?;
    let token = browser.as_ref().map(people::Token::hash);
    let by = By { from: from.to_canonical().to_string(), token, session: None };
    let checked = shown(&state, checked, beside, by).await;
    let enter = move |shared: &Shared| {
        let signed = checked.and_then(|(checked, turned)| {
            let signed =
                shared.keeper.change(Some(told("sign-in", &name, what, from)), |house| {
                    let mut tries = shared.keeper.tries();
                    let known = (browser.as_ref(), agent.as_str());
                    house.sign_in(&mut tries, checked, known, now, &*shared.env.rng)
                })?;
            if let Some(turned) = turned {
                turned.lets_in(shared, signed.id);
            }
            Ok(signed)
        });
        if let Err(why) = &signed {
            // A name that nobody has may be a password in the wrong place.
            let name = if shared.keeper.house().is_known(&name) { &*name } else { "" };
            shared.keeper.note_refused(told("sign-in", name, "", from), why)?;
        }
        signed
    };
    let signed = state.blocking(enter).await?;
    welcome(&state, &signed)
}

/// The answer to whoever came in: cookies for the browser, and the word for its page.
fn welcome(state: &Arc<Shared>, signed: &SignedIn) -> Result<Response, Problem> {
    let house = state.keeper.house();
    let person = house.person(signed.person)?;
    let body = Welcome {
        person: person.id.to_string(),
        name: person.name.clone(),
        role: role_name(person.role).to_owned(),
        csrf: signed.session.page_word().text(),
    };
    let mut response = Json(body).into_response();
    let browser = signed.browser.as_ref().and_then(|token| names::keep(BROWSER, token));
    let cookies = [names::keep(SESSION, &signed.session), browser];
    for cookie in cookies.into_iter().flatten() {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

pub(super) fn role_name(role: Role) -> &'static str {
    match role {
        Role::Owner => "owner",
        Role::Member => "member",
        Role::Helper => "helper",
    }
}

fn agent(headers: &HeaderMap) -> String {
    let said = headers.get(HeaderName::from_static("user-agent"));
    said.and_then(|agent| agent.to_str().ok()).unwrap_or_default().to_owned()
}

fn told(act: &'static str, who: &str, what: &str, from: IpAddr) -> Told {
    Told { who: who.to_owned(), act, what: what.to_owned(), from: from.to_canonical().to_string() }
}
