//! Plain files onto drives: of sources that are named, or of everything that is there now.
//!
//! Start at [`usb`].

use std::collections::BTreeSet;

use axum::extract::State as Given;
use axum::http::StatusCode;
use calls::{JobSpec, StartedJob};
use people::{Person, SPACE_PREFIX};

use crate::body::Json;
use crate::caller::Caller;
use crate::problem::Problem;
use crate::routes::asked::Usb;
use crate::routes::jobs::{kind, start, started};
use crate::shared::{Shared, State};

/// "Everything" takes other people's files, too: it is begun only by somebody who has said whose. It is what
/// is there now: a job may wait, and what others store meanwhile is nothing that anybody agreed to.
pub(super) async fn usb(
    Given(state): Given<State>,
    caller: Caller,
    Json(asked): Json<Usb>,
) -> Result<(StatusCode, Json<StartedJob>), Problem> {
    let Usb { drives, sources, path, ago_ms, anew, files_of } = asked;
    let of = |sources| JobSpec::Usb { drives, sources, path, ago_ms, anew };
    if sources.is_empty() {
        let all = state.blocking(|shared| Ok(shared.supervisor.everything()?)).await?;
        if all.is_empty() {
            let detail = "Nothing was stored yet.";
            return Err(Problem::new(
                StatusCode::NOT_FOUND,
                "not_found",
                detail,
                "Store something.",
            ));
        }
        let spaces: BTreeSet<String> = all.iter().map(|one| one.space.clone()).collect();
        let house = state.keeper.house();
        let people = house.people();
        let others = |one: &&Person| one.id != caller.id() && spaces.contains(&one.space());
        let others = people.iter().filter(others);
        let is_here = |space: &str| people.iter().any(|one| one.space() == space);
        let gone = spaces.iter().filter(|one| one.starts_with(SPACE_PREFIX) && !is_here(one));
        let mut whose: Vec<String> = others.map(|one| one.name.clone()).collect();
        // Somebody who left has no name here any more; what they stored is still theirs.
        whose.extend(gone.cloned());
        if let Some(missing) = whose.iter().find(|name| !files_of.contains(name)) {
            tracing::info!(missing, "a restore of everything waits for a word");
            let detail = format!("This takes the files of others, too: {}.", whose.join(", "));
            let next = "Name your own `sources`, or all of these in `files_of`.";
            return Err(Problem::new(StatusCode::CONFLICT, "files_of_others", detail, next));
        }
        if !whose.is_empty() {
            state.note(&caller, "take-files-of", whose.join(", ")).await?;
        }
        let spec = of(all.into_iter().map(|one| one.id).collect());
        state.note(&caller, "start-job", kind(&spec)).await?;
        let who = caller.who.clone();
        let start = move |shared: &Shared| Ok(shared.supervisor.start_agreed(&who, spec)?);
        return started(state.blocking(start).await?);
    }
    start(&state, &caller, of(sources)).await
}
