//! Pairing: a person makes a code, a computer shows it once and is a device of that person from then on.
//!
//! The code goes into a body and nowhere else. Its last letters say which box is meant, so that the computer
//! gives the secret ones to no other. Start at [`routes`].

use ::files::Place;
use axum::Extension;
use axum::extract::State as Given;
use axum::http::{Method, StatusCode};
use calls::SecretText;
use calls::afar::{MakePairing, Pair, Paired, PairingCode, hex, whole_code};
use people::{PAIRING_FOR, Scope, Told};

use crate::body::Json;
use crate::caller::Caller;
use crate::guard::Arrived;
use crate::problem::Problem;
use crate::shared::{Shared, State, told};
use crate::supervise::{Reach, Shelf, Who};
use crate::table::{LIVES_HERE, Needs, Route};

/// The table.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            &Method::POST,
            "/api/v1/devices/pairing",
            Needs::one_of(LIVES_HERE).elevated(),
            "A code with which a computer of yours is paired; it is told once, and good for a quarter of an hour.",
            make,
        )
        .takes::<MakePairing>()
        .gives::<PairingCode>(),
        Route::new(
            &Method::POST,
            "/api/v1/pair",
            Needs::ANYONE,
            "Become a device, with a code that was made for it.",
            pair,
        )
        .takes::<Pair>()
        .gives::<Paired>(),
    ]
}

async fn make(
    Given(state): Given<State>,
    caller: Caller,
    Json(asked): Json<MakePairing>,
) -> Result<Json<PairingCode>, Problem> {
    let (id, now) = (caller.id(), state.env.now());
    let told = told(&caller, "make-pairing", asked.source.clone().unwrap_or_default());
    let code = state
        .blocking(move |shared| {
            let good_for = (asked.source, asked.quota);
            shared
                .keeper
                .change(Some(told), |house| house.new_pairing(id, good_for, now, &*shared.env.rng))
        })
        .await?;
    let code = SecretText::from(whole_code(&code.text(), &state.ca));
    Ok(Json(PairingCode { code, seconds: PAIRING_FOR.0 / 1_000 }))
}

async fn pair(
    Given(state): Given<State>,
    Extension(arrived): Extension<Arrived>,
    Json(asked): Json<Pair>,
) -> Result<Json<Paired>, Problem> {
    let from = arrived.from.ip();
    let now = state.env.now();
    // Whoever guessed wrong so often waits, also with the right code.
    state.keeper.tries().has_strange(people::Place::from(from), now.uptime)?;
    let good_for = match state.keeper.house().may_pair(asked.code.reveal(), now) {
        Ok(good_for) => good_for,
        Err(refusal) => {
            // A code of 60 bits is not guessed; whoever tries waits, and is noted.
            state.keeper.tries().take_strange(people::Place::from(from), now.uptime)?;
            let told = of_nobody("pair", "refused", &from.to_canonical().to_string());
            state.blocking(move |shared| shared.keeper.note(told)).await?;
            return Err(refusal.into());
        }
    };
    let from = from.to_canonical().to_string();
    let paired = state.blocking(move |shared| {
        let house = shared.keeper.house();
        let person = house.person(good_for.person)?;
        let source = good_for.source.clone().unwrap_or_else(|| asked.name.trim().to_owned());
        let who = Who {
            person: person.id,
            name: person.name.clone(),
            role: person.role,
            space: person.space(),
            device: Some(Scope::Backup { source: source.clone() }),
        };
        let Shelf { files, space, .. } = shared.supervisor.shelf(&who, None, Reach::Store)?;
        let place = Place { space, source };
        // Also what tells whether the name can be one at all.
        let (standing, _) = files.standing(&place)?;
        // What another computer began to send can be made a version of and read, too.
        let begun = standing.received > 0;
        let taken = good_for.source.is_none() && (begun || is_taken(shared, &who, &place, &files)?);
        if taken {
            return Err(taken_name());
        }
        let keys = SecretText::from(hex(&files.naming_keys(space)?));
        let told = Told { who: who.name.clone(), act: "pair", what: asked.name.clone(), from };
        let made = shared.keeper.change(Some(told), |house| {
            let named = (asked.name.as_str(), place.source.as_str());
            house.pair(asked.code.reveal(), named, now, &*shared.env.rng)
        })?;
        let token = SecretText::from(made.token.text().to_string());
        Ok(Paired { token, keys, source: place.source, person: who.name })
    });
    Ok(Json(paired.await?))
}

/// Whether somebody's source has this name already, or another device was made for it: with it the computer
/// could read what it has not sent.
fn is_taken(
    shared: &Shared,
    who: &Who,
    place: &Place,
    files: &::files::Files,
) -> Result<bool, Problem> {
    let house = shared.keeper.house();
    // Asked once more when the device is made, against two that come at once.
    let other = house.has_device_of(who.person, &place.source);
    Ok(other || files.has_source(place)?)
}

fn taken_name() -> Problem {
    let detail = "You have a source of that name already, or one was begun.";
    let next = "Give the computer another name, or make a code for that very source.";
    Problem::new(StatusCode::CONFLICT, "name_taken", detail, next)
}

fn of_nobody(act: &'static str, what: &str, from: &str) -> Told {
    Told { who: String::new(), act, what: what.to_owned(), from: from.to_owned() }
}
