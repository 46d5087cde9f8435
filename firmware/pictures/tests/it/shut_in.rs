//! What a child that has shut itself in can still do: think.

use std::os::unix::process::ExitStatusExt;
use std::process::Command;

use crate::CHILD;

/// What it said, and the signal that ended it.
#[expect(clippy::disallowed_methods, reason = "a test starts the program that it is about")]
fn tries(how: &str, what: &str) -> (String, Option<i32>) {
    let ended = Command::new(CHILD).args(["tries", how, what]).output().unwrap();
    (String::from_utf8(ended.stdout).unwrap(), ended.status.signal())
}

/// Bad system call.
const SIGSYS: i32 = 31;

#[test]
fn a_child_that_is_shut_in_reaches_no_file_no_network_and_nobody() {
    for what in ["file", "network", "thread"] {
        assert_eq!(tries("free", what), ("done".to_owned(), None), "{what}: it could have");
        assert_eq!(tries("shut-in", what), (String::new(), Some(SIGSYS)), "{what}");
    }
    assert_eq!(tries("shut-in", "nothing"), ("done".to_owned(), None), "and it lives");
}

#[test]
fn its_memory_is_bounded() {
    assert_eq!(tries("free", "memory"), ("done".to_owned(), None));
    assert_eq!(tries("shut-in", "memory"), ("no".to_owned(), None));
}
