//! Tokens for devices: made by their person, told once, taken back at any time.
//!
//! Start at [`routes`].

use axum::extract::State as Given;
use axum::http::Method;
use calls::SecretText;
use people::{Device, House, Scope};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::body::{Json, Path};
use crate::caller::Caller;
use crate::problem::Problem;
use crate::routes::{DONE, Done};
use crate::shared::{State, told};
use crate::table::{LIVES_HERE, Needs, Route};

const PERSON: Needs = Needs::one_of(LIVES_HERE);

/// The table.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(&Method::GET, "/api/v1/devices", PERSON, "Your devices.", list)
            .gives::<Devices>(),
        Route::new(
            &Method::POST,
            "/api/v1/devices",
            PERSON.elevated(),
            "A token for a device; it is told once.",
            make,
        )
        .takes::<MakeDevice>()
        .gives::<MadeDevice>(),
        Route::new(
            &Method::DELETE,
            "/api/v1/devices/{device}",
            PERSON,
            "Take a device's token back.",
            remove,
        )
        .gives::<Done>(),
    ]
}

/// What a device may do.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum DeviceScope {
    /// List and read what is in its person's space.
    Read {},
    /// Add new files to one source, and nothing else: it reads, lists, replaces and deletes nothing.
    Add {
        /// The source.
        source: String,
    },
    /// Back one source up and restore it.
    Backup {
        /// The source.
        source: String,
    },
}

/// A device that is wanted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MakeDevice {
    /// As you call it.
    #[schema(min_length = 1, max_length = 64)]
    name: String,
    /// What it may do.
    scope: DeviceScope,
    /// Bytes that it may store; as many as there is room for when not given.
    #[serde(default)]
    quota: Option<u64>,
}

/// A device that was made.
#[derive(Debug, Serialize, ToSchema)]
struct MadeDevice {
    /// Its name for requests.
    id: String,
    /// Goes into `Authorization: Bearer`. It is told once.
    token: SecretText,
}

/// Somebody's devices.
#[derive(Debug, Serialize, ToSchema)]
struct Devices {
    /// In the order in which they came.
    devices: Vec<OneDevice>,
}

/// A device.
#[derive(Debug, Serialize, ToSchema)]
struct OneDevice {
    /// Its name for requests.
    id: String,
    /// As its person calls it.
    name: String,
    /// What it may do.
    scope: DeviceScope,
    /// Bytes that it may store.
    quota: Option<u64>,
    /// Bytes that it has stored, where it has a quota: otherwise nobody counts.
    stored: u64,
    /// When its token was made, milliseconds since 1970.
    since_ms: i64,
    /// When it was last used, to the hour.
    used_ms: Option<i64>,
}

fn shown(scope: &Scope) -> DeviceScope {
    match scope {
        Scope::Read {} => DeviceScope::Read {},
        Scope::Add { source } => DeviceScope::Add { source: source.clone() },
        Scope::Backup { source } => DeviceScope::Backup { source: source.clone() },
    }
}

fn meant(scope: DeviceScope) -> Scope {
    match scope {
        DeviceScope::Read {} => Scope::Read {},
        DeviceScope::Add { source } => Scope::Add { source },
        DeviceScope::Backup { source } => Scope::Backup { source },
    }
}

async fn list(Given(state): Given<State>, caller: Caller) -> Json<Devices> {
    let house = state.keeper.house();
    let one = |device: &Device| OneDevice {
        id: device.id().to_string(),
        name: device.name.clone(),
        scope: shown(&device.scope),
        quota: device.quota,
        stored: device.stored,
        since_ms: device.since_ms,
        used_ms: device.used_ms,
    };
    Json(Devices { devices: house.devices(caller.id()).map(one).collect() })
}

async fn make(
    Given(state): Given<State>,
    caller: Caller,
    Json(asked): Json<MakeDevice>,
) -> Result<Json<MadeDevice>, Problem> {
    let (id, now) = (caller.id(), state.env.now());
    let told = told(&caller, "new-device", asked.name.clone());
    let made = state
        .blocking(move |shared| {
            let device = (asked.name.as_str(), meant(asked.scope), asked.quota);
            shared
                .keeper
                .change(Some(told), |house| house.new_device(id, device, now, &*shared.env.rng))
        })
        .await?;
    let token = SecretText::from(made.token.text().to_string());
    Ok(Json(MadeDevice { id: made.device.id().to_string(), token }))
}

async fn remove(
    Given(state): Given<State>,
    caller: Caller,
    Path(device): Path<String>,
) -> Result<Json<Done>, Problem> {
    let (id, told) = (caller.id(), told(&caller, "remove-device", device.clone()));
    let now = state.env.now();
    let remove = move |shared: &crate::Shared| {
        let remove = |house: &mut House| house.remove_device(id, &device, now).map(|_| ());
        shared.keeper.change(Some(told), remove)
    };
    state.blocking(remove).await?;
    Ok(Json(DONE))
}
