//! What happens while the box is off, and the one disk that is destroyed.
//!
//! Start at `Hands::while_off`.

use board_sim::Machine;
use calls::{DeskAct, DiskShown, JobSpec, JobState};

use crate::Outcome;
use crate::hands::{BAYS, CARD, CARD_PORT, DESTROYED_MAX, Hands, letters};
use crate::outside::Outside;

/// So many disks take part before one of them is destroyed: each piece then has two copies without it.
const MEMBERS_MIN: usize = 3;

impl Hands {
    /// Hands that move disks while the box is off, and switch it on again.
    pub(crate) fn while_off(&mut self, out: &mut Outside) -> Outcome<()> {
        if self.roll(3) == 0 {
            let machine = Machine::open(&out.folder.join("machine"));
            let machine = machine.map_err(|error| error.to_string())?;
            for _ in 0..=self.roll(3) {
                let (name, bay) = (self.any_disk(), BAYS[self.roll(BAYS.len())]);
                let port = if name == CARD.0 { CARD_PORT } else { bay };
                // Where there is none to pull, it is pushed in, if there is room.
                let pulled = machine.pull(&name).is_ok();
                let moved = pulled || machine.insert(&name, port).is_ok();
                self.tells(out, format!("off: {name} pulled {pulled}, moved {moved}"));
            }
            let hours = [0, 1, 100, 24 * 400][self.roll(4)];
            out.pass(hours)?;
        }
        out.start()?;
        let unlocks = self.roll(4) > 0;
        let unlocked = unlocks && out.unlock()?;
        self.tells(out, format!("start, unlocked: {unlocked}"));
        Ok(())
    }

    /// One disk of the vault is gone for ever, at a time at which the vault can do without it.
    pub(crate) fn destroy(&mut self, out: &mut Outside) -> Outcome<()> {
        if self.tally.destroyed >= DESTROYED_MAX || !self.is_at_rest(out)? {
            return Ok(());
        }
        // With fewer nothing is destroyed whatever a check finds; and where the only disk left lacks the
        // newest folders of the vault, being full, a check rightly waits for another one.
        if self.here(out)?.len() < MEMBERS_MIN {
            return Ok(());
        }
        let Some(check) = out.perform(JobSpec::Check { read_data: true, repair: false })? else {
            return Ok(());
        };
        let clean = matches!(&check.result, Some(calls::JobResult::Check(found)) if found.clean);
        let names = self.here(out)?;
        if !clean || check.state != JobState::Done || names.len() < MEMBERS_MIN {
            return Ok(());
        }
        let Some(name) = self.pick(&names) else { return Ok(()) };
        self.tells(out, format!("{name} is destroyed"));
        out.desk(DeskAct::Pull { name: name.clone() })?;
        self.disks.retain(|one| *one != name);
        self.stay.remove(&letters(&name));
        self.destroyed.push(letters(&name));
        self.tally.destroyed += 1;
        self.make(out, &format!("disk-{}", 4 + self.tally.destroyed))
    }

    /// Disks that are plugged in and take part, none of them destroyed.
    fn here(&self, out: &mut Outside) -> Outcome<Vec<String>> {
        let shown = out.disks()?.disks;
        let here: Vec<&DiskShown> = shown.iter().filter(|disk| disk.life == "member").collect();
        let ours = |disk: &&DiskShown| {
            self.disks.iter().find(|name| letters(name) == disk.serial).cloned()
        };
        Ok(here.iter().filter_map(ours).collect())
    }

    fn is_at_rest(&mut self, out: &mut Outside) -> Outcome<bool> {
        if out.status()?.lock != calls::Lock::Unlocked {
            return Ok(false);
        }
        Ok(out.jobs()?.iter().all(|job| job.state.is_over()))
    }
}
