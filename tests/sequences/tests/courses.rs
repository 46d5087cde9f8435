//! As many courses as a change is tested with; the story `sequences` runs more, and some that are spoilt
//! on purpose. More: `HOLDFAST_SEQUENCES=1000`, or the program itself.

use std::path::Path;
use std::sync::Mutex;

use sequences::search::{Extent, search};

const COURSES: u64 = 4;
const SEED: u64 = 3;

#[test]
fn whatever_is_done_to_a_box_nothing_is_lost_and_no_two_jobs_fight() {
    let count = std::env::var("HOLDFAST_SEQUENCES").ok().and_then(|text| text.parse().ok());
    let extent = Extent { count: count.unwrap_or(COURSES), seed: SEED, threads: 4, unharmed: true };
    let told = Mutex::new(String::new());
    let tell = |line: &str| told.lock().unwrap().push_str(&format!("{line}\n"));
    let ended = search(Path::new(env!("CARGO_BIN_EXE_sequences")), extent, &tell);
    assert!(ended.is_ok(), "{ended:?}\n{}", told.lock().unwrap());
}
