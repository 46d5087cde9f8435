//! Routes that change what is promised, or give it up: each has what it needs in its line.

use axum::extract::State as Given;
use axum::http::Method;
use calls::{Call, FriendAct, Friends};

use super::bodies::{AgreeShorter, AnswerTerms, Confirmed, Propose, ProposeShorter, Reconciled};
use super::{OWNER, friends, taking};
use crate::body::{Json, Path};
use crate::caller::Caller;
use crate::problem::Problem;
use crate::shared::State;
use crate::table::Route;

/// Other terms.
pub(super) fn of_terms() -> Vec<Route> {
    let raised = OWNER.elevated();
    vec![
        taking(
            &Method::POST,
            "/api/v1/friends/{friend}/terms",
            OWNER,
            "Propose other terms; what keeps the own data for a shorter time is refused.",
            |one: Propose| FriendAct::Propose { terms: one.terms, words: None },
        ),
        taking(
            &Method::POST,
            "/api/v1/friends/{friend}/terms/shorter",
            raised,
            "Propose terms that keep the own data for a shorter time, with the 24 words.",
            |one: ProposeShorter| FriendAct::Propose { terms: one.terms, words: Some(one.words) },
        ),
        taking(
            &Method::POST,
            "/api/v1/friends/{friend}/terms/answer",
            OWNER,
            "Say yes or no to terms that the friend proposes.",
            |one: AnswerTerms| FriendAct::Answer { pact: one.pact, yes: one.yes, words: None },
        ),
        taking(
            &Method::POST,
            "/api/v1/friends/{friend}/terms/answer/shorter",
            raised,
            "Say yes to terms that keep the own data for a shorter time, with the 24 words.",
            |one: AgreeShorter| FriendAct::Answer {
                pact: one.pact,
                yes: true,
                words: Some(one.words),
            },
        ),
    ]
}

/// What gives protection away.
pub(super) fn of_ending() -> Vec<Route> {
    let raised = OWNER.elevated();
    vec![
        taking(
            &Method::POST,
            "/api/v1/friends/{friend}/end",
            raised,
            "Give notice: the pact ends after the days that it names.",
            |one: Confirmed| FriendAct::End { name: one.name },
        ),
        taking(
            &Method::POST,
            "/api/v1/friends/{friend}/stop",
            raised,
            "End it at once: what the friend keeps counts as lost.",
            |one: Confirmed| FriendAct::StopNow { name: one.name },
        ),
        taking(
            &Method::POST,
            "/api/v1/friends/{friend}/block",
            raised,
            "Have nothing more to do with the friend.",
            |one: Confirmed| FriendAct::Block { name: one.name },
        ),
        Route::new(
            &Method::POST,
            "/api/v1/friends/{friend}/forget",
            OWNER,
            "Forget a friend whose pact is over, once nothing is kept on either side.",
            forget,
        )
        .gives::<Friends>(),
        taking(
            &Method::POST,
            "/api/v1/friends/{friend}/reconciled",
            raised,
            "This box was looked at and is right, whatever the friend has seen.",
            |one: Reconciled| FriendAct::Reconciled { words: one.words },
        ),
    ]
}

async fn forget(
    Given(state): Given<State>,
    caller: Caller,
    Path(friend): Path<String>,
) -> Result<Json<Friends>, Problem> {
    state.note(&caller, "friend-forget", friend.clone()).await?;
    friends(&state, &caller, Call::FriendForget { friend }).await
}
