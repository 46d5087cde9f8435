//! Which files are pictures and films, by the ending of the name.
//!
//! Pure; it looks into none. Start at [`sort_of`].

/// What a file is taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// A picture that is drawn in small.
    Drawn,
    /// A picture that says when it was taken and is not drawn: no decoder for it is safe enough.
    Dated,
    /// A film.
    Film,
}

/// The sort of a file of this path; none when it is neither a picture nor a film.
pub fn sort_of(path: &[u8]) -> Option<Sort> {
    let name = path.rsplit(|byte| *byte == b'/').next()?;
    let at = name.iter().rposition(|byte| *byte == b'.')?;
    // What a Mac leaves beside a file on a foreign disk has its ending, and no picture in it.
    if at == 0 || name.starts_with(b"._") {
        return None;
    }
    let ending = std::str::from_utf8(&name[at + 1..]).ok()?.to_ascii_lowercase();
    Some(match ending.as_str() {
        "jpg" | "jpeg" | "png" | "gif" | "webp" => Sort::Drawn,
        "heic" | "heif" | "hif" | "avif" | "tif" | "tiff" | "dng" | "nef" | "arw" | "cr2" => {
            Sort::Dated
        }
        "mp4" | "m4v" | "mov" | "3gp" => Sort::Film,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_says_what_a_file_is_taken_for() {
        assert_eq!(sort_of(b"2024/IMG_1.JPG"), Some(Sort::Drawn));
        assert_eq!(sort_of(b"a.b/c.heic"), Some(Sort::Dated));
        assert_eq!(sort_of(b"film.MOV"), Some(Sort::Film));
        for other in ["a.txt", "jpg", ".jpg", "a.jpg/b", "a.", "", "._IMG_1.JPG", "a.svg"] {
            assert_eq!(sort_of(other.as_bytes()), None, "{other}");
        }
    }
}
