//! A new recovery kit: other words for the vault that is there.
//!
//! Whoever has the old words or the password is told new ones. They are kept in memory and open nothing until
//! two of them were said back in the same session; until then the old sheet stays as good as it was. Start at
//! [`routes`].

use axum::extract::State as Given;
use axum::http::{Method, StatusCode};
use calls::{Answer, Call, Secret, SecretText};
use zeroize::Zeroizing;

use crate::body::Json;
use crate::caller::Caller;
use crate::problem::Problem;
use crate::routes::vault::{MadeVault, SaidBack};
use crate::routes::{DONE, Done, only};
use crate::shared::State;
use crate::table::{Needs, OWNERS, Route};

const OWNER: Needs = Needs::one_of(OWNERS);

/// The table.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            &Method::POST,
            "/api/v1/kit",
            OWNER.elevated(),
            "Draw new words for the vault, with the old ones or the password. They open nothing yet.",
            draw,
        )
        .takes::<Secret>()
        .gives::<MadeVault>(),
        Route::new(
            &Method::POST,
            "/api/v1/kit/words",
            OWNER.elevated(),
            "Say two of the drawn words back: from now on they open the vault, and the old ones do not.",
            put,
        )
        .takes::<SaidBack>()
        .gives::<Done>(),
    ]
}

async fn draw(
    Given(state): Given<State>,
    caller: Caller,
    Json(secret): Json<Secret>,
) -> Result<Json<MadeVault>, Problem> {
    let session = caller.session()?.to_string();
    state.note(&caller, "draw-words", "").await?;
    // Guessing the vault's password costs as much as guessing a person's.
    state.keeper.take_session(&caller)?;
    let _turn = state.checks.acquire().await.map_err(|_| Problem::busy())?;
    let answer = state.ask(&caller, Call::DrawWords { secret }).await?;
    let (vault, words) = only!(answer, Answer::Words { vault, words } => (vault, words))?;
    state.keeper.give_back_session(&caller);
    *state.drawn() = Some((session, Zeroizing::new(words.reveal().to_owned())));
    Ok(Json(MadeVault { vault, words }))
}

async fn put(
    Given(state): Given<State>,
    caller: Caller,
    Json(said): Json<SaidBack>,
) -> Result<Json<Done>, Problem> {
    let session = caller.session()?.to_string();
    state.keeper.take_session(&caller)?;
    let drawn = state.drawn().as_ref().filter(|(whose, _)| *whose == session).cloned();
    let Some((_, words)) = drawn else {
        let (detail, next) = ("No new words wait to be said back.", "Draw some first.");
        return Err(Problem::new(StatusCode::CONFLICT, "wrong_state", detail, next));
    };
    said.is_right(&words)?;
    state.keeper.give_back_session(&caller);
    state.note(&caller, "new-words", "").await?;
    let words = SecretText::from(words.as_str().to_owned());
    state.ask(&caller, Call::PutWords { words }).await?;
    *state.drawn() = None;
    Ok(Json(DONE))
}
