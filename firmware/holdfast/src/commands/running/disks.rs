//! `holdfast disks`, `disk`, `replace` and `desk` against a running box.
//!
//! What may be done with a disk is the box's to say. Start at [`list`] and [`act`].

use std::os::unix::ffi::OsStrExt;

use calls::{
    Answer, Call, DeskAct, DeskFault, DiskAct, DiskShown, Disks, JobSpec, Joining, OnDesk,
    Question, QuestionKind, RawPath,
};
use types::Bytes;

use super::lists::json_of;
use super::looks::span;
use crate::Result;
use crate::args_of_disks::{DeskCommand, DeskDisk, DiskCommand};
use crate::client::{RunningBox, unexpected};
use crate::fail::CliError;
use crate::session::{Context, Done};

/// Every disk, and what is wanted.
pub(super) fn list(context: &Context, running: &mut RunningBox) -> Result<Done> {
    let Answer::Disks(disks) = running.ask(Call::Disks {})? else { return Err(unexpected()) };
    show(context, &disks);
    Ok(Done::Clean)
}

fn show(context: &Context, disks: &Disks) {
    let out = &context.out;
    for disk in &disks.disks {
        out.line(disk_line(disk));
        out.line(format_args!("    {}", sentences(disk)));
    }
    if disks.disks.is_empty() {
        out.line("no disks");
    }
    for news in &disks.news {
        let at = crate::show::time(types::UnixTime(news.at_ms));
        out.line(format_args!("news: {at} {}", news.sentence));
    }
    for question in &disks.questions {
        out.line(format_args!("{} {}", question.sentence, question.action));
        if let Some(command) = command_for(question) {
            out.line(format_args!("  do: {command}"));
        }
    }
    out.document(&json_of(disks));
}

fn disk_line(disk: &DiskShown) -> String {
    let mut line = format!(
        "{} {:<10} {:<11} {} of {}, serial ..{}",
        disk.id,
        disk.place,
        disk.life,
        disk.model.escape_debug(),
        Bytes(disk.size),
        disk.serial.escape_debug()
    );
    if let Some(degrees) = disk.temperature_c {
        line.push_str(&format!(", {degrees} C"));
    }
    line
}

fn sentences(disk: &DiskShown) -> String {
    let joining = match disk.joining {
        None => String::new(),
        Some(Joining::Waiting { left_ms: 0 }) => " It is erased now.".to_owned(),
        Some(Joining::Waiting { left_ms }) => {
            format!(" It is erased in {}; until then there is an undo.", span(left_ms))
        }
        Some(Joining::Formatting) => " It is being formatted.".to_owned(),
        Some(Joining::Kept { left_ms }) => format!(
            " It is formatted and joins in {}; until then `disk undo` puts back what was on it.",
            span(left_ms)
        ),
        Some(Joining::PuttingBack) => " What was on it is being put back.".to_owned(),
        // One that had left and is kept after all: nothing was formatted.
        Some(Joining::Formatted) if disk.volume.is_some() => {
            " It comes back with what is on it, in a moment.".to_owned()
        }
        Some(Joining::Formatted) => " It is formatted and joins in a moment.".to_owned(),
    };
    let leaves = if disk.to_be_replaced { " It is to be replaced." } else { "" };
    let action = if disk.action.is_empty() { "" } else { " " };
    format!("{}{leaves}{joining}{action}{}", disk.sentence, disk.action)
}

/// What can be typed to say yes.
fn command_for(question: &Question) -> Option<String> {
    let disk = question.disk.as_ref()?;
    match question.kind {
        QuestionKind::Pull | QuestionKind::Insert => None,
        QuestionKind::Settle => Some(format!("holdfast disk confirm {disk}")),
        QuestionKind::Adopt => Some(format!("holdfast disk adopt {disk}")),
        QuestionKind::Import => Some(format!("holdfast disk import {disk}")),
        QuestionKind::Keep => Some(format!("holdfast disk keep {disk}")),
        QuestionKind::Drive => Some(format!("holdfast usb restore {disk}")),
        QuestionKind::Erase => Some(format!("holdfast disk erase {disk} --serial LAST4")),
    }
}

/// Does something with a disk, and shows the disks as they are then.
pub(super) fn act(
    context: &Context,
    running: &mut RunningBox,
    command: DiskCommand,
) -> Result<Done> {
    let (disk, act) = match command {
        DiskCommand::Import { disk, source } => {
            return super::import::run(context, running, disk, source);
        }
        DiskCommand::Adopt { disk, replaces, burn_in: true } => {
            return super::burn_in::run(context, running, super::burn_in::adopt(disk, replaces));
        }
        DiskCommand::BurnIn { disk, serial, adopt } => {
            let spec = JobSpec::BurnIn { drive: disk, typed: serial, adopt, replaces: None };
            return super::burn_in::run(context, running, spec);
        }
        DiskCommand::Adopt { disk, replaces, .. } => (disk, DiskAct::Adopt { replaces }),
        DiskCommand::Erase { disk, serial, replaces } => {
            (disk, DiskAct::Erase { typed: serial, replaces })
        }
        DiskCommand::EraseNow { disk } => (disk, DiskAct::SkipWait {}),
        DiskCommand::Undo { disk } => (disk, DiskAct::Undo {}),
        DiskCommand::Confirm { disk } => (disk, DiskAct::Confirm {}),
        DiskCommand::Retire { disk } => (disk, DiskAct::Retire {}),
        DiskCommand::Keep { disk } => (disk, DiskAct::Keep {}),
        DiskCommand::Trust { disk } => (disk, DiskAct::Trust {}),
        DiskCommand::UseAsDrive { disk } => (disk, DiskAct::UseAsDrive {}),
        DiskCommand::Release { disk } => (disk, DiskAct::Release {}),
        DiskCommand::Find { disk, off } => (disk, DiskAct::Find { on: !off }),
    };
    asked(context, running, disk, act)
}

/// Has a disk replaced.
pub(super) fn replace(context: &Context, running: &mut RunningBox, disk: String) -> Result<Done> {
    asked(context, running, disk, DiskAct::Replace {})
}

fn asked(context: &Context, running: &mut RunningBox, disk: String, act: DiskAct) -> Result<Done> {
    let Answer::Disks(disks) = running.ask(Call::Disk { disk, act })? else {
        return Err(unexpected());
    };
    show(context, &disks);
    Ok(Done::Clean)
}

/// Plays the hardware, and shows the desk as it is then.
pub(super) fn desk(
    context: &Context,
    running: &mut RunningBox,
    command: DeskCommand,
) -> Result<Done> {
    let act = match command {
        DeskCommand::Look => DeskAct::Look {},
        DeskCommand::Button { hold } => DeskAct::Press { held: hold },
        DeskCommand::Disk(disk) => desk_act(disk)?,
    };
    let Answer::Desk { disks } = running.ask(Call::Desk { act })? else {
        return Err(unexpected());
    };
    disks.iter().for_each(|disk| context.out.line(desk_line(disk)));
    context.out.document(&serde_json::json!({ "disks": json_of(&disks) }));
    Ok(Done::Clean)
}

fn desk_act(disk: DeskDisk) -> Result<DeskAct> {
    const GIGABYTE: u64 = 1_000_000_000;
    let fault = |name, fault| Ok(DeskAct::Fault { name, fault });
    match disk {
        DeskDisk::New { name, gigabytes, usb, formatted, serial } => {
            Ok(DeskAct::New { name, size: gigabytes * GIGABYTE, usb, serial, formatted })
        }
        DeskDisk::Insert { name, port } => Ok(DeskAct::Insert { name, port }),
        DeskDisk::Pull { name } => Ok(DeskAct::Pull { name }),
        DeskDisk::Fail { name, writes: true, .. } => fault(name, DeskFault::Writes),
        DeskDisk::Fail { name, reads: true, .. } => fault(name, DeskFault::Reads),
        DeskDisk::Fail { name, .. } => fault(name, DeskFault::Fail),
        DeskDisk::Fill { name } => fault(name, DeskFault::Full),
        DeskDisk::Slow { name, ms } => fault(name, DeskFault::Slow { ms }),
        DeskDisk::Fake { name, holds, wraps } => {
            fault(name, DeskFault::Fake { holds: holds * 1_000_000, wraps })
        }
        DeskDisk::Hang { name } => fault(name, DeskFault::Hang),
        DeskDisk::ReadOnly { name } => fault(name, DeskFault::ReadOnly),
        DeskDisk::Worry { name } => Ok(DeskAct::Smart { name, passed: false }),
        DeskDisk::Heal { name } => fault(name, DeskFault::None),
        DeskDisk::Show { name, folder } => {
            let absolute = std::path::absolute(&folder)
                .map_err(|source| CliError::Input { path: folder.clone(), source })?;
            let folder = RawPath(absolute.as_os_str().as_bytes().to_vec());
            Ok(DeskAct::Show { name, folder })
        }
    }
}

fn desk_line(disk: &OnDesk) -> String {
    let place = disk.port.as_deref().unwrap_or("on the table");
    let mut line = format!(
        "{:<10} {place:<13} {}, serial {}",
        disk.name,
        Bytes(disk.size),
        disk.serial.escape_debug()
    );
    if let Some(light) = &disk.light {
        line.push_str(&format!(", light {light}"));
    }
    if !disk.faults.is_empty() {
        line.push_str(&format!("; {}", disk.faults.join(", ")));
    }
    line
}
