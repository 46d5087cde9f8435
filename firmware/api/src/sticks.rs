//! What the door asks of the box about sticks: which are plugged in, and the file of a key on them.
//!
//! The box decides nothing about keys: it finds files by a name, and puts one in place so that no cut loses
//! the one that was there. Whose they are is decided in `people`. Calls block. Start at [`Sticks`].

use std::fmt::Debug;

use calls::Fault;
use serde::Serialize;
use utoipa::ToSchema;
use zeroize::Zeroizing;

/// A stick on which a key can be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Stick)]
pub struct Stick {
    /// Names it for as long as it is plugged in.
    pub id: String,
    /// What it says it is.
    pub model: String,
    /// Where it is plugged in.
    pub place: String,
    /// Bytes that it holds.
    pub size: u64,
}

/// A file that may be a key's.
pub struct Found {
    /// The stick on which it lies.
    pub stick: String,
    /// Which plugging-in of all this is: another number each time that a stick comes.
    pub arrival: u64,
    /// It is the one that was to take the place of the other.
    pub is_beside: bool,
    /// What it says.
    pub bytes: Zeroizing<Vec<u8>>,
}

impl Debug for Found {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Found on {}", self.stick)
    }
}

/// Sticks that are plugged into the box.
pub trait Sticks: Send + Sync + Debug {
    /// Those on which a key can be made, in order of place.
    fn here(&self) -> Result<Vec<Stick>, Fault>;

    /// A number that changes whenever one is plugged in. Waits for nothing.
    fn arrivals(&self) -> u64;

    /// Files of this name on sticks that were plugged in a short while ago.
    fn read(&self, name: &str) -> Result<Vec<Found>, Fault>;

    /// Puts a file of this name on a stick, and says what was read there after it was mounted anew. Whatever
    /// happens meanwhile, the right one of the files that lay there still does: `is_beside` says which that is.
    fn write(
        &self,
        stick: &str,
        is_beside: bool,
        name: &str,
        text: &str,
    ) -> Result<Zeroizing<Vec<u8>>, Fault>;
}
