//! Friends: who keeps what for whom, invites, and what an owner does with one friend. Owners only; a helper
//! sees no more of it than the verdict says.
//!
//! What gives protection away has a route of its own, so that what it needs stands in the table: the
//! password once more, and the friend's name. Start at [`routes`].

mod bodies;
mod less;
mod sheets;

use axum::extract::State as Given;
use axum::http::Method;
use bodies::{InviteFriend, Look, Named, Pause, Say, SetReach, YesOrNo};
use calls::{
    Answer, Call, FriendAct, FriendLimits, FriendMessages, FriendShown, Friends, Invited,
    OfferShown, Reach,
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::body::{Json, Path};
use crate::caller::Caller;
use crate::problem::Problem;
use crate::routes::only;
use crate::shared::State;
use crate::table::{Needs, OWNERS, Route};

const OWNER: Needs = Needs::one_of(OWNERS);

/// The table.
pub(super) fn routes() -> Vec<Route> {
    let mut all = of_all();
    all.extend(of_one());
    all.extend(less::of_terms());
    all.extend(less::of_ending());
    all.extend(sheets::routes());
    all
}

/// Invites and settings.
fn of_all() -> Vec<Route> {
    vec![
        Route::new(
            &Method::GET,
            "/api/v1/friends",
            OWNER,
            "All friends, invites, and what waits for an answer.",
            list,
        )
        .gives::<Friends>(),
        Route::new(
            &Method::PUT,
            "/api/v1/friends/reach",
            OWNER,
            "Say how boxes outside this house find this one.",
            set_reach,
        )
        .takes::<SetReach>()
        .gives::<Friends>(),
        Route::new(
            &Method::POST,
            "/api/v1/friends/invites",
            OWNER,
            "Make an invite for one friend; its ticket is told once.",
            invite,
        )
        .takes::<InviteFriend>()
        .gives::<Invited>(),
        Route::new(
            &Method::POST,
            "/api/v1/friends/invites/{invite}/answer",
            OWNER,
            "Say yes or no to the box that took an own invite; a no takes it back.",
            confirm,
        )
        .takes::<YesOrNo>()
        .gives::<Friends>(),
        Route::new(
            &Method::POST,
            "/api/v1/friends/offers",
            OWNER,
            "Look at somebody's invite: who, on which terms, and the words to compare.",
            look,
        )
        .takes::<Look>()
        .gives::<OfferShown>(),
        Route::new(
            &Method::POST,
            "/api/v1/friends/offers/{offer}/answer",
            OWNER,
            "Say yes or no to an invite that was looked at.",
            answer_offer,
        )
        .takes::<YesOrNo>()
        .gives::<OfferShown>(),
    ]
}

/// What is done with one friend.
fn of_one() -> Vec<Route> {
    vec![
        taking(
            &Method::PATCH,
            "/api/v1/friends/{friend}",
            OWNER,
            "Call the friend something else, or say where the box stands.",
            |one: Named| FriendAct::Name { name: one.name, place: one.place },
        ),
        taking(
            &Method::PUT,
            "/api/v1/friends/{friend}/limits",
            OWNER,
            "Say how fast packs go, and when.",
            |limits: FriendLimits| FriendAct::Limit { limits },
        ),
        plain(
            "/api/v1/friends/{friend}/audit",
            "Have the friend prove some of what it keeps, now.",
            FriendAct::Audit {},
        ),
        taking(
            &Method::POST,
            "/api/v1/friends/{friend}/pause",
            OWNER,
            "Take no new packs of the friend for now.",
            |one: Pause| FriendAct::Pause { until_ms: one.until_ms },
        ),
        plain(
            "/api/v1/friends/{friend}/resume",
            "Take new packs of the friend again.",
            FriendAct::Resume {},
        ),
        plain(
            "/api/v1/friends/{friend}/seen",
            "What the verdict says of the friend is read; what is still so stays.",
            FriendAct::Seen {},
        ),
        plain("/api/v1/friends/{friend}/unblock", "Take a block back.", FriendAct::Unblock {}),
        Route::new(
            &Method::GET,
            "/api/v1/friends/{friend}/messages",
            OWNER,
            "What was written to the friend and came from there.",
            messages,
        )
        .gives::<FriendMessages>(),
        taking(
            &Method::POST,
            "/api/v1/friends/{friend}/messages",
            OWNER,
            "Write to the friend.",
            |one: Say| FriendAct::Say { text: one.text },
        ),
        plain(
            "/api/v1/friends/{friend}/messages/read",
            "All messages so far are read.",
            FriendAct::Read {},
        ),
    ]
}

/// A route of an act that takes something.
fn taking<T>(
    method: &Method,
    path: &'static str,
    needs: Needs,
    about: &'static str,
    make: fn(T) -> FriendAct,
) -> Route
where
    T: ToSchema + for<'de> Deserialize<'de> + Send + 'static,
{
    let handler =
        move |given: Given<State>, caller: Caller, path: Path<String>, Json(body): Json<T>| {
            act(given, caller, path, make(body))
        };
    Route::new(method, path, needs, about, handler).takes::<T>().gives::<FriendShown>()
}

/// A route of an act that takes nothing.
fn plain(path: &'static str, about: &'static str, done: FriendAct) -> Route {
    let handler = move |given: Given<State>, caller: Caller, path: Path<String>| {
        act(given, caller, path, done.clone())
    };
    Route::new(&Method::POST, path, OWNER, about, handler).gives::<FriendShown>()
}

async fn act(
    Given(state): Given<State>,
    caller: Caller,
    Path(friend): Path<String>,
    act: FriendAct,
) -> Result<Json<FriendShown>, Problem> {
    if let Some(noted) = noted(&act) {
        state.note(&caller, noted, friend.clone()).await?;
    }
    let answer = state.ask(&caller, Call::Friend { friend, act }).await?;
    only!(answer, Answer::Friend(shown) => Json(*shown))
}

/// Under which name an act stands in the log; none for reading and writing messages.
fn noted(act: &FriendAct) -> Option<&'static str> {
    Some(match act {
        FriendAct::Name { .. } => "friend-name",
        FriendAct::Limit { .. } => "friend-limit",
        FriendAct::Audit {} => "friend-audit",
        FriendAct::Propose { words: None, .. } => "friend-propose",
        FriendAct::Propose { .. } => "friend-propose-shorter",
        FriendAct::Answer { .. } => "friend-answer",
        FriendAct::Pause { .. } => "friend-pause",
        FriendAct::Resume {} => "friend-resume",
        FriendAct::Block { .. } => "friend-block",
        FriendAct::Unblock {} => "friend-unblock",
        FriendAct::End { .. } => "friend-end",
        FriendAct::StopNow { .. } => "friend-stop",
        FriendAct::Reconciled { .. } => "friend-reconciled",
        FriendAct::Seen {} => "friend-seen",
        FriendAct::Say { .. } | FriendAct::Read {} => return None,
    })
}

async fn list(Given(state): Given<State>, caller: Caller) -> Result<Json<Friends>, Problem> {
    friends(&state, &caller, Call::Friends {}).await
}

async fn friends(state: &State, caller: &Caller, call: Call) -> Result<Json<Friends>, Problem> {
    let answer = state.ask(caller, call).await?;
    only!(answer, Answer::Friends(friends) => Json(*friends))
}

async fn set_reach(
    Given(state): Given<State>,
    caller: Caller,
    Json(asked): Json<SetReach>,
) -> Result<Json<Friends>, Problem> {
    let said = match &asked.reach {
        Reach::Nothing {} => "nothing",
        Reach::SameHouse {} => "same-house",
        Reach::MeetingPoint {} => "meeting-point",
        Reach::Relay { .. } => "relay",
    };
    state.note(&caller, "friends-reach", said).await?;
    friends(&state, &caller, Call::SetReach { reach: asked.reach }).await
}

async fn invite(
    Given(state): Given<State>,
    caller: Caller,
    Json(asked): Json<InviteFriend>,
) -> Result<Json<Invited>, Problem> {
    let (here, there) = (asked.terms.here.bytes, asked.terms.there.bytes);
    state.note(&caller, "friend-invite", format!("here: {here}, there: {there}")).await?;
    let answer = state.ask(&caller, Call::FriendInvite { terms: asked.terms }).await?;
    only!(answer, Answer::FriendInvited(invited) => Json(*invited))
}

async fn confirm(
    Given(state): Given<State>,
    caller: Caller,
    Path(invite): Path<String>,
    Json(YesOrNo { yes }): Json<YesOrNo>,
) -> Result<Json<Friends>, Problem> {
    state.note(&caller, "friend-confirm", format!("{invite}: {yes}")).await?;
    friends(&state, &caller, Call::FriendConfirm { invite, yes }).await
}

async fn look(
    Given(state): Given<State>,
    caller: Caller,
    Json(asked): Json<Look>,
) -> Result<Json<OfferShown>, Problem> {
    let answer = state.ask(&caller, Call::FriendLook { ticket: asked.ticket }).await?;
    only!(answer, Answer::FriendOffer(offer) => Json(*offer))
}

async fn answer_offer(
    Given(state): Given<State>,
    caller: Caller,
    Path(offer): Path<String>,
    Json(YesOrNo { yes }): Json<YesOrNo>,
) -> Result<Json<OfferShown>, Problem> {
    state.note(&caller, "friend-accept", format!("{offer}: {yes}")).await?;
    let answer = state.ask(&caller, Call::FriendAnswer { offer, yes }).await?;
    only!(answer, Answer::FriendOffer(offer) => Json(*offer))
}

async fn messages(
    Given(state): Given<State>,
    caller: Caller,
    Path(friend): Path<String>,
) -> Result<Json<FriendMessages>, Problem> {
    let answer = state.ask(&caller, Call::FriendMessages { friend }).await?;
    only!(answer, Answer::FriendMessages(messages) => Json(messages))
}
