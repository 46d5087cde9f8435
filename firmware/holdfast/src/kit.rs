//! The recovery kit: the 24 words on paper or in a file, before the first byte is stored.
//!
//! As a file it is numbered lines, readable for its owner alone, that `--words-file` reads back.
//! On a terminal the words are shown once, taken off the screen, and two of them asked for.
//! Start at [`hand_over`].

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use seal::Words;
use zeroize::Zeroizing;

use crate::fail::CliError;
use crate::{out, secrets, signals};
use host::folder_of;

/// The words that are asked for: one from the first lines, one from the last.
const ASKED: [usize; 2] = [4, 17];
/// Tries for each of them: a slip of the finger should not cost the whole sheet.
const TRIES_MAX: u32 = 3;
/// Clears the screen and what was scrolled off it, and goes to the top.
const CLEAR: &str = "\x1b[2J\x1b[3J\x1b[H";

/// Gives the owner the words: into a new file, or on the terminal.
pub(crate) fn hand_over(words: &Words, file: Option<&Path>) -> Result<(), CliError> {
    match file {
        Some(file) => {
            write(words, file).map_err(|source| CliError::Kit { path: file.to_owned(), source })
        }
        None => show(words),
    }
}

/// A place for words that somebody else is about to draw.
pub(crate) struct Sheet<'a> {
    file: Option<(&'a Path, File)>,
}

impl<'a> Sheet<'a> {
    /// Makes the file, or sees that there is a terminal.
    pub(crate) fn prepare(file: Option<&'a Path>) -> Result<Self, CliError> {
        let Some(path) = file else {
            secrets::need_terminal("owner's eyes for the 24 words", "--kit-out")?;
            return Ok(Self { file: None });
        };
        let failed = |source| CliError::Kit { path: path.to_owned(), source };
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        Ok(Self { file: Some((path, made.map_err(failed)?)) })
    }

    /// No words came.
    pub(crate) fn throw_away(self) {
        if let Some((path, _)) = self.file {
            // Empty, and told by the error that follows.
            std::fs::remove_file(path).ok();
        }
    }

    /// Gives the owner the words.
    pub(crate) fn fill(self, words: &Words) -> Result<(), CliError> {
        let Some((path, mut file)) = self.file else { return show(words) };
        let written = file
            .write_all(numbered(words).as_bytes())
            .and_then(|()| file.sync_all())
            .and_then(|()| File::open(folder_of(path))?.sync_all());
        written.map_err(|source| CliError::Kit { path: path.to_owned(), source })
    }
}

fn numbered(words: &Words) -> Zeroizing<String> {
    let phrase = words.phrase();
    // Reserved beforehand: a string that grows leaves its old bytes behind.
    let mut text = Zeroizing::new(String::with_capacity(phrase.len() + 6 * seal::WORD_COUNT));
    for (at, word) in phrase.split(' ').enumerate() {
        text.push_str(&format!("{:>2}. ", at + 1));
        text.push_str(word);
        text.push('\n');
    }
    text
}

fn write(words: &Words, file: &Path) -> io::Result<()> {
    let mut made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
    made.write_all(numbered(words).as_bytes())?;
    made.sync_all()?;
    File::open(folder_of(file))?.sync_all()
}

fn show(words: &Words) -> Result<(), CliError> {
    secrets::need_terminal("owner's eyes for the 24 words", "--kit-out")?;
    out::prompt(CLEAR);
    out::prompt("These 24 words open the vault, whatever happens to this computer.\n");
    out::prompt("Write them down, in order, on paper:\n\n");
    out::prompt(&numbered(words));
    out::prompt("\nPress Enter when the sheet is written and hidden from view. ");
    line()?;
    out::prompt(CLEAR);
    let phrase = words.phrase();
    for number in ASKED {
        let wanted = phrase.split(' ').nth(number - 1);
        let mut tries = 0;
        loop {
            out::prompt(&format!("Word {number} of the sheet: "));
            let typed = line()?;
            if wanted == Some(typed.trim().to_lowercase().as_str()) {
                break;
            }
            tries += 1;
            if tries == TRIES_MAX {
                return Err(CliError::NotRetyped { number });
            }
            out::prompt("That is not it. Look at the sheet and type it again.\n");
        }
    }
    Ok(())
}

fn line() -> Result<Zeroizing<String>, CliError> {
    let mut typed = Zeroizing::new(String::with_capacity(256));
    signals::while_asking(|| io::stdin().read_line(&mut typed))
        .map_err(|source| CliError::Terminal { source })?;
    Ok(typed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_kit_reads_back_is_private_and_never_replaces_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("kit.txt");
        let words = Words::generate(&*host::env().rng);
        hand_over(&words, Some(&file)).unwrap();
        let text = std::fs::read_to_string(&file).unwrap();
        assert_eq!(*Words::parse(&text).unwrap().phrase(), *words.phrase());
        assert_eq!(text.lines().count(), 24);
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert!(matches!(hand_over(&words, Some(&file)), Err(CliError::Kit { .. })));
        assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
    }
}
