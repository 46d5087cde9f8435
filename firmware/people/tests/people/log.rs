//! The log: every change of what was written is noticed.

use people::{Entry, Log, Told};
use types::UnixTime;

fn chain(count: i64) -> Vec<Entry> {
    let mut log = Log::default();
    let told = |number: i64| Told {
        who: format!("person {number}"),
        act: "disk-erase",
        what: "bay 2".to_owned(),
        from: "192.168.1.10".to_owned(),
    };
    (0..count).map(|number| log.add(told(number), UnixTime(number))).collect()
}

fn is_whole(entries: &[Entry]) -> bool {
    let mut log = Log::default();
    entries.iter().all(|entry| log.follow(entry).is_ok())
}

#[test]
fn a_log_that_nobody_touched_fits_together_and_every_change_of_one_is_noticed() {
    let entries = chain(20);
    assert!(is_whole(&entries));
    let changes: [fn(&mut Entry); 5] = [
        |entry| entry.who = "somebody else".to_owned(),
        |entry| entry.act = "disk-keep".to_owned(),
        |entry| entry.what = "bay 3".to_owned(),
        |entry| entry.at_ms += 1,
        // From one text into the next, with the same letters.
        |entry| {
            let letter = entry.what.remove(0);
            entry.act.push(letter);
        },
    ];
    for at in 0..entries.len() {
        for (number, change) in changes.iter().enumerate() {
            let mut changed = entries.clone();
            change(&mut changed[at]);
            assert!(!is_whole(&changed), "entry {at}, change {number}");
        }
        let mut shorter = entries.clone();
        shorter.remove(at);
        // The last one alone can go unnoticed here: only a note of the newest hash shows that.
        assert_eq!(is_whole(&shorter), at == entries.len() - 1, "entry {at} taken out");
        let mut twice = entries.clone();
        twice.insert(at, entries[at].clone());
        assert!(!is_whole(&twice), "entry {at} twice");
    }
}
