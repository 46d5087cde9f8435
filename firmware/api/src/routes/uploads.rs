//! Uploads in pieces, as tus 1.0 has them: `docs/protocols/uploads.md` says what is promised.
//!
//! Start at [`routes`].

mod words;

use ::files::{Algorithm, Append, FilesError, UploadId, UploadState};
use axum::body::Body;
use axum::extract::{Request, State as Given};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::Response;
use serde::Deserialize;

use crate::body::{Path, Query};
use crate::caller::Caller;
use crate::problem::Problem;
use crate::quota::in_vain;
use crate::shared::State;
use crate::supervise::{Reach, Shelf, Who};
use crate::table::{DeviceMay, LIVES_HERE, Needs, Route, Shape};
use crate::transfer::{Stop, incoming};

use words::{Concat, Head};

const VERSION: &str = "1.0.0";
const EXTENSIONS: &str = "creation,creation-with-upload,creation-defer-length,checksum,expiration,\
                          termination,concatenation";
const BYTES: &str = "application/offset+octet-stream";

const LENGTH: Shape = Shape::Number(i64::MAX.unsigned_abs());
const WORDS: Shape =
    Shape::Like("^([A-Za-z]+( [A-Za-z0-9+/]+=*)?)?(,[A-Za-z]+( [A-Za-z0-9+/]+=*)?)*$");
const CONCAT: Shape = Shape::Like("^(partial|final;.+)$");
const CHECKSUM: Shape = Shape::Like("^[a-z0-9]+ [A-Za-z0-9+/]+=*$");

/// The table.
pub(super) fn routes() -> Vec<Route> {
    let adds = Needs::one_of(LIVES_HERE).or_device(DeviceMay::Add);
    let one = "/api/v1/uploads/{upload}";
    let route = |method: Method, path, about| (method, path, adds, about);
    let (method, path, needs, about) =
        route(Method::OPTIONS, "/api/v1/uploads", "Which tus is spoken.");
    let options = Route::new(&method, path, needs, about, options).status(204);
    let (method, path, needs, about) =
        route(Method::POST, "/api/v1/uploads", "Begins an upload, or joins pieces.");
    let create = Route::new(&method, path, needs, about, create).status(201);
    let (method, path, needs, about) = route(Method::HEAD, one, "Where an upload stands.");
    let head = Route::new(&method, path, needs, about, head);
    let (method, path, needs, about) = route(Method::PATCH, one, "Goes on with an upload.");
    let patch = Route::new(&method, path, needs, about, patch).status(204);
    let (method, path, needs, about) = route(Method::DELETE, one, "Gives an upload up.");
    let terminate = Route::new(&method, path, needs, about, terminate).status(204);
    let spoken = |route: Route| {
        let version = Shape::Exactly(VERSION);
        route.needs_header("tus-resumable", "the tus that is spoken", version)
    };
    let space = |route: Route| spoken(route.asks("space", "as the upload's address has it"));
    let create = with_bytes(spoken(create))
        .hears("upload-defer-length", "the length is said later", Shape::Exactly("1"))
        .hears("upload-metadata", "`source`, `path` and other words, as tus has them", WORDS)
        .hears("upload-concat", "`partial`, or `final;` and the addresses of the pieces", CONCAT);
    let patch =
        with_bytes(space(patch)).needs_header("upload-offset", "where the bytes belong", LENGTH);
    vec![options, create, space(head), patch, space(terminate)]
}

/// What says bytes of an upload.
fn with_bytes(route: Route) -> Route {
    route.takes_bytes(BYTES).hears("upload-length", "how long it will be", LENGTH).hears(
        "upload-checksum",
        "an algorithm and the sum in base64",
        CHECKSUM,
    )
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    space: Option<String>,
}

/// Who an upload belongs to: a person in all their browsers, a device by itself.
fn owner(who: &Who) -> String {
    match &who.device {
        None => who.person.to_string(),
        Some(_) => format!("{} {}", who.person, who.name),
    }
}

fn says_version(headers: &HeaderMap) -> Result<(), Problem> {
    if headers.get("tus-resumable").is_some_and(|version| version == VERSION) {
        return Ok(());
    }
    let detail = "The header `Tus-Resumable` does not say 1.0.0.";
    let next = "Speak tus 1.0.0.";
    Err(Problem::new(StatusCode::PRECONDITION_FAILED, "tus_version", detail, next))
}

fn answer(status: StatusCode) -> axum::http::response::Builder {
    Response::builder().status(status).header("tus-resumable", VERSION)
}

fn done(answer: axum::http::response::Builder) -> Result<Response, Problem> {
    let written = answer.body(Body::empty());
    written.map_err(|_| Problem::failed("The answer could not be written."))
}

fn with_state(
    answer: axum::http::response::Builder,
    state: &UploadState,
) -> axum::http::response::Builder {
    let mut answer = answer.header("upload-offset", state.offset);
    if let Some(receipt) = state.receipt {
        answer = answer.header("holdfast-copies", u16::from(receipt.copies));
        answer = answer.header("holdfast-copies-wanted", u16::from(receipt.wanted));
    }
    if state.finished.is_some() {
        return answer;
    }
    let expires = jiff::Timestamp::from_millisecond(state.expires.0).unwrap_or_default();
    let expires = expires.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    answer.header("upload-expires", expires)
}

/// Whether who asks is in, asked again and again.
fn still(state: &State, caller: &Caller) -> impl Fn() -> bool + Send + 'static {
    let (state, caller) = (State::clone(state), caller.clone());
    move || state.is_still_in(&caller)
}

/// The number in an upload's address.
fn id(text: &str) -> Result<UploadId, Problem> {
    UploadId::read(text).ok_or_else(|| FilesError::NoUpload.into())
}

async fn options() -> Result<Response, Problem> {
    let algorithms = Algorithm::ALL.map(Algorithm::name).join(",");
    let answer = answer(StatusCode::NO_CONTENT).header("tus-version", VERSION);
    done(answer.header("tus-extension", EXTENSIONS).header("tus-checksum-algorithm", algorithms))
}

async fn create(
    Given(state): Given<State>,
    caller: Caller,
    request: Request,
) -> Result<Response, Problem> {
    says_version(request.headers())?;
    let head = Head::read(request.headers())?;
    let has_body = request.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == BYTES);
    let mut new = head.new_upload(owner(&caller.who))?;
    if !new.piece {
        caller.may_add(&new.source)?;
    }
    if caller.who.device.is_some() {
        // It adds, and nothing gives way to it.
        (new.if_exists, new.expected) = Default::default();
    }
    // Refused before a byte is sent, where it is known how many there will be.
    drop(state.claim(&caller, new.length.unwrap_or(0))?);
    let has_body = has_body && !matches!(head.concat, Some(Concat::Final(_)));
    let claim = match has_body {
        true => state.claim_body(&caller, request.headers())?,
        false => state.claim(&caller, 0)?,
    };
    let stop = Stop::default();
    let (mut body, pump) = incoming(request.into_body(), stop.clone(), still(&state, &caller));
    let who = caller.who.clone();
    let created = state.moving(&caller, move |shared| {
        let Shelf { files, space, name } =
            shared.supervisor.shelf(&who, head.space(), Reach::Store)?;
        let append = Append {
            checksum: head.checksum.clone(),
            on_wanted: Some(std::sync::Arc::new(move || stop.stop())),
            ..Append::default()
        };
        let upload = match &head.concat {
            Some(Concat::Final(pieces)) => files.concat(space, new, pieces)?,
            _ if has_body => {
                let begun = files.create_with(space, new, append, &mut body);
                let in_vain = |error| in_vain(error, body.taken());
                claim.kept(begun.as_ref().map_or_else(in_vain, |upload| upload.offset));
                begun?
            }
            _ => files.create(space, new)?,
        };
        Ok((upload, name))
    });
    let (created, ()) = tokio::join!(created, pump);
    let (upload, space) = created.map_err(|problem| state.unless_sent_away(&caller, problem))?;
    let place = format!("/api/v1/uploads/{}?space={space}", upload.id);
    done(with_state(answer(StatusCode::CREATED).header(header::LOCATION, place), &upload))
}

async fn head(
    Given(state): Given<State>,
    caller: Caller,
    Path(upload): Path<String>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    says_version(&headers)?;
    let id = id(&upload)?;
    // Not among the bodies: it is what frees a place that a dead connection holds.
    let found = state.blocking(move |shared| {
        let shelf = shared.supervisor.shelf(&caller.who, asked.space.as_deref(), Reach::Look)?;
        Ok(shelf.files.upload(shelf.space, id, &owner(&caller.who))?)
    });
    let found = found.await?;
    let mut answer = answer(StatusCode::OK).header(header::CACHE_CONTROL, "no-store");
    answer = match found.length {
        Some(length) => answer.header("upload-length", length),
        None => answer.header("upload-defer-length", "1"),
    };
    if found.piece {
        answer = answer.header("upload-concat", "partial");
    }
    if !found.words.is_empty() {
        answer = answer.header("upload-metadata", words::write(&found.words));
    }
    done(with_state(answer, &found))
}

async fn patch(
    Given(state): Given<State>,
    caller: Caller,
    Path(upload): Path<String>,
    Query(asked): Query<Asked>,
    request: Request,
) -> Result<Response, Problem> {
    says_version(request.headers())?;
    let (id, head) = (id(&upload)?, Head::read(request.headers())?);
    if request.headers().get(header::CONTENT_TYPE).is_none_or(|kind| kind != BYTES) {
        let detail = format!("The body is not said to be `{BYTES}`.");
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return Err(Problem::new(status, "no_bytes", detail, "Say so in `Content-Type`."));
    }
    let Some(offset) = head.offset else {
        return Err(Problem::bad("`Upload-Offset` is missing.", "Say where the bytes belong."));
    };
    let claim = state.claim_body(&caller, request.headers())?;
    let stop = Stop::default();
    let (mut body, pump) = incoming(request.into_body(), stop.clone(), still(&state, &caller));
    let who = caller.who.clone();
    let gone_on = state.moving(&caller, move |shared| {
        let shelf = shared.supervisor.shelf(&who, asked.space.as_deref(), Reach::Look)?;
        let stands = || -> Result<u64, FilesError> {
            Ok(shelf.files.upload(shelf.space, id, &owner(&who))?.offset)
        };
        let before = if claim.is_counted() { stands()? } else { offset };
        let append = Append {
            offset,
            length: head.length,
            checksum: head.checksum,
            room: None,
            on_wanted: Some(std::sync::Arc::new(move || stop.stop())),
        };
        let gone_on = shelf.files.append(shelf.space, id, &owner(&who), append, &mut body);
        if claim.is_counted() {
            let stored = |after: u64| after.saturating_sub(before);
            let kept = match &gone_on {
                Ok(state) => stored(state.offset),
                // Also where the disks are full what was stored before that is, and goes on from there.
                Err(error) => in_vain(error, body.taken()).max(stands().map_or(0, stored)),
            };
            claim.kept(kept);
        }
        Ok(gone_on?)
    });
    let (gone_on, ()) = tokio::join!(gone_on, pump);
    let gone_on = gone_on.map_err(|problem| state.unless_sent_away(&caller, problem))?;
    done(with_state(answer(StatusCode::NO_CONTENT), &gone_on))
}

async fn terminate(
    Given(state): Given<State>,
    caller: Caller,
    Path(upload): Path<String>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    says_version(&headers)?;
    let id = id(&upload)?;
    // Not among the bodies, as above: it may be one's own that hold all places.
    let given_up = state.blocking(move |shared| {
        let shelf = shared.supervisor.shelf(&caller.who, asked.space.as_deref(), Reach::Look)?;
        Ok(shelf.files.terminate(shelf.space, id, &owner(&caller.who))?)
    });
    given_up.await?;
    done(answer(StatusCode::NO_CONTENT))
}
