//! One file for each family of commands; each takes what was typed and gives back how it went.
//!
//! Start at [`run`].

mod agent;
mod attach;
mod backup;
mod browse;
mod catalog;
mod check;
mod compare;
mod computer;
mod create;
mod edit;
mod joining;
mod pairing;
mod rescue;
mod restore;
mod retention;
mod running;
mod spaces;
mod usb;
mod volumes;

use vault::PruneOptions;

use crate::Result;
use crate::args::{Command, VaultCommand};
use crate::session::{Context, Done};

/// Does what was typed.
pub(crate) fn run(context: &Context, command: Command) -> Result<Done> {
    if let Command::Pair(args) = &command {
        return pairing::pair(context, args);
    }
    if let Command::Unpair { name } = &command {
        return pairing::unpair(context, name);
    }
    if let Command::Agent(command) = &command {
        return agent::run(context, command);
    }
    if let Some(name) = computer::named(context) {
        return computer::run(context, &name, &command);
    }
    if context.global.running_box.is_some() {
        pairing::must_be_known(context)?;
        return running::run(context, command);
    }
    match command {
        Command::Vault(VaultCommand::Create(args)) => create::run(context, &args),
        Command::Vault(VaultCommand::Attach { volumes }) => attach::run(context, &volumes),
        Command::Backup(args) => backup::run(context, &args),
        Command::Snapshots { source } => browse::snapshots(context, source.as_deref()),
        Command::Ls { place, recursive } => browse::ls(context, &place, recursive),
        Command::Diff { before, after } => browse::diff(context, &before, &after),
        Command::Cat { place, offset, length } => browse::cat(context, &place, offset, length),
        Command::Versions { place } => browse::versions(context, &place),
        Command::Restore(args) => restore::run(context, &args),
        Command::Check { read_data, repair } => check::run(context, read_data, repair),
        Command::Forget(args) => retention::forget(context, &args),
        Command::Prune { grace, dry_run, allow_large } => {
            retention::prune(context, PruneOptions { grace, dry_run, allow_large })
        }
        Command::Volume(command) => volumes::run(context, command),
        Command::Space(command) => spaces::run(context, &command),
        Command::Catalog(command) => catalog::run(context, &command),
        Command::Rescue(args) => rescue::run(context, &args),
        Command::Usb(command) => usb::run(context, &command),
        Command::Compare { left, right, ignore_owners } => {
            compare::run(context, &left, &right, ignore_owners)
        }
        Command::Edit(command) => edit::run(context, command),
        // Nobody but a box can answer these; the first three were answered above.
        Command::Pair(_)
        | Command::Unpair { .. }
        | Command::Agent(_)
        | Command::Status
        | Command::Health
        | Command::Jobs { .. }
        | Command::Unlock
        | Command::Lock
        | Command::Shutdown
        | Command::Restart
        | Command::Disks
        | Command::Disk(_)
        | Command::Replace { .. }
        | Command::Create(_)
        | Command::Reborn(_)
        | Command::Copies(_)
        | Command::Keep(_)
        | Command::Desk(_)
        | Command::Friend(_)
        | Command::Tell { .. }
        | Command::Metrics
        | Command::People
        | Command::PairingCode { .. }
        | Command::Support(_) => running::run(context, command),
    }
}
