//! Which hardware a box has, as its settings say.
//!
//! A desk is simulated in a folder; a computer's own disks need root, or the helper that is. Writes nothing but the folder for
//! mounts. Start at [`find`].

use std::path::{Path, PathBuf};
use std::sync::Arc;

use board::{Board, Profile, profile};
use board_hands::RemoteBoard;
use board_linux::{LinuxBoard, Settings};
use board_sim::Machine;

use crate::board_settings::{BoardKind, BoardSettings};
use crate::error::StartError;
use crate::setup::Hardware;
use crate::volumes::Plugged;

/// Where the helper answers.
const HELPER: &str = "/run/holdfast-hands/hands.sock";
/// The program that looks at foreign disks, beside this one.
const PROBE: &str = "holdfast-probe";

/// Finds the hardware that the settings name. `vault` is the vault's file, which may not be there yet.
pub fn find(settings: &BoardSettings, vault: &Path) -> Result<Hardware, StartError> {
    let plugged = Arc::new(Plugged::new(vault.to_path_buf()));
    match settings.kind {
        BoardKind::Desk => {
            let folder = settings.folder.clone().unwrap_or_default();
            let machine = Machine::open(&folder).map_err(|error| {
                wrong(
                    &format!("the desk {} cannot be used", folder.display()),
                    &error,
                    error.advice(),
                )
            })?;
            Ok(Hardware { board: Arc::new(machine.clone()), desk: Some(machine), plugged })
        }
        BoardKind::Linux => {
            let board: Arc<dyn Board> = Arc::new(linux(settings)?);
            Ok(Hardware { board, desk: None, plugged })
        }
        BoardKind::Hands => {
            let socket = settings.helper.as_deref().unwrap_or(Path::new(HELPER));
            let board = RemoteBoard::connect(socket).map_err(|error| {
                wrong("the computer's disks cannot be used", &error, error.advice())
            })?;
            Ok(Hardware { board: Arc::new(board), desk: None, plugged })
        }
    }
}

fn linux(settings: &BoardSettings) -> Result<LinuxBoard, StartError> {
    let probe = settings.probe.clone().unwrap_or_else(beside);
    let mut found = Settings::of_system(probe);
    found.images.clone_from(&settings.folder);
    found.programs.clone_from(&settings.programs);
    if let Some(mounts) = &settings.mounts {
        found.home.clone_from(mounts);
    }
    let profile = chosen(settings, &found)?;
    LinuxBoard::new(found, profile)
        .map_err(|error| wrong("the computer's disks cannot be used", &error, error.advice()))
}

fn chosen(settings: &BoardSettings, found: &Settings) -> Result<Profile, StartError> {
    let chosen = match &settings.profile {
        Some(id) => profile::by_id(id),
        None => profile::choose(&board_linux::machine_facts(&found.sys, &found.proc)),
    };
    chosen.map_err(|error| wrong("the profile of this computer", &error, error.advice()))
}

fn beside() -> PathBuf {
    let own = std::env::current_exe().unwrap_or_default();
    own.parent().unwrap_or(Path::new("/")).join(PROBE)
}

fn wrong(what: &str, error: &dyn std::error::Error, advice: &'static str) -> StartError {
    StartError::Board { sentence: format!("{what}: {}", crate::show::whole(error)), advice }
}
