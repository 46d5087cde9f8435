//! A key on a stick: where one can be made, making one's own, taking one's own away, and, for owners, that of a
//! member or helper.
//!
//! Nobody makes one for somebody else, and no owner takes that of another owner. Using one is part of signing
//! in: `second`. Start at [`routes`].

use axum::extract::State as Given;
use axum::http::Method;
use people::{KeyFile, PersonId, Refusal, Role};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::body::{Json, Path};
use crate::caller::Caller;
use crate::problem::Problem;
use crate::routes::own::SIGNED;
use crate::routes::{DONE, Done};
use crate::second::sticks;
use crate::shared::{State, told, turn};
use crate::sticks::Stick;
use crate::table::{LIVES_HERE, Needs, OWNERS, Route};

/// A stick is written to for who lives with the box, and for nobody who only looks.
const MAKES: Needs = Needs::one_of(LIVES_HERE);

/// The table.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            &Method::GET,
            "/api/v1/key/sticks",
            MAKES,
            "Sticks that are plugged in and that a key can be made on.",
            here,
        )
        .gives::<SticksHere>(),
        Route::new(
            &Method::POST,
            "/api/v1/key",
            MAKES.elevated(),
            "Make a key on a stick: one file is put there, and nothing else is touched.",
            make,
        )
        .takes::<NewKey>()
        .gives::<MadeKey>(),
        Route::new(
            &Method::DELETE,
            "/api/v1/key",
            SIGNED.elevated(),
            "The key opens nothing any more.",
            drop_key,
        )
        .gives::<Done>(),
        Route::new(
            &Method::DELETE,
            "/api/v1/people/{person}/key",
            Needs::one_of(OWNERS).elevated(),
            "The key of a member or a helper opens nothing any more.",
            drop_theirs,
        )
        .gives::<Done>(),
    ]
}

/// Sticks that are plugged in.
#[derive(Debug, Serialize, ToSchema)]
struct SticksHere {
    /// In order of place.
    sticks: Vec<Stick>,
}

/// Where to make a key.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewKey {
    /// The `id` of a stick.
    stick: String,
}

/// A key that was made.
#[derive(Debug, Serialize, ToSchema)]
struct MadeKey {
    /// The name of its file on the stick.
    file: String,
}

async fn here(Given(state): Given<State>) -> Result<Json<SticksHere>, Problem> {
    let look = |shared: &crate::Shared| Ok(SticksHere { sticks: sticks(shared)?.here()? });
    state.blocking(look).await.map(Json)
}

async fn make(
    Given(state): Given<State>,
    caller: Caller,
    Json(asked): Json<NewKey>,
) -> Result<Json<MadeKey>, Problem> {
    let id = caller.id();
    let told = |act: &'static str| told(&caller, act, "");
    let (begun, made) = (told("new-key"), told("confirm-key"));
    let turn = turn(&state.keys).await?;
    let make = move |shared: &crate::Shared| {
        // The request may be gone before the stick is done.
        let _turn = turn;
        let all = sticks(shared)?.here()?;
        let stick = all.into_iter().find(|one| one.id == asked.stick);
        let stick = stick.ok_or(Refusal::NotFound)?;
        let (now, rng) = (shared.keeper.now(), &*shared.env.rng);
        let file =
            shared.keeper.change(Some(begun), |house| house.new_key(id, &stick.model, now, rng))?;
        let name = format!("{}{}", KeyFile::START, file.name());
        let read = sticks(shared)?.write(&stick.id, false, &name, &file.text())?;
        let read = KeyFile::parse(&read).ok_or(Refusal::KeyNotWritten)?;
        shared.keeper.change(Some(made), |house| house.confirm_key(id, &read))?;
        shared.supervisor.people_changed();
        Ok(MadeKey { file: name })
    };
    state.blocking(make).await.map(Json)
}

async fn drop_key(Given(state): Given<State>, caller: Caller) -> Result<Json<Done>, Problem> {
    let (id, told) = (caller.id(), told(&caller, "drop-key", ""));
    let change = move |shared: &crate::Shared| {
        shared.keeper.change(Some(told), |house| house.drop_key(id))?;
        shared.supervisor.people_changed();
        Ok(())
    };
    state.blocking(change).await?;
    Ok(Json(DONE))
}

async fn drop_theirs(
    Given(state): Given<State>,
    caller: Caller,
    Path(person): Path<String>,
) -> Result<Json<Done>, Problem> {
    let id = PersonId::parse(&person).ok_or(Refusal::NotFound)?;
    let whose = state.keeper.house().person(id)?.clone();
    let told = told(&caller, "drop-key", whose.name);
    let change = move |shared: &crate::Shared| {
        shared.keeper.change(Some(told), |house| {
            let one = house.person(id)?;
            // Owners look after the box, and not after each other.
            if one.role == Role::Owner {
                return Err(Refusal::NotAllowed);
            }
            one.key().ok_or(Refusal::NotFound)?;
            house.drop_key(id)
        })?;
        shared.supervisor.people_changed();
        Ok(())
    };
    state.blocking(change).await?;
    Ok(Json(DONE))
}
