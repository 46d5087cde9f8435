//! `holdfast agent`: this computer backs itself up to a box that it is paired with, by itself.
//!
//! A timer of the user's own systemd wakes it often; whether it is time is decided in `plan::agent`, from what is
//! looked at here. It starts no program and holds no secret. Start at [`run`].

mod kept;
mod looked;
mod units;

use std::path::{Path, PathBuf};

use plan::agent::{Decision, Facts, Rules, decide};
use serde_json::json;
use types::{Millis, UnixTime};

use super::computer;
use crate::Result;
use crate::args::{self, Command};
use crate::args_of_agent::{AgentCommand, Install};
use crate::fail::CliError;
use crate::session::{Context, Done};
use crate::show;
use kept::{Folder, Record, Settings};

/// Where systemd says that it runs this computer.
const SYSTEMD: &str = "/run/systemd/system";

/// Does what was typed.
pub(super) fn run(context: &Context, command: &AgentCommand) -> Result<Done> {
    let folder = Folder::of_user(|name| std::env::var_os(name).map(PathBuf::from));
    let folder = folder.ok_or(CliError::NoHome)?;
    match command {
        AgentCommand::Install(args) => install(context, &folder, args),
        AgentCommand::Status => status(context, &folder),
        AgentCommand::Units { folder } => units::write(folder, &program()?).map(|()| Done::Clean),
        AgentCommand::Remove => remove(context, &folder),
        AgentCommand::Run { metered } => wake(context, &folder, metered),
    }
}

fn install(context: &Context, folder: &Folder, args: &Install) -> Result<Done> {
    let box_name = computer::the_box(context)?;
    let absolute = |path: &PathBuf| {
        let found = std::path::absolute(path).and_then(|path| path.metadata().map(|_| path));
        found.map_err(|source| CliError::Input { path: path.clone(), source })
    };
    let settings = Settings {
        box_name: box_name.clone(),
        paths: args.paths.iter().map(absolute).collect::<Result<_>>()?,
        exclude: args.exclude.clone(),
        limit: args.limit,
        every_minutes: args.every,
        battery_least: args.battery,
        metered: args.metered,
    };
    folder.save_settings(&settings)?;
    // What failed before, or was waited for, says nothing of how it goes now.
    folder.save_record(&Record { failures: 0, said: None, ..folder.record() })?;
    let program = program()?;
    let out = &context.out;
    let with_systemd = Path::new(SYSTEMD).is_dir();
    if with_systemd {
        units::write(&folder.units, &program)?;
        out.line(format_args!("this computer is backed up to {box_name} from your next login on"));
        out.line(format_args!(
            "from now on, too: `systemctl --user daemon-reload && systemctl --user start {}`",
            units::TIMER
        ));
    } else {
        out.line(format_args!("no systemd runs this computer, so nothing wakes the agent yet"));
        out.line(format_args!("put this line into `crontab -e`: {}", units::cron(&program)));
    }
    out.document(&json!({ "box": box_name, "systemd": with_systemd }));
    Ok(Done::Clean)
}

/// This very program.
fn program() -> Result<PathBuf> {
    std::env::current_exe().map_err(|source| CliError::Input { path: "holdfast".into(), source })
}

fn remove(context: &Context, folder: &Folder) -> Result<Done> {
    let was_there = units::remove(&folder.units)? | folder.remove()?;
    let out = &context.out;
    match was_there {
        true => out.line(format_args!("this computer is no longer backed up by itself")),
        false => out.line(format_args!("there is no agent here")),
    }
    if !Path::new(SYSTEMD).is_dir() {
        out.line(format_args!("if you put a line for it into `crontab -e`, take it out"));
    }
    out.document(&json!({ "removed": was_there }));
    Ok(Done::Clean)
}

fn status(context: &Context, folder: &Folder) -> Result<Done> {
    let out = &context.out;
    let Some(settings) = folder.settings()? else {
        out.line(format_args!("there is no agent here; `holdfast agent install PATH` makes one"));
        out.document(&json!({ "installed": false }));
        return Ok(Done::Clean);
    };
    let record = folder.record();
    out.line(format_args!(
        "backs up to {} every {} minutes",
        settings.box_name, settings.every_minutes
    ));
    for path in &settings.paths {
        out.line(format_args!("  {}", path.display()));
    }
    match record.last_success {
        Some(at) => out.line(format_args!("last backup: {}", show::time(UnixTime(at)))),
        None => out.line(format_args!("it has not backed up yet")),
    }
    if let Some(said) = &record.said {
        out.line(format_args!("{said}"));
    }
    out.document(&json!({
        "installed": true,
        "box": settings.box_name,
        "paths": settings.paths,
        "every_minutes": settings.every_minutes,
        "last_success_ms": record.last_success,
        "last_try_ms": record.last_try,
        "failures": record.failures,
        "said": record.said,
        "units": units::are_there(&folder.units),
    }));
    Ok(Done::Clean)
}

/// Looks, decides, and does it.
fn wake(context: &Context, folder: &Folder, metered: &str) -> Result<Done> {
    let Some(settings) = folder.settings()? else {
        let what = "there is no agent here: `holdfast agent install PATH` makes one".to_owned();
        return Err(CliError::Usage { what });
    };
    let clock = host::env().clock;
    let mut record = folder.record();
    let address = computer::address(&settings.box_name)?;
    let facts = Facts {
        now: clock.now(),
        last_success: record.last_success.map(UnixTime),
        last_try: record.last_try.map(UnixTime),
        failures: record.failures,
        power: looked::power(Path::new(looked::SUPPLIES)),
        metered: looked::metered(metered),
        box_answers: looked::answers(&address),
    };
    if let Decision::Wait { until, why } = decide(&rules(&settings), &facts) {
        let said = format!("waits until {}: {why}", show::time(until));
        context.out.line(format_args!("{said}"));
        context.out.document(&json!({ "waits_until_ms": until.0, "why": why.to_string() }));
        folder.save_record(&Record { said: Some(said), ..record })?;
        return Ok(Done::Clean);
    }
    // Noted before it begins: one that is killed counts as a try.
    record.last_try = Some(facts.now.0);
    record.failures = record.failures.saturating_add(1);
    folder.save_record(&record)?;
    let backup = args::Backup {
        paths: settings.paths,
        source: None,
        exclude: settings.exclude,
        limit: settings.limit,
    };
    let done = computer::run(context, &settings.box_name, &Command::Backup(backup));
    let (success, failures, said) = match &done {
        Ok(Done::Clean) => (Some(clock.now().0), 0, None),
        Ok(Done::Imperfect) => {
            let said = "some of it was left out, or is on fewer disks than wanted".to_owned();
            (Some(clock.now().0), 0, Some(said))
        }
        Err(error) => (record.last_success, record.failures, Some(format!("failed: {error}"))),
    };
    folder.save_record(&Record { last_success: success, failures, said, ..record })?;
    done
}

fn rules(settings: &Settings) -> Rules {
    Rules {
        every: Millis::from_secs(u64::from(settings.every_minutes) * 60),
        battery_least: settings.battery_least,
        metered: settings.metered,
    }
}
