//! The crash simulator's tests: searches that find no loss, beside sabotaged ones that do.

mod faults;
mod hang;
mod power;
