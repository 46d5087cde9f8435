//! How many copies are kept, and how long versions are: told, foreseen, changed.
//!
//! Both numbers have one home, the vault's head: they stand on every disk and come with it to another box. The
//! settings have neither; they only say how often versions are thinned out, and may turn that off. Which
//! versions a rule takes is decided in `plan::retention`, what that frees in `plan::gc`; here it is put into an
//! answer, and whoever keeps less has to have said so. Start at [`Supervisor::keep_as_wished`].

use std::collections::BTreeMap;

use calls::{
    Answer, AskedBy, FORESEEN_SOURCES_MAX, Fault, FaultCode, Frees, Held, Job, JobSpec, KeepRule,
    KeepWish, Keeping, KeepingForeseen, Kept, SourceForeseen,
};
use plan::gc::{GRACE, TRASH};
use plan::jobs::JobKind;
use plan::retention::{Change, Days};
use types::{Millis, SourceId, UnixTime};
use vault::{SnapshotInfo, Vault};

use crate::show;
use crate::supervisor::Supervisor;
use crate::web_view::View;

fn days(rule: KeepRule) -> Days {
    let KeepRule { all_days, hourly_days, daily_days, weekly_days } = rule;
    Days { all: all_days, hourly: hourly_days, daily: daily_days, weekly: weekly_days }
}

fn rule(days: Days) -> KeepRule {
    let Days { all, hourly, daily, weekly } = days;
    KeepRule { all_days: all, hourly_days: hourly, daily_days: daily, weekly_days: weekly }
}

/// Refuses what nobody can mean, by the name of the field.
fn check(wish: &KeepWish) -> Result<(), Fault> {
    let bad = |sentence: String, advice: &str| Fault::new(FaultCode::BadRequest, sentence, advice);
    if wish.copies.is_none() && wish.versions.is_none() {
        let sentence = "Neither `copies` nor `versions` is named.".to_owned();
        return Err(bad(sentence, "Name what is to be changed."));
    }
    if let Some(copies) = wish.copies.filter(|copies| !(1..=8).contains(copies)) {
        let sentence = format!("copies is {copies}; it has to be 1 to 8.");
        return Err(bad(sentence, "Name a number from 1 to 8."));
    }
    wish.versions.map_or(Ok(()), |rule| {
        days(rule).check().map_err(|error| bad(format!("{error}."), error.advice()))
    })
}

/// Whether a wish keeps less than until now; `sooner` versions would have stayed today.
fn is_less(vault: &Vault, wish: &KeepWish, sooner: u64) -> bool {
    wish.copies.is_some_and(|copies| copies < vault.copies())
        || wish.versions.is_some_and(|rule| days(rule).is_shorter_than(&vault.keeping()))
        || sooner > 0
}

/// Refuses to keep versions for a shorter time while it is not known what time it is: to a clock that is behind
/// every version is from the future, none seems to go, and all of them do once it is right.
fn must_be_foreseeable(
    vault: &Vault,
    wish: &KeepWish,
    jumped: bool,
    change: &Change<SnapshotInfo>,
) -> Result<(), Fault> {
    let shorter = wish.versions.is_some_and(|rule| days(rule).is_shorter_than(&vault.keeping()));
    let no = |sentence, advice| Err(Fault::new(FaultCode::WrongState, sentence, advice));
    if shorter && jumped {
        let sentence =
            "Nobody can say which versions would go: the clock jumped by more than a day.";
        no(
            sentence,
            "Set the clock; if it is right, `holdfast --box default jobs trust-clock` says so.",
        )
    } else if shorter && change.ahead > 0 {
        let sentence =
            "Nobody can say which versions would go: some claim to be from later than now.";
        no(sentence, "Set the clock; if it is right, have those versions forgotten first.")
    } else {
        Ok(())
    }
}

impl Supervisor {
    /// What is kept now.
    pub(crate) fn keeping(&self) -> Result<Answer, Fault> {
        Ok(Answer::Keeping(self.kept_in(&*self.keeper.vault()?)))
    }

    fn kept_in(&self, vault: &Vault) -> Keeping {
        Keeping {
            copies: vault.copies(),
            versions: rule(vault.keeping()),
            usual: rule(Days::default()),
            thins: self.thins(),
        }
    }

    /// Whether the box lets old versions go by itself.
    fn thins(&self) -> bool {
        self.setup.config.schedule.forget_every_days > 0
    }

    /// What would come of a wish.
    pub(crate) fn foresee_keeping(&self, wish: &KeepWish) -> Result<Answer, Fault> {
        check(wish)?;
        let vault = self.keeper.vault()?;
        let more = wish.copies.unwrap_or(0).saturating_sub(vault.copies());
        let mut answer = KeepingForeseen {
            less: is_less(&vault, wish, 0),
            takes: 0,
            versions: 0,
            sooner: 0,
            oldest_ms: None,
            sources: Vec::new(),
            others: 0,
            frees: None,
            from_ms: None,
            held: None,
        };
        if more > 0 {
            let once = vault.data_len().map_err(|error| show::fault(&error))?;
            answer.takes = once.0.saturating_mul(more.into());
        }
        if let Some(rule) = wish.versions {
            let change = vault.would_go(days(rule)).map_err(|error| show::fault(&error))?;
            must_be_foreseeable(&vault, wish, self.clock_jumped(&self.shared()), &change)?;
            let foreseen = vault.foresee(days(rule)).map_err(|error| show::fault(&error))?;
            answer.less = is_less(&vault, wish, foreseen.sooner);
            answer.sooner = foreseen.sooner;
            answer.versions = foreseen.goes.len() as u64;
            answer.oldest_ms = foreseen.goes.first().map(|oldest| oldest.received.0);
            (answer.sources, answer.others) = by_source(&vault, &foreseen.goes);
            answer.frees =
                foreseen.room.map(|room| Frees { bytes: room.bytes.0, at_least: !room.whole });
            let by_itself = answer.versions > 0 && self.thins();
            answer.from_ms = self.free_from().map(|at| at.0).filter(|_| by_itself);
            answer.held = foreseen.held.map(|refusal| Held {
                sentence: show::whole(&refusal),
                action: refusal.advice().to_owned(),
            });
        }
        Ok(Answer::KeepingForeseen(Box::new(answer)))
    }

    /// When what nothing needs from now on is off the disks: at the next pruning it begins to wait.
    fn free_from(&self) -> Option<UnixTime> {
        let shared = self.shared();
        let chores = shared.memory.chores(self.setup.config.schedule, |_| false);
        let prune = chores.into_iter().find(|chore| chore.kind == JobKind::Prune)?;
        let next = prune.done.plus(prune.every?).max(self.now());
        Some(next.plus(Millis(GRACE.0 + TRASH.0)))
    }

    /// Changes what is kept, and has it seen to. Whatever keeps less is refused unless that was said, and so
    /// is whatever takes more versions than were foreseen.
    pub(crate) fn keep_as_wished(
        &self,
        wish: &KeepWish,
        less: bool,
        goes_at_most: u64,
    ) -> Result<Answer, Fault> {
        check(wish)?;
        self.must_be_told()?;
        let vault = self.keeper.vault()?;
        let (mut goes, mut sooner) = (0, 0);
        let jumped = self.clock_jumped(&self.shared());
        if let Some(rule) = wish.versions {
            let change = vault.would_go(days(rule)).map_err(|error| show::fault(&error))?;
            must_be_foreseeable(&vault, wish, jumped, &change)?;
            (goes, sooner) = (change.goes.len() as u64, change.sooner as u64);
        }
        if !less && is_less(&vault, wish, sooner) {
            let sentence = "This keeps less than until now.";
            let advice = "Look at what goes, and say that less is to be kept.";
            return Err(Fault::new(FaultCode::WrongState, sentence, advice));
        }
        if goes > goes_at_most {
            let sentence = format!("{goes} versions would go, and not {goes_at_most}.");
            let advice = "Look once more at what goes; then do it.";
            return Err(Fault::new(FaultCode::WrongState, sentence, advice));
        }
        let changed = vault.keep_as(wish.versions.map(days), wish.copies);
        changed.map_err(|error| show::fault(&error))?;
        tracing::info!(?wish, "somebody changed what is kept");
        let forget =
            (goes > 0 && self.thins() && !jumped).then(|| JobSpec::Forget { snapshots: vec![] });
        let rebuild = wish.copies.map(|_| JobSpec::Rebuild {});
        let jobs = self.see_to(forget.into_iter().chain(rebuild));
        self.judge_soon();
        Ok(Answer::Kept(Kept { keeping: self.kept_in(&vault), jobs }))
    }
}

impl Supervisor {
    /// Writes down what follows from a change. The change is done, and no error of this may say otherwise: versions
    /// go with the next chore, and what has too few copies is a finding.
    fn see_to(&self, specs: impl Iterator<Item = JobSpec>) -> Vec<Job> {
        let add = |spec| match self.add(spec, AskedBy::Owner) {
            Ok((job, _)) => Some(job),
            Err(fault) => {
                tracing::warn!("what was changed is seen to later: {fault}");
                None
            }
        };
        specs.filter_map(add).collect()
    }
}

impl View<'_> {
    /// What would go, as they may see it: of others' sources the number, and no name.
    pub(crate) fn foreseen(&self, mut foreseen: KeepingForeseen) -> KeepingForeseen {
        foreseen.sources.retain(|one| {
            let sees = self.sees(&one.source, &one.space);
            foreseen.others += if sees { 0 } else { one.versions };
            sees
        });
        foreseen
    }
}

/// What each source loses, the most first, and what those lose that are not named.
fn by_source(vault: &Vault, goes: &[SnapshotInfo]) -> (Vec<SourceForeseen>, u64) {
    let mut found: BTreeMap<SourceId, SourceForeseen> = BTreeMap::new();
    for one in goes {
        let entry = found.entry(one.source).or_insert_with(|| SourceForeseen {
            source: one.source_name.clone(),
            space: vault.space_name(one.space).unwrap_or_default(),
            versions: 0,
            oldest_ms: one.received.0,
        });
        entry.versions += 1;
        entry.oldest_ms = entry.oldest_ms.min(one.received.0);
    }
    let mut sources: Vec<SourceForeseen> = found.into_values().collect();
    sources.sort_by(|a, b| (b.versions, &a.source).cmp(&(a.versions, &b.source)));
    let rest = sources.split_off(sources.len().min(FORESEEN_SOURCES_MAX));
    (sources, rest.iter().map(|one| one.versions).sum())
}
