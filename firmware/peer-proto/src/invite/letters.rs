//! Bytes as text for people: letters and digits that look like no other, in any case, with any spaces and
//! dashes; four bytes of hash at the end find what was mistyped.
//!
//! What the bytes say is others' business: see `ticket` and `sheet`. Start at [`write`] and [`read`].

use zeroize::Zeroizing;

/// The version that is written, of all kinds of text.
pub(super) const VERSION: u8 = 1;
/// As a link a text has this in front.
const LINK: &str = "HOLDFAST:";
/// Bytes of hash at the end.
const SUM_LEN: usize = 4;
/// Longest text that is looked at: one with sixteen long addresses is shorter.
const TEXT_LEN_MAX: usize = 16 << 10;
/// Neither I, L, O nor U: what looks like another is read as that other.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Why a text says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unread {
    /// It does not begin as it should.
    Other,
    /// A character that no text holds, at this place from 1, without spaces and dashes.
    Letter { position: usize, letter: char },
    /// Cut off or mistyped.
    Sum,
    /// Made by a newer box.
    Version(u8),
}

/// One word of letters and digits, made for pictures.
pub(super) fn write(prefix: &str, body: &[u8]) -> Zeroizing<String> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(1 + body.len() + SUM_LEN));
    bytes.push(VERSION);
    bytes.extend_from_slice(body);
    let sum = sum(&bytes);
    bytes.extend_from_slice(&sum);
    let len = prefix.len() + bytes.len() * 8 / 5 + 1;
    let mut text = Zeroizing::new(String::with_capacity(len));
    text.push_str(prefix);
    write_letters(&bytes, &mut text);
    text
}

/// The same in groups of four, for paper and for somebody who types.
pub(super) fn spaced(text: &str) -> Zeroizing<String> {
    let mut spaced = Zeroizing::new(String::with_capacity(text.len() * 5 / 4 + 1));
    for (at, letter) in text.chars().enumerate() {
        if at > 0 && at % 4 == 0 {
            spaced.push('-');
        }
        spaced.push(letter);
    }
    spaced
}

/// The bytes in what somebody typed, scanned or clicked.
pub(super) fn read(prefix: &str, text: &str) -> Result<Zeroizing<Vec<u8>>, Unread> {
    if text.len() > TEXT_LEN_MAX {
        return Err(Unread::Other);
    }
    let typed: Zeroizing<String> = Zeroizing::new(
        text.chars()
            .filter(|letter| !letter.is_whitespace() && *letter != '-')
            .map(|letter| letter.to_ascii_uppercase())
            .collect(),
    );
    let typed = typed.strip_prefix(LINK).unwrap_or(&typed);
    let letters = typed.strip_prefix(prefix).ok_or(Unread::Other)?;
    let bytes = read_letters(letters, prefix.len())?;
    let (said, shown) = bytes.split_last_chunk::<SUM_LEN>().ok_or(Unread::Sum)?;
    if sum(said) != *shown {
        return Err(Unread::Sum);
    }
    let (version, body) = said.split_first().ok_or(Unread::Sum)?;
    if *version != VERSION {
        return Err(Unread::Version(*version));
    }
    Ok(Zeroizing::new(body.to_vec()))
}

fn sum(bytes: &[u8]) -> [u8; SUM_LEN] {
    blake3::hash(bytes).as_bytes().first_chunk().copied().unwrap_or_default()
}

/// Five bits a letter, highest first; the last one is filled up with zeros.
fn write_letters(bytes: &[u8], to: &mut String) {
    let (mut bits, mut count) = (0_u16, 0);
    let mut push = |five: u16| to.push(char::from(LETTERS[usize::from(five & 31)]));
    for byte in bytes {
        bits = bits << 8 | u16::from(*byte);
        count += 8;
        while count >= 5 {
            count -= 5;
            push(bits >> count);
            bits &= (1 << count) - 1;
        }
    }
    if count > 0 {
        push(bits << (5 - count));
    }
}

/// `before` letters stand before these.
fn read_letters(text: &str, before: usize) -> Result<Zeroizing<Vec<u8>>, Unread> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len() * 5 / 8 + 1));
    let (mut bits, mut count) = (0_u16, 0);
    for (index, letter) in text.chars().enumerate() {
        let known = match letter {
            'O' => '0',
            'I' | 'L' => '1',
            'U' => 'V',
            other => other,
        };
        let Some(value) = (0_u16..).zip(LETTERS).find(|(_, one)| char::from(**one) == known) else {
            return Err(Unread::Letter { position: before + index + 1, letter });
        };
        bits = bits << 5 | value.0;
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count).unwrap_or_default());
            bits &= (1 << count) - 1;
        }
    }
    // What fills the last letter up is zeros, and less than a letter: one text for the same bytes.
    if count >= 5 || bits != 0 { Err(Unread::Sum) } else { Ok(bytes) }
}
