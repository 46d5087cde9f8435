//! Checks what lies on each volume beside packs and keys: heads, the format description, the
//! rescue program.
//!
//! A running vault needs one good head and nothing else of it, so all of it can rot unnoticed until
//! a single disk is left. Each volume is held to be worth all of it alone. Mending takes a head from
//! another volume that has it, byte for byte. Start at [`Vault::check_heads`].

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use volume::{HeadFile, Volume, VolumeError};

use super::{CheckOptions, CheckReport, Damage};
use crate::Vault;
use crate::error::VaultError;
use crate::history::{Head, open_head};

/// A volume that can be looked at without holding the list of all.
struct Place {
    label: String,
    volume: Arc<Volume>,
    takes_writes: bool,
}

impl Vault {
    fn places(&self) -> Vec<Place> {
        let place = |member: &crate::members::Member| Place {
            label: member.label.clone(),
            volume: Arc::clone(&member.volume),
            takes_writes: member.takes_writes(),
        };
        self.members().attached.iter().map(place).collect()
    }

    /// The newest head on every volume, and with data all of them.
    pub(super) fn check_heads(
        &self,
        options: CheckOptions,
        report: &mut CheckReport,
    ) -> Result<(), VaultError> {
        let places = self.places();
        let (seq, hash) = {
            let writer = self.writer();
            (writer.chain.head_seq, writer.chain.head_hash)
        };
        for place in &places {
            // A disk that fails here fails its packs as well, and is named with them.
            let Ok(heads) = place.volume.list_heads() else { continue };
            let mut has_newest = false;
            for file in heads.iter().rev() {
                match self.sound_head(&place.volume, file) {
                    Ok(head) => has_newest |= (head.seq, head.hash) == (seq, hash),
                    Err(why) => {
                        let mended = options.repair
                            && place.takes_writes
                            && self.mend_head(&places, place, file).is_ok();
                        has_newest |= mended && file.seq == seq;
                        note(report, place, format!("a head is damaged: {why}"), mended);
                    }
                }
                if !options.read_data && has_newest {
                    break;
                }
            }
            if !has_newest && place.takes_writes && seq > 0 {
                let mended = options.repair && self.bring_head(&places, place, seq);
                note(report, place, "the newest head is missing".to_owned(), mended);
            }
        }
        Ok(())
    }

    /// A head whose content is what its name says, and signed by this vault.
    fn sound_head(&self, volume: &Volume, file: &HeadFile) -> Result<Head, String> {
        let head = open_head(&self.keys, volume, &file.name)?;
        if file.is(head.seq, head.hash) {
            Ok(head)
        } else {
            Err(format!("{} holds another head", file.name))
        }
    }

    /// Replaces a damaged head by another volume's copy; removes it when nobody has one.
    fn mend_head(
        &self,
        places: &[Place],
        place: &Place,
        file: &HeadFile,
    ) -> Result<(), VolumeError> {
        for other in places {
            if let Ok(head) = self.sound_head(&other.volume, file) {
                let bytes = other.volume.read_head(&file.name)?;
                return place.volume.write_head(head.seq, head.hash, &bytes);
            }
        }
        place.volume.remove_head(&file.name)
    }

    /// Copies the newest head from a volume that has it.
    fn bring_head(&self, places: &[Place], place: &Place, seq: u64) -> bool {
        places.iter().any(|other| {
            let heads = other.volume.list_heads().unwrap_or_default();
            heads.iter().filter(|file| file.seq == seq).any(|file| {
                self.sound_head(&other.volume, file).is_ok()
                    && self.mend_head(places, place, file).is_ok()
            })
        })
    }

    /// What is there for whoever finds the disk; the program only when data is read, too.
    pub(super) fn check_for_finders(
        &self,
        options: CheckOptions,
        report: &mut CheckReport,
    ) -> Result<(), VaultError> {
        let ours = &self.options.on_volume;
        for place in &self.places() {
            let (volume, text) = (&place.volume, &ours.format_text);
            if !text.is_empty() && !volume.format_text_is(text).unwrap_or(false) {
                let mended = options.repair && volume.write_format_text(text).is_ok();
                let what = "FORMAT.md is damaged, missing or of another version";
                note(report, place, what.to_owned(), mended);
            }
            let Some(program) = ours.rescue_program.as_deref().filter(|_| options.read_data) else {
                continue;
            };
            let bad = |source| VaultError::Path { path: program.display().to_string(), source };
            let (mut file, len) = opened(program).map_err(bad)?;
            if volume.rescue_program_is(&mut file, len).unwrap_or(false) {
                continue;
            }
            let (mut file, _) = opened(program).map_err(bad)?;
            let mended = options.repair && volume.write_rescue_program(&mut file).is_ok();
            let what = "the rescue program is damaged, missing or of another version";
            note(report, place, what.to_owned(), mended);
        }
        Ok(())
    }
}

fn opened(program: &Path) -> io::Result<(File, u64)> {
    let file = File::open(program)?;
    let len = file.metadata()?.len();
    Ok((file, len))
}

fn note(report: &mut CheckReport, place: &Place, what: String, repaired: bool) {
    report.repaired += u64::from(repaired);
    report.damaged.push(Damage { volume: place.label.clone(), pack: None, what, repaired });
}
