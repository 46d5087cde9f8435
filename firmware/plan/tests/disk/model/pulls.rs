//! What must hold of every disk that is called safe to pull, and what happens that could break it.

use super::*;

impl Model {
    pub(super) fn pull(&mut self, disk: usize) {
        let disk = &mut self.disks[disk];
        // What is kept goes on being kept; every other yes ends.
        disk.named = disk.named.filter(|_| disk.before.is_some() && disk.on == On::EmptyFileSystem);
        (disk.bay, disk.mounted, disk.asked) = (None, None, false);
    }

    /// Members that count towards what was promised.
    pub(super) fn counting(&self) -> Vec<u8> {
        let counts = |number: &u8| {
            let member = self.roster.member(VolumeId([*number; 16]));
            member.is_some_and(|m| matches!(m.life, Life::Member { .. } | Life::Watch { .. }))
        };
        self.readable(None).into_iter().filter(counts).collect()
    }

    /// It is not mounted, and whatever can be read now can be read without it.
    pub(super) fn is_safe_to_pull(&self, disk: usize) {
        assert_eq!(self.disks[disk].mounted, None, "called safe to pull while it is mounted");
        let On::Volume { number, .. } = self.disks[disk].on else { panic!("no member") };
        let packs = self.members.get(&number).into_iter().flatten();
        let lost = packs.filter(|pack| self.has(**pack, Some(number)) == 0).count();
        assert_eq!(lost, 0, "the owner is told that this is safe");
    }

    pub(super) fn back_up(&mut self) {
        self.next_pack += 1;
        let to = self.counting().into_iter().rev().take(COPIES);
        for number in to.collect::<Vec<_>>() {
            self.members.get_mut(&number).expect("it counts").insert(self.next_pack);
        }
    }

    pub(super) fn rot(&mut self, disk: usize) {
        let Some(number) = self.number(disk) else { return };
        let here = self.members[&number].clone();
        let others = self.members.iter_mut().filter(|(other, _)| **other != number);
        others.for_each(|(_, packs)| packs.retain(|pack| !here.contains(pack)));
    }
}

#[test]
fn the_model_comes_to_where_a_pull_is_asked_for_and_taken_back() {
    let mut model = Model::new();
    model.begin_with_three_members();
    let asked = [Step::NameBays(false), Step::Replace(0), Step::Work(9), Step::Work(9)];
    for step in asked.into_iter().chain([Step::Work(9), Step::BackUp]) {
        model.take(&step);
    }
    assert!(model.disks[0].asked && model.disks[0].mounted.is_none());
    assert_eq!(model.roster.safe_to_pull(&model.world()).len(), 1);
    model.take(&Step::Rot(0));
    assert_eq!(model.roster.safe_to_pull(&model.world()), [], "before anybody did anything");
    model.take(&Step::Work(9));
    assert_eq!(model.withdrawn, 1);
    assert!(!model.disks[0].asked && model.disks[0].mounted.is_some());
    model.settle();
    assert!(model.disks[0].asked, "the copies are made anew, and then it may go again");
}

#[test]
fn the_model_comes_to_where_a_disk_is_pulled_while_it_is_put_back() {
    let mut model = Model::new();
    let steps = [
        Step::Plug(4, 3),
        Step::Erase(4, true),
        Step::SkipWait(4),
        Step::Work(1),
        Step::Undo(4),
        Step::PullWhilePuttingBack(4),
        Step::Restart,
    ];
    for step in steps {
        model.take(&step);
    }
    assert_eq!(
        (model.disks[4].on, model.disks[4].bay, model.disks[4].back),
        (On::Half, None, true)
    );
    for step in [Step::Plug(4, 1), Step::Work(1)] {
        model.take(&step);
    }
    assert_eq!((model.disks[4].on, model.disks[4].back), (On::Files(3), false));
    assert_eq!(model.put_back, 1);
    model.settle();
}
