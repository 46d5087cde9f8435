//! As many courses as a change is tested with. More: `HOLDFAST_SEQUENCES=1000`, or the program itself.

use std::path::Path;
use std::sync::Mutex;

use sequences::search::{Extent, search};

const COURSES: u64 = 8;
const SEED: u64 = 3;

#[test]
#[ignore = "finds bugs of the box that are not mended yet: run it with --ignored"]
fn whatever_is_done_to_a_box_nothing_is_lost_and_no_two_jobs_fight() {
    let count = std::env::var("HOLDFAST_SEQUENCES").ok().and_then(|text| text.parse().ok());
    let extent =
        Extent { count: count.unwrap_or(COURSES), seed: SEED, threads: 4, unharmed: false };
    let told = Mutex::new(String::new());
    let tell = |line: &str| told.lock().unwrap().push_str(&format!("{line}\n"));
    let ended = search(Path::new(env!("CARGO_BIN_EXE_sequences")), extent, &tell);
    assert!(ended.is_ok(), "{ended:?}\n{}", told.lock().unwrap());
}
