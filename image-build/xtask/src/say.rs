//! Lines for the person at the terminal, and how sizes and times are written in them.
//!
//! A closed terminal is not an error: the work goes on, unheard.

use std::fmt::Display;
use std::io::Write;
use std::time::Duration;

/// Prints one line.
pub(crate) fn say(line: impl Display) {
    // Ignored on purpose: nobody is listening any more.
    drop(writeln!(std::io::stdout().lock(), "{line}"));
}

/// Prints one line on standard error.
pub(crate) fn complain(line: impl Display) {
    drop(writeln!(std::io::stderr().lock(), "{line}"));
}

/// `1.2 GiB`, `512 B`: binary units, one decimal.
#[expect(clippy::cast_precision_loss, reason = "one decimal is shown")]
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    if unit == 0 { format!("{bytes} B") } else { format!("{value:.1} {}", UNITS[unit]) }
}

/// `0.4 s`, `3 min 12 s`.
pub(crate) fn time(spent: Duration) -> String {
    let seconds = spent.as_secs();
    if seconds < 60 {
        format!("{:.1} s", spent.as_secs_f64())
    } else {
        format!("{} min {} s", seconds / 60, seconds % 60)
    }
}

#[test]
fn sizes_and_times_read_as_people_write_them() {
    assert_eq!(size(512), "512 B");
    assert_eq!(size(1536), "1.5 KiB");
    assert_eq!(size(5 << 30), "5.0 GiB");
    assert_eq!(time(Duration::from_millis(400)), "0.4 s");
    assert_eq!(time(Duration::from_secs(192)), "3 min 12 s");
}
