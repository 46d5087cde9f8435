//! One table of all routes: what each is, who may use it, and what goes in and out.
//!
//! A route can only be made with its [`Needs`], and a router only of routes: so there is none without a
//! guard. The OpenAPI document and the test that knocks at every route are made of the same facts.
//! Start at [`Route`]; to add one, write a handler, put a line into the table of its file in `routes`.

use std::sync::Arc;

use axum::Router;
use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{MethodFilter, MethodRouter, on};
use people::Role;
use serde_json::Value;
use utoipa::{PartialSchema, ToSchema};

use crate::guard;
use crate::pages;
use crate::shared::State;
pub use crate::words::{COUNT, HEX, PATH_HEX, Said, Shape, TAG, Word};

/// Owners only.
pub const OWNERS: &[Role] = &[Role::Owner];
/// Whoever has a space.
pub const LIVES_HERE: &[Role] = &[Role::Owner, Role::Member];
/// Whoever looks after the box.
pub const LOOKS_AFTER: &[Role] = &[Role::Owner, Role::Helper];
/// Whoever is signed in.
pub const EVERYBODY: &[Role] = &[Role::Owner, Role::Member, Role::Helper];

/// What a device's token has to be good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceMay {
    /// Nothing here.
    Nothing,
    /// Look at sources that its scope names. The handler asks for each: [`crate::Caller::may_read`].
    Read,
    /// Store in a source that its scope names. The handler asks: [`crate::Caller::may_add`].
    Add,
    /// Whatever it is for: it is only told about itself.
    Anything,
}

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needs {
    /// None: anybody, signed in or not.
    pub roles: Option<&'static [Role]>,
    /// The password has to have been given in the last quarter of an hour.
    pub elevated: bool,
    /// What a device may.
    pub device: DeviceMay,
}

impl Needs {
    /// Anybody who reaches the box. Such a route tells nothing of what is stored, and changes something
    /// only for a secret in its body.
    pub const ANYONE: Self = Self { roles: None, elevated: false, device: DeviceMay::Nothing };

    /// Somebody who is signed in and is one of these.
    pub const fn one_of(roles: &'static [Role]) -> Self {
        Self { roles: Some(roles), elevated: false, device: DeviceMay::Nothing }
    }

    /// And has given the password once more: for what cannot be undone, or gives power away.
    #[must_use]
    pub const fn elevated(self) -> Self {
        Self { elevated: true, ..self }
    }

    /// Or a device's token that is good for this.
    #[must_use]
    pub const fn or_device(self, device: DeviceMay) -> Self {
        Self { device, ..self }
    }
}

/// What is known of a route beside its handler.
#[derive(Clone, Debug)]
pub struct Facts {
    /// GET, POST, ...
    pub method: Method,
    /// As axum and OpenAPI write it: `/api/v1/jobs/{job}`.
    pub path: &'static str,
    /// Who may.
    pub needs: Needs,
    /// One sentence.
    pub about: &'static str,
    /// What is sent. It is described when somebody asks: descriptions are large.
    pub body: Option<fn() -> Typed>,
    /// The type of the body, where it is no JSON.
    pub bytes: Option<&'static str>,
    /// What else is said: after the `?`, and in headers.
    pub words: Vec<Word>,
    /// What comes back.
    pub answer: Option<fn() -> Typed>,
    /// Media type of the answer, where it is no JSON.
    pub media: Option<&'static str>,
    /// The status of success.
    pub status: u16,
    /// Other answers that are no refusals: status, what it says.
    pub others: Vec<(u16, &'static str)>,
}

/// A type of a body, as the document knows it.
#[derive(Clone, Debug)]
pub struct Typed {
    /// Its name.
    pub name: String,
    /// And those that it is made of.
    pub schemas: Vec<(String, Value)>,
}

impl Typed {
    fn of<T: ToSchema>() -> Self {
        let name = T::name().into_owned();
        let mut schemas = vec![(name.clone(), <T as PartialSchema>::schema())];
        T::schemas(&mut schemas);
        let value = |(name, schema)| (name, serde_json::to_value(schema).unwrap_or_default());
        Self { name, schemas: schemas.into_iter().map(value).collect() }
    }
}

/// A route: its facts and its handler.
#[derive(Debug)]
pub struct Route {
    /// What it is.
    pub facts: Facts,
    handler: MethodRouter<State>,
}

impl Route {
    /// A route. `method` is one of GET, POST, PUT, PATCH, DELETE and HEAD.
    pub fn new<H, T>(
        method: &Method,
        path: &'static str,
        needs: Needs,
        about: &'static str,
        handler: H,
    ) -> Self
    where
        H: Handler<T, State>,
        T: 'static,
    {
        // Another method makes a route that nothing reaches, which the route test finds.
        let filter = MethodFilter::try_from(method.clone()).unwrap_or(MethodFilter::TRACE);
        let facts = Facts {
            method: method.clone(),
            path,
            needs,
            about,
            body: None,
            bytes: None,
            words: Vec::new(),
            answer: None,
            media: None,
            status: 200,
            others: Vec::new(),
        };
        Self { facts, handler: on(filter, handler) }
    }

    /// It is sent this as JSON.
    #[must_use]
    pub fn takes<T: ToSchema>(mut self) -> Self {
        self.facts.body = Some(Typed::of::<T>);
        self
    }

    /// It answers this as JSON.
    #[must_use]
    pub fn gives<T: ToSchema>(mut self) -> Self {
        self.facts.answer = Some(Typed::of::<T>);
        self
    }

    /// It answers something that is no JSON.
    #[must_use]
    pub fn gives_media(mut self, media: &'static str) -> Self {
        self.facts.media = Some(media);
        self
    }

    /// It is sent bytes of this type.
    #[must_use]
    pub fn takes_bytes(mut self, media: &'static str) -> Self {
        self.facts.bytes = Some(media);
        self
    }

    /// A word after the `?` that is text.
    #[must_use]
    pub fn asks(self, name: &'static str, about: &'static str) -> Self {
        self.asks_for(name, about, Shape::Text)
    }

    /// A word after the `?`.
    #[must_use]
    pub fn asks_for(mut self, name: &'static str, about: &'static str, shape: Shape) -> Self {
        self.facts.words.push(Word { name, about, shape, said: Said::AfterTheMark });
        self
    }

    /// A word that has to stand after the `?`.
    #[must_use]
    pub fn needs_word(mut self, name: &'static str, about: &'static str, shape: Shape) -> Self {
        self.facts.words.push(Word { name, about, shape, said: Said::NeededAfterTheMark });
        self
    }

    /// A header that may be there.
    #[must_use]
    pub fn hears(mut self, name: &'static str, about: &'static str, shape: Shape) -> Self {
        self.facts.words.push(Word { name, about, shape, said: Said::MaybeInHeader });
        self
    }

    /// A header that has to be there.
    #[must_use]
    pub fn needs_header(mut self, name: &'static str, about: &'static str, shape: Shape) -> Self {
        self.facts.words.push(Word { name, about, shape, said: Said::InHeader });
        self
    }

    /// It may also answer this, which is no refusal.
    #[must_use]
    pub fn or_answers(mut self, status: u16, about: &'static str) -> Self {
        self.facts.others.push((status, about));
        self
    }

    /// The status of success, where it is not 200.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.facts.status = status;
        self
    }
}

/// The router of these routes, each behind its guard.
pub fn router(routes: Vec<Route>, state: &State) -> Router {
    let mut router = Router::new();
    for route in routes {
        let asks = route.facts.words.iter().filter(|word| word.said.is_after_the_mark());
        let asks: Arc<[&'static str]> = asks.map(|word| word.name).collect();
        let guarded = guard::in_front(route.handler, route.facts.needs, asks, state.clone());
        router = router.route(route.facts.path, guarded);
    }
    guard::around(router.fallback(pages::answer), state.clone()).with_state(state.clone())
}
