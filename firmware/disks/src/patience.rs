//! Asking a disk that may never answer: one thread a disk at most, and nobody waits for ever.
//!
//! Start at [`Waiting`].

use types::DiskIdentity;

/// Questions of one kind that are not answered yet.
pub(crate) type Waiting<T> = volume::Waiting<DiskIdentity, T>;
