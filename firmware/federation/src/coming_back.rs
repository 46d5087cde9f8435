//! Coming back after a fire: what both owners print for that day, and what a fresh box does with it. Part of
//! [`Federation`].
//!
//! A box that came back deletes nothing at its friend before an open vault has told its own head
//! ([`Federation::head`]). How the friend hears it is in `returns`. Start at [`Federation::come_back`].

use std::sync::Arc;
use std::time::Duration;

use peer_proto::invite::{NO_WRITER, Sheet, come_back, prove_return};
use peer_proto::pact::{PactLife, Side};
use peer_proto::wire::Listed;
use peer_proto::wire::{PairAsk, PairSay, Text, Why};
use types::Signer;

use crate::core::Core;
use crate::endpoint;
use crate::error::FederationError;
use crate::federation::Federation;
use crate::pairline::{self, BUSY_PAUSE, BUSY_TRIES};
use crate::views::FriendId;

/// How often it is looked whether a line is there.
const LOOK_EVERY: Duration = Duration::from_millis(50);

impl Federation {
    /// The come-back address of this box's owner at a friend, for the recovery kit: where the friend was
    /// reached last.
    pub fn sheet(&self, friend: FriendId) -> Result<Sheet, FederationError> {
        self.core.call(friend, |friend| friend.sheet())
    }

    /// The same for a friend who lost everything, made by the box that keeps for them: where this box is
    /// reached just now.
    pub fn help_back(&self, friend: FriendId) -> Result<Sheet, FederationError> {
        self.core.call(friend, |friend| friend.help_back())
    }

    /// Comes back to a friend with a fresh box: dials it, proves by the recovery key (the 24 words) whose
    /// this box is, and goes on with the pact as the friend has it. The friend is one of
    /// [`Self::friends`] when this returns, durably, and is talked with like any other. May be done again
    /// after a kill at any moment, also when it was done already: the answer is the same friend. `label`
    /// is what this box is called from now on; an empty one leaves it as it was. The house needs no vault.
    /// Some seconds.
    pub fn come_back(
        &self,
        sheet: &Sheet,
        label: &str,
        recovery: &dyn Signer,
    ) -> Result<FriendId, FederationError> {
        let _waits = self.core.callers.begin().ok_or(FederationError::Stopped)?;
        self.core.come_back(sheet, label, recovery)
    }

    /// Waits until there is a line on which a friend's packs can be listed and fetched; false when that
    /// takes longer than `within`.
    pub fn until_reached(&self, friend: FriendId, within: Duration) -> bool {
        let Some(_waits) = self.core.callers.begin() else { return false };
        let is_reached = || self.core.call(friend, |friend| friend.way().is_some());
        self.core.runtime.block_on(async {
            let reached = async {
                // Of a friend whom nobody knows there is nothing to wait for.
                while !is_reached().unwrap_or(true) {
                    tokio::time::sleep(LOOK_EVERY).await;
                }
            };
            tokio::select! {
                () = reached => {}
                () = tokio::time::sleep(within) => {}
                () = self.core.stopped() => {}
            }
        });
        is_reached().unwrap_or(false)
    }

    /// All that a friend keeps for this box, as it says: words slots, heads and packs, by name. Asked of
    /// the friend now; nothing of it is proven before it was fetched ([`Self::fetch`], by its name).
    pub fn kept_there(&self, friend: FriendId) -> Result<Vec<Listed>, FederationError> {
        let _waits = self.core.callers.begin().ok_or(FederationError::Stopped)?;
        let way = self.core.call(friend, |friend| friend.way())?;
        let way = way.ok_or_else(|| FederationError::NotReached("it is not there".to_owned()))?;
        crate::friend::list(&way)
    }
}

impl Core {
    fn come_back(
        self: &Arc<Self>,
        sheet: &Sheet,
        label: &str,
        recovery: &dyn Signer,
    ) -> Result<FriendId, FederationError> {
        let own = self.house.side();
        if own.as_ref().is_some_and(|own| own.vault != sheet.vault) {
            return Err(FederationError::OtherVault);
        }
        let label = Text::new(label).map_err(|_| {
            FederationError::Setting("the name is too long or no plain text".to_owned())
        })?;
        let who = Side {
            endpoint: self.own(),
            vault: sheet.vault,
            recovery: recovery.public(),
            writer: own.map_or(NO_WRITER, |own| own.writer),
            label,
        };
        self.runtime
            .block_on(async {
                for _ in 0..BUSY_TRIES {
                    let asked = self.ask_back(sheet, &who, recovery).await?;
                    if let Some((life, addresses)) = asked {
                        return Ok((life, addresses));
                    }
                    tokio::time::sleep(BUSY_PAUSE).await;
                }
                let why = "others stand at its door; try again in a minute".to_owned();
                Err(FederationError::NotReached(why))
            })
            .and_then(|(life, addresses)| self.goes_on(life, addresses))
    }

    /// Dials and asks once. None when the box was there and had no place.
    async fn ask_back(
        &self,
        sheet: &Sheet,
        who: &Side,
        recovery: &dyn Signer,
    ) -> Result<Option<(PactLife, Vec<String>)>, FederationError> {
        let line = pairline::dial(self, sheet.friend, &sheet.addresses).await?;
        let session = pairline::session(self, &line).ok_or(FederationError::Broken)?;
        let asked = prove_return(&session, who.clone(), self.now().wall, recovery);
        let say = pairline::ask(&line, &PairAsk::Return(Box::new(asked.clone()))).await;
        let answer = match say {
            Some(PairSay::Returned(answer)) => (*answer, None),
            Some(PairSay::Leaving(leaving)) => (leaving.returned, Some(leaving.ends)),
            Some(PairSay::Refused(refused)) => return Err(FederationError::Refused(refused)),
            None if pairline::was_sent_away_as_busy(&line) => return Ok(None),
            None if line.close_reason().is_some() => {
                let why = "it keeps nothing for anybody who could come back".to_owned();
                return Err(FederationError::NotReached(why));
            }
            Some(_) | None => return Err(FederationError::Broken),
        };
        let life = come_back(&session, &asked, answer, &self.signer);
        let life = life.map_err(FederationError::Refused)?;
        let told = sheet.addresses.items().iter().map(|text| text.as_str().to_owned());
        let mut addresses = endpoint::remote_texts(&line);
        addresses.extend(told);
        addresses.dedup();
        Ok(Some((life, addresses)))
    }

    /// The friend's log is begun, or is there already from an attempt that was cut short: then the pact has
    /// to be the same, or nobody knows whose word counts.
    fn goes_on(
        self: &Arc<Self>,
        life: PactLife,
        addresses: Vec<String>,
    ) -> Result<FriendId, FederationError> {
        let (id, pact) = (FriendId(life.pact().id), life.pact().clone());
        self.befriend(life, addresses, true)?;
        let known = self.call(id, |friend| friend.view().pact)?;
        if known != pact {
            return Err(FederationError::Refused(Why::OutOfOrder.with(known.seq.into())));
        }
        Ok(id)
    }
}
