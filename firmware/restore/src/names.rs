//! Names on a drive: as they are, or, on drives that Windows can read, mapped to what those hold.
//! Names that are no text are mapped on every drive: other computers, and `b3sum`, want text.
//!
//! Pure, and the same answer every time: a restore that goes on after a pulled drive finds what it
//! wrote before. A mapped name carries a piece of the hash of the real one, so two never meet.
//! Start at [`Naming::map`].

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

/// What separates a mapped name from the piece of its hash.
const MARK: &str = " ~";
/// Hexadecimal digits of that piece.
const MARK_DIGITS: usize = 8;
/// A name has at most this many UTF-16 units there, and, for Linux, this many bytes.
const NAME_LEN_MAX: usize = 255;
/// Names that Windows takes for devices, whatever their ending.
const DEVICES: [&str; 6] = ["CON", "PRN", "AUX", "NUL", "COM", "LPT"];

/// Which names a drive can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Naming {
    /// Any text, as on ext4.
    Plain,
    /// Text without some letters, capitals and small letters being the same: exFAT, FAT, NTFS.
    Fat,
}

/// The names of one folder that differ in capitals alone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clashes {
    seen: HashSet<u64>,
    clashing: HashSet<u64>,
}

impl Clashes {
    /// One more name of the folder.
    pub(crate) fn see(&mut self, naming: Naming, name: &[u8]) {
        if naming == Naming::Fat {
            let folded = folded(name);
            if !self.seen.insert(folded) {
                self.clashing.insert(folded);
            }
        }
    }

    fn has(&self, name: &[u8]) -> bool {
        !self.clashing.is_empty() && self.clashing.contains(&folded(name))
    }
}

/// Names that a drive takes for one have one number.
fn folded(name: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    String::from_utf8_lossy(name).to_uppercase().to_lowercase().hash(&mut hasher);
    hasher.finish()
}

impl Naming {
    /// The name under which an entry stands on the drive. `clashes` has seen all of its folder.
    pub(crate) fn map(self, name: &[u8], clashes: &Clashes) -> Vec<u8> {
        let stays = match (self, std::str::from_utf8(name)) {
            (Self::Plain, Ok(text)) => !text.contains(['\u{fffd}', '\r']) && !looks_mapped(text),
            (Self::Fat, Ok(text)) => !clashes.has(name) && is_fat_name(text),
            (_, Err(_)) => false,
        };
        if stays { name.to_vec() } else { other_name(name).into_bytes() }
    }
}

/// A name that every drive can hold and that no other name is mapped to.
fn other_name(name: &[u8]) -> String {
    let mut text: String = String::from_utf8_lossy(name)
        .chars()
        .map(|letter| if is_forbidden(letter) { '_' } else { letter })
        .collect();
    if is_device(&text) {
        text.insert(0, '_');
    }
    let hash = blake3::hash(name).to_hex();
    // The ending stays, so that other programs still know what the file is.
    let dot = text.rfind('.').filter(|at| *at > 0 && text.len() - at <= 16).unwrap_or(text.len());
    let (stem, ending) = text.split_at(dot);
    let ending = ending.trim_end_matches(['.', ' ']);
    let room = NAME_LEN_MAX - MARK.len() - MARK_DIGITS - ending.len();
    let mut stem = stem.trim_end_matches(['.', ' ']);
    while stem.len() > room {
        let last = stem.char_indices().next_back().map_or(0, |(at, _)| at);
        stem = &stem[..last];
    }
    format!("{stem}{MARK}{}{ending}", &hash[..MARK_DIGITS])
}

/// Whether a name can stand as it is, and could not be mistaken for a mapped one.
fn is_fat_name(text: &str) -> bool {
    !text.chars().any(is_forbidden)
        && !text.ends_with(['.', ' '])
        && !is_device(text)
        && !looks_mapped(text)
        && !looks_short(text)
        && text.encode_utf16().count() <= NAME_LEN_MAX
}

fn is_forbidden(letter: char) -> bool {
    // U+FFFD stands for bytes that were no text.
    letter.is_control()
        || matches!(letter, '"' | '*' | '/' | ':' | '<' | '>' | '?' | '\\' | '|' | '\u{fffd}')
}

fn is_device(text: &str) -> bool {
    let stem = text.split('.').next().unwrap_or(text).trim_end().to_ascii_uppercase();
    DEVICES.iter().any(|device| match stem.strip_prefix(device) {
        Some("") => !matches!(*device, "COM" | "LPT"),
        Some(rest) => {
            let mut digits = rest.chars();
            matches!(*device, "COM" | "LPT")
                && digits.next().is_some_and(|digit| {
                    matches!(digit, '0'..='9' | '\u{b9}' | '\u{b2}' | '\u{b3}')
                })
                && digits.next().is_none()
        }
        None => false,
    })
}

/// Whether a name could be the short name that FAT makes for a long one, such as `LONGNA~1.TXT`.
fn looks_short(text: &str) -> bool {
    let stem = text.split('.').next().unwrap_or(text);
    let digits = stem.rsplit_once('~').map(|(_, digits)| digits);
    stem.len() <= 8
        && digits.is_some_and(|d| !d.is_empty() && d.bytes().all(|b| b.is_ascii_digit()))
}

fn looks_mapped(text: &str) -> bool {
    text.rfind(MARK).is_some_and(|at| {
        let rest = &text.as_bytes()[at + MARK.len()..];
        let digits = rest.get(..MARK_DIGITS).unwrap_or_default();
        digits.len() == MARK_DIGITS
            && digits.iter().all(u8::is_ascii_hexdigit)
            && matches!(rest.get(MARK_DIGITS), None | Some(b'.'))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn mapped(name: &[u8]) -> String {
        String::from_utf8(Naming::Fat.map(name, &Clashes::default())).unwrap()
    }

    #[test]
    fn ordinary_names_stay() {
        for name in
            ["a", "IMG_0001.JPG", ".profile", "\u{fc}ber uns.txt", "a.b.c", "COMB.txt", "~x"]
        {
            assert_eq!(mapped(name.as_bytes()), name);
        }
    }

    #[test]
    fn names_that_a_drive_cannot_hold_are_mapped_and_keep_their_ending() {
        for (name, front, end) in [
            (&b"a:b.txt"[..], "a_b ~", ".txt"),
            (b"what?", "what_ ~", ""),
            (b"end.", "end ~", ""),
            (b"end ", "end ~", ""),
            (b"con", "_con ~", ""),
            (b"Aux.txt", "_Aux ~", ".txt"),
            (b"lpt1.c", "_lpt1 ~", ".c"),
            (b"\xff\xfe.jpg", "__ ~", ".jpg"),
            (b"line\nbreak", "line_break ~", ""),
            (b"mapped ~0123abcd.txt", "mapped ~0123abcd ~", ".txt"),
        ] {
            let mapped = mapped(name);
            assert!(mapped.starts_with(front) && mapped.ends_with(end), "{mapped}");
            assert!(is_storable(&mapped), "{mapped}");
        }
    }

    #[test]
    fn names_that_differ_in_capitals_alone_are_both_mapped_whatever_their_order() {
        let mut clashes = Clashes::default();
        for name in [&b"Readme"[..], b"other", b"README"] {
            clashes.see(Naming::Fat, name);
        }
        let one = Naming::Fat.map(b"Readme", &clashes);
        let two = Naming::Fat.map(b"README", &clashes);
        assert_ne!(one.to_ascii_lowercase(), two.to_ascii_lowercase());
        assert_eq!(Naming::Fat.map(b"other", &clashes), b"other");
        assert_eq!(Naming::Plain.map(b"README", &clashes), b"README");
        assert_eq!(Naming::Plain.map(b"a:b", &clashes), b"a:b");
        assert!(Naming::Plain.map(b"no text \xff", &clashes).starts_with(b"no text _ ~"));
    }

    fn is_storable(name: &str) -> bool {
        !name.is_empty()
            && !name.chars().any(is_forbidden)
            && !name.ends_with(['.', ' '])
            && !is_device(name)
            && name.len() <= NAME_LEN_MAX.max(name.encode_utf16().count())
            && name.encode_utf16().count() <= NAME_LEN_MAX
    }

    fn a_name() -> impl Strategy<Value = Vec<u8>> {
        let byte = prop_oneof![
            4 => proptest::sample::select(b"abAB.: ~0".to_vec()),
            1 => (1_u8..=255).prop_filter("no slash", |byte| *byte != b'/'),
        ];
        proptest::collection::vec(byte, 1..256)
            .prop_filter("dots", |name| name != b"." && name != b"..")
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_folder_of_any_names_has_as_many_on_the_drive(
            names in proptest::collection::hash_set(a_name(), 1..40),
        ) {
            let mut clashes = Clashes::default();
            names.iter().for_each(|name| clashes.see(Naming::Fat, name));
            let mut there = HashSet::new();
            for name in &names {
                let mapped = Naming::Fat.map(name, &clashes);
                let text = String::from_utf8(mapped).map_err(|_| TestCaseError::fail("no text"))?;
                prop_assert!(is_storable(&text), "{text:?} from {name:?}");
                prop_assert!(there.insert(text.to_uppercase().to_lowercase()), "{text:?} twice");
            }
        }
    }
}
