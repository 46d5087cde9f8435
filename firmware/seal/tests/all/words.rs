//! The 24 words, typed well and badly.

use seal::{Words, WordsError};

use crate::support::Seeded;

/// All-zero entropy, from the BIP-39 test vectors.
const ZEROS: &str = "abandon abandon abandon abandon abandon abandon abandon abandon abandon \
    abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon \
    abandon abandon abandon art";

fn with_word(position: usize, word: &str) -> String {
    let mut words: Vec<&str> = ZEROS.split(' ').collect();
    words[position - 1] = word;
    words.join(" ")
}

#[test]
fn generated_words_read_back_to_themselves() {
    for seed in 0..20 {
        let words = Words::generate(&Seeded::new(seed));
        let phrase = words.phrase();
        assert_eq!(phrase.split(' ').count(), 24);
        let again = Words::parse(&phrase).unwrap();
        assert_eq!(again.phrase(), phrase);
        assert_eq!(again.recovery_public(), words.recovery_public());
    }
}

#[test]
fn numbers_capitals_and_line_breaks_are_forgiven() {
    let mut numbered = String::from("\n");
    for (at, word) in ZEROS.split(' ').enumerate() {
        let word = if at % 2 == 0 { word.to_uppercase() } else { word.to_owned() };
        let gap = if at % 3 == 0 { "" } else { " " };
        numbered.push_str(&format!("{:>2}.{gap}{word},\t\r\n", at + 1));
    }
    assert_eq!(Words::parse(&numbered).unwrap().phrase().as_str(), ZEROS);
}

#[test]
fn the_wrong_number_of_words_is_told() {
    let short = ZEROS.rsplit_once(' ').unwrap().0;
    for (text, found) in [("", 0), ("1. 2. 3.", 0), (short, 23), (&format!("{ZEROS} art"), 25)] {
        let error = Words::parse(text).unwrap_err();
        assert_eq!(error, WordsError::Count { found });
        assert!(error.to_string().contains(&format!("{found} words")), "{error}");
    }
}

#[test]
fn a_word_outside_the_list_is_named_with_the_nearest_one() {
    let error = Words::parse(&with_word(7, "abandn")).unwrap_err();
    let suggestion = Some("abandon");
    assert_eq!(error, WordsError::Unknown { position: 7, word: "abandn".to_owned(), suggestion });
    assert_eq!(
        error.to_string(),
        "word 7, \"abandn\", is not in the word list; did you mean \"abandon\"?"
    );
    let error = Words::parse(&with_word(24, "quux\u{f6}lotl")).unwrap_err();
    let WordsError::Unknown { position: 24, suggestion: None, .. } = error else {
        panic!("{error:?}");
    };
}

#[test]
fn a_swapped_word_is_found_by_the_checksum() {
    let error = Words::parse(&with_word(24, "able")).unwrap_err();
    assert_eq!(error, WordsError::Checksum);
    let swapped = with_word(24, "abandon").replacen("abandon", "art", 1);
    assert_eq!(Words::parse(&swapped).unwrap_err(), WordsError::Checksum);
}

#[test]
fn debug_never_shows_the_words() {
    assert_eq!(format!("{:?}", Words::parse(ZEROS).unwrap()), "Words(..)");
}

#[test]
fn the_recovery_key_signs_what_its_public_half_verifies() {
    let words = Words::parse(ZEROS).unwrap();
    let public = ed25519_dalek::VerifyingKey::from_bytes(&words.recovery_public()).unwrap();
    let signature = ed25519_dalek::Signature::from_bytes(&words.recovery_sign(b"it is me"));
    assert!(public.verify_strict(b"it is me", &signature).is_ok());
    assert!(public.verify_strict(b"it is you", &signature).is_err());
}

/// A file of 64 KiB without white space where a word should be took seconds to be compared with
/// the list, and a larger one minutes.
#[test]
fn a_word_as_long_as_a_file_is_told_at_once_and_has_no_suggestion() {
    let long = "abando".repeat(4_000_000);
    match Words::parse(&with_word(3, &long)) {
        Err(WordsError::Unknown { position: 3, word, suggestion: None }) => assert_eq!(word, long),
        _ => panic!("a long word was taken for another"),
    }
    let near = Words::parse(&with_word(3, "abandonxx"));
    let Err(WordsError::Unknown { suggestion, .. }) = near else { panic!("that is no word") };
    assert_eq!(suggestion, Some("abandon"));
}
