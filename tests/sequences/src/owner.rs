//! What the owner of a box asks of disks, and of a card that is not the box's.
//!
//! Start at `Hands::owner`.

use calls::{DeskAct, DiskAct, DiskShown};

use crate::Outcome;
use crate::hands::{CARD, Hands};
use crate::outside::Outside;

impl Hands {
    /// Something that the owner asks of a disk.
    pub(crate) fn owner(&mut self, out: &mut Outside) -> Outcome<()> {
        let all = out.disks()?.disks;
        // The card has an owner of its own, see `card`.
        let ours: Vec<DiskShown> =
            all.into_iter().filter(|disk| disk.serial.to_lowercase() != CARD.2).collect();
        let Some(disk) = self.pick(&ours) else { return Ok(()) };
        let other = self.pick(&ours).filter(|_| self.roll(3) == 0).map(|other| other.id);
        // What blank disks are for comes more often: otherwise few would ever take part.
        let sides = if disk.life == "blank" { 4 } else { 12 };
        let act = match self.roll(sides) {
            0..=2 => DiskAct::Adopt { replaces: other.clone() },
            3 => DiskAct::Undo {},
            4 => DiskAct::Replace {},
            5 => DiskAct::Retire {},
            6..=7 => DiskAct::Keep {},
            8 => DiskAct::Trust {},
            9 => DiskAct::Confirm {},
            10 => DiskAct::Find { on: self.roll(2) == 0 },
            // The wrong word, whatever the disk is.
            _ => return self.erase_wrongly(out, &disk),
        };
        let leaves = match &act {
            DiskAct::Replace {} | DiskAct::Retire {} => Some(disk.id.clone()),
            DiskAct::Adopt { replaces } => replaces.clone(),
            _ => None,
        };
        // One that waits for a new disk leaves for it even when nobody says which.
        let waiting = ours.iter().filter(|one| one.to_be_replaced).map(|one| one.id.clone());
        let leave: Vec<String> = leaves.into_iter().chain(waiting).collect();
        let gone = ours.iter().filter(|one| leave.contains(&one.id));
        let gone: Vec<String> = gone.map(|one| one.serial.clone()).collect();
        let said = format!("{act:?} for {} ({}, {})", disk.place, disk.serial, disk.life);
        let done = out.disk(&disk.id, act)?;
        if done {
            self.stay.retain(|one| !gone.contains(one));
            self.tally.acts += 1;
        } else {
            self.tally.refused += 1;
        }
        self.tells(out, format!("{said}: {}", if done { "done" } else { "refused" }));
        Ok(())
    }

    pub(crate) fn erase_wrongly(&mut self, out: &mut Outside, disk: &DiskShown) -> Outcome<()> {
        let erase = DiskAct::Erase { typed: "nope".to_owned(), replaces: None };
        self.tally.refused += 1;
        match out.disk(&disk.id, erase)? {
            true => Err(format!("{} is to be erased for the wrong word", disk.place)),
            false => Ok(()),
        }
    }

    /// What its owner does with the card: mostly the wrong thing, seldom the right word.
    pub(crate) fn card(&mut self, out: &mut Outside) -> Outcome<()> {
        let all = out.disks()?.disks;
        let found = all.into_iter().find(|disk| disk.serial.to_lowercase() == CARD.2);
        let Some(card) = found.filter(|disk| disk.life == "foreign") else { return Ok(()) };
        self.erase_wrongly(out, &card)?;
        if !self.card_may_go && out.disk(&card.id, DiskAct::Adopt { replaces: None })? {
            return Err("a card with photos was adopted as if it were blank".to_owned());
        }
        let word = card.erase_word.clone().unwrap_or_default();
        let erase = DiskAct::Erase { typed: word, replaces: None };
        if out.disk(&card.id, erase)? {
            if self.roll(3) > 0 {
                self.tells(out, "the card is to be erased, and then not".to_owned());
                // Nobody waited, so it must still be there.
                let undone = out.disk(&card.id, DiskAct::Undo {})?;
                if !undone && out.desk(DeskAct::Look {})? {
                    self.card_may_go = true;
                }
            } else {
                self.card_may_go = true;
                let skipped = out.disk(&card.id, DiskAct::SkipWait {})?;
                self.tells(out, format!("the card is erased, without waiting: {skipped}"));
            }
        }
        Ok(())
    }
}
