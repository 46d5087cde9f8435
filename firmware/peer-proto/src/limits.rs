//! Every number between two boxes, once, with its unit and how it was found.
//!
//! Those that an owner can feel stand in `docs/defaults.md` too.

use types::{Bytes, Millis};

/// Longest frame, in bytes after its length; longer ones are refused before anything is allocated.
/// A list of 4,096 packs and a message fit many times over.
pub const FRAME_LEN_MAX: usize = 1 << 20;
/// Streams that a friend may have open at once: four pushes, their audits and reads, and control.
pub const STREAMS_MAX: usize = 16;
/// Packs that an owner sends at once: four streams fill a line of 50 ms with default windows.
pub const PUSHES_MAX: usize = 4;
/// Requests of a friend that are answered in a second, on average: far more than packs and audits
/// need on a gigabit line.
pub const ASKS_A_SECOND: u64 = 100;
/// Requests that may come at once after a pause.
pub const ASKS_AT_ONCE: u64 = 400;
/// Packs that were begun and not finished, of one friend. Beyond it the one that was quiet longest goes.
pub const COMING_MAX: usize = 64;
/// How long a pack that was begun is kept unfinished.
pub const COMING_FOR: Millis = Millis::from_days(7);
/// Packs of one friend: those of 8 TB, and some 60 MB of memory for whoever sends tiny ones.
pub const PACKS_MAX: u64 = 500_000;
/// A pack counts in whole steps of this many bytes, to which the format rounds packs up anyway.
pub const CHARGE_STEP: u64 = format::pack::SIZE_STEP;
/// Largest thing kept for a friend: a pack.
pub const PACK_LEN_MAX: u64 = format::pack::SIZE_MAX;
/// Largest head or key file, both of which are read into memory to be checked.
pub const HEAD_LEN_MAX: u64 = format::head::ENVELOPE_LEN_MAX;
/// Heads that a witness keeps of one friend whenever they came, the newest ones: what a box that comes
/// back reads first. Beside them one of each day stays for as long as a pack, and counts as one.
pub const HEADS_KEPT: usize = 8;
/// Highest number of a head: beyond it there would be no room for those that follow.
pub const HEAD_SEQ_MAX: u64 = 1 << 62;
/// Numbers that one head may be ahead of the last one seen: thirty years of one a minute. At the rate at
/// which requests are answered the highest number is 87 years away.
pub const HEAD_JUMP_MAX: u64 = 1 << 24;
/// Writers of heads that the recovery key vouched for, of one friend.
pub const WRITERS_MAX: usize = 16;
/// Deletions that are carried out in one step; the rest waits for the next.
pub const REMOVALS_A_STEP: usize = 256;
/// How often the clock and the day on which a friend was seen are written down.
pub const MARK_EVERY: Millis = Millis::from_secs(3_600);
/// Ranges in one request: a full pack of which every second block of 16 KiB is missing has 512.
pub const RANGES_MAX: usize = 1024;
/// Packs on one page of a list: 160 KiB of frame.
pub const LIST_MAX: usize = 4096;
/// Addresses that a box tells of itself.
pub const ADDRESSES_MAX: usize = 16;
/// Longest of them, in bytes.
pub const ADDRESS_LEN_MAX: usize = 256;
/// Longest name of a box or owner, in bytes of UTF-8.
pub const LABEL_LEN_MAX: usize = 64;

/// How long an invite is good for.
pub const INVITE_FOR: Millis = Millis(72 * 3_600_000);
/// How long after its end a used invite still makes a pact anew for a box that lost its own signature.
pub const INVITE_AGAIN_FOR: Millis = Millis::from_days(3);
/// Wrong proofs after which an invite is dead.
pub const INVITE_TRIES: u8 = 5;
/// Words that both screens show: 33 bits, seen by two people who know each other.
pub const CHECK_WORDS: usize = 3;
/// Difference between two boxes' clocks beyond which they make no pact: the same as for a jump of the own
/// clock beyond which nothing is deleted.
pub use types::clock::CLOCK_JUMP_MAX;

/// How often an owner is asked about something else that a friend proposes.
pub const SHOW_EVERY: Millis = Millis::from_days(1);

/// Longest such time that a pact may name: two years.
pub const NOT_BEFORE_DAYS_MAX: u16 = 730;
/// Most that a pact may name: ten years.
pub const SILENCE_MONTHS_MAX: u8 = 120;
/// Longest notice that a pact may name.
pub const NOTICE_DAYS_MAX: u16 = 365;

/// Time without an answer after which a request counts as not answered. Never a failure of the copy.
pub const ANSWER_WITHIN: Millis = Millis::from_secs(60);
/// Time without progress after which a pack on its way is begun anew.
pub const PUSH_WITHIN: Millis = Millis::from_secs(600);
/// Pause after a friend had no room or asked to wait.
pub const PUSH_AGAIN_AFTER: Millis = Millis::from_secs(3_600);
/// How often a deletion that was told is told again, and the friend's list compared.
pub const RECONCILE_EVERY: Millis = Millis::from_days(1);
/// Audits on their way at once. With pushes, deletions, a list and a head they stay below [`STREAMS_MAX`].
pub const AUDITS_MAX: usize = 4;
/// Audits that wait: a day's worth.
pub const AUDITS_WAIT_MAX: usize = 150;
/// Deletions on their way at once.
pub const DELETIONS_MAX: usize = 4;
/// Packs that an owner's queue to one friend holds; the caller brings more when it has room.
pub const QUEUE_MAX: usize = 4096;
/// Pause after a stream broke, before the same is tried again on the same line.
pub const BROKEN_PAUSE: Millis = Millis::from_secs(5);

const _: () = assert!(PUSHES_MAX + AUDITS_MAX + DELETIONS_MAX + 2 <= STREAMS_MAX);

/// First pause before a friend is dialled again.
pub const REDIAL_FIRST: Millis = Millis::from_secs(1);
/// Longest pause.
pub const REDIAL_MAX: Millis = Millis::from_secs(60);
/// How long a box that usually waits to be dialled lets the friend be first after a start. One that was
/// killed is otherwise missed only when the transport gives the old connection up, after half a minute.
pub const LISTENER_DIALS_AFTER: Millis = Millis::from_secs(3);
/// A dial that has not ended counts as failed: dead addresses take a transport half a minute.
pub const DIAL_WITHIN: Millis = Millis::from_secs(10);
/// How long a friend who is not there is only "gone": a restart, a moved laptop.
pub const GONE_FOR: Millis = Millis::from_secs(600);

/// Longest message between owners, in bytes of UTF-8: a few paragraphs.
pub const NOTE_LEN_MAX: usize = 2_000;
/// Messages that wait to be sent to one friend.
pub const NOTES_OUT_MAX: usize = 256;
/// Messages that are kept of one friend; the oldest go first.
pub const NOTES_IN_MAX: usize = 256;
/// Messages from one friend that are carried to others of a circle at once.
pub const NOTES_CARRIED_MAX: usize = 32;
/// How long a message is carried, or waits for a friend who is away.
pub const NOTES_FOR: Millis = Millis::from_days(30);

/// What a pack of this length counts, at both ends: whole steps, so that many tiny ones count too.
pub const fn charge(size: u64) -> Bytes {
    Bytes(size.saturating_add(CHARGE_STEP - 1) / CHARGE_STEP * CHARGE_STEP)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pack_counts_in_whole_steps_and_nothing_overflows() {
        for (size, counted) in [
            (1, 256 << 10),
            (256 << 10, 256 << 10),
            ((256 << 10) + 1, 512 << 10),
            (PACK_LEN_MAX, 16 << 20),
        ] {
            assert_eq!(charge(size), Bytes(counted), "{size}");
        }
        assert_eq!(charge(u64::MAX), Bytes(u64::MAX / CHARGE_STEP * CHARGE_STEP));
    }
}
