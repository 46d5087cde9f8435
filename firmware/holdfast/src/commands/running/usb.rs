//! `holdfast usb` against a running box: it mounts the drives itself, and a drive that is pulled
//! halfway is waited for.
//!
//! Start at [`run`].

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use calls::{JobResult, JobSpec, LeftOut, RawPath, UsbResult};
use types::Bytes;

use super::work::ended;
use crate::Result;
use crate::args::UsbCommand;
use crate::client::RunningBox;
use crate::out::Out;
use crate::session::{Context, Done};
use crate::show;

/// Lets the box write plain files to drives, or read them again.
pub(super) fn run(
    context: &Context,
    running: &mut RunningBox,
    command: &UsbCommand,
) -> Result<Done> {
    if let UsbCommand::Restore { sources, .. } = command
        && sources.is_empty()
    {
        let of = super::people::of_everything(running)?;
        context.out.line(crate::commands::usb::whose(&of));
    }
    let disk = |drive: &Path| drive.to_string_lossy().into_owned();
    let (what, spec) = match command {
        UsbCommand::Restore { drives, sources, path, ago, anew } => {
            let path = path.as_ref().map_or_else(Vec::new, |path| path.as_bytes().to_vec());
            let spec = JobSpec::Usb {
                drives: drives.iter().map(|drive| disk(drive)).collect(),
                sources: sources.clone(),
                path: RawPath(path),
                ago_ms: ago.map(|ago| ago.0),
                anew: *anew,
            };
            ("usb restore", spec)
        }
        UsbCommand::Verify { drive } => ("usb verify", JobSpec::UsbVerify { drive: disk(drive) }),
    };
    ended(context, &running.work(&context.out, what, spec)?)
}

/// Says what is not on a drive, or not as it should be.
pub(super) fn warn(out: &Out, result: &JobResult) {
    let named = |names: &[LeftOut], count: u64| {
        for one in names {
            out.warn(format_args!("{}: {}", show::path_text(&one.path.0), one.why));
        }
        let more = count.saturating_sub(names.len() as u64);
        if more > 0 {
            out.warn(format_args!("and {more} more"));
        }
    };
    match result {
        JobResult::Usb(one) => {
            named(&one.names, one.left_out + one.damaged);
            for kind in &one.no_room {
                let files = show::count(kind.files, "file");
                out.warn(format_args!("no room for {files}, {}: {}", Bytes(kind.bytes), kind.kind));
            }
            if !one.no_room.is_empty() {
                out.warn("run it again with one more drive, and the rest goes there");
            }
        }
        JobResult::UsbVerify(one) => named(&one.names, one.damaged),
        _ => {}
    }
}

/// A restore in a few lines.
pub(super) fn line(one: &UsbResult) -> String {
    let earlier = match one.earlier {
        0 => String::new(),
        count => format!("; {count} were there from before"),
    };
    let renamed = match one.renamed {
        0 => String::new(),
        count => format!(
            "\n{} under another name: renamed.txt on the drive",
            show::count(count, "file or folder")
        ),
    };
    let all = if one.damaged == 0 { ", all" } else { "" };
    format!(
        "{} written, {}{earlier}{renamed}\n{} read back, {}{all} as they should be\nopen {}/{} on the \
         drive\nit is unmounted: `holdfast --box default disks` says when it is safe to unplug",
        show::count(one.files, "file"),
        Bytes(one.bytes),
        show::count(one.read_back, "file"),
        Bytes(one.read_back_bytes),
        one.folder,
        restore::PAGE,
    )
}
