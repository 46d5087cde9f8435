//! The agent that backs a computer up by itself: what it is told, what it leaves, when it waits.
//!
//! No box is there: once it is time the agent does what `backup` does.

use std::net::TcpListener;
use std::path::Path;

use serde_json::json;

use crate::rig::{Ran, Rig, program, put, ran};

/// A computer that is paired with a box at this address, by what pairing leaves behind.
fn paired(rig: &Rig, address: &str) {
    let pairing = json!({
        "address": address, "ca": "", "token": "t", "keys": "00", "source": "laptop", "person": "Ada",
    });
    let boxes = rig.path("home/.config/holdfast/boxes");
    std::fs::create_dir_all(&boxes).unwrap();
    put(&boxes.join("attic.json"), pairing.to_string().as_bytes());
}

fn agent(rig: &Rig, args: &[&str]) -> Ran {
    let mut all = vec!["agent"];
    all.extend(args);
    let mut call = rig.call(&all);
    call.env_remove("HOLDFAST_BOX").env_remove("XDG_CONFIG_HOME").env_remove("XDG_CACHE_HOME");
    ran(call.env("HOME", rig.path("home")))
}

/// An address where nothing is.
fn nowhere() -> String {
    let listens = TcpListener::bind("127.0.0.1:0").unwrap();
    listens.local_addr().unwrap().to_string()
}

#[test]
fn it_is_installed_for_a_paired_box_only_and_says_how_it_is_woken() {
    let rig = Rig::empty(0);
    rig.make_tree();
    let refused = agent(&rig, &["install", "tree"]);
    assert_eq!(refused.code, Some(2), "{}", refused.stderr);
    paired(&rig, &nowhere());
    let refused = agent(&rig, &["install", "no-such-folder"]);
    assert!(refused.code != Some(0) && refused.stderr.contains("no-such-folder"));
    let text = agent(&rig, &["install", "tree", "--battery", "30"]).ok().text();
    // Where systemd runs the computer its units are there; elsewhere a line for cron is said.
    let timer = rig.path("home/.config/systemd/user/holdfast-agent.timer");
    assert_eq!(timer.is_file(), Path::new("/run/systemd/system").is_dir());
    assert!(text.contains("systemctl --user") || text.contains("agent run --metered"), "{text}");
    let shown = agent(&rig, &["status", "--json"]).ok().json();
    assert_eq!((&shown["box"], &shown["every_minutes"]), (&json!("attic"), &json!(240)));
    assert_eq!(shown["last_success_ms"], json!(null));
    agent(&rig, &["remove"]).ok();
    assert!(!timer.exists());
    assert_eq!(agent(&rig, &["status", "--json"]).ok().json()["installed"], json!(false));
    assert_eq!(agent(&rig, &["run"]).code, Some(2), "there is nothing to do");
}

#[test]
fn it_waits_for_a_free_line_and_a_box_and_counts_what_failed() {
    let rig = Rig::empty(0);
    rig.make_tree();
    let listens = TcpListener::bind("127.0.0.1:0").unwrap();
    paired(&rig, &listens.local_addr().unwrap().to_string());
    agent(&rig, &["install", "tree", "--battery", "0"]).ok();
    let paid = agent(&rig, &["run", "--json", "--metered", "no\nyes (guessed)"]).ok().json();
    assert_eq!(paid["why"], "the line is metered");
    // Something is there, and is no box: it is tried, and not again at once.
    let failed = agent(&rig, &["run"]);
    assert!(failed.code != Some(0), "{}", failed.stderr);
    let waits = agent(&rig, &["run", "--json"]).ok().json();
    assert_eq!(waits["why"], "the last try failed");
    let shown = agent(&rig, &["status", "--json"]).ok().json();
    assert_eq!((&shown["failures"], &shown["last_success_ms"]), (&json!(1), &json!(null)));
    agent(&rig, &["install", "tree", "--battery", "0"]).ok();
    let shown = agent(&rig, &["status", "--json"]).ok().json();
    assert_eq!((&shown["failures"], &shown["said"]), (&json!(0), &json!(null)), "it begins anew");
    paired(&rig, &nowhere());
    agent(&rig, &["install", "tree", "--battery", "0"]).ok();
    let away = agent(&rig, &["run", "--json"]).ok().json();
    assert_eq!(away["why"], "the box cannot be reached");
}

#[test]
fn a_box_that_is_not_known_is_named_and_one_that_is_can_be_forgotten() {
    let rig = Rig::empty(0);
    let at_home = |args: &[&str]| {
        let mut call = rig.call(args);
        call.env_remove("HOLDFAST_BOX").env_remove("XDG_CONFIG_HOME");
        ran(call.env_remove("XDG_CACHE_HOME").env("HOME", rig.path("home")))
    };
    let unknown = at_home(&["--box", "nas", "snapshots"]);
    assert_eq!(unknown.code, Some(2), "{}", unknown.stderr);
    assert!(unknown.stderr.contains("no box called nas") && unknown.stderr.contains("none"));
    paired(&rig, &nowhere());
    let unknown = at_home(&["--box", "nas", "snapshots"]);
    assert!(unknown.stderr.contains("paired with attic"), "{}", unknown.stderr);
    // Whoever names a socket is told of the socket.
    let socket = at_home(&["--box", "./nas", "snapshots"]);
    assert!(socket.stderr.contains("no box answers at"), "{}", socket.stderr);
    let asked = at_home(&["--box", "attic", "check"]);
    assert_eq!(asked.code, Some(2));
    assert!(asked.stderr.contains("only backup, restore, snapshots and ls"), "{}", asked.stderr);
    at_home(&["unpair", "attic"]).ok();
    assert_eq!(at_home(&["unpair", "attic"]).code, Some(2));
    assert_eq!(agent(&rig, &["install", "."]).code, Some(2), "there is no box any more");
}

/// systemd itself reads them, where it is there; a word that it does not know is seen beside it.
#[test]
fn systemd_finds_nothing_wrong_with_the_units_whatever_the_program_is_called() {
    let rig = Rig::empty(0);
    let odd = rig.path("a \"b\" 100% $x");
    std::fs::create_dir(&odd).unwrap();
    let own = odd.join("holdfast");
    let there = Path::new(env!("CARGO_BIN_EXE_holdfast"));
    std::fs::hard_link(there, &own).or_else(|_| std::fs::copy(there, &own).map(drop)).unwrap();
    let units = rig.path("units");
    ran(program(&own).args(["agent", "units"]).arg(&units)).ok();
    let timer = units.join("holdfast-agent.timer");
    let verify = || {
        let mut judge = program("systemd-analyze");
        let judge = judge.args(["verify", "--user"]).arg(&timer).env("XDG_RUNTIME_DIR", &units);
        judge.output().map(|said| String::from_utf8_lossy(&said.stderr).into_owned())
    };
    let Ok(said) = verify() else { return };
    assert!(!said.contains("holdfast-agent"), "{said}");
    let text = std::fs::read_to_string(&timer).unwrap();
    put(&timer, text.replace("RandomizedDelaySec", "RandomisedDelay").as_bytes());
    let said = verify().unwrap();
    assert!(said.contains("RandomisedDelay"), "{said}");
}
