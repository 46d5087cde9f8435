//! What the owner wants kept: how many copies, and how long versions are. Both stand in the head.
//!
//! Changing them makes no copy and lets no version go: `rebuild` and `forget` do. Start at
//! [`Vault::keep_versions`], and at [`take_the_most`] for what counts when halves of a vault come together.

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
        self.writable()?;
        rule.check().map_err(|error| VaultError::Bad { what: error.to_string() })?;
        let _no_pruning = self.beside_storing();
        let mut writer = self.writer();
        let before = writer.chain.keep.replace(keep_of(rule));
        let written = writer.write_head();
        if written.is_err() {
            // What is on no disk was not chosen.
            writer.chain.keep = before;
        }
        written
    }
}
