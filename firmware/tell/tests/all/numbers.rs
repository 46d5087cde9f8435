//! Numbers for a monitor.

use calls::{Clock, Finding, Health, Lock, Severity, Status, Volume};
use tell::metrics::{Facts, render};

fn status() -> Status {
    Status {
        version: "1.2.3".to_owned(),
        vault: "v".to_owned(),
        lock: Lock::Unlocked,
        clock: Clock::Trusted,
        uptime_ms: 61_005,
        now_ms: 0,
        verdict: None,
        running: 0,
        queued: 0,
        paused: 0,
    }
}

fn volume(id: &str, state: &str) -> Volume {
    Volume {
        id: id.to_owned(),
        path: String::new(),
        state: state.to_owned(),
        size: 100,
        free: 40,
        packs: Some(7),
        detail: None,
    }
}

fn page(sources: &[(String, u64, Option<i64>)]) -> String {
    let warning = Finding {
        severity: Severity::Warning,
        sentence: "It is late.".to_owned(),
        action: "Hurry.".to_owned(),
        nameless: None,
    };
    let health = Health {
        findings: vec![warning],
        volumes: vec![volume("a", "member"), volume("b", "absent")],
    };
    render(&Facts { status: &status(), health: &health, jobs: &[], sources })
}

#[test]
fn the_numbers_are_those_of_the_box() {
    let page = page(&[("laptop".to_owned(), 3, Some(1_800_000_000_007))]);
    for line in [
        "holdfast_build_info{version=\"1.2.3\"} 1",
        "holdfast_uptime_seconds 61.005",
        "holdfast_findings{severity=\"warning\"} 1",
        "holdfast_findings{severity=\"alarm\"} 0",
        "holdfast_volume_member{volume=\"a\"} 1",
        "holdfast_volume_member{volume=\"b\"} 0",
        "holdfast_volume_free_bytes{volume=\"a\"} 40",
        "holdfast_source_versions{source=\"laptop\"} 3",
        "holdfast_source_last_backup_timestamp_seconds{source=\"laptop\"} 1800000000.007",
    ] {
        assert!(page.lines().any(|one| one == line), "{line} is not in\n{page}");
    }
}

/// Every line is a comment or a sample, each name has its help once and before its samples, and the
/// samples of a name stand together: what a reader of the format insists on.
#[test]
fn the_page_is_well_formed_whatever_a_source_is_called() {
    let names = ["", "a\"b\\c", "evil\"} 1\nholdfast_fake 1", "\u{1f980} caf\u{e9}\r\n"];
    let sources: Vec<_> = names.iter().map(|name| ((*name).to_owned(), 1, Some(-1_500))).collect();
    let page = page(&sources);
    let (mut seen, mut current) = (Vec::new(), String::new());
    for line in page.lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            current = help.split(' ').next().unwrap().to_owned();
            assert!(!seen.contains(&current), "{current} twice");
            seen.push(current.clone());
        } else if let Some(kind) = line.strip_prefix("# TYPE ") {
            assert_eq!(kind, format!("{current} gauge"));
        } else {
            let rest = line.strip_prefix(&current).unwrap_or_else(|| panic!("{line:?} is lost"));
            let value = rest.rsplit(' ').next().unwrap();
            assert!(value.parse::<f64>().is_ok(), "{line:?}");
            assert!(rest.starts_with(['{', ' ']), "{line:?}");
        }
    }
    assert!(!seen.iter().any(|name| name == "holdfast_fake"));
    assert_eq!(page.matches("holdfast_source_versions{").count(), names.len());
}
