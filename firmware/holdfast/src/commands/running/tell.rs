//! `holdfast tell` and `holdfast metrics`: whom a running box tells what happens.
//!
//! Start at [`run`].

use std::path::PathBuf;

use calls::{Answer, Call, Outlet, OutletShown, SecretText, Way};
use serde_json::json;
use types::UnixTime;

use super::lists::json_of;
use crate::Result;
use crate::args_of_tell::{Mail, Security, TellCommand};
use crate::client::{RunningBox, unexpected};
use crate::fail::CliError;
use crate::secrets::text_from;
use crate::session::{Context, Done};
use crate::show;

/// Shows, sets or tries out.
pub(super) fn run(
    context: &Context,
    running: &mut RunningBox,
    command: Option<TellCommand>,
) -> Result<Done> {
    match command {
        None => list(context, running),
        Some(TellCommand::Test { name }) => test(context, running, name),
        Some(TellCommand::Remove { name }) => remove(context, running, &name),
        Some(TellCommand::Mail(mail)) => {
            let outlet = of_mail(context, mail)?;
            set(context, running, outlet)
        }
        Some(TellCommand::Ntfy { name, url, secret_file, full }) => {
            let token = secret(context, secret_file)?;
            set(context, running, Outlet { name, brief: !full, way: Way::Ntfy { url, token } })
        }
        Some(TellCommand::Webhook { name, url, secret_file, brief }) => {
            let key = secret(context, secret_file)?;
            set(context, running, Outlet { name, brief, way: Way::Webhook { url, key } })
        }
    }
}

/// Numbers for a monitor, as they are.
pub(super) fn metrics(context: &Context, running: &mut RunningBox) -> Result<Done> {
    let Answer::Metrics { text } = running.ask(Call::Metrics {})? else {
        return Err(unexpected());
    };
    text.lines().for_each(|line| context.out.line(line));
    context.out.document(&json!({ "metrics": text }));
    Ok(Done::Clean)
}

fn secret(context: &Context, file: Option<PathBuf>) -> Result<Option<SecretText>> {
    file.map(|file| text_from(&file, &context.out).map(Into::into)).transpose()
}

fn of_mail(context: &Context, mail: Mail) -> Result<Outlet> {
    let way = Way::Mail {
        server: mail.server,
        port: mail.port,
        security: match mail.security {
            Security::Tls => calls::Security::Tls,
            Security::Starttls => calls::Security::StartTls,
            Security::None => calls::Security::None,
        },
        user: mail.user,
        password: secret(context, mail.secret_file)?,
        from: mail.from,
        to: mail.to,
    };
    Ok(Outlet { name: mail.name, brief: mail.brief, way })
}

fn outlets(running: &mut RunningBox, call: Call) -> Result<Vec<OutletShown>> {
    match running.ask(call)? {
        Answer::Outlets { outlets } => Ok(outlets),
        _ => Err(unexpected()),
    }
}

fn list(context: &Context, running: &mut RunningBox) -> Result<Done> {
    let all = outlets(running, Call::Outlets {})?;
    show_all(context, &all);
    Ok(Done::imperfect_if(all.iter().any(|one| one.fault.is_some())))
}

fn show_all(context: &Context, all: &[OutletShown]) {
    for one in all {
        let where_to = match &one.outlet.way {
            Way::Mail { to, server, .. } => format!("mail to {to} through {server}"),
            Way::Ntfy { url, .. } => format!("ntfy to {url}"),
            Way::Webhook { url, .. } => format!("webhook to {url}"),
        };
        let how = if one.outlet.brief { ", without names" } else { "" };
        let sent = match one.sent_ms {
            Some(at) => format!("last taken on {}", show::time(UnixTime(at))),
            None => "nothing sent yet".to_owned(),
        };
        context.out.line(format_args!("{}: {where_to}{how}; {sent}", one.outlet.name));
        if let Some(fault) = &one.fault {
            context.out.line(format_args!("  {} waiting: {fault}", one.waiting));
        }
    }
    if all.is_empty() {
        context.out.line("nobody is told when something is wrong: `holdfast tell mail` sets whom");
    }
    context.out.document(&json!({ "outlets": json_of(&all) }));
}

/// Puts an outlet in the place of the one of its name, or behind all others.
fn set(context: &Context, running: &mut RunningBox, outlet: Outlet) -> Result<Done> {
    let all = outlets(running, Call::Outlets {})?;
    let mut all: Vec<Outlet> = all.into_iter().map(|one| one.outlet).collect();
    let name = outlet.name.clone();
    match all.iter_mut().find(|one| one.name == name) {
        Some(one) => *one = outlet,
        None => all.push(outlet),
    }
    let all = outlets(running, Call::SetOutlets { outlets: all })?;
    show_all(context, &all);
    context.out.line(format_args!("`holdfast tell test {name}` tries it"));
    Ok(Done::Clean)
}

fn remove(context: &Context, running: &mut RunningBox, name: &str) -> Result<Done> {
    let all = outlets(running, Call::Outlets {})?;
    let before = all.len();
    let rest: Vec<Outlet> =
        all.into_iter().map(|one| one.outlet).filter(|one| one.name != name).collect();
    if rest.len() == before {
        return Err(CliError::Usage { what: format!("nothing is called {name:?}") });
    }
    let all = outlets(running, Call::SetOutlets { outlets: rest })?;
    show_all(context, &all);
    Ok(Done::Clean)
}

fn test(context: &Context, running: &mut RunningBox, name: String) -> Result<Done> {
    running.ask(Call::TestOutlet { name: name.clone() })?;
    context.out.line(format_args!("a server took the message for {name}; look whether it arrives"));
    context.out.document(&json!({ "taken": name }));
    Ok(Done::Clean)
}
