//! What a friend may have back, be shown and be told: everything that is its own.

use std::ops::Bound;

use types::{HeadHash, PackId};

use super::events::{HostAction, StreamId};
use super::record::{Entry, Stage};
use super::{Host, no, say};
use crate::limits;
use crate::wire::{
    Audit, Cursor, Get, Kind, List, Listed, Listing, PackSay, Proof, Ranges, Why, are_parts,
};

impl Host {
    pub(super) fn get(&self, stream: StreamId, get: Get) -> Vec<HostAction> {
        // Heads that a witness keeps are fetched by their hash, whole.
        if let Some(len) = self.witness.len_of(HeadHash(get.root.0)) {
            let first = PackSay::Found(len);
            return vec![HostAction::Serve {
                stream,
                root: get.root,
                ranges: Ranges::first([]),
                first,
            }];
        }
        self.serve(stream, get.root, get.ranges, PackSay::Found)
    }

    pub(super) fn audit(&self, stream: StreamId, audit: Audit) -> Vec<HostAction> {
        let Audit { root, ranges, nonce } = audit;
        self.serve(stream, root, ranges, |size| PackSay::Proof(Proof { nonce, size }))
    }

    fn serve(
        &self,
        stream: StreamId,
        root: PackId,
        ranges: Ranges,
        first: impl FnOnce(u64) -> PackSay,
    ) -> Vec<HostAction> {
        match self.entries.get(&root) {
            None | Some(Entry { stage: Stage::Coming { .. }, .. }) => {
                vec![say(stream, PackSay::Missing)]
            }
            Some(_) if self.away.contains(&root) => no(stream, Why::Away.plain()),
            Some(entry) if !are_parts(ranges.items(), entry.size) => {
                no(stream, Why::Malformed.plain())
            }
            Some(entry) => {
                let first = first(entry.size);
                vec![HostAction::Serve { stream, root, ranges, first }]
            }
        }
    }

    pub(super) fn list(&self, stream: StreamId, cursor: Cursor) -> Vec<HostAction> {
        let from = cursor.after.map_or(Bound::Unbounded, Bound::Excluded);
        let whole = self.entries.range((from, Bound::<PackId>::Unbounded)).filter_map(listed);
        let mut page: Vec<Listed> = whole.take(limits::LIST_MAX + 1).collect();
        // Whoever comes back with nothing but the words finds older heads by their names here.
        let heads = self.witness.kept().map(|(hash, len)| head_listed(hash, len));
        page.extend(heads.filter(|head| cursor.after.is_none_or(|after| head.root > after)));
        page.sort_by_key(|item| item.root);
        page.dedup_by_key(|item| item.root);
        let more = page.len() > limits::LIST_MAX;
        let items = List::first(page.into_iter().take(limits::LIST_MAX));
        let listing = Listing { items, more, kept: self.kept };
        vec![say(stream, PackSay::Listing(Box::new(listing)))]
    }
}

fn head_listed(hash: HeadHash, size: u64) -> Listed {
    Listed { root: PackId(hash.0), size, kind: Kind::Head, until: None }
}

fn listed((root, entry): (&PackId, &Entry)) -> Option<Listed> {
    let until = match entry.stage {
        Stage::Coming { .. } => return None,
        Stage::Kept => None,
        Stage::Doomed { until, .. } => Some(until),
    };
    Some(Listed { root: *root, size: entry.size, kind: entry.kind, until })
}
