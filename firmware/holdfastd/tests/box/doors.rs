//! Strangers, nonsense and a second box at the door; and what a service manager hears.

use std::io::{Read, Write};

use calls::frame::{self, LEN_MAX};
use calls::{Call, FaultCode, Greeting, Hello, Message, Request};

use crate::rig::{Rig, bytes_of, put};
use crate::running::Running;

/// What the box answers to bytes after the hello, until it hangs up.
fn answer_to(running: &Running<'_>, bytes: &[u8]) -> Message {
    let mut stream = running.stream();
    let greeting: Greeting = frame::read(&mut stream, LEN_MAX).unwrap();
    frame::write(&mut stream, &Hello { protocol: greeting.protocol }).unwrap();
    stream.write_all(bytes).unwrap();
    let message = frame::read(&mut stream, LEN_MAX).unwrap();
    // It hangs up. Whether that is heard as an end or as a reset depends on what was left unread.
    assert!(matches!(stream.read(&mut [0]), Ok(0) | Err(_)));
    message
}

fn framed(json: &str) -> Vec<u8> {
    let mut bytes = u32::try_from(json.len()).unwrap().to_le_bytes().to_vec();
    bytes.extend_from_slice(json.as_bytes());
    bytes
}

#[test]
fn nonsense_is_refused_and_not_repeated_and_the_box_goes_on() {
    let rig = Rig::vault(1);
    let running = rig.start();
    for bytes in [
        u32::MAX.to_le_bytes().to_vec(),
        framed("{\"id\":1,\"call\":{\"format_all_disks\":{}}}"),
        framed("{\"id\":1,\"call\":{\"unlock\":{\"secret\":{\"password\":4711471147}}}}"),
        framed(&"[".repeat(100_000)),
    ] {
        let Message::Fault { id: 0, fault } = answer_to(&running, &bytes) else { panic!() };
        assert_eq!(fault.code, FaultCode::BadRequest);
        assert!(!fault.sentence.contains("4711471147"), "{fault}");
    }
    assert!(!rig.log().contains("4711471147"));
    // One that says half a word and goes away harms nobody.
    running.stream().write_all(&[9, 0]).unwrap();
    running.status();
    assert_eq!(running.stop(), Some(0));
}

#[test]
fn another_version_is_refused_by_its_number() {
    let rig = Rig::vault(1);
    let running = rig.start();
    let mut stream = running.stream();
    let _: Greeting = frame::read(&mut stream, LEN_MAX).unwrap();
    frame::write(&mut stream, &Hello { protocol: 99 }).unwrap();
    let Message::Fault { fault, .. } = frame::read(&mut stream, LEN_MAX).unwrap() else { panic!() };
    assert_eq!(fault.code, FaultCode::Version);
    assert!(fault.sentence.contains("99"), "{fault}");
    assert_eq!(running.stop(), Some(0));
}

#[test]
fn a_second_box_on_the_same_records_is_refused_and_the_first_goes_on() {
    let rig = Rig::vault(1);
    let running = rig.start();
    let (code, said) = rig.fails_to_start();
    assert_eq!(code, Some(1));
    assert!(
        said.contains("another holdfastd uses") && said.contains("do: Stop the other"),
        "{said}"
    );
    running.status();
    assert_eq!(running.stop(), Some(0));
    assert_eq!(rig.start().stop(), Some(0), "once it is gone there is room for another");
}

#[test]
fn settings_that_are_wrong_are_told_with_file_line_and_key() {
    let rig = Rig::vault(1);
    rig.settings("sokcet = \"x\"\n");
    let (code, said) = rig.fails_to_start();
    assert_eq!(code, Some(1));
    for part in ["box.toml, line 5, sokcet", "do: Correct that line"] {
        assert!(said.contains(part), "{part:?} is not in {said}");
    }
}

#[test]
fn a_service_manager_hears_that_the_box_is_alive() {
    let rig = Rig::vault(1);
    let running = rig.start_with(|command| {
        command.env("WATCHDOG_USEC", "200000");
    });
    for _ in 0..3 {
        running.hears("WATCHDOG=1");
    }
    assert_eq!(running.stop(), Some(0));
}

#[test]
fn many_callers_are_served_and_too_many_are_told_so() {
    let rig = Rig::vault(1);
    let running = rig.start();
    let talks: Vec<_> = (0..32)
        .map(|_| {
            let mut talk = running.talk();
            talk.ask(Call::Status {}).unwrap();
            talk
        })
        .collect();
    let mut stream = running.stream();
    let _: Greeting = frame::read(&mut stream, LEN_MAX).unwrap();
    let Message::Fault { fault, .. } = frame::read(&mut stream, LEN_MAX).unwrap() else { panic!() };
    assert_eq!(fault.code, FaultCode::Busy);
    drop(talks);
    assert_eq!(running.stop(), Some(0));
}

/// Thirty-two callers who say nothing once shut out everybody else for ten minutes.
#[test]
fn who_says_nothing_after_the_greeting_loses_the_place() {
    let rig = Rig::vault(1);
    let running = rig.start();
    let mut silent: Vec<_> = (0..32).map(|_| running.stream()).collect();
    for stream in &mut silent {
        let _: Greeting = frame::read(stream, LEN_MAX).unwrap();
    }
    for stream in &mut silent {
        let end = frame::read::<Message>(stream, LEN_MAX);
        assert!(matches!(end, Err(frame::FrameError::Ended)), "{end:?}");
    }
    running.status();
    assert_eq!(running.stop(), Some(0));
}

/// Records on a disk of the vault go away with the disk.
#[test]
fn records_or_a_vaults_file_on_a_volume_are_refused_by_name() {
    let rig = Rig::vault(1);
    let text = String::from_utf8(bytes_of(&rig.path("box.toml"))).unwrap();
    let moved = text.replace("\"state\"", "\"disk1/state\"");
    assert_ne!(moved, text);
    put(&rig.path("box.toml"), moved.as_bytes());
    let (code, said) = rig.fails_to_start();
    assert_eq!(code, Some(1));
    for part in ["box's records", "lies on a volume of the vault", "do: Move it"] {
        assert!(said.contains(part), "{part:?} is not in {said}");
    }
    assert!(!rig.path("disk1/state").exists(), "nothing was made there");
    // Behind a link, and the vault's file.
    std::os::unix::fs::symlink(rig.path("disk1"), rig.path("link")).unwrap();
    put(&rig.path("disk1/home.toml"), &bytes_of(&rig.path("home.toml")));
    put(&rig.path("box.toml"), text.replace("\"home.toml\"", "\"link/home.toml\"").as_bytes());
    let (code, said) = rig.fails_to_start();
    assert!(code == Some(1) && said.contains("the vault's file, "), "{said}");
    rig.settings("");
    assert_eq!(rig.start().stop(), Some(0));
}

#[test]
fn a_support_bundle_names_no_file_and_holds_no_secret() {
    let rig = Rig::vault(1);
    let spec = rig.big_folder("diary", 1);
    let running = rig.start();
    running.unlock();
    running.done(spec);
    std::fs::remove_dir_all(rig.path("diary")).unwrap();
    let job = running.begin(rig.backup_of("diary")).job.id;
    running.until(job, |job| job.state == calls::JobState::Failed);
    let findings = running.health().findings;
    assert!(findings.iter().any(|one| one.sentence.contains("diary")), "there is one to leave out");
    let call = Call::SupportBundle {};
    let mut talk = running.talk();
    let text = serde_json::to_string(&talk.ask(call).unwrap()).unwrap();
    assert!(!text.contains("diary"), "{text}");
    let request = Request { id: 1, call: Call::Unlock { secret: rig.words() } };
    let words = serde_json::to_value(&request).unwrap();
    let words = words["call"]["unlock"]["secret"]["words"].as_str().unwrap();
    let pair: Vec<&str> = words.split_whitespace().take(2).collect();
    assert!(!text.contains(&pair.join(" ")));
    assert!(text.contains("scrub_every_days"), "{text}");
    assert_eq!(running.stop(), Some(0));
}
