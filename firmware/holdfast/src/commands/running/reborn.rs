//! `holdfast reborn`: the vault of a box that is gone, brought back to a running box that has none.
//!
//! The words go to the box and are kept nowhere. Start at [`run`].

use std::fs::File;
use std::io::Read;

use calls::{Answer, BroughtBack, Call, JobSpec, Secret};
use serde_json::json;
use types::{Bytes, UnixTime};

use crate::Result;
use crate::args_of_reborn::Reborn;
use crate::client::{RunningBox, unexpected};
use crate::fail::CliError;
use crate::secrets::Supplied;
use crate::session::{Context, Done};
use crate::show;

/// A come-back address is never longer.
const SHEET_LEN_MAX: u64 = 16 << 10;

/// Has the box bring the vault back.
pub(super) fn run(context: &Context, running: &mut RunningBox, args: Reborn) -> Result<Done> {
    let mut sheets = args.sheet;
    for path in args.sheet_file {
        let mut text = String::new();
        let opened = File::open(&path);
        opened
            .and_then(|file| file.take(SHEET_LEN_MAX).read_to_string(&mut text))
            .map_err(|source| CliError::SecretFile { what: "sheet file", path, source })?;
        sheets.push(text.trim().to_owned());
    }
    let Secret::Words(words) = Supplied::load(&context.global, &context.out)?.as_call()? else {
        let what = "a password opens nothing here: the 24 words are needed (--words-file)";
        return Err(CliError::Usage { what: what.to_owned() });
    };
    let out = &context.out;
    let (disks, without_missing) = (args.disks, args.without_missing);
    let answer = running.ask(Call::Reborn { disks, words, sheets, without_missing })?;
    let Answer::Reborn(back) = answer else { return Err(unexpected()) };
    out.line(format_args!("vault {}", back.vault));
    out.line(format_args!(
        "{} listed, as of {}; from {}",
        show::count(back.versions, "version"),
        show::time(UnixTime(back.written_ms)),
        back.friends.join(", ")
    ));
    out.line(format_args!(
        "{} of data, {}, are on their way: job {}",
        Bytes(back.bytes),
        show::count(back.packs, "pack"),
        back.job.job.id
    ));
    back.odd.iter().for_each(|odd| out.warn(format_args!("{odd}")));
    if args.wait {
        let job = running.follow(out, "bringing data back", back.job.job.id)?;
        return super::work::ended(context, &job);
    }
    out.document(&json!({
        "vault": back.vault,
        "versions": back.versions,
        "written_ms": back.written_ms,
        "friends": back.friends,
        "packs": back.packs,
        "bytes": back.bytes,
        "job": back.job.job.id.0,
        "odd": back.odd,
    }));
    Ok(Done::Clean)
}

/// Has the box fetch what no disk has, and follows it.
pub(super) fn bring_back(context: &Context, running: &mut RunningBox) -> Result<Done> {
    let out = &context.out;
    let job = running.work(out, "bringing data back", JobSpec::BringBack {})?;
    super::work::ended(context, &job)
}

/// What the bringing back came to.
pub(super) fn line(one: &BroughtBack) -> String {
    let lacking = match one.lacking {
        0 => "nothing is lacking".to_owned(),
        some => format!("{} that no friend has whole", show::count(some, "pack")),
    };
    format!("{} brought back, {}; {lacking}", show::count(one.packs, "pack"), Bytes(one.bytes))
}
