//! Media types of what a browser may show by itself: pictures, sound, films, PDF and plain text, by the
//! ending of the name.
//!
//! Pure. Nothing is in here that could run a script in the box's name: no HTML, no SVG, no XML; a file that
//! lies about its ending is still no more than a broken picture. Start at [`shown_as`].

/// The type that a file of this path may be shown as; none when it is only to be kept.
pub(super) fn shown_as(path: &[u8]) -> Option<&'static str> {
    let name = path.rsplit(|byte| *byte == b'/').next()?;
    let at = name.iter().rposition(|byte| *byte == b'.')?;
    let ending = std::str::from_utf8(&name[at + 1..]).ok()?.to_ascii_lowercase();
    Some(match ending.as_str() {
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "bmp" => "image/bmp",
        "mp3" => "audio/mpeg",
        "m4a" => "audio/mp4",
        "ogg" | "oga" | "opus" => "audio/ogg",
        "flac" => "audio/flac",
        "wav" => "audio/wav",
        "mp4" | "m4v" | "mov" => "video/mp4",
        "webm" => "video/webm",
        "pdf" => "application/pdf",
        "txt" | "md" | "log" | "csv" | "json" | "toml" | "yaml" | "yml" | "ini" => {
            "text/plain; charset=utf-8"
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::shown_as;

    #[test]
    fn what_is_shown_goes_by_the_ending_and_nothing_that_runs_is_among_it() {
        assert_eq!(shown_as(b"a/b.c/Holiday.JPG"), Some("image/jpeg"));
        assert_eq!(shown_as(b"notes.txt"), Some("text/plain; charset=utf-8"));
        for kept in
            ["page.html", "a.svg", "a.xml", "a.js", "a.css", "a.xhtml", "jpg", "a.jpg/b", "a.", ""]
        {
            assert_eq!(shown_as(kept.as_bytes()), None, "{kept}");
        }
    }
}
