//! Files of a source, as far as who asks may see them: pages of a folder, a history, a search.
//!
//! Start at [`routes`].

use std::sync::Arc;

use ::files::{At, Place};
use axum::extract::State as Given;
use axum::http::Method;
use calls::RawPath;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::body::{Json, Path, Query};
use crate::caller::Caller;
use crate::problem::Problem;
use crate::routes::shown::Entry;
use crate::shared::{Shared, State};
use crate::supervise::{Reach, Shelf};
use crate::table::{COUNT, DeviceMay, LIVES_HERE, Needs, PATH_HEX, Route, Shape};

/// Entries in a page when nobody says how many.
const ITEMS: u32 = 200;

/// The table.
pub(super) fn routes() -> Vec<Route> {
    let reads = Needs::one_of(LIVES_HERE).or_device(DeviceMay::Read);
    vec![
        asked(Route::new(
            &Method::GET,
            "/api/v1/files/{source}/entries",
            reads,
            "A page of a folder, in the order of names as bytes.",
            entries,
        ))
        .asks_for("from", "the first name of the page, as hex", PATH_HEX)
        .asks_for("items", "so many at most, up to 1000", COUNT)
        .gives::<Entries>(),
        asked(Route::new(
            &Method::GET,
            "/api/v1/files/{source}/history",
            reads,
            "When a file or folder changed, the newest first: where a slider stops.",
            history,
        ))
        .asks_for("items", "so many at most, up to 1000", COUNT)
        .gives::<History>(),
        Route::new(
            &Method::GET,
            "/api/v1/files/{source}/search",
            reads,
            "Files by name and time, also deleted ones.",
            search,
        )
        .asks("space", "`everyone`, or nothing for one's own")
        .asks("name", "part of the name")
        .asks_for("from_secs", "modified then or later, seconds since 1970", Shape::Seconds)
        .asks_for("until_secs", "modified before, seconds since 1970", Shape::Seconds)
        .asks_for("deleted", "`true`: also what was deleted", Shape::Flag)
        .asks_for("items", "so many at most, up to 500", COUNT)
        .asks("cursor", "where the page before ended")
        .gives::<Found>(),
    ]
}

/// The words that every route takes that looks at a path as it is or was.
pub(super) fn asked(route: Route) -> Route {
    placed(route).asks("version", "a version by its id; the newest when not given")
}

/// The words that every route of a path takes.
pub(super) fn placed(route: Route) -> Route {
    route
        .asks("space", "`everyone`, or nothing for one's own")
        .asks("path", "the path; the top when not given")
        .asks_for("path_hex", "the same as hex, for names that are no text", PATH_HEX)
}

/// Words after the `?`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    pub(super) space: Option<String>,
    pub(super) path: Option<String>,
    pub(super) path_hex: Option<String>,
    pub(super) version: Option<String>,
    pub(super) from: Option<String>,
    pub(super) items: Option<u32>,
    pub(super) name: Option<String>,
    pub(super) from_secs: Option<i64>,
    pub(super) until_secs: Option<i64>,
    pub(super) deleted: Option<bool>,
    pub(super) cursor: Option<String>,
    pub(super) recursive: Option<bool>,
    pub(super) shown: Option<bool>,
}

impl Asked {
    pub(super) fn path(&self) -> Result<Vec<u8>, Problem> {
        match (&self.path, &self.path_hex) {
            (Some(text), None) => Ok(text.as_bytes().to_vec()),
            (None, Some(hex)) => from_hex(hex),
            (None, None) => Ok(Vec::new()),
            (Some(_), Some(_)) => {
                Err(Problem::bad("The path is there twice.", "Send one of the two."))
            }
        }
    }

    pub(super) fn at(&self) -> At {
        self.version.clone().map_or(At::Newest, At::Version)
    }

    fn limit(&self) -> usize {
        self.items.unwrap_or(ITEMS) as usize
    }
}

pub(super) fn from_hex(hex: &str) -> Result<Vec<u8>, Problem> {
    let read: Result<RawPath, _> = serde_json::from_value(serde_json::json!({ "hex": hex }));
    read.map(|path| path.0)
        .map_err(|_| Problem::bad("This is no path.", "Send hex digits, without a zero byte."))
}

/// Where somebody asks.
pub(super) fn shelf(
    shared: &Shared,
    caller: &Caller,
    space: Option<&str>,
    source: &str,
    reach: Reach,
) -> Result<(Shelf, Place), Problem> {
    let shelf = shared.supervisor.shelf(&caller.who, space, reach)?;
    let place = Place { space: shelf.space, source: source.to_owned() };
    Ok((shelf, place))
}

/// A page of a folder.
#[derive(Debug, Serialize, ToSchema)]
struct Entries {
    /// The version that it is of.
    version: String,
    /// When the box received that.
    received_ms: i64,
    /// The folder itself, or the one entry that is none.
    top: Entry,
    /// What is in it.
    entries: Vec<Entry>,
    /// The word `from` of the next page.
    next: Option<String>,
}

/// Since when something has been as it is.
#[derive(Debug, Serialize, ToSchema)]
struct Moment {
    /// The newest version that has it so.
    version: String,
    /// When the box received that.
    received_ms: i64,
    /// Since when it was so.
    since_ms: i64,
    /// What stood there; null while nothing did.
    entry: Option<Entry>,
}

/// A history.
#[derive(Debug, Serialize, ToSchema)]
struct History {
    /// The newest first.
    moments: Vec<Moment>,
    /// The word `version` of the next page.
    next: Option<String>,
}

/// Something that was found.
#[derive(Debug, Serialize, ToSchema)]
struct Hit {
    /// Its path.
    path: RawPath,
    /// The entry.
    entry: Entry,
    /// The version that has it.
    version: String,
    /// Whether it was deleted since.
    deleted: bool,
}

/// A page of what was found; it may be empty and have a next one.
#[derive(Debug, Serialize, ToSchema)]
struct Found {
    /// The hits.
    hits: Vec<Hit>,
    /// The word `cursor` of the next page.
    next: Option<String>,
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn entries(
    Given(state): Given<State>,
    caller: Caller,
    Path(source): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Json<Entries>, Problem> {
    caller.may_read(&source)?;
    let (path, from) = (asked.path()?, asked.from.as_deref().map(from_hex).transpose()?);
    let listing = state.blocking(move |shared| {
        let (shelf, place) = shelf(shared, &caller, asked.space.as_deref(), &source, Reach::Look)?;
        let (at, limit) = (asked.at(), asked.limit());
        Ok(shelf.files.list(&place, &at, &path, from.as_deref(), limit)?)
    });
    let listing = listing.await?;
    Ok(Json(Entries {
        version: listing.version.id.to_string(),
        received_ms: listing.version.received.0,
        top: listing.top.into(),
        entries: listing.entries.into_iter().map(Entry::from).collect(),
        next: listing.next.map(|name| hex(&name)),
    }))
}

async fn history(
    Given(state): Given<State>,
    caller: Caller,
    Path(source): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Json<History>, Problem> {
    caller.may_read(&source)?;
    let path = asked.path()?;
    let history = state.blocking(move |shared| {
        let (shelf, place) = shelf(shared, &caller, asked.space.as_deref(), &source, Reach::Look)?;
        Ok(shelf.files.history(&place, &path, asked.version.as_deref(), asked.limit())?)
    });
    let history = history.await?;
    let moments = history.moments.into_iter().map(|moment| Moment {
        version: moment.version.id.to_string(),
        received_ms: moment.version.received.0,
        since_ms: moment.since.0,
        entry: moment.entry.map(Entry::from),
    });
    Ok(Json(History { moments: moments.collect(), next: history.next }))
}

async fn search(
    Given(state): Given<State>,
    caller: Caller,
    Path(source): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Json<Found>, Problem> {
    caller.may_read(&source)?;
    let page = state.blocking(move |shared| {
        let (shelf, place) = shelf(shared, &caller, asked.space.as_deref(), &source, Reach::Look)?;
        let limit = asked.limit();
        let query = ::files::Query {
            name: asked.name.unwrap_or_default(),
            from_secs: asked.from_secs,
            until_secs: asked.until_secs,
            deleted: asked.deleted.unwrap_or(false),
            limit,
            cursor: asked.cursor,
        };
        let files: Arc<::files::Files> = shelf.files;
        Ok(files.search(&place, &query)?)
    });
    let page = page.await?;
    let hits = page.hits.into_iter().map(|hit| Hit {
        path: RawPath(hit.path),
        entry: hit.entry.into(),
        version: hit.version.id.to_string(),
        deleted: hit.deleted,
    });
    Ok(Json(Found { hits: hits.collect(), next: page.next }))
}
