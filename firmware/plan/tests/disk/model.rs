//! Any sequence of plugging, pulling, acts, kills and copies of disks, against a small world that
//! knows what is really on each disk and what its owner really said.
//!
//! The world holds packs on volumes in the simplest way there is. Whatever the decisions make it do
//! is checked before it is done: nothing is erased that was not named, nothing is mounted that is
//! not the real disk, and nothing is pulled or struck off that others still need.

use std::collections::{BTreeMap, BTreeSet};

use plan::disk::{
    Action, Aim, ERASE_WAIT, Entry, Grade, How, Joining, Life, Roster, Seen, UndoNews, VolumeNeeds,
    World,
};
use proptest::prelude::*;
use types::{
    Bytes, DiskContent, DiskIdentity, Foreign, Millis, Transport, VaultId, VolumeId, VolumeMark,
};

const VAULT: VaultId = VaultId([1; 16]);
const DISKS: usize = 6;
const BAYS: usize = 5;
const COPIES: usize = 2;

/// Of the order to format a disk.
fn label(disk: usize) -> String {
    format!("hf-{disk}")
}

/// What is really on a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum On {
    Nothing,
    Files(u64),
    EmptyFileSystem,
    /// Some of what was there before it was formatted.
    Half,
    Volume {
        number: u8,
        generation: u64,
    },
}

#[derive(Clone, Debug)]
struct Disk {
    serial: String,
    bay: Option<usize>,
    on: On,
    /// What its owner said might go, how long ago, and whether he would not wait.
    named: Option<(On, Millis, bool)>,
    mounted: Option<How>,
    /// Its owner was asked to pull it.
    asked: bool,
    /// It was formatted, and its owner wants what was there before.
    back: bool,
    /// What the board keeps of what was there before it was formatted.
    before: Option<On>,
}

#[derive(Clone, Debug)]
enum Step {
    Plug(usize, usize),
    Pull(usize),
    Adopt(usize, bool),
    Erase(usize, bool),
    SkipWait(usize),
    Undo(usize),
    Confirm(usize),
    Minutes(u64),
    Replace(usize),
    Retire(usize),
    Cancel(usize),
    Judge(usize, Grade),
    AddFile(usize),
    CopyDisk(usize, usize, bool),
    /// A copy is made, the original is used on, and then the copy stands in its place.
    OldCopyInPlaceOf(usize, usize),
    NameBays(bool),
    /// Something new is stored, wherever it may be now.
    BackUp,
    /// Every other copy of what is on this one goes bad, and the vault sees it.
    Rot(usize),
    Restart,
    Work(usize),
    /// What is put back stops in the middle, because the disk is pulled.
    PullWhilePuttingBack(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let (disk, disk_again, bay) = (0..DISKS, 0..DISKS, 0..BAYS);
    let grade = prop_oneof![Just(Grade::Healthy), Just(Grade::ReplaceSoon), Just(Grade::Failed)];
    prop_oneof![
        6 => (disk.clone(), bay).prop_map(|(disk, bay)| Step::Plug(disk, bay)),
        4 => disk.clone().prop_map(Step::Pull),
        3 => (disk.clone(), any::<bool>()).prop_map(|(disk, rep)| Step::Adopt(disk, rep)),
        3 => (disk.clone(), any::<bool>()).prop_map(|(disk, word)| Step::Erase(disk, word)),
        1 => disk.clone().prop_map(Step::SkipWait),
        1 => disk.clone().prop_map(Step::Undo),
        1 => disk.clone().prop_map(Step::Confirm),
        2 => (0..20_u64).prop_map(Step::Minutes),
        2 => disk.clone().prop_map(Step::Replace),
        1 => disk.clone().prop_map(Step::Retire),
        1 => disk.clone().prop_map(Step::Cancel),
        1 => (disk.clone(), grade).prop_map(|(disk, grade)| Step::Judge(disk, grade)),
        1 => disk.clone().prop_map(Step::AddFile),
        3 => (disk.clone(), disk, any::<bool>()).prop_map(|(a, b, c)| Step::CopyDisk(a, b, c)),
        1 => (0..4_usize, 3..DISKS).prop_map(|(old, copy)| Step::OldCopyInPlaceOf(old, copy)),
        1 => any::<bool>().prop_map(Step::NameBays),
        2 => Just(Step::BackUp),
        2 => disk_again.prop_map(Step::Rot),
        2 => Just(Step::Restart),
        8 => (0..6_usize).prop_map(Step::Work),
        1 => (0..DISKS).prop_map(Step::PullWhilePuttingBack),
    ]
}

#[derive(Debug)]
struct Model {
    disks: Vec<Disk>,
    roster: Roster,
    /// Members on the vault's list, and the packs on each.
    members: BTreeMap<u8, BTreeSet<u32>>,
    /// Serials on which a volume may be, because it was made there or its owner said so.
    trusted: BTreeSet<(u8, String)>,
    /// The newest generation that was acknowledged.
    newest: BTreeMap<u8, u64>,
    /// Members that their owner wants gone.
    unwanted: BTreeSet<u8>,
    /// Whether the box knows which bays are free.
    names_bays: bool,
    next: u8,
    formatted: usize,
    put_back: usize,
    asked: usize,
    withdrawn: usize,
    next_pack: u32,
}

impl Model {
    fn new() -> Self {
        let disk = |number: usize| Disk {
            serial: format!("SER{number}"),
            bay: None,
            on: if number < 4 { On::Nothing } else { On::Files(3) },
            named: None,
            mounted: None,
            asked: false,
            back: false,
            before: None,
        };
        Self {
            disks: (0..DISKS).map(disk).collect(),
            roster: Roster::new(VAULT),
            members: BTreeMap::new(),
            trusted: BTreeSet::new(),
            newest: BTreeMap::new(),
            unwanted: BTreeSet::new(),
            names_bays: true,
            next: 1,
            formatted: 0,
            put_back: 0,
            asked: 0,
            withdrawn: 0,
            next_pack: 100,
        }
    }

    fn identity(&self, disk: usize) -> Option<DiskIdentity> {
        Some(DiskIdentity {
            transport: Transport::Sata,
            model: "Disk".to_owned(),
            serial: Some(self.disks[disk].serial.clone()),
            wwn: None,
            port: format!("bay-{}", self.disks[disk].bay?),
            size: Bytes(1),
        })
    }

    fn find(&self, identity: &DiskIdentity) -> usize {
        (0..DISKS)
            .find(|disk| self.identity(*disk).as_ref() == Some(identity))
            .expect("decisions name only what is plugged in")
    }

    fn content(&self, disk: usize) -> DiskContent {
        match self.disks[disk].on {
            On::Nothing => DiskContent::Blank,
            On::EmptyFileSystem => DiskContent::Foreign(Foreign {
                label: Some(label(disk)),
                files: Some(0),
                ..Foreign::default()
            }),
            On::Half => {
                DiskContent::Foreign(Foreign { label: Some(label(disk)), ..Foreign::default() })
            }
            On::Files(count) => {
                DiskContent::Foreign(Foreign { files: Some(count), ..Foreign::default() })
            }
            On::Volume { number, generation } => DiskContent::Volume(VolumeMark {
                vault: VAULT,
                volume: VolumeId([number; 16]),
                generation,
                serial: String::new(),
            }),
        }
    }

    fn look(&mut self) {
        let here = (0..DISKS).filter_map(|disk| Some((disk, self.identity(disk)?)));
        let seen: Vec<Seen> = here
            .map(|(disk, identity)| Seen {
                place: identity.port.clone(),
                bay: Some(identity.port.clone()),
                identity,
                content: self.content(disk),
            })
            .collect();
        self.roster.look(&seen);
        let again = self.roster.clone();
        assert_eq!(self.roster.look(&seen), [], "the same look twice");
        assert_eq!(self.roster, again);
    }

    /// The members whose packs can be read now, `but` one.
    fn readable(&self, but: Option<u8>) -> Vec<u8> {
        let mounted = self.disks.iter().filter(|disk| disk.mounted.is_some());
        let volumes = mounted.filter_map(|disk| match disk.on {
            On::Volume { number, .. } if Some(number) != but => Some(number),
            _ => None,
        });
        volumes.filter(|number| self.members.contains_key(number)).collect()
    }

    fn has(&self, pack: u32, but: Option<u8>) -> usize {
        self.readable(but).iter().filter(|number| self.members[number].contains(&pack)).count()
    }

    fn short(&self) -> Vec<u32> {
        let counting = self.counting();
        let all: BTreeSet<u32> = self.members.values().flatten().copied().collect();
        let copies = |pack: &u32| {
            counting.iter().filter(|number| self.members[number].contains(pack)).count()
        };
        let wanted = COPIES.min(counting.len());
        all.into_iter().filter(|p| copies(p) < wanted && self.has(*p, None) > 0).collect()
    }

    fn world(&self) -> World {
        let mut world = World { has_room: true, ..World::default() };
        for disk in 0..DISKS {
            if let (Some(identity), Some(how)) = (self.identity(disk), self.disks[disk].mounted) {
                world.mounted.insert(identity, how);
            }
        }
        for (number, packs) in &self.members {
            let only_here =
                packs.iter().filter(|pack| self.has(**pack, Some(*number)) == 0).count();
            let counting: Vec<u8> =
                self.counting().into_iter().filter(|other| other != number).collect();
            let kept = |pack: &u32| {
                counting.iter().filter(|other| self.members[other].contains(pack)).count()
            };
            let is_spare = !counting.is_empty()
                && packs.iter().all(|pack| kept(pack) >= COPIES.min(counting.len()));
            let needs = VolumeNeeds {
                only_here: only_here as u64,
                takes_packs: true,
                is_spare,
                is_unsettled: false,
            };
            world.volumes.insert(VolumeId([*number; 16]), needs);
        }
        world.under_copied = self.short().len() as u64;
        let free = (0..BAYS).find(|bay| self.disks.iter().all(|disk| disk.bay != Some(*bay)));
        world.free_bay = free.filter(|_| self.names_bays).map(|bay| bay.to_string());
        world
    }
}

mod pulls;
mod steps;
mod work;

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_of_hands_kills_and_clones_writes_what_was_not_named_or_loses_a_copy(
        members in any::<bool>(),
        steps in prop::collection::vec(step(), 1..120),
    ) {
        let mut model = Model::new();
        if members {
            model.begin_with_three_members();
        }
        for step in steps {
            model.take(&step);
        }
        model.settle();
    }
}
