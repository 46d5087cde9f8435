//! What the copies of one pack say they hold, and whom to believe when they disagree.
//!
//! Reads trailers, and whole packs where two copies differ; writes nothing. Start at
//! [`Listing::read_trailers`], then [`single_out`].

use format::pack::{PackKind, Trailer};
use seal::{Codecs, KeyRing};
use types::sabotage::{self, Bug};
use types::{Bytes, PackId, SpaceId, VolumeId};
use volume::{PackVerdict, Volume};

use crate::Vault;
use crate::error::VaultError;
use crate::listing::{Listed, Listing};
use crate::reconcile::{label_of, volume_of};

/// What one copy of a pack says it holds.
pub(crate) struct Claims {
    pub(crate) on: VolumeId,
    pub(crate) space: SpaceId,
    pub(crate) trailer: Trailer,
    pub(crate) len: Bytes,
}

impl Claims {
    fn says_the_same(&self, other: &Self) -> bool {
        (self.space, &self.trailer, self.len) == (other.space, &other.trailer, other.len)
    }

    fn objects(&self) -> usize {
        self.trailer.frames.iter().map(|frame| frame.objects.len()).sum()
    }
}

impl Listing {
    /// What each copy of a pack says it holds, where it can be read.
    pub(crate) fn read_trailers(
        &self,
        vault: &Vault,
        listed: &Listed,
        codecs: &mut Codecs,
        findings: &mut Vec<String>,
    ) -> Vec<Claims> {
        let mut copies = Vec::new();
        for volume in self.on(listed) {
            match read_trailer(vault, listed, volume, codecs) {
                Ok(copy) => copies.push(copy),
                Err(error) => {
                    let (label, id) = (label_of(vault, volume), listed.id.short());
                    findings.push(format!("{label}: pack {id} cannot be read: {error}"));
                }
            }
        }
        copies
    }
}

/// Where copies of a pack differ in what they hold, all are read whole, and those stay that have
/// the bytes of its name: one may be torn, or be another pack altogether, whole and sealed, which a
/// disk that lied about its syncs shows under this name. When none has, the one that holds most is
/// believed for what it holds. The others are returned: they are damaged.
pub(crate) fn single_out(
    vault: &Vault,
    listed: &Listed,
    copies: &mut Vec<Claims>,
    findings: &mut Vec<String>,
) -> Vec<(PackId, VolumeId)> {
    let agreed = copies.iter().all(|copy| copy.says_the_same(&copies[0]));
    if agreed || sabotage::on(Bug::FirstCopyBelieved) {
        return Vec::new();
    }
    let is_good = |copy: &Claims| {
        let volume = volume_of(vault, copy.on);
        let verdict = volume.and_then(|v| Ok(v.verify_pack(listed.id, listed.kind, true)?));
        matches!(verdict, Ok(PackVerdict::Good))
    };
    let all = std::mem::take(copies);
    let (good, mut bad): (Vec<_>, Vec<_>) = all.into_iter().partition(is_good);
    *copies = good;
    if copies.is_empty() {
        let most = (0..bad.len()).max_by_key(|at| bad[*at].objects());
        copies.extend(most.map(|at| bad.swap_remove(at)));
    }
    let name = |copy: &Claims| {
        let (label, id) = (label_of(vault, copy.on), listed.id.short());
        findings
            .push(format!("{label}: pack {id} is damaged: it has other bytes than its name says"));
        (listed.id, copy.on)
    };
    bad.iter().map(name).collect()
}

/// A pack's trailer from one volume; forwards through the frames when the trailer has rotted. Its
/// few short reads are waited for as one: there are millions of trailers.
fn read_trailer(
    vault: &Vault,
    listed: &Listed,
    on: VolumeId,
    codecs: &mut Codecs,
) -> Result<Claims, VaultError> {
    let (volume, keys) = (volume_of(vault, on)?, vault.keys.ring());
    let (listed, mut own) = (*listed, std::mem::take(codecs));
    let (read, own) = volume.at_once(move |volume| {
        let read = trailer_of(volume, (listed.id, listed.kind), on, &keys, &mut own);
        (read, own)
    })?;
    *codecs = own;
    read
}

/// What one copy of a pack says it holds.
pub(crate) fn trailer_of(
    volume: &Volume,
    (id, kind): (PackId, PackKind),
    on: VolumeId,
    keys: &KeyRing,
    codecs: &mut Codecs,
) -> Result<Claims, VaultError> {
    let reader = volume.open_pack(id, kind)?;
    let header = crate::reader::read_header(&reader)?;
    let decoded = format::pack::PackHeader::decode(&header)?;
    if decoded.kind != kind {
        return Err(VaultError::PackDamaged { pack: id });
    }
    let opener = seal::PackOpener::new(&header, keys)
        .map_err(|error| VaultError::Tree(error.to_string()))?;
    let read =
        |offset: u64, buf: &mut [u8]| reader.read_at(offset, buf).map_err(std::io::Error::other);
    let trailer = opener
        .read_trailer(codecs, reader.len(), &read)
        .map_err(|error| VaultError::Tree(error.to_string()))?;
    Ok(Claims { on, space: decoded.space, trailer, len: Bytes(reader.len()) })
}
