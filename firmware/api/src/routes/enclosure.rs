//! What the box looks like, for whoever draws it.
//!
//! Start at [`routes`].

use axum::extract::State as Given;
use axum::http::Method;
use serde::Serialize;
use utoipa::ToSchema;

use crate::body::Json;
use crate::enclosure::Enclosure;
use crate::shared::State;
use crate::table::{EVERYBODY, Needs, Route};

/// The table.
pub(super) fn routes() -> Vec<Route> {
    let about = "What the box looks like, to draw it.";
    let needs = Needs::one_of(EVERYBODY);
    let route = Route::new(&Method::GET, "/api/v1/enclosure", needs, about, shown);
    vec![route.gives::<EnclosureShown>()]
}

/// What the box looks like.
#[derive(Debug, Serialize, ToSchema)]
struct EnclosureShown {
    /// None where no profile says it: then disks are named by their ports, and nothing is drawn.
    enclosure: Option<Enclosure>,
}

async fn shown(Given(state): Given<State>) -> Json<EnclosureShown> {
    Json(EnclosureShown { enclosure: state.supervisor.enclosure() })
}
