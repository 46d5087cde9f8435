//! Why a command failed: one sentence, the chain of causes, one piece of advice, one exit code.
//!
//! What a lower crate said is passed on as it is. No message ever holds a secret; a mistyped word
//! is named, since it is none. Start at [`CliError`].

use std::error::Error;
use std::path::PathBuf;

use calls::FaultCode;
use filetree::WriteError;
use thiserror::Error;
use tree::EditError;
use vault::VaultError;

use crate::signals;

/// Why a command failed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum CliError {
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error(transparent)]
    Volume(#[from] volume::VolumeError),
    #[error(transparent)]
    Catalog(#[from] catalog::CatalogError),
    #[error(transparent)]
    Restore(#[from] restore::RestoreError),
    #[error(transparent)]
    Words(#[from] seal::WordsError),
    #[error(transparent)]
    Computer(#[from] computer::ComputerError),
    #[error("where this user's settings are is not known: HOME is not set")]
    NoHome,
    #[error(transparent)]
    Refused(#[from] calls::Fault),
    #[error("no box answers at {}", .socket.display())]
    NoBox { socket: PathBuf, source: std::io::Error },
    #[error("the talk with the box failed")]
    Talk { source: calls::TalkError },
    #[error("only the watching was stopped: job {job} goes on in the box")]
    GoesOn { job: calls::JobId, socket: PathBuf },
    #[error("a running box cannot be asked for that: {what}")]
    NotOfABox { what: &'static str },
    #[error("over the network only backup, restore, snapshots and ls can be asked of {name}")]
    NotOverTheNetwork { name: String },
    #[error("there is no box called {name}: this computer is paired with {paired}")]
    NoSuchBox { name: String, paired: String },
    #[error("no vault was named")]
    NoVaultNamed,
    #[error(transparent)]
    VaultFile(#[from] host::VaultFileError),
    #[error("the {what} {} cannot be read", .path.display())]
    SecretFile { what: &'static str, path: PathBuf, source: std::io::Error },
    #[error("the {what} {} is empty", .path.display())]
    SecretEmpty { what: &'static str, path: PathBuf },
    #[error("needed: the {what}; and there is no terminal to ask at")]
    NoTerminal { what: &'static str, option: &'static str },
    #[error("the terminal cannot be read")]
    Terminal { source: std::io::Error },
    #[error("the two passwords differ")]
    PasswordsDiffer,
    #[error("word {number} was not typed as it is on the sheet; nothing was created")]
    NotRetyped { number: usize },
    #[error("the recovery kit {} cannot be written", .path.display())]
    Kit { path: PathBuf, source: std::io::Error },
    #[error("{} belongs to user {user}, who could not read what root makes there", .folder.display())]
    AnotherUsers { folder: PathBuf, user: u32 },
    #[error("none of the vault's volumes is there:{detail}")]
    NothingThere { detail: String },
    #[error("no folder that was named holds a volume:{detail}")]
    NoVolumeNamed { detail: String },
    #[error("there is no volume {name:?} in this vault")]
    NoSuchVolume { name: String },
    #[error("{name:?} could be {count} volumes")]
    AmbiguousVolume { name: String, count: usize },
    #[error("{what}")]
    Usage { what: String },
    #[error("{} cannot be read", .path.display())]
    Input { path: PathBuf, source: std::io::Error },
    #[error("the output could not be written")]
    Output { source: std::io::Error },
    #[error("the vault was not created, and empty folders of it are left: {left}")]
    HalfCreated { left: String, source: Box<CliError> },
}

impl From<calls::TalkError> for CliError {
    fn from(error: calls::TalkError) -> Self {
        match error {
            calls::TalkError::Fault(fault) => Self::Refused(fault),
            source => Self::Talk { source },
        }
    }
}

impl CliError {
    /// What the owner can do now: one sentence.
    pub(crate) fn advice(&self) -> String {
        let text = match self {
            Self::Vault(VaultError::Write(WriteError::Exists { .. })) => {
                "Restore into an empty folder, or say --overwrite."
            }
            Self::Vault(VaultError::Write(WriteError::Denied { .. }))
            | Self::Vault(VaultError::Write(WriteError::Io { .. })) => {
                "Check that it is a folder, on a disk that can hold the files, and that you may write there."
            }
            Self::Vault(VaultError::Edit(EditError::Exists { .. })) => {
                "Choose another name, or say --replace."
            }
            Self::Vault(VaultError::Edit(EditError::NotEmpty { .. })) => {
                "Say --recursive if the folder is to go with everything in it."
            }
            Self::Vault(error) => return error.advice(),
            Self::Volume(error) => return error.advice().to_owned(),
            Self::Catalog(error) => return error.advice().to_owned(),
            Self::Restore(error) => return error.advice(),
            Self::Words(error) => return error.advice().to_owned(),
            Self::VaultFile(error) => return error.advice().to_owned(),
            Self::Computer(error) => return error.advice(),
            Self::NoHome => "Set HOME, or XDG_CONFIG_HOME and XDG_CACHE_HOME.",
            Self::Refused(fault) => return fault.advice.clone(),
            Self::NoBox { .. } => {
                "Start the box, or name its socket with --box; to work without one, name a vault with --vault."
            }
            Self::Talk { .. } => "See whether the box still runs, then ask again: no job is lost.",
            Self::GoesOn { job, socket } => {
                let jobs = format!("holdfast --box {} jobs", socket.display());
                return format!(
                    "`{jobs} watch {job}` follows it, and `{jobs} cancel {job}` stops it."
                );
            }
            Self::NotOfABox { .. } => {
                "A box that keeps its vault in folders can be stopped for this, and asked with --vault; one that cares for whole disks does not do it yet."
            }
            Self::NotOverTheNetwork { .. } => {
                "Ask for the rest in the box's page, or with `holdfast` on the box itself."
            }
            Self::NoSuchBox { .. } => {
                "Pair with it (`holdfast pair ADDRESS`), or name the socket of a box that runs here."
            }
            Self::HalfCreated { .. } => "Remove these folders, see to the cause, and start again.",
            Self::NoTerminal { option, .. } => return format!("Name a file with {option}."),
            Self::NoVaultNamed => {
                "Name the vault's file with --vault FILE or in HOLDFAST_VAULT; `holdfast vault create` writes one."
            }
            Self::SecretFile { .. } => "Check the path, and that you may read the file.",
            Self::SecretEmpty { .. } => "Write the secret into the file, or leave the option out.",
            Self::Terminal { .. } => "Name a file with --words-file or --password-file.",
            Self::PasswordsDiffer => "Start again and type the same password twice.",
            Self::NotRetyped { .. } => "Start again: the next sheet will have other words.",
            Self::Kit { .. } => "Name a new file in a folder that is yours.",
            Self::AnotherUsers { .. } => {
                "Say the same as that user, for a box: `runuser -u holdfast -- holdfast ...`."
            }
            Self::NothingThere { .. } => {
                "Check that the disks are mounted where the vault's file says."
            }
            Self::NoVolumeNamed { .. } => {
                "Name the folder under which each disk is mounted: the one that holds `holdfast`."
            }
            Self::NoSuchVolume { .. } => "`holdfast volume list` shows the volumes.",
            Self::AmbiguousVolume { .. } => "Give more digits of the id, or its path.",
            Self::Usage { .. } => "`holdfast help` shows how commands are written.",
            Self::Input { .. } => "Check the path, and that you may read the file.",
            Self::Output { .. } => "Check that what the output goes to has room.",
        };
        text.to_owned()
    }

    /// The causes below this error, the nearest first, none said twice.
    pub(crate) fn causes(&self) -> Vec<String> {
        let mut causes: Vec<String> = Vec::new();
        let mut said = self.to_string();
        let mut next = self.source();
        while let Some(cause) = next {
            let text = cause.to_string();
            // A transparent wrapper, or a lower crate that repeats its cause, says nothing new.
            if !said.contains(&text) {
                causes.push(text.clone());
                said = text;
            }
            next = cause.source();
        }
        causes
    }

    /// The process's exit code.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Vault(VaultError::Stopped)
            | Self::Computer(computer::ComputerError::Vault(VaultError::Stopped))
            | Self::Restore(restore::RestoreError::Vault(VaultError::Stopped))
                if signals::stopped() =>
            {
                signals::EXIT_STOPPED
            }
            Self::GoesOn { .. } => signals::EXIT_STOPPED,
            Self::Refused(fault) if fault.code == FaultCode::BadRequest => 2,
            Self::Usage { .. }
            | Self::AnotherUsers { .. }
            | Self::NotOfABox { .. }
            | Self::NotOverTheNetwork { .. }
            | Self::NoSuchBox { .. }
            | Self::NoVaultNamed
            | Self::Computer(
                computer::ComputerError::BadCode
                | computer::ComputerError::NotPaired { .. }
                | computer::ComputerError::NoVersion { .. },
            )
            | Self::NoTerminal { .. }
            | Self::VaultFile(host::VaultFileError::Exists { .. })
            | Self::Vault(VaultError::Bad { .. }) => 2,
            Self::HalfCreated { source, .. } => source.exit_code(),
            _ => 1,
        }
    }
}
