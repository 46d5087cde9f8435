//! Not a target but the proof that the engine works: a bug that blind mutation does not find.
//!
//! Four comparisons stand one behind the other, so that a random input passes all of them once in
//! four thousand million tries, while a fuzzer that sees coverage keeps each step that it made.

use crate::seeds::Seed;

/// Panics on one input.
pub fn run(data: &[u8]) {
    let mut depth = 0;
    for (at, wanted) in [(3, b'h'), (7, b'f'), (11, b'0'), (2, b'!')] {
        match data.get(at) {
            Some(found) if *found == wanted => depth += std::hint::black_box(1),
            _ => return,
        }
    }
    assert!(depth < 4, "the planted bug");
}

/// Nothing to begin with.
pub fn seeds() -> Vec<Seed> {
    Vec::new()
}
