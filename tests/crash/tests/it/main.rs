//! The crash simulator's tests: searches that find no loss, beside sabotaged ones that do.
#![expect(clippy::print_stdout, reason = "each search says how much it has seen")]
#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]

mod faults;
mod power;
