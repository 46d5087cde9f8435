//! How the model carries actions out, each checked before it is done.

use super::*;

impl Model {
    /// Carries out so many actions; a kill after any of them is a smaller number.
    pub(super) fn work(&mut self, count: usize) {
        let actions = self.roster.decide(&self.world());
        for action in actions.into_iter().take(count) {
            // The one before may have changed what the others rest on, as in the box.
            if self.roster.decide(&self.world()).contains(&action) {
                self.carry_out(&action);
            }
        }
    }

    fn carry_out(&mut self, action: &Action) {
        match action {
            Action::Mount { disk, volume, how } => self.mount(disk, *volume, *how),
            Action::Unmount { disk } => {
                let at = self.find(disk);
                self.disks[at].mounted = None;
            }
            Action::Format { disk } => self.format(disk),
            Action::PutBack { disk } => self.put_back(disk),
            Action::Join { disk, .. } => self.join(disk),
            Action::Copy => self.copy_short(),
            Action::Drain { volume } => {
                assert!(self.unwanted.contains(&volume.0[0]), "drained unasked");
                self.copy_short();
            }
            Action::StrikeOff { volume } => self.strike_off(*volume),
            Action::AskPull { disk } => {
                let at = self.find(disk);
                self.is_safe_to_pull(at);
                self.roster.pull_was_asked(disk).expect("decided just now");
                (self.disks[at].asked, self.asked) = (true, self.asked + 1);
            }
            Action::WithdrawPull { disk } => {
                let at = self.find(disk);
                self.roster.pull_was_withdrawn(disk).expect("it is here");
                (self.disks[at].asked, self.withdrawn) = (false, self.withdrawn + 1);
            }
            Action::AskInsert { .. } | Action::Offer { .. } => {}
        }
        self.look();
    }

    fn mount(&mut self, disk: &DiskIdentity, volume: VolumeId, how: How) {
        let at = self.find(disk);
        let number = volume.0[0];
        let On::Volume { number: on, generation } = self.disks[at].on else {
            panic!("no volume is on it: {disk}")
        };
        assert_eq!(on, number);
        assert!(self.members.contains_key(&number), "no member");
        assert!(generation >= self.newest[&number], "an old copy was believed");
        let serial = self.disks[at].serial.clone();
        assert!(self.trusted.contains(&(number, serial)), "other hardware was believed");
        let generation = generation + u64::from(how == How::ReadWrite);
        self.disks[at].on = On::Volume { number, generation };
        self.disks[at].mounted = Some(how);
        self.newest.insert(number, generation);
    }

    fn format(&mut self, disk: &DiskIdentity) {
        let at = self.find(disk);
        let begun = self.roster.here(disk).is_some_and(|entry| entry.life.joining().has_begun());
        let (shown, since, skipped) = self.disks[at].named.expect("named by its owner");
        if !begun {
            assert_eq!(shown, self.disks[at].on, "it holds what its owner was shown");
        }
        assert!(skipped || since >= ERASE_WAIT, "it waited");
        assert!(self.disks[at].mounted.is_none(), "nobody uses it");
        self.roster.formatting(disk, &label(at)).expect("decided just now");
        // Begun before, it is not whole any more, and nothing of a blank one is kept.
        let keeps = !begun && shown != On::Nothing;
        self.disks[at].before = Some(self.disks[at].on).filter(|_| keeps);
        self.disks[at].on = On::EmptyFileSystem;
        self.formatted += 1;
        let done = match keeps {
            true => self.roster.kept_before(disk),
            false => self.roster.formatted(disk),
        };
        done.expect("it has begun");
    }

    /// Only what was formatted under a yes that was taken back, and only while nothing is on it.
    fn put_back(&mut self, disk: &DiskIdentity) {
        let at = self.find(disk);
        assert!(self.disks[at].named.is_none(), "its owner took the yes back");
        assert!(self.disks[at].mounted.is_none(), "nobody uses it");
        let before = self.disks[at].before.take();
        let is_empty = matches!(self.disks[at].on, On::EmptyFileSystem | On::Half);
        (self.disks[at].back, self.put_back) = (false, self.put_back + 1);
        if let Some(before) = before.filter(|_| is_empty) {
            self.disks[at].on = before;
        }
        let what = match before.is_some() && is_empty {
            true => UndoNews::Done,
            false => UndoNews::Changed,
        };
        self.roster.put_back(disk, what).expect("decided just now");
    }

    pub(super) fn pull_while_putting_back(&mut self, disk: usize) {
        let Some(identity) = self.identity(disk) else { return };
        let life = self.roster.here(&identity).map(|entry| entry.life.joining());
        if life == Some(Joining::PuttingBack) && self.disks[disk].back {
            self.disks[disk].on = On::Half;
            self.pull(disk);
        }
    }

    fn join(&mut self, disk: &DiskIdentity) {
        let (at, number) = (self.find(disk), self.next);
        assert_eq!(self.disks[at].on, On::EmptyFileSystem);
        assert!(self.disks[at].named.is_some(), "used though its owner wants it back as it was");
        self.disks[at].before = None;
        self.next += 1;
        self.disks[at].on = On::Volume { number, generation: 1 };
        self.disks[at].named = None;
        self.trusted.insert((number, self.disks[at].serial.clone()));
        self.newest.insert(number, 1);
        // The first member brings packs of its own, as a backup would.
        let packs = if self.members.is_empty() { (0..5).collect() } else { BTreeSet::new() };
        self.members.insert(number, packs);
        self.roster.joined(disk, Some(VolumeId([number; 16]))).expect("decided just now");
    }

    fn copy_short(&mut self) {
        for pack in self.short() {
            let lacks = |number: &u8| !self.members[number].contains(&pack);
            if let Some(to) = self.counting().into_iter().find(lacks) {
                self.members.get_mut(&to).expect("it counts").insert(pack);
            }
        }
    }

    fn strike_off(&mut self, volume: VolumeId) {
        let number = volume.0[0];
        assert!(self.unwanted.remove(&number), "struck off unasked");
        let packs = self.members.remove(&number).expect("a member");
        for pack in packs {
            assert!(self.has(pack, None) > 0, "the last copy was struck off");
        }
        self.roster.drained(volume).expect("decided just now");
    }

    /// Everything that can be done without its owner is done, and then nothing is left.
    pub(super) fn settle(&mut self) {
        for _ in 0..40 {
            self.pass(Millis::from_secs(60));
            self.work(usize::MAX);
        }
        let left: Vec<Action> = self.roster.decide(&self.world());
        let is_open = |action: &Action| {
            let asks = matches!(action, Action::AskInsert { .. } | Action::Offer { .. });
            // With nobody to copy to, draining goes on as soon as there is.
            !asks && !matches!(action, Action::Drain { .. })
        };
        assert!(!left.iter().any(is_open), "{left:?}");
        let copies = self.short();
        assert!(copies.is_empty() || self.counting().len() < COPIES, "{copies:?}");
        for disk in (0..DISKS).filter(|disk| self.disks[*disk].asked) {
            self.is_safe_to_pull(disk);
        }
    }
}

#[test]
fn the_model_reaches_what_it_is_there_to_check() {
    let mut model = Model::new();
    model.begin_with_three_members();
    let rest = [
        Step::Plug(4, 3),
        Step::Plug(5, 4),
        Step::Replace(0),
        Step::Erase(4, true),
        Step::Minutes(10),
        Step::Work(9),
        Step::Work(9),
        Step::Work(9),
        Step::Work(9),
        Step::Work(9),
    ];
    for step in rest {
        model.take(&step);
    }
    model.settle();
    assert_eq!((model.formatted, model.asked), (4, 1));
    assert_eq!(model.members.keys().copied().collect::<Vec<_>>(), [2, 3, 4]);
    assert!(model.disks[0].asked && model.disks[5].on == On::Files(3));
    let entry: Vec<&Entry> = model.roster.entries().iter().collect();
    assert!(entry.iter().any(|entry| entry.life == Life::Drained));
}
