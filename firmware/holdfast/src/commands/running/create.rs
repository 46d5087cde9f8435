//! `holdfast create`: the vault of a new box, and the sheet with its words.
//!
//! The place for the words is made before the box is asked: a vault without a sheet is worth nothing.
//! They are never kept here. Start at [`run`].

use calls::{Answer, Call, SecretText};
use seal::Words;
use serde_json::json;

use crate::Result;
use crate::args_of_disks::CreateOnBox;
use crate::client::{RunningBox, unexpected};
use crate::fail::CliError;
use crate::session::{Context, Done};
use crate::{kit, secrets, show};

/// Lets the box make its vault, and gives the owner the words.
pub(super) fn run(context: &Context, running: &mut RunningBox, args: &CreateOnBox) -> Result<Done> {
    if context.global.words_file.is_some() {
        let what = "a new vault draws words of its own: --words-file has no place here".to_owned();
        return Err(CliError::Usage { what });
    }
    let password = if args.with_password || context.global.password_file.is_some() {
        let typed = secrets::new_password(&context.global, &context.out)?;
        let text = std::str::from_utf8(&typed).map_err(|_| CliError::Usage {
            what: "a password for a box has to be text".to_owned(),
        })?;
        Some(SecretText::from(text.to_owned()))
    } else {
        None
    };
    let sheet = kit::Sheet::prepare(args.kit_out.as_deref())?;
    let copies = args.copies.unwrap_or(if args.disks.len() == 1 { 1 } else { 2 });
    let call = Call::Create { disks: args.disks.clone(), copies, password };
    let made = running.ask(call);
    let (vault, words) = match made {
        Ok(Answer::Created { vault, words }) => (vault, words),
        Ok(_) => return Err(unexpected()),
        Err(error) => {
            sheet.throw_away();
            return Err(error);
        }
    };
    let words = Words::parse(words.reveal()).map_err(|_| unexpected())?;
    sheet.fill(&words)?;
    let out = &context.out;
    out.line(format_args!("vault {vault}"));
    if let Some(kit) = &args.kit_out {
        out.line(format_args!(
            "recovery kit {}: 24 words, keep them away from here",
            kit.display()
        ));
    }
    out.line(format_args!(
        "each piece is kept on {} of {}; the vault is open",
        copies.min(u8::try_from(args.disks.len()).unwrap_or(u8::MAX)),
        show::count(args.disks.len() as u64, "disk")
    ));
    out.document(&json!({ "vault": vault, "kit_file": args.kit_out, "copies": copies }));
    Ok(Done::Clean)
}
