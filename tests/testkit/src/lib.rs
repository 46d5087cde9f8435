//! What tests stand on: simulated parts of a box. Never linked into what ships.

pub mod catalogs;
pub mod dice;
pub mod env;
pub mod files;
pub mod friends;
pub mod picture;
pub mod shaky;
pub mod simdisk;
pub mod twist;
pub mod volumes;
