//! What is kept for the friend: what happens, as the host machine's events, and what it says to do.
//! Start at [`Friend::take_hosting`] and [`Friend::host_actions`].

use peer_proto::host::{HostAction, HostEvent, Record as HostRecord, StreamId};
use peer_proto::limits::PACK_LEN_MAX;
use peer_proto::wire::{ByeWhy, PackAsk, PackSay, Put, Ranges, Why};
use types::{Bytes, HeadHash, PackId, VolumeId};
use verified::Told;
use volume::hosted::HostedError;

use super::events::{Event, Found};
use super::streams::{From, Serving, ToStream};
use super::{Friend, Step};
use crate::news::FriendNews;
use crate::ranges;
use crate::record::Record;

impl Friend {
    pub(super) fn take_hosting(&mut self, event: Event) -> Step {
        match event {
            Event::Asked { stream, ask, serving } => self.asked(stream, ask, serving),
            Event::Ended { stream, place } => {
                self.streams.remove(&stream);
                self.found.remove(&stream);
                let done = self.host_step(HostEvent::Ended(stream));
                drop(place);
                done
            }
            Event::Looked { stream, put, found, failed } => self.looked(stream, put, found, failed),
            Event::Received { stream, root, volume, result } => {
                self.received(stream, (root, volume), result)
            }
            Event::HeadArrived { stream, bytes } => self.head_arrived(stream, bytes),
            Event::Rotten(root) => self.found_rotten(root),
            Event::ShelfFailed(volume, error) => self.shelf_failed(volume, &error),
            Event::Removed(removed) => self.removed(removed),
            _ => Ok(()),
        }
    }

    pub(super) fn host_step(&mut self, event: HostEvent) -> Step {
        let now = self.core.now();
        let actions = self.m.host.step(now, &self.m.life, event);
        self.host_actions(actions)
    }

    /// A step that is about one stream: when nothing is said to it, nothing will be, and it is cut.
    fn stream_step(&mut self, stream: StreamId, event: HostEvent) -> Step {
        self.addressed = None;
        self.host_step(event)?;
        if self.addressed != Some(stream) {
            self.streams.remove(&stream);
        }
        Ok(())
    }

    fn asked(&mut self, stream: StreamId, ask: PackAsk, serving: Serving) -> Step {
        self.streams.insert(stream, serving);
        let is_head = matches!(ask, PackAsk::Head(_) | PackAsk::Anew(_));
        if is_head && !self.takes_heads() {
            self.say(stream, ToStream::Say(PackSay::Refused(Why::NoRoom.plain())));
            return Ok(());
        }
        self.stream_step(stream, HostEvent::Asked { stream, ask })
    }

    fn looked(
        &mut self,
        stream: StreamId,
        put: Put,
        found: Found,
        failed: Vec<(VolumeId, HostedError)>,
    ) -> Step {
        for (volume, error) in failed {
            self.shelf_failed(volume, &error)?;
        }
        if !self.streams.contains_key(&stream) {
            return Ok(());
        }
        let (root, told) = (put.root, Told::new(put.root, Bytes(put.size)));
        let (volume, missing, incoming) = match (found, told) {
            (Found::Whole(volume), _) => (volume, Vec::new(), None),
            (Found::Part(volume, incoming), Some(told)) => {
                (volume, ranges::parts(&told, &incoming.missing()), Some(incoming))
            }
            (Found::Busy, _) => {
                self.say(stream, ToStream::Say(PackSay::Refused(Why::Busy.with(1_000))));
                return Ok(());
            }
            (Found::Nowhere | Found::Part(..), _) => {
                return self.stream_step(stream, HostEvent::StoreFailed(root));
            }
        };
        self.to_drop.remove(&root);
        self.note_lies(root, volume)?;
        self.found.insert(stream, (volume, incoming));
        self.stream_step(stream, HostEvent::Looked { stream, root, missing })?;
        // Held here it would keep the pack for itself.
        self.found.remove(&stream);
        Ok(())
    }

    fn received(
        &mut self,
        stream: StreamId,
        (root, volume): (PackId, VolumeId),
        result: Result<(), HostedError>,
    ) -> Step {
        let error = match result {
            Ok(()) => return self.stream_step(stream, HostEvent::Stored(root)),
            Err(error) => error,
        };
        self.noted_error(error.to_string());
        let is_line = matches!(
            error,
            HostedError::Wrong { .. } | HostedError::Ended { .. } | HostedError::Stream { .. }
        );
        if is_line {
            // What came is kept, and asked for no more when the friend begins anew.
            self.streams.remove(&stream);
            return Ok(());
        }
        self.shelf_failed(volume, &error)?;
        self.stream_step(stream, HostEvent::StoreFailed(root))
    }

    /// A head's bytes lie on a disk before the machine's word that they do is written down. When no disk
    /// takes them, it is as if they had not come, and the friend hears why: it brings them again later.
    fn head_arrived(&mut self, stream: StreamId, bytes: Vec<u8>) -> Step {
        let (now, before) = (self.core.now(), self.m.host.clone());
        let event = HostEvent::HeadArrived { stream, bytes };
        let actions = self.m.host.step(now, &self.m.life, event);
        let head = actions.iter().find_map(|action| match action {
            HostAction::KeepHead { point, bytes } => Some((*point, bytes)),
            _ => None,
        });
        let (is_kept, failed) =
            head.map_or((true, Vec::new()), |(point, bytes)| self.keep_head(point, bytes));
        if !is_kept {
            self.m.host = before;
        }
        for (id, error) in failed {
            self.shelf_failed(id, &error)?;
        }
        if !is_kept {
            self.say(stream, ToStream::Say(PackSay::Refused(Why::NoRoom.plain())));
            return Ok(());
        }
        self.addressed = None;
        self.host_actions(actions)?;
        if self.addressed != Some(stream) {
            self.streams.remove(&stream);
        }
        Ok(())
    }

    /// What should be kept is gone or wrong.
    pub(super) fn found_rotten(&mut self, root: PackId) -> Step {
        self.rotten.insert(root);
        let done = self.host_step(HostEvent::Rotten(root));
        self.rotten.remove(&root);
        done
    }

    fn removed(&mut self, removed: Vec<(PackId, bool)>) -> Step {
        self.removing = false;
        let mut any = false;
        for (root, _) in removed.into_iter().filter(|(_, is_gone)| *is_gone) {
            self.to_remove.remove(&root);
            self.host_step(HostEvent::Removed(root))?;
            any = true;
        }
        if any {
            self.promise_and_room()?;
            self.remove_some();
        }
        Ok(())
    }

    fn say(&mut self, stream: StreamId, what: ToStream) {
        self.addressed = Some(stream);
        if let Some(serving) = self.streams.get(&stream) {
            // A stream that has ended has said so, or will.
            drop(serving.to.send(what));
        }
    }

    /// Does what the machine says, in its order.
    pub(super) fn host_actions(&mut self, actions: Vec<HostAction>) -> Step {
        let mut actions = actions.into_iter().peekable();
        while let Some(action) = actions.next() {
            match action {
                HostAction::Keep(record) => {
                    let mut records = vec![record];
                    while let Some(HostAction::Keep(next)) =
                        actions.next_if(|next| matches!(next, HostAction::Keep(_)))
                    {
                        records.push(next);
                    }
                    self.keep_of_host(records)?;
                }
                // That was done before: see `head_arrived`.
                HostAction::KeepHead { .. } => {}
                HostAction::DropHead(hash) => self.drop_head(hash),
                HostAction::Answer { stream, say } => self.say(stream, ToStream::Say(say)),
                HostAction::Look { stream, put } => {
                    self.addressed = Some(stream);
                    self.look(stream, put);
                }
                HostAction::Receive { stream, root, .. } => self.receive(stream, root),
                HostAction::ReceiveHead { stream, len } => {
                    self.say(stream, ToStream::ReceiveHead { len });
                }
                HostAction::Serve { stream, root, ranges, first } => {
                    self.serve(stream, root, ranges, first);
                }
                HostAction::Remove(root) => drop(self.to_remove.insert(root)),
                HostAction::DropPart(root) => {
                    self.found.retain(|_, (_, coming)| {
                        coming.as_ref().is_none_or(|coming| coming.told().root() != root)
                    });
                    if !self.drop_part(root) {
                        self.to_drop.insert(root);
                    }
                }
                HostAction::Close { line, why } => self.close_pack(line, why),
                HostAction::Tell(news) => self.tell(FriendNews::Host(news)),
            }
        }
        self.remove_some();
        Ok(())
    }

    fn keep_of_host(&mut self, records: Vec<HostRecord>) -> Step {
        let kept: Vec<Record> = records.iter().cloned().map(Record::Host).collect();
        self.keep(&kept)?;
        for record in records {
            if let HostRecord::Forget(root) = record
                && !self.to_drop.contains(&root)
            {
                self.m.lies.remove(&root);
            }
        }
        Ok(())
    }

    fn receive(&mut self, stream: StreamId, root: PackId) {
        if let Some((volume, incoming)) = self.found.remove(&stream) {
            self.say(stream, ToStream::Receive { root, volume, incoming });
        }
    }

    fn serve(&mut self, stream: StreamId, root: PackId, ranges: Ranges, first: PackSay) {
        let hash = HeadHash(root.0);
        let is_head = self.m.host.witness().len_of(hash).is_some();
        let from = if is_head {
            self.head_bytes(hash).map(From::Head)
        } else {
            let owner = self.owner_key();
            let disk = self.disk_of(root);
            disk.map(|disk| From::Disk { hosted: disk.hosted(), volume: disk.id, owner })
        };
        match from {
            Some(from) => self.say(stream, ToStream::Serve { from, root, ranges, first }),
            None if is_head => self.say(stream, ToStream::Say(PackSay::Missing)),
            None => self.say(stream, ToStream::Say(PackSay::Refused(Why::Away.plain()))),
        }
    }

    fn close_pack(&mut self, line: peer_proto::host::LineId, why: ByeWhy) {
        if let Some(connection) = self.lines.remove(&line) {
            connection.close(crate::gate::code(why).into(), b"");
        }
    }
}

const _: () = assert!(PACK_LEN_MAX == verified::LEN_MAX);
