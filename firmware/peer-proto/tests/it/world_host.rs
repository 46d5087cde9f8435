//! The host's driver and disk in the world: every action in its order, and a crash between any two.

use std::collections::BTreeSet;

use peer_proto::host::{Host, HostAction, HostEvent, Record, Stage};
use peer_proto::owner::{AskId, OwnerEvent};
use peer_proto::wire::{ByteRange, PackSay};
use types::{Bytes, Millis, PackId};

use crate::world::{Frame, GROUP, SIZE, Sent, World, stream};

/// Days that must truly have passed before a deletion: those of the pact, also by a clock that is off by
/// less than a day and believed.
const DAYS: u64 = 30;

impl World {
    pub(crate) fn arrive_at_host(&mut self, sent: Sent) {
        let stream = stream(sent.line, sent.ask);
        match sent.frame {
            Frame::Ask(ask) => {
                self.at_host(HostEvent::Asked { stream, ask });
            }
            Frame::Body(root, group, last) => {
                // Verified and written; synced and renamed when nothing is missing.
                if self.host_disk.files.contains_key(&root) {
                    return;
                }
                let part = self.host_disk.parts.entry(root).or_default();
                part.insert(group);
                if last && part.len() == 4 {
                    self.host_disk.parts.remove(&root);
                    self.host_disk.files.insert(root, SIZE);
                    self.host_disk.told.remove(&root);
                    self.at_host(HostEvent::Stored(root));
                }
            }
            Frame::Say(_) => {}
        }
    }

    pub(crate) fn at_host(&mut self, event: HostEvent) {
        let done = self.host.step(self.now, &self.host_pact, event);
        for action in done {
            if let Some(left) = &mut self.host_dies_in {
                if *left == 0 {
                    self.host_dies_in = None;
                    return self.restart_host();
                }
                *left -= 1;
            }
            self.do_at_host(action);
        }
        self.check();
    }

    pub(crate) fn do_at_host(&mut self, action: HostAction) {
        match action {
            HostAction::Keep(record) => {
                if let Record::Entry(entry) = &record {
                    let (told, now) = (&mut self.host_disk.told, self.now.uptime);
                    match entry.stage {
                        Stage::Kept => drop(told.remove(&entry.root)),
                        Stage::Doomed { .. } => drop(told.entry(entry.root).or_insert(now)),
                        Stage::Coming { .. } => {}
                    }
                }
                self.host_disk.records.push(record);
            }
            HostAction::Answer { stream, say } => {
                if let PackSay::Ack(ack) = &say {
                    self.must_be_durable(ack.root);
                }
                let is_last = !matches!(say, PackSay::Accept(_));
                self.to_owner.push(Sent {
                    line: stream.line.0,
                    ask: AskId(stream.number),
                    frame: Frame::Say(say),
                });
                if is_last {
                    self.at_host(HostEvent::Ended(stream));
                }
            }
            HostAction::Look { stream, put } => {
                let have = self.host_disk.parts.get(&put.root);
                let is_here = |group: &u64| have.is_some_and(|have| have.contains(group));
                let missing = (0..4).filter(|group| !is_here(group)).map(range).collect();
                let missing = merged(missing);
                self.at_host(HostEvent::Looked { stream, root: put.root, missing });
            }
            HostAction::Remove(root) => {
                let told = self.host_disk.told.remove(&root).expect("nobody asked for it");
                let days = (self.now.uptime.0 - told.0) / 86_400_000;
                assert!(days >= DAYS, "{root} went after {days} days");
                self.host_disk.files.remove(&root);
                self.at_host(HostEvent::Removed(root));
            }
            HostAction::DropPart(root) => {
                self.host_disk.parts.remove(&root);
                self.host_disk.files.remove(&root);
            }
            // Bytes that come are taken as they arrive; the rest needs no disk.
            HostAction::Receive { root, missing, .. } => {
                if missing.items().is_empty() {
                    self.host_disk.parts.remove(&root);
                    self.host_disk.files.insert(root, SIZE);
                    self.at_host(HostEvent::Stored(root));
                }
            }
            HostAction::Serve { .. }
            | HostAction::ReceiveHead { .. }
            | HostAction::KeepHead { .. }
            | HostAction::DropHead(_)
            | HostAction::Close { .. }
            | HostAction::Tell(_) => {}
        }
    }

    /// A receipt may leave only when the file and its record are on the disk.
    pub(crate) fn must_be_durable(&self, root: PackId) {
        assert!(self.host_disk.files.contains_key(&root), "acknowledged before it was a file");
        let last = self.host_disk.records.iter().rev().find_map(|record| match record {
            Record::Entry(entry) if entry.root == root => Some(entry.stage),
            _ => None,
        });
        assert_eq!(last, Some(Stage::Kept), "acknowledged before its record");
    }

    /// The host is off for so long, and its clock stands still meanwhile: it has none that runs without power.
    pub(crate) fn host_off(&mut self, span: Millis) {
        self.now.uptime = Millis(self.now.uptime.0 + span.0);
        self.restart_host();
    }

    pub(crate) fn restart_host(&mut self) {
        self.to_owner.clear();
        self.to_host.clear();
        self.now.uptime = Millis(self.now.uptime.0 + 1);
        let records = self.host_disk.records.clone();
        let (host, done) = Host::resume(records, &self.host_disk.files, BTreeSet::new(), self.now);
        self.host = host;
        for action in done {
            self.do_at_host(action);
        }
        self.at_host(HostEvent::Room(Bytes(1 << 50)));
        if self.line.take().is_some() {
            self.at_owner(OwnerEvent::Closed);
        }
    }
}

fn range(group: u64) -> ByteRange {
    ByteRange { from: group * GROUP, to: (group + 1) * GROUP }
}

/// Neighbours become one.
fn merged(ranges: Vec<ByteRange>) -> Vec<ByteRange> {
    let mut out: Vec<ByteRange> = Vec::new();
    for range in ranges {
        match out.last_mut() {
            Some(last) if last.to == range.from => last.to = range.to,
            _ => out.push(range),
        }
    }
    out
}
