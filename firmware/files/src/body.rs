//! Taking a body in, part by part, so that no part waits long and none is large.
//!
//! Start at [`gather`].

use std::io::{ErrorKind, Read};

use types::{Clock, Millis};

use crate::budget::Body as Receiving;

/// What came is stored after this long at the latest, however slowly it comes.
const PART_TIME: Millis = Millis::from_secs(10);
/// Read at a time.
const STEP: usize = 64 << 10;

/// How a part ended.
#[derive(Debug)]
pub(crate) enum End {
    /// It is as long as a part may be, or has waited long enough; more may come.
    Part,
    /// The body has ended.
    Body,
    /// Somebody else wants to go on with it.
    Wanted,
    /// The body broke off.
    Broken(std::io::Error),
}

/// Takes up to `len` bytes, fewer when no more may wait. What was gathered before is stored by now.
/// `is_wanted` is asked between two reads.
pub(crate) fn gather(
    body: &mut dyn Read,
    len: usize,
    receiving: &mut Receiving<'_>,
    clock: &dyn Clock,
    is_wanted: &dyn Fn() -> bool,
) -> (Vec<u8>, End) {
    receiving.is_stored();
    let since = clock.uptime();
    let mut bytes = Vec::new();
    loop {
        if is_wanted() {
            return (bytes, End::Wanted);
        }
        let is_late = clock.uptime().0.saturating_sub(since.0) >= PART_TIME.0;
        let start = bytes.len();
        let next = len.min(start + STEP);
        if start >= len || (is_late || !receiving.may_hold(next)) && start > 0 {
            return (bytes, End::Part);
        }
        bytes.resize(next, 0);
        let read = body.read(&mut bytes[start..]);
        bytes.truncate(start + read.as_ref().map_or(0, |read| *read));
        match read {
            Ok(0) => return (bytes, End::Body),
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return (bytes, End::Broken(error)),
        }
    }
}

/// Whether a body holds anything more.
pub(crate) fn has_more(body: &mut dyn Read) -> bool {
    let mut one = [0];
    loop {
        match body.read(&mut one) {
            Ok(read) => return read > 0,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return false,
        }
    }
}
