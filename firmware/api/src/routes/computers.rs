//! Backups of computers over the network: where a source stands, what it lacks, pieces in and out, and the
//! version at the end. `docs/protocols/computers.md` says what is promised.
//!
//! A computer is told of nothing but its own source. What it may do is asked for each request, and what it
//! sends is believed by nobody: see `vault`. Start at [`routes`].

use std::io::{self, Read, Write};

use ::files::{Committed as Made, Named, Place, fill};
use axum::extract::{Request, State as Given};
use axum::http::{Method, StatusCode, header};
use axum::response::Response;
use calls::afar::{
    ASKED_MAX, Committed, NAME_LEN, OneVersion, PIECES_LEN_MAX, PieceHead, Received, Standing,
    Versions, hex, name, read_name,
};
use serde::Deserialize;

use crate::body::{Json, Path, Query, whole};
use crate::caller::Caller;
use crate::gather::gathered;
use crate::problem::Problem;
use crate::quota::in_vain;
use crate::routes::content::{leaving, send};
use crate::shared::{Shared, State};
use crate::supervise::{Reach, Shelf};
use crate::table::{COUNT, DeviceMay, HEX, LIVES_HERE, Needs, Route};

const BYTES: &str = "application/octet-stream";
/// Versions in one answer.
const VERSIONS_MAX: usize = 200;

/// The table.
pub(super) fn routes() -> Vec<Route> {
    let adds = Needs::one_of(LIVES_HERE).or_device(DeviceMay::Add);
    let reads = Needs::one_of(LIVES_HERE).or_device(DeviceMay::Read);
    let one = "/api/v1/computers/{source}";
    vec![
        Route::new(&Method::GET, one, reads, "Where a computer's source stands.", standing)
            .gives::<Standing>(),
        Route::new(
            &Method::POST,
            "/api/v1/computers/{source}/lacking",
            adds,
            "Which of these pieces the source lacks: a byte 0 or 1 for each name of 33 bytes.",
            lacking,
        )
        .takes_bytes(BYTES)
        .gives_media(BYTES),
        Route::new(
            &Method::POST,
            "/api/v1/computers/{source}/pieces",
            adds,
            "Takes pieces; they are durable when it is answered.",
            receive,
        )
        .takes_bytes(BYTES)
        .gives::<Received>(),
        Route::new(
            &Method::POST,
            "/api/v1/computers/{source}/versions",
            adds,
            "Makes a version of what was sent, or names what is missing.",
            commit,
        )
        .takes_bytes(BYTES)
        .gives::<Committed>(),
        Route::new(
            &Method::GET,
            "/api/v1/computers/{source}/versions",
            reads,
            "The versions of a computer's source.",
            versions,
        )
        .asks_for("skip", "how many to leave out, from the oldest on", COUNT)
        .gives::<Versions>(),
        Route::new(
            &Method::POST,
            "/api/v1/computers/{source}/fetch",
            reads,
            "Pieces of a version, in the order of the names in the body.",
            fetch,
        )
        .takes_bytes(BYTES)
        .needs_word("version", "its id", HEX)
        .gives_media(BYTES),
    ]
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    skip: Option<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Of {
    version: String,
}

/// Only what both reads and adds is a computer: what merely adds is told nothing of what is there.
fn may_back_up(caller: &Caller, source: &str) -> Result<(), Problem> {
    caller.may_add(source)?;
    caller.may_read(source)
}

fn shelf(shared: &Shared, caller: &Caller, source: String) -> Result<(Shelf, Place), Problem> {
    let shelf = shared.supervisor.shelf(&caller.who, None, Reach::Store)?;
    let place = Place { space: shelf.space, source };
    Ok((shelf, place))
}

async fn standing(
    Given(state): Given<State>,
    caller: Caller,
    Path(source): Path<String>,
) -> Result<Json<Standing>, Problem> {
    may_back_up(&caller, &source)?;
    let stands = state.blocking(move |shared| {
        let (shelf, place) = shelf(shared, &caller, source)?;
        let (standing, root) = shelf.files.standing(&place)?;
        Ok(Standing {
            version: standing.newest.map(|(info, _)| info.id.to_string()),
            root: root.map(|root| hex(&root)),
            doubtful: standing.doubtful,
            received: standing.received,
        })
    });
    Ok(Json(stands.await?))
}

/// The names in a body.
async fn names(request: Request) -> Result<Vec<Named>, Problem> {
    let body = whole(request, ASKED_MAX * NAME_LEN).await?;
    let (names, rest) = body.as_chunks::<NAME_LEN>();
    let read = |bytes: &[u8; NAME_LEN]| {
        let (is_object, id) = read_name(bytes)?;
        Some(Named { is_object, id: types::ChunkId(id) })
    };
    let read: Option<Vec<Named>> = names.iter().map(read).collect();
    read.filter(|_| rest.is_empty())
        .ok_or_else(|| Problem::bad("The body is no list of names.", "Send 33 bytes for each."))
}

async fn lacking(
    Given(state): Given<State>,
    caller: Caller,
    Path(source): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    may_back_up(&caller, &source)?;
    let asked = names(request).await?;
    let lacking = state.blocking(move |shared| {
        let (shelf, place) = shelf(shared, &caller, source)?;
        Ok(shelf.files.lacking(&place, &asked)?)
    });
    let bytes: Vec<u8> = lacking.await?.into_iter().map(u8::from).collect();
    let answer = Response::builder().header(header::CONTENT_TYPE, BYTES).body(bytes.into());
    answer.map_err(|_| Problem::failed("The answer could not be written."))
}

/// The next piece of a body; none at its end.
fn next(body: &mut &[u8], buffer: &mut Vec<u8>) -> io::Result<Option<Named>> {
    let mut head = [0; PieceHead::LEN];
    let first = body.read(&mut head)?;
    if first == 0 {
        return Ok(None);
    }
    body.read_exact(&mut head[first..])?;
    let head = PieceHead::read(&head).ok_or(io::ErrorKind::InvalidData)?;
    fill(body, buffer, head.len as usize)?;
    Ok(Some(Named { is_object: head.is_object, id: types::ChunkId(head.id) }))
}

async fn receive(
    Given(state): Given<State>,
    caller: Caller,
    Path(source): Path<String>,
    request: Request,
) -> Result<Json<Received>, Problem> {
    may_back_up(&caller, &source)?;
    let body = gathered(&state, &caller, request, PIECES_LEN_MAX).await?;
    // Not before it is here: who is refused in the middle of sending only sees that the line broke.
    let claim = state.claim(&caller, body.bytes.len() as u64)?;
    let took = state.on_thread(move |shared| {
        let (shelf, place) = shelf(shared, &caller, source)?;
        let (mut rest, len) = (body.bytes.as_slice(), body.bytes.len() as u64);
        let took = shelf.files.receive(&place, &mut |buffer| next(&mut rest, buffer));
        claim.kept(
            took.as_ref().map_or_else(|error| in_vain(error, len - rest.len() as u64), |_| len),
        );
        let receipt = took?;
        Ok(Received { copies: receipt.copies, wanted: receipt.wanted })
    });
    Ok(Json(took.await?))
}

async fn commit(
    Given(state): Given<State>,
    caller: Caller,
    Path(source): Path<String>,
    request: Request,
) -> Result<Json<Committed>, Problem> {
    may_back_up(&caller, &source)?;
    let record = gathered(&state, &caller, request, ::files::RECORD_LEN_MAX).await?;
    let claim = state.claim(&caller, record.bytes.len() as u64)?;
    let made = state.blocking(move |shared| {
        let (shelf, place) = shelf(shared, &caller, source)?;
        Ok(match shelf.files.commit(&place, &record.bytes)? {
            Made::Version { id, receipt } => {
                // As the pieces are: the record lies in the vault for as long as the version.
                claim.kept(record.bytes.len() as u64);
                Committed {
                    version: Some(id.to_string()),
                    copies: receipt.copies,
                    wanted: receipt.wanted,
                    lacking: Vec::new(),
                }
            }
            Made::Lacking(lacking) => {
                let shown = |one: &Named| hex(&name(one.is_object, &one.id.0));
                Committed { lacking: lacking.iter().map(shown).collect(), ..Committed::default() }
            }
        })
    });
    Ok(Json(made.await?))
}

async fn versions(
    Given(state): Given<State>,
    caller: Caller,
    Path(source): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Json<Versions>, Problem> {
    caller.may_read(&source)?;
    let found = state.blocking(move |shared| {
        let (shelf, place) = shelf(shared, &caller, source)?;
        let skip = usize::try_from(asked.skip.unwrap_or(0)).unwrap_or(usize::MAX);
        let (versions, more) = shelf.files.afar_versions(&place, skip, VERSIONS_MAX)?;
        let one = |one: ::files::AfarVersion| OneVersion {
            id: one.info.id.to_string(),
            received_ms: one.info.received.0,
            files: one.stats.files,
            bytes: one.stats.bytes,
            skipped: one.stats.skipped,
            root: hex(&one.root),
        };
        Ok(Versions { versions: versions.into_iter().map(one).collect(), more })
    });
    Ok(Json(found.await?))
}

async fn fetch(
    Given(state): Given<State>,
    caller: Caller,
    Path(source): Path<String>,
    Query(of): Query<Of>,
    request: Request,
) -> Result<Response, Problem> {
    caller.may_read(&source)?;
    let Ok(version) = of.version.parse() else {
        return Err(Problem::bad("This is no id of a version.", "Take it from the list."));
    };
    let asked = names(request).await?;
    let who = caller.clone();
    let found = state.blocking(move |shared| {
        let (shelf, place) = shelf(shared, &who, source)?;
        // Refused before it begins, where that can be known.
        shelf.files.send_pieces(&place, version, &[], &mut |_, _| Ok(()))?;
        Ok((shelf, place))
    });
    let (shelf, place) = found.await?;
    let (out, body) = leaving(&state, &caller);
    send(&state, &caller, out, move |out| {
        let mut visit = |named: Named, bytes: &[u8]| {
            let len = u32::try_from(bytes.len()).map_err(io::Error::other)?;
            let head = PieceHead { is_object: named.is_object, id: named.id.0, len };
            out.write_all(&head.to_bytes())?;
            out.write_all(bytes)
        };
        Ok(shelf.files.send_pieces(&place, version, &asked, &mut visit)?)
    })
    .await?;
    let answer = Response::builder().status(StatusCode::OK).header(header::CONTENT_TYPE, BYTES);
    answer.body(body).map_err(|_| Problem::failed("The answer could not be written."))
}
