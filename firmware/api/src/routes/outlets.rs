//! Whom the box tells what happened, and a message to try it.
//!
//! Addresses of others are read by the owner only; secrets go in and never come out.
//! Start at [`routes`].

use axum::extract::State as Given;
use axum::http::Method;
use calls::{Answer, Call, Outlet, OutletShown};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::body::{Json, Path};
use crate::caller::Caller;
use crate::problem::Problem;
use crate::routes::{DONE, Done, only};
use crate::shared::State;
use crate::table::{Needs, OWNERS, Route};

const OWNER: Needs = Needs::one_of(OWNERS);
const PATH: &str = "/api/v1/outlets";

/// The table.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(&Method::GET, PATH, OWNER, "Whom the box tells what happened.", list)
            .gives::<Outlets>(),
        Route::new(&Method::PUT, PATH, OWNER.elevated(), "Say whom: the whole list.", set)
            .takes::<SetOutlets>()
            .gives::<Outlets>(),
        Route::new(
            &Method::POST,
            "/api/v1/outlets/{outlet}/test",
            OWNER,
            "Send a message to try it, and say whether it was taken.",
            test,
        )
        .gives::<Done>(),
    ]
}

/// Who is told.
#[derive(Debug, Serialize, ToSchema)]
struct Outlets {
    /// In the order in which they were set.
    outlets: Vec<OutletShown>,
}

/// Who is to be told.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SetOutlets {
    /// All of them; who is left out is told nothing any more.
    outlets: Vec<Outlet>,
}

async fn list(Given(state): Given<State>, caller: Caller) -> Result<Json<Outlets>, Problem> {
    let answer = state.ask(&caller, Call::Outlets {}).await?;
    only!(answer, Answer::Outlets { outlets } => Json(Outlets { outlets }))
}

async fn set(
    Given(state): Given<State>,
    caller: Caller,
    Json(asked): Json<SetOutlets>,
) -> Result<Json<Outlets>, Problem> {
    state.note(&caller, "set-outlets", asked.outlets.len().to_string()).await?;
    let answer = state.ask(&caller, Call::SetOutlets { outlets: asked.outlets }).await?;
    only!(answer, Answer::Outlets { outlets } => Json(Outlets { outlets }))
}

async fn test(
    Given(state): Given<State>,
    caller: Caller,
    Path(outlet): Path<String>,
) -> Result<Json<Done>, Problem> {
    state.note(&caller, "test-outlet", outlet.clone()).await?;
    state.ask(&caller, Call::TestOutlet { name: outlet }).await?;
    Ok(Json(DONE))
}
