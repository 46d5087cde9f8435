//! What is on a disk, put together from what children found: bytes first, then inside each file
//! system.
//!
//! Never reads a byte of a foreign disk itself, and never lets a disk be written. A file system
//! that cannot be mounted is told by its name alone. Start at [`Hands::probe`].

use std::fs::File;
use std::io;
use std::path::PathBuf;

use board::{BoardError, DiskContent, DiskIdentity, Foreign};
use nix::fcntl::{PosixFadviseAdvice, posix_fadvise};
use serde::de::DeserializeOwned;
use types::Bytes;

use crate::child::inside::{ALREADY_MOUNTED, Inside, how_to_look};
use crate::child::{INSIDE, SURFACE};
use crate::discover::{Found, Part};
use crate::hands::Hands;
use crate::home;
use crate::look::{PartSeen, Sign, Surface};
use crate::mounts::DevNo;
use crate::outside::programs::Program;
use crate::window::is_claimed;

/// A file system, and the device it can be mounted from.
#[derive(Clone, Debug)]
pub(crate) struct Volume {
    pub(crate) node: PathBuf,
    pub(crate) number: DevNo,
    pub(crate) sign: Sign,
}

impl Hands {
    /// Looks at a disk.
    pub(crate) fn probe(&self, disk: &DiskIdentity) -> Result<DiskContent, BoardError> {
        self.content(disk).map(|(_, content)| content)
    }

    /// What is on a disk, and whether it is one that is being prepared.
    pub(crate) fn content(
        &self,
        disk: &DiskIdentity,
    ) -> Result<(Surface, DiskContent), BoardError> {
        let found = self.find(disk)?;
        let surface = self.surface(&found)?;
        let content = self.describe(&found, &surface)?;
        // Somebody may have exchanged it meanwhile; then this was about another disk.
        self.find_still(&found)?;
        Ok((surface, content))
    }

    fn describe(&self, found: &Found, surface: &Surface) -> Result<DiskContent, BoardError> {
        if surface.blank {
            return Ok(DiskContent::Blank);
        }
        if let Some(label) = &surface.unfinished {
            let label = Some(label.clone());
            return Ok(DiskContent::Foreign(Foreign { label, ..Foreign::default() }));
        }
        let mut signs: Vec<&Sign> = surface.whole.iter().collect();
        signs.extend(surface.parts.iter().filter_map(|part| part.sign.as_ref()));
        signs.extend(&surface.traces);
        let mut counts = Vec::new();
        for volume in self.volumes(found, surface)? {
            let inside = self.inside(found, &volume)?;
            if let Some(mark) = inside.volume {
                return Ok(DiskContent::Volume(mark.into()));
            }
            // It may be a volume: saying "foreign" would be wrong, and an invitation.
            if inside.unsure {
                return Ok(DiskContent::Unknown);
            }
            counts.push(inside.count);
        }
        // A sum with a part missing would be too small.
        let complete = !signs.is_empty() && counts.len() == signs.len();
        let sum: Option<(u64, u64)> = counts.into_iter().try_fold((0_u64, 0_u64), |sum, count| {
            let (files, bytes) = count?;
            Some((sum.0.saturating_add(files), sum.1.saturating_add(bytes)))
        });
        let sum = sum.filter(|_| complete);
        Ok(DiskContent::Foreign(Foreign {
            file_system: joined(signs.iter().map(|sign| sign.kind.word().to_owned())),
            label: joined(signs.iter().filter_map(|sign| sign.label.clone())),
            files: sum.map(|(files, _)| files),
            bytes: sum.map(|(_, bytes)| Bytes(bytes)),
        }))
    }

    /// Reads a disk's bytes, in a child.
    pub(crate) fn surface(&self, found: &Found) -> Result<Surface, BoardError> {
        let io = |error: io::Error| BoardError::io("look at", &found.info.identity, error);
        let device = File::open(&found.node).map_err(io)?;
        self.surface_of(&device, found.info.identity.size.0, found)
    }

    /// The same of something that is open already: the disk or a part of it.
    pub(crate) fn surface_of(
        &self,
        device: &File,
        size: u64,
        found: &Found,
    ) -> Result<Surface, BoardError> {
        let io = |error: io::Error| BoardError::io("look at", &found.info.identity, error);
        // The kernel caches a disk and its partitions apart: what was written through one shows in
        // the other only when it is read anew.
        let forget = PosixFadviseAdvice::POSIX_FADV_DONTNEED;
        posix_fadvise(device, 0, 0, forget).map_err(|error| io(error.into()))?;
        let (size, sector) = (size.to_string(), found.sector.to_string());
        let empty = self.empty_folder().map_err(io)?;
        let device = device.try_clone().map_err(io)?;
        self.ask(&[SURFACE, &size, &sector, &empty], Some(device)).map_err(io)
    }

    /// The file systems that can be mounted, with their devices.
    pub(crate) fn volumes(
        &self,
        found: &Found,
        surface: &Surface,
    ) -> Result<Vec<Volume>, BoardError> {
        let fit = |sign: &Sign| how_to_look(sign.kind.word()).is_some();
        let mut volumes = Vec::new();
        if let Some(sign) = surface.whole.clone().filter(fit) {
            volumes.push(Volume { node: found.node.clone(), number: found.number, sign });
        }
        for seen in &surface.parts {
            if let Some(sign) = seen.sign.clone().filter(fit) {
                let part = self.part(found, seen)?;
                volumes.push(Volume { node: part.node, number: part.number, sign });
            }
        }
        Ok(volumes)
    }

    /// The kernel's device for a partition. Kernels may be built without the reader for this kind
    /// of table, and a table that was just written is not read by itself: then it is told.
    fn part(&self, found: &Found, seen: &PartSeen) -> Result<Part, BoardError> {
        let wanted = |part: &Part| (part.start.0, part.len.0) == (seen.start, seen.len);
        if let Some(part) = found.parts.iter().find(|part| wanted(part)) {
            return Ok(part.clone());
        }
        let io = |error| BoardError::io("make known a partition of", &found.info.identity, error);
        self.show_part(found, seen.index, seen.start, seen.len).map_err(io)
    }

    /// Looks into a file system, in a child. One that crashes, is ended, or says what nobody can
    /// understand has not looked.
    pub(crate) fn inside(&self, found: &Found, volume: &Volume) -> Result<Inside, BoardError> {
        let disk = &found.info.identity;
        let at = self.empty_folder().map_err(|error| BoardError::io("look at", disk, error))?;
        // What the board has mounted for writing cannot be mounted otherwise: it is looked at there.
        let own = self.point(disk);
        let there = self.mounts()?.at(&own).is_some_and(|mount| mount.device == volume.number);
        // Without a window nobody looks: what is there must not be written by looking.
        // Nor is one that somebody has mounted for writing: through a window half of it would be seen.
        if !there && is_claimed(&volume.node) {
            return Ok(Inside::nobody_looked());
        }
        let window = if there { None } else { self.window(&volume.node).ok() };
        let from = match (&window, there) {
            (_, true) => &own,
            (Some(window), false) => &window.node,
            (None, false) => return Ok(Inside::nobody_looked()),
        };
        let Some(from) = from.to_str() else { return Ok(Inside::nobody_looked()) };
        let kind = if there { ALREADY_MOUNTED } else { volume.sign.kind.word() };
        Ok(self.ask(&[INSIDE, from, kind, &at], None).unwrap_or_else(|_| Inside::nobody_looked()))
    }

    /// Where children mount, and where they see nothing if they do not.
    fn empty_folder(&self) -> io::Result<String> {
        let folder = self.settings().home.join("look");
        home::make_closed(&folder)?;
        let words = folder.into_os_string().into_string();
        words.map_err(|_| io::Error::other("the folder for mounts has no plain name"))
    }

    fn ask<T: DeserializeOwned>(&self, words: &[&str], input: Option<File>) -> io::Result<T> {
        let answer = self.programs().run(Program::Probe, words, input)?;
        Ok(serde_json::from_slice(&answer.well(Program::Probe)?)?)
    }
}

/// `ext4 + exfat`, in the order in which they lie on the disk.
fn joined(words: impl Iterator<Item = String>) -> Option<String> {
    let words: Vec<String> = words.collect();
    (!words.is_empty()).then(|| words.join(" + "))
}
