//! How a box that is tried is steered: a line of JSON for each question, one for its answer, over a
//! socket in its folder.
//!
//! Nothing of this is in the product. Start at [`Ask`], then [`serve`] and [`Desk`].

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::time::Duration;

use peer_proto::owner::CopyStage;
use serde::{Deserialize, Serialize};
use types::{EndpointId, InviteId, PackId};

use crate::{Outcome, said};

/// No question takes longer to answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);

/// A question. Packs and friends are named by their ids, times are milliseconds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Ask {
    /// Who the box is and where it listens.
    Who,
    /// A ticket: what this box keeps for the friend and the friend for it, in bytes.
    Invite { keeps: u64, kept: u64 },
    /// All invites that came to nothing are taken back.
    TakeBack,
    /// Yes to whoever shows the invite.
    Confirm(InviteId),
    /// Yes to a ticket.
    Accept(String),
    /// All friends.
    Friends,
    /// New own packs of this length.
    Make { count: u32, len: u64 },
    /// All own packs are wanted at this friend.
    WantAll(InviteId),
    /// These are.
    Want(InviteId, Vec<PackId>),
    /// These need not be there any more.
    Unwant(InviteId, Vec<PackId>),
    /// An audit of the group of this number.
    Audit { friend: InviteId, root: PackId, group: u64 },
    /// Fetches one pack and compares it.
    Fetch(InviteId, PackId),
    /// Copies at a friend.
    Copies(InviteId),
    /// The first piece of news behind this place that says so, waited for.
    News { after: usize, says: Vec<String>, within: u64 },
    /// How much was told so far.
    NewsCount,
    /// Nothing more to do with a friend.
    Block(InviteId),
    /// The own owner says yes to what is proposed, without the words.
    SayYes(InviteId),
    /// Messages that a friend wrote.
    Inbox(InviteId),
    /// Time passes by both clocks.
    Pass(u64),
    /// One more own head.
    NewHead,
    /// What lies on the disk for whoever has this recovery key.
    OnDisk([u8; 32]),
    /// So many mebibytes of memory are used, for the meter.
    Swell(usize),
    /// The end.
    Quit,
}

/// An answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Say {
    Done,
    Who {
        endpoint: EndpointId,
        addresses: Vec<String>,
        process: u32,
    },
    Ticket(String),
    Friends(Vec<FriendLine>),
    Packs(Vec<PackId>),
    Copies(Vec<(PackId, CopyStage)>),
    /// A place behind it, and what it says.
    News(usize, String),
    Count(usize),
    Texts(Vec<String>),
    OnDisk(OnDisk),
    No(String),
}

/// One friend, as a box says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FriendLine {
    pub id: InviteId,
    pub endpoint: EndpointId,
    pub seen: String,
    pub blocked: bool,
    pub phase: String,
    pub pact_seq: u32,
    /// Packs and bytes kept for the friend.
    pub kept: (u64, u64),
    /// Packs and bytes that the friend keeps.
    pub held: (u64, u64),
    pub asked: bool,
    pub went_back: bool,
    pub answering: usize,
    pub last_error: Option<String>,
}

/// What lies on a disk for somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnDisk {
    /// Whole packs, each compared with its name.
    pub good: Vec<PackId>,
    /// Files under the names of packs that are not those packs.
    pub bad: usize,
    /// Packs that have begun to come.
    pub coming: usize,
    /// Heads.
    pub heads: usize,
}

/// Answers questions until somebody says that it is enough, or hangs up.
pub fn serve(socket: &Path, mut answer: impl FnMut(Ask) -> Say) -> Outcome<()> {
    let listener = said("listen at the desk", UnixListener::bind(socket))?;
    let (stream, _) = said("wait at the desk", listener.accept())?;
    let mut out = said("answer at the desk", stream.try_clone())?;
    for line in BufReader::new(stream).lines() {
        let line = said("read at the desk", line)?;
        let ask: Ask = said("read a question", serde_json::from_str(&line))?;
        let is_last = matches!(ask, Ask::Quit);
        let say = if is_last { Say::Done } else { answer(ask) };
        let text = said("write an answer", serde_json::to_string(&say))?;
        said("answer at the desk", writeln!(out, "{text}"))?;
        if is_last {
            break;
        }
    }
    Ok(())
}

/// The other side of the desk.
#[derive(Debug)]
pub struct Desk {
    to: UnixStream,
    from: BufReader<UnixStream>,
}

impl Desk {
    /// Sits down at a box's desk.
    pub fn at(socket: &Path) -> Outcome<Self> {
        let doing = format!("reach the desk {}", socket.display());
        let to = said(&doing, UnixStream::connect(socket))?;
        said(&doing, to.set_read_timeout(Some(ANSWER_WITHIN)))?;
        let from = BufReader::new(said(&doing, to.try_clone())?);
        Ok(Self { to, from })
    }

    /// Asks; a "no" is an answer like others.
    pub fn hear(&mut self, ask: &Ask) -> Outcome<Say> {
        let text = said("write a question", serde_json::to_string(ask))?;
        said("ask at the desk", writeln!(self.to, "{text}"))?;
        let mut line = String::new();
        said("hear at the desk", self.from.read_line(&mut line))?;
        said(&format!("what the box says to {text}"), serde_json::from_str(&line))
    }

    /// Asks; a "no" is none.
    pub fn ask(&mut self, ask: &Ask) -> Outcome<Say> {
        match self.hear(ask)? {
            Say::No(why) => Err(format!("the box says no to {ask:?}: {why}")),
            say => Ok(say),
        }
    }
}
