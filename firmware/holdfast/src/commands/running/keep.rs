//! How much a running box keeps: shown, foreseen, changed. The box decides; here it is only said.
//!
//! Start at [`run`].

use calls::{Answer, Call, KeepRule, KeepWish, Keeping, KeepingForeseen, Kept};
use serde_json::json;

use crate::Result;
use crate::args_of_disks::Keep;
use crate::client::{RunningBox, unexpected};
use crate::session::{Context, Done};
use crate::show;

/// `holdfast copies`.
pub(super) fn set_copies(context: &Context, running: &mut RunningBox, copies: u8) -> Result<Done> {
    // Whoever types a number means it, also when it is a smaller one.
    let wish = KeepWish { copies: Some(copies), versions: None };
    let kept = ask(running, Call::Keep { wish, less: true, goes_at_most: 0 })?;
    let disks = show::count(copies.into(), "disk");
    let job = kept.jobs.first().map(|job| job.id);
    let makes = job.map(|job| format!("; job {job} makes what is missing")).unwrap_or_default();
    context.out.line(format_args!("each piece is to be kept on {disks}{makes}"));
    context.out.document(&json!({ "copies": copies, "job": job }));
    Ok(Done::Clean)
}

/// `holdfast keep`.
pub(super) fn run(context: &Context, running: &mut RunningBox, args: Keep) -> Result<Done> {
    let Answer::Keeping(now) = running.ask(Call::Keeping {})? else { return Err(unexpected()) };
    let Some(versions) = wanted(&args, &now) else {
        context.out.line(format_args!("each piece on {}", show::count(now.copies.into(), "disk")));
        tell_rule(context, &now);
        context.out.document(&json!({ "keeping": now }));
        return Ok(Done::Clean);
    };
    let wish = KeepWish { copies: None, versions: Some(versions) };
    let Answer::KeepingForeseen(foreseen) = running.ask(Call::ForeseeKeeping { wish })? else {
        return Err(unexpected());
    };
    tell_foreseen(context, &foreseen, now.thins);
    if args.dry_run {
        context.out.document(&json!({ "foreseen": foreseen }));
        return Ok(Done::Clean);
    }
    let goes_at_most = foreseen.versions;
    let kept = ask(running, Call::Keep { wish, less: args.less, goes_at_most })?;
    tell_rule(context, &kept.keeping);
    let jobs: Vec<_> = kept.jobs.iter().map(|job| job.id).collect();
    context.out.document(&json!({ "foreseen": foreseen, "keeping": kept.keeping, "jobs": jobs }));
    Ok(Done::Clean)
}

fn ask(running: &mut RunningBox, call: Call) -> Result<Kept> {
    match running.ask(call)? {
        Answer::Kept(kept) => Ok(kept),
        _ => Err(unexpected()),
    }
}

/// The rule that was typed; none when none was.
fn wanted(args: &Keep, now: &Keeping) -> Option<KeepRule> {
    if args.usual {
        return Some(now.usual);
    }
    let Keep { all, hourly, daily, weekly, .. } = *args;
    all.or(hourly).or(daily).or(weekly)?;
    Some(KeepRule {
        all_days: all.unwrap_or(now.versions.all_days),
        hourly_days: hourly.unwrap_or(now.versions.hourly_days),
        daily_days: daily.unwrap_or(now.versions.daily_days),
        weekly_days: weekly.unwrap_or(now.versions.weekly_days),
    })
}

fn tell_rule(context: &Context, keeping: &Keeping) {
    let KeepRule { all_days, hourly_days, daily_days, weekly_days } = keeping.versions;
    context.out.line(format_args!(
        "every version for {}, then one an hour up to {}, one a day up to {}, one a week up to {}, and one a \
         month for ever",
        show::count(all_days.into(), "day"),
        show::count(hourly_days.into(), "day"),
        show::count(daily_days.into(), "day"),
        show::count(weekly_days.into(), "day"),
    ));
    if !keeping.thins {
        context.out.line("the box's settings turn that off: every version stays");
    }
}

fn tell_foreseen(context: &Context, foreseen: &KeepingForeseen, thins: bool) {
    if foreseen.versions == 0 {
        context.out.line("no version goes");
        return;
    }
    for one in &foreseen.sources {
        let versions = show::count(one.versions, "version");
        let oldest = show::time(types::UnixTime(one.oldest_ms));
        context.out.line(format_args!("{}: {versions} go, the oldest of {oldest}", one.source));
    }
    if foreseen.others > 0 {
        let versions = show::count(foreseen.others, "version");
        context.out.line(format_args!("and {versions} of other sources"));
    }
    if !thins {
        context.out.line(
            "these go once the box lets versions go by itself: its settings turn that off now",
        );
    }
    let from = foreseen.from_ms.map(|at| format!(" from {} on", show::time(types::UnixTime(at))));
    match foreseen.frees {
        Some(frees) => {
            let about = if frees.at_least { "at least" } else { "about" };
            let bytes = types::Bytes(frees.bytes);
            let from = from.unwrap_or_else(|| ", once somebody prunes".to_owned());
            context.out.line(format_args!("frees {about} {bytes}{from}"));
        }
        None => context.out.line("how much that frees is not known now"),
    }
    if let Some(held) = &foreseen.held {
        context.out.warn(format_args!("nothing is freed as things are: {}", held.sentence));
    }
}
