//! When a film was made: the creation time in its movie header (ISO/IEC 14496-12, `moov` then `mvhd`).
//!
//! Walks from box to box by their lengths and reads two dozen bytes; nothing of the film is decoded, so this
//! needs no child. Start at [`made`].

/// The most that one read of [`made`] asks for.
pub const FILM_READ_MAX: usize = 32;
/// Boxes that are stepped over before giving up: films in fragments have thousands, behind their header.
const STEPS_MAX: usize = 256;
/// From 1904, where films count from, to 1970.
const EPOCH_SECS: i64 = 2_082_844_800;

/// Seconds since 1970, UTC; none when the film does not say. `read` gives bytes from a place on, fewer at the
/// film's end. An error of it is its own.
pub fn made<E>(
    len: u64,
    read: &mut dyn FnMut(u64, usize) -> Result<Vec<u8>, E>,
) -> Result<Option<i64>, E> {
    let Some((movie, end)) = find(b"moov", 0, len, read)? else { return Ok(None) };
    let Some((header, end)) = find(b"mvhd", movie, end, read)? else { return Ok(None) };
    let bytes = read(header, FILM_READ_MAX.min(usize::try_from(end - header).unwrap_or(0)))?;
    let secs = match bytes.first() {
        Some(0) => bytes.get(4..8).map(number),
        Some(1) => bytes.get(4..12).map(number),
        _ => None,
    };
    // Zero is what a camera writes that does not know.
    let known = secs.filter(|secs| *secs != 0).and_then(|secs| i64::try_from(secs).ok());
    Ok(known.map(|secs| secs - EPOCH_SECS))
}

/// Where the inside of the first box of this name begins and ends.
fn find<E>(
    name: &[u8; 4],
    from: u64,
    end: u64,
    read: &mut dyn FnMut(u64, usize) -> Result<Vec<u8>, E>,
) -> Result<Option<(u64, u64)>, E> {
    let mut at = from;
    for _ in 0..STEPS_MAX {
        if at.saturating_add(8) > end {
            return Ok(None);
        }
        let head = read(at, 16)?;
        let (Some(size), Some(kind)) = (head.get(..4), head.get(4..8)) else { return Ok(None) };
        let (size, inside) = match (number(size), head.get(8..16)) {
            (0, _) => (end - at, 8),
            (1, Some(long)) => (number(long), 16),
            (size, _) => (size, 8),
        };
        let Some(next) = at.checked_add(size).filter(|next| size >= inside && *next <= end) else {
            return Ok(None);
        };
        if kind == name {
            return Ok(Some((at + inside, next)));
        }
        at = next;
    }
    Ok(None)
}

fn number(big_end_first: &[u8]) -> u64 {
    big_end_first.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(kind: &[u8; 4], inside: &[u8]) -> Vec<u8> {
        let len = u32::try_from(8 + inside.len()).unwrap();
        let digits = (0..4).rev().map(|n| u8::try_from(len >> (8 * n) & 255).unwrap());
        digits.chain(*kind).chain(inside.iter().copied()).collect()
    }

    fn of(film: &[u8]) -> Option<i64> {
        let read = &mut |at: u64, len: usize| -> Result<Vec<u8>, ()> {
            assert!(len <= FILM_READ_MAX);
            let at = usize::try_from(at).unwrap().min(film.len());
            Ok(film[at..film.len().min(at + len)].to_vec())
        };
        made(film.len() as u64, read).unwrap()
    }

    fn film(version: u8, created: &[u8]) -> Vec<u8> {
        let header = [&[version, 0, 0, 0], created, &[0; 80]].concat();
        let movie = part(b"moov", &[part(b"free", b"xx"), part(b"mvhd", &header)].concat());
        [part(b"ftyp", b"qt  "), part(b"mdat", &[7; 1_000]), movie].concat()
    }

    #[test]
    fn a_film_says_when_it_was_made_also_behind_its_pictures() {
        let at = u32::try_from(1_720_000_000 + EPOCH_SECS).unwrap();
        let digits: Vec<u8> =
            (0..4).rev().map(|n| u8::try_from(at >> (8 * n) & 255).unwrap()).collect();
        assert_eq!(of(&film(0, &digits)), Some(1_720_000_000));
        assert_eq!(of(&film(1, &[&[0; 4], &digits[..]].concat())), Some(1_720_000_000));
    }

    #[test]
    fn a_film_that_does_not_know_or_is_cut_anywhere_says_nothing_and_harms_nobody() {
        assert_eq!(of(&film(0, &[0; 4])), None);
        assert_eq!(of(&film(9, &[1; 4])), None);
        let whole = film(0, &[200, 1, 1, 1]);
        assert!(of(&whole).is_some());
        for len in 0..whole.len() {
            assert_eq!(of(&whole[..len]), None, "{len}");
        }
        let endless = [part(b"ftyp", b""), vec![0, 0, 0, 0, b'm', b'o', b'o', b'v', 0, 0, 0, 1]];
        assert_eq!(of(&endless.concat()), None);
        assert_eq!(of(&[255; 64]), None);
    }
}
