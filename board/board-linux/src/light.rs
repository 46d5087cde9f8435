//! Lights beside bays, through the kernel's folders for them.
//!
//! One light has one colour: what is well, what wants attention and what failed are all lit, and
//! only the bay that is spoken of blinks. Start at [`set`].

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use types::Light;

use super::discover::attr;

/// Half of a blink, in milliseconds: quick enough to be seen among disks' own lights.
const BLINK_MS: &str = "250";

/// Sets the light at `path`, which the profile gives as `/sys/...`.
pub(crate) fn set(sys: &Path, path: &str, light: Light) -> io::Result<()> {
    let folder: PathBuf = sys.join(path.strip_prefix("/sys/").unwrap_or(path));
    let write = |name: &str, text: &str| {
        File::options().write(true).open(folder.join(name))?.write_all(text.as_bytes())
    };
    if light == Light::Here {
        write("trigger", "timer")?;
        // The two appear with the trigger; a light that blinks at its own pace blinks as well.
        write("delay_on", BLINK_MS).ok();
        write("delay_off", BLINK_MS).ok();
        return Ok(());
    }
    write("trigger", "none")?;
    match light {
        Light::Off => write("brightness", "0"),
        Light::Good | Light::Watch | Light::Failed | Light::Here => {
            let full = attr::number(&folder, "max_brightness").unwrap_or(1);
            write("brightness", &full.to_string())
        }
    }
}
