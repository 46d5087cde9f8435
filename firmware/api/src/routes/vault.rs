//! The vault of a new box: made once, its words told once and said back.
//!
//! Until two of the words were said back they are kept in memory, asking again gives the same ones, and
//! the vault takes nothing. Start at [`routes`].

use std::collections::BTreeMap;

use axum::extract::State as Given;
use axum::http::{Method, StatusCode};
use calls::{Answer, Call, Reborn, SecretText};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zeroize::Zeroizing;

use crate::body::Json;
use crate::caller::Caller;
use crate::problem::Problem;
use crate::routes::{DONE, Done, only};
use crate::shared::State;
use crate::table::{Needs, OWNERS, Route};

const OWNER: Needs = Needs::one_of(OWNERS);
/// Words that have to be said back before a new vault is used.
const SAID_BACK: usize = 2;

/// The table.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            &Method::POST,
            "/api/v1/vault",
            OWNER.elevated(),
            "Make the vault of a new box on blank disks. Its words are told once.",
            create,
        )
        .takes::<MakeVault>()
        .gives::<MadeVault>(),
        Route::new(
            &Method::POST,
            "/api/v1/vault/reborn",
            OWNER.elevated(),
            "Bring the vault of a box that is gone back, on blank disks, from friends; its data follows as a job.",
            reborn,
        )
        .takes::<RebornVault>()
        .gives::<Reborn>(),
        Route::new(
            &Method::POST,
            "/api/v1/vault/words",
            OWNER,
            "Say two of the new vault's words back: they are on paper.",
            words,
        )
        .takes::<SaidBack>()
        .gives::<Done>(),
    ]
}

/// A vault that is wanted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MakeVault {
    /// Which disks: by id, bay, or the last four of the serial.
    #[schema(min_items = 1)]
    disks: Vec<String>,
    /// Copies of everything, 1 to 8.
    #[schema(minimum = 1, maximum = 8)]
    copies: u8,
    /// A password that opens it, too.
    #[serde(default)]
    password: Option<SecretText>,
}

/// A vault that is to be brought back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RebornVault {
    /// Which disks: by id, bay, or the last four of the serial.
    #[schema(min_items = 1)]
    disks: Vec<String>,
    /// The 24 words of the vault that is gone.
    words: SecretText,
    /// Come-back addresses at friends, as their sheets have them.
    #[schema(min_items = 1)]
    sheets: Vec<String>,
    /// Goes on although one of them cannot be reached: what is newer and only there is given up for good.
    #[serde(default)]
    without_missing: bool,
}

/// A vault that was made.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MadeVault {
    /// Its id.
    pub(super) vault: String,
    /// The 24 words. They open it, and nobody has them but who reads this.
    pub(super) words: SecretText,
}

/// Words of the kit, by their numbers.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SaidBack {
    /// At least two: `{"3": "abandon", "17": "zoo"}`, counted from 1.
    #[schema(value_type = BTreeMap<String, String>)]
    words: BTreeMap<usize, SecretText>,
}

impl SaidBack {
    /// Refuses what is not two or more of these words.
    pub(super) fn is_right(&self, kept: &str) -> Result<(), Problem> {
        let all: Vec<&str> = kept.split_whitespace().collect();
        let is_right = |(number, word): (&usize, &SecretText)| {
            let known = number.checked_sub(1).and_then(|at| all.get(at));
            known.is_some_and(|known| known.eq_ignore_ascii_case(word.reveal().trim()))
        };
        if self.words.len() >= SAID_BACK && self.words.iter().all(is_right) {
            return Ok(());
        }
        let detail = "These are not two or more of the words.";
        let next = "Read them from your paper, with their numbers.";
        Err(Problem::new(StatusCode::FORBIDDEN, "wrong_secret", detail, next))
    }
}

async fn create(
    Given(state): Given<State>,
    caller: Caller,
    Json(asked): Json<MakeVault>,
) -> Result<Json<MadeVault>, Problem> {
    state.note(&caller, "make-vault", "").await?;
    let MakeVault { disks, copies, password } = asked;
    let answer = state.ask(&caller, Call::Create { disks, copies, password }).await?;
    let (vault, words) = only!(answer, Answer::Created { vault, words } => (vault, words))?;
    let kept = Zeroizing::new(words.reveal().to_owned());
    *state.words() = Some(kept);
    Ok(Json(MadeVault { vault, words }))
}

async fn reborn(
    Given(state): Given<State>,
    caller: Caller,
    Json(asked): Json<RebornVault>,
) -> Result<Json<Reborn>, Problem> {
    state.note(&caller, "bring-vault-back", "").await?;
    let RebornVault { disks, words, sheets, without_missing } = asked;
    let call = Call::Reborn { disks, words, sheets, without_missing };
    let answer = state.ask(&caller, call).await?;
    only!(answer, Answer::Reborn(back) => Json(*back))
}

async fn words(
    Given(state): Given<State>,
    caller: Caller,
    Json(said): Json<SaidBack>,
) -> Result<Json<Done>, Problem> {
    state.keeper.take_session(&caller)?;
    {
        let kept = state.words();
        let Some(kept) = kept.as_ref() else {
            let (detail, next) = ("No new vault waits for its words.", "Look at the status.");
            let status = StatusCode::CONFLICT;
            return Err(Problem::new(status, "wrong_state", detail, next));
        };
        said.is_right(kept)?;
    }
    state.keeper.give_back_session(&caller);
    state.note(&caller, "words-on-paper", "").await?;
    state
        .blocking(|shared| {
            shared.supervisor.words_are_told();
            Ok(())
        })
        .await?;
    *state.words() = None;
    Ok(Json(DONE))
}
