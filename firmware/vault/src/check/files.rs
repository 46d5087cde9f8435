//! What else than packs lies on the volumes: what makes each readable by itself, and the chain of
//! heads. Finds, and with repair writes what is missing or wrong.
//!
//! Start at `check_files`.

use std::collections::BTreeMap;
use std::sync::Arc;

use format::head::VolumeState;
use types::VolumeId;
use volume::Volume;

use super::{CheckOptions, CheckReport, Damage};
use crate::Vault;
use crate::companions::Look;
use crate::history::{Newest, sound_head};

/// A head's file: its name, and which of the volumes has it.
type HeadAt = (String, usize);

impl CheckReport {
    fn note(&mut self, volume: &str, what: String, repaired: bool) {
        self.repaired += u64::from(repaired);
        self.damaged.push(Damage { volume: volume.to_owned(), pack: None, what, repaired });
    }
}

impl Vault {
    /// Volumes that belong to the vault and are not here: what is on them is not known. Those that
    /// failed since the vault was opened are named with their reason.
    pub(super) fn not_here(&self) -> Vec<VolumeId> {
        let members = self.members();
        let registered = members.registry.values().filter(|v| v.state != VolumeState::Removed);
        registered.map(|v| v.id).filter(|id| members.get(*id).is_none()).collect()
    }

    /// What makes each volume readable by itself, and with all data also every head.
    pub(super) fn check_files(&self, options: CheckOptions, report: &mut CheckReport) {
        let look = if options.read_data { Look::Close } else { Look::Quick };
        let volumes = self.volumes_where(|member| member.failed.is_none());
        for (label, volume) in &volumes {
            for lack in self.inspect(volume, look, options.repair) {
                report.note(label, lack.what.to_owned(), lack.mended);
            }
        }
        if options.read_data {
            self.check_heads(&volumes, options.repair, report);
        }
    }

    /// Reads every head that there is. A damaged one is written anew from another volume; one that
    /// no volume has whole proves nothing and is taken away, once the newest is in order.
    fn check_heads(
        &self,
        volumes: &[(String, Arc<Volume>)],
        repair: bool,
        report: &mut CheckReport,
    ) {
        let mut sound: BTreeMap<String, Newest> = BTreeMap::new();
        let mut damaged: Vec<HeadAt> = Vec::new();
        for (n, (label, volume)) in volumes.iter().enumerate() {
            let heads = volume.list_heads().unwrap_or_else(|error| {
                report.note(label, format!("its heads cannot be listed: {error}"), false);
                Vec::new()
            });
            for file in heads {
                match sound_head(&self.keys.ring(), volume, &file.name) {
                    Some(head) => drop(sound.insert(file.name, head)),
                    None => damaged.push((file.name, n)),
                }
            }
        }
        let newest = {
            let writer = self.writer();
            Volume::head_name(writer.chain.head_seq, writer.chain.head_hash)
        };
        // The newest was looked at before, and is named once.
        for (name, n) in damaged.into_iter().filter(|(name, _)| *name != newest) {
            let (label, volume) = &volumes[n];
            let (what, mended) = match sound.get(&name) {
                Some(head) => {
                    let written = || volume.write_head(head.seq, head.hash, &head.bytes).is_ok();
                    (format!("head {name} is damaged"), repair && written())
                }
                None => {
                    let what = format!("head {name} is damaged, and no other disk has it whole");
                    (what, repair && volume.delete_head(&name).is_ok())
                }
            };
            report.note(label, what, mended);
        }
    }
}
