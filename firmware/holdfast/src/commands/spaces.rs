//! `holdfast space`: which spaces a vault has, and one more.
//!
//! The words open all of them: a space keeps people apart who ask a box, not who hold the words.
//! Start at [`run`].

use serde_json::json;
use vault::{Access, Vault};

use crate::Result;
use crate::args::SpaceCommand;
use crate::session::{Context, Done, Session};
use crate::show;

/// Lists spaces, or makes one.
pub(super) fn run(context: &Context, command: &SpaceCommand) -> Result<Done> {
    match command {
        SpaceCommand::List => Session::run(context, Access::ReadOnly, |session| {
            let list = counted(&session.vault);
            for (name, sources) in &list {
                let count = show::count(*sources, "source");
                context.out.line(format_args!("{} {count}", name.escape_debug()));
            }
            let list = list.iter().map(|(name, count)| json!({ "name": name, "sources": count }));
            context.out.document(&json!({ "spaces": list.collect::<Vec<_>>() }));
            Ok(Done::Clean)
        }),
        SpaceCommand::Add { name } => Session::run(context, Access::ReadWrite, |session| {
            let id = session.vault.add_space(name)?;
            context.out.line(format_args!("made the space {}", name.escape_debug()));
            context.out.document(&json!({ "name": name, "id": id.to_string() }));
            Ok(Done::Clean)
        }),
    }
}

/// Spaces by name, each with how many sources are in it.
fn counted(vault: &Vault) -> Vec<(String, u64)> {
    let sources = vault.sources();
    let count = |id| sources.iter().filter(|(.., space, _)| *space == id).count() as u64;
    let mut all: Vec<_> = vault.spaces().into_iter().map(|(id, name)| (name, count(id))).collect();
    all.sort();
    all
}

/// Whose files "everything" takes: the spaces with something in them.
pub(super) fn of_everything(vault: &Vault) -> Vec<String> {
    let some = counted(vault).into_iter().filter(|(_, sources)| *sources > 0);
    some.map(|(name, _)| name).collect()
}
