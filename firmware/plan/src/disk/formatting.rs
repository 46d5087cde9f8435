//! What the hands report of a disk that is formatted, and of one that is put back as it was.
//!
//! Start at [`Roster::formatting`].

use types::{DiskContent, DiskIdentity};

use super::joining::Joining;
use super::life::Life;
use super::news::{News, UndoNews};
use super::refusal::{Refusal, Verb};
use super::roster::Roster;
use super::taken_out;

impl Roster {
    /// Formatting begins under an order with this label: there is no undo before it is done, and none
    /// after unless the board kept what was there.
    pub fn formatting(&mut self, disk: &DiskIdentity, label: &str) -> Result<(), Refusal> {
        let at = self.stranger_at(disk)?;
        self.change(at, Life::format)?;
        self.entries[at].label = Some(label.to_owned());
        Ok(())
    }

    /// What a disk was formatted for came to nothing: it is formatted once more, unless it holds
    /// anything but what was begun there.
    pub fn format_again(&mut self, disk: &DiskIdentity, found: DiskContent) -> Result<(), Refusal> {
        let at = self.stranger_at(disk)?;
        let begun = match &found {
            DiskContent::Volume(_) => true,
            DiskContent::Foreign(foreign) => foreign.files == Some(0),
            DiskContent::Blank | DiskContent::Unknown => false,
        };
        if begun {
            self.change(at, Life::format_again)?;
            self.entries[at].content = found;
        }
        Ok(())
    }

    /// The board refused to format a disk, and has written nothing.
    pub fn spared(&mut self, disk: &DiskIdentity) -> Result<(), Refusal> {
        let at = self.stranger_at(disk)?;
        self.change(at, Life::spared)?;
        self.entries[at].label = None;
        Ok(())
    }

    /// Formatting is done.
    pub fn formatted(&mut self, disk: &DiskIdentity) -> Result<(), Refusal> {
        let at = self.stranger_at(disk)?;
        self.change(at, Life::formatted)
    }

    /// Formatting is done, and what was on the disk before is kept for a while.
    pub fn kept_before(&mut self, disk: &DiskIdentity) -> Result<(), Refusal> {
        let at = self.stranger_at(disk)?;
        self.change(at, Life::kept)
    }

    /// What was on a disk before it was formatted is there again; or surely cannot be put back, and the
    /// disk is left as it is. Either way it is a stranger at the next look, and nobody has said yes to
    /// anything.
    pub fn put_back(&mut self, disk: &DiskIdentity, what: UndoNews) -> Result<News, Refusal> {
        let at = self.stranger_at(disk)?;
        if self.entries[at].life.joining() != Joining::PuttingBack {
            return Err(self.entries[at].life.refuse(Verb::Undo));
        }
        Ok(taken_out::undo(&self.entries.remove(at).place, what))
    }
}
