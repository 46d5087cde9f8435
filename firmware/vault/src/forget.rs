//! Letting versions go: the list gets shorter, and what nothing needs any more is left to pruning. The rule by
//! which they go is in `keeping`.
//!
//! Start at [`Vault::forget`].

use std::collections::BTreeMap;

use format::record::Op;
use plan::retention::Policy;
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
