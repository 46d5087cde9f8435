//! Come-back addresses, for the day after a fire: the own one at a friend, and a friend's at this box.
//! No secret is in them. Start at [`routes`].

use axum::extract::State as Given;
use axum::http::Method;
use calls::{Answer, Call, FriendSheet};

use super::OWNER;
use crate::body::{Json, Path};
use crate::caller::Caller;
use crate::problem::Problem;
use crate::routes::only;
use crate::shared::State;
use crate::table::Route;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            &Method::GET,
            "/api/v1/friends/{friend}/sheet",
            OWNER,
            "The own come-back address at the friend, for the recovery kit.",
            sheet,
        )
        .gives::<FriendSheet>(),
        Route::new(
            &Method::GET,
            "/api/v1/friends/{friend}/help-back",
            OWNER,
            "A come-back address for the friend, who lost everything: where this box is now.",
            help_back,
        )
        .gives::<FriendSheet>(),
    ]
}

async fn sheet(
    Given(state): Given<State>,
    caller: Caller,
    Path(friend): Path<String>,
) -> Result<Json<FriendSheet>, Problem> {
    let answer = state.ask(&caller, Call::FriendSheet { friend }).await?;
    only!(answer, Answer::FriendSheet(sheet) => Json(sheet))
}

async fn help_back(
    Given(state): Given<State>,
    caller: Caller,
    Path(friend): Path<String>,
) -> Result<Json<FriendSheet>, Problem> {
    let answer = state.ask(&caller, Call::FriendHelpBack { friend }).await?;
    only!(answer, Answer::FriendSheet(sheet) => Json(sheet))
}
