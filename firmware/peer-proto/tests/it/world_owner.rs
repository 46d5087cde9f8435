//! The owner's driver and record in the world.

use peer_proto::host::HostEvent;
use peer_proto::owner::{Owner, OwnerAction, OwnerEvent, Verdict};

use crate::world::{Frame, GROUP, Sent, World, stream};

impl World {
    pub(crate) fn at_owner(&mut self, event: OwnerEvent) {
        let done = self.owner.step(self.now, &self.owner_pact, event);
        for action in done {
            if let Some(left) = &mut self.owner_dies_in {
                if *left == 0 {
                    self.owner_dies_in = None;
                    return self.restart_owner();
                }
                *left -= 1;
            }
            self.do_at_owner(action);
        }
        self.check();
    }

    pub(crate) fn do_at_owner(&mut self, action: OwnerAction) {
        let line = self.line.unwrap_or(0);
        match action {
            OwnerAction::Keep(record) => self.owner_records.push(record),
            OwnerAction::Ask { ask, what } => {
                self.to_host.push(Sent { line, ask, frame: Frame::Ask(*what) });
            }
            OwnerAction::Send { ask, root, missing } => {
                let groups: Vec<u64> = (0..4)
                    .filter(|group| {
                        missing.items().iter().any(|part| {
                            part.from <= group * GROUP && (group + 1) * GROUP <= part.to
                        })
                    })
                    .collect();
                self.bodies_sent += groups.len() as u64;
                for (at, group) in groups.iter().enumerate() {
                    let frame = Frame::Body(root, *group, at + 1 == groups.len());
                    self.to_host.push(Sent { line, ask, frame });
                }
            }
            OwnerAction::Tell(news) => self.news.push(news),
            OwnerAction::Verify { ask, .. } => {
                self.at_owner(OwnerEvent::Verified { ask, verdict: Verdict::Matches });
            }
            OwnerAction::Cancel(ask) => {
                let is_other = |sent: &Sent| (sent.line, sent.ask) != (line, ask);
                self.to_host.retain(is_other);
                self.to_owner.retain(is_other);
                self.at_host(HostEvent::Ended(stream(line, ask)));
            }
            OwnerAction::SendHead { .. } | OwnerAction::Link { .. } | OwnerAction::ShowHead(_) => {}
        }
    }

    pub(crate) fn restart_owner(&mut self) {
        self.line = None;
        self.to_owner.clear();
        self.owner = Owner::resume(self.owner_records.clone());
        self.want([]);
    }
}
