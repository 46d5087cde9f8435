//! What calls are called in a log: never what they carry.

use crate::Call;

impl Call {
    /// Its name, for a log line: never what it carries.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Status {} => "status",
            Self::Health {} => "health",
            Self::Jobs { .. } => "jobs",
            Self::Job { .. } => "job",
            Self::Start { .. } => "start",
            Self::Pause { .. } => "pause",
            Self::Resume { .. } => "resume",
            Self::Cancel { .. } => "cancel",
            Self::Watch { .. } => "watch",
            Self::People {} => "people",
            Self::PairingCode { .. } => "pairing_code",
            Self::Sources {} => "sources",
            Self::Snapshots { .. } => "snapshots",
            Self::List { .. } => "list",
            Self::Unlock { .. } => "unlock",
            Self::Lock {} => "lock",
            Self::TrustClock {} => "trust_clock",
            Self::Shutdown {} => "shutdown",
            Self::Restart {} => "restart",
            Self::Surroundings {} => "surroundings",
            Self::SetQuiet { .. } => "set_quiet",
            Self::DrawWords { .. } => "draw_words",
            Self::PutWords { .. } => "put_words",
            Self::SupportBundle {} => "support_bundle",
            Self::Disks {} => "disks",
            Self::Disk { .. } => "disk",
            Self::Create { .. } => "create",
            Self::Reborn { .. } => "reborn",
            Self::Outlets {} => "outlets",
            Self::SetOutlets { .. } => "set_outlets",
            Self::TestOutlet { .. } => "test_outlet",
            Self::Metrics {} => "metrics",
            Self::Keeping {} => "keeping",
            Self::ForeseeKeeping { .. } => "foresee_keeping",
            Self::Keep { .. } => "keep",
            Self::Friends {} => "friends",
            Self::SetReach { .. } => "set_reach",
            Self::FriendInvite { .. } => "friend_invite",
            Self::FriendLook { .. } => "friend_look",
            Self::FriendAnswer { .. } => "friend_answer",
            Self::FriendConfirm { .. } => "friend_confirm",
            Self::Friend { .. } => "friend",
            Self::FriendForget { .. } => "friend_forget",
            Self::FriendMessages { .. } => "friend_messages",
            Self::FriendSheet { .. } => "friend_sheet",
            Self::FriendHelpBack { .. } => "friend_help_back",
            Self::FriendComeBack { .. } => "friend_come_back",
            Self::Desk { .. } => "desk",
        }
    }
}
