//! Random sequences of everything that hands, time and power can do to a whole box, against a model of
//! what must be true: nothing acknowledged is lost, nobody else's disk is written, no two jobs fight.
//!
//! The box is the real supervisor in a process of its own, on a simulated machine, asked over its
//! socket and ended with SIGKILL; only its clock is the test's. It never looks into the box: what it
//! knows is what an owner is told. Start at [`course::run`]; what must be true is in [`model`].

pub mod boxed;
pub mod calm;
mod clock;
pub mod course;
pub mod hands;
mod jobs;
pub mod model;
pub mod outside;
mod owner;
mod patience;
mod power;
pub mod search;
pub mod tally;

/// What went wrong, as a sentence.
pub type Sentence = String;
/// What a step came to.
pub type Outcome<T> = Result<T, Sentence>;
