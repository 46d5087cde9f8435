//! Photos of a source: how many each month has, a part of the timeline, and one picture in small.
//!
//! Whoever may look at the source's folders may look at these. Start at [`routes`].

use ::files::{Month, Months as Found, NoSmall, Photo as Shown, TakenFrom, shown_tag};
use axum::body::Body;
use axum::extract::State as Given;
use axum::http::{Method, StatusCode, header};
use axum::response::Response;
use calls::RawPath;
use jiff::Timestamp;
use jiff::tz::Offset;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::body::{Json, Path, Query};
use crate::caller::Caller;
use crate::problem::Problem;
use crate::routes::files::{Asked, asked, shelf};
use crate::shared::State;
use crate::supervise::Reach;
use crate::table::{COUNT, DeviceMay, LIVES_HERE, Needs, Route};

/// Photos in a part when nobody says how many.
const ITEMS: u32 = 200;

/// The table.
pub(super) fn routes() -> Vec<Route> {
    let reads = Needs::one_of(LIVES_HERE).or_device(DeviceMay::Read);
    let space = ("space", "`everyone`, or nothing for one's own");
    vec![
        Route::new(
            &Method::GET,
            "/api/v1/files/{source}/photos/months",
            reads,
            "How many photos of the newest version each month has. The first look begins to look through it.",
            months,
        )
        .asks(space.0, space.1)
        .gives::<Months>(),
        Route::new(
            &Method::GET,
            "/api/v1/files/{source}/photos",
            reads,
            "A part of the timeline: photos and films, the newest first.",
            photos,
        )
        .asks(space.0, space.1)
        .asks_for("skip", "so many newer ones come before", COUNT)
        .asks_for("items", "so many at most, up to 500", COUNT)
        .gives::<Photos>(),
        asked(Route::new(
            &Method::GET,
            "/api/v1/files/{source}/thumbnail",
            reads,
            "A picture in small, as a JPEG, drawn by a process that can do nothing else.",
            thumbnail,
        ))
        .or_answers(204, "There is none: it is of a kind that is not drawn, too large, or broken.")
        .gives_media("image/jpeg"),
    ]
}

/// Words after the `?`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    space: Option<String>,
    skip: Option<u32>,
    items: Option<u32>,
}

/// Words after the `?`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct OfSpace {
    space: Option<String>,
}

/// A month with photos.
#[derive(Debug, Serialize, ToSchema)]
struct PhotoMonth {
    /// The year.
    year: i16,
    /// 1 to 12.
    month: i8,
    /// Photos in it.
    count: u64,
}

/// How many photos each month has.
#[derive(Debug, Serialize, ToSchema)]
struct Months {
    /// Of which version; null until one has been looked through.
    version: Option<String>,
    /// Another one whenever the order is another one: what was read of the timeline before is out of date.
    revision: u64,
    /// The newest first; months without photos are not there.
    months: Vec<PhotoMonth>,
    /// Photos in all months.
    total: u64,
    /// Of how many it is known whether they say themselves when they were taken.
    read: u64,
    /// Photos for which the box has no room in its memory.
    left_out: u64,
    /// A newer version is being looked through: ask again in a moment.
    looking: bool,
}

/// A photo or film.
#[derive(Debug, Serialize, ToSchema)]
struct Photo {
    /// Its path.
    path: RawPath,
    /// Changes whenever its content does.
    tag: String,
    /// Its length.
    size: u64,
    /// What the clock on the wall said, like `2024-06-01T00:10:00`.
    taken: String,
    /// How far that clock was ahead of UTC, in minutes; null where that is not known.
    offset_minutes: Option<i16>,
    /// How that is known: `camera`, `film`, `file_time`, or `not_read_yet`: the file's time, for now.
    taken_from: &'static str,
    /// Whether it is a film.
    film: bool,
    /// Why there is no thumbnail: `no_decoder`, `broken`, `too_large`, `lost`; null while there may be one.
    no_thumbnail: Option<&'static str>,
}

/// A part of the timeline.
#[derive(Debug, Serialize, ToSchema)]
struct Photos {
    /// Of which order it is a part.
    revision: u64,
    /// The newest first.
    photos: Vec<Photo>,
}

impl From<Found> for Months {
    fn from(found: Found) -> Self {
        let one = |Month { year, month, count }| PhotoMonth { year, month, count: count as u64 };
        Self {
            version: found.version.map(|version| version.id.to_string()),
            revision: found.revision,
            months: found.months.into_iter().map(one).collect(),
            total: found.total as u64,
            read: found.read as u64,
            left_out: found.left_out,
            looking: found.looking,
        }
    }
}

impl From<Shown> for Photo {
    fn from(shown: Shown) -> Self {
        Self {
            path: RawPath(shown.path),
            tag: shown_tag(shown.tag),
            size: shown.size,
            taken: on_the_wall(shown.wall_secs),
            offset_minutes: shown.offset_minutes,
            taken_from: match shown.from {
                TakenFrom::Camera => "camera",
                TakenFrom::Film => "film",
                TakenFrom::FileTime => "file_time",
                TakenFrom::NotRead => "not_read_yet",
            },
            film: shown.film,
            no_thumbnail: shown.no_small.map(|why| match why {
                NoSmall::NoDecoder => "no_decoder",
                NoSmall::Broken => "broken",
                NoSmall::TooLarge => "too_large",
                NoSmall::Lost => "lost",
            }),
        }
    }
}

/// A time without a zone. One outside of all calendars is shown as the first or last there is.
fn on_the_wall(secs: i64) -> String {
    let (first, last) = (Timestamp::MIN.as_second(), Timestamp::MAX.as_second());
    let at = Timestamp::from_second(secs.clamp(first, last)).unwrap_or_default();
    Offset::UTC.to_datetime(at).strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

async fn months(
    Given(state): Given<State>,
    caller: Caller,
    Path(source): Path<String>,
    Query(asked): Query<OfSpace>,
) -> Result<Json<Months>, Problem> {
    caller.may_read(&source)?;
    let found = state.blocking(move |shared| {
        let (shelf, place) = shelf(shared, &caller, asked.space.as_deref(), &source, Reach::Look)?;
        Ok(shelf.files.photo_months(&place)?)
    });
    Ok(Json(found.await?.into()))
}

async fn photos(
    Given(state): Given<State>,
    caller: Caller,
    Path(source): Path<String>,
    Query(asked): Query<Part>,
) -> Result<Json<Photos>, Problem> {
    caller.may_read(&source)?;
    let page = state.blocking(move |shared| {
        let (shelf, place) = shelf(shared, &caller, asked.space.as_deref(), &source, Reach::Look)?;
        let (skip, items) = (asked.skip.unwrap_or(0), asked.items.unwrap_or(ITEMS));
        Ok(shelf.files.photos(&place, skip as usize, items as usize)?)
    });
    let page = page.await?;
    let photos = page.photos.into_iter().map(Photo::from).collect();
    Ok(Json(Photos { revision: page.revision, photos }))
}

async fn thumbnail(
    Given(state): Given<State>,
    caller: Caller,
    Path(source): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    caller.may_read(&source)?;
    let path = asked.path()?;
    let who = caller.clone();
    let small = state.drawing(&caller, move |shared| {
        let (shelf, place) = shelf(shared, &who, asked.space.as_deref(), &source, Reach::Look)?;
        Ok(shelf.files.small_picture(&place, &asked.at(), &path)?)
    });
    let answer = Response::builder();
    let answer = match small.await?.picture {
        Ok(picture) => answer
            .header(header::CONTENT_TYPE, "image/jpeg")
            .header(header::CONTENT_LENGTH, picture.len())
            .body(Body::from(picture.to_vec())),
        Err(_) => answer.status(StatusCode::NO_CONTENT).body(Body::empty()),
    };
    answer.map_err(|_| Problem::failed("The answer could not be written."))
}
