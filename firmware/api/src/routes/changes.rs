//! Changing what is stored: folders, names, deletions, and what is brought back.
//!
//! Nothing is lost by any of these; what gives way stays as a version. Start at [`routes`].

use ::files::{At, Changed, Expected, expected_tag, shown_tag};
use axum::extract::State as Given;
use axum::http::{HeaderMap, Method};
use calls::RawPath;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::body::{Json, Path, Query};
use crate::caller::Caller;
use crate::problem::Problem;
use crate::routes::content::expected;
use crate::routes::files::{Asked, placed, shelf};
use crate::shared::State;
use crate::supervise::Reach;
use crate::table::{LIVES_HERE, Needs, Route, Shape, TAG};

/// The table.
pub(super) fn routes() -> Vec<Route> {
    let changes = Needs::one_of(LIVES_HERE);
    vec![
        Route::new(
            &Method::POST,
            "/api/v1/files/{source}/folder",
            changes,
            "Makes an empty folder, unless there is one.",
            folder,
        )
        .takes::<Folder>()
        .gives::<ChangeMade>(),
        Route::new(
            &Method::POST,
            "/api/v1/files/{source}/rename",
            changes,
            "Moves a file, or a folder with all it holds.",
            rename,
        )
        .takes::<Rename>()
        .gives::<ChangeMade>(),
        Route::new(
            &Method::POST,
            "/api/v1/files/{source}/bring-back",
            changes,
            "Puts what an old version had back; where something else stands, both are kept.",
            bring_back,
        )
        .takes::<BringBack>()
        .gives::<ChangeMade>(),
        placed(Route::new(
            &Method::DELETE,
            "/api/v1/files/{source}/content",
            changes,
            "Takes a file or folder out of the newest version; `If-Match` with its tag.",
            delete,
        ))
        .asks_for("recursive", "`true`: a folder with all it holds", Shape::Flag)
        .hears("if-match", "its tag, as it was seen", TAG)
        .gives::<ChangeMade>(),
    ]
}

/// A folder that is to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Folder {
    /// `everyone`, or nothing for one's own.
    space: Option<String>,
    /// Where.
    path: RawPath,
}

/// What is moved.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Rename {
    /// `everyone`, or nothing for one's own.
    space: Option<String>,
    /// From where.
    from: RawPath,
    /// To where.
    to: RawPath,
    /// A file, or an empty folder, that stands there may give way.
    #[serde(default)]
    replace: bool,
    /// The tag of what is moved, as it was seen.
    expected: Option<String>,
}

/// What is brought back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BringBack {
    /// `everyone`, or nothing for one's own.
    space: Option<String>,
    /// Its path.
    path: RawPath,
    /// The version that has it.
    version: String,
    /// The tag of what may give way to it.
    expected: Option<String>,
}

/// It was done.
#[derive(Debug, Serialize, ToSchema)]
struct ChangeMade {
    /// Where it stands now, or stood.
    path: RawPath,
    /// Its tag now, where that is known.
    tag: Option<String>,
    /// Whether something had to change.
    changed: bool,
}

impl From<Changed> for ChangeMade {
    fn from(changed: Changed) -> Self {
        let is_changed = !changed.was_there();
        Self { path: RawPath(changed.path), tag: changed.tag.map(shown_tag), changed: is_changed }
    }
}

fn tag(text: Option<&str>) -> Result<Option<Expected>, Problem> {
    let read = |text| {
        let bad = || Problem::bad("The tag is none.", "Send one as a list gave it.");
        expected_tag(text).ok_or_else(bad)
    };
    text.map(read).transpose()
}

async fn folder(
    Given(state): Given<State>,
    caller: Caller,
    Path(source): Path<String>,
    Json(folder): Json<Folder>,
) -> Result<Json<ChangeMade>, Problem> {
    let made = state.blocking(move |shared| {
        let (shelf, place) =
            shelf(shared, &caller, folder.space.as_deref(), &source, Reach::Store)?;
        Ok(shelf.files.make_folder(&place, &folder.path.0)?)
    });
    Ok(Json(made.await?.into()))
}

async fn rename(
    Given(state): Given<State>,
    caller: Caller,
    Path(source): Path<String>,
    Json(asked): Json<Rename>,
) -> Result<Json<ChangeMade>, Problem> {
    let expected = tag(asked.expected.as_deref())?;
    let moved = state.blocking(move |shared| {
        let (shelf, place) = shelf(shared, &caller, asked.space.as_deref(), &source, Reach::Look)?;
        let (from, to) = (&asked.from.0, &asked.to.0);
        Ok(shelf.files.rename(&place, from, to, asked.replace, expected)?)
    });
    Ok(Json(moved.await?.into()))
}

async fn bring_back(
    Given(state): Given<State>,
    caller: Caller,
    Path(source): Path<String>,
    Json(asked): Json<BringBack>,
) -> Result<Json<ChangeMade>, Problem> {
    let expected = tag(asked.expected.as_deref())?;
    let back = state.blocking(move |shared| {
        let (shelf, place) = shelf(shared, &caller, asked.space.as_deref(), &source, Reach::Look)?;
        let at = At::Version(asked.version);
        Ok(shelf.files.bring_back(&place, &asked.path.0, &at, expected)?)
    });
    Ok(Json(back.await?.into()))
}

async fn delete(
    Given(state): Given<State>,
    caller: Caller,
    Path(source): Path<String>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Result<Json<ChangeMade>, Problem> {
    let (path, expected) = (asked.path()?, expected(&headers)?);
    let gone = state.blocking(move |shared| {
        let (shelf, place) = shelf(shared, &caller, asked.space.as_deref(), &source, Reach::Look)?;
        let recursive = asked.recursive.unwrap_or(false);
        Ok(shelf.files.delete(&place, &path, recursive, expected)?)
    });
    Ok(Json(gone.await?.into()))
}
