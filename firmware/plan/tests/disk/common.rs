//! Two members in two bays, and short ways to say what is plugged in.

use plan::disk::{Entry, How, Life, Roster, Seen, Standing, VolumeNeeds, Wish, World};
use types::{
    Bytes, DiskContent, DiskIdentity, Foreign, Millis, Transport, VaultId, VolumeId, VolumeMark,
};

pub(crate) const VAULT: VaultId = VaultId([1; 16]);
pub(crate) const MINUTE: Millis = Millis::from_secs(60);

pub(crate) fn id(number: u8) -> VolumeId {
    VolumeId([number; 16])
}

pub(crate) fn identity(serial: &str, bay: u8) -> DiskIdentity {
    DiskIdentity {
        transport: Transport::Sata,
        model: "Disk".to_owned(),
        serial: Some(serial.to_owned()),
        wwn: None,
        port: format!("bay-{bay}"),
        size: Bytes(4_000_000_000_000),
    }
}

pub(crate) fn seen(serial: &str, bay: u8, content: DiskContent) -> Seen {
    let (place, name) = (format!("bay {bay}"), Some(bay.to_string()));
    Seen { identity: identity(serial, bay), place, bay: name, content }
}

pub(crate) fn mark(number: u8, generation: u64) -> DiskContent {
    DiskContent::Volume(VolumeMark {
        vault: VAULT,
        volume: id(number),
        generation,
        serial: String::new(),
    })
}

pub(crate) fn photos(files: u64) -> DiskContent {
    DiskContent::Foreign(Foreign { files: Some(files), ..Foreign::default() })
}

/// Members 1 and 2, in bays 1 and 2.
pub(crate) fn pair() -> (Roster, Vec<Seen>) {
    let disks = vec![seen("AAAA1111", 1, mark(1, 5)), seen("BBBB2222", 2, mark(2, 5))];
    let mut roster = Roster::new(VAULT);
    for (disk, number) in disks.iter().zip([1, 2]) {
        roster.enrol(Entry {
            identity: disk.identity.clone(),
            place: disk.place.clone(),
            bay: disk.bay.clone(),
            volume: Some(id(number)),
            generation: 5,
            content: disk.content.clone(),
            life: Life::OursAbsent { was: Standing::Member, wish: Wish::Stay },
            away: Millis(0),
            pull_asked: false,
            given_up: false,
            label: None,
        });
    }
    assert_eq!(roster.look(&disks).len(), 2);
    (roster, disks)
}

/// Both mounted, both needed, all copies made, one bay free.
pub(crate) fn world(roster: &Roster) -> World {
    let here = roster.entries().iter().filter(|e| e.life.standing().is_some() && e.life.is_here());
    let needed =
        VolumeNeeds { only_here: 0, takes_packs: true, is_spare: false, is_unsettled: false };
    World {
        mounted: here.map(|entry| (entry.identity.clone(), How::ReadWrite)).collect(),
        volumes: [(id(1), needed), (id(2), needed)].into(),
        has_room: true,
        free_bay: Some("3".to_owned()),
        ..World::default()
    }
}

pub(crate) fn life(roster: &Roster, disk: &Seen) -> Life {
    roster.here(&disk.identity).expect("it is plugged in").life
}
