//! The part of the command line that is about friends of a running box.
//!
//! A ticket is a secret until it is used, and stands in a file or is typed where nobody sees it.
//! Start at [`FriendCommand`].

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `holdfast friend`.
#[derive(Debug, Subcommand)]
pub(crate) enum FriendCommand {
    /// List friends, invites, and what waits for an answer
    List,
    /// Say how friends' boxes may find this one
    #[command(subcommand)]
    Reach(ReachCommand),
    /// Make an invite for one friend; whoever has its ticket may use it once
    Invite(Promised),
    /// Look at an invite that somebody sent: who, on which terms, and the words to compare
    Look(TicketFile),
    /// Agree to an invite that was looked at, once both screens show the same words
    Accept {
        /// The front of its id
        offer: String,
    },
    /// Say no to an invite that was looked at
    Decline {
        /// The front of its id
        offer: String,
    },
    /// Agree to the box that took an own invite, once both screens show the same words
    Confirm {
        /// The front of the invite's id
        invite: String,
    },
    /// Take an own invite back, or say no to the box that took it
    TakeBack {
        /// The front of the invite's id
        invite: String,
    },
    /// Show all of one friend
    Show(Named),
    /// Call a friend something else, or say where the box stands
    Rename {
        #[command(flatten)]
        friend: Named,
        /// The new name
        #[arg(long)]
        name: Option<String>,
        /// The town, or the house
        #[arg(long)]
        place: Option<String>,
    },
    /// Say how fast packs go to and come from a friend; what is not named has no limit
    Limit(Limit),
    /// Have a friend prove some of what it keeps, now
    Audit(Named),
    /// Propose other terms
    Propose {
        #[command(flatten)]
        friend: Named,
        #[command(flatten)]
        terms: Promised,
        /// The own data may be kept for a shorter time; takes the 24 words
        #[arg(long)]
        shorter: bool,
    },
    /// Agree to what a friend proposes
    Agree {
        #[command(flatten)]
        friend: Named,
        /// The own data may be kept for a shorter time; takes the 24 words
        #[arg(long)]
        shorter: bool,
    },
    /// Say no to what a friend proposes
    Refuse(Named),
    /// Take no new packs of a friend for now
    Pause(Named),
    /// Take new packs of a friend again
    Resume(Named),
    /// End the pact with a friend, with notice; with --now at once, and what is there counts as lost
    End {
        #[command(flatten)]
        friend: Named,
        /// At once; the friend's name has to be said once more
        #[arg(long, requires = "confirm")]
        now: bool,
        /// The friend's name once more
        #[arg(long, value_name = "NAME")]
        confirm: Option<String>,
    },
    /// Have nothing more to do with a friend; what is kept stays for now
    Block {
        #[command(flatten)]
        friend: Named,
        /// The friend's name once more
        #[arg(long, value_name = "NAME")]
        confirm: String,
    },
    /// Take a block back
    Unblock(Named),
    /// Forget a friend whose pact is over, once nothing is kept on either side
    Forget(Named),
    /// What was found about a friend is read: what is over is told no more
    Seen(Named),
    /// This box was looked at and is right, whatever a friend has seen
    Reconciled {
        #[command(flatten)]
        friend: Named,
        /// With the 24 words: the friend has seen a version of this box that is not here
        #[arg(long)]
        words: bool,
    },
    /// Write to a friend
    Message {
        #[command(flatten)]
        friend: Named,
        /// At most 2,000 bytes
        text: String,
    },
    /// Read what was written to a friend and came from there
    Messages(Named),
    /// Print the own come-back address at a friend, for the recovery kit: with the 24 words it brings
    /// everything back after a fire
    Sheet(Named),
    /// Print a come-back address for a friend who lost everything: where this box is now
    HelpBack(Named),
    /// Come back to one more friend of the open vault, with its sheet and the 24 words (--words-file)
    ComeBack {
        /// The come-back address at the friend, as its sheet in the recovery kit has it
        #[arg(long, value_name = "TEXT")]
        sheet: String,
    },
}

/// Which friend.
#[derive(Clone, Debug, Args)]
pub(crate) struct Named {
    /// The friend's name, or the front of its id
    #[arg(value_name = "FRIEND")]
    pub(crate) friend: String,
}

/// `holdfast friend reach`.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum ReachCommand {
    /// Not at all: only by addresses that an invite or a friend named
    Nothing,
    /// Boxes in the same house find each other; nothing leaves it
    SameHouse,
    /// A public meeting point introduces boxes: it sees their addresses, never data
    MeetingPoint,
    /// A relay that you trust with addresses
    Relay {
        /// Its address, such as https://relay.example
        url: String,
    },
}

/// A ticket.
#[derive(Clone, Debug, Args)]
pub(crate) struct TicketFile {
    /// A file with the ticket; it is asked for when not given
    #[arg(long, value_name = "FILE")]
    pub(crate) ticket_file: Option<PathBuf>,
}

/// What two boxes promise each other.
#[derive(Clone, Debug, Args)]
pub(crate) struct Promised {
    /// What this box keeps for the friend, such as 200GB; 0 for nothing
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(crate) give: u64,
    /// What the friend's box keeps for this one; as much when not given
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(crate) take: Option<u64>,
    /// Days before a deletion is carried out, on both sides
    #[arg(long, value_name = "DAYS", default_value_t = 30)]
    pub(crate) not_before: u16,
    /// Months for which everything is kept while a box is dark, on both sides
    #[arg(long, value_name = "MONTHS", default_value_t = 12)]
    pub(crate) silence: u8,
    /// Days between notice and the end
    #[arg(long, value_name = "DAYS", default_value_t = 30)]
    pub(crate) notice: u16,
}

/// `holdfast friend limit`.
#[derive(Clone, Debug, Args)]
pub(crate) struct Limit {
    #[command(flatten)]
    pub(crate) friend: Named,
    /// Kilobits a second outside the full-speed hours; 0 for nothing at all
    #[arg(long, value_name = "KBIT")]
    pub(crate) rate: Option<u32>,
    /// Hours without a limit, such as 00:00-07:00
    #[arg(long, value_name = "HOURS")]
    pub(crate) full_speed: Option<String>,
    /// Kilobits a second through a relay; 2000 when not given
    #[arg(long, value_name = "KBIT")]
    pub(crate) relayed: Option<u32>,
    /// Bytes in a calendar month, both ways together, such as 300GB
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(crate) month: Option<u64>,
}

/// Bytes with their unit, as people say them: powers of 1000, or of 1024 with an `i`.
fn size(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let at = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(at);
    let factor: u64 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        "tb" => 1_000_000_000_000,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        "tib" => 1 << 40,
        _ => return Err(format!("{text:?} is no size; say one such as 200GB, 500MiB or 1TB")),
    };
    let number: u64 =
        number.parse().map_err(|_| format!("{text:?} begins with no number; say 200GB"))?;
    number.checked_mul(factor).ok_or_else(|| format!("{text:?} is more than any disk holds"))
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_are_read_as_people_say_them_and_others_are_refused_by_name() {
        assert_eq!(size("0"), Ok(0));
        assert_eq!(size("200GB"), Ok(200_000_000_000));
        assert_eq!(size("64 MiB"), Ok(64 << 20));
        assert_eq!(size("1tb"), Ok(1_000_000_000_000));
        for wrong in ["", "GB", "2.5GB", "12 parsecs", "99999999999TB", "-1GB"] {
            assert!(size(wrong).is_err_and(|said| said.contains(wrong)), "{wrong:?}");
        }
    }
}
