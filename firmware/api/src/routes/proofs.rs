//! How somebody is known again: password, second factor, printed codes. All of it wants raised rights.
//!
//! Start at [`routes`].

use axum::extract::State as Given;
use axum::http::Method;
use calls::SecretText;
use people::{Refusal, Verifier};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::body::Json;
use crate::caller::Caller;
use crate::problem::Problem;
use crate::routes::own::SIGNED;
use crate::routes::{DONE, Done};
use crate::shared::{State, told};
use crate::table::Route;

/// The table.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            &Method::PUT,
            "/api/v1/password",
            SIGNED.elevated(),
            "A new password; all other sessions end.",
            password,
        )
        .takes::<NewPassword>()
        .gives::<Done>(),
        Route::new(
            &Method::POST,
            "/api/v1/totp",
            SIGNED.elevated(),
            "A secret for an app; it counts once a first code was shown.",
            new_totp,
        )
        .gives::<NewTotp>(),
        Route::new(
            &Method::PUT,
            "/api/v1/totp",
            SIGNED.elevated(),
            "The app's first code: from now on one is asked for.",
            confirm_totp,
        )
        .takes::<Code>()
        .gives::<Done>(),
        Route::new(
            &Method::DELETE,
            "/api/v1/totp",
            SIGNED.elevated(),
            "No second factor any more.",
            drop_totp,
        )
        .gives::<Done>(),
        Route::new(
            &Method::POST,
            "/api/v1/sheet",
            SIGNED.elevated(),
            "A new sheet of codes to print; each works once, and the old ones no more.",
            sheet,
        )
        .gives::<PrintedSheet>(),
    ]
}

/// A new password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewPassword {
    /// Ten letters or more.
    password: SecretText,
}

/// A secret for an app.
#[derive(Debug, Serialize, ToSchema)]
struct NewTotp {
    /// To be typed.
    secret: SecretText,
    /// To be read from a picture.
    uri: SecretText,
}

/// A code.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Code {
    /// Six digits.
    code: SecretText,
}

/// Codes to print.
#[derive(Debug, Serialize, ToSchema)]
struct PrintedSheet {
    /// Each works once.
    codes: Vec<SecretText>,
}

async fn password(
    Given(state): Given<State>,
    caller: Caller,
    Json(asked): Json<NewPassword>,
) -> Result<Json<Done>, Problem> {
    let (person, stays, told) = (caller.id(), caller.session()?, told(&caller, "new-password", ""));
    let make = move |shared: &crate::Shared| {
        let cost = shared.keeper.house().cost();
        let verifier = Verifier::of(asked.password.reveal(), cost, &*shared.env.rng)?;
        shared.keeper.change(Some(told), |house| house.set_password(person, verifier, stays))
    };
    state.checking(make).await?;
    Ok(Json(DONE))
}

/// A change of the caller's own account.
async fn change<T: Send + 'static>(
    state: &State,
    caller: &Caller,
    act: &'static str,
    change: impl FnOnce(&mut people::House, &crate::Shared) -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Problem> {
    let told = told(caller, act, "");
    let make =
        |shared: &crate::Shared| shared.keeper.change(Some(told), |house| change(house, shared));
    state.blocking(make).await
}

async fn new_totp(Given(state): Given<State>, caller: Caller) -> Result<Json<NewTotp>, Problem> {
    let (id, name) = (caller.id(), caller.who.name.clone());
    let made = change(&state, &caller, "new-totp", move |house, shared| {
        house.new_totp(id, &*shared.env.rng)
    });
    let secret = made.await?;
    let text = |text: &str| SecretText::from(text.to_owned());
    Ok(Json(NewTotp { secret: text(&secret.text()), uri: text(&secret.uri(&name)) }))
}

async fn confirm_totp(
    Given(state): Given<State>,
    caller: Caller,
    Json(asked): Json<Code>,
) -> Result<Json<Done>, Problem> {
    let (id, now) = (caller.id(), state.env.now());
    let confirm = move |house: &mut people::House, _: &crate::Shared| {
        house.confirm_totp(id, asked.code.reveal(), now)
    };
    change(&state, &caller, "confirm-totp", confirm).await?;
    Ok(Json(DONE))
}

async fn drop_totp(Given(state): Given<State>, caller: Caller) -> Result<Json<Done>, Problem> {
    let id = caller.id();
    change(&state, &caller, "drop-totp", move |house, _| house.drop_totp(id)).await?;
    Ok(Json(DONE))
}

async fn sheet(Given(state): Given<State>, caller: Caller) -> Result<Json<PrintedSheet>, Problem> {
    let id = caller.id();
    let made = change(&state, &caller, "new-sheet", move |house, shared| {
        house.new_sheet(id, &*shared.env.rng)
    });
    let codes = made.await?;
    let codes = codes.iter().map(|code| SecretText::from(code.text().to_string()));
    Ok(Json(PrintedSheet { codes: codes.collect() }))
}
