//! Sealed packs that a power cut left torn, or brought back after they were removed: what a disk
//! does that lied about its syncs.
//!
//! Such a pack has a name and a trailer, and the catalog would look in it for objects that lie whole
//! in another. So packs that no head counts on are read before they are counted on, and what they
//! displaced is entered anew. Start at [`without_torn`].

use std::collections::HashSet;

use catalog::PackState;
use types::PackId;
use volume::PackVerdict;

use crate::Vault;
use crate::error::VaultError;
use crate::listing::{Listed, Listing};

/// Packs that are read at an opening: 4 GiB of each copy at most. An old disk that comes back may
/// have any number; the rest is left to the next check.
const READ_MAX: usize = 256;

/// What was done about torn packs.
pub(crate) struct Seen {
    /// The packs that may be counted on.
    pub(crate) kept: Vec<Listed>,
    /// Some are torn, and may have displaced others in the catalog.
    pub(crate) displaced: bool,
}

/// Reads those of `packs` that the catalog did not know before (`unknown`, places in the listing,
/// sorted). Torn copies count no more; a pack without a good copy is not counted on. It stays in
/// the catalog: what can still be read of it may be needed.
pub(crate) fn without_torn(
    vault: &Vault,
    listing: &Listing,
    packs: Vec<Listed>,
    unknown: &[u32],
    findings: &mut Vec<String>,
) -> Result<Seen, VaultError> {
    let is_new = |listed: &Listed| {
        let at = listing.position(&listed.id).and_then(|at| u32::try_from(at).ok());
        at.is_some_and(|at| unknown.binary_search(&at).is_ok())
    };
    let (new, mut kept): (Vec<Listed>, Vec<Listed>) = packs.into_iter().partition(is_new);
    let mut displaced = false;
    for (n, listed) in new.into_iter().enumerate() {
        if n >= READ_MAX || has_good(vault, listing, &listed, findings)? {
            kept.push(listed);
        } else {
            displaced = true;
        }
    }
    Ok(Seen { kept, displaced })
}

/// Whether any copy of a pack is good, or not known to be bad. Torn ones are noted.
fn has_good(
    vault: &Vault,
    listing: &Listing,
    listed: &Listed,
    findings: &mut Vec<String>,
) -> Result<bool, VaultError> {
    let mut any_good = false;
    for on in listing.on(listed) {
        let members = vault.members();
        let Some(member) = members.get(on) else { continue };
        let verdict = member.volume.verify_pack(listed.id, listed.kind, true);
        // A disk that does not answer says nothing of the copy.
        if matches!(verdict, Ok(PackVerdict::Good) | Err(_)) {
            any_good = true;
            continue;
        }
        findings.push(format!("{}: pack {} is torn", member.label, listed.id.short()));
        let slot = member.slot;
        drop(members);
        if let Some(no) = vault.catalog.pack_no(&listed.id)? {
            vault.set_presence(no, slot, false)?;
        }
        // Its name stays, so the next opening would count on it again.
        vault.note_damaged(|all| {
            all.insert((listed.id, on));
        })?;
    }
    Ok(any_good)
}

/// Enters anew whatever is listed, is not among `but`, and is not about to go.
pub(crate) fn enter_again(
    vault: &Vault,
    listing: &Listing,
    but: &HashSet<PackId>,
    going: impl Fn(&PackId) -> bool,
    findings: &mut Vec<String>,
) -> Result<(), VaultError> {
    let all = (0_u32..).zip(listing.packs());
    let living = all.filter(|(_, listed)| !but.contains(&listed.id) && !going(&listed.id));
    let living: Vec<u32> = living.map(|(at, _)| at).collect();
    listing.index(vault, &living, |_| PackState::Live, findings)
}
