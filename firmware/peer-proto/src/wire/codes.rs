//! Numbers with names: kinds of packs, reasons of a refusal, reasons to part.
//!
//! Each is one byte. A number that this version does not know is kept as such: a newer box can say
//! more without an older one losing the frame. Start at [`Why`].

use serde::{Deserialize, Serialize};

macro_rules! code {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident = $number:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(from = "u8", into = "u8")]
        pub enum $name {
            $($(#[$of])* $variant,)*
            /// A number of a newer version.
            Unknown(u8),
        }

        impl From<u8> for $name {
            fn from(number: u8) -> Self {
                match number {
                    $($number => Self::$variant,)*
                    other => Self::Unknown(other),
                }
            }
        }

        impl From<$name> for u8 {
            fn from(code: $name) -> Self {
                match code {
                    $($name::$variant => $number,)*
                    $name::Unknown(other) => other,
                }
            }
        }
    };
}

code!(
    /// What a stored thing is, as far as a host has to know: it cannot read any of them.
    Kind {
        /// Pieces of files.
        Data = 1,
        /// Folders and versions: pushed first, fetched first.
        Meta = 2,
        /// The list of what is in which pack.
        Index = 3,
        /// The vault's key file, sealed under the words.
        Keys = 4,
        /// A head.
        Head = 5,
    }
);

code!(
    /// Why a request is refused. Beside it stands a figure, whose meaning is the one named here.
    Why {
        /// A frame or a kind that this version does not know (the number of it).
        NotUnderstood = 1,
        /// There is no pact between the two.
        NoPact = 2,
        /// This friend was blocked.
        Blocked = 3,
        /// The pact is paused.
        Paused = 4,
        /// The pact has ended or was stopped.
        Ended = 5,
        /// The pack does not fit into what was agreed (bytes that are left).
        OverQuota = 6,
        /// The host itself has no room (bytes that are left).
        NoRoom = 7,
        /// Larger than anything of that kind (the most, in bytes), or empty.
        Size = 8,
        /// Too many requests, streams or unfinished packs (milliseconds to wait).
        Busy = 9,
        /// The host's clock is not sure, so nothing is promised or deleted by it.
        ClockUnsure = 10,
        /// A head that does not follow the last one seen (its number).
        NotLinked = 11,
        /// Two heads of one number (that number).
        Fork = 12,
        /// A head older than the last one seen (the last one's number).
        Rollback = 13,
        /// A signature or a proof does not hold.
        BadProof = 14,
        /// A head by a device that nobody vouched for.
        UnknownWriter = 15,
        /// The host's disk failed while it stored.
        Failed = 16,
        /// A field has a value that cannot be.
        Malformed = 17,
        /// The secret of the invite is not this one (tries left).
        WrongSecret = 18,
        /// There is no such invite here: used, taken back, or never made.
        NoInvite = 19,
        /// The invite is over (when it ended, milliseconds since 1970).
        Expired = 20,
        /// The invite died of wrong tries.
        TooManyTries = 21,
        /// A person said no.
        Declined = 22,
        /// The two clocks are too far apart (seconds).
        ClockFarOff = 23,
        /// Terms outside what a pact may say.
        Terms = 24,
        /// Keeping for a shorter time needs the recovery key of the owner of the data.
        Shortened = 25,
        /// Terms that do not follow those in force (the number of these).
        OutOfOrder = 26,
        /// A box cannot be its own friend.
        Oneself = 27,
        /// There are too many messages waiting.
        Full = 28,
        /// A head's number is too far beyond the last one seen (the highest that is taken).
        TooFar = 29,
        /// The disk on which it lies is not there just now.
        Away = 30,
    }
);

code!(
    /// Why a box says goodbye.
    ByeWhy {
        /// It restarts.
        Restart = 1,
        /// It shuts down.
        Shutdown = 2,
        /// A newer connection took this one's place.
        Replaced = 3,
        /// It wants nothing more to do with the other.
        Blocked = 4,
        /// The pact is over.
        Ended = 5,
        /// The other asks without end and without waiting.
        Flood = 6,
        /// There is no place for it just now: it may come again.
        Busy = 7,
    }
);

code!(
    /// What a message between owners is.
    NoteKind {
        /// Words from a person.
        Words = 1,
        /// A box tells of trouble that its owner may not see.
        Alarm = 2,
    }
);
