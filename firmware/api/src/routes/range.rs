//! The `Range` of a request: which bytes of a file are asked for.
//!
//! Pure. Start at [`part`].

/// A part of a file: from, and one behind its end.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part {
    All,
    Some(u64, u64),
    Outside,
}

/// The one range that is asked for. Several, or what is none, are answered with all, as one may.
pub(super) fn part(range: Option<&str>, size: u64) -> Part {
    let Some(spec) = range.and_then(|range| range.strip_prefix("bytes=")) else { return Part::All };
    let Some((from, to)) = spec.split_once('-') else { return Part::All };
    let number = |text: &str| text.trim().parse::<u64>().ok();
    match (from.trim().is_empty(), number(from), to.trim().is_empty(), number(to)) {
        (true, _, false, Some(0)) => Part::Outside,
        (true, _, false, Some(_)) if size == 0 => Part::Outside,
        (true, _, false, Some(last)) => Part::Some(size.saturating_sub(last), size),
        (false, Some(from), true, _) if from < size => Part::Some(from, size),
        (false, Some(from), false, Some(to)) if from <= to && from < size => {
            Part::Some(from, to.saturating_add(1).min(size))
        }
        (false, Some(from), ..) if from >= size => Part::Outside,
        _ => Part::All,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_is_understood_and_anything_else_is_all() {
        assert_eq!(part(None, 10), Part::All);
        assert_eq!(part(Some("bytes=2-4"), 10), Part::Some(2, 5));
        assert_eq!(part(Some("bytes=2-"), 10), Part::Some(2, 10));
        assert_eq!(part(Some("bytes=-3"), 10), Part::Some(7, 10));
        assert_eq!(part(Some("bytes=-30"), 10), Part::Some(0, 10));
        assert_eq!(part(Some("bytes=9-99"), 10), Part::Some(9, 10));
        assert_eq!(part(Some("bytes=10-"), 10), Part::Outside);
        assert_eq!(part(Some("bytes=-0"), 10), Part::Outside);
        for odd in ["bytes=4-2", "bytes=0-1,3-4", "bytes=a-b", "bytes=", "items=0-1", "bytes=--1"] {
            assert_eq!(part(Some(odd), 10), Part::All, "{odd}");
        }
    }
}
