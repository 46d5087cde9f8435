//! Board profiles, as their authors and unknown machines meet them.

use board::profile::{self, MachineFacts, Meaning, ProfileError};
use board::{Place, Profile};

const SMALL: &str = "name = \"Box\"\n[[bay]]\nname = \"1\"\nrow = 0\ncolumn = 0\npath = \"a*\"\n";

fn dmi(vendor: &str, product: &str) -> MachineFacts {
    MachineFacts {
        dmi_vendor: Some(vendor.to_owned()),
        dmi_product: Some(product.to_owned()),
        compatible: Vec::new(),
    }
}

fn tree(compatible: &[&str]) -> MachineFacts {
    let compatible = compatible.iter().map(|name| (*name).to_owned()).collect();
    MachineFacts { compatible, ..MachineFacts::default() }
}

#[test]
fn every_profile_that_is_shipped_can_be_read() {
    let all = profile::all().unwrap();
    let ids: Vec<&str> = all.iter().map(|profile| profile.id.as_str()).collect();
    let wanted = ["desk", "generic-x86-64", "helios64", "odroid-hc4", "qemu-q35", "raspberry-pi-5"];
    assert_eq!(ids, wanted);
    for profile in &all {
        assert_eq!(profile::by_id(&profile.id).as_ref(), Ok(profile));
    }
}

#[test]
fn a_machine_gets_the_profile_that_names_it() {
    for (machine, id) in [
        (dmi("QEMU", "Standard PC (Q35 + ICH9, 2009)"), "qemu-q35"),
        (tree(&["hardkernel,odroid-hc4", "amlogic,sm1"]), "odroid-hc4"),
        (tree(&["kobol,helios64", "rockchip,rk3399"]), "helios64"),
        (tree(&["raspberrypi,5-model-b", "brcm,bcm2712"]), "raspberry-pi-5"),
    ] {
        assert_eq!(profile::choose(&machine).unwrap().id, id);
    }
}

#[test]
fn a_machine_that_nobody_described_works_and_names_its_disks_by_port() {
    for machine in [
        MachineFacts::default(),
        dmi("QEMU", "Standard PC (i440FX + PIIX, 1996)"),
        tree(&["rockchip,rk3399"]),
    ] {
        let found = profile::choose(&machine).unwrap();
        assert_eq!(found, profile::fallback().unwrap());
        let port = "/devices/pci0000:00/0000:00:17.0/ata3/host2";
        assert_eq!(found.place(port), Place::Port(port.to_owned()));
    }
}

#[test]
fn a_disk_is_placed_by_the_path_of_its_port() {
    let q35 = profile::by_id("qemu-q35").unwrap();
    let disk = "/devices/pci0000:00/0000:00:1f.2/ata3/host2/target2:0:0/2:0:0:0/block/sdc";
    assert_eq!(q35.place(disk), Place::Bay("3".to_owned()));
    let desk = profile::by_id("desk").unwrap();
    assert_eq!(desk.place("desk/bay-2"), Place::Bay("2".to_owned()));
    assert_eq!(desk.place("desk/usb-front"), Place::Usb("front".to_owned()));
    assert_eq!(desk.place("desk/bay-22"), Place::Port("desk/bay-22".to_owned()));
}

#[test]
fn the_desk_has_a_light_beside_each_bay_and_a_button_to_hold() {
    let desk = profile::by_id("desk").unwrap();
    assert_eq!(desk.bays.len(), 4);
    for bay in &desk.bays {
        let led = desk.leds.iter().find(|led| Some(&led.path) == bay.led.as_ref());
        assert_eq!(led.map(|led| led.meaning), Some(Meaning::Bay));
    }
    assert_eq!(desk.button.map(|button| button.hold_secs), Some(5));
}

/// What is wrong with the small profile after one change, as its author reads it.
fn said(change: impl Fn(&str) -> String) -> String {
    match profile::parse("boards/mine.toml", &change(SMALL)) {
        Ok(profile) => format!("fine: {profile:?}"),
        Err(error) => {
            assert!(error.advice().ends_with('.'));
            error.to_string()
        }
    }
}

#[test]
fn what_is_wrong_is_said_with_the_file_and_the_line_or_key() {
    let unknown_key = said(|text| format!("{text}colour = \"red\"\n"));
    assert!(
        unknown_key.starts_with("boards/mine.toml, line 7: unknown field `colour`"),
        "{unknown_key}"
    );
    let unknown_table = said(|text| format!("{text}[watchdig]\n"));
    assert!(unknown_table.contains("unknown field `watchdig`"), "{unknown_table}");
    let missing = said(|text| text.replace("row = 0\n", ""));
    assert!(missing.contains("missing field `row`"), "{missing}");
    let kind = said(|text| text.replace("row = 0", "row = \"top\""));
    assert!(kind.starts_with("boards/mine.toml, line 4: "), "{kind}");
    let no_toml = said(|text| format!("{text}==="));
    assert!(no_toml.starts_with("boards/mine.toml, line 7: "), "{no_toml}");
}

#[test]
fn what_makes_no_sense_is_said_with_its_key() {
    let again = "[[bay]]\nname = \"1\"\nrow = 1\ncolumn = 0\npath = \"b*\"\n";
    for (addition, wanted) in [
        (again.to_owned(), "bay.name: 1 stands there twice"),
        (again.replace("\"1\"", "\"2\"").replace("b*", "a*"), "bay.path: a* stands there twice"),
        (
            again.replace("\"1\"", "\"2\"").replace("row = 1", "row = 0"),
            "bay.row, bay.column: 2 is drawn over another at 0, 0",
        ),
        ("led = \"x\"\n".to_owned(), "bay.led: x beside 1 is no light of this profile"),
        ("[[usb]]\nname = \"a\"\npath = \"**\"\n".to_owned(), "usb.path: a would take every disk"),
        (
            "[button]\ndevice = \"b\"\ncode = 1\nhold_secs = 0\n".to_owned(),
            "button.hold_secs: 0 is not 1 to 30",
        ),
        (
            "[watchdog]\ndevice = \"w\"\ntimeout_secs = 0\n".to_owned(),
            "watchdog.timeout_secs: 0 would restart at once",
        ),
    ] {
        assert_eq!(said(|text| format!("{text}{addition}")), format!("boards/mine.toml: {wanted}"));
    }
}

#[test]
fn an_owners_own_profile_is_as_good_as_one_that_is_shipped() {
    let mine: Profile = profile::parse("boards/mine.toml", SMALL).unwrap();
    assert_eq!((mine.id.as_str(), mine.bays.len()), ("mine", 1));
    assert_eq!(
        profile::by_id("mine"),
        Err(ProfileError::Unknown { id: "mine".to_owned() }),
        "it is used by being read, not by being known"
    );
}
