//! How many copies are kept, and how long versions are. What keeps less has a route of its own, so that what
//! it needs stands in the table: the password once more.
//!
//! Start at [`routes`].

use axum::extract::State as Given;
use axum::http::Method;
use calls::{Answer, Call, KeepRule, KeepWish, Keeping, KeepingForeseen, Kept};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::body::Json;
use crate::caller::Caller;
use crate::problem::Problem;
use crate::routes::only;
use crate::shared::State;
use crate::table::{EVERYBODY, Needs, OWNERS, Route};

const OWNER: Needs = Needs::one_of(OWNERS);
const PATH: &str = "/api/v1/keeping";

/// The table.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            &Method::GET,
            PATH,
            Needs::one_of(EVERYBODY),
            "How many copies are kept, and how long versions are.",
            keeping,
        )
        .gives::<Keeping>(),
        Route::new(
            &Method::POST,
            "/api/v1/keeping/foreseen",
            OWNER,
            "What would come of another wish: which versions go, what that frees, and when.",
            foresee,
        )
        .takes::<KeepWish>()
        .gives::<KeepingForeseen>(),
        Route::new(
            &Method::PUT,
            PATH,
            OWNER,
            "Keep more copies, or versions for longer; what would keep less is refused.",
            more,
        )
        .takes::<Keep>()
        .gives::<Kept>(),
        Route::new(
            &Method::PUT,
            "/api/v1/keeping/less",
            OWNER.elevated(),
            "Keep this, also where it is less than until now.",
            less,
        )
        .takes::<Keep>()
        .gives::<Kept>(),
    ]
}

/// What is to be kept from now on. What is not named stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Keep {
    /// On how many disks each piece is kept, 1 to 8.
    copies: Option<u8>,
    /// How long versions are kept.
    versions: Option<KeepRule>,
    /// So many versions may go, as many as were foreseen; it is refused when more would go by now. None when
    /// it is not named.
    goes_at_most: Option<u64>,
}

async fn keeping(Given(state): Given<State>, caller: Caller) -> Result<Json<Keeping>, Problem> {
    let answer = state.ask(&caller, Call::Keeping {}).await?;
    only!(answer, Answer::Keeping(keeping) => Json(keeping))
}

async fn foresee(
    Given(state): Given<State>,
    caller: Caller,
    Json(wish): Json<KeepWish>,
) -> Result<Json<KeepingForeseen>, Problem> {
    let answer = state.ask(&caller, Call::ForeseeKeeping { wish }).await?;
    only!(answer, Answer::KeepingForeseen(foreseen) => Json(*foreseen))
}

async fn more(
    Given(state): Given<State>,
    caller: Caller,
    Json(asked): Json<Keep>,
) -> Result<Json<Kept>, Problem> {
    keep(&state, &caller, &asked, false).await
}

async fn less(
    Given(state): Given<State>,
    caller: Caller,
    Json(asked): Json<Keep>,
) -> Result<Json<Kept>, Problem> {
    keep(&state, &caller, &asked, true).await
}

async fn keep(
    state: &State,
    caller: &Caller,
    asked: &Keep,
    less: bool,
) -> Result<Json<Kept>, Problem> {
    let act = if less { "keep-less" } else { "keep-more" };
    state.note(caller, act, noted(asked)).await?;
    let &Keep { copies, versions, goes_at_most } = asked;
    let wish = KeepWish { copies, versions };
    let goes_at_most = goes_at_most.unwrap_or(0);
    let answer = state.ask(caller, Call::Keep { wish, less, goes_at_most }).await?;
    only!(answer, Answer::Kept(kept) => Json(kept))
}

/// For the log: what was asked for.
fn noted(asked: &Keep) -> String {
    let copies = asked.copies.map(|copies| format!("copies: {copies}"));
    let versions = asked.versions.map(|rule| {
        let KeepRule { all_days, hourly_days, daily_days, weekly_days } = rule;
        format!(
            "versions: all {all_days}, hourly {hourly_days}, daily {daily_days}, weekly {weekly_days} days"
        )
    });
    let goes = asked.goes_at_most.map(|goes| format!("{goes} versions may go"));
    [copies, versions, goes].into_iter().flatten().collect::<Vec<_>>().join("; ")
}
