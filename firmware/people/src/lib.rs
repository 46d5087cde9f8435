//! Who lives with a box: accounts and roles, passwords, sessions, second factors, tokens of devices,
//! how often anybody may try, and the log of what was done.
//!
//! Pure: time and randomness arrive as arguments, and nothing here reads or writes. It keeps no secret
//! that would let anybody in: of passwords, codes and tokens only what is needed to know them again.
//! It knows no HTTP and no vault; a person's space is a name. Start at [`House`], then
//! [`House::may_try`].
#![warn(missing_docs)]

mod account;
mod audit;
mod code;
mod device;
mod enter;
mod house;
mod key;
mod key_file;
mod pairing;
mod password;
mod person;
mod quota;
mod refusal;
mod session;
mod sheet;
mod time;
mod token;
mod totp;
mod tries;

pub use account::Invited;
pub use audit::{Broken, Entry, Link, Log, SEGMENT_ENTRIES, Told};
pub use code::{SpokenCode, normal};
pub use device::{Device, DeviceId, NewDevice, Scope};
pub use enter::{Attempt, Checked, Factor, SignedIn};
pub use house::House;
pub use key::{Turn, UsbKey};
pub use key_file::KeyFile;
pub use pairing::{PAIRING_FOR, PairingFor};
pub use password::{Cost, PASSWORD_LEN_MAX, PASSWORD_LEN_MIN, Verifier};
pub use person::{NAME_LEN_MAX, Person, PersonId, Role, SPACE_PREFIX};
pub use quota::{Limit, QUOTA_MAX};
pub use refusal::Refusal;
pub use session::{ELEVATED_FOR, IDLE_MAX, Session, SessionId};
pub use sheet::SHEET_CODES;
pub use time::Now;
pub use token::{Token, TokenHash};
pub use totp::{TotpSecret, code_at};
pub use tries::{HALVES_AN_HOUR, PLACES_MAX, Place, TRIES_AN_HOUR, TRIES_OF_ALL_AN_HOUR, Tries};
