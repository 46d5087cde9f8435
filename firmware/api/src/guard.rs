//! What stands in front of every route: is it for us, does it come from our own page, who is it, may they.
//!
//! In this order, and the first that fails answers: Host (421), Origin (403), session or token (401), the
//! page's word (403), role (403), raised rights (403). The rules of a route are those of its line in the
//! table. Start at [`in_front`] and [`around`].

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State as Given};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::MethodRouter;
use people::{Now, Refusal, Token};

use crate::body::{is_text, no_text, strange_word};
use crate::caller::Caller;
use crate::hosts::{from_own_page, opens_the_page};
use crate::names::{self, PAGE_WORD};
use crate::problem::Problem;
use crate::rest;
use crate::shared::{Shared, State};
use crate::supervise::Who;
use crate::table::{DeviceMay, Needs};

/// Where a request came in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrived {
    /// Who is at the other end.
    pub(crate) from: SocketAddr,
    /// Which of our addresses they called.
    pub(crate) at: SocketAddr,
}

/// A page may load nothing but what the box itself serves, run nothing that stands in it, and stand in no
/// frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
                      font-src 'self'; connect-src 'self'; media-src 'self' blob:; manifest-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const HEADERS: &[(&str, &str)] = &[
    ("content-security-policy", POLICY),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
];

/// A route behind its guard, and what may stand after the `?` there.
pub(crate) fn in_front(
    route: MethodRouter<State>,
    needs: Needs,
    asks: Arc<[&'static str]>,
    state: State,
) -> MethodRouter<State> {
    let guard = move |Given(state): Given<State>, mut request: Request, next: Next| {
        let asks = Arc::clone(&asks);
        async move {
            let admitted = admitted(&state, needs, &request);
            match admitted.and_then(|caller| knows(&asks, request.uri()).map(|()| caller)) {
                Ok(Some(caller)) => {
                    note_use(&state, &caller);
                    request.extensions_mut().insert(caller);
                    next.run(request).await
                }
                Ok(None) => next.run(request).await,
                Err(problem) => problem.into_response(),
            }
        }
    };
    // Only before what the route has: another method is none of its, whoever asks (405).
    route.route_layer(from_fn_with_state(state, guard))
}

/// A word that the route does not have would be left out in silence, and something else done than was meant.
fn knows(asks: &[&str], uri: &Uri) -> Result<(), Problem> {
    if !uri.query().is_none_or(is_text) {
        return Err(no_text());
    }
    let said = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(uri);
    let known = |(name, _): &(String, String)| asks.contains(&name.as_str());
    match said {
        Ok(said) if said.iter().all(known) => Ok(()),
        _ => Err(strange_word()),
    }
}

/// What holds for every request, also for those that no route takes.
pub(crate) fn around(router: Router<State>, state: State) -> Router<State> {
    let called = from_fn_with_state(state, called_rightly);
    router.layer(called).layer(from_fn(with_headers)).layer(from_fn(rest::is_taken))
}

/// The same headers, for what is no route of the table.
pub(crate) fn with_headers_only(router: Router<State>) -> Router<State> {
    router.layer(from_fn(with_headers))
}

/// No route takes it.
pub(crate) fn nothing_here() -> Problem {
    let next = "`/api/v1/openapi.json` lists what there is.";
    Problem::new(StatusCode::NOT_FOUND, "not_found", "There is nothing here.", next)
}

async fn called_rightly(Given(state): Given<State>, request: Request, next: Next) -> Response {
    let Some(arrived) = request.extensions().get::<Arrived>().copied() else {
        return Problem::failed("Nobody knows where this request came from.").into_response();
    };
    let (headers, uri) = (request.headers(), request.uri());
    let Some(host) = state.hosts.takes(headers, uri, arrived.at) else {
        let detail = "This box is not called that.";
        let next = "Use the name or the address that the box shows on its console.";
        let status = StatusCode::MISDIRECTED_REQUEST;
        return Problem::new(status, "not_our_name", detail, next).into_response();
    };
    let changing = changes(request.method());
    let opens = !changing && opens_the_page(headers, uri.path());
    if !opens && !from_own_page(headers, &host, changing) {
        let detail = "This request was made by a page of somebody else.";
        let next = "Open the box's own page.";
        return Problem::new(StatusCode::FORBIDDEN, "not_our_page", detail, next).into_response();
    }
    let mut response = next.run(request).await;
    if response.status() == StatusCode::METHOD_NOT_ALLOWED
        && !response.headers().contains_key(header::CONTENT_TYPE)
    {
        let allow = response.headers().get(header::ALLOW).cloned();
        let next = "`/api/v1/openapi.json` lists what there is.";
        let detail = "This cannot be done here.";
        let status = StatusCode::METHOD_NOT_ALLOWED;
        response = Problem::new(status, "no_such_method", detail, next).into_response();
        response.headers_mut().extend(allow.map(|allow| (header::ALLOW, allow)));
    }
    response
}

async fn with_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    let no_store = HeaderValue::from_static("no-store");
    headers.entry(header::CACHE_CONTROL).or_insert(no_store);
    response
}

fn changes(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Who it is, when the route wants to know, and may.
fn admitted(shared: &Shared, needs: Needs, request: &Request) -> Result<Option<Caller>, Problem> {
    let Some(roles) = needs.roles else { return Ok(None) };
    let now = shared.env.now();
    let from = request.extensions().get::<Arrived>().map(|one| one.from.ip().to_string());
    let from = from.unwrap_or_default();
    let headers = request.headers();
    if let Some(token) = names::bearer(headers) {
        let token = token.map_err(|()| Refusal::NoToken)?;
        return device(shared, needs, token, from, now).map(Some);
    }
    let token = names::cookie(headers, names::SESSION).ok_or(Refusal::NoSession)?;
    let house = shared.keeper.house();
    let (session, person) = house.session(&token, now)?;
    if changes(request.method()) {
        let word = headers.get(PAGE_WORD).and_then(|word| word.to_str().ok());
        if !word.is_some_and(|word| token.page_word().is(word)) {
            let detail = format!("The header `{PAGE_WORD}` is missing or not this session's.");
            let next = "Take it from the answer of `GET /api/v1/session`.";
            return Err(Problem::new(StatusCode::FORBIDDEN, "no_page_word", detail, next));
        }
    }
    if !roles.contains(&person.role) {
        return Err(Refusal::NotAllowed.into());
    }
    if needs.elevated && !session.is_elevated(now) {
        return Err(Refusal::NotElevated.into());
    }
    let who = Who {
        person: person.id,
        name: person.name.clone(),
        role: person.role,
        space: person.space(),
        device: None,
    };
    Ok(Some(Caller { who, session: Some(session.id()), token: Arc::new(token), from }))
}

fn device(
    shared: &Shared,
    needs: Needs,
    token: Token,
    from: String,
    now: Now,
) -> Result<Caller, Problem> {
    let house = shared.keeper.house();
    let (device, person) = house.device(&token, now)?;
    let scope = &device.scope;
    let may = match needs.device {
        DeviceMay::Nothing => false,
        DeviceMay::Anything => true,
        DeviceMay::Read => !matches!(scope, people::Scope::Add { .. }),
        DeviceMay::Add => !matches!(scope, people::Scope::Read {}),
    };
    let role = needs.roles.is_some_and(|roles| roles.contains(&person.role));
    if !may || !role || needs.elevated {
        return Err(Refusal::NotAllowed.into());
    }
    let who = Who {
        person: person.id,
        name: format!("{} ({})", person.name, device.name),
        role: person.role,
        space: person.space(),
        device: Some(scope.clone()),
    };
    Ok(Caller { who, session: None, token: Arc::new(token), from })
}

/// Notes now and then that a token is used; nobody waits for that.
fn note_use(state: &State, caller: &Caller) {
    let now = state.env.now();
    if !state.keeper.house().is_worth_noting(&caller.token, now) {
        return;
    }
    let (state, token) = (Arc::clone(state), Arc::clone(&caller.token));
    tokio::task::spawn_blocking(move || {
        let used = state.keeper.change(None, |house| {
            house.is_used(&token, now);
            Ok(())
        });
        if let Err(problem) = used {
            tracing::warn!(problem.detail, "the use of a token is not noted");
        }
    });
}
