//! The own heads for friends who witness them, and what a head says that a friend saw.
//!
//! What can be told from the heads on the volumes alone needs no key. Signing does, and signs only for
//! heads that stand here. Start at [`Vault::own_head`], then [`SealedHere::standing`].

use std::sync::Arc;

use format::head::Envelope;
use peer_proto::heads::{begin_again, link, vouch_for};
use peer_proto::owner::OwnHead;
use peer_proto::sign::Signature;
use peer_proto::wire::HeadPoint;
use seal::Words;
use types::UnixTime;
use volume::Volume;

use super::sealed::SealedHere;
use crate::Vault;
use crate::error::VaultError;
use crate::open::Secrets;

/// Heads that are no good and stepped over before there is none.
const BAD_HEADS_MAX: usize = 64;

/// How a head that a friend saw stands to those of this house.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadStanding {
    /// It is one of them.
    Ours,
    /// Its number is above all of them: this box went back in time, or goes on somewhere else.
    Ahead,
    /// Another one has its number here: two boxes went on from one vault.
    Apart,
    /// None has its number here: it may be one that is kept no more, or was not fetched when the box was
    /// reborn. [`Vault::remember_head`] tells when its bytes are at hand.
    Forgotten,
}

/// What a head that a friend saw says of the vault at that time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeadSeen {
    /// Its place in the chain.
    pub point: HeadPoint,
    /// When it was written, by the clock of the box.
    pub written: UnixTime,
    /// How it stands to those here.
    pub standing: HeadStanding,
}

impl SealedHere {
    /// The bytes of an own head, by its place in the chain; none when no volume has it whole.
    pub fn head(&self, point: HeadPoint) -> Option<Vec<u8>> {
        let name = Volume::head_name(point.seq, point.hash);
        self.volumes.iter().find_map(|volume| {
            let bytes = volume.read_head(&name).ok()?;
            self.is_ours(volume, point, &bytes).then_some(bytes)
        })
    }

    /// The newest own head.
    pub fn newest_head(&self) -> Option<OwnHead> {
        let newest = |volume: &Arc<Volume>| {
            let heads = volume.list_heads().unwrap_or_default().into_iter().rev();
            heads.take(BAD_HEADS_MAX).find_map(|file| {
                let bytes = volume.read_head(&file.name).ok()?;
                let head = own_head(&bytes)?;
                self.is_ours(volume, head.point, &bytes).then_some(head)
            })
        };
        self.volumes.iter().filter_map(newest).max_by_key(|head| head.point.seq)
    }

    /// How a head that a friend says it saw stands to those here.
    pub fn standing(&self, point: HeadPoint) -> HeadStanding {
        if self.head(point).is_some() {
            return HeadStanding::Ours;
        }
        if self.newest_head().is_none_or(|newest| newest.point.seq < point.seq) {
            return HeadStanding::Ahead;
        }
        let has_other = |volume: &Arc<Volume>| {
            let heads = volume.list_heads().unwrap_or_default();
            heads.iter().filter(|file| file.seq == point.seq).any(|file| {
                let bytes = volume.read_head(&file.name).unwrap_or_default();
                own_head(&bytes).is_some_and(|head| self.is_ours(volume, head.point, &bytes))
            })
        };
        match self.volumes.iter().any(has_other) {
            true => HeadStanding::Apart,
            false => HeadStanding::Forgotten,
        }
    }

    fn is_ours(&self, volume: &Volume, point: HeadPoint, bytes: &[u8]) -> bool {
        Envelope::decode(bytes).is_ok_and(|head| {
            *blake3::hash(bytes).as_bytes() == point.hash.0
                && (head.vault, head.seq) == (volume.vault(), point.seq)
                && self.writers.contains(&head.writer)
                && seal::verify_signature(&head, &head.writer)
        })
    }
}

/// What is told of a head that was written here; its signature is not looked at.
fn own_head(bytes: &[u8]) -> Option<OwnHead> {
    let envelope = Envelope::decode(bytes).ok()?;
    let point = HeadPoint { seq: envelope.seq, hash: envelope.hash() };
    let (previous, len) = (envelope.previous, bytes.len() as u64);
    Some(OwnHead { point, previous, len, vouched: None, link: None, anew: None })
}

impl Vault {
    /// The newest head, for witnesses. Nobody vouches for its writer in it, and it is linked to none.
    pub fn own_head(&self) -> Result<OwnHead, VaultError> {
        let bytes = Arc::clone(&self.writer().chain.head);
        own_head(&bytes).ok_or(VaultError::NoHead { found: 0 })
    }

    /// The public keys of devices that write heads of this vault, oldest first.
    pub fn writers(&self) -> Vec<[u8; 32]> {
        self.keys.ring().writers_public()
    }

    /// The word of this box that `to` follows `from`, although heads between the two are not shown. Only
    /// of heads that are here, and of none that another device wrote.
    pub fn link(&self, from: HeadPoint, to: HeadPoint) -> Result<Signature, VaultError> {
        let here = self.sealed_here()?;
        let missing = |point: HeadPoint| VaultError::NotFound {
            what: "own head",
            name: format!("{} ({})", point.seq, point.hash),
        };
        here.head(from).ok_or_else(|| missing(from))?;
        let newer = here.head(to).ok_or_else(|| missing(to))?;
        let ring = self.keys.ring();
        if from.seq >= to.seq || Envelope::decode(&newer)?.writer != ring.writer_public() {
            let what = format!("head {} cannot be linked to head {}", to.seq, from.seq);
            return Err(VaultError::Bad { what });
        }
        Ok(link(self.id(), from, to, &ring.writer_signer()))
    }

    /// The recovery key's word that this box writes heads of the vault, for friends whose pact names
    /// another device. The words have to open this vault.
    pub fn vouch(&self, words: &Words) -> Result<Signature, VaultError> {
        self.held_keys().accepts(Secrets::Words(words))?;
        Ok(vouch_for(self.id(), &self.keys.ring().writer_public(), words))
    }

    /// The recovery key's word that heads begin again from the newest one at a friend that saw `after`
    /// last. For whoever came back on purpose to an earlier state.
    pub fn begin_again(
        &self,
        after: HeadPoint,
        words: &Words,
    ) -> Result<(HeadPoint, Signature), VaultError> {
        self.held_keys().accepts(Secrets::Words(words))?;
        Ok((after, begin_again(self.id(), after, self.own_head()?.point, words)))
    }

    /// What a head says that a friend showed. It has to be one of this vault, by one of its writers.
    pub fn head_seen(&self, bytes: &[u8]) -> Result<HeadSeen, VaultError> {
        let envelope = Envelope::decode(bytes)?;
        let opened = seal::open_head(&self.keys.ring(), &envelope);
        let payload = opened.map_err(|error| VaultError::Bad { what: error.to_string() })?;
        let point = HeadPoint { seq: envelope.seq, hash: envelope.hash() };
        let standing = self.sealed_here()?.standing(point);
        Ok(HeadSeen { point, written: payload.time, standing })
    }

    /// Takes in a head that a friend showed, when nothing here contradicts it: the vault then knows it as
    /// its own, and can link to it. Answers how it stands now; what is ahead or apart is not taken in.
    pub fn remember_head(&self, bytes: &[u8]) -> Result<HeadStanding, VaultError> {
        self.writable()?;
        let seen = self.head_seen(bytes)?;
        if seen.standing != HeadStanding::Forgotten {
            return Ok(seen.standing);
        }
        let (mut written, mut failed) = (0, None);
        for (_, volume) in self.volumes_where(|member| member.takes_writes() && !member.retiring) {
            match volume.write_head(seen.point.seq, seen.point.hash, bytes) {
                Ok(()) => written += 1,
                Err(error) => failed = Some(error),
            }
        }
        match failed {
            Some(error) if written == 0 => Err(error.into()),
            _ => Ok(HeadStanding::Ours),
        }
    }
}
