//! The words or the password, from a file or a prompt: never from the command line, never from an
//! environment variable (which can name a file only), never printed.
//!
//! An option wins over the environment. Start at [`Supplied::load`].

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use seal::Words;
use vault::Secrets;
use zeroize::Zeroizing;

use crate::args::Global;
use crate::fail::CliError;
use crate::out::Out;
use crate::signals;

/// A file with words or a password is never longer than this.
const SECRET_LEN_MAX: u64 = 64 << 10;
/// Fewer words than this, typed at a prompt, may be a password with spaces.
const WORDS_LIKELY: usize = 12;
const WORDS_FILE: &str = "words file";
const PASSWORD_FILE: &str = "password file";

/// What opens a vault.
pub(crate) enum Supplied {
    /// The 24 words.
    Words(Words),
    /// A password.
    Password(Zeroizing<Vec<u8>>),
}

impl Supplied {
    /// From the options, the environment, or the terminal: whichever comes first.
    pub(crate) fn load(global: &Global, out: &Out) -> Result<Self, CliError> {
        let env = |name: &str| std::env::var_os(name).filter(|path| !path.is_empty());
        if let Some(file) = &global.words_file {
            return words_from(file, out).map(Self::Words);
        }
        if global.password_file.is_none()
            && let Some(file) = env("HOLDFAST_WORDS_FILE")
        {
            return words_from(Path::new(&file), out).map(Self::Words);
        }
        if let Some(file) = password_file(global) {
            return password_from(&file, out).map(Self::Password);
        }
        ask()
    }

    /// As the vault takes it.
    pub(crate) fn as_secrets(&self) -> Secrets<'_> {
        match self {
            Self::Words(words) => Secrets::Words(words),
            Self::Password(password) => Secrets::Password(password),
        }
    }
}

impl Supplied {
    /// As a running box takes it.
    pub(crate) fn as_call(&self) -> Result<calls::Secret, CliError> {
        match self {
            Self::Words(words) => {
                Ok(calls::Secret::Words(words.phrase().as_str().to_owned().into()))
            }
            Self::Password(password) => std::str::from_utf8(password)
                .map(|text| calls::Secret::Password(text.to_owned().into()))
                .map_err(|_| CliError::Usage {
                    what: "a box takes only passwords that are text".to_owned(),
                }),
        }
    }
}

/// A password for a new vault.
pub(crate) fn new_password(global: &Global, out: &Out) -> Result<Zeroizing<Vec<u8>>, CliError> {
    if let Some(file) = password_file(global) {
        return password_from(&file, out);
    }
    need_terminal("password", "--password-file")?;
    let first = hidden("A password for this vault: ")?;
    let second = hidden("The same again: ")?;
    if *first != *second {
        return Err(CliError::PasswordsDiffer);
    }
    if first.is_empty() {
        return Err(CliError::Usage { what: "an empty password opens nothing".to_owned() });
    }
    Ok(Zeroizing::new(first.as_bytes().to_vec()))
}

/// A friend's invite, as it was sent.
pub(crate) fn ticket() -> Result<Zeroizing<String>, CliError> {
    need_terminal("invite that your friend sent", "--ticket-file")?;
    hidden("The invite that your friend sent: ")
}

/// A code with which this computer is paired, as the box shows it.
pub(crate) fn pairing_code() -> Result<Zeroizing<String>, CliError> {
    need_terminal("code that the box shows", "--code-file")?;
    hidden("The code that the box shows: ")
}

/// Whether there is somebody to ask.
pub(crate) fn need_terminal(what: &'static str, option: &'static str) -> Result<(), CliError> {
    let someone = io::stdin().is_terminal() && io::stderr().is_terminal();
    someone.then_some(()).ok_or(CliError::NoTerminal { what, option })
}

fn password_file(global: &Global) -> Option<PathBuf> {
    let env = || std::env::var_os("HOLDFAST_PASSWORD_FILE").filter(|path| !path.is_empty());
    global.password_file.clone().or_else(|| env().map(PathBuf::from))
}

fn words_from(file: &Path, out: &Out) -> Result<Words, CliError> {
    let bytes = secret_file(WORDS_FILE, file, out)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| CliError::SecretFile {
        what: WORDS_FILE,
        path: file.to_owned(),
        source: io::ErrorKind::InvalidData.into(),
    })?;
    Ok(Words::parse(text)?)
}

fn password_from(file: &Path, out: &Out) -> Result<Zeroizing<Vec<u8>>, CliError> {
    let mut bytes = secret_file(PASSWORD_FILE, file, out)?;
    // An editor ends the line; nobody types that at a prompt.
    for ending in [b'\n', b'\r'] {
        if bytes.last() == Some(&ending) {
            bytes.pop();
        }
    }
    if bytes.is_empty() {
        return Err(CliError::SecretEmpty { what: PASSWORD_FILE, path: file.to_owned() });
    }
    Ok(bytes)
}

/// A password, token or key that is not the vault's, from a file.
pub(crate) fn text_from(file: &Path, out: &Out) -> Result<String, CliError> {
    let bytes = password_from(file, out)?;
    std::str::from_utf8(&bytes).map(str::to_owned).map_err(|_| CliError::SecretFile {
        what: PASSWORD_FILE,
        path: file.to_owned(),
        source: io::ErrorKind::InvalidData.into(),
    })
}

fn secret_file(what: &'static str, file: &Path, out: &Out) -> Result<Zeroizing<Vec<u8>>, CliError> {
    let failed = |source| CliError::SecretFile { what, path: file.to_owned(), source };
    let opened = File::open(file).map_err(failed)?;
    let meta = opened.metadata().map_err(failed)?;
    if meta.is_file() && meta.permissions().mode() & 0o077 != 0 {
        let mode = meta.permissions().mode() & 0o777;
        out.warn(format_args!(
            "the {what} {} may be read by others (mode {mode:o}); chmod 600 keeps it yours",
            file.display()
        ));
    }
    // Reserved beforehand: a vector that grows leaves its old bytes behind.
    let room = usize::try_from(SECRET_LEN_MAX.min(meta.len() + 1)).unwrap_or(0).max(4096);
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    opened.take(SECRET_LEN_MAX).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.is_empty() {
        return Err(CliError::SecretEmpty { what, path: file.to_owned() });
    }
    Ok(bytes)
}

fn ask() -> Result<Supplied, CliError> {
    need_terminal("words or the password", "--words-file or --password-file")?;
    let typed = hidden("The 24 words, or the password: ")?;
    let count = typed.split_whitespace().count();
    if count >= WORDS_LIKELY {
        return Ok(Supplied::Words(Words::parse(&typed)?));
    }
    Ok(Supplied::Password(Zeroizing::new(typed.as_bytes().to_vec())))
}

fn hidden(prompt: &str) -> Result<Zeroizing<String>, CliError> {
    signals::while_asking(|| rpassword::prompt_password(prompt))
        .map(Zeroizing::new)
        .map_err(|source| CliError::Terminal { source })
}

impl std::fmt::Debug for Supplied {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Words(_) => "Words(..)",
            Self::Password(_) => "Password(..)",
        })
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn no_option_takes_a_secret_itself() {
        let mut waiting = vec![crate::args::Cli::command()];
        while let Some(command) = waiting.pop() {
            let takes = command.get_arguments().filter(|one| one.get_action().takes_values());
            for option in takes.filter_map(clap::Arg::get_long) {
                assert!(!["words", "password", "secret", "key"].contains(&option), "{option}");
            }
            waiting.extend(command.get_subcommands().cloned());
        }
    }
}
