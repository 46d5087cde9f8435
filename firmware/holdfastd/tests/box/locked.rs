//! A box without its keys: it says how it is, takes nothing, and opens for its owner only.

use std::os::unix::fs::PermissionsExt;

use calls::{Answer, Call, FaultCode, JobResult, JobSpec, Lock, Page, Secret};

use crate::rig::{PASSWORD, Rig, bytes_of, put, rename};

#[test]
fn a_locked_box_answers_how_it_is_and_refuses_everything_else() {
    let rig = Rig::vault(2);
    rig.big_folder("docs", 1);
    let running = rig.start();
    assert_eq!(running.status().lock, Lock::Locked);
    let health = running.health();
    let said = &health.findings[0].sentence;
    assert!(said.contains("locked"), "{said}");
    assert!(health.volumes.iter().all(|volume| volume.state == "sealed"));
    assert_eq!(health.volumes.len(), 2);
    assert!(running.jobs().is_empty());
    for call in [
        Call::Start { spec: rig.backup_of("docs") },
        Call::Start { spec: JobSpec::Check { read_data: true, repair: false } },
        Call::Snapshots { source: None, space: None, page: Page::default() },
        Call::Sources {},
    ] {
        let fault = running.refused(call);
        assert_eq!(fault.code, FaultCode::Locked);
        assert!(fault.sentence.contains("locked"), "{fault}");
    }
    assert!(running.jobs().is_empty(), "a refused job leaves nothing behind");
    assert_eq!(running.stop(), Some(0));
}

#[test]
fn a_locked_box_reads_every_byte_and_says_what_is_damaged_until_it_can_mend_it() {
    let rig = Rig::vault(2);
    let spec = rig.big_folder("docs", 3);
    let running = rig.start();
    running.unlock();
    running.done(spec);
    running.ask(Call::Lock {});
    let read = |running: &crate::running::Running<'_>| match running.done(JobSpec::Scrub {}).result
    {
        Some(JobResult::Check(found)) => found,
        other => panic!("{other:?}"),
    };
    let found = read(&running);
    assert!(found.clean && found.bytes_read > 6 << 20 && found.damaged == 0, "{found:?}");
    let packs = rig.files("disk1", ".pack");
    let mut bytes = bytes_of(&packs[0]);
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    put(&packs[0], &bytes);
    let found = read(&running);
    assert_eq!((found.clean, found.damaged), (false, 1));
    // It used to be said how many, and not on which disk.
    let [wrong] = &found.wrong[..] else { panic!("{found:?}") };
    assert!(wrong.contains("pack ") && wrong.contains("is damaged"), "{wrong}");
    let said = |running: &crate::running::Running<'_>| {
        let findings = running.health().findings;
        findings.iter().any(|one| one.sentence.contains("1 damaged copy"))
    };
    assert!(said(&running) && running.status().lock == Lock::Locked);
    running.unlock();
    let mended = running.done(JobSpec::Check { read_data: true, repair: true });
    let Some(JobResult::Check(mended)) = mended.result else { panic!("{mended:?}") };
    assert!(mended.clean && mended.repaired == 1, "{mended:?}");
    assert!(!said(&running));
    assert_eq!(running.stop(), Some(0));
}

#[test]
fn the_words_and_the_password_open_it_and_nothing_else_does() {
    let rig = Rig::vault(1);
    rig.big_folder("docs", 1);
    let running = rig.start();
    let wrong = Secret::Password("hunter2 hunter2".to_owned().into());
    let fault = running.refused(Call::Unlock { secret: wrong });
    assert_eq!(fault.code, FaultCode::WrongSecret);
    let few = Secret::Words("abandon abandon about".to_owned().into());
    assert_eq!(running.refused(Call::Unlock { secret: few }).code, FaultCode::WrongSecret);
    assert_eq!(running.status().lock, Lock::Locked);
    let right = Secret::Password(PASSWORD.to_owned().into());
    assert_eq!(running.ask(Call::Unlock { secret: right }), Answer::Lock(Lock::Unlocked));
    running.done(rig.backup_of("docs"));
    assert_eq!(running.ask(Call::Lock {}), Answer::Lock(Lock::Locked));
    assert_eq!(running.status().lock, Lock::Locked);
    let start = Call::Start { spec: rig.backup_of("docs") };
    assert_eq!(running.refused(start).code, FaultCode::Locked);
    running.unlock();
    assert_eq!(running.snapshots().len(), 1);
    assert_eq!(running.stop(), Some(0));
    let log = rig.log();
    let Secret::Words(words) = rig.words() else { unreachable!() };
    let pair: Vec<&str> = words.reveal().split_whitespace().take(2).collect();
    for secret in [PASSWORD, "hunter2", &pair.join(" "), "abandon abandon"] {
        assert!(!log.contains(secret), "{secret:?} is in the log");
    }
    assert!(log.contains("the vault is unlocked"), "the log is really looked at");
}

#[test]
fn a_box_with_a_key_file_of_its_own_opens_by_itself() {
    let rig = Rig::vault(1);
    rig.key_file(0o600);
    let running = rig.start();
    let mut talk = running.talk();
    talk.ask(Call::Watch { job: None }).unwrap();
    // Opened before or after the watch began: either way it is seen.
    while running.status().lock != Lock::Unlocked {
        talk.event().unwrap().unwrap();
    }
    assert_eq!(running.stop(), Some(0));
}

/// After a power cut a box is up before its disks.
#[test]
fn a_box_that_opens_by_itself_waits_for_disks_that_come_up_later() {
    let rig = Rig::vault(2);
    rig.key_file(0o600);
    rename(&rig.path("disk2"), &rig.path("away"));
    let running = rig.start();
    let findings = running.health().findings;
    assert!(findings.iter().any(|one| one.sentence.contains("disk2 is not here")), "{findings:?}");
    assert_eq!(running.status().lock, Lock::Locked, "it waits for all of them");
    let mut talk = running.talk();
    talk.ask(Call::Watch { job: None }).unwrap();
    rename(&rig.path("away"), &rig.path("disk2"));
    while running.status().lock != Lock::Unlocked {
        talk.event().unwrap().unwrap();
    }
    let volumes = running.health().volumes;
    assert!(volumes.iter().all(|volume| volume.state == "member"), "{volumes:?}");
    assert_eq!(running.stop(), Some(0));
}

#[test]
fn a_key_file_that_others_may_read_is_refused_by_name_and_mode() {
    let rig = Rig::vault(1);
    rig.key_file(0o640);
    let (code, said) = rig.fails_to_start();
    assert_eq!(code, Some(1));
    assert!(said.contains("mode 0640") && said.contains("do: Set its mode to 0600"), "{said}");
}

#[test]
fn the_socket_and_the_records_are_the_boxs_own() {
    let rig = Rig::vault(1);
    let running = rig.start();
    let mode = |name: &str| rig.path(name).metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("box.sock"), 0o600);
    assert_eq!(mode("state"), 0o700);
    assert_eq!(running.stop(), Some(0));
    assert!(!rig.path("box.sock").exists(), "a box that stopped leaves no socket");
}

#[test]
fn new_words_are_drawn_for_who_has_a_secret_and_count_when_they_are_put() {
    let rig = Rig::vault(2);
    let running = rig.start();
    let password = |text: &str| Secret::Password(text.to_owned().into());
    let draw = |secret: Secret| Call::DrawWords { secret };
    assert_eq!(running.refused(draw(password(PASSWORD))).code, FaultCode::Locked);
    running.unlock();
    assert_eq!(running.refused(draw(password("not it"))).code, FaultCode::WrongSecret);
    let Answer::Words { words, .. } = running.ask(draw(password(PASSWORD))) else { panic!("none") };
    let fresh = || Secret::Words(words.clone());
    let wrong = running.refused(Call::Unlock { secret: fresh() });
    assert_eq!(wrong.code, FaultCode::WrongSecret, "they open nothing yet");
    running.ask(Call::PutWords { words: words.clone() });
    assert_eq!(running.refused(Call::Unlock { secret: rig.words() }).code, FaultCode::WrongSecret);
    running.ask(Call::Lock {});
    assert_eq!(running.refused(Call::Unlock { secret: rig.words() }).code, FaultCode::WrongSecret);
    assert_eq!(running.ask(Call::Unlock { secret: fresh() }), Answer::Lock(Lock::Unlocked));
    assert_eq!(running.stop(), Some(0));
}

#[test]
fn a_box_that_begins_anew_is_the_same_process_and_waits_for_its_key() {
    let rig = Rig::vault(2);
    rig.settings("[schedule]\nquiet = \"22:30-6:05\"\n");
    let spec = rig.big_folder("docs", 40);
    let running = rig.start();
    running.unlock();
    let job = running.begin(spec).job.id;
    let Answer::Surroundings(told) = running.ask(Call::Surroundings {}) else { panic!("none") };
    assert_eq!((told.quiet.as_deref(), told.opens_itself), (Some("22:30-06:05"), false));
    assert_eq!(running.ask(Call::Restart {}), Answer::Done {});
    running.hears("STOPPING=1");
    running.hears("READY=1");
    assert_eq!(running.status().lock, Lock::Locked);
    running.unlock();
    running.until(job, |job| job.state == calls::JobState::Done);
    assert_eq!(running.snapshots().len(), 1);
    assert_eq!(running.stop(), Some(0));
}
