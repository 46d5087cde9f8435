//! Where the box is in the house's network, to be read only.
//!
//! Start at [`routes`].

use std::path::Path;

use axum::extract::State as Given;
use axum::http::Method;
use serde::Serialize;
use utoipa::ToSchema;

use crate::body::Json;
use crate::network::{self, Link};
use crate::problem::Problem;
use crate::shared::State;
use crate::table::{EVERYBODY, Needs, Route};

/// The table.
pub(super) fn routes() -> Vec<Route> {
    let about = "By which names and addresses the box is reached, and what carries them.";
    let needs = Needs::one_of(EVERYBODY);
    vec![Route::new(&Method::GET, "/api/v1/network", needs, about, shown).gives::<Network>()]
}

/// Where the box is in the network.
#[derive(Debug, Serialize, ToSchema)]
struct Network {
    /// What the house is told; none when it is told nothing. Where another box has this name already, this one
    /// is called `NAME-2.local` and so on.
    announced: Option<String>,
    /// Other names that it answers to.
    names: Vec<String>,
    /// Only programs on the box itself reach it.
    only_itself: bool,
    /// Its connections, those of hardware first.
    links: Vec<Link>,
}

async fn shown(Given(state): Given<State>) -> Result<Json<Network>, Problem> {
    let links = state.blocking(|_| {
        // Without its addresses it can still say whether a cable is in.
        let addresses = network::addresses().unwrap_or_else(|error| {
            tracing::warn!(%error, "the system does not tell its addresses");
            Vec::new()
        });
        let seen = network::links(Path::new(network::SYS), &addresses);
        Ok(seen.unwrap_or_else(|error| {
            tracing::warn!(%error, "the system does not tell its connections");
            Vec::new()
        }))
    });
    let settings = &state.settings;
    Ok(Json(Network {
        announced: settings.announce.then(|| format!("{}.local", settings.name)),
        names: settings.names.clone(),
        only_itself: settings.listen.ip().is_loopback(),
        links: links.await?,
    }))
}
