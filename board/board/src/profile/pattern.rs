//! Patterns of kernel paths: `*` stands for any letters, also none and also slashes; all else for
//! itself. The whole path has to fit.

/// Whether `text` is what `pattern` describes.
pub(super) fn fits(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(head) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let tail = parts.pop().unwrap_or("");
    for part in parts {
        // The first place is as good as any: what follows has the most left to find itself in.
        let Some(at) = text.find(part) else { return false };
        text = &text[at + part.len()..];
    }
    text.ends_with(tail)
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_star_stands_for_anything_and_the_rest_for_itself() {
        for (pattern, text, yes) in [
            ("ata1", "ata1", true),
            ("ata1", "ata10", false),
            ("ata1/*", "ata1/host0/target0", true),
            ("ata1/*", "ata10/host0", false),
            ("*/ata2/*", "/devices/pci/ata2/host1", true),
            ("*", "", true),
            ("a*b", "ab", true),
            ("a*b*c", "axbyc", true),
            ("a*b*c", "axcyb", false),
            ("*.usb/*-1.2:*", "/d/1f00.usb/x/usb1/1-1/1-1.2:1.0/host", true),
            ("aa*aa", "aaa", false),
        ] {
            assert_eq!(fits(pattern, text), yes, "{pattern} {text}");
        }
    }
}
