//! `holdfast keep` against a running box: what is kept, what would go, and what has to be said first.

use std::sync::Arc;

use testkit::env::ManualClock;
use types::{Millis, UnixTime};

use crate::rig::{Rig, put};
use crate::running_box::InThreads;

const DAY_MS: i64 = 86_400_000;

/// Three versions of one afternoon, and three days after them.
fn with_versions(rig: &Rig) -> InThreads {
    rig.make_tree();
    // Tomorrow at noon: later than anything that the program wrote by the true clock.
    let noon = (host::env().clock.now().0.div_euclid(DAY_MS) + 1) * DAY_MS + DAY_MS / 2;
    let clock = Arc::new(ManualClock::at(UnixTime(noon)));
    let running = InThreads::start_by(rig, Arc::clone(&clock) as _);
    rig.run(&["unlock"]).ok();
    for n in 0..3 {
        put(&rig.path("tree/hello.txt"), format!("hello {n}\n").as_bytes());
        rig.run(&["--box", "default", "backup", "tree", "--source", "docs"]).ok();
        clock.pass(Millis::from_secs(2 * 3_600));
    }
    clock.pass(Millis::from_days(3));
    running
}

#[test]
fn what_goes_is_shown_and_less_is_kept_only_with_a_word_for_it() {
    let rig = Rig::vault(1);
    let _running = with_versions(&rig);
    let rule = || rig.ask(&["keep"])["keeping"]["versions"].clone();
    let versions = || rig.ask(&["--box", "default", "snapshots"])["snapshots"].clone();
    let usual = rule();
    let told = rig.run(&["keep"]).ok().text();
    assert!(told.contains("each piece on 1 disk"), "{told}");
    assert!(told.contains("every version for 1 day, then one an hour up to 30 days"), "{told}");

    let shorter = ["keep", "--hourly", "1"];
    let shown = rig.run(&[&shorter[..], &["--dry-run"]].concat()).ok().text();
    assert!(shown.contains("docs: 2 versions go, the oldest of "), "{shown}");
    assert!(shown.contains("frees about "), "{shown}");
    rig.run(&shorter).failed(1, &["This keeps less than until now."]);
    assert_eq!((rule(), versions().as_array().unwrap().len()), (usual.clone(), 3), "as before");

    let longer = rig.run(&["keep", "--all", "7", "--hourly", "60"]).ok().text();
    assert!(longer.contains("no version goes"), "{longer}");
    assert!(
        longer.contains("every version for 7 days, then one an hour up to 60 days"),
        "{longer}"
    );
    assert_eq!((&rule()["all_days"], &rule()["weekly_days"]), (&7.into(), &usual["weekly_days"]));

    rig.run(&["keep", "--usual", "--dry-run"]).ok();
    assert_eq!(rule()["all_days"], 7, "only shown");
    let kept = rig.ask(&["keep", "--usual", "--less"]);
    assert_eq!((&kept["foreseen"]["versions"], &kept["keeping"]["versions"]), (&0.into(), &usual));
    let kept = rig.ask(&["keep", "--hourly", "1", "--less"]);
    let job = kept["jobs"][0].to_string();
    rig.run(&["jobs", "watch", &job]).ok();
    assert_eq!(versions().as_array().unwrap().len(), 1);
}
