//! The 24 words: 256 bits of entropy as BIP-39 English words, and what follows from them.
//!
//! Reading forgives how people copy words (numbers, line breaks, capitals), never which words.
//! Nothing here prints the words except [`Words::phrase`]. Start reading at [`Words::parse`].

use std::fmt;

use bip39::{Language, Mnemonic};
use ed25519_dalek::{Signer, SigningKey};
use thiserror::Error;
use types::Rng;
use zeroize::Zeroizing;

use crate::contexts;

/// How many words open a vault.
pub const WORD_COUNT: usize = 24;
/// A list word this many edits away from a mistyped one is offered in its place.
const SUGGEST_EDITS_MAX: usize = 2;
/// The longest words of the list have eight letters.
const NEAR_LETTERS_MAX: usize = 8 + SUGGEST_EDITS_MAX;

/// Why a text is not a vault's 24 words.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum WordsError {
    /// Too few or too many.
    #[error("there are {found} words and there should be {WORD_COUNT}")]
    Count {
        /// Words found.
        found: usize,
    },
    /// A word that no kit contains.
    #[error("word {position}, \"{word}\", is not in the word list{}", suggestion_text(.suggestion))]
    Unknown {
        /// Counted from 1.
        position: usize,
        /// As it was typed.
        word: String,
        /// The nearest word of the list, when there is one within two edits.
        suggestion: Option<&'static str>,
    },
    /// The built-in checksum does not hold.
    #[error(
        "all 24 words are in the list but they do not belong together: one is swapped or mistyped"
    )]
    Checksum,
}

impl WordsError {
    /// What the owner can do now.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Count { .. } => "Type all 24 words of the recovery kit, in order.",
            Self::Unknown { .. } => "Compare that word with the recovery kit and type it again.",
            Self::Checksum => "Compare each word and the order with the recovery kit.",
        }
    }
}

fn suggestion_text(suggestion: &Option<&'static str>) -> String {
    suggestion.map_or_else(String::new, |word| format!("; did you mean \"{word}\"?"))
}

/// The 24 words of a vault. Wiped from memory when dropped; never shown by `Debug`.
#[derive(Clone)]
pub struct Words {
    entropy: Zeroizing<[u8; 32]>,
}

impl Words {
    /// Fresh words.
    pub fn generate(rng: &dyn Rng) -> Self {
        Self { entropy: Zeroizing::new(rng.array()) }
    }

    /// Reads words as people type them: any white space, capitals, `1.` before a word.
    pub fn parse(text: &str) -> Result<Self, WordsError> {
        let typed: Zeroizing<Vec<String>> = Zeroizing::new(
            text.split_whitespace()
                .map(|token| token.trim_matches(|c: char| !c.is_alphabetic()).to_lowercase())
                .filter(|word| !word.is_empty())
                .collect(),
        );
        if typed.len() != WORD_COUNT {
            return Err(WordsError::Count { found: typed.len() });
        }
        let unknown = |word: &&String| Language::English.find_word(word).is_none();
        if let Some((at, word)) = typed.iter().enumerate().find(|(_, word)| unknown(word)) {
            let (position, suggestion) = (at + 1, nearest(word));
            return Err(WordsError::Unknown { position, word: word.clone(), suggestion });
        }
        let phrase = Zeroizing::new(typed.join(" "));
        let mnemonic = Mnemonic::parse_in_normalized(Language::English, &phrase)
            .map_err(|_| WordsError::Checksum)?;
        let all = Zeroizing::new(mnemonic.to_entropy_array().0);
        let (entropy, _) = all.split_first_chunk().expect("the array has 33 bytes");
        Ok(Self { entropy: Zeroizing::new(*entropy) })
    }

    /// The words in order with a space between: for the recovery kit, and nothing else.
    pub fn phrase(&self) -> Zeroizing<String> {
        let mnemonic = Mnemonic::from_entropy_in(Language::English, self.entropy.as_slice())
            .expect("32 bytes make 24 words");
        // Reserved beforehand: a string that grows leaves its old bytes behind.
        let mut phrase = Zeroizing::new(String::with_capacity(WORD_COUNT * 9));
        for (at, word) in mnemonic.words().enumerate() {
            if at > 0 {
                phrase.push(' ');
            }
            phrase.push_str(word);
        }
        phrase
    }

    /// The public half of the recovery key: friends know it, and the words prove the owner to them.
    pub fn recovery_public(&self) -> [u8; 32] {
        self.recovery_key().verifying_key().to_bytes()
    }

    /// Signs `message` (Ed25519) with the recovery key.
    pub fn recovery_sign(&self, message: &[u8]) -> [u8; 64] {
        self.recovery_key().sign(message).to_bytes()
    }

    pub(crate) fn entropy(&self) -> &[u8; 32] {
        &self.entropy
    }

    fn recovery_key(&self) -> SigningKey {
        let seed = blake3::derive_key(contexts::RECOVERY_SEED, self.entropy.as_slice());
        SigningKey::from_bytes(&Zeroizing::new(seed))
    }
}

/// The recovery key, as one who signs.
impl types::Signer for Words {
    fn public(&self) -> [u8; 32] {
        self.recovery_public()
    }

    fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.recovery_sign(message)
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Words(..)")
    }
}

/// The first list word with the fewest edits from `word`, if those are few.
fn nearest(word: &str) -> Option<&'static str> {
    // Nothing that is much longer than every word of the list is near to one, and comparing a whole
    // file that lacks its white space with all of them would take minutes.
    let typed: Vec<char> = word.chars().take(NEAR_LETTERS_MAX + 1).collect();
    if typed.len() > NEAR_LETTERS_MAX {
        return None;
    }
    Language::English
        .word_list()
        .iter()
        .map(|candidate| (edits(&typed, candidate), *candidate))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, _)| *distance <= SUGGEST_EDITS_MAX)
        .map(|(_, candidate)| candidate)
}

/// Insertions, deletions, replacements between two words (Levenshtein).
fn edits(typed: &[char], word: &str) -> usize {
    let mut row: Vec<usize> = (0..=typed.len()).collect();
    for (above, letter) in word.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = above + 1;
        for (at, typed_letter) in typed.iter().enumerate() {
            let replaced = diagonal + usize::from(*typed_letter != letter);
            diagonal = row[at + 1];
            row[at + 1] = replaced.min(diagonal + 1).min(row[at] + 1);
        }
    }
    row[typed.len()]
}
