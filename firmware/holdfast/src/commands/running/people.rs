//! `holdfast people` against a running box, and what is said of whose files something is.
//!
//! Start at [`list`].

use std::collections::BTreeSet;

use calls::{Answer, Call, Housemate, PAGE_ITEMS_MAX, Page};
use serde_json::json;

use super::lists::json_of;
use crate::Result;
use crate::client::{RunningBox, unexpected};
use crate::fail::CliError;
use crate::session::{Context, Done};
use crate::show;

fn people(running: &mut RunningBox) -> Result<Vec<Housemate>> {
    let Answer::People { people } = running.ask(Call::People {})? else {
        return Err(unexpected());
    };
    Ok(people)
}

/// A code for a computer. It is shown here and nowhere else.
pub(super) fn pairing_code(
    context: &Context,
    running: &mut RunningBox,
    person: String,
    source: Option<String>,
) -> Result<Done> {
    let Answer::PairingCode(made) = running.ask(Call::PairingCode { person, source })? else {
        return Err(unexpected());
    };
    let minutes = made.seconds / 60;
    context.out.line(made.code.reveal());
    context.out.line(format_args!(
        "good for one computer and {minutes} minutes: type `holdfast pair ADDRESS` there"
    ));
    context.out.document(&json!({ "code": made.code.reveal(), "seconds": made.seconds }));
    Ok(Done::Clean)
}

/// Who lives with the box, and which space is whose.
pub(super) fn list(context: &Context, running: &mut RunningBox) -> Result<Done> {
    let people = people(running)?;
    for one in &people {
        let sources = match one.sources {
            Some(count) => show::count(count, "source"),
            None => "-".to_owned(),
        };
        let space = one.space.as_deref().unwrap_or("no space");
        let name = one.name.escape_debug();
        context.out.line(format_args!("{:<6} {space} {sources} {name}", one.role));
    }
    if people.is_empty() {
        context.out.line("nobody has claimed this box yet");
    }
    context.out.document(&json!({ "people": json_of(&people) }));
    Ok(Done::Clean)
}

/// Whose files "everything" takes, by the names of people where they are known.
pub(super) fn of_everything(running: &mut RunningBox) -> Result<Vec<String>> {
    let Answer::Sources { sources } = running.ask(Call::Sources {})? else {
        return Err(unexpected());
    };
    let people = people(running)?;
    let called = |space: String| {
        let person = people.iter().find(|one| one.space.as_deref() == Some(&space));
        person.map_or(space, |one| one.name.clone())
    };
    let spaces: BTreeSet<String> = sources.into_iter().map(|one| one.space).collect();
    Ok(spaces.into_iter().map(called).collect())
}

/// A snapshot as the box is to be asked for it: with a space that is meant, `latest` is looked for there.
pub(super) fn in_space(
    context: &Context,
    running: &mut RunningBox,
    name: String,
) -> Result<String> {
    let Some(space) = &context.global.space else { return Ok(name) };
    let source = match name.strip_prefix("latest") {
        Some("") => None,
        Some(of) if of.starts_with(':') => Some(of[1..].to_owned()),
        _ => {
            let what = "an id names one snapshot of one space: leave --space out".to_owned();
            return Err(CliError::Usage { what });
        }
    };
    let (mut newest, mut skip) = (None, 0);
    loop {
        let page = Page { skip, items: PAGE_ITEMS_MAX };
        let call = Call::Snapshots { source: source.clone(), space: Some(space.clone()), page };
        let Answer::Snapshots { mut snapshots, more } = running.ask(call)? else {
            return Err(unexpected());
        };
        skip += snapshots.len() as u64;
        let last = snapshots.pop();
        if let Some(last) = &last {
            newest = Some(last.id.clone());
        }
        if !more || last.is_none() {
            let missing = || vault::VaultError::NotFound { what: "snapshot", name };
            return Ok(newest.ok_or_else(missing)?);
        }
    }
}
