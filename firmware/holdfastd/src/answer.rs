//! One call, one answer. Nothing waits here for a job; listings come in pages.
//!
//! Start at [`answer`]. Watching is in `serve`, since it takes over the talk.

use calls::{
    Answer, AskedBy, Call, Clock, Fault, FaultCode, JobSpec, JobState, Lock, PAGE_ITEMS_MAX, Page,
    RawPath, Secret, Severity, Source, StartedJob, Status,
};
use plan::jobs::Wish;
use vault::{Secrets, Vault};

use crate::bundle;
use crate::health;
use crate::housemates;
use crate::own::resolved;
use crate::perform::path_of;
use crate::show;
use crate::supervisor::Supervisor;

/// Bytes of entries in one page: an eighth of a frame, since JSON writes six for an odd one.
const PAGE_LEN_MAX: usize = (calls::frame::LEN_MAX / 8) as usize;
/// Bytes of jobs in one page, as JSON: the largest job, and room for it, in a frame.
const JOBS_LEN_MAX: usize = (calls::frame::LEN_MAX / 2) as usize;

/// Answers a call.
pub(crate) fn answer(supervisor: &Supervisor, call: Call) -> Result<Answer, Fault> {
    match call {
        Call::Status {} => Ok(Answer::Status(status(supervisor))),
        Call::Health {} => {
            supervisor.look_after_health();
            Ok(Answer::Health(supervisor.shared().health.clone()))
        }
        Call::Jobs { page } => Ok(jobs(supervisor, page)),
        Call::Job { job } => Ok(Answer::Job(supervisor.shared().book.job(job)?)),
        Call::Start { spec } => start(supervisor, spec),
        Call::Pause { job } => supervisor.wish(job, Wish::Pause).map(Answer::Job),
        Call::Resume { job } => supervisor.wish(job, Wish::Resume).map(Answer::Job),
        Call::Cancel { job } => supervisor.wish(job, Wish::Cancel).map(Answer::Job),
        Call::People {} => housemates::people(supervisor),
        Call::PairingCode { person, source } => {
            housemates::pairing_code(supervisor, &person, source)
        }
        Call::Sources {} => sources(&*supervisor.keeper.vault()?),
        Call::Snapshots { source, space, page } => {
            snapshots(supervisor, source.as_deref(), space.as_deref(), page)
        }
        Call::List { snapshot, path, deep, page } => {
            list(&*supervisor.keeper.vault()?, &snapshot, &path, deep, page)
        }
        Call::Unlock { secret } => unlock(supervisor, &secret),
        Call::Lock {} => supervisor.lock().map(|()| Answer::Lock(Lock::Locked)),
        Call::TrustClock {} => supervisor.trust_clock().map(|()| Answer::Done {}),
        Call::Surroundings {} => Ok(Answer::Surroundings(supervisor.surroundings())),
        Call::SetQuiet { hours } => supervisor.set_quiet(hours),
        Call::DrawWords { secret } => supervisor.draw_words(&secret),
        Call::PutWords { words } => supervisor.put_words(words.reveal()),
        // What follows from these is done by whoever sends the answer.
        Call::Shutdown {} | Call::Restart {} | Call::Watch { .. } => Ok(Answer::Done {}),
        Call::Disks {} => supervisor.disks().map(Answer::Disks),
        Call::Disk { disk, act } => supervisor.disk_act(disk, act),
        Call::Keeping {} => supervisor.keeping(),
        Call::ForeseeKeeping { wish } => supervisor.foresee_keeping(&wish),
        Call::Keep { wish, less, goes_at_most } => {
            supervisor.keep_as_wished(&wish, less, goes_at_most)
        }
        Call::Create { disks, copies, password } => supervisor.create(disks, copies, password),
        Call::Reborn { disks, words, sheets, without_missing } => {
            supervisor.reborn(disks, &words, (&sheets, without_missing))
        }
        Call::Desk { act } => supervisor.desk(&act),
        Call::Outlets {} => Ok(supervisor.outlets()),
        Call::SetOutlets { outlets } => supervisor.set_outlets(outlets),
        Call::TestOutlet { name } => supervisor.test_outlet(&name),
        Call::Metrics {} => Ok(supervisor.metrics()),
        call @ (Call::Friends {}
        | Call::SetReach { .. }
        | Call::FriendInvite { .. }
        | Call::FriendLook { .. }
        | Call::FriendAnswer { .. }
        | Call::FriendConfirm { .. }
        | Call::Friend { .. }
        | Call::FriendForget { .. }
        | Call::FriendMessages { .. }
        | Call::FriendSheet { .. }
        | Call::FriendHelpBack { .. }
        | Call::FriendComeBack { .. }) => supervisor.answer_of_friends(call),
        Call::SupportBundle {} => Ok(Answer::SupportBundle(bundle::bundle(supervisor))),
    }
}

pub(crate) fn status(supervisor: &Supervisor) -> Status {
    let jumped = supervisor.clock_jumped(&supervisor.shared());
    let verdict: Option<Severity> =
        supervisor.shared().health.findings.first().map(|finding| finding.severity);
    Status {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        vault: supervisor.vault.get().map(ToString::to_string).unwrap_or_default(),
        lock: match supervisor.vault.get() {
            Some(_) => supervisor.keeper.lock(),
            None => Lock::None,
        },
        clock: if jumped { Clock::Jumped } else { Clock::Trusted },
        uptime_ms: supervisor.uptime().0,
        now_ms: supervisor.now().0,
        verdict,
        running: supervisor.count(JobState::Running),
        queued: supervisor.count(JobState::Queued),
        paused: supervisor.count(JobState::Paused),
    }
}

/// Some of the jobs, the newest first: as many as fit a frame.
fn jobs(supervisor: &Supervisor, page: Page) -> Answer {
    let (skip, items) = bounds(page);
    let shared = supervisor.shared();
    let mut rest = shared.book.jobs().rev().skip(skip).peekable();
    let (mut jobs, mut len) = (Vec::new(), 0);
    while let Some(job) = rest.peek() {
        len += serde_json::to_vec(job).map_or(0, |json| json.len());
        if jobs.len() >= items || len > JOBS_LEN_MAX && !jobs.is_empty() {
            break;
        }
        jobs.extend(rest.next().cloned());
    }
    Answer::Jobs { more: rest.peek().is_some(), jobs }
}

/// Writes a job down, after looking whether it can be meant.
fn start(supervisor: &Supervisor, mut spec: JobSpec) -> Result<Answer, Fault> {
    supervisor.must_be_told()?;
    if spec == (JobSpec::Scrub {}) {
        // The one job that needs no keys.
        let (job, already_there) = supervisor.add(spec, AskedBy::Owner)?;
        return Ok(Answer::Started(StartedJob { job, already_there }));
    }
    if matches!(spec, JobSpec::BurnIn { .. }) {
        // A disk is tested before there is a vault, too.
        supervisor.name_for_burn_in(&mut spec)?;
        let (job, already_there) = supervisor.add(spec, AskedBy::Owner)?;
        return Ok(Answer::Started(StartedJob { job, already_there }));
    }
    let vault = supervisor.keeper.vault()?;
    supervisor.name_drives(&mut spec)?;
    match &mut spec {
        JobSpec::Backup { source, paths, space, .. } => {
            a_source(source)?;
            if paths.is_empty() {
                let sentence = "A backup of nothing was asked for.";
                return Err(Fault::new(FaultCode::BadRequest, sentence, "Name a folder."));
            }
            paths.iter().try_for_each(absolute)?;
            let own = supervisor.own();
            paths.iter().try_for_each(|path| own.is_none_of(&resolved(&path_of(path))))?;
            if health::is_full(&vault) {
                let sentence = "Every disk is full; what was stored before is kept.";
                return Err(Fault::new(FaultCode::Full, sentence, plan::health::FULL_ADVICE));
            }
            if let Some(said) = space.take() {
                *space = housemates::storing_in(supervisor, &vault, &said)?;
            }
        }
        JobSpec::Restore { to, snapshot, .. } => {
            absolute(to)?;
            supervisor.own().leaves(&resolved(&path_of(to)))?;
            let found = vault.find_snapshot(snapshot).map_err(|error| show::fault(&error))?;
            *snapshot = found.info.id.to_string();
        }
        // Names are made ids now: after a pause or a cut `latest` would be another one.
        JobSpec::Forget { snapshots } => {
            for name in snapshots {
                let found = vault.find_snapshot(name).map_err(|error| show::fault(&error))?;
                *name = found.info.id.to_string();
            }
        }
        JobSpec::Drain { .. } => {
            let sentence = "A volume is emptied by retiring or replacing its disk.";
            let advice = "Say so of the disk: `holdfast --box default disk retire DISK`.";
            return Err(Fault::new(FaultCode::BadRequest, sentence, advice));
        }
        JobSpec::Import { source: Some(source), .. } => a_source(source)?,
        JobSpec::Usb { .. }
        | JobSpec::UsbVerify { .. }
        | JobSpec::Import { .. }
        | JobSpec::Check { .. }
        | JobSpec::Scrub {}
        | JobSpec::BurnIn { .. }
        | JobSpec::Rebuild {}
        | JobSpec::BringBack {}
        | JobSpec::Prune { .. } => {}
    }
    let (job, already_there) = supervisor.add(spec, AskedBy::Owner)?;
    Ok(Answer::Started(StartedJob { job, already_there }))
}

/// Refused now, and not when the job begins and nobody looks.
fn a_source(name: &str) -> Result<(), Fault> {
    if vault::can_name_a_source(name) {
        return Ok(());
    }
    let sentence = "This cannot name a source.";
    let advice = "Take 1 to 255 letters without a colon, and not `latest`.";
    Err(Fault::new(FaultCode::BadRequest, sentence, advice))
}

fn absolute(path: &RawPath) -> Result<(), Fault> {
    if path.0.first() == Some(&b'/') {
        return Ok(());
    }
    let sentence = format!("{path} is no absolute path, and the box is in no folder of yours.");
    Err(Fault::new(FaultCode::BadRequest, sentence, "Begin it with a slash."))
}

fn unlock(supervisor: &Supervisor, secret: &Secret) -> Result<Answer, Fault> {
    match secret {
        Secret::Words(words) => supervisor.unlock_with_words(words.reveal())?,
        Secret::Password(password) => {
            supervisor.unlock(Secrets::Password(password.reveal().as_bytes()))?;
        }
    }
    Ok(Answer::Lock(supervisor.keeper.lock()))
}

pub(crate) fn sources(vault: &Vault) -> Result<Answer, Fault> {
    let mut sources: Vec<Source> = vault
        .sources()
        .into_iter()
        .map(|(id, name, space, snapshots)| Source {
            name,
            id: id.to_string(),
            snapshots: snapshots as u64,
            space: vault.space_name(space).unwrap_or_default(),
        })
        .collect();
    sources.sort_by(|a, b| (&a.name, &a.space).cmp(&(&b.name, &b.space)));
    Ok(Answer::Sources { sources })
}

/// Where a page begins and how many items it has.
pub(crate) fn bounds(page: Page) -> (usize, usize) {
    let skip = usize::try_from(page.skip).unwrap_or(usize::MAX);
    (skip, page.items.min(PAGE_ITEMS_MAX) as usize)
}

fn snapshots(
    supervisor: &Supervisor,
    source: Option<&str>,
    space: Option<&str>,
    page: Page,
) -> Result<Answer, Fault> {
    let vault = supervisor.keeper.vault()?;
    let space = housemates::asked(supervisor, &vault, space)?;
    let all = vault.snapshots_in(space, source).map_err(|error| show::fault(&error))?;
    let (skip, items) = bounds(page);
    let snapshots: Vec<_> =
        all.iter().skip(skip).take(items).map(|one| show::snapshot(&vault, one)).collect();
    let more = all.len() > skip.saturating_add(snapshots.len());
    Ok(Answer::Snapshots { snapshots, more })
}

fn list(
    vault: &Vault,
    snapshot: &str,
    path: &RawPath,
    deep: bool,
    page: Page,
) -> Result<Answer, Fault> {
    let found = vault.find_snapshot(snapshot).map_err(|error| show::fault(&error))?;
    let (skip, items) = bounds(page);
    let (mut passed, mut len, mut more) = (0, 0, false);
    let mut entries = Vec::new();
    let mut visit = |listed: vault::ListedEntry| {
        if passed < skip {
            passed += 1;
            return true;
        }
        if listed.path.len() > calls::PATH_LEN_MAX {
            tracing::warn!(len = listed.path.len(), "a path is too long to be listed");
            return true;
        }
        len += listed.path.len() + listed.entry.target.as_ref().map_or(0, |t| t.len()) + 200;
        if entries.len() >= items || len > PAGE_LEN_MAX && !entries.is_empty() {
            more = true;
            return false;
        }
        entries.push(show::entry(&listed));
        true
    };
    vault.list(&found, &path.0, deep, &mut visit).map_err(|error| show::fault(&error))?;
    Ok(Answer::Entries { snapshot: show::snapshot(vault, &found.info), entries, more })
}
