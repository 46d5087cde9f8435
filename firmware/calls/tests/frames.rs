//! What comes over the wire is either understood whole or refused, and never ends the program.
//!
//! Every call and answer goes there and back; truncated, huge, unknown and random bytes are refused
//! by name.

use calls::frame::{self, CALL_LEN_MAX, FrameError, LEN_MAX};
use calls::{
    Answer, AskedBy, BackupResult, Call, Event, Fault, FaultCode, Job, JobId, JobProgress,
    JobResult, JobSpec, JobState, KeepRule, KeepWish, Message, Page, RawPath, Request, Secret,
};
use proptest::prelude::*;

fn framed(json: &str) -> Vec<u8> {
    let mut bytes = u32::try_from(json.len()).expect("short").to_le_bytes().to_vec();
    bytes.extend_from_slice(json.as_bytes());
    bytes
}

fn read_request(bytes: &[u8]) -> Result<Request, FrameError> {
    frame::read(&mut &bytes[..], CALL_LEN_MAX)
}

fn calls() -> Vec<Call> {
    let job = JobId(7);
    let odd = RawPath(b"a/\xff\xfe".to_vec());
    let backup = JobSpec::Backup {
        source: "docs".to_owned(),
        paths: vec![odd.clone(), RawPath(b"/home".to_vec())],
        excludes: vec!["*.tmp".to_owned()],
        space: Some("ben".to_owned()),
    };
    let restore = JobSpec::Restore {
        snapshot: "latest".to_owned(),
        path: odd.clone(),
        to: RawPath(b"/tmp/x".to_vec()),
        overwrite: true,
    };
    let specs = [
        backup,
        restore,
        JobSpec::Check { read_data: true, repair: false },
        JobSpec::Rebuild {},
        JobSpec::Scrub {},
        JobSpec::Forget { snapshots: vec!["ab12".to_owned()] },
        JobSpec::Prune { allow_large: false },
    ];
    let rule = KeepRule { all_days: 1, hourly_days: 2, daily_days: 3, weekly_days: 4 };
    let mut all = vec![
        Call::Status {},
        Call::Health {},
        Call::Jobs { page: Page::default() },
        Call::Job { job },
        Call::Pause { job },
        Call::Resume { job },
        Call::Cancel { job },
        Call::Watch { job: None },
        Call::Watch { job: Some(job) },
        Call::Sources {},
        Call::People {},
        Call::PairingCode { person: "ada".to_owned(), source: Some("laptop".to_owned()) },
        Call::Snapshots {
            source: Some("docs".to_owned()),
            space: Some("ben".to_owned()),
            page: Page { skip: 3, items: 9 },
        },
        Call::List { snapshot: "latest".to_owned(), path: odd, deep: true, page: Page::default() },
        Call::Unlock { secret: Secret::Words("abandon about".to_owned().into()) },
        Call::Unlock { secret: Secret::Password("pass \u{e4}".to_owned().into()) },
        Call::Lock {},
        Call::TrustClock {},
        Call::Keeping {},
        Call::ForeseeKeeping { wish: KeepWish { copies: Some(2), versions: None } },
        Call::Keep {
            wish: KeepWish { copies: None, versions: Some(rule) },
            less: true,
            goes_at_most: 3,
        },
        Call::Shutdown {},
        Call::Restart {},
        Call::Surroundings {},
        Call::SetQuiet { hours: Some("22:00-07:00".to_owned()) },
        Call::SetQuiet { hours: None },
        Call::DrawWords { secret: Secret::Password("pass".to_owned().into()) },
        Call::PutWords { words: "abandon about".to_owned().into() },
        Call::SupportBundle {},
    ];
    all.extend(specs.map(|spec| Call::Start { spec }));
    all
}

fn job() -> Job {
    Job {
        id: JobId(3),
        spec: JobSpec::Check { read_data: true, repair: true },
        state: JobState::Running,
        asked_by: AskedBy::Schedule,
        created_ms: -5,
        started_ms: Some(9),
        ended_ms: None,
        attempts: 2,
        progress: JobProgress { bytes: 1, bytes_total: Some(2), ..JobProgress::default() },
        result: Some(JobResult::Backup(BackupResult::default())),
        fault: Some(Fault::new(FaultCode::Full, "Full.", "Add a disk.")),
        rests: None,
    }
}

#[test]
fn every_call_arrives_as_it_was_sent() {
    for (number, call) in calls().into_iter().enumerate() {
        let sent = Request { id: number as u64, call };
        let mut wire = Vec::new();
        frame::write(&mut wire, &sent).unwrap();
        let mut reader = &wire[..];
        let got: Request = frame::read(&mut reader, CALL_LEN_MAX).unwrap();
        assert_eq!(got, sent);
        assert!(reader.is_empty(), "a frame is read to its end and no further");
    }
}

#[test]
fn answers_faults_and_events_arrive_as_they_were_sent() {
    let fault = Fault::new(FaultCode::Locked, "The vault is locked.", "Unlock it.");
    for sent in [
        Message::Answer { id: 1, answer: Box::new(Answer::Job(job())) },
        Message::Answer { id: 2, answer: Box::new(Answer::Done {}) },
        Message::Fault { id: 3, fault },
        Message::Event(Box::new(Event::Job(Box::new(job())))),
        Message::Event(Box::new(Event::Missed { count: 4 })),
        Message::Event(Box::new(Event::Quiet {})),
    ] {
        let mut wire = Vec::new();
        frame::write(&mut wire, &sent).unwrap();
        let got: Message = frame::read(&mut &wire[..], LEN_MAX).unwrap();
        assert_eq!(got, sent);
    }
}

#[test]
fn a_frame_that_stops_anywhere_is_told_from_a_talk_that_ended() {
    let mut wire = Vec::new();
    frame::write(&mut wire, &Request { id: 1, call: Call::Status {} }).unwrap();
    assert!(matches!(read_request(&[]), Err(FrameError::Ended)));
    for len in 1..wire.len() {
        assert!(matches!(read_request(&wire[..len]), Err(FrameError::Truncated)), "{len}");
    }
}

#[test]
fn a_huge_frame_is_refused_by_its_length_alone() {
    for len in [CALL_LEN_MAX + 1, LEN_MAX + 1, u32::MAX] {
        let refused = read_request(&len.to_le_bytes());
        assert!(matches!(refused, Err(FrameError::TooLong { len: told, .. }) if told == len));
    }
    let long = Request {
        id: 1,
        call: Call::Start {
            spec: JobSpec::Forget { snapshots: vec!["a".repeat(LEN_MAX as usize)] },
        },
    };
    let mut wire = Vec::new();
    assert!(matches!(frame::write(&mut wire, &long), Err(FrameError::DoesNotFit { .. })));
    assert!(wire.is_empty(), "nothing of it was sent");
}

#[test]
fn what_nobody_knows_is_refused_wherever_it_stands() {
    for json in [
        "",
        "null",
        "[]",
        "{}",
        r#"{"id":1}"#,
        r#"{"id":-1,"call":{"status":{}}}"#,
        r#"{"id":1,"call":"format_all_disks"}"#,
        r#"{"id":1,"call":{"format":{}}}"#,
        r#"{"id":1,"call":{"status":{"more":1}}}"#,
        r#"{"id":1,"call":{"status":{}},"more":1}"#,
        r#"{"id":1,"call":{"status":{},"health":{}}}"#,
        r#"{"id":1,"call":{"status":{}}} trailing"#,
        r#"{"id":1,"call":{"start":{"spec":{"check":{"red_data":true}}}}}"#,
        r#"{"id":1,"call":{"start":{"spec":{"backup":{"source":"a","paths":["a\u0000b"]}}}}}"#,
        r#"{"id":1,"call":{"list":{"snapshot":"latest","path":{"hex":"f"}}}}"#,
        r#"{"id":1,"call":{"list":{"snapshot":"latest","path":{"hex":"ff","text":"a"}}}}"#,
        r#"{"id":1,"call":{"pause":{"job":"7"}}}"#,
        r#"{"id":1,"call":{"unlock":{"secret":{"fingerprint":"x"}}}}"#,
    ] {
        let refused = read_request(&framed(json));
        assert!(matches!(refused, Err(FrameError::NotUnderstood { .. })), "{json}");
    }
    let deep = "[".repeat(100_000);
    assert!(matches!(read_request(&framed(&deep)), Err(FrameError::NotUnderstood { .. })));
    let long = format!(
        r#"{{"id":1,"call":{{"list":{{"snapshot":"latest","path":"{}"}}}}}}"#,
        "a".repeat(70_000)
    );
    assert!(matches!(read_request(&framed(&long)), Err(FrameError::NotUnderstood { .. })));
}

#[test]
fn a_refusal_of_a_secret_does_not_repeat_it() {
    let json = r#"{"id":1,"call":{"unlock":{"secret":{"words":["hunter2"]}}}}"#;
    let refused = read_request(&framed(json)).unwrap_err();
    let source = std::error::Error::source(&refused).unwrap().to_string();
    assert!(!source.contains("hunter2") && !refused.to_string().contains("hunter2"), "{source}");
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused_and_never_end_the_program(
        bytes in proptest::collection::vec(any::<u8>(), 0..400)
    ) {
        // Told to be as long as it is, so that the JSON is looked at.
        let mut wire = u32::try_from(bytes.len()).unwrap().to_le_bytes().to_vec();
        wire.extend_from_slice(&bytes);
        prop_assert!(read_request(&wire).is_err());
        drop(frame::read::<Message>(&mut &bytes[..], LEN_MAX));
    }

    #[test]
    fn any_path_survives(bytes in proptest::collection::vec(1_u8.., 0..200)) {
        let path = RawPath(bytes);
        let json = serde_json::to_string(&path).unwrap();
        prop_assert_eq!(serde_json::from_str::<RawPath>(&json).unwrap(), path);
    }
}
