//! Several at once: who comes back for an upload, and fifty side by side.

use std::io::{ErrorKind, Read};
use std::sync::mpsc::{Receiver, Sender, channel};

use files::{Append, Kind};
use testkit::env::noise;

use crate::shelf::Shelf;
use crate::uploading::{at, new};

/// Gives what it is sent, and waits for more until its sender is gone.
struct Line {
    more: Receiver<Vec<u8>>,
    here: Vec<u8>,
    reading: Sender<()>,
}

impl Read for Line {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        // Nobody may be listening any more.
        let _nobody_listens = self.reading.send(());
        if self.here.is_empty() {
            let more = self.more.recv();
            self.here = more.map_err(|_| std::io::Error::from(ErrorKind::ConnectionReset))?;
        }
        let len = self.here.len().min(buf.len());
        buf[..len].copy_from_slice(&self.here[..len]);
        self.here.drain(..len);
        Ok(len)
    }
}

#[test]
fn who_comes_back_takes_over_from_a_connection_that_is_dead_and_loses_nothing() {
    let shelf = Shelf::new(19, 1, vault::WriterMode::Threads);
    let bytes = noise(5, 200_000);
    let id = shelf.files.create(shelf.space, new("a", 200_000)).unwrap().id;
    let (sender, more) = channel();
    let (reading, is_reading) = channel();
    sender.send(bytes[..50_000].to_vec()).unwrap();
    // What a server does when somebody else wants the upload: it ends the body.
    let end = std::sync::Mutex::new(Some(sender));
    let wake = move || drop(end.lock().unwrap().take());
    std::thread::scope(|scope| {
        let dead = scope.spawn(|| {
            let append = Append { on_wanted: Some(std::sync::Arc::new(wake)), ..at(0) };
            let mut line = Line { more, here: Vec::new(), reading };
            shelf.files.append(shelf.space, id, "ann", append, &mut line)
        });
        is_reading.recv().unwrap();
        let state = shelf.files.upload(shelf.space, id, "ann").unwrap();
        assert_eq!(state.offset, 50_000, "what came is kept");
        // It was let go between two reads, or in one.
        match dead.join().unwrap() {
            Ok(state) => assert_eq!(state.offset, 50_000),
            Err(error) => assert_eq!(error.kind(), Kind::Broken),
        }
    });
    shelf.files.append(shelf.space, id, "ann", at(50_000), &mut &bytes[50_000..]).unwrap();
    assert!(shelf.read(b"a") == bytes);
}

#[test]
fn fifty_uploads_at_once_all_arrive() {
    let shelf = Shelf::new(20, 2, vault::WriterMode::Threads);
    std::thread::scope(|scope| {
        for n in 0..50_u64 {
            let shelf = &shelf;
            scope.spawn(move || {
                let bytes = noise(n, 40_000 + usize::try_from(n).unwrap() * 1_000);
                let length = bytes.len() as u64;
                let id =
                    shelf.files.create(shelf.space, new(&format!("f/{n}"), length)).unwrap().id;
                let mut offset = 0;
                for part in bytes.chunks(30_000) {
                    let state = shelf.files.append(shelf.space, id, "ann", at(offset), &mut &*part);
                    offset = state.unwrap().offset;
                }
            });
        }
    });
    for n in 0..50_u64 {
        let bytes = noise(n, 40_000 + usize::try_from(n).unwrap() * 1_000);
        assert!(shelf.read(format!("f/{n}").as_bytes()) == bytes, "{n}");
    }
}
