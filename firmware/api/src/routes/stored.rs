//! What is stored, as far as who asks may see it: sources, versions, folders.
//!
//! Start at [`routes`].

use axum::extract::State as Given;
use axum::http::Method;
use calls::{Answer, Call, Entry, RawPath, Snapshot, Source};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::body::{Json, Path, Query};
use crate::caller::Caller;
use crate::problem::Problem;
use crate::routes::{only, page};
use crate::shared::State;
use crate::table::{COUNT, DeviceMay, LIVES_HERE, Needs, PATH_HEX, Route, Shape};

/// The table.
pub(super) fn routes() -> Vec<Route> {
    let reads = Needs::one_of(LIVES_HERE).or_device(DeviceMay::Read);
    vec![
        Route::new(
            &Method::GET,
            "/api/v1/sources",
            reads,
            "What is backed up, as far as it is yours.",
            sources,
        )
        .gives::<Sources>(),
        Route::new(
            &Method::GET,
            "/api/v1/snapshots",
            reads,
            "Versions, the oldest first.",
            snapshots,
        )
        .asks("source", "only of this source")
        .asks("space", "only of this space: `everyone`, or one's own")
        .asks_for("skip", "so many are passed over", Shape::Number(u64::MAX))
        .asks_for("items", "so many at most, up to 1000", COUNT)
        .gives::<Snapshots>(),
        Route::new(
            &Method::GET,
            "/api/v1/snapshots/{snapshot}/entries",
            reads,
            "A folder of a version.",
            entries,
        )
        .asks("path", "the folder; the top when not given")
        .asks_for("path_hex", "the same as hex, for names that are no text", PATH_HEX)
        .asks_for("deep", "`true`: everything below, too", Shape::Flag)
        .asks_for("skip", "so many are passed over", Shape::Number(u64::MAX))
        .asks_for("items", "so many at most, up to 1000", COUNT)
        .gives::<SnapshotEntries>(),
    ]
}

/// Sources.
#[derive(Debug, Serialize, ToSchema)]
struct Sources {
    /// By name.
    sources: Vec<Source>,
}

/// Versions.
#[derive(Debug, Serialize, ToSchema)]
struct Snapshots {
    /// The oldest first.
    snapshots: Vec<Snapshot>,
    /// There are more after these.
    more: bool,
}

/// A folder.
#[derive(Debug, Serialize, ToSchema)]
struct SnapshotEntries {
    /// The version that it is of.
    snapshot: Snapshot,
    /// In the order of their names.
    entries: Vec<Entry>,
    /// There are more after these.
    more: bool,
}

/// Words after the `?` of a list of versions.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Versions {
    source: Option<String>,
    space: Option<String>,
    skip: Option<u64>,
    items: Option<u32>,
}

/// Words after the `?` of a folder.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Folder {
    path: Option<String>,
    path_hex: Option<String>,
    deep: Option<bool>,
    skip: Option<u64>,
    items: Option<u32>,
}

async fn sources(Given(state): Given<State>, caller: Caller) -> Result<Json<Sources>, Problem> {
    let answer = state.ask(&caller, Call::Sources {}).await?;
    only!(answer, Answer::Sources { sources } => Json(Sources { sources }))
}

async fn snapshots(
    Given(state): Given<State>,
    caller: Caller,
    Query(asked): Query<Versions>,
) -> Result<Json<Snapshots>, Problem> {
    let page = page(asked.skip, asked.items);
    let answer = state
        .ask(&caller, Call::Snapshots { source: asked.source, space: asked.space, page })
        .await?;
    only!(answer, Answer::Snapshots { snapshots, more } => Json(Snapshots { snapshots, more }))
}

async fn entries(
    Given(state): Given<State>,
    caller: Caller,
    Path(snapshot): Path<String>,
    Query(asked): Query<Folder>,
) -> Result<Json<SnapshotEntries>, Problem> {
    let path = match (asked.path, asked.path_hex) {
        (Some(text), None) => raw(serde_json::Value::String(text))?,
        (None, Some(hex)) => raw(serde_json::json!({ "hex": hex }))?,
        (None, None) => RawPath::default(),
        (Some(_), Some(_)) => {
            return Err(Problem::bad("The path is there twice.", "Send one of the two."));
        }
    };
    let page = page(asked.skip, asked.items);
    let deep = asked.deep.unwrap_or(false);
    let answer = state.ask(&caller, Call::List { snapshot, path, deep, page }).await?;
    only!(answer, Answer::Entries { snapshot, entries, more } => Json(SnapshotEntries { snapshot, entries, more }))
}

/// A path under the same rules as on the local socket.
fn raw(value: serde_json::Value) -> Result<RawPath, Problem> {
    serde_json::from_value(value)
        .map_err(|_| Problem::bad("This is no path.", "Send a shorter one, without a zero byte."))
}
