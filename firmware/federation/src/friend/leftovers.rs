//! What should be gone from the disks and is not yet: a stream held it, or a crash was in the way.
//! Start at [`Friend::drop_late`].

use types::PackId;

use super::Friend;

impl Friend {
    /// Looks again after what could not be removed when it was to be.
    pub(super) fn drop_late(&mut self) {
        for root in std::mem::take(&mut self.to_drop) {
            if self.m.host.entry(root).is_some() {
                continue;
            }
            if self.drop_part(root) {
                self.m.lies.remove(&root);
            } else {
                self.to_drop.insert(root);
            }
        }
        self.remove_some();
    }

    /// Parts without a record, of which a crash was in the way: nobody will ask for them.
    pub(super) fn drop_unknown_parts(&mut self) {
        let unknown: Vec<PackId> = self
            .m
            .lies
            .keys()
            .filter(|root| self.m.host.entry(**root).is_none())
            .copied()
            .collect();
        self.to_drop.extend(unknown);
        self.drop_late();
    }
}
