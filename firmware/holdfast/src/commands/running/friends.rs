//! `holdfast friend`: who keeps what for whom. The box decides; here it is asked and shown.
//!
//! Start at [`run`].

use calls::{
    Answer, Call, FriendAct, FriendLimits, FriendShown, Friends, PactTerms, Promise, Reach,
};
use serde_json::json;
use types::{Bytes, UnixTime};

use super::friends_shown::{front, in_words, offer_state, tell_friend};
use super::lists::json_of;
use super::{friends_talk, sheets};
use crate::Result;
use crate::args_of_friends::{FriendCommand, Limit, Named, Promised, ReachCommand, TicketFile};
use crate::client::{RunningBox, unexpected};
use crate::fail::CliError;
use crate::secrets::{Supplied, text_from, ticket};
use crate::session::{Context, Done};
use crate::show;

/// Does what was typed.
pub(super) fn run(
    context: &Context,
    running: &mut RunningBox,
    command: FriendCommand,
) -> Result<Done> {
    let (named, act) = match command {
        FriendCommand::List => return list(context, running, Call::Friends {}),
        FriendCommand::Reach(reach) => {
            return list(context, running, Call::SetReach { reach: of(reach) });
        }
        FriendCommand::Invite(terms) => return invite(context, running, &terms),
        FriendCommand::Look(file) => return look(context, running, &file),
        FriendCommand::Accept { offer } => return answer(context, running, offer, true),
        FriendCommand::Decline { offer } => return answer(context, running, offer, false),
        FriendCommand::Confirm { invite } => {
            return list(context, running, Call::FriendConfirm { invite, yes: true });
        }
        FriendCommand::TakeBack { invite } => {
            return list(context, running, Call::FriendConfirm { invite, yes: false });
        }
        FriendCommand::Forget(Named { friend }) => {
            return list(context, running, Call::FriendForget { friend });
        }
        FriendCommand::Show(named) => return show_one(context, running, &named),
        FriendCommand::Messages(named) => return friends_talk::messages(context, running, named),
        FriendCommand::Sheet(named) => return sheets::sheet(context, running, named),
        FriendCommand::HelpBack(named) => return sheets::help_back(context, running, named),
        FriendCommand::ComeBack { sheet } => return sheets::come_back(context, running, sheet),
        FriendCommand::Agree { friend, shorter } => {
            return terms(context, running, friend, (true, shorter));
        }
        FriendCommand::Refuse(friend) => return terms(context, running, friend, (false, false)),
        FriendCommand::Propose { friend, terms, shorter } => {
            let words = if shorter { Some(words(context)?) } else { None };
            (friend, FriendAct::Propose { terms: promised(&terms), words })
        }
        FriendCommand::Rename { friend, name, place } => (friend, FriendAct::Name { name, place }),
        FriendCommand::Limit(limit) => limited(limit),
        FriendCommand::Audit(friend) => (friend, FriendAct::Audit {}),
        FriendCommand::Pause(friend) => (friend, FriendAct::Pause { until_ms: None }),
        FriendCommand::Resume(friend) => (friend, FriendAct::Resume {}),
        FriendCommand::End { friend, now, confirm } => {
            let name = confirm.unwrap_or_else(|| friend.friend.clone());
            (friend, if now { FriendAct::StopNow { name } } else { FriendAct::End { name } })
        }
        FriendCommand::Block { friend, confirm } => (friend, FriendAct::Block { name: confirm }),
        FriendCommand::Unblock(friend) => (friend, FriendAct::Unblock {}),
        FriendCommand::Seen(friend) => (friend, FriendAct::Seen {}),
        FriendCommand::Reconciled { friend, words: with } => {
            let words = if with { Some(words(context)?) } else { None };
            (friend, FriendAct::Reconciled { words })
        }
        FriendCommand::Message { friend, text } => (friend, FriendAct::Say { text }),
    };
    let shown = act_on(running, named, act)?;
    tell_friend(context, &shown);
    context.out.document(&json!({ "friend": json_of(&shown) }));
    Ok(Done::Clean)
}

pub(super) fn act_on(
    running: &mut RunningBox,
    Named { friend }: Named,
    act: FriendAct,
) -> Result<FriendShown> {
    match running.ask(Call::Friend { friend, act })? {
        Answer::Friend(shown) => Ok(*shown),
        _ => Err(unexpected()),
    }
}

fn of(reach: ReachCommand) -> Reach {
    match reach {
        ReachCommand::Nothing => Reach::Nothing {},
        ReachCommand::SameHouse => Reach::SameHouse {},
        ReachCommand::MeetingPoint => Reach::MeetingPoint {},
        ReachCommand::Relay { url } => Reach::Relay { url },
    }
}

fn promised(said: &Promised) -> PactTerms {
    let promise =
        |bytes| Promise { bytes, not_before_days: said.not_before, silence_months: said.silence };
    let (here, there) = (promise(said.give), promise(said.take.unwrap_or(said.give)));
    PactTerms { here, there, notice_days: said.notice }
}

fn limited(limit: Limit) -> (Named, FriendAct) {
    let Limit { friend, rate, full_speed, relayed, month } = limit;
    let limits = FriendLimits { kbit: rate, full_speed, relayed_kbit: relayed, month_bytes: month };
    (friend, FriendAct::Limit { limits })
}

/// The 24 words, from a file or typed.
fn words(context: &Context) -> Result<calls::SecretText> {
    match Supplied::load(&context.global, &context.out)?.as_call()? {
        calls::Secret::Words(words) => Ok(words),
        calls::Secret::Password(_) => {
            let what = "this takes the 24 words, not the password: give --words-file".to_owned();
            Err(CliError::Usage { what })
        }
    }
}

fn friends(running: &mut RunningBox, call: Call) -> Result<Friends> {
    match running.ask(call)? {
        Answer::Friends(friends) => Ok(*friends),
        _ => Err(unexpected()),
    }
}

fn list(context: &Context, running: &mut RunningBox, call: Call) -> Result<Done> {
    let all = friends(running, call)?;
    for friend in &all.friends {
        tell_friend(context, friend);
    }
    for invite in &all.invites {
        let until = show::time(UnixTime(invite.expires_ms));
        match (&invite.by, &invite.words) {
            (Some(by), Some(words)) => context.out.line(format_args!(
                "invite {}: taken by {by:?}; does their screen show \"{}\"? Then \
                 `holdfast friend confirm {0}`",
                front(&invite.id),
                words.join(" ")
            )),
            _ => context.out.line(format_args!(
                "invite {}: {}, open until {until}",
                front(&invite.id),
                in_words(&invite.terms)
            )),
        }
    }
    for offer in &all.offers {
        context.out.line(format_args!(
            "offer {} of {:?}: {}; words \"{}\"; {}",
            front(&offer.id),
            offer.by,
            in_words(&offer.terms),
            offer.words.join(" "),
            offer_state(offer)
        ));
    }
    if all.friends.is_empty() && all.invites.is_empty() && all.offers.is_empty() {
        context.out.line("no friends yet: `holdfast friend invite --give 200GB` makes an invite");
    }
    if all.reach.is_none() {
        let how =
            "nobody has said yet how friends' boxes may find this one: `holdfast friend reach`";
        context.out.line(how);
    }
    all.trouble.iter().for_each(|why| context.out.warn(why));
    context.out.document(&json!({ "friends": json_of(&all) }));
    Ok(Done::imperfect_if(all.trouble.is_some()))
}

fn invite(context: &Context, running: &mut RunningBox, said: &Promised) -> Result<Done> {
    let call = Call::FriendInvite { terms: promised(said) };
    let Answer::FriendInvited(made) = running.ask(call)? else { return Err(unexpected()) };
    let until = show::time(UnixTime(made.invite.expires_ms));
    context.out.line(made.spaced.reveal());
    context.out.line(format_args!(
        "{}; good once, until {until}. Send it to one friend; then `holdfast friend list` shows the words",
        in_words(&made.invite.terms)
    ));
    let (ticket, invite) = (made.ticket.reveal(), json_of(&made.invite));
    context.out.document(&json!({ "ticket": ticket, "invite": invite }));
    Ok(Done::Clean)
}

fn look(context: &Context, running: &mut RunningBox, file: &TicketFile) -> Result<Done> {
    let text = match &file.ticket_file {
        Some(file) => text_from(file, &context.out)?,
        None => ticket()?.to_string(),
    };
    let call = Call::FriendLook { ticket: text.into() };
    let Answer::FriendOffer(offer) = running.ask(call)? else { return Err(unexpected()) };
    context.out.line(format_args!("{:?} offers: {}", offer.by, in_words(&offer.terms)));
    context.out.line(format_args!(
        "does their screen show \"{}\"? Ask on the phone, then `holdfast friend accept {}`",
        offer.words.join(" "),
        front(&offer.id)
    ));
    if !offer.fits {
        context.out.warn("this box has no room for that");
    }
    context.out.document(&json!({ "offer": json_of(&offer) }));
    Ok(Done::imperfect_if(!offer.fits))
}

fn answer(context: &Context, running: &mut RunningBox, offer: String, yes: bool) -> Result<Done> {
    let call = Call::FriendAnswer { offer, yes };
    let Answer::FriendOffer(offer) = running.ask(call)? else { return Err(unexpected()) };
    let said = if yes { "agreed; now the other owner has to say yes" } else { "declined" };
    context.out.line(said);
    context.out.document(&json!({ "offer": json_of(&offer) }));
    Ok(Done::Clean)
}

fn find(running: &mut RunningBox, named: &Named) -> Result<FriendShown> {
    let said = named.friend.to_lowercase();
    let all = friends(running, Call::Friends {})?.friends;
    let is_it = |one: &&FriendShown| {
        one.name.to_lowercase() == said || said.len() >= 2 && one.id.starts_with(&said)
    };
    all.iter().find(is_it).cloned().ok_or_else(|| CliError::Usage {
        what: format!("there is no friend {:?}: `holdfast friend list` has them", named.friend),
    })
}

fn show_one(context: &Context, running: &mut RunningBox, named: &Named) -> Result<Done> {
    let friend = find(running, named)?;
    tell_friend(context, &friend);
    let PactTerms { here, there, notice_days } = &friend.terms;
    context.out.line(format_args!(
        "  since {}; deletions wait {} days there and {} here; silence is borne {} months there and {} here; \
         {notice_days} days of notice",
        show::time(UnixTime(friend.since_ms)),
        there.not_before_days,
        here.not_before_days,
        there.silence_months,
        here.silence_months,
    ));
    let proofs = &friend.proofs;
    let last = proofs.last_ms.map_or_else(
        || "nothing yet".to_owned(),
        |at| format!("last on {}", show::time(UnixTime(at))),
    );
    context.out.line(format_args!(
        "  proved {} pieces in 90 days, {last}; {} were wrong or missing",
        proofs.proved, proofs.failed
    ));
    if friend.only_there_bytes > 0 {
        let bytes = Bytes(friend.only_there_bytes);
        context.out.line(format_args!("  {bytes} would lack a copy outside without this friend"));
    }
    if let Some(asked) = &friend.asked {
        let words = if asked.shorter { ", for a shorter time: --shorter" } else { "" };
        context.out.line(format_args!(
            "  proposes: {}{words}; `holdfast friend agree {1}` or `holdfast friend refuse {1}`",
            in_words(&asked.terms),
            friend.name
        ));
    }
    context.out.document(&json!({ "friend": json_of(&friend) }));
    Ok(Done::Clean)
}

/// Answers what a friend proposes: exactly what is shown now.
fn terms(
    context: &Context,
    running: &mut RunningBox,
    named: Named,
    (yes, shorter): (bool, bool),
) -> Result<Done> {
    let friend = find(running, &named)?;
    let Some(asked) = friend.asked else {
        return Err(CliError::Usage { what: format!("{} proposes nothing", friend.name) });
    };
    let words = if shorter { Some(words(context)?) } else { None };
    let act = FriendAct::Answer { pact: asked.pact, yes, words };
    let shown = act_on(running, named, act)?;
    tell_friend(context, &shown);
    context.out.document(&json!({ "friend": json_of(&shown) }));
    Ok(Done::Clean)
}
