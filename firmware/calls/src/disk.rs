//! Disks as they are shown and spoken of: each with where it is, what it is to the vault, how well it
//! is, and what its owner may do with it.
//!
//! A disk is named by its [`DiskShown::id`], or by anything of it that is plain: its bay, the last
//! four of its serial. A name that fits two disks is refused, never guessed.
//! Start at [`Disks`] and [`DiskAct`].

use serde::{Deserialize, Serialize};

/// All disks that the box knows, and what it wants of its owner.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Disks {
    /// By place; members that are away come last.
    pub disks: Vec<DiskShown>,
    /// What waits for the owner, the most urgent first.
    pub questions: Vec<Question>,
    /// What happened of late, the newest last.
    pub news: Vec<News>,
    /// How many copies their owner wants, as far as anybody knows.
    #[serde(default)]
    pub copies: Option<u8>,
}

/// One disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct DiskShown {
    /// Eight letters that name this disk where it is plugged in.
    pub id: String,
    /// Where it is, or was: "bay 2".
    pub place: String,
    /// Its bay, if it is in one.
    pub bay: Option<String>,
    /// The maker's name for it.
    pub model: String,
    /// The last four of its serial; of its port where it has none.
    pub serial: String,
    /// Its size in bytes.
    pub size: u64,
    /// `sata`, `nvme`, `usb`, `card`, `virtual` or `other`.
    pub transport: String,
    /// `blank`, `foreign`, `ours-absent`, `member`, `watch`, `failed`, `retiring`, `drained`, `rescue`,
    /// `courier`, `quarantined` or `taken-out`.
    pub life: String,
    /// What is the case with it, for people.
    pub sentence: String,
    /// What to do about it; empty when nothing is.
    pub action: String,
    /// The volume that it is, or says it is.
    pub volume: Option<String>,
    /// Its owner wants another one in its place.
    pub to_be_replaced: bool,
    /// It may be pulled now: nothing depends on it, and nothing is written to it.
    pub safe_to_pull: bool,
    /// How far it is on its way into the vault; none when nobody asked.
    pub joining: Option<Joining>,
    /// What has to be typed before it is erased.
    pub erase_word: Option<String>,
    /// Degrees Celsius, where it says so.
    pub temperature_c: Option<i16>,
    /// Hours that it has run, where it says so.
    pub power_on_hours: Option<u64>,
}

/// How far a disk is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Joining {
    /// It will be erased after this many milliseconds; until then there is an undo.
    Waiting {
        /// How long still.
        left_ms: u64,
    },
    /// It is being erased: there is no undo.
    Formatting,
    /// It is formatted and not used yet; for this many milliseconds an undo still puts back what was on it.
    Kept {
        /// How long still.
        left_ms: u64,
    },
    /// What was on it before it was formatted is being put back.
    PuttingBack,
    /// It is empty and waits to take part.
    Formatted,
}

/// Something that only the owner can do or decide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Question {
    /// What is wanted.
    pub kind: QuestionKind,
    /// The disk that it is about; none where one is to be inserted.
    pub disk: Option<String>,
    /// What is the case.
    pub sentence: String,
    /// What to do.
    pub action: String,
}

/// What is wanted of the owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum QuestionKind {
    /// Pull a disk: it is safe.
    Pull,
    /// Insert one.
    Insert,
    /// A disk is in doubt: confirm it, erase it or pull it.
    Settle,
    /// A blank disk: shall it take part?
    Adopt,
    /// A disk with files on it: shall what is new be stored?
    Import,
    /// A disk that had left the vault, with what was on it: take it back?
    Keep,
    /// A drive with files on it that is carried about: restore onto it?
    Drive,
    /// A disk with something on it: erase it, or use it as it is?
    Erase,
}

/// Something that happened to a disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct News {
    /// When, milliseconds since 1970 by the box's clock.
    pub at_ms: i64,
    /// What.
    pub sentence: String,
}

/// What is done with one disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum DiskAct {
    /// Use a blank disk for the vault.
    Adopt {
        /// In the place of this one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        replaces: Option<String>,
    },
    /// Let go of what is on a disk, and use it for the vault. There are ten minutes for an undo.
    Erase {
        /// The last four of its serial, as somebody typed them.
        typed: String,
        /// In the place of this one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        replaces: Option<String>,
    },
    /// Do not wait: erase it now instead of in ten minutes, or use it now that it is formatted.
    SkipWait {},
    /// Do not erase it after all, or put back what was on it, as long as nothing was stored there.
    Undo {},
    /// It is what it says it is, moved on purpose.
    Confirm {},
    /// Another one is to take its place.
    Replace {},
    /// Empty it and let it go.
    Retire {},
    /// Keep it after all.
    Keep {},
    /// It failed, and is to be tried again.
    Trust {},
    /// Use it as it is, for plain files.
    UseAsDrive {},
    /// It is no drive for plain files any more.
    Release {},
    /// Let its light say where it is, or no more.
    Find {
        /// On or off.
        on: bool,
    },
}

/// What a hand does to a simulated box.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum DeskAct {
    /// Make a new disk, which lies on the table then.
    New {
        /// Its name on the desk.
        name: String,
        /// Its size in bytes.
        size: u64,
        /// A USB stick instead of a SATA disk.
        usb: bool,
        /// The serial that it reports; one of its own when none is named.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        serial: Option<String>,
        /// With an empty file system, as sticks come from a shop; else it is blank.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        formatted: bool,
    },
    /// Plug it in.
    Insert {
        /// Which.
        name: String,
        /// `bay-1` to `bay-4`, `usb-front` or `usb-back`.
        port: String,
    },
    /// Pull it.
    Pull {
        /// Which.
        name: String,
    },
    /// Something is wrong with it from now on, instead of what was before.
    Fault {
        /// Which.
        name: String,
        /// What.
        fault: DeskFault,
    },
    /// It says of itself that it will fail soon, or that it is well.
    Smart {
        /// Which.
        name: String,
        /// It is well.
        passed: bool,
    },
    /// Let it show a folder of somebody's files as its content.
    Show {
        /// Which; it lies on the table.
        name: String,
        /// The folder; it is never written.
        folder: crate::RawPath,
    },
    /// Press the button.
    Press {
        /// For as long as it takes.
        held: bool,
    },
    /// What lies on the desk.
    Look {},
}

/// What is wrong with a simulated disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum DeskFault {
    /// Nothing.
    None,
    /// Neither reads nor writes succeed.
    Fail,
    /// It can be read only.
    Writes,
    /// Writes succeed, and reads do not.
    Reads,
    /// Nothing comes back.
    Hang,
    /// No room is left on it.
    Full,
    /// It refuses changes.
    ReadOnly,
    /// It has less room than it says.
    Fake {
        /// What it really holds, in bytes.
        holds: u64,
        /// What is written beyond that goes over what is before; else it is forgotten.
        wraps: bool,
    },
    /// Everything takes this much longer.
    Slow {
        /// Milliseconds.
        ms: u64,
    },
}

/// A simulated disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct OnDesk {
    /// Its name on the desk.
    pub name: String,
    /// Where it is plugged in; none when it lies on the table.
    pub port: Option<String>,
    /// Its serial.
    pub serial: String,
    /// Its size in bytes.
    pub size: u64,
    /// What is wrong with it, in words.
    pub faults: Vec<String>,
    /// The light beside its bay.
    pub light: Option<String>,
}
