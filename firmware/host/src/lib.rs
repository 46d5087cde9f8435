//! What both programs need of the computer that they run on: the clock, the kernel's randomness, the
//! vault's file, the folders of its volumes, and how a vault is opened.
//!
//! It holds no secret and decides nothing. Start at [`VaultFile::load`] and [`attach`].
#![warn(missing_docs)]

mod attach;
mod format_text;
mod real;
mod vault_file;

use std::path::PathBuf;

use vault::{OnVolume, Options};

pub use attach::{Attaching, Missing, attach};
pub use format_text::FORMAT_TEXT;
pub use real::{SystemClock, env};
pub use vault_file::{VaultFile, VaultFileError, VolumeAt, folder_of};

/// How any vault is opened. `program` is copied to every volume, to be there at the rescue.
pub fn options(catalog: Option<PathBuf>, program: Option<PathBuf>) -> Options {
    // A debug build is large and needs this computer's libraries: no use on a pulled disk.
    let rescue_program = program.filter(|_| !cfg!(debug_assertions));
    let on_volume = OnVolume { format_text: FORMAT_TEXT.to_owned(), rescue_program };
    Options { catalog, on_volume, ..Options::default() }
}
