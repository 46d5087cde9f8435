//! Pairing with a box, and where that is kept: in a file of its user's alone.
//!
//! The code says which box is meant, so nothing secret is sent before the box has shown that it is the one.
//! Start at [`pair`].

use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use calls::SecretText;
use calls::afar::{Pair, Paired, SEAL_LEN, seal_of, unhex};
use seal::NamingKeys;
use serde::{Deserialize, Serialize};
use volume::{FsDisk, durable};
use zeroize::Zeroizing;

use crate::error::ComputerError;
use crate::line::{agent, answered, escaped, json};

/// Letters of a code that are secret.
const SECRET_LEN: usize = 12;
/// A name of a box: it is a file's name, too.
const NAME_LEN_MAX: usize = 64;

/// What is known of a box that this computer is paired with.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pairing {
    /// Where it is.
    pub address: String,
    /// The certificate of its authority: nobody else is trusted.
    pub ca: String,
    /// For requests.
    pub token: SecretText,
    /// The keys that cut and name, as hex digits.
    keys: SecretText,
    /// The source that this computer is.
    pub source: String,
    /// Whose it is.
    pub person: String,
}

impl Pairing {
    /// The keys that cut and name.
    pub fn keys(&self) -> Result<NamingKeys, ComputerError> {
        let bytes = unhex(self.keys.reveal()).map(Zeroizing::new);
        let keys = bytes.as_deref().and_then(|bytes| NamingKeys::from_bytes(bytes));
        keys.ok_or_else(|| ComputerError::Odd { what: "keys that are none".to_owned() })
    }
}

/// Where pairings and caches are.
#[derive(Clone, Debug)]
pub struct Folders {
    /// Of pairings.
    pub config: PathBuf,
    /// Of what can be made anew.
    pub cache: PathBuf,
}

impl Folders {
    /// Those of this user, from the environment: `XDG_CONFIG_HOME`, `XDG_CACHE_HOME`, or below `HOME`.
    pub fn of_user(variable: impl Fn(&str) -> Option<PathBuf>) -> Option<Self> {
        let home = || variable("HOME").filter(|path| path.is_absolute());
        let under = |name: &str, usual: &str| {
            let named = variable(name).filter(|path| path.is_absolute());
            named.or_else(|| Some(home()?.join(usual)))
        };
        Some(Self {
            config: under("XDG_CONFIG_HOME", ".config")?.join("holdfast/boxes"),
            cache: under("XDG_CACHE_HOME", ".cache")?.join("holdfast"),
        })
    }

    fn file(&self, name: &str) -> PathBuf {
        self.config.join(format!("{name}.json"))
    }

    /// Whether a box of this name is known.
    pub fn knows(&self, name: &str) -> bool {
        is_name(name) && self.file(name).is_file()
    }

    /// The names of all that are known.
    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.config).into_iter().flatten().flatten();
        let name = |entry: fs::DirEntry| {
            entry.file_name().to_str()?.strip_suffix(".json").map(str::to_owned)
        };
        let mut names: Vec<String> = entries.filter_map(name).collect();
        names.sort();
        names
    }

    /// Forgets a box, and what could be made anew of what was stored there. What it holds stays there, and
    /// its list of devices names this computer until its owner takes that back.
    pub fn forget(&self, name: &str) -> Result<(), ComputerError> {
        if !self.knows(name) {
            return Err(ComputerError::NotPaired { name: name.to_owned() });
        }
        let (file, cache) = (self.file(name), self.cache.join(name));
        fs::remove_file(&file).map_err(|source| ComputerError::Own { path: file, source })?;
        match fs::remove_dir_all(&cache) {
            Err(source) if source.kind() != ErrorKind::NotFound => {
                Err(ComputerError::Own { path: cache, source })
            }
            _ => Ok(()),
        }
    }

    /// What is known of a box.
    pub fn load(&self, name: &str) -> Result<Pairing, ComputerError> {
        if !self.knows(name) {
            return Err(ComputerError::NotPaired { name: name.to_owned() });
        }
        let path = self.file(name);
        let bytes = fs::read(&path).map(Zeroizing::new);
        let bytes = bytes.map_err(|source| ComputerError::Own { path: path.clone(), source })?;
        // What serde says may hold what stands there.
        serde_json::from_slice(&bytes)
            .map_err(|_| ComputerError::Own { path, source: ErrorKind::InvalidData.into() })
    }

    fn save(&self, name: &str, pairing: &Pairing) -> Result<(), ComputerError> {
        let own = |path: &Path| {
            let path = path.to_owned();
            move |source: io::Error| ComputerError::Own { path, source }
        };
        private_folder(&self.config).map_err(own(&self.config))?;
        let text = serde_json::to_vec_pretty(pairing).map(Zeroizing::new);
        let text = text.map_err(|error| own(&self.config)(error.into()))?;
        let file = format!("{name}.json");
        // In a folder that nobody else may enter, so that it is never seen before its mode is set.
        let disk = FsDisk::plain_folder(&self.config).map_err(own(&self.config))?;
        let put = durable::replace_file(&disk, &file, &text);
        put.map_err(|failure| own(&self.file(name))(io::Error::other(failure)))?;
        let only_mine = fs::Permissions::from_mode(0o600);
        fs::set_permissions(self.file(name), only_mine).map_err(own(&self.file(name)))
    }
}

/// Makes a folder that only its user may enter.
pub(crate) fn private_folder(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o700))
}

fn is_name(name: &str) -> bool {
    (1..=NAME_LEN_MAX).contains(&name.len())
        && !name.starts_with('.')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte))
}

/// A code in its two parts.
pub struct Split {
    secret: Zeroizing<String>,
    seal: String,
}

impl std::fmt::Debug for Split {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Split(..)")
    }
}

impl Split {
    /// Reads a code as somebody typed it.
    pub fn read(typed: &str) -> Result<Self, ComputerError> {
        let mut letters = Zeroizing::new(String::with_capacity(SECRET_LEN + SEAL_LEN));
        for letter in typed.trim().chars().filter(|letter| !matches!(letter, '-' | ' ')) {
            let letter = match letter.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                'U' => 'V',
                other => other,
            };
            if !letter.is_ascii_alphanumeric() || letters.len() == SECRET_LEN + SEAL_LEN {
                return Err(ComputerError::BadCode);
            }
            letters.push(letter);
        }
        if letters.len() != SECRET_LEN + SEAL_LEN {
            return Err(ComputerError::BadCode);
        }
        let secret = Zeroizing::new(letters[..SECRET_LEN].to_owned());
        Ok(Self { secret, seal: letters[SECRET_LEN..].to_owned() })
    }
}

/// Whether a pairing is still good for something: the box knows it, or cannot be asked. One that the box
/// has taken back is in nobody's way, nor is one with a box that was made anew: at its address is now the
/// box whose authority the code has borne out. Anybody else who answers there says nothing.
fn is_alive(old: &Pairing, address: &str, ca: &str) -> bool {
    if old.address == address && old.ca != ca {
        return false;
    }
    let Ok(agent) = agent(Some(&old.ca)) else { return true };
    let (address, source) = (&old.address, escaped(&old.source));
    let asked = agent
        .get(format!("https://{address}/api/v1/computers/{source}/versions?skip=0"))
        .header("authorization", format!("Bearer {}", old.token.reveal()))
        .call();
    asked.map_or(true, |answer| answer.status() != 401)
}

/// Pairs this computer with the box at `address` and keeps that under `name`. `computer` is what the box
/// calls it.
pub fn pair(
    folders: &Folders,
    (address, code): (&str, &Split),
    name: &str,
    computer: &str,
) -> Result<Pairing, ComputerError> {
    let address = address.trim_start_matches("https://").trim_end_matches('/');
    if !is_name(name) {
        return Err(ComputerError::NotPaired { name: name.to_owned() });
    }
    // Of whoever answers nothing is believed but what the code bears out, and nothing is sent to them.
    let shown = agent(None)?.get(format!("https://{address}/api/v1/ca.pem")).call();
    let other = || ComputerError::OtherBox { address: address.to_owned() };
    let ca = String::from_utf8(answered(address, shown)?).map_err(|_| other())?;
    if seal_of(&ca) != code.seal {
        return Err(other());
    }
    if folders.knows(name) && folders.load(name).is_ok_and(|old| is_alive(&old, address, &ca)) {
        return Err(ComputerError::PairedAlready { name: name.to_owned() });
    }
    let asked = Pair { code: SecretText::from(code.secret.to_string()), name: computer.to_owned() };
    let body = serde_json::to_vec(&asked).map(Zeroizing::new);
    let body = body.map_err(|error| ComputerError::Odd { what: error.to_string() })?;
    let request = agent(Some(&ca))?.post(format!("https://{address}/api/v1/pair"));
    let told = request.header("content-type", "application/json").send(&body[..]);
    let told = answered(address, told).map(Zeroizing::new)?;
    let Paired { token, keys, source, person } = json(&told)?;
    let pairing = Pairing { address: address.to_owned(), ca, token, keys, source, person };
    pairing.keys()?;
    folders.save(name, &pairing)?;
    Ok(pairing)
}
