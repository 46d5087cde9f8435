//! Everything that may be asked, and nothing else: a closed list.
//!
//! A call is one question with one answer. Long work is a job: [`Call::Start`] answers at once, and
//! [`Call::Watch`] follows it. Start at [`Call`].

use serde::{Deserialize, Serialize};

use crate::{
    DeskAct, DiskAct, FriendAct, JobId, JobSpec, KeepWish, Outlet, PactTerms, RawPath, Reach,
    Secret, SecretText,
};

/// Items in one page of a listing, at most: a thousand long names fit a frame.
pub const PAGE_ITEMS_MAX: u32 = 1_000;

/// One question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Call {
    /// What the box is doing, in a few numbers. Answered by a locked box, too.
    Status {},
    /// The one verdict: what is wrong, and what to do. Answered by a locked box, too.
    Health {},
    /// The jobs that the box remembers, the newest first.
    Jobs {
        /// Which part of the list.
        #[serde(default)]
        page: Page,
    },
    /// One job.
    Job {
        /// Which.
        job: JobId,
    },
    /// Begins a job, or names the one that does the same already.
    Start {
        /// What is to be done.
        spec: JobSpec,
    },
    /// Stops a job so that it can go on later.
    Pause {
        /// Which.
        job: JobId,
    },
    /// Lets a paused job go on.
    Resume {
        /// Which.
        job: JobId,
    },
    /// Stops a job for good. What it had stored stays stored.
    Cancel {
        /// Which.
        job: JobId,
    },
    /// Events from now on, until the caller goes away or the job that is watched has ended.
    Watch {
        /// Only this job; everything when none is named.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        job: Option<JobId>,
    },
    /// Who lives with the box, and which space is whose. Only on the local socket. Answered by a locked
    /// box, too.
    People {},
    /// A code with which a computer is paired for somebody who lives with the box. Only on the local socket.
    PairingCode {
        /// Whose computer.
        person: String,
        /// The source that it goes on with; a new one when none is given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        source: Option<String>,
    },
    /// Every source.
    Sources {},
    /// Snapshots, the oldest first.
    Snapshots {
        /// Only of this source.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        source: Option<String>,
        /// Only of this space: its name, or that of somebody who lives with the box.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        space: Option<String>,
        /// Which part of the list.
        #[serde(default)]
        page: Page,
    },
    /// A folder of a snapshot.
    List {
        /// An id, the front of one, `latest` or `latest:SOURCE`.
        snapshot: String,
        /// The folder; the top when empty.
        path: RawPath,
        /// Everything below, too.
        #[serde(default)]
        deep: bool,
        /// Which part of the list.
        #[serde(default)]
        page: Page,
    },
    /// Opens the vault.
    Unlock {
        /// With what.
        secret: Secret,
    },
    /// Stops what needs the keys and forgets them.
    Lock {},
    /// Says that the clock is right after it jumped, so that old versions may be let go again.
    TrustClock {},
    /// Stops the box in order.
    Shutdown {},
    /// Stops the box in order and starts its program anew.
    Restart {},
    /// What the box lives with: quiet hours, a battery, a key of its own. Answered by a locked box, too.
    Surroundings {},
    /// Sets the quiet hours, instead of those in the settings; answered with the surroundings.
    SetQuiet {
        /// As `22:00-07:00`; none for never.
        hours: Option<String>,
    },
    /// Draws new words for the vault and tells them. They open nothing before [`Call::PutWords`].
    DrawWords {
        /// The words or the password: whoever has neither gets none.
        secret: Secret,
    },
    /// From now on these words open the vault, and those before no longer do. Disks that are away, and
    /// whatever else was copied before, open with the old ones as long as they have not come back.
    PutWords {
        /// As they were drawn.
        words: SecretText,
    },
    /// Everything a helper needs to see, and no secret.
    SupportBundle {},
    /// All disks, and what waits for their owner. Answered by a locked box, too.
    Disks {},
    /// Does something with a disk.
    Disk {
        /// Which: its id, its bay, or the last four of its serial.
        disk: String,
        /// What.
        act: DiskAct,
    },
    /// Makes the box's vault on blank disks. Once.
    Create {
        /// Which, named as in [`Call::Disk`].
        disks: Vec<String>,
        /// How many copies of everything are kept, 1 to 8.
        copies: u8,
        /// A password that opens it, too.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        password: Option<SecretText>,
    },
    /// Brings the vault of a box that is gone back: on blank disks of this one, which has none, from friends. Answers
    /// when every version can be listed; what is in the files follows as a job. Cut short, it is asked again.
    Reborn {
        /// Which disks, named as in [`Call::Disk`].
        disks: Vec<String>,
        /// The 24 words of the vault that is gone.
        words: SecretText,
        /// Come-back addresses at friends, as their sheets have them. One friend is enough if it keeps everything.
        sheets: Vec<String>,
        /// Goes on although a friend of these, or what it lists, cannot be reached: what is newer and only there is
        /// given up for good.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        without_missing: bool,
    },
    /// Where the box tells its owner what happened. Answered by a locked box, too.
    Outlets {},
    /// Sets where: the whole list.
    SetOutlets {
        /// At most [`crate::OUTLETS_MAX`].
        outlets: Vec<Outlet>,
    },
    /// Sends a test message to one outlet, and says whether it was taken.
    TestOutlet {
        /// Its name.
        name: String,
    },
    /// Numbers for Prometheus, in its text format. Answered by a locked box, too.
    Metrics {},
    /// How many copies are kept, and how long versions are.
    Keeping {},
    /// What would come of another wish, before it is one. Reading it may take a while.
    ForeseeKeeping {
        /// The wish.
        wish: KeepWish,
    },
    /// Changes how many copies are kept, and how long versions are; answered with the jobs that see to it.
    Keep {
        /// What is to be kept.
        wish: KeepWish,
        /// It may be less than until now; without this, that is refused.
        #[serde(default)]
        less: bool,
        /// So many versions may go: as many as were foreseen. When more would go by now, it is refused.
        #[serde(default)]
        goes_at_most: u64,
    },
    /// All friends, and what waits for an answer. Answered by a locked box, too, as is all about friends
    /// but a new pact.
    Friends {},
    /// Says how boxes outside this house find this one.
    SetReach {
        /// How.
        reach: Reach,
    },
    /// Makes an invite for one friend, good for 72 hours and one box.
    FriendInvite {
        /// What it offers.
        terms: PactTerms,
    },
    /// Looks at somebody's invite: who it is of, what it offers, and the words to compare. The other box is asked,
    /// which takes some seconds.
    FriendLook {
        /// The ticket, as it was sent or typed.
        ticket: SecretText,
    },
    /// Says yes or no to an invite that was looked at.
    FriendAnswer {
        /// Which, as [`crate::OfferShown::id`] has it.
        offer: String,
        /// Yes or no.
        yes: bool,
    },
    /// Says yes or no to the box that took an own invite, after comparing the words; a no, or any answer before
    /// somebody took it, takes the invite back.
    FriendConfirm {
        /// Which, as [`crate::InviteShown::id`] has it.
        invite: String,
        /// Yes or no.
        yes: bool,
    },
    /// Does something with a friend.
    Friend {
        /// Which: its name, or the front of its id.
        friend: String,
        /// What.
        act: FriendAct,
    },
    /// Forgets a friend whose pact is over and of whom nothing is left.
    FriendForget {
        /// Which, named as in [`Call::Friend`].
        friend: String,
    },
    /// What was written to a friend and came from there.
    FriendMessages {
        /// Which, named as in [`Call::Friend`].
        friend: String,
    },
    /// The own come-back address at a friend, for the recovery kit: where the friend's box was reached last.
    FriendSheet {
        /// Which, named as in [`Call::Friend`].
        friend: String,
    },
    /// A friend's come-back address at this box, made afresh for one who lost everything.
    FriendHelpBack {
        /// Which, named as in [`Call::Friend`].
        friend: String,
    },
    /// Comes back to one more friend of this box's vault, whose sheet failed or was found later: the vault is open.
    FriendComeBack {
        /// The come-back address, as the friend's sheet has it.
        sheet: String,
        /// The 24 words of the vault.
        words: SecretText,
    },
    /// Plays the hardware of a simulated box.
    Desk {
        /// What the hand does.
        act: DeskAct,
    },
}

/// A part of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Page {
    /// Items to pass over.
    pub skip: u64,
    /// Items wanted, at most [`PAGE_ITEMS_MAX`].
    pub items: u32,
}

impl Default for Page {
    fn default() -> Self {
        Self { skip: 0, items: PAGE_ITEMS_MAX }
    }
}

impl Call {
    /// Whoever answers it stops the box then.
    pub fn stops_the_box(&self) -> bool {
        matches!(self, Self::Shutdown {} | Self::Restart {})
    }
}
