//! What the owner wants kept: how many copies, and how long versions are. Both stand in the head.
//!
//! Changing them makes no copy and lets no version go: `rebuild` and `forget` do. Start at
//! [`Vault::keep_as`], and at [`take_the_most`] for what counts when halves of a vault come together.

use format::head::Keep;
use plan::retention::Days;

use crate::Vault;
use crate::error::VaultError;
use crate::history::History;
use crate::open::OpenReport;
use crate::writer::Chain;

/// The rule that a head has; where nobody chose one it is the usual.
fn rule_of(keep: Option<Keep>) -> Days {
    keep.map_or_else(Days::default, |keep| Days {
        all: keep.all_days,
        hourly: keep.hourly_days,
        daily: keep.daily_days,
        weekly: keep.weekly_days,
    })
}

fn keep_of(rule: Days) -> Keep {
    let Days { all, hourly, daily, weekly } = rule;
    Keep { all_days: all, hourly_days: hourly, daily_days: daily, weekly_days: weekly }
}

/// Of what the halves of a vault want kept, the most counts; whether that is more than the newest head has. Which
/// of them the owner chose last nobody knows, and the one that merely wrote more heads must not take versions
/// that another was to keep.
pub(crate) fn take_the_most(chain: &mut Chain, history: &History, report: &mut OpenReport) -> bool {
    let mut more = false;
    for branch in &history.branches {
        let (own, rule) = (rule_of(chain.keep), rule_of(branch.payload.keep));
        if own.is_shorter_than(&rule) {
            let longest = own.longest(rule);
            chain.keep = Some(keep_of(longest));
            let Days { all, hourly, daily, weekly } = longest;
            report.findings.push(format!(
                "{} was to keep versions for longer; from now on every one stays for {all} days, one an hour up to \
                 {hourly}, one a day up to {daily}, one a week up to {weekly}",
                branch.label,
            ));
            more = true;
        }
        if branch.payload.copies > chain.copies {
            chain.copies = branch.payload.copies;
            report.findings.push(format!(
                "{} was to keep more copies; from now on each piece is to be on {} disks",
                branch.label, chain.copies,
            ));
            more = true;
        }
    }
    more
}

impl Vault {
    /// How long versions are kept: as the owner chose, or as is usual.
    pub fn keeping(&self) -> Days {
        rule_of(self.writer().chain.keep)
    }

    /// Changes how long versions are kept, durably, and lets none go: [`Self::forget`] does. The usual rule is
    /// kept as a choice, too: it stays what it is when the usual one changes.
    pub fn keep_versions(&self, rule: Days) -> Result<(), VaultError> {
        self.keep_as(Some(rule), None)
    }

    /// Changes how many copies the owner wants of each pack, and makes none: [`Self::rebuild`] does.
    /// Waits for nothing but a pruning. What is stored from now on is not promised more than before
    /// while it may rely on what has fewer.
    pub fn promise(&self, copies: u8) -> Result<(), VaultError> {
        self.keep_as(None, Some(copies))
    }

    /// Changes both, where they are named, with one head: what cannot be written down changes neither.
    pub fn keep_as(&self, rule: Option<Days>, copies: Option<u8>) -> Result<(), VaultError> {
        self.writable()?;
        if let Some(copies) = copies.filter(|copies| !(1..=8).contains(copies)) {
            return Err(VaultError::Bad { what: format!("{copies} copies is not 1 to 8") });
        }
        if let Some(Err(error)) = rule.map(|rule| rule.check()) {
            return Err(VaultError::Bad { what: error.to_string() });
        }
        let _no_pruning = self.beside_storing();
        let mut writer = self.writer();
        if copies.is_some() {
            writer.close()?;
        }
        let before = (writer.chain.copies, writer.chain.keep);
        if let Some(copies) = copies {
            writer.promise_at_most(before.0.into());
            writer.chain.copies = copies;
            self.members_mut().copies = copies;
        }
        writer.chain.keep = rule.map(keep_of).or(before.1);
        let written = writer.write_head();
        if written.is_err() {
            // What is on no disk was not chosen.
            (writer.chain.copies, writer.chain.keep) = before;
            self.members_mut().copies = before.0;
        }
        written
    }
}
