//! Who is up to date: sources and devices as `plan` judges them, from versions and from the list of people.
//!
//! A device that stores is judged, and not its source: one thing that is silent is said once, by what its owner
//! can look at. A computer is up to date by its versions; what only adds has nothing to add on most days, so it is
//! enough that it came. How often that usually is, is learned from what the box noted as it came, and never
//! from the versions that are left. What was taken back, and what people left who are gone, is not waited for.
//! Pure. Start at [`judged`].

use format::record::SnapshotKind;
use people::{Device, House, Person, Role, SPACE_PREFIX, Scope};
use plan::health::{DeviceHealth, RHYTHM_UNKNOWN, SourceHealth, is_to_come};
use plan::rhythm::{Visits, learned};
use types::{SourceId, UnixTime};

use crate::housemates::is_own;

/// How every sentence begins that is about a device.
const SOMEBODYS: &str = "A device of ";

/// A source and when its versions came.
#[derive(Clone, Debug)]
pub(crate) struct Came {
    /// Which.
    pub(crate) id: SourceId,
    /// Its name, which only its person is told.
    pub(crate) name: String,
    /// As the whole house is told of it.
    pub(crate) called: String,
    /// The name of its space.
    pub(crate) space: String,
    /// The oldest first.
    pub(crate) versions: Vec<(UnixTime, SnapshotKind)>,
    /// When something came, as it was noted then.
    pub(crate) visits: Visits,
    /// When a backup came.
    pub(crate) backups: Visits,
}

/// What is waited for: sources that no device stores to, and devices.
pub(crate) fn judged(
    came: &[Came],
    house: Option<&House>,
    now: UnixTime,
) -> (Vec<SourceHealth>, Vec<DeviceHealth>) {
    let people = house.map_or(&[][..], House::people);
    let is_waited_for = |one: &&Came| match (house, person_of(people, &one.space)) {
        (Some(house), Some(person)) => {
            let newest = newest(one.versions.iter().map(|(at, _)| *at), now);
            !house.has_device_of(person.id, &one.name)
                && !house.is_let_go(person.id, &one.name, newest)
        }
        // Of somebody who is gone.
        (Some(house), None) => !(house.is_claimed() && one.space.starts_with(SPACE_PREFIX)),
        (None, _) => true,
    };
    let source = |one: &Came| {
        let last = newest(one.versions.iter().map(|(at, _)| *at), now);
        let rhythm = learned(one.visits.until(now)).unwrap_or(RHYTHM_UNKNOWN);
        SourceHealth { name: one.called.clone(), last, rhythm }
    };
    let sources = came.iter().filter(is_waited_for).map(source).collect();
    let mut devices = Vec::new();
    for person in people.iter().filter(|one| one.role != Role::Helper) {
        let own = house.into_iter().flat_map(|house| house.devices(person.id));
        devices.extend(own.filter_map(|device| device_health((person, device), came, now)));
    }
    (sources, devices)
}

fn person_of<'p>(people: &'p [Person], space: &str) -> Option<&'p Person> {
    people.iter().find(|person| is_own(space, &person.space()))
}

/// The newest time that is not still to come; else one that is: something came, and nobody can say when.
fn newest(times: impl Iterator<Item = UnixTime>, now: UnixTime) -> Option<UnixTime> {
    times.max_by_key(|at| (!is_to_come(*at, now), *at))
}

/// One device; none that only reads.
fn device_health(
    (person, device): (&Person, &Device),
    came: &[Came],
    now: UnixTime,
) -> Option<DeviceHealth> {
    let source = device.stores_to()?;
    let heard = newest(device.visits().chain(device.used_ms.map(UnixTime)), now);
    let (last, rhythm) = match device.scope {
        Scope::Backup { .. } => {
            let mine = |one: &&Came| one.name == source && is_own(&one.space, &person.space());
            let mine: Vec<&Came> = came.iter().filter(mine).collect();
            // What was changed by hand is no sign of the computer.
            let backups = mine.iter().flat_map(|one| &one.versions);
            let backups = backups.filter(|(_, kind)| *kind == SnapshotKind::Backup);
            let visits = mine.iter().flat_map(|one| one.backups.until(now));
            (newest(backups.map(|(at, _)| *at), now), learned(visits))
        }
        Scope::Add { .. } | Scope::Read {} => {
            (heard, learned(device.visits().filter(|visit| *visit <= now)))
        }
    };
    let name = private_device(&person.name, device);
    Some(DeviceHealth { name, since: UnixTime(device.since_ms), last, heard, rhythm })
}

/// How the whole house calls a device: a computer's name is that of its source, which only its person is told.
fn private_device(person: &str, device: &Device) -> String {
    format!("{SOMEBODYS}{person}'s ({:.8})", device.id().to_string())
}

/// Whether a sentence is about a device that has another name for its person.
pub(crate) fn is_of_device(sentence: &str) -> bool {
    sentence.starts_with(SOMEBODYS)
}

/// A sentence as this person is told it, with their own devices by name.
pub(crate) fn told_to(house: &House, person: &Person, sentence: &str) -> String {
    house.devices(person.id).fold(sentence.to_owned(), |said, device| {
        match said.strip_prefix(&private_device(&person.name, device)) {
            Some(rest) => format!("{}'s {}{rest}", person.name, device.name),
            None => said,
        }
    })
}

#[cfg(test)]
mod tests {
    use people::{Cost, Now, PersonId, Verifier};
    use types::Millis;

    use super::*;
    use crate::memory::Memory;

    const NOW: Now = Now { wall: UnixTime(1_790_000_000_000), uptime: Millis(0) };

    /// A house of Ada and Ben.
    fn house() -> (House, [PersonId; 2]) {
        let (cost, rng) = (Cost { memory_kib: 8, passes: 1 }, host::env().rng);
        let mut house = House::new(cost);
        let password = || Verifier::of("four words of mine", cost, &*rng).unwrap();
        let code = house.new_claim(&*rng).unwrap();
        let ada = house.claim(&code.text(), "ada", password(), NOW, &*rng).unwrap();
        let ben = house.invite("ben", Role::Member, None, NOW, &*rng).unwrap().person;
        (house, [ada, ben])
    }

    fn came(name: &str, space: String, kinds: &[SnapshotKind]) -> Came {
        let ago = |days| NOW.wall.minus(Millis::from_days(days));
        let versions = kinds.iter().rev().zip((1..).map(ago)).map(|(kind, at)| (at, *kind));
        let versions: Vec<_> = versions.collect();
        let versions = versions.into_iter().rev().collect();
        let (name, called) = (name.to_owned(), format!("{name} in {space}"));
        let id = SourceId([name.as_bytes()[0]; 16]);
        let (visits, backups) = (Visits::default(), Visits::default());
        let mut came = [Came { id, name, called, space, versions, visits, backups }];
        Memory::default().note_what_came(&mut came, NOW.wall, Millis::from_days(90));
        let [came] = came;
        came
    }

    #[test]
    fn a_computer_is_judged_by_its_own_backups_and_a_source_by_itself_where_no_device_stores() {
        use SnapshotKind::{Backup, Edit};
        let (mut house, [ada, ben]) = house();
        let space = |house: &House, of| house.person(of).unwrap().space();
        let (adas, bens) = (space(&house, ada), space(&house, ben));
        let rng = host::env().rng;
        let scope = Scope::Backup { source: "laptop".to_owned() };
        let new = house.new_device(ada, ("mine", scope, None), NOW, &*rng).unwrap();
        house.new_device(ben, ("eyes", Scope::Read {}, None), NOW, &*rng).unwrap();
        let all = [
            came("laptop", adas.clone(), &[Backup, Backup, Edit]),
            // After halves of a vault met again it is hers all the same.
            came("laptop", format!("{adas}.2"), &[Backup; 4]),
            came("laptop", bens.clone(), &[Edit]),
            came("films", "everyone".to_owned(), &[Backup]),
            came("diary", "person-0123456789abcdef".to_owned(), &[Edit]),
        ];
        let names = |sources: &[SourceHealth]| {
            sources.iter().map(|one| one.name.clone()).collect::<Vec<_>>()
        };
        let (sources, devices) = judged(&all, Some(&house), NOW.wall);
        let bens = format!("laptop in {bens}");
        assert_eq!(names(&sources), [bens.clone(), "films in everyone".to_owned()]);
        let [device] = &devices[..] else { panic!("{devices:?}") };
        assert_eq!(device.last, Some(NOW.wall.minus(Millis::from_days(1))));
        assert_eq!(device.rhythm, Some(Millis::from_days(1)));
        let said = format!("{} has been silent.", device.name);
        let to = |id| told_to(&house, house.person(id).unwrap(), &said);
        assert_eq!(to(ada), "ada's mine has been silent.");
        assert!(is_of_device(&to(ben)) && !to(ben).contains("mine"));

        // Taken back: neither it nor its source; and before there were people, every source was waited for.
        house.remove_device(ada, &new.device.id().to_string(), NOW).unwrap();
        let (sources, devices) = judged(&all, Some(&house), NOW.wall);
        assert_eq!((names(&sources).len(), devices.len()), (2, 0));
        assert_eq!(judged(&all, None, NOW.wall).0.len(), all.len());
    }
    /// The rhythm was that of the versions that were left, and grew as they were thinned out: a laptop that
    /// came daily was missed for two months and then for a month no longer.
    #[test]
    fn a_rhythm_is_that_of_what_came_and_not_of_the_versions_that_are_left() {
        let (mut house, [ada, _]) = house();
        let space = house.person(ada).unwrap().space();
        let scope = Scope::Backup { source: "laptop".to_owned() };
        house.new_device(ada, ("mine", scope, None), NOW, &*host::env().rng).unwrap();
        let kinds = [SnapshotKind::Backup; 40];
        let mut all = [came("laptop", space, &kinds), came("films", "everyone".to_owned(), &kinds)];
        let whole = Millis::from_days(90);
        let mut memory = Memory::default();
        memory.note_what_came(&mut all, NOW.wall, whole);
        for one in &mut all {
            one.versions = one.versions.split_off(39);
            one.versions.insert(0, (NOW.wall.minus(Millis::from_days(40)), SnapshotKind::Backup));
        }
        // The box is started anew, and long after that.
        let kept = serde_json::to_vec(&memory).unwrap();
        let mut memory: Memory = serde_json::from_slice(&kept).unwrap();
        let later = NOW.wall.plus(Millis::from_days(80));
        memory.note_what_came(&mut all, later, whole);
        let (sources, devices) = judged(&all, Some(&house), later);
        let rhythms = (sources[0].rhythm, devices[0].rhythm);
        assert_eq!(rhythms, (Millis::from_days(1), Some(Millis::from_days(1))));
    }
    /// The clock was ten years ahead for a day on which both came, and the box called them up to date for years.
    #[test]
    fn what_came_by_a_clock_that_was_ahead_makes_nobody_up_to_date() {
        let (mut house, [ada, _]) = house();
        let space = house.person(ada).unwrap().space();
        let rng = host::env().rng;
        let new = |house: &mut House, name, scope| {
            house.new_device(ada, (name, scope, None), NOW, &*rng).unwrap().token
        };
        new(&mut house, "mine", Scope::Backup { source: "laptop".to_owned() });
        let phone = new(&mut house, "phone", Scope::Add { source: "photos".to_owned() });
        let at = |days| Now { wall: NOW.wall.plus(Millis::from_days(days)), uptime: Millis(0) };
        for day in [0, 1, 3_650] {
            assert!(house.is_used(&phone, at(day)));
        }
        let kinds = [SnapshotKind::Backup; 3];
        let mut all = [came("laptop", space, &kinds), came("films", "everyone".to_owned(), &kinds)];
        for one in &mut all {
            one.versions.push((at(3_650).wall, SnapshotKind::Backup));
        }
        let (sources, devices) = judged(&all, Some(&house), at(9).wall);
        let lasts = [sources[0].last, devices[0].last, devices[1].last, devices[1].heard];
        let day = |days: i64| Some(UnixTime(NOW.wall.0 + days * 86_400_000));
        assert_eq!(lasts, [day(-1), day(-1), day(1), day(1)]);
        assert_eq!(devices[1].rhythm, Some(Millis::from_days(1)));
        // And of what came by such a clock only, it is known that it did.
        all[0].versions.drain(..3);
        let (_, devices) = judged(&all, Some(&house), at(9).wall);
        assert_eq!(devices[0].last, day(3_650));
    }
}
