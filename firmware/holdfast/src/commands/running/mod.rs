//! The commands against a running box: what it is asked, and what is shown of its answer.
//!
//! A command that a box does not answer is refused by name, never done behind its back. Start at
//! [`run`].

mod burn_in;
mod create;
mod disks;
mod friends;
mod friends_shown;
mod friends_talk;
mod import;
mod keep;
mod lists;
mod looks;
mod people;
mod reborn;
mod sheets;
mod tell;
mod usb;
mod work;

use calls::{Answer, Call};

use crate::Result;
use crate::args::{Command, SupportCommand, VolumeCommand};
use crate::args_of_disks::Copies;
use crate::args_of_jobs::JobsCommand;
use crate::client::{RunningBox, unexpected};
use crate::fail::CliError;
use crate::secrets::Supplied;
use crate::session::{Context, Done};

/// Asks the box what was typed.
pub(super) fn run(context: &Context, command: Command) -> Result<Done> {
    if let Some(what) = not_of_a_box(&command) {
        return Err(CliError::NotOfABox { what });
    }
    let mut running = RunningBox::find(context)?;
    match command {
        Command::Status => looks::status(context, &mut running),
        Command::Health => looks::health(context, &mut running),
        Command::Jobs { command } => jobs(context, &mut running, command),
        Command::Unlock => unlock(context, &mut running),
        Command::Lock => lock(context, &mut running),
        Command::Shutdown => shutdown(context, &mut running),
        Command::Restart => restart(context, &mut running),
        Command::Disks => disks::list(context, &mut running),
        Command::Disk(command) => disks::act(context, &mut running, command),
        Command::Replace { disk } => disks::replace(context, &mut running, disk),
        Command::Copies(Copies { copies }) | Command::Volume(VolumeCommand::Copies { copies }) => {
            keep::set_copies(context, &mut running, copies)
        }
        Command::Keep(args) => keep::run(context, &mut running, args),
        Command::Create(args) => create::run(context, &mut running, &args),
        Command::Reborn(args) => reborn::run(context, &mut running, args),
        Command::Desk(command) => disks::desk(context, &mut running, command),
        Command::Friend(command) => friends::run(context, &mut running, command),
        Command::Tell { command } => tell::run(context, &mut running, command),
        Command::People => people::list(context, &mut running),
        Command::PairingCode { person, source } => {
            people::pairing_code(context, &mut running, person, source)
        }
        Command::Metrics => tell::metrics(context, &mut running),
        Command::Support(SupportCommand::Bundle) => looks::bundle(context, &mut running),
        Command::Snapshots { source } => lists::snapshots(context, &mut running, source),
        Command::Ls { place, recursive } => lists::ls(context, &mut running, &place, recursive),
        Command::Backup(args) => work::backup(context, &mut running, &args),
        Command::Restore(args) => work::restore(context, &mut running, &args),
        Command::Usb(command) => usb::run(context, &mut running, &command),
        Command::Check { read_data, repair } => {
            work::check(context, &mut running, read_data, repair)
        }
        Command::Forget(args) => work::forget(context, &mut running, args),
        Command::Prune { allow_large, .. } => work::prune(context, &mut running, allow_large),
        other => Err(CliError::NotOfABox { what: not_of_a_box(&other).unwrap_or("this") }),
    }
}

/// The name of a command, or of an option, that a box does not answer yet.
fn not_of_a_box(command: &Command) -> Option<&'static str> {
    match command {
        Command::Vault(_) => Some("vault"),
        Command::Diff { .. } => Some("diff"),
        Command::Cat { .. } => Some("cat"),
        Command::Versions { .. } => Some("versions"),
        Command::Volume(VolumeCommand::Copies { .. }) => None,
        Command::Volume(_) => Some("volume"),
        Command::Space(_) => Some("space"),
        Command::Catalog(_) => Some("catalog"),
        Command::Rescue(_) => Some("rescue"),
        Command::Compare { .. } => Some("compare"),
        Command::Edit(_) => Some("edit"),
        Command::Forget(args) if args.older_than.is_some() => Some("forget --older-than"),
        Command::Forget(args) if args.dry_run => Some("forget --dry-run"),
        Command::Prune { dry_run: true, .. } => Some("prune --dry-run"),
        Command::Prune { grace: Some(_), .. } => Some("prune --grace"),
        _ => None,
    }
}

fn jobs(context: &Context, running: &mut RunningBox, command: Option<JobsCommand>) -> Result<Done> {
    let id = calls::JobId;
    let call = match command {
        None => return lists::jobs(context, running),
        Some(JobsCommand::Watch { job }) => return work::watch(context, running, id(job)),
        Some(JobsCommand::BringBack) => return reborn::bring_back(context, running),
        Some(JobsCommand::TrustClock) => {
            running.ask(Call::TrustClock {})?;
            context.out.line("the clock is believed; old versions may be let go again");
            context.out.document(&serde_json::json!({ "clock": "trusted" }));
            return Ok(Done::Clean);
        }
        Some(JobsCommand::Pause { job }) => Call::Pause { job: id(job) },
        Some(JobsCommand::Resume { job }) => Call::Resume { job: id(job) },
        Some(JobsCommand::Cancel { job }) => Call::Cancel { job: id(job) },
    };
    let stopping = matches!(call, Call::Pause { .. } | Call::Cancel { .. });
    let Answer::Job(job) = running.ask(call)? else { return Err(unexpected()) };
    if stopping && job.state == calls::JobState::Running {
        context.out.line(format_args!("job {} stops as soon as it can", job.id));
    } else {
        context.out.line(lists::job_line(&job));
    }
    context.out.document(&lists::json_of(&job));
    Ok(Done::Clean)
}

fn unlock(context: &Context, running: &mut RunningBox) -> Result<Done> {
    let secret = Supplied::load(&context.global, &context.out)?.as_call()?;
    running.ask(Call::Unlock { secret })?;
    context.out.line("the vault is unlocked");
    context.out.document(&serde_json::json!({ "lock": "unlocked" }));
    Ok(Done::Clean)
}

fn lock(context: &Context, running: &mut RunningBox) -> Result<Done> {
    running.ask(Call::Lock {})?;
    context.out.line("the vault is locked; jobs go on when it is unlocked");
    context.out.document(&serde_json::json!({ "lock": "locked" }));
    Ok(Done::Clean)
}

fn restart(context: &Context, running: &mut RunningBox) -> Result<Done> {
    running.ask(Call::Restart {})?;
    context.out.line("the box starts anew; jobs go on once it is open");
    context.out.document(&serde_json::json!({ "restarting": true }));
    Ok(Done::Clean)
}

fn shutdown(context: &Context, running: &mut RunningBox) -> Result<Done> {
    running.ask(Call::Shutdown {})?;
    context.out.line("the box stops; jobs go on when it is back");
    context.out.document(&serde_json::json!({ "stopping": true }));
    Ok(Done::Clean)
}
