//! After a fire: a fresh box, the 24 words and one friend bring everything back. Whole boxes on simulated disks,
//! over real sockets that nobody else can reach.

use std::path::Path;

use calls::{
    Answer, Call, FaultCode, FriendAct, FriendLimits, Job, JobResult, JobSpec, JobState, Page,
    RawPath, Reborn, RestoreResult, Secret, SecretText, Severity,
};
use types::Bytes;

use crate::friends::{friendly, pair, settled};
use crate::hand::SIZE;
use crate::rig::{Rig, bytes_of};
use crate::running::Running;

/// Files of a mebibyte each: seven packs, so that some are here while others are not.
const FILES: u64 = 100;

impl Running<'_> {
    /// The come-back address at the only friend, as it stands in the recovery kit.
    fn sheet(&self) -> String {
        let friend = self.friend().name;
        match self.ask(Call::FriendSheet { friend }) {
            Answer::FriendSheet(sheet) => sheet.spaced,
            other => panic!("{other:?}"),
        }
    }

    /// Fresh disks in the first bays.
    fn fresh_disks(&self, names: &[&str]) -> Vec<String> {
        for (number, name) in (1..).zip(names) {
            self.insert(name, SIZE, number);
        }
        self.until_disks(|disks| disks.disks.len() == names.len());
        (1..=names.len()).map(|number| number.to_string()).collect()
    }

    fn bring_back_job(&self) -> Job {
        let all = self.jobs();
        all.into_iter().find(|job| job.spec == JobSpec::BringBack {}).unwrap()
    }

    /// Restores the newest version: what could not be, of how many files.
    fn written_back(&self, source: &str, to: &Path) -> RestoreResult {
        let spec = JobSpec::Restore {
            snapshot: format!("latest:{source}"),
            path: RawPath(Vec::new()),
            to: RawPath(to.to_str().unwrap().into()),
            overwrite: true,
        };
        match self.done(spec).result {
            Some(JobResult::Restore(restored)) => restored,
            other => panic!("{other:?}"),
        }
    }
}

fn text(words: &Secret) -> SecretText {
    match words {
        Secret::Words(words) => words.clone(),
        Secret::Password(_) => panic!("no words"),
    }
}

/// Everything of a box is gone: its records, its disks, its vault's file.
fn burns(rig: &Rig) {
    for gone in ["state", "machine"] {
        std::fs::remove_dir_all(rig.path(gone)).unwrap();
    }
    for gone in std::fs::read_dir(rig.dir.path()).unwrap() {
        let gone = gone.unwrap();
        if gone.file_name().to_string_lossy().starts_with("home") && gone.path().is_file() {
            std::fs::remove_file(gone.path()).unwrap();
        }
    }
}

fn reborn(new: &Running<'_>, disks: Vec<String>, words: &Secret, sheet: &str) -> Reborn {
    let sheets = vec![sheet.to_owned()];
    match new.ask(Call::Reborn { disks, words: text(words), sheets, without_missing: false }) {
        Answer::Reborn(back) => *back,
        other => panic!("{other:?}"),
    }
}

#[test]
fn after_a_fire_a_fresh_box_the_words_and_one_friend_bring_everything_back() {
    let (rig, other, fresh) = (friendly(), friendly(), friendly());
    let (ours, theirs) = (rig.start(), other.start());
    let words = ours.create_single();
    theirs.create_single();
    pair(&ours, &theirs);
    ours.done(rig.big_folder("docs", FILES));
    // The last pack is sealed when the box stops.
    assert_eq!(ours.stop(), Some(0));
    let ours = rig.start();
    ours.ask(Call::Unlock { secret: words.clone() });
    settled(&ours, &theirs, FILES << 20);
    let sheet = ours.sheet();
    ours.kill();
    burns(&rig);
    // So that there is a middle in which the power can fail.
    let limits = FriendLimits { kbit: Some(40_000), ..FriendLimits::default() };
    theirs.acts(FriendAct::Limit { limits });

    let new = fresh.start();
    new.reaches_nobody();
    let disks = new.fresh_disks(&["ash", "oak"]);
    given_up(&new, &disks, &words, &sheet);
    let clock = host::env().clock;
    let begun = clock.uptime();
    let back = reborn(&new, disks, &words, &sheet);
    let listed = entries(&new);
    say(format_args!(
        "first listing after {} ms: {} versions, {} packs ({}) still at the friend",
        clock.uptime().0 - begun.0,
        back.versions,
        back.packs,
        Bytes(back.bytes)
    ));
    assert_eq!((back.versions, listed as u64), (1, FILES));
    assert!(back.packs > 5, "{back:?}");
    // The owner is told what is where, and nothing is said to be well or lost.
    new.until_finds(|one| {
        one.sentence.contains("Everything can be browsed") && one.severity == Severity::Warning
    });
    assert!(!new.health().findings.iter().any(|one| one.severity == Severity::Alarm));
    // What is not here yet is named, and nothing else is written in its place.
    let part = new.written_back("docs", &fresh.path("part"));
    assert!(part.failed > 0, "{part:?}");
    assert!(part.left_out.iter().all(|one| !one.why.is_empty()), "{part:?}");

    new.until(back.job.job.id, |job| job.progress.items > 0);
    new.kill();
    let new = fresh.start();
    let before = new.bring_back_job();
    assert!(!before.state.is_over(), "{before:?}");
    new.ask(Call::Unlock { secret: words });
    let job = new.until(back.job.job.id, |job| job.state == JobState::Done);
    say(format_args!("all data after {} ms", clock.uptime().0 - begun.0));
    let Some(JobResult::BringBack(came)) = &job.result else { panic!("{job:?}") };
    assert!(came.lacking == 0 && job.attempts > 1, "{job:?}");
    assert!(came.packs < back.packs, "what came before the power failed stays: {came:?}");
    let whole = new.written_back("docs", &fresh.path("whole"));
    assert_eq!((whole.failed, whole.files), (0, FILES));
    for file in rig.files("docs", "") {
        let name = file.file_name().unwrap();
        assert!(bytes_of(&file) == bytes_of(&fresh.path("whole").join(name)), "{name:?}");
    }
    new.checks_clean();
    // The pact goes on: what is new goes to the friend, who still has all of before.
    new.done(fresh.big_folder("more", 3));
    settled(&new, &theirs, FILES << 20);
}

/// A friend that was not reached was one odd line, and what only it had newer was given up unasked. And a vault
/// that was made after a rebirth had been given up sent its packs to friends of the one that is gone.
fn given_up(new: &Running<'_>, disks: &[String], words: &Secret, sheet: &str) {
    let (disks, sheets) = (disks.to_vec(), vec![sheet.to_owned(), "HFR0".to_owned()]);
    let words = text(words);
    let call = Call::Reborn { disks: disks.clone(), words, sheets, without_missing: false };
    let one_short = new.refused(call);
    assert!(one_short.sentence.contains("Sheet 2"), "{one_short}");
    assert!(one_short.advice.contains("--without-missing"), "{one_short}");
    let other = new.refused(Call::Create { disks, copies: 1, password: None });
    assert!(other.sentence.contains("for another vault"), "{other}");
}

/// Entries of the newest version.
fn entries(new: &Running<'_>) -> usize {
    let call = Call::List {
        snapshot: "latest:docs".to_owned(),
        path: RawPath(Vec::new()),
        deep: true,
        page: Page::default(),
    };
    match new.ask(call) {
        Answer::Entries { entries, more: false, .. } => {
            entries.iter().filter(|one| one.kind == calls::EntryKind::File).count()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_brings_nothing_back_is_refused_by_name_and_touches_no_disk() {
    let fresh = friendly();
    let new = fresh.start();
    let disks = new.fresh_disks(&["ash"]);
    let words = fresh.words();
    let ask = |disks: Vec<String>, words: &Secret, sheets: Vec<String>| {
        new.refused(Call::Reborn { disks, words: text(words), sheets, without_missing: false })
    };
    let none = ask(disks.clone(), &words, Vec::new());
    assert_eq!(none.code, FaultCode::BadRequest, "{none}");
    let slip = Secret::Words("zoo zoo zoo".to_owned().into());
    let wrong = ask(disks.clone(), &slip, vec!["HFR0".to_owned()]);
    assert_eq!(wrong.code, FaultCode::WrongSecret, "{wrong}");
    let unasked = ask(disks.clone(), &words, vec!["HFR0".to_owned()]);
    assert!(unasked.advice.contains("friend reach"), "the owner is asked first: {unasked}");
    new.reaches_nobody();
    let torn = ask(disks, &words, vec!["HFR0".to_owned()]);
    assert_eq!(torn.code, FaultCode::BadRequest, "{torn}");
    assert!(new.disks().disks.iter().all(|disk| disk.life == "blank"), "{:?}", new.disks());
    let vault = Call::Create { disks: vec!["1".to_owned()], copies: 1, password: None };
    assert!(matches!(new.ask(vault), Answer::Created { .. }));
    let late = ask(vec!["1".to_owned()], &words, vec!["HFR0".to_owned()]);
    assert!(late.sentence.contains("has a vault already"), "{late}");
}

/// Times are for whoever reads; none of them fails the test.
fn say(what: std::fmt::Arguments<'_>) {
    std::io::Write::write_fmt(&mut std::io::stdout(), format_args!("{what}\n")).unwrap();
}
