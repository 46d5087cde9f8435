//! The child that looks at pictures, as a program of its own: what it says, and what it cannot do.

#[cfg(test)]
mod dates;
#[cfg(test)]
mod drawn;
#[cfg(test)]
mod shut_in;

/// The child of these tests.
#[cfg(test)]
const CHILD: &str = env!("CARGO_BIN_EXE_pictures-child");

#[cfg(test)]
fn worker() -> pictures::Worker {
    let clock = testkit::env::ManualClock::at(types::UnixTime(0));
    pictures::Worker::of(CHILD, std::sync::Arc::new(clock))
}
