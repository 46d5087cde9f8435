//! What the box looks like from outside, as far as its profile says: what a page draws.
//!
//! A computer without a profile has none, and then nothing is drawn: a bay that is not there would send
//! somebody to pull the wrong disk. Start at [`Enclosure`].

use serde::Serialize;
use utoipa::ToSchema;

/// The case of a box.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Enclosure {
    /// As its maker calls it.
    pub name: String,
    /// Its bays; none for a computer that disks stand beside.
    pub bays: Vec<BayShown>,
    /// Its USB sockets, by name.
    pub sockets: Vec<String>,
}

/// A bay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct BayShown {
    /// As it is printed on the case, and as [`calls::DiskShown::bay`] names it.
    pub name: String,
    /// From the top.
    pub row: u32,
    /// From the left.
    pub column: u32,
    /// It has a light that can say where it is.
    pub light: bool,
}
