//! The caretaker on a simulated machine, with a real vault in its seat.

mod coming;
mod common;
mod health;
mod kills;
mod random;
mod staying;
mod swapping;
mod undoing;
mod whole;
