//! Disks: what they are, and what their owner does with one. Each act has a route of its own, so that what
//! it needs stands in the table: whatever lets go of data wants the password once more.
//!
//! Start at [`routes`].

use axum::extract::State as Given;
use axum::http::Method;
use calls::{Answer, Call, DiskAct, Disks};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::body::{Json, Path};
use crate::caller::Caller;
use crate::problem::Problem;
use crate::routes::only;
use crate::shared::State;
use crate::table::{EVERYBODY, Needs, OWNERS, Route};

const OWNER: Needs = Needs::one_of(OWNERS);

/// The table.
pub(super) fn routes() -> Vec<Route> {
    let raised = OWNER.elevated();
    vec![
        Route::new(
            &Method::GET,
            "/api/v1/disks",
            Needs::one_of(EVERYBODY),
            "Every disk, and what waits for its owner.",
            list,
        )
        .gives::<Disks>(),
        taking(
            "/api/v1/disks/{disk}/adopt",
            raised,
            "Use a blank disk for the vault.",
            |one: Adopt| DiskAct::Adopt { replaces: one.replaces },
        ),
        taking(
            "/api/v1/disks/{disk}/erase",
            raised,
            "Let go of what is on it and use it; there are ten minutes for an undo.",
            |one: Erase| DiskAct::Erase { typed: one.typed, replaces: one.replaces },
        ),
        plain("/api/v1/disks/{disk}/skip-wait", raised, "Erase it now.", DiskAct::SkipWait {}),
        plain("/api/v1/disks/{disk}/undo", OWNER, "Do not erase it after all.", DiskAct::Undo {}),
        plain(
            "/api/v1/disks/{disk}/confirm",
            raised,
            "It is what it says it is, moved on purpose.",
            DiskAct::Confirm {},
        ),
        plain(
            "/api/v1/disks/{disk}/replace",
            raised,
            "Another one is to take its place.",
            DiskAct::Replace {},
        ),
        plain("/api/v1/disks/{disk}/retire", raised, "Empty it and let it go.", DiskAct::Retire {}),
        plain("/api/v1/disks/{disk}/keep", OWNER, "Keep it after all.", DiskAct::Keep {}),
        plain(
            "/api/v1/disks/{disk}/trust",
            OWNER,
            "It failed, and is to be tried again.",
            DiskAct::Trust {},
        ),
        plain(
            "/api/v1/disks/{disk}/use-as-drive",
            raised,
            "Use it as it is, for plain files.",
            DiskAct::UseAsDrive {},
        ),
        plain(
            "/api/v1/disks/{disk}/release",
            OWNER,
            "It is no drive for plain files any more.",
            DiskAct::Release {},
        ),
        taking(
            "/api/v1/disks/{disk}/find",
            OWNER,
            "Let its light say where it is.",
            |one: Find| DiskAct::Find { on: one.on },
        ),
    ]
}

/// A blank disk is taken.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Adopt {
    /// In the place of this one.
    #[serde(default)]
    replaces: Option<String>,
}

/// A disk with something on it is taken.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Erase {
    /// The last four of its serial, as somebody typed them.
    typed: String,
    /// In the place of this one.
    #[serde(default)]
    replaces: Option<String>,
}

/// Its light.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Find {
    /// On or off.
    on: bool,
}

async fn list(Given(state): Given<State>, caller: Caller) -> Result<Json<Disks>, Problem> {
    let answer = state.ask(&caller, Call::Disks {}).await?;
    only!(answer, Answer::Disks(disks) => Json(disks))
}

/// A route for an act that needs no other word.
fn plain(path: &'static str, needs: Needs, about: &'static str, act: DiskAct) -> Route {
    let handler = move |Given(state): Given<State>, caller: Caller, Path(disk): Path<String>| {
        let act = act.clone();
        async move { done(&state, &caller, disk, act).await }
    };
    Route::new(&Method::POST, path, needs, about, handler).gives::<Disks>()
}

/// A route for an act that is told more.
fn taking<T>(
    path: &'static str,
    needs: Needs,
    about: &'static str,
    act: impl Fn(T) -> DiskAct + Clone + Send + Sync + 'static,
) -> Route
where
    T: serde::de::DeserializeOwned + ToSchema + Send + 'static,
{
    let handler = move |Given(state): Given<State>,
                        caller: Caller,
                        Path(disk): Path<String>,
                        Json(asked): Json<T>| {
        let act = act(asked);
        async move { done(&state, &caller, disk, act).await }
    };
    Route::new(&Method::POST, path, needs, about, handler).takes::<T>().gives::<Disks>()
}

async fn done(
    state: &State,
    caller: &Caller,
    disk: String,
    act: DiskAct,
) -> Result<Json<Disks>, Problem> {
    state.note(caller, name(&act), disk.clone()).await?;
    let answer = state.ask(caller, Call::Disk { disk, act }).await?;
    only!(answer, Answer::Disks(disks) => Json(disks))
}

fn name(act: &DiskAct) -> &'static str {
    match act {
        DiskAct::Adopt { .. } => "disk-adopt",
        DiskAct::Erase { .. } => "disk-erase",
        DiskAct::SkipWait {} => "disk-erase-now",
        DiskAct::Undo {} => "disk-undo",
        DiskAct::Confirm {} => "disk-confirm",
        DiskAct::Replace {} => "disk-replace",
        DiskAct::Retire {} => "disk-retire",
        DiskAct::Keep {} => "disk-keep",
        DiskAct::Trust {} => "disk-trust",
        DiskAct::UseAsDrive {} => "disk-use-as-drive",
        DiskAct::Release {} => "disk-release",
        DiskAct::Find { .. } => "disk-find",
    }
}
