//! The box as its friends' service sees it: the vault while it is open, its disks while it is locked.
//!
//! The vault is held for moments only, so that whoever locks the box waits for nobody here; a locked box
//! still keeps, serves and proves what lies on its disks for friends. Start at [`BoxHome`].

use std::io::{self, Cursor};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use calls::{AskedBy, Fault};
use friends::federation::{OwnPack, Shelf};
use friends::round::{OwnList, OwnPack as Listed};
use friends::{Fetching, Home, Local};
use peer_proto::clock::Now;
use peer_proto::owner::{Item, OwnHead};
use peer_proto::pact::Side;
use peer_proto::sign::Signature;
use peer_proto::wire::HeadPoint;
use types::{Bytes, EndpointId, PackId, Rng, Signer, VaultId};
use vault::{HeadStanding, OffsiteWish, SealedHere, SealedPack, Secrets, Vault, WordsSlot};
use volume::Volume;
use zeroize::Zeroizing;

use crate::by_words::{begin_again, words_of};
use crate::fetched::fetched;
use crate::locked_volumes;
use crate::show;
use crate::supervisor::Supervisor;

/// The box.
#[derive(Debug)]
pub(crate) struct BoxHome {
    supervisor: Weak<Supervisor>,
    rng: Arc<dyn Rng>,
    clock: Arc<dyn types::Clock>,
    /// The words slot as it was last asked for, to be sent from here.
    slot: Mutex<Option<WordsSlot>>,
}

impl BoxHome {
    /// Of this box.
    pub(crate) fn new(supervisor: &Arc<Supervisor>) -> Self {
        let env = &supervisor.setup.env;
        Self {
            supervisor: Arc::downgrade(supervisor),
            rng: Arc::clone(&env.rng),
            clock: Arc::clone(&env.clock),
            slot: Mutex::default(),
        }
    }

    fn opened(&self) -> Option<Arc<Vault>> {
        self.supervisor.upgrade()?.keeper.vault_now()
    }

    fn open_vault(&self) -> Result<Arc<Vault>, Fault> {
        self.supervisor.upgrade().ok_or_else(show::stopping)?.keeper.vault()
    }

    /// All sealed things of the vault, open or locked; none while nothing can be said of them.
    fn sealed(&self) -> Option<SealedHere> {
        if let Some(vault) = self.opened() {
            return vault.sealed_here().ok();
        }
        let volumes = self.volumes_of_locked();
        (!volumes.is_empty()).then(|| {
            SealedHere::on(
                volumes,
                self.supervisor.upgrade().map(|one| one.remembered_writers()).unwrap_or_default(),
            )
        })
    }

    fn volumes_of_locked(&self) -> Vec<Arc<Volume>> {
        self.supervisor.upgrade().map(|one| locked_volumes::of(&one)).unwrap_or_default()
    }

    /// What every friend is to have: the slot that the 24 words open; none while it cannot be made.
    fn everywhere(&self, vault: &Vault) -> Option<Vec<Item>> {
        match vault.words_slot() {
            Ok(slot) => {
                let item = slot.item;
                *self.slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(slot);
                Some(vec![item])
            }
            Err(error) => {
                tracing::warn!(
                    error = show::whole(&error),
                    "friends cannot be given the words slot"
                );
                None
            }
        }
    }
}

impl Home for BoxHome {
    fn now(&self) -> Now {
        Now { wall: self.clock.now(), uptime: self.clock.uptime() }
    }

    fn local(&self) -> Local {
        let Some(supervisor) = self.supervisor.upgrade() else { return Local::default() };
        supervisor.zone().local(self.clock.now())
    }

    fn rng(&self) -> &dyn Rng {
        &*self.rng
    }

    fn is_in_use(&self) -> bool {
        let Some(supervisor) = self.supervisor.upgrade() else { return false };
        let shared = supervisor.shared();
        let mut jobs = shared.book.jobs();
        // What comes back from friends is asked for too, and is no reason for them to step back.
        let by_somebody = |job: &calls::Job| {
            let is_by_owner = job.asked_by == AskedBy::Owner;
            let is_theirs = job.spec == (calls::JobSpec::BringBack {});
            is_by_owner && !is_theirs && job.state == calls::JobState::Running
        };
        jobs.any(by_somebody)
    }

    fn side(&self, endpoint: EndpointId) -> Option<Side> {
        let supervisor = self.supervisor.upgrade()?;
        let vault = supervisor.keeper.vault_now()?;
        let name = supervisor.setup.config.web.as_ref().map(|web| web.name.clone());
        let label = name.unwrap_or_else(|| "holdfast".to_owned());
        Some(Side {
            endpoint,
            vault: vault.id(),
            recovery: vault.recovery_public()?.0,
            writer: *vault.writers().last()?,
            label: peer_proto::wire::Text::new(&label).ok()?,
        })
    }

    fn vault(&self) -> Option<VaultId> {
        self.supervisor.upgrade()?.vault.get().copied()
    }

    fn own(&self) -> Option<OwnList> {
        let supervisor = self.supervisor.upgrade()?;
        let vault = supervisor.keeper.vault_now()?;
        let settings = supervisor.setup.config.friends.as_ref();
        let pinned = settings.is_some_and(|settings| settings.at_once);
        let copies = plan::offsite::place::COPIES_DEFAULT;
        let listed = vault.offsite_packs(|_| OffsiteWish { copies, pinned });
        let packs = match listed {
            Ok(packs) => packs,
            Err(error) => {
                tracing::warn!(error = show::whole(&error), "the packs for friends are not known");
                return None;
            }
        };
        let packs = packs.into_iter().map(|pack| Listed {
            id: pack.id,
            kind: pack.facts.kind,
            len: pack.facts.len,
            here: pack.facts.here,
            away: pack.facts.away,
            wanted: pack.facts.wanted,
            pinned: pack.facts.pinned,
            pruned: pack.facts.pruned,
            sealed: pack.facts.sealed,
        });
        let everywhere = self.everywhere(&vault);
        // Without the new slot nobody can say that an old one is needed by nobody.
        let whole = everywhere.is_some()
            && vault.unsettled().is_empty()
            && supervisor.shared().missing_packs == 0;
        Some(OwnList { packs: packs.collect(), whole, everywhere: everywhere.unwrap_or_default() })
    }

    fn own_pack(&self, root: PackId) -> io::Result<Option<OwnPack>> {
        let slot = self.slot.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(slot) = slot.filter(|slot| slot.item.root == root) {
            let len = Bytes(slot.bytes.len() as u64);
            return Ok(Some(OwnPack { len, bytes: Box::new(slot.bytes) }));
        }
        let Some(here) = self.sealed() else { return Ok(None) };
        let pack = here.pack(root).map_err(io::Error::other)?;
        let own = |pack: SealedPack| OwnPack { len: pack.len(), bytes: Box::new(pack) };
        Ok(pack.map(own))
    }

    fn is_rotten(&self, root: PackId) {
        let Some(vault) = self.opened() else { return };
        let found = vault.sealed_here().and_then(|here| match here.pack(root)? {
            Some(pack) => vault.found_rotten(root, pack.volume()),
            None => Ok(false),
        });
        match found {
            Ok(false) => {}
            Ok(true) => tracing::warn!(pack = root.short(), "a copy of a pack is rotten"),
            Err(error) => tracing::warn!(error = show::whole(&error), "a copy was not looked at"),
        }
    }

    fn head(&self) -> Option<OwnHead> {
        match self.opened() {
            Some(vault) => vault.own_head().ok(),
            None => self.sealed()?.newest_head(),
        }
    }

    fn head_bytes(&self, point: HeadPoint) -> Option<Vec<u8>> {
        self.sealed()?.head(point)
    }

    fn knows_head(&self, point: HeadPoint) -> bool {
        // An open vault knows its heads; where its disks do not show one, the friend has to.
        if let Some(vault) = self.opened() {
            let here = vault.sealed_here();
            return here.is_ok_and(|here| here.standing(point) == HeadStanding::Ours);
        }
        // While nobody can say, nothing is strange and nothing deleted: it is judged with the next own head.
        let known = |here: SealedHere| {
            here.newest_head().is_none() || here.standing(point) == HeadStanding::Ours
        };
        self.sealed().is_none_or(known)
    }

    fn remember_head(&self, bytes: &[u8]) -> bool {
        let Some(vault) = self.opened() else { return false };
        matches!(vault.remember_head(bytes), Ok(HeadStanding::Ours))
    }

    fn begin_again(&self, after: HeadPoint, words: &str) -> Result<OwnHead, Fault> {
        let vault = self.open_vault()?;
        begin_again(&vault, after, &words_of(words)?)
    }

    fn writers(&self) -> Vec<[u8; 32]> {
        let Some(supervisor) = self.supervisor.upgrade() else { return Vec::new() };
        let Some(vault) = supervisor.keeper.vault_now() else {
            return supervisor.remembered_writers();
        };
        let writers = vault.writers();
        supervisor.remember_writers(&writers);
        writers
    }

    fn link(&self, from: HeadPoint, to: HeadPoint) -> Option<Signature> {
        let vault = self.opened()?;
        let linked = vault.link(from, to);
        linked.inspect_err(|error| tracing::warn!(error = show::whole(error), "not linked")).ok()
    }

    fn take_back(&self, root: PackId, fetching: &mut Fetching<'_>) -> Result<(), Fault> {
        let bytes = fetched(root, fetching)?;
        let supervisor = self.supervisor.upgrade().ok_or_else(show::stopping)?;
        let vault = supervisor.keeper.vault()?;
        vault.take_back(root, &mut Cursor::new(bytes)).map_err(|error| show::fault(&error))?;
        // What is here again is lost no more.
        supervisor.count_lacking(&vault).map_err(|error| show::fault(&error))?;
        drop(vault);
        supervisor.judge_soon();
        Ok(())
    }

    fn brings_back(&self) -> bool {
        self.supervisor.upgrade().is_some_and(|one| one.brings_back())
    }

    fn sign_with_words(&self, words: &str, bytes: &[u8]) -> Result<[u8; 64], Fault> {
        let words = words_of(words)?;
        let keys = self.open_vault()?.held_keys();
        keys.accepts(Secrets::Words(&words)).map_err(|error| show::fault(&error))?;
        Ok(words.recovery_sign(bytes))
    }

    fn keep_beside(&self, bytes: &[u8]) -> bool {
        let Some(vault) = self.opened() else { return false };
        let kept = vault.keep_beside(bytes);
        let kept = kept.inspect_err(|error| {
            tracing::warn!(error = show::whole(error), "friends are not kept on the vault's disks");
        });
        kept.is_ok_and(|disks| disks > 0)
    }

    fn beside(&self) -> Vec<Zeroizing<Vec<u8>>> {
        self.opened().map(|vault| vault.kept_beside()).unwrap_or_default()
    }

    fn recovery(&self, words: &str) -> Result<Box<dyn Signer>, Fault> {
        Ok(Box::new(words_of(words)?))
    }

    fn shelves(&self) -> Vec<Shelf> {
        let Some(supervisor) = self.supervisor.upgrade() else { return Vec::new() };
        locked_volumes::shelves(&supervisor)
    }

    fn changed(&self) {
        if let Some(supervisor) = self.supervisor.upgrade() {
            supervisor.hub.tell(&calls::Event::Friends {});
            supervisor.judge_soon();
        }
    }
}
