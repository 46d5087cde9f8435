//! How much is brought, how often somebody is killed, and when: all of it follows from the words of the call.
//!
//! Nothing is run here. Start at [`Options::read`], then [`Options::kills_of`].

use std::time::Duration;

use super::net::Home;
use crate::Outcome;

const MIB: u64 = 1 << 20;
/// Bytes of packs in the test command, and the fewest: one percent of less is not even what four packs on
/// their way have in memory when the host is killed.
const BYTES: u64 = 128 * MIB;
/// How fast they may go: a good line out of a house.
const MBIT: u32 = 80;
/// With so many bytes or more it goes faster, and the line is cut for longer than a connection lives.
const WHOLE: u64 = 1024 * MIB;
const WHOLE_MBIT: u32 = 200;
/// How long the line is cut, in the test command and in full.
const CUT: (Duration, Duration) = (Duration::from_secs(12), Duration::from_secs(40));
/// Kills on the way: each side at least twice.
const KILLS: u64 = 5;
/// Where the moments of the kills come from.
const SEED: u64 = 1;

/// What was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Options {
    /// Bytes of noise in the packs, beside the words.
    pub(super) bytes: u64,
    /// How often somebody is killed.
    pub(super) kills: u64,
    /// The same seed kills at the same bytes.
    pub(super) seed: u64,
}

impl Options {
    /// `--bytes N` (or `--mib N`, `--gib N`), `--kills N` and `--seed N`.
    pub(super) fn read(words: &[String]) -> Outcome<Self> {
        let mut options = Self { bytes: BYTES, kills: KILLS, seed: SEED };
        for pair in words.chunks(2) {
            let number = pair.get(1).and_then(|word| word.parse::<u64>().ok());
            match (pair[0].as_str(), number) {
                ("--bytes", Some(number)) => options.bytes = number,
                ("--mib", Some(number @ ..=65_536)) => options.bytes = number * MIB,
                ("--gib", Some(number @ ..=64)) => options.bytes = number * 1024 * MIB,
                ("--kills", Some(number @ 1..=50)) => options.kills = number,
                ("--seed", Some(number)) => options.seed = number,
                _ => {
                    let said = pair.join(" ");
                    return Err(format!(
                        "cannot use {said}; it takes --bytes, --mib or --gib, --kills and --seed"
                    ));
                }
            }
        }
        if options.bytes < BYTES || options.bytes > 64 * 1024 * MIB {
            return Err(format!("--bytes is from {BYTES} to 64 GiB"));
        }
        Ok(options)
    }

    fn is_whole(self) -> bool {
        self.bytes >= WHOLE
    }

    /// Million bits a second.
    pub(super) fn mbit(self) -> u32 {
        if self.is_whole() { WHOLE_MBIT } else { MBIT }
    }

    /// How long the line is cut.
    pub(super) fn cut(self) -> Duration {
        if self.is_whole() { CUT.1 } else { CUT.0 }
    }

    /// Who is killed, and once how many of so many bytes came: by turns, each in the middle four fifths of
    /// its part of the way.
    pub(super) fn kills_of(self, bytes: u64) -> Vec<(Home, u64)> {
        let part = bytes / (self.kills + 1);
        let one = |number: u64| {
            let mut random = [0];
            let mut hasher = blake3::Hasher::new();
            hasher.update(&self.seed.to_le_bytes()).update(&number.to_le_bytes());
            hasher.finalize_xof().fill(&mut random);
            let at = part * number + part / 10 + part * 4 / 5 * u64::from(random[0]) / 255;
            (if number.is_multiple_of(2) { Home::Owner } else { Home::Host }, at)
        };
        (0..self.kills).map(one).collect()
    }
}

#[test]
fn what_is_brought_and_when_somebody_is_killed_is_read_and_nonsense_refused() {
    let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(Options::read(&[]), Ok(Options { bytes: BYTES, kills: 5, seed: 1 }));
    let asked = Options::read(&words("--bytes 1073741824 --kills 7 --seed 9")).unwrap();
    assert_eq!(asked, Options { bytes: WHOLE, kills: 7, seed: 9 });
    assert_eq!(asked.cut(), CUT.1);
    for wrong in ["--gib 0", "--gib", "--mib 8", "--kills 0", "--gib 1 2", "--gib 65"] {
        assert!(Options::read(&words(wrong)).is_err(), "{wrong}");
    }
}

#[test]
fn both_are_killed_by_turns_one_after_the_other_at_moments_that_follow_from_the_seed() {
    let options = Options { bytes: BYTES, kills: 5, seed: 1 };
    let kills = options.kills_of(BYTES);
    let who: Vec<Home> = kills.iter().map(|(who, _)| *who).collect();
    assert_eq!(who, [Home::Owner, Home::Host, Home::Owner, Home::Host, Home::Owner]);
    assert!(kills.windows(2).all(|two| two[0].1 + BYTES / 60 < two[1].1), "{kills:?}");
    assert!(kills[4].1 < BYTES * 5 / 6);
    assert_eq!(options.kills_of(BYTES), kills);
    assert_ne!(Options { seed: 2, ..options }.kills_of(BYTES), kills);
}
