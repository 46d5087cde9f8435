//! The whole vault against a model of what it promises, and stories that each tell one promise.
//!
//! Everything goes through the vault's public face, on disks in memory or in temporary folders.
//! `sequences` runs random courses of events beside a reference model; the other modules are
//! written by hand. Start at [`sequences`], then [`model`].
#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]
#![expect(clippy::disallowed_methods, reason = "tests write, move and rename files of their own")]
#![expect(clippy::print_stderr, reason = "a run says how much it has tried")]

mod afar;
mod behind;
mod beside;
mod damage;
mod edits;
mod files;
mod histories;
mod keeping;
mod keys_kept;
mod leaving;
mod machine;
mod mixed_up;
mod model;
mod ops;
mod placing;
mod pruning;
mod reopening;
mod restoring;
mod rig;
mod room;
mod sequences;
mod spaces;
mod together;
