//! Every byte of a disk, searched for all words at once, as they are and as other systems write them.
//!
//! Start at [`Scan::disk`].

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;

use aho_corasick::AhoCorasick;

use super::words::Words;
use crate::Outcome;
use crate::demo::disks::Disk;

/// Bytes at a time.
const PIECE: usize = 1 << 20;

/// What is searched for.
pub(in crate::story) struct Scan {
    needles: AhoCorasick,
    words: Vec<String>,
    longest: usize,
}

/// What was found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::story) struct Found {
    /// Which words.
    pub(in crate::story) words: BTreeSet<String>,
    /// The first of them, and where it begins.
    pub(in crate::story) first: Option<(u64, String)>,
    /// How much was searched.
    pub(in crate::story) bytes: u64,
}

impl Scan {
    pub(in crate::story) fn new(words: &Words) -> Outcome<Self> {
        Self::of(words.all().map(str::to_owned).collect())
    }

    pub(in crate::story) fn of(words: Vec<String>) -> Outcome<Self> {
        // In letters of two bytes each, too.
        let wide = |word: &String| word.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let plain = words.iter().map(|word| word.as_bytes().to_vec());
        let needles: Vec<Vec<u8>> = plain.chain(words.iter().map(wide)).collect();
        let longest = needles.iter().map(Vec::len).max().unwrap_or(1);
        let built = AhoCorasick::builder().ascii_case_insensitive(true).build(&needles);
        let needles =
            built.map_err(|error| format!("the words cannot be searched for: {error}"))?;
        Ok(Self { needles, words, longest })
    }

    /// A whole disk: also what belongs to no file.
    pub(in crate::story) fn disk(&self, disk: &Disk) -> Outcome<Found> {
        // What is in memory goes to the image first.
        disk.mount_again()?;
        let image = disk.image().ok_or("there is no raw disk to be searched")?;
        let opened = File::open(image).map_err(|error| format!("{}: {error}", image.display()))?;
        self.read(opened).map_err(|error| format!("cannot read {}: {error}", image.display()))
    }

    /// Anything at all.
    pub(in crate::story) fn read(&self, mut from: impl Read) -> std::io::Result<Found> {
        let (mut found, mut window) = (Found::default(), Vec::new());
        let mut piece = vec![0; PIECE];
        loop {
            let len = from.read(&mut piece)?;
            if len == 0 {
                return Ok(found);
            }
            // One that begins in the piece before ends here.
            let keep = window.len().min(self.longest - 1);
            window.drain(..window.len() - keep);
            let begins = found.bytes - keep as u64;
            found.bytes += len as u64;
            window.extend_from_slice(&piece[..len]);
            // Most of a disk was never written.
            if window.iter().all(|byte| *byte == 0) {
                continue;
            }
            for hit in self.needles.find_iter(&window) {
                let word = &self.words[hit.pattern().as_usize() % self.words.len()];
                let at = begins + hit.start() as u64;
                found.first.get_or_insert_with(|| (at, word.clone()));
                found.words.insert(word.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives a few bytes at a time, so that every word lies across a border once.
    struct Slowly<'b>(&'b [u8], usize);

    impl Read for Slowly<'_> {
        fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
            let len = self.1.min(self.0.len()).min(to.len());
            to[..len].copy_from_slice(&self.0[..len]);
            self.0 = &self.0[len..];
            Ok(len)
        }
    }

    #[test]
    fn every_word_is_found_wherever_it_lies_and_however_it_is_written() {
        let words = ["canary1a", "canary2b", "canary3c", "canary4d"].map(str::to_owned);
        let scan = Scan::of(words.to_vec()).unwrap();
        let mut bytes = vec![0; 100];
        bytes.extend(b"..canary1a..CANARY2b");
        bytes.extend("canary3c".encode_utf16().flat_map(u16::to_le_bytes));
        bytes.extend(b"canary4_d, and canary");
        for step in 1..40 {
            let found = scan.read(Slowly(&bytes, step)).unwrap();
            assert_eq!(Vec::from_iter(&found.words), [&words[0], &words[1], &words[2]], "{step}");
            assert_eq!(found.first, Some((102, words[0].clone())), "{step}");
            assert_eq!(found.bytes, bytes.len() as u64);
        }
        let none = scan.read(Slowly(b"nothing at all", 3)).unwrap();
        assert_eq!(none, Found { bytes: 14, ..Found::default() });
    }
}
