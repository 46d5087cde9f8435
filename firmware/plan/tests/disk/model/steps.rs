//! What each step does to the model.

use super::*;

impl Model {
    pub(super) fn take(&mut self, step: &Step) {
        match *step {
            Step::Plug(disk, bay) => {
                let free = self.disks.iter().all(|other| other.bay != Some(bay));
                if free && self.disks[disk].bay.is_none() {
                    self.disks[disk].bay = Some(bay);
                }
            }
            Step::Pull(disk) => self.pull(disk),
            Step::AddFile(disk) if self.disks[disk].mounted.is_none() => {
                if let On::Files(count) = &mut self.disks[disk].on {
                    *count += 1;
                }
            }
            Step::OldCopyInPlaceOf(old, copy) => self.put_old_copy(old, copy),
            Step::NameBays(names) => self.names_bays = names,
            Step::BackUp => self.back_up(),
            Step::Rot(disk) => self.rot(disk),
            Step::CopyDisk(from, to, same_serial) => self.copy_disk(from, to, same_serial),
            Step::Minutes(minutes) => self.pass(Millis::from_secs(60 * minutes)),
            Step::Restart => self.restart(),
            Step::Work(count) => self.work(count),
            Step::PullWhilePuttingBack(disk) => self.pull_while_putting_back(disk),
            ref act => self.act(act),
        }
        self.look();
        let world = self.world();
        assert_eq!(self.roster.decide(&world), self.roster.decide(&world));
        self.check();
    }

    pub(super) fn begin_with_three_members(&mut self) {
        let plug = (0..3).map(|disk| Step::Plug(disk, disk));
        let adopt = (0..3).map(|disk| Step::Adopt(disk, false));
        for step in plug.chain(adopt).chain((0..4).map(|_| Step::Work(9))) {
            self.take(&step);
        }
    }

    /// What holds at every moment.
    fn check(&self) {
        let mut mounted = BTreeSet::new();
        for disk in self.disks.iter().filter(|disk| disk.mounted.is_some()) {
            let On::Volume { number, .. } = disk.on else { panic!("mounted: {disk:?}") };
            assert!(mounted.insert(number), "two disks are mounted as one member");
        }
        // Whoever took an erasing back gets the disk as it was, wherever it is and was: the box knows it for
        // what it is, and the board is told to keep what was there.
        for disk in (0..DISKS).filter(|disk| self.disks[*disk].back) {
            assert!(self.roster.keeps().contains(&label(disk)), "what is to go back is let go of");
            let entry = self.identity(disk).map(|identity| self.roster.here(&identity));
            let joining = entry.map(|entry| entry.expect("it is here").life.joining());
            assert!(joining.is_none_or(|joining| joining == Joining::PuttingBack), "{joining:?}");
        }
        for disk in self.roster.safe_to_pull(&self.world()) {
            self.is_safe_to_pull(self.find(&disk));
        }
    }

    pub(super) fn pass(&mut self, span: Millis) {
        self.roster.passed(span);
        for disk in &mut self.disks {
            if let Some((_, since, _)) = &mut disk.named {
                since.0 += span.0;
            }
        }
    }

    /// A disk that is no volume is pulled, and becomes a copy of another.
    fn copy_disk(&mut self, from: usize, to: usize, same_serial: bool) {
        let is_volume = |disk: usize| matches!(self.disks[disk].on, On::Volume { .. });
        if from != to && is_volume(from) && !is_volume(to) {
            self.pull(to);
            // Past the box, and for ever.
            (self.disks[to].back, self.disks[to].named) = (false, None);
            self.disks[to].on = self.disks[from].on;
            if same_serial {
                self.disks[to].serial = self.disks[from].serial.clone();
            }
        }
    }

    fn put_old_copy(&mut self, old: usize, copy: usize) {
        if let Some(bay) = self.disks[old].bay.filter(|_| old != copy) {
            for step in [
                Step::CopyDisk(old, copy, true),
                Step::Pull(old),
                Step::Plug(old, bay),
                Step::Work(9),
                Step::Pull(old),
                Step::Plug(copy, bay),
                Step::Work(9),
            ] {
                self.take(&step);
            }
        }
    }

    /// The roster was kept; nothing is mounted; the vault says which members it has.
    fn restart(&mut self) {
        self.disks.iter_mut().for_each(|disk| disk.mounted = None);
        self.roster = Roster::kept(VAULT, self.roster.entries().to_vec());
    }

    pub(super) fn number(&self, disk: usize) -> Option<u8> {
        match self.disks[disk].on {
            On::Volume { number, .. } if self.members.contains_key(&number) => Some(number),
            _ => None,
        }
    }

    fn act(&mut self, act: &Step) {
        match *act {
            Step::Replace(disk)
            | Step::Retire(disk)
            | Step::Cancel(disk)
            | Step::Judge(disk, _) => {
                if let Some(number) = self.number(disk) {
                    self.act_on_member(act, number);
                }
            }
            Step::Adopt(disk, _)
            | Step::Erase(disk, _)
            | Step::SkipWait(disk)
            | Step::Undo(disk)
            | Step::Confirm(disk) => {
                if let Some(identity) = self.identity(disk) {
                    self.act_on_stranger(act, disk, &identity);
                }
            }
            _ => {}
        }
    }

    fn act_on_member(&mut self, act: &Step, number: u8) {
        let volume = VolumeId([number; 16]);
        let roster = &mut self.roster;
        match *act {
            Step::Replace(_) if roster.replace(volume).is_ok() => {
                self.unwanted.insert(number);
            }
            Step::Retire(_) if roster.retire(volume).is_ok() => {
                self.unwanted.insert(number);
            }
            Step::Cancel(_) if roster.cancel(volume).is_ok() => {
                self.unwanted.remove(&number);
            }
            Step::Judge(_, grade) => roster.judged(volume, grade),
            _ => {}
        }
        // Where the roster asks no more, the owner was told so.
        let asked: Vec<DiskIdentity> = self.asked_now();
        for disk in 0..DISKS {
            let identity = self.identity(disk);
            self.disks[disk].asked &= identity.is_some_and(|identity| asked.contains(&identity));
        }
    }

    fn asked_now(&self) -> Vec<DiskIdentity> {
        let asked = self.roster.entries().iter().filter(|entry| entry.pull_asked);
        asked.map(|entry| entry.identity.clone()).collect()
    }

    fn act_on_stranger(&mut self, act: &Step, disk: usize, identity: &DiskIdentity) {
        let old = self.unwanted.iter().next().map(|number| VolumeId([*number; 16]));
        let on = self.disks[disk].on;
        match *act {
            Step::Adopt(_, replace) => {
                let aim = Aim::Member { replaces: old.filter(|_| replace) };
                if self.roster.adopt(identity, aim).is_ok() {
                    assert_eq!(on, On::Nothing, "adopted without a word");
                    self.disks[disk].named = Some((on, ERASE_WAIT, true));
                }
            }
            Step::Erase(_, right) => {
                let word = self.roster.erase_word(identity).map(|(word, _)| word);
                let typed = word.ok().filter(|_| right).unwrap_or_else(|| "none".to_owned());
                let aim = Aim::Member { replaces: old };
                if self.roster.ask_erase(identity, &typed, aim).is_ok() {
                    assert!(right, "the wrong word was taken");
                    self.disks[disk].named = Some((on, Millis(0), false));
                }
            }
            Step::SkipWait(_) if self.roster.skip_wait(identity).is_ok() => {
                let named = self.disks[disk].named.as_mut();
                named.expect("nothing waits that was not named").2 = true;
            }
            Step::Undo(_) if self.roster.undo(identity).is_ok() => {
                self.disks[disk].named = None;
                self.disks[disk].back = self.disks[disk].before.is_some();
            }
            Step::Confirm(_) if self.roster.confirm(identity).is_ok() => {
                let On::Volume { number, .. } = on else { panic!("confirmed: {on:?}") };
                self.trusted.insert((number, self.disks[disk].serial.clone()));
            }
            _ => {}
        }
    }
}
