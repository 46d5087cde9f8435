//! What makes each volume readable by itself, with the words and nothing else: its superblocks, its
//! key files, the newest head, the format's description and the rescue program.
//!
//! Looks, and where it is told to, writes what is missing or wrong; packs are not its business.
//! Start at [`Vault::inspect`].

use std::fs::File;
use std::sync::Arc;

use format::keys::KeyFile;
use volume::{Companion, Volume};

use crate::Vault;
use crate::env::OnVolume;
use crate::error::VaultError;
use crate::members::Member;

/// How closely the files are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// The large one by its length alone.
    Quick,
    /// Every byte.
    Close,
}

/// One thing that a volume lacks.
#[derive(Clone, Debug)]
pub(crate) struct Lack {
    /// One sentence, without the volume.
    pub(crate) what: &'static str,
    pub(crate) mended: bool,
}

impl OnVolume {
    /// Puts everything on a volume that has none of it.
    pub(crate) fn write_to(&self, volume: &Volume) -> Result<(), VaultError> {
        if !self.format_text.is_empty() {
            volume.write_format_text(&self.format_text)?;
        }
        self.write_program(volume)
    }

    fn write_program(&self, volume: &Volume) -> Result<(), VaultError> {
        let Some((mut program, _)) = self.program()? else { return Ok(()) };
        Ok(volume.write_rescue_program(&mut program)?)
    }

    fn program(&self) -> Result<Option<(File, u64)>, VaultError> {
        let Some(program) = &self.rescue_program else { return Ok(None) };
        let bad = |source| VaultError::Path { path: program.display().to_string(), source };
        let file = File::open(program).map_err(bad)?;
        let len = file.metadata().map_err(bad)?.len();
        Ok(Some((file, len)))
    }

    fn compare_program(&self, volume: &Volume, look: Look) -> Result<Companion, VaultError> {
        let Some((mut program, len)) = self.program()? else { return Ok(Companion::Right) };
        Ok(match look {
            Look::Quick => volume.compare_rescue_program(len, None)?,
            Look::Close => volume.compare_rescue_program(len, Some(&mut program))?,
        })
    }
}

impl Vault {
    /// What one volume lacks of what makes it readable by itself; `mend` writes it.
    pub(crate) fn inspect(&self, volume: &Volume, look: Look, mend: bool) -> Vec<Lack> {
        let mut lacks = Vec::new();
        let mend = mend && !volume.is_read_only();
        let mut lack = |what, write: &dyn Fn() -> Result<(), VaultError>| {
            lacks.push(Lack { what, mended: mend && write().is_ok() });
        };
        // A clone's superblocks are evidence and stay as they are.
        if volume.identity().serial_matches && !volume.superblocks_are_whole() {
            lack("a copy of the superblock is damaged, missing or old", &|| {
                Ok(volume.write_superblocks()?)
            });
        }
        if !self.has_keys(volume) {
            lack("a copy of the key file is damaged, missing or old", &|| {
                self.keys.now().write_to(volume)
            });
        }
        let (seq, hash, head) = {
            let writer = self.writer();
            (writer.chain.head_seq, writer.chain.head_hash, Arc::clone(&writer.chain.head))
        };
        let found = volume.read_head(&Volume::head_name(seq, hash));
        if found.map_or(true, |found| found != *head) {
            lack("the newest head is damaged or missing", &|| {
                Ok(volume.write_head(seq, hash, &head)?)
            });
        }
        let beside = &self.options.on_volume;
        if !beside.format_text.is_empty() {
            let write = || Ok(volume.write_format_text(&beside.format_text)?);
            match volume.compare_format_text(&beside.format_text) {
                Companion::Right => {}
                Companion::Missing => lack("FORMAT.md is missing", &write),
                Companion::Differs => lack("FORMAT.md is damaged or of another version", &write),
            }
        }
        match beside.compare_program(volume, look) {
            Ok(Companion::Right) => {}
            Ok(Companion::Missing) => {
                lack("holdfast-rescue is missing", &|| beside.write_program(volume));
            }
            Ok(Companion::Differs) | Err(_) => {
                lack("holdfast-rescue is damaged or of another version", &|| {
                    beside.write_program(volume)
                });
            }
        }
        lacks
    }

    fn has_keys(&self, volume: &Volume) -> bool {
        let found = volume.read_keys().unwrap_or_default();
        let file = self.keys.file();
        let right = |bytes: &&Vec<u8>| KeyFile::decode(bytes).is_ok() && **bytes == *file;
        found.iter().filter(right).count() == volume::COPIES_OF_KEYS
    }

    /// Completes every volume that takes writes; what could not be written is named.
    pub(crate) fn complete_all(&self, look: Look) -> Vec<String> {
        let mut failed = Vec::new();
        for (label, volume) in self.volumes_where(|m| m.takes_writes() && !m.retiring) {
            let lacks = self.inspect(&volume, look, true).into_iter();
            failed.extend(lacks.filter(|l| !l.mended).map(|l| format!("{label}: {}", l.what)));
        }
        self.share_heads();
        failed
    }

    /// Attached volumes and what they are called, to be dealt with while no lock is held: the
    /// writer, which is asked for the newest head, may be waiting for the members.
    pub(crate) fn volumes_where(
        &self,
        chosen: impl Fn(&Member) -> bool,
    ) -> Vec<(String, Arc<Volume>)> {
        let members = self.members();
        let chosen = members.attached.iter().filter(|member| chosen(member));
        chosen.map(|member| (member.label.clone(), Arc::clone(&member.volume))).collect()
    }
}
