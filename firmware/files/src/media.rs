//! Pictures, films and archives that cannot be whole: told by their ends, not by decoding them.
//!
//! A cheap look at a few places of a file. What is found is a note for people; the file is kept as it
//! came, always. Start at [`look`].

/// The attribute in which the note is kept.
pub(crate) const FAULT_XATTR: &str = "user.holdfast.fault";

/// How much of an end is looked at: more than the longest comment of a zip, and than what cameras put
/// behind a picture's end.
const TAIL_LEN: u64 = 66 << 10;
/// Parts of a file that are stepped over before giving up: fragmented films have thousands.
const STEPS_MAX: usize = 4_096;

/// What is wrong, as one sentence; none when nothing was seen. An error of `read` is its own.
pub(crate) fn look<E>(
    len: u64,
    read: &mut dyn FnMut(u64, usize) -> Result<Vec<u8>, E>,
) -> Result<Option<&'static str>, E> {
    let head = read(0, 16)?;
    match head.as_slice() {
        [0xff, 0xd8, 0xff, ..] => jpeg(len, read),
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => {
            let whole = find_last(&tail(len, read)?.1, b"IEND").is_some();
            Ok((!whole).then_some("this picture breaks off before its end"))
        }
        [b'P', b'K', 3, 4, ..] => zip(len, read),
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => film(len, read),
        _ => Ok(None),
    }
}

type Read<'r, E> = &'r mut dyn FnMut(u64, usize) -> Result<Vec<u8>, E>;

fn tail<E>(len: u64, read: Read<'_, E>) -> Result<(u64, Vec<u8>), E> {
    let from = len.saturating_sub(TAIL_LEN);
    let want = usize::try_from(len - from).unwrap_or(usize::MAX);
    Ok((from, read(from, want)?))
}

fn find_last(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).rposition(|window| window == wanted)
}

/// Steps from marker to marker up to the picture's data; its end has to come after that. The small
/// picture within has an end of its own, which is stepped over.
fn jpeg<E>(len: u64, read: Read<'_, E>) -> Result<Option<&'static str>, E> {
    const CUT: Option<&str> = Some("this picture breaks off before its end");
    let mut at = 2;
    for _ in 0..STEPS_MAX {
        let head = read(at, 4)?;
        match head.as_slice() {
            // Fill bytes.
            [0xff, 0xff, ..] => at += 1,
            [0xff, 0xda, ..] => {
                let (from, tail) = tail(len, read)?;
                let skip = usize::try_from(at.saturating_sub(from)).unwrap_or(usize::MAX);
                let data = tail.get(skip..).unwrap_or_default();
                return Ok(if find_last(data, &[0xff, 0xd9]).is_some() { None } else { CUT });
            }
            [0xff, _, high, low] => {
                let step = number(&[*high, *low]);
                if step < 2 {
                    return Ok(Some("this picture cannot be read"));
                }
                at += 2 + step;
            }
            _ if at >= len || head.len() < 4 => return Ok(CUT),
            _ => return Ok(Some("this picture cannot be read")),
        }
    }
    Ok(None)
}

/// Steps from box to box: each has to lie within the file, and one has to say what the film is.
fn film<E>(len: u64, read: Read<'_, E>) -> Result<Option<&'static str>, E> {
    const CUT: Option<&str> = Some("this film breaks off before its end");
    let (mut at, mut described) = (0_u64, false);
    for _ in 0..STEPS_MAX {
        if at == len {
            return Ok(if described { None } else { CUT });
        }
        let head = read(at, 16)?;
        let Some((size, kind)) = head.split_first_chunk::<4>() else { return Ok(CUT) };
        let Some(kind) = kind.first_chunk::<4>() else { return Ok(CUT) };
        described |= matches!(kind, b"moov" | b"meta");
        let size = match (number(size), head.get(8..16)) {
            // To the file's end.
            (0, _) => return Ok(if described { None } else { CUT }),
            (1, Some(long)) => number(long),
            (1, None) => return Ok(CUT),
            (size, _) => size,
        };
        match at.checked_add(size) {
            Some(next) if size >= 8 && next <= len => at = next,
            Some(_) if size < 8 => return Ok(Some("this film cannot be read")),
            _ => return Ok(CUT),
        }
    }
    Ok(None)
}

/// The list of an archive stands at its end, and says where it begins.
fn zip<E>(len: u64, read: Read<'_, E>) -> Result<Option<&'static str>, E> {
    const CUT: Option<&str> = Some("this archive breaks off before its end");
    let (from, tail) = tail(len, read)?;
    let Some(end) = find_last(&tail, b"PK\x05\x06") else { return Ok(CUT) };
    let Some(field) = tail.get(end + 12..end + 20) else { return Ok(CUT) };
    let little =
        |bytes: &[u8]| bytes.iter().rev().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    let (size, begin) = (little(&field[..4]), little(&field[4..]));
    let is_long = size == u64::from(u32::MAX) || begin == u64::from(u32::MAX);
    Ok(if is_long || begin + size <= from + end as u64 { None } else { CUT })
}

fn number(big_end_first: &[u8]) -> u64 {
    big_end_first.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}
