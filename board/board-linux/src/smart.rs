//! What smartctl says about a disk, as typed facts.
//!
//! Only fields that mean the same on every disk are taken; what is missing, or is not the kind of
//! value it should be, stays unknown. The document may come from a hostile bridge: it is bounded
//! by whoever read it, and never panics. Start at [`facts`].

use serde_json::Value;
use types::SmartFacts;

/// smartctl's exit code for a sleeping disk. It is ours to choose; an odd number above 1 is no
/// combination of the bits that it ends with otherwise, because bit 0 stands alone.
pub(crate) const ASLEEP: i32 = 3;
/// Bits 0 and 1 of the exit code: the command or the device was refused, so there are no facts.
const NO_FACTS: i32 = 0b11;
/// So many of its complaints are passed on.
const MESSAGES_MAX: usize = 3;

/// Why there are none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NoFacts {
    /// The disk sleeps.
    Asleep,
    /// The bridge before it wants to be told how to be spoken to.
    UnknownBridge,
    /// In smartctl's own words.
    Refused(String),
}

/// Reads the answer to `smartctl --json -n standby,3 -a`.
pub(crate) fn facts(exit: Option<i32>, document: &[u8]) -> Result<SmartFacts, NoFacts> {
    if exit == Some(ASLEEP) {
        return Err(NoFacts::Asleep);
    }
    let refused = |what: &str| Err(NoFacts::Refused(what.to_owned()));
    let Ok(value) = serde_json::from_slice::<Value>(document) else {
        return refused("the answer is no JSON");
    };
    if !value["smartctl"].is_object() {
        return refused("the answer is not smartctl's");
    }
    if exit.is_none_or(|code| code & NO_FACTS != 0) {
        let said = messages(&value);
        let bridge = said.contains("Unknown USB bridge") || said.contains("-d option");
        return Err(if bridge { NoFacts::UnknownBridge } else { NoFacts::Refused(said) });
    }
    Ok(read(&value))
}

fn messages(value: &Value) -> String {
    let list = value["smartctl"]["messages"].as_array();
    let texts = list.into_iter().flatten().filter_map(|message| message["string"].as_str());
    let texts: Vec<&str> = texts.take(MESSAGES_MAX).collect();
    if texts.is_empty() { "the device was refused".to_owned() } else { texts.join("; ") }
}

fn read(value: &Value) -> SmartFacts {
    let nvme = &value["nvme_smart_health_information_log"];
    let scsi = &value["scsi_error_counter_log"];
    let whole = |value: &Value| value.as_u64();
    let percent = |value: &Value| u8::try_from(value.as_u64()?).ok();
    let attribute = |id| attribute(value, id);
    let scsi_uncorrected = || {
        let of = |what: &str| whole(&scsi[what]["total_uncorrected_errors"]);
        [of("read"), of("write"), of("verify")].into_iter().flatten().reduce(u64::saturating_add)
    };
    SmartFacts {
        passed: value["smart_status"]["passed"].as_bool(),
        temperature_c: temperature(value),
        power_on_hours: whole(&value["power_on_time"]["hours"]),
        reallocated: attribute(5).or_else(|| whole(&value["scsi_grown_defect_list"])),
        pending: attribute(197),
        uncorrectable: attribute(198)
            .or_else(|| whole(&nvme["media_errors"]))
            .or_else(scsi_uncorrected),
        cable_errors: attribute(199),
        worn_percent: percent(&nvme["percentage_used"])
            .or_else(|| percent(&value["endurance_used"]["current_percent"]))
            .or_else(|| percent(&value["scsi_percentage_used_endurance_indicator"]))
            .or_else(|| worn_by_statistics(value)),
        spare_percent: percent(&nvme["available_spare"])
            .or_else(|| percent(&value["spare_available"]["current_percent"])),
    }
}

/// Sensors that do not work say absurd things; they are unknown, not cold.
fn temperature(value: &Value) -> Option<i16> {
    let said = i16::try_from(value["temperature"]["current"].as_i64()?).ok()?;
    (-40..=150).contains(&said).then_some(said).filter(|degrees| *degrees != 0)
}

/// The raw value of an ATA attribute.
fn attribute(value: &Value, id: u64) -> Option<u64> {
    let table = value["ata_smart_attributes"]["table"].as_array()?;
    table.iter().find(|row| row["id"].as_u64() == Some(id))?["raw"]["value"].as_u64()
}

/// Page 7 of the ATA device statistics, offset 8.
fn worn_by_statistics(value: &Value) -> Option<u8> {
    let pages = value["ata_device_statistics"]["pages"].as_array()?;
    let page = pages.iter().find(|page| page["number"].as_u64() == Some(7))?;
    let row = page["table"].as_array()?.iter().find(|row| row["offset"].as_u64() == Some(8))?;
    u8::try_from(row["value"].as_u64()?).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ATA: &str = include_str!("../tests/smart/ata.json");
    const NVME: &str = include_str!("../tests/smart/nvme.json");
    const SAT: &str = include_str!("../tests/smart/usb-sat.json");
    const BRIDGE: &str = include_str!("../tests/smart/usb-unknown.json");

    #[test]
    fn an_ata_disk_that_wears_out_says_so() {
        let found = facts(Some(0), ATA.as_bytes()).unwrap();
        let expected = SmartFacts {
            passed: Some(true),
            temperature_c: Some(38),
            power_on_hours: Some(41_230),
            reallocated: Some(24),
            pending: Some(8),
            uncorrectable: Some(2),
            cable_errors: Some(117),
            worn_percent: None,
            spare_percent: None,
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn an_nvme_disk_that_fails_says_so_although_smartctl_ends_with_a_bit_set() {
        let found = facts(Some(8), NVME.as_bytes()).unwrap();
        assert_eq!(found.passed, Some(false));
        assert_eq!((found.worn_percent, found.spare_percent), (Some(104), Some(7)));
        assert_eq!((found.uncorrectable, found.reallocated), (Some(12), None));
    }

    #[test]
    fn a_disk_behind_a_bridge_says_what_the_bridge_lets_through() {
        let found = facts(Some(4), SAT.as_bytes()).unwrap();
        assert_eq!(found.passed, None);
        assert_eq!(found.power_on_hours, Some(912));
        assert_eq!(found.worn_percent, Some(3));
        assert_eq!(found.temperature_c, None, "a sensor that says 0 does not work");
        assert_eq!(found.pending, None);
    }

    #[test]
    fn a_sleeping_disk_and_an_unknown_bridge_are_told_apart_from_faults() {
        assert_eq!(facts(Some(ASLEEP), b"{}"), Err(NoFacts::Asleep));
        assert_eq!(facts(Some(1), BRIDGE.as_bytes()), Err(NoFacts::UnknownBridge));
        let refused = ATA.replace("\"messages\": []", "\"messages\": [{\"string\": \"no such\"}]");
        let expected = Err(NoFacts::Refused("no such".to_owned()));
        assert_eq!(facts(Some(2), refused.as_bytes()), expected);
    }

    #[test]
    fn what_is_no_answer_of_smartctl_is_an_error() {
        let deep = "[".repeat(100_000);
        for hostile in ["", "null", "{", "[]", "{\"smartctl\": 7}", "\u{0}", &deep] {
            assert!(facts(Some(0), hostile.as_bytes()).is_err());
        }
    }

    #[test]
    fn values_of_the_wrong_kind_are_unknown() {
        let odd = r#"{"smartctl": {}, "smart_status": {"passed": "yes"},
            "temperature": {"current": 99999}, "power_on_time": [1],
            "ata_smart_attributes": {"table": [{"id": 5, "raw": {"value": -1}}, 7, {"id": "5"}]},
            "nvme_smart_health_information_log": {"percentage_used": 300}}"#;
        assert_eq!(facts(Some(0), odd.as_bytes()), Ok(SmartFacts::default()));
    }

    proptest! {
        #[test]
        fn a_damaged_document_never_panics(at in 0..ATA.len(), byte in any::<u8>()) {
            for text in [ATA, NVME] {
                let mut bytes = text.as_bytes().to_vec();
                let at = at % bytes.len();
                bytes[at] = byte;
                facts(Some(0), &bytes).ok();
                facts(Some(0), &bytes[..at]).ok();
            }
        }
    }
}
