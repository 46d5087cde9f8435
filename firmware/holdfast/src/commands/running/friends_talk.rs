//! `holdfast friend messages`: what was written both ways; what is shown counts as read. Start at
//! [`messages`].

use calls::{Answer, Call, FriendAct};
use serde_json::json;
use types::UnixTime;

use super::friends::act_on;
use super::friends_shown::who_said;
use super::lists::json_of;
use crate::Result;
use crate::args_of_friends::Named;
use crate::client::{RunningBox, unexpected};
use crate::session::{Context, Done};
use crate::show;

/// Shows all of it, the oldest first.
pub(super) fn messages(context: &Context, running: &mut RunningBox, named: Named) -> Result<Done> {
    let call = Call::FriendMessages { friend: named.friend.clone() };
    let Answer::FriendMessages(all) = running.ask(call)? else { return Err(unexpected()) };
    for one in &all.messages {
        let who = who_said(one);
        context.out.line(format_args!("{} {who}: {}", show::time(UnixTime(one.at_ms)), one.text));
    }
    if all.messages.is_empty() {
        context.out.line("no messages");
    }
    context.out.document(&json!({ "messages": json_of(&all.messages) }));
    act_on(running, named, FriendAct::Read {})?;
    Ok(Done::Clean)
}
