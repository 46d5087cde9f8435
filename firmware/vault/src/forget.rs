//! Letting versions go: the list gets shorter, and what nothing needs any more is left to pruning. And the
//! rule by which they go, which is kept in the head beside the number of copies.
//!
//! Start at [`Vault::forget`] and [`Vault::keep_versions`].

use std::collections::BTreeMap;

use format::head::Keep;
use format::record::Op;
use plan::retention::{Days, Policy};
use types::{Millis, SourceId, UnixTime};

use crate::Vault;
use crate::error::VaultError;
use crate::snapshots::SnapshotInfo;

/// What a forget did.
#[derive(Clone, Debug, Default)]
pub struct ForgetReport {
    /// The snapshots that are no longer kept.
    pub forgotten: Vec<SnapshotInfo>,
}

impl Vault {
    /// Takes snapshots off the list. Their data goes when it is pruned, after its grace.
    pub fn forget(&self, snapshots: &[SnapshotInfo]) -> Result<ForgetReport, VaultError> {
        self.writable()?;
        let _storing = self.storing();
        let mut report = ForgetReport::default();
        let mut ops = Vec::new();
        for snapshot in snapshots {
            ops.push(Op::SnapshotForgotten(snapshot.source, snapshot.id));
            report.forgotten.push(snapshot.clone());
        }
        if !ops.is_empty() {
            let mut writer = self.writer();
            writer.commit(ops)?;
            writer.write_head()?;
        }
        Ok(report)
    }

    /// The snapshots older than `span`, never the newest of a source.
    pub fn expired_by_age(
        &self,
        span: Millis,
        source: Option<&str>,
    ) -> Result<Vec<SnapshotInfo>, VaultError> {
        let now = self.env.clock.now();
        self.by_source(source, |list| plan::retention::older_than(list, now, span))
    }

    /// How long versions are kept: as the owner chose, or as is usual.
    pub fn keeping(&self) -> Days {
        self.writer().chain.keep.map_or_else(Days::default, |keep| Days {
            all: keep.all_days,
            hourly: keep.hourly_days,
            daily: keep.daily_days,
            weekly: keep.weekly_days,
        })
    }

    /// Changes how long versions are kept, durably, and lets none go: [`Self::forget`] does. The usual rule is
    /// kept as a choice, too: it stays what it is when the usual one changes.
    pub fn keep_versions(&self, rule: Days) -> Result<(), VaultError> {
        self.writable()?;
        rule.check().map_err(|error| VaultError::Bad { what: error.to_string() })?;
        let _no_pruning = self.beside_storing();
        let mut writer = self.writer();
        let before = writer.chain.keep.replace(Keep {
            all_days: rule.all,
            hourly_days: rule.hourly,
            daily_days: rule.daily,
            weekly_days: rule.weekly,
        });
        let written = writer.write_head();
        if written.is_err() {
            // What is on no disk was not chosen.
            writer.chain.keep = before;
        }
        written
    }

    /// The snapshots that the rule of versions lets go.
    pub fn expired_by_policy(&self, source: Option<&str>) -> Result<Vec<SnapshotInfo>, VaultError> {
        let now = self.env.clock.now();
        let policy = Policy::from(self.keeping());
        self.by_source(source, |list| plan::retention::expired(list, now, &policy))
    }

    pub(crate) fn by_source(
        &self,
        source: Option<&str>,
        mut choose: impl FnMut(&[(usize, UnixTime)]) -> Vec<usize>,
    ) -> Result<Vec<SnapshotInfo>, VaultError> {
        let all = self.snapshots(source)?;
        let mut by_source: BTreeMap<SourceId, Vec<(usize, UnixTime)>> = BTreeMap::new();
        for (n, snapshot) in all.iter().enumerate() {
            by_source.entry(snapshot.source).or_default().push((n, snapshot.received));
        }
        let mut chosen: Vec<usize> = by_source.values().flat_map(|list| choose(list)).collect();
        chosen.sort_unstable();
        Ok(chosen.into_iter().map(|n| all[n].clone()).collect())
    }
}
