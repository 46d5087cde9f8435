//! One file for each thing that is fuzzed. A target panics when a promise does not hold, and
//! returns for every input that is merely wrong.

pub mod friends;
pub mod head;
pub mod key_file;
pub mod layout;
pub mod note;
pub mod pack;
pub mod planted;
pub mod records;
pub mod seal_pack;
pub mod superblock;
pub mod tree;
pub mod vault;
pub mod words;
