//! What is said of a disk that was pulled in the middle of being erased or put back.

use plan::disk::{Joining, whole_minutes};

/// What is the case, and what to do.
pub(super) fn taken_out(joining: Joining) -> (String, String) {
    let (sentence, action) = match joining {
        Joining::PuttingBack => (
            "It was taken out while it was put back as it was before it was formatted: only a part of that \
             is done."
                .to_owned(),
            "Plug it in again, anywhere: it goes on by itself.",
        ),
        Joining::Kept { left, .. } => (
            format!(
                "It was formatted and taken out; what was on it before is kept, and the time for taking that \
                 back stands still ({} left).",
                whole_minutes(left)
            ),
            "Plug it in again, anywhere, to have it back as it was, or to use it.",
        ),
        _ => (
            "It was taken out while it was formatted.".to_owned(),
            "Plug it in again, and look at it then.",
        ),
    };
    (sentence, action.to_owned())
}
