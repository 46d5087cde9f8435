//! Bytes of files: read in ranges, folders as zips, and whole files put.
//!
//! Start at [`routes`].

use std::io::Write;

use ::files::{
    At, Expected, Kind, NewEntry, OpenFile, PIECE_MAX, Place, ZIP_ENTRIES_MAX, expected_tag,
    shown_tag,
};
use axum::body::Body;
use axum::extract::{Request, State as Given};
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, header};
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use crate::body::{Json, Path, Query};
use crate::caller::Caller;
use crate::problem::Problem;
use crate::quota::in_vain;
use crate::routes::files::{Asked, asked, placed, shelf};
use crate::routes::media::shown_as;
use crate::routes::range::{Part, part};
use crate::shared::State;
use crate::supervise::{Reach, Shelf};
use crate::table::{DeviceMay, LIVES_HERE, Needs, Route, Shape, TAG};
use crate::transfer::{Outgoing, Stop, incoming, outgoing};

/// The table.
pub(super) fn routes() -> Vec<Route> {
    let reads = Needs::one_of(LIVES_HERE).or_device(DeviceMay::Read);
    vec![
        asked(Route::new(
            &Method::GET,
            "/api/v1/files/{source}/content",
            reads,
            "A file's bytes; `Range`, `If-Range` and `If-None-Match` are understood, and so is HEAD.",
            content,
        ))
        .asks_for("shown", "`true`: as what a browser shows by itself, where that is harmless", Shape::Flag)
        .hears("range", "one range of bytes", Shape::Text)
        .hears("if-none-match", "tags that are known", Shape::Text)
        .or_answers(206, "The part that was asked for.")
        .or_answers(304, "It is still as you know it.")
        .gives_media("application/octet-stream"),
        asked(Route::new(
            &Method::GET,
            "/api/v1/files/{source}/zip",
            reads,
            "A folder as a zip, made while it is sent.",
            zip,
        ))
        .gives_media("application/zip"),
        placed(Route::new(
            &Method::PUT,
            "/api/v1/files/{source}/content",
            Needs::one_of(LIVES_HERE).or_device(DeviceMay::Add),
            "Puts a whole file; `If-Match` with its tag, or `If-None-Match: *`. A device only adds.",
            put,
        ))
        .takes_bytes("application/octet-stream")
        .hears("if-match", "its tag, as it was seen", TAG)
        .hears("if-none-match", "only where there is none", Shape::Exactly("*"))
        .gives::<Put>(),
    ]
}

/// A file that was put.
#[derive(Debug, Serialize, ToSchema)]
struct Put {
    /// Its tag now.
    tag: Option<String>,
    /// Whether there was none before.
    created: bool,
    /// Disks that have all of it.
    copies: u8,
    /// Disks that shall have it.
    wanted: u8,
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// What `If-Match` or `If-None-Match` say of what is to be changed.
pub(super) fn expected(headers: &HeaderMap) -> Result<Option<Expected>, Problem> {
    let bad = || Problem::bad("The tag is none.", "Send one as a list gave it, in quotes.");
    match (text(headers, &header::IF_MATCH), text(headers, &header::IF_NONE_MATCH)) {
        (None, None) => Ok(None),
        (None, Some("*")) => Ok(Some(Expected::Nothing)),
        (Some(tag), None) => match expected_tag(tag.trim().trim_matches('"')) {
            Some(Expected::Tag(tag)) => Ok(Some(Expected::Tag(tag))),
            _ => Err(bad()),
        },
        _ => Err(bad()),
    }
}

async fn content(
    Given(state): Given<State>,
    caller: Caller,
    Path(source): Path<String>,
    Query(asked): Query<Asked>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    caller.may_read(&source)?;
    let path = asked.path()?;
    let who = caller.clone();
    let shown = asked.shown.unwrap_or(false).then(|| shown_as(&path)).flatten();
    let found = state.blocking(move |shared| {
        let (shelf, place) = shelf(shared, &who, asked.space.as_deref(), &source, Reach::Look)?;
        Ok((shelf.files.open(&place, &asked.at(), &path)?, shelf.files))
    });
    let (file, files) = found.await?;
    let tag = format!("\"{}\"", shown_tag(file.shown.tag));
    let answer = Response::builder()
        .header(header::ETAG, &tag)
        .header(header::ACCEPT_RANGES, "bytes")
        .header(header::CONTENT_TYPE, shown.unwrap_or("application/octet-stream"))
        .header(header::CONTENT_DISPOSITION, shown.map_or("attachment", |_| "inline"));
    let has_it = text(&headers, &header::IF_NONE_MATCH);
    let has_it =
        has_it.is_some_and(|tags| tags == "*" || tags.split(',').any(|one| one.trim() == tag));
    if has_it {
        return done(answer.status(StatusCode::NOT_MODIFIED), Body::empty());
    }
    let size = file.shown.size;
    let still = text(&headers, &header::IF_RANGE).is_none_or(|wanted| wanted == tag);
    let range = text(&headers, &header::RANGE).filter(|_| still);
    let (answer, from, to) = match part(range, size) {
        Part::All => (answer, 0, size),
        Part::Some(from, to) => {
            let range = format!("bytes {from}-{}/{size}", to - 1);
            let answer = answer.status(StatusCode::PARTIAL_CONTENT);
            (answer.header(header::CONTENT_RANGE, range), from, to)
        }
        Part::Outside => {
            let answer = answer.status(StatusCode::RANGE_NOT_SATISFIABLE);
            let answer = answer.header(header::CONTENT_RANGE, format!("bytes */{size}"));
            return done(answer, Body::empty());
        }
    };
    let answer = answer.header(header::CONTENT_LENGTH, to - from);
    if method == Method::HEAD {
        return done(answer, Body::empty());
    }
    let (out, body) = leaving(&state, &caller);
    send(&state, &caller, out, move |out| copy(&files, &file, (from, to), out)).await?;
    done(answer, body)
}

fn done(answer: axum::http::response::Builder, body: Body) -> Result<Response, Problem> {
    answer.body(body).map_err(|_| Problem::failed("The answer could not be written."))
}

fn copy(
    files: &::files::Files,
    file: &OpenFile,
    (mut from, to): (u64, u64),
    out: &mut Outgoing,
) -> Result<(), Problem> {
    while from < to {
        let want = usize::try_from(to - from).unwrap_or(PIECE_MAX);
        let piece = files.read(file, from, want)?;
        if piece.is_empty() || out.write_all(&piece).is_err() {
            return Err(Problem::failed("The bytes broke off."));
        }
        from += piece.len() as u64;
    }
    Ok(())
}

/// An answer's body, for as long as who asks is in.
pub(super) fn leaving(state: &State, caller: &Caller) -> (Outgoing, Body) {
    let (state, caller) = (State::clone(state), caller.clone());
    outgoing(move || state.is_still_in(&caller))
}

/// Writes an answer on a thread, as fast as it is read, once there is a place for it.
pub(super) async fn send(
    state: &State,
    caller: &Caller,
    mut out: Outgoing,
    write: impl FnOnce(&mut Outgoing) -> Result<(), Problem> + Send + 'static,
) -> Result<(), Problem> {
    let place = state.transfers.take(caller).await?;
    let state = State::clone(state);
    tokio::spawn(async move {
        let _place = place;
        let written = state.on_thread(move |_| {
            match write(&mut out).map(|()| out.flush()) {
                Ok(Ok(())) => {}
                _ => out.break_off(),
            }
            Ok(())
        });
        // What went wrong was told by breaking off.
        drop(written.await);
    });
    Ok(())
}

async fn zip(
    Given(state): Given<State>,
    caller: Caller,
    Path(source): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    caller.may_read(&source)?;
    let path = asked.path()?;
    let (at, who) = (asked.at(), caller.clone());
    let found = state.blocking(move |shared| {
        let (shelf, place) = shelf(shared, &who, asked.space.as_deref(), &source, Reach::Look)?;
        // Refused before it begins, where that can be known.
        shelf.files.list(&place, &at, &path, None, 1)?;
        Ok((shelf.files, place, at, path))
    });
    let (files, place, at, path) = found.await?;
    let (out, body) = leaving(&state, &caller);
    let zip = move |out: &mut Outgoing| {
        files.zip(&place, &at, &path, ZIP_ENTRIES_MAX, out)?;
        Ok(())
    };
    send(&state, &caller, out, zip).await?;
    let answer = Response::builder()
        .header(header::CONTENT_TYPE, "application/zip")
        .header(header::CONTENT_DISPOSITION, "attachment; filename=\"folder.zip\"");
    done(answer, body)
}

/// Refuses what will be refused at its end, before a byte of it is taken. Asked again when it is put.
fn stands_so(shelf: &Shelf, place: &Place, path: &[u8], expected: Expected) -> Result<(), Problem> {
    let stands = match shelf.files.open(place, &At::Newest, path) {
        Ok(file) => Some(Expected::Tag(file.shown.tag)),
        // Whatever else is wrong is told when it is put.
        Err(error) if error.kind() != Kind::NotFound => return Ok(()),
        Err(_) => None,
    };
    if stands.unwrap_or(Expected::Nothing) == expected {
        return Ok(());
    }
    let detail = "Something else stands there now.";
    let next = "Look at what stands there, and decide again.";
    Err(Problem::new(StatusCode::PRECONDITION_FAILED, "changed", detail, next))
}

async fn put(
    Given(state): Given<State>,
    caller: Caller,
    Path(source): Path<String>,
    Query(asked): Query<Asked>,
    request: Request,
) -> Result<Json<Put>, Problem> {
    caller.may_add(&source)?;
    let path = asked.path()?;
    let mut expected = expected(request.headers())?;
    if caller.who.device.is_some() {
        // It adds, and nothing gives way to it.
        expected = Some(Expected::Nothing);
    }
    let claim = state.claim_body(&caller, request.headers())?;
    let (shared, who) = (State::clone(&state), caller.clone());
    let still = move || shared.is_still_in(&who);
    let (mut body, pump) = incoming(request.into_body(), Stop::default(), still);
    let who = caller.clone();
    let put = state.moving(&caller, move |shared| {
        let (shelf, place) = shelf(shared, &who, asked.space.as_deref(), &source, Reach::Store)?;
        if let Some(expected) = expected {
            stands_so(&shelf, &place, &path, expected)?;
        }
        let new = NewEntry { expected, ..NewEntry::default() };
        let put = shelf.files.put(&place, &path, new, &mut body);
        let in_vain = |error| in_vain(error, body.taken());
        claim.kept(put.as_ref().map_or_else(in_vain, |_| body.taken()));
        Ok(put?)
    });
    let (put, ()) = tokio::join!(put, pump);
    let put = put.map_err(|problem| state.unless_sent_away(&caller, problem));
    let put = put?;
    let (copies, wanted) = put.receipt.map_or((0, 0), |receipt| (receipt.copies, receipt.wanted));
    Ok(Json(Put { tag: put.tag.map(shown_tag), created: put.created, copies, wanted }))
}
