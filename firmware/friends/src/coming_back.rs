//! Coming back after a fire, as owners go through it on either side: sheets to print, and a fresh box with
//! the 24 words.
//!
//! The words are the house's business: here they make one signature, and are kept nowhere. Start at
//! [`Service::come_back`].

use std::time::Duration;

use calls::{Answer, Fault, FaultCode, FriendSheet, SecretText};
use federation::{FederationError, FriendId, FriendView};
use peer_proto::invite::Sheet;
use peer_proto::wire::{ByteRange, Listed, Why};
use types::PackId;

use crate::faults;
use crate::service::Service;

/// A friend's box that was just spoken with is there again within this.
const REACHED_WITHIN: Duration = Duration::from_secs(30);

impl Service {
    /// The come-back address of this box's owner at a friend: for the recovery kit.
    pub(crate) fn sheet(&self, said: &str) -> Result<Answer, Fault> {
        let (view, talk) = (self.found(said)?, self.federation()?);
        let sheet = talk.sheet(view.id).map_err(|error| faults::of(&error))?;
        Ok(self.shown_sheet(&view, &sheet))
    }

    /// The same, made afresh, for a friend who lost everything.
    pub(crate) fn help_back(&self, said: &str) -> Result<Answer, Fault> {
        let (view, talk) = (self.found(said)?, self.federation()?);
        let sheet = talk.help_back(view.id).map_err(|error| faults::of(&error))?;
        Ok(self.shown_sheet(&view, &sheet))
    }

    fn shown_sheet(&self, view: &FriendView, sheet: &Sheet) -> Answer {
        let note = self.parts.desk().note(view.id).map(|note| note.name.clone());
        let name = note.unwrap_or_else(|| view.friend().label.as_str().to_owned());
        Answer::FriendSheet(FriendSheet { name, text: sheet.text(), spaced: sheet.spaced() })
    }

    /// Comes back to a friend with a fresh box, which has no vault yet or just this one. How boxes find this
    /// one has to be said before ([`calls::Call::SetReach`]), as before an invite. `label` is what the box is
    /// called from now on, empty for as before. May be done again at any time; see
    /// [`federation::Federation::come_back`]. The friend has a name and a note when this returns.
    pub fn come_back(
        &self,
        sheet: &str,
        label: &str,
        words: &SecretText,
    ) -> Result<FriendId, Fault> {
        self.must_have_reach()?;
        let talk = self.federation()?;
        let sheet = Sheet::parse(sheet).map_err(|error| faults::of(&error.into()))?;
        let recovery = self.parts.home.recovery(words.reveal())?;
        let id = talk.come_back(&sheet, label, &*recovery).map_err(|error| not_back(&error))?;
        self.know(&talk.friends());
        self.parts.desk().dirty = true;
        self.parts.write_notes();
        self.parts.wants_round();
        self.parts.home.changed();
        Ok(id)
    }

    /// The same for a box that has its vault open: one more friend of it.
    pub(crate) fn come_back_later(&self, sheet: &str, words: &SecretText) -> Result<Answer, Fault> {
        if self.parts.home.own().is_none() {
            let sentence = "The vault is not open.";
            let advice = "Unlock it first; a box without a vault comes back with `holdfast --box default reborn`.";
            return Err(Fault::new(FaultCode::Locked, sentence, advice));
        }
        self.come_back(sheet, "", words).map(|_| Answer::Done {})
    }

    /// All that a friend keeps, as it says (`vault::Hold::list`); waits some seconds for its box.
    pub fn kept_there(&self, friend: FriendId) -> Result<Vec<Listed>, Fault> {
        let talk = self.federation()?;
        // Whether it came in time is told by what follows.
        talk.until_reached(friend, REACHED_WITHIN);
        talk.kept_there(friend).map_err(|error| faults::of(&error))
    }

    /// The bytes `from..to` of a thing that a friend keeps, each proved against its name (`vault::Hold::read`).
    pub fn read_back(
        &self,
        friend: FriendId,
        root: PackId,
        (from, to): (u64, u64),
    ) -> Result<Vec<u8>, Fault> {
        let talk = self.federation()?;
        talk.until_reached(friend, REACHED_WITHIN);
        let len = usize::try_from(to.saturating_sub(from)).unwrap_or(usize::MAX);
        let mut bytes = Vec::new();
        let mut take = |at: u64, piece: &[u8]| {
            // Pieces are whole groups: what stands before and after is left out.
            let skip = from.saturating_sub(at).min(piece.len() as u64);
            let wanted = piece.get(usize::try_from(skip).unwrap_or(usize::MAX)..).unwrap_or(&[]);
            let room = len.saturating_sub(bytes.len());
            bytes.extend_from_slice(&wanted[..wanted.len().min(room)]);
            Ok(())
        };
        let fetched = talk.fetch(friend, root, &[ByteRange { from, to }], &mut take);
        fetched.map_err(|error| faults::of(&error))?;
        if bytes.len() == len { Ok(bytes) } else { Err(faults::of(&FederationError::Wrong(root))) }
    }
}

/// What is meant by a no to whoever comes back.
fn not_back(error: &FederationError) -> Fault {
    let FederationError::Refused(refused) = error else { return faults::of(error) };
    let (code, sentence, advice) = match refused.why {
        Why::BadProof => (
            FaultCode::WrongSecret,
            "The friend's box does not take these words for those of the vault on the sheet.",
            "Compare the words with the recovery kit, and the sheet with the vault that they are of.",
        ),
        Why::NoPact => (
            FaultCode::NotFound,
            "The friend's box keeps nothing for this vault.",
            "Take another friend's sheet.",
        ),
        Why::ClockFarOff => (
            FaultCode::WrongState,
            "The clocks of the two boxes are more than a day apart.",
            "Set this box's clock, then try again.",
        ),
        _ => return faults::of(error),
    };
    Fault::new(code, sentence, advice)
}
