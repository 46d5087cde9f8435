//! Pages that SCSI disks and bridges describe themselves with, as sysfs hands them out.
//!
//! Pure: bytes in, names out; a page that is cut short or lies about its length gives what is
//! there, or nothing. Start at [`serial`] and [`identify`].

use super::attr::printable;

/// Page 0x80: the unit's serial.
pub(crate) fn serial(page: &[u8]) -> Option<String> {
    plausible_serial(printable(body(page, 0x80)?)?)
}

/// Page 0x83: the world-wide name of the unit itself, as `naa.` or `eui.` and hexadecimal digits.
pub(crate) fn world_wide_name(page: &[u8]) -> Option<String> {
    let mut rest = body(page, 0x83)?;
    while let [_, kind, _, len, after @ ..] = rest {
        let name = after.get(..usize::from(*len))?;
        // Association 0 is the unit; 1 and 2 are the port and the enclosure, shared by many.
        let of_unit = kind >> 4 & 0x3 == 0;
        match kind & 0xf {
            3 if of_unit && matches!(len, 8 | 16) => return Some(format!("naa.{}", hex(name))),
            2 if of_unit && matches!(len, 8 | 12 | 16) => {
                return Some(format!("eui.{}", hex(name)));
            }
            _ => rest = &after[usize::from(*len)..],
        }
    }
    None
}

/// What page 0x89 holds of the ATA disk behind a translation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Identify {
    pub(crate) model: Option<String>,
    pub(crate) serial: Option<String>,
    pub(crate) wwn: Option<String>,
}

/// Page 0x89: the disk's own IDENTIFY DEVICE, 512 bytes from offset 60.
pub(crate) fn identify(page: &[u8]) -> Option<Identify> {
    let data = page.get(60..60 + 512).filter(|_| page[1] == 0x89)?;
    let word = |at: usize| u16::from_le_bytes([data[2 * at], data[2 * at + 1]]);
    // Text is stored with the bytes of each word exchanged.
    let text = |from: usize, to: usize| {
        let swapped: Vec<u8> = (from..to).flat_map(|at| [data[2 * at + 1], data[2 * at]]).collect();
        printable(&swapped)
    };
    let named = word(87) & 0xc100 == 0x4100;
    let wwn: String = (108..112).map(|at| format!("{:04x}", word(at))).collect();
    Some(Identify {
        model: text(27, 47),
        serial: text(10, 20).and_then(plausible_serial),
        wwn: (named && wwn.bytes().any(|digit| digit != b'0')).then(|| format!("naa.{wwn}")),
    })
}

/// Page 0xb1: whether the medium turns.
pub(crate) fn rotates(page: &[u8]) -> Option<bool> {
    match body(page, 0xb1)? {
        [0, 0, ..] => None,
        [0, 1, ..] => Some(false),
        [high, low, ..] => Some((0x0401..0xffff).contains(&u16::from_le_bytes([*low, *high]))),
        _ => None,
    }
}

/// Bridges fill in for a serial that they do not know: one letter again and again, or counted up.
pub(crate) fn plausible_serial(serial: String) -> Option<String> {
    let mut letters = serial.chars();
    let first = letters.next()?;
    let made_up = letters.all(|letter| letter == first)
        || "0123456789".starts_with(&serial)
        || serial.starts_with("0123456789ABCDEF")
        || serial.starts_with("1234567890");
    (!made_up).then_some(serial)
}

/// A page's content, if it is the page that was asked for.
fn body(page: &[u8], code: u8) -> Option<&[u8]> {
    let [_, got, high, low, rest @ ..] = page else { return None };
    if *got != code {
        return None;
    }
    let len = usize::from(u16::from_le_bytes([*low, *high]));
    Some(&rest[..len.min(rest.len())])
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn page(code: u8, body: &[u8]) -> Vec<u8> {
        let [low, high] = u16::try_from(body.len()).unwrap().to_le_bytes();
        [&[0, code, high, low], body].concat()
    }

    #[test]
    fn a_serial_is_read_and_a_made_up_one_is_not_believed() {
        assert_eq!(serial(&page(0x80, b"     WD-WCC7K0AB ")).as_deref(), Some("WD-WCC7K0AB"));
        for made_up in ["000000000000", "0123456789ABCDEF", "1234567890123", "01234567"] {
            assert_eq!(serial(&page(0x80, made_up.as_bytes())), None, "{made_up}");
        }
        assert_eq!(serial(&page(0x83, b"X1")), None, "another page");
    }

    #[test]
    fn a_world_wide_name_is_the_units_and_not_its_ports() {
        let port = [&[1, 0x13, 0, 8][..], &[9; 8]].concat();
        let unit = [&[1, 0x03, 0, 8][..], &[0x50, 1, 2, 3, 4, 5, 6, 7]].concat();
        let name = world_wide_name(&page(0x83, &[port.clone(), unit].concat()));
        assert_eq!(name.as_deref(), Some("naa.5001020304050607"));
        assert_eq!(world_wide_name(&page(0x83, &port)), None);
    }

    #[test]
    fn the_disk_behind_a_translation_says_its_whole_model() {
        let mut words = [0_u8; 512];
        let mut put = |at: usize, text: &str| {
            for (index, byte) in text.bytes().enumerate() {
                words[(2 * at + index) ^ 1] = byte;
            }
        };
        put(10, "      WD-WCC7K0ABCDEF");
        put(27, "WDC WD40EFRX-68N32N0");
        words[2 * 87 + 1] = 0x41;
        words[2 * 108..2 * 112].copy_from_slice(&[0x01, 0x50, 0xe2, 0x4e, 2, 1, 4, 3]);
        let mut page = vec![0, 0x89, 2, 0x38];
        page.resize(60, 0);
        page.extend(words);
        let found = identify(&page).unwrap();
        assert_eq!(found.model.as_deref(), Some("WDC WD40EFRX-68N32N0"));
        assert_eq!(found.serial.as_deref(), Some("WD-WCC7K0ABCDE"), "twenty letters are all");
        assert_eq!(found.wwn.as_deref(), Some("naa.50014ee201020304"));
    }

    #[test]
    fn a_disk_says_whether_it_turns_or_does_not_say() {
        assert_eq!(rotates(&page(0xb1, &[0, 1])), Some(false));
        assert_eq!(rotates(&page(0xb1, &[0x15, 0x18])), Some(true));
        assert_eq!(rotates(&page(0xb1, &[0, 0])), None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..700),
                                  code in prop::sample::select(vec![0x80_u8, 0x83, 0x89, 0xb1])) {
            let mut bytes = bytes;
            if bytes.len() > 1 {
                bytes[1] = code;
            }
            serial(&bytes);
            world_wide_name(&bytes);
            identify(&bytes);
            rotates(&bytes);
        }
    }
}
