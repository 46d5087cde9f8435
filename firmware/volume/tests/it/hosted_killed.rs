//! What is left of a pack on its way in when the host is killed amid its stream.

use std::fs;
use std::io::{self, Read};

use testkit::friends::{ANNA, pack, stream};
use verified::Groups;

use crate::hosted::{GROUP, host, path, wanted};

/// A stream during which somebody looks once, when so many bytes of it were read.
struct Looked<'s, F: FnMut()> {
    rest: &'s [u8],
    unread: usize,
    look: F,
}

impl<F: FnMut()> Read for Looked<'_, F> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let before = self.rest.len();
        let read = self.rest.read(to)?;
        if before > self.unread && self.rest.len() <= self.unread {
            (self.look)();
        }
        Ok(read)
    }
}

#[test]
fn a_host_that_is_killed_amid_a_stream_goes_on_behind_all_but_the_last_pieces() {
    let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (told, bytes) = pack(1, 64, 5);
    // What a kill leaves is what the files hold at that moment: it is laid into another volume.
    let after_the_kill = host(other.path());
    drop(wanted(after_the_kill.begin(ANNA, told).unwrap()));
    let left = |ending: &str| format!("incoming/{}.{ending}", told.root());
    let look = || {
        for ending in ["part", "ob"] {
            fs::copy(path(dir.path(), &left(ending)), path(other.path(), &left(ending))).unwrap();
        }
    };
    let mut incoming = wanted(host(dir.path()).begin(ANNA, told).unwrap());
    let all = incoming.missing();
    let sent = stream(&bytes, &all);
    let unread = sent.len() - 40 * GROUP;
    incoming.take(&all, Looked { rest: &sent, unread, look }).unwrap();
    let missing = wanted(after_the_kill.begin(ANNA, told).unwrap()).missing();
    assert_eq!(missing, Groups::from_iter(36..65), "40 came, and 4 at most are in memory");
}
