//! The crash simulator's tests: searches that find no loss, beside sabotaged ones that do.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "tests tell, and stop at once")]

mod boots;
mod faults;
mod joining;
mod power;
mod spaces;
