//! The simulated machine, as the hand that plays it and as the box that lives in it.

mod common;
mod erasing;
mod faults;
mod plugging;
