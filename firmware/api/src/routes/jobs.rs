//! Long work: what is at work, and what is to be done. Each kind has a route of its own, so that what each
//! needs stands in the table.
//!
//! Start at [`routes`].

use axum::extract::State as Given;
use axum::http::{Method, StatusCode};
use calls::{Answer, Call, Job, JobId, JobSpec, StartedJob};
use people::Refusal;
use serde::Serialize;
use utoipa::ToSchema;

use crate::body::{Json, Path, Query};
use crate::caller::Caller;
use crate::problem::Problem;
use crate::routes::asked::{
    Backup, Check, Forget, Import, Nothing, Prune, Restore, Usb, UsbVerify,
};
use crate::routes::usb::usb;
use crate::routes::{Part, only};
use crate::shared::State;
use crate::table::{COUNT, EVERYBODY, Needs, OWNERS, Route, Shape};

const OWNER: Needs = Needs::one_of(OWNERS);

/// The table.
pub(super) fn routes() -> Vec<Route> {
    let all = Needs::one_of(EVERYBODY);
    let starts = |path, needs, about, handler: Start| handler.route(path, needs, about);
    vec![
        Route::new(
            &Method::GET,
            "/api/v1/jobs",
            all,
            "The jobs that the box remembers, the newest first.",
            list,
        )
        .asks_for("skip", "so many are passed over", Shape::Number(u64::MAX))
        .asks_for("items", "so many at most, up to 1000", COUNT)
        .gives::<Jobs>(),
        Route::new(&Method::GET, "/api/v1/jobs/{job}", all, "One job.", one).gives::<Job>(),
        Route::new(&Method::POST, "/api/v1/jobs/{job}/pause", OWNER, "Stop it for now.", pause)
            .gives::<Job>(),
        Route::new(&Method::POST, "/api/v1/jobs/{job}/resume", OWNER, "Let it go on.", resume)
            .gives::<Job>(),
        Route::new(&Method::POST, "/api/v1/jobs/{job}/cancel", OWNER, "Stop it for good.", cancel)
            .gives::<Job>(),
        starts(
            "/api/v1/jobs/backup",
            OWNER.elevated(),
            "Back folders of the box itself up.",
            Start::Backup,
        ),
        starts(
            "/api/v1/jobs/check",
            OWNER,
            "Compare what the disks hold with what they should.",
            Start::Check,
        ),
        starts("/api/v1/jobs/scrub", OWNER, "Read every byte of every copy.", Start::Scrub),
        starts(
            "/api/v1/jobs/rebuild",
            OWNER,
            "Bring everything back to its promised copies.",
            Start::Rebuild,
        ),
        starts("/api/v1/jobs/forget", OWNER.elevated(), "Let go of versions.", Start::Forget),
        starts(
            "/api/v1/jobs/prune",
            OWNER.elevated(),
            "Free what nothing needs any more.",
            Start::Prune,
        ),
        starts(
            "/api/v1/jobs/restore",
            OWNER.elevated(),
            "Write files back into a folder of the box itself.",
            Start::Restore,
        ),
        starts(
            "/api/v1/jobs/usb",
            OWNER.elevated(),
            "Write plain files to drives; with no sources named, everybody's.",
            Start::Usb,
        ),
        starts("/api/v1/jobs/bring-back", OWNER, "Fetch what no disk has.", Start::BringBack),
        starts("/api/v1/jobs/usb-verify", OWNER, "Read a drive again.", Start::UsbVerify),
        starts(
            "/api/v1/jobs/import",
            OWNER.elevated(),
            "Copy what is on a disk of somebody's into the vault; the disk is only read.",
            Start::Import,
        ),
    ]
}

/// Some jobs.
#[derive(Debug, Serialize, ToSchema)]
struct Jobs {
    /// The newest first.
    jobs: Vec<Job>,
    /// There are more after these.
    more: bool,
}

/// The kinds of jobs that can be asked for.
#[derive(Clone, Copy, Debug)]
enum Start {
    Backup,
    Check,
    Scrub,
    Rebuild,
    BringBack,
    Forget,
    Prune,
    Restore,
    Usb,
    UsbVerify,
    Import,
}

impl Start {
    fn route(self, path: &'static str, needs: Needs, about: &'static str) -> Route {
        let route = match self {
            Self::Backup => taking(path, needs, about, |one: Backup| JobSpec::Backup {
                source: one.source,
                paths: one.paths,
                excludes: one.excludes,
                space: one.space,
            }),
            Self::Check => taking(path, needs, about, |one: Check| JobSpec::Check {
                read_data: one.read_data,
                repair: one.repair,
            }),
            Self::Scrub => taking(path, needs, about, |_: Nothing| JobSpec::Scrub {}),
            Self::Rebuild => taking(path, needs, about, |_: Nothing| JobSpec::Rebuild {}),
            Self::BringBack => taking(path, needs, about, |_: Nothing| JobSpec::BringBack {}),
            Self::Forget => taking(path, needs, about, |one: Forget| JobSpec::Forget {
                snapshots: one.snapshots,
            }),
            Self::Prune => taking(path, needs, about, |one: Prune| JobSpec::Prune {
                allow_large: one.allow_large,
            }),
            Self::Restore => taking(path, needs, about, |one: Restore| JobSpec::Restore {
                snapshot: one.snapshot,
                path: one.path,
                to: one.to,
                overwrite: one.overwrite,
            }),
            Self::Usb => Route::new(&Method::POST, path, needs, about, usb).takes::<Usb>(),
            Self::UsbVerify => {
                taking(path, needs, about, |one: UsbVerify| JobSpec::UsbVerify { drive: one.drive })
            }
            Self::Import => taking(path, needs, about, |one: Import| JobSpec::Import {
                drive: one.drive,
                source: one.source,
            }),
        };
        route.gives::<StartedJob>().status(202)
    }
}

/// A route that begins a job of what it is sent.
fn taking<T>(
    path: &'static str,
    needs: Needs,
    about: &'static str,
    spec: impl Fn(T) -> JobSpec + Clone + Send + Sync + 'static,
) -> Route
where
    T: serde::de::DeserializeOwned + ToSchema + Send + 'static,
{
    let handler = move |Given(state): Given<State>, caller: Caller, Json(asked): Json<T>| {
        let spec = spec(asked);
        async move { start(&state, &caller, spec).await }
    };
    Route::new(&Method::POST, path, needs, about, handler).takes::<T>()
}

pub(super) async fn start(
    state: &State,
    caller: &Caller,
    spec: JobSpec,
) -> Result<(StatusCode, Json<StartedJob>), Problem> {
    state.note(caller, "start-job", kind(&spec)).await?;
    started(state.ask(caller, Call::Start { spec }).await?)
}

pub(super) fn started(answer: Answer) -> Result<(StatusCode, Json<StartedJob>), Problem> {
    only!(answer, Answer::Started(started) => (StatusCode::ACCEPTED, Json(started)))
}

pub(super) fn kind(spec: &JobSpec) -> &'static str {
    match spec {
        JobSpec::Backup { .. } => "backup",
        JobSpec::Check { .. } => "check",
        JobSpec::Import { .. } => "import",
        JobSpec::BurnIn { .. } => "burn-in",
        JobSpec::Scrub {} => "scrub",
        JobSpec::Usb { .. } => "usb",
        JobSpec::UsbVerify { .. } => "usb-verify",
        JobSpec::Rebuild {} => "rebuild",
        JobSpec::BringBack {} => "bring-back",
        JobSpec::Drain { .. } => "drain",
        JobSpec::Forget { .. } => "forget",
        JobSpec::Prune { .. } => "prune",
        JobSpec::Restore { .. } => "restore",
    }
}

async fn list(
    Given(state): Given<State>,
    caller: Caller,
    Query(part): Query<Part>,
) -> Result<Json<Jobs>, Problem> {
    let answer = state.ask(&caller, Call::Jobs { page: part.page() }).await?;
    only!(answer, Answer::Jobs { jobs, more } => Json(Jobs { jobs, more }))
}

fn number(job: &str) -> Result<JobId, Problem> {
    job.parse().map(JobId).map_err(|_| Refusal::NotFound.into())
}

async fn one(
    Given(state): Given<State>,
    caller: Caller,
    Path(job): Path<String>,
) -> Result<Json<Job>, Problem> {
    answered(&state, &caller, Call::Job { job: number(&job)? }).await
}

async fn pause(
    Given(state): Given<State>,
    caller: Caller,
    Path(job): Path<String>,
) -> Result<Json<Job>, Problem> {
    answered(&state, &caller, Call::Pause { job: number(&job)? }).await
}

async fn resume(
    Given(state): Given<State>,
    caller: Caller,
    Path(job): Path<String>,
) -> Result<Json<Job>, Problem> {
    answered(&state, &caller, Call::Resume { job: number(&job)? }).await
}

async fn cancel(
    Given(state): Given<State>,
    caller: Caller,
    Path(job): Path<String>,
) -> Result<Json<Job>, Problem> {
    state.note(&caller, "cancel-job", job.clone()).await?;
    answered(&state, &caller, Call::Cancel { job: number(&job)? }).await
}

async fn answered(state: &State, caller: &Caller, call: Call) -> Result<Json<Job>, Problem> {
    let answer = state.ask(caller, call).await?;
    only!(answer, Answer::Job(job) => Json(job))
}
