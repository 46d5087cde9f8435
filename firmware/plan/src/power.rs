//! What a battery's words mean, and when a box has to stop because of them.
//!
//! The words are those of NUT's `ups.status`. Start at [`judge`].

/// Questions without an answer after which a box that was on its battery stops: whoever answers them
/// may be without power itself.
pub const SILENT_MAX: u32 = 3;

/// How a box is fed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Power {
    /// From the wall.
    Wall,
    /// From the battery, which lasts a while.
    Battery,
    /// From the battery, and not for long; or whoever watches it says that everything stops.
    Ending,
    /// The words say neither.
    Unclear,
}

/// What the words of `ups.status` say.
pub fn power_of(words: &str) -> Power {
    let has = |word| words.split_ascii_whitespace().any(|one| one == word);
    if has("FSD") || has("OB") && has("LB") {
        Power::Ending
    } else if has("OB") {
        Power::Battery
    } else if has("OL") {
        Power::Wall
    } else {
        Power::Unclear
    }
}

/// Whether the box has to stop now. `last` is what was last heard and `silent` how many questions
/// had no answer since.
pub fn judge(last: Power, silent: u32) -> bool {
    match last {
        Power::Ending => true,
        Power::Battery => silent >= SILENT_MAX,
        Power::Wall | Power::Unclear => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_battery_that_is_low_is_an_end_only_when_the_box_runs_on_it() {
        for (words, power) in [
            ("OL", Power::Wall),
            ("OL CHRG LB", Power::Wall),
            ("OB DISCHRG", Power::Battery),
            ("OB LB", Power::Ending),
            ("LB DISCHRG OB", Power::Ending),
            ("OL FSD", Power::Ending),
            ("", Power::Unclear),
            ("OLD OBLB", Power::Unclear),
            ("CAL", Power::Unclear),
        ] {
            assert_eq!(power_of(words), power, "{words}");
        }
    }

    #[test]
    fn silence_ends_a_box_only_when_it_was_on_its_battery() {
        for silent in 0..10 {
            assert!(judge(Power::Ending, silent));
            assert_eq!(judge(Power::Battery, silent), silent >= SILENT_MAX);
            assert!(!judge(Power::Wall, silent) && !judge(Power::Unclear, silent));
        }
    }
}
