//! The 24 words as people type them: any text. What is accepted prints and reads back.

use seal::{WORD_COUNT, Words};

use crate::forge;
use crate::seeds::{self, Seed};

/// Any text; bytes that are none are replaced.
pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    match Words::parse(&text) {
        Ok(words) => {
            let phrase = words.phrase();
            assert_eq!(phrase.split(' ').count(), WORD_COUNT);
            let again = Words::parse(&phrase).expect("words that were read can be read again");
            assert_eq!(*again.phrase(), *phrase);
        }
        Err(error) => assert!(!error.to_string().is_empty() && !error.advice().is_empty()),
    }
}

/// The golden kit, and the words of the fuzzed vaults in several dresses.
pub fn seeds() -> Vec<Seed> {
    let phrase = forge::words().phrase().to_string();
    let first = phrase.split(' ').next().expect("there are words").to_owned();
    vec![
        seeds::golden_kit(),
        phrase.clone().into_bytes(),
        phrase.to_uppercase().replace(' ', "\n 7. ").into_bytes(),
        phrase.replacen(&first, "zzzzzz", 1).into_bytes(),
        phrase.replacen(&first, "zoo", 1).into_bytes(),
        vec![b'a'; 4000],
    ]
}
