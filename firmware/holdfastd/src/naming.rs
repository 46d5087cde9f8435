//! From what an owner calls a disk to the disk.
//!
//! Pure. A name that fits two disks is refused with both. Start at [`find`].

use calls::{Fault, FaultCode};
use plan::disk::{Entry, Roster};

use crate::seen::{ID_LEN, drive_id, id_of};

/// The disk that its owner calls so: by its id, its place, its bay, or the last four of its serial;
/// a member also by the front of its volume's id. Of what fits, a disk that is here comes first.
pub(crate) fn find<'r>(roster: &'r Roster, name: &str) -> Result<&'r Entry, Fault> {
    let name = name.trim().to_lowercase();
    let fits = |entry: &&Entry| {
        let disk = &entry.identity;
        let volume = entry.volume.filter(|_| name.len() >= ID_LEN).map(|volume| volume.to_string());
        !name.is_empty()
            && (id_of(disk) == name
                || drive_id(disk) == name
                || is_place_of(entry, &name)
                || disk.last_four().to_lowercase() == name
                || volume.is_some_and(|volume| volume.starts_with(&name)))
    };
    let mut found: Vec<&Entry> = roster.entries().iter().filter(fits).collect();
    // Whoever says a bay means what is in it, not the disk that was pulled from it. A serial or an id
    // says nothing of that: the lost disk may be the one that is meant.
    let here = |entry: &&Entry| entry.life.is_here();
    let by_place = |entry: &&Entry| is_place_of(entry, &name);
    if found.iter().all(by_place) && found.iter().filter(|entry| here(entry)).count() == 1 {
        found.retain(here);
    }
    match found[..] {
        [one] => Ok(one),
        [] => {
            let sentence = format!("There is no disk {name}.");
            let advice = "`holdfast --box default disks` lists all disks with their names.";
            Err(Fault::new(FaultCode::NotFound, sentence, advice))
        }
        _ => {
            let ids: Vec<String> = found.iter().map(|entry| id_of(&entry.identity)).collect();
            let sentence = format!("{name} may be one of {} disks.", found.len());
            let advice = format!("Name it by its id: {}.", ids.join(" or "));
            Err(Fault::new(FaultCode::BadRequest, sentence, advice))
        }
    }
}

fn is_place_of(entry: &Entry, name: &str) -> bool {
    let bay = entry.bay.as_ref().map(|bay| bay.to_lowercase());
    entry.place.to_lowercase() == name
        || bay.is_some_and(|bay| bay == name || name == format!("bay-{bay}"))
}

#[cfg(test)]
mod tests {
    use plan::disk::{Life, Seen, Standing, Wish};
    use types::{Bytes, DiskContent, DiskIdentity, Transport, VaultId, VolumeId};

    use super::*;

    fn seen(bay: &str, serial: &str) -> Seen {
        let identity = DiskIdentity {
            transport: Transport::Sata,
            model: "Disk".to_owned(),
            serial: Some(serial.to_owned()),
            wwn: None,
            port: format!("desk/bay-{bay}"),
            size: Bytes(1),
        };
        let (place, bay) = (format!("bay {bay}"), Some(bay.to_owned()));
        Seen { identity, place, bay, content: DiskContent::Blank }
    }

    #[test]
    fn a_disk_answers_to_each_of_its_names_and_two_never_to_one() {
        let mut roster = Roster::new(VaultId([1; 16]));
        roster.look(&[seen("1", "AA-7777"), seen("2", "BB-7777"), seen("3", "CC-1234")]);
        let id = id_of(&roster.entries()[2].identity);
        for name in ["3", "bay 3", "Bay-3", "1234", id.as_str()] {
            assert_eq!(find(&roster, name).unwrap().place, "bay 3", "{name}");
        }
        let both = find(&roster, "7777").unwrap_err();
        assert_eq!(both.code, FaultCode::BadRequest);
        assert!(both.advice.contains(" or "), "{}", both.advice);
        for name in ["", "9", "bay"] {
            assert_eq!(find(&roster, name).unwrap_err().code, FaultCode::NotFound, "{name}");
        }
    }

    /// A disk was pulled from bay 1 and another put into it: "1" was refused as two disks.
    #[test]
    fn a_bay_means_the_disk_that_is_in_it_and_not_the_one_that_was_pulled_from_it() {
        let vault = VaultId([1; 16]);
        let mark = types::VolumeMark {
            vault,
            volume: VolumeId([2; 16]),
            generation: 1,
            serial: "AA-7777".to_owned(),
        };
        let old = Seen { content: DiskContent::Volume(mark), ..seen("1", "AA-7777") };
        let mut roster = Roster::new(vault);
        roster.enrol(Entry {
            identity: old.identity.clone(),
            place: old.place.clone(),
            bay: old.bay.clone(),
            volume: Some(VolumeId([2; 16])),
            generation: 1,
            content: old.content,
            life: Life::OursAbsent { was: Standing::Member, wish: Wish::Replace },
            away: types::Millis(0),
            pull_asked: false,
            given_up: false,
            label: None,
        });
        assert!(!find(&roster, "1").unwrap().life.is_here(), "nothing else is there");
        roster.look(&[seen("1", "BB-8888")]);
        assert_eq!(roster.entries().len(), 2);
        assert_eq!(find(&roster, "1").unwrap().identity.serial.as_deref(), Some("BB-8888"));
        assert!(!find(&roster, "7777").unwrap().life.is_here(), "it has names of its own");
    }
}
