//! The first vault of a box when something is in the way, and what becomes of a box whose vault's file
//! is gone.

use calls::{Answer, Call, FaultCode, Secret, SecretText, Severity};

use crate::desk::asks_for_a_vault_and_goes;
use crate::hand::{SIZE, rig};

fn create() -> Call {
    Call::Create { disks: vec!["1".to_owned(), "2".to_owned()], copies: 2, password: None }
}

/// Disks on which a vault was made whose file could not be written were refused from then on, until
/// somebody pulled them and pushed them back.
#[test]
fn a_vault_that_could_not_be_made_leaves_its_disks_ready_for_the_next_try() {
    let rig = rig();
    let running = rig.start();
    for (number, name) in (1..).zip(["red", "green"]) {
        running.insert(name, SIZE, number);
    }
    running.until_disks(|disks| disks.disks.len() == 2);
    std::fs::create_dir(rig.path("home.toml")).unwrap();
    running.refused(create());
    std::fs::remove_dir(rig.path("home.toml")).unwrap();
    let Answer::Created { words, .. } = running.ask(create()) else { panic!("no vault") };
    running.notes_the_words();
    running.done(rig.big_folder("docs", 1));
    assert_eq!(running.stop(), Some(0));
    let running = rig.start();
    running.open(&Secret::Words(words));
    running.is_whole("docs", "back");
}

/// The box said that it was new.
#[test]
fn a_box_whose_vaults_file_is_gone_raises_the_alarm() {
    let rig = rig();
    let running = rig.start();
    running.create(&["red", "green"]);
    assert_eq!(running.stop(), Some(0));
    crate::rig::rename(&rig.path("home.toml"), &rig.path("elsewhere.toml"));
    let running = rig.start();
    let is_told = || {
        let found = running.health().findings;
        found.iter().any(|one| {
            one.severity == Severity::Alarm && one.sentence.contains("vault's file is missing")
        })
    };
    running.until_disks(|_| is_told());
}

/// Whoever typed wrong words while the vault was open was told that it is unlocked, and took the words
/// for good ones.
#[test]
fn wrong_words_are_wrong_also_while_the_vault_is_open() {
    let rig = rig();
    let running = rig.start();
    let secret = running.create(&["red", "green"]);
    assert!(matches!(running.ask(Call::Unlock { secret }), Answer::Lock(_)));
    let good = Secret::Password(SecretText::from("correct horse".to_owned()));
    assert!(matches!(running.ask(Call::Unlock { secret: good }), Answer::Lock(_)));
    for secret in [rig.words(), Secret::Password(SecretText::from("wrong".to_owned()))] {
        let refused = running.refused(Call::Unlock { secret });
        assert_eq!(refused.code, FaultCode::WrongSecret, "{refused}");
    }
    assert_eq!(running.status().lock, calls::Lock::Unlocked, "it stays open");
}

/// All was said to be well while nothing could be stored, and the next start would have thrown it away.
#[test]
fn a_vault_whose_words_nobody_has_is_not_called_well() {
    let rig = rig();
    let running = rig.start();
    let waits = || {
        let words = "waits for somebody to have its words";
        running.health().findings.iter().any(|one| one.sentence.contains(words))
    };
    asks_for_a_vault_and_goes(&running);
    running.refused(Call::Start { spec: rig.big_folder("docs", 1) });
    assert!(waits());
    let again = Call::Create { disks: vec!["1".to_owned()], copies: 2, password: None };
    let Answer::Created { .. } = running.ask(again) else { panic!("no words") };
    running.notes_the_words();
    running.done(rig.backup_of("docs"));
    assert!(!waits());
}
