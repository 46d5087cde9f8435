//! Who lives with the box, as its owner sees it; and the log of what was done.
//!
//! Start at [`routes`].

use axum::extract::State as Given;
use axum::http::Method;
use calls::SecretText;
use people::{PersonId, Refusal, Role};
use serde::{Deserialize, Serialize};
use types::Millis;
use utoipa::ToSchema;

use crate::body::{Json, Path, Query};
use crate::caller::Caller;
use crate::problem::Problem;
use crate::routes::entry::role_name;
use crate::routes::{DONE, Done};
use crate::shared::{State, told};
use crate::table::{COUNT, Needs, OWNERS, Route, Shape};

const OWNER: Needs = Needs::one_of(OWNERS);
/// Entries of the log in one answer.
const ENTRIES_MAX: usize = 500;

/// The table.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(&Method::GET, "/api/v1/people", OWNER, "Everybody.", list).gives::<People>(),
        Route::new(
            &Method::POST,
            "/api/v1/people",
            OWNER.elevated(),
            "Invite somebody; the code is told once.",
            invite,
        )
        .takes::<Invite>()
        .gives::<Invitation>(),
        Route::new(
            &Method::DELETE,
            "/api/v1/people/{person}",
            OWNER.elevated(),
            "Remove somebody; what they stored stays.",
            remove,
        )
        .gives::<Done>(),
        Route::new(
            &Method::PUT,
            "/api/v1/people/{person}/quota",
            OWNER.elevated(),
            "How much somebody may store over this door.",
            set_quota,
        )
        .takes::<Quota>()
        .gives::<Done>(),
        Route::new(&Method::GET, "/api/v1/audit", OWNER, "What was done, the newest first.", log)
            .asks_for("before", "only entries with a smaller number", Shape::Number(u64::MAX))
            .asks_for("items", "so many at most; 100 when not given", COUNT)
            .gives::<AuditLog>(),
    ]
}

/// Everybody.
#[derive(Debug, Serialize, ToSchema)]
struct People {
    /// In the order in which they came.
    people: Vec<OnePerson>,
}

/// A person.
#[derive(Debug, Serialize, ToSchema)]
struct OnePerson {
    /// Their id.
    id: String,
    /// Their name.
    name: String,
    /// `owner`, `member` or `helper`.
    role: String,
    /// They have chosen a password.
    joined: bool,
    /// A second factor is asked of them.
    second_factor: bool,
    /// They have a key on a stick.
    key: bool,
    /// When the account was made, milliseconds since 1970.
    created_ms: i64,
    /// Until when, for a helper.
    until_ms: Option<i64>,
    /// Bytes that they may store over this door.
    quota: Option<u64>,
    /// Bytes that they have stored there since they have a quota.
    stored: u64,
}

/// How much somebody may store.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Quota {
    /// In bytes; as many as there is room for when null.
    #[schema(maximum = 1_152_921_504_606_846_976_u64)]
    bytes: Option<u64>,
}

/// An invitation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Invite {
    /// The name that they sign in with.
    #[schema(min_length = 1, max_length = 64)]
    name: String,
    /// `owner`, `member` or `helper`.
    #[schema(value_type = String, pattern = "^(owner|member|helper)$")]
    role: Role,
    /// How long a helper may look, 1 to 720.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 720)]
    hours: Option<u32>,
}

/// What to tell whoever is invited.
#[derive(Debug, Serialize, ToSchema)]
struct Invitation {
    /// Their id.
    id: String,
    /// The code for `/api/v1/join`.
    code: SecretText,
}

/// Words after the `?` of the log.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Which {
    before: Option<u64>,
    items: Option<u32>,
}

/// The log.
#[derive(Debug, Serialize, ToSchema)]
struct AuditLog {
    /// The newest first.
    entries: Vec<AuditEntry>,
    /// They fit together: none was changed, taken out or put in.
    whole: bool,
}

/// One thing that was done.
#[derive(Debug, Serialize, ToSchema)]
struct AuditEntry {
    /// Its number.
    number: u64,
    /// When, milliseconds since 1970.
    at_ms: i64,
    /// Who.
    who: String,
    /// What.
    act: String,
    /// To what.
    what: String,
    /// From where.
    from: String,
    /// The hash that the next one holds.
    hash: String,
}

async fn list(Given(state): Given<State>) -> Json<People> {
    let house = state.keeper.house();
    let one = |person: &people::Person| OnePerson {
        id: person.id.to_string(),
        name: person.name.clone(),
        role: role_name(person.role).to_owned(),
        joined: person.has_joined(),
        second_factor: person.has_second_factor(),
        key: person.key().is_some(),
        created_ms: person.created_ms,
        until_ms: person.until_ms,
        quota: person.quota,
        stored: person.stored,
    };
    Json(People { people: house.people().iter().map(one).collect() })
}

async fn invite(
    Given(state): Given<State>,
    caller: Caller,
    Json(asked): Json<Invite>,
) -> Result<Json<Invitation>, Problem> {
    if asked.hours.is_some_and(|hours| !(1..=720).contains(&hours)) {
        return Err(Refusal::HelperTime.into());
    }
    let now = state.env.now();
    let span = asked.hours.map(|hours| Millis::from_secs(u64::from(hours) * 3_600));
    let told = told(&caller, "invite", format!("{} as {}", asked.name, role_name(asked.role)));
    let invited = state
        .blocking(move |shared| {
            shared.keeper.change(Some(told), |house| {
                house.invite(&asked.name, asked.role, span, now, &*shared.env.rng)
            })
        })
        .await?;
    let code = SecretText::from(invited.code.text().to_string());
    Ok(Json(Invitation { id: invited.person.to_string(), code }))
}

async fn remove(
    Given(state): Given<State>,
    caller: Caller,
    Path(person): Path<String>,
) -> Result<Json<Done>, Problem> {
    let id = PersonId::parse(&person).ok_or(Refusal::NotFound)?;
    let name = state.keeper.house().person(id)?.name.clone();
    let told = told(&caller, "remove", name);
    let remove =
        move |shared: &crate::Shared| shared.keeper.change(Some(told), |house| house.remove(id));
    state.blocking(remove).await?;
    Ok(Json(DONE))
}

async fn set_quota(
    Given(state): Given<State>,
    caller: Caller,
    Path(person): Path<String>,
    Json(asked): Json<Quota>,
) -> Result<Json<Done>, Problem> {
    let id = PersonId::parse(&person).ok_or(Refusal::NotFound)?;
    let name = state.keeper.house().person(id)?.name.clone();
    let told = told(&caller, "set-quota", name);
    let set = move |shared: &crate::Shared| {
        shared.keeper.change(Some(told), |house| house.set_quota(id, asked.bytes))
    };
    state.blocking(set).await?;
    Ok(Json(DONE))
}

async fn log(
    Given(state): Given<State>,
    Query(which): Query<Which>,
) -> Result<Json<AuditLog>, Problem> {
    let count = which.items.map_or(100, |items| items as usize).min(ENTRIES_MAX);
    let read = move |shared: &crate::Shared| Ok(shared.keeper.log(which.before, count));
    let (entries, whole) = state.blocking(read).await?;
    let one = |entry: people::Entry| AuditEntry {
        number: entry.number,
        at_ms: entry.at_ms,
        who: entry.who,
        act: entry.act,
        what: entry.what,
        from: entry.from,
        hash: entry.hash.text(),
    };
    Ok(Json(AuditLog { entries: entries.into_iter().map(one).collect(), whole }))
}
