//! The crash simulator's tests: searches that find no loss, beside sabotaged ones that do.
#![expect(clippy::print_stdout, reason = "each search says how much it has seen")]

mod faults;
mod power;
