//! `holdfast friend sheet` and `holdfast friend help-back`: come-back addresses to print or to read out, with no
//! secret in them; and `holdfast friend come-back`. Start at [`sheet`].

use calls::{Answer, Call, Secret};
use serde_json::json;

use super::lists::json_of;
use crate::Result;
use crate::args_of_friends::Named;
use crate::client::{RunningBox, unexpected};
use crate::fail::CliError;
use crate::secrets::Supplied;
use crate::session::{Context, Done};

/// The own address at a friend.
pub(super) fn sheet(context: &Context, running: &mut RunningBox, named: Named) -> Result<Done> {
    let call = Call::FriendSheet { friend: named.friend };
    let what = "keep it with the recovery kit; with the 24 words it brings everything back from";
    tell(context, running, call, what)
}

/// A friend's address here.
pub(super) fn help_back(context: &Context, running: &mut RunningBox, named: Named) -> Result<Done> {
    let call = Call::FriendHelpBack { friend: named.friend };
    tell(context, running, call, "with it and the own 24 words a fresh box comes back; give it to")
}

/// Back to a friend, by its sheet and the words.
pub(super) fn come_back(
    context: &Context,
    running: &mut RunningBox,
    sheet: String,
) -> Result<Done> {
    let Secret::Words(words) = Supplied::load(&context.global, &context.out)?.as_call()? else {
        let what = "a password opens nothing here: the 24 words are needed (--words-file)";
        return Err(CliError::Usage { what: what.to_owned() });
    };
    let Answer::Done {} = running.ask(Call::FriendComeBack { sheet, words })? else {
        return Err(unexpected());
    };
    context.out.line("this box is back at the friend; `jobs bring-back` fetches what is lacking");
    context.out.document(&json!({ "back": true }));
    Ok(Done::Clean)
}

fn tell(context: &Context, running: &mut RunningBox, call: Call, what: &str) -> Result<Done> {
    let Answer::FriendSheet(sheet) = running.ask(call)? else { return Err(unexpected()) };
    context.out.line(&sheet.spaced);
    context.out.line(format_args!("{what} {}", sheet.name));
    context.out.document(&json!({ "sheet": json_of(&sheet) }));
    Ok(Done::Clean)
}
