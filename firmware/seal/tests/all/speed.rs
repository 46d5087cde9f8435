//! MiB per processor second, not pass or fail: `cargo test -p seal --release -- --ignored --nocapture`.

use std::hint::black_box;

use format::pack::PackKind;
use seal::chunker::MAX_LEN;
use seal::{Chunker, PackOpener};

use crate::support::{HOME, Writing, noise, text};

/// Time this thread spent on a processor, in seconds: other work on the machine does not count.
fn busy_secs() -> f64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux has it");
    let nanos: f64 = stat.split(' ').next().and_then(|n| n.parse().ok()).expect("a number");
    nanos / 1e9
}

fn rate(what: &str, bytes: usize, rounds: u32, mut work: impl FnMut()) {
    work();
    let begun = busy_secs();
    for _ in 0..rounds {
        work();
    }
    let secs = (busy_secs() - begun) / f64::from(rounds);
    #[expect(clippy::print_stdout, reason = "the figure is the purpose")]
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    {
        println!("{what}: {:.0} MiB/s", bytes as f64 / secs / f64::from(1 << 20));
    }
}

#[test]
#[ignore = "takes seconds and proves nothing: run it by hand in release"]
fn measure() {
    let (media, letters) = (noise(1, 8 << 20), text(2, 8 << 20));
    let chunker = Chunker::new(HOME.keys());
    rate("chunker, noise", media.len(), 10, || {
        let mut rest = media.as_slice();
        while !rest.is_empty() {
            rest = &rest[chunker.cut(&rest[..rest.len().min(MAX_LEN)])..];
        }
    });
    rate("chunk id", media.len(), 10, || {
        black_box(HOME.keys().chunk_id(&media));
    });
    for (what, bytes) in [("noise", &media), ("text", &letters)] {
        let pieces: Vec<&[u8]> = bytes.chunks(1 << 20).collect();
        let ids: Vec<_> = pieces.iter().map(|piece| HOME.keys().chunk_id(piece)).collect();
        let mut writing = Writing::new(&HOME, PackKind::Data);
        rate(&format!("add_objects, {what}"), bytes.len(), 10, || {
            let fresh = Writing::new(&HOME, PackKind::Data);
            writing.sealer = fresh.sealer;
            writing.bytes.clear();
            writing.bytes.extend_from_slice(&fresh.bytes);
            for (id, piece) in ids.iter().zip(&pieces) {
                let frame = [(*id, *piece)];
                writing
                    .sealer
                    .add_objects(&frame, &mut writing.codecs, &mut writing.bytes)
                    .expect("eight fit");
            }
        });
        let opener = PackOpener::new(&writing.bytes, &HOME.ring).expect("just made");
        rate(&format!("scan_prefix, {what}"), bytes.len(), 10, || {
            let len = writing.bytes.len() as u64;
            let prefix = opener.scan_prefix(&mut writing.codecs, len, &writing.bytes[..]);
            assert_eq!(prefix.expect("memory does not refuse").frames.len(), 8);
        });
    }
}
