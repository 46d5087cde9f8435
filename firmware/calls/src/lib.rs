//! What may be asked of a running box, and what it answers: plain data, and how it is framed.
//!
//! The types know no socket, no thread and no vault: the local socket speaks them today, and the
//! door for the page will speak the same ones. Nothing here opens, stores or decides anything, and
//! whatever arrives is length-checked before it is read and refused when it holds a field that
//! nobody knows. The page for people is `docs/protocols/local-socket.md`.
//! Start at [`Call`], then [`Answer`] and [`frame`].
#![warn(missing_docs)]

pub mod afar;
mod answer;
mod bundle;
mod call;
mod call_name;
mod disk;
mod entry;
mod event;
mod fault;
mod friend;
mod friend_act;
mod friend_talk;
mod import;
mod job;
mod keeping;
mod message;
mod outlet;
mod path;
mod reborn;
mod result;
mod secret;
mod surroundings;
mod talk;
mod usb_result;

pub use answer::{
    Answer, Finding, Health, Housemate, Lock, Nameless, Severity, Snapshot, Source, Status, Volume,
};
pub use bundle::{BundledDisk, SupportBundle};
pub use call::{Call, PAGE_ITEMS_MAX, Page};
pub use disk::{
    DeskAct, DeskFault, DiskAct, DiskShown, Disks, Joining, News, OnDesk, Question, QuestionKind,
};
pub use entry::{Entry, EntryKind};
pub use event::{Event, Watched};
pub use fault::{Fault, FaultCode};
pub use frame;
pub use friend::{
    FriendKept, FriendLimits, FriendShown, FriendStanding, Friends, PactTerms, Promise, Proofs,
    Proposal, Reach, Seen,
};
pub use friend_act::FriendAct;
pub use friend_talk::{
    FriendMessage, FriendMessages, FriendSheet, InviteShown, Invited, MessageState, OfferShown,
    OfferState,
};
pub use import::{BurnInResult, ImportResult};
pub use job::{AskedBy, Job, JobId, JobProgress, JobSpec, JobState, StartedJob};
pub use keeping::{
    FORESEEN_SOURCES_MAX, Frees, Held, KeepRule, KeepWish, Keeping, KeepingForeseen, Kept,
    SourceForeseen,
};
pub use message::{Greeting, Hello, Message, OLDEST_PROTOCOL, PROTOCOL, Request};
pub use outlet::{OUTLETS_MAX, Outlet, OutletShown, Security, Way};
pub use path::{PATH_LEN_MAX, RawPath};
pub use reborn::{BroughtBack, Reborn};
pub use result::{
    BackupResult, CheckResult, ForgetResult, JobResult, LeftOut, NAMED_LEN_MAX, NAMED_MAX,
    PruneResult, RebuildResult, RestoreResult, first_of, first_wrong,
};
pub use secret::{Secret, SecretText};
pub use surroundings::{Clock, Power, Surroundings};
pub use talk::{Talk, TalkError};
pub use usb_result::{NoRoom, UsbResult, UsbVerifyResult};
