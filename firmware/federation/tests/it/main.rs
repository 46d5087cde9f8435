//! Two or three boxes in one process, over real sockets on 127.0.0.1 and real volumes in temporary
//! folders. Nothing is slept for: each waits for a state, for a bounded time. Start at `rig`.

mod breaking;
mod gate;
mod heads;
mod home;
mod keeping;
mod pact;
mod pairing;
mod post;
mod rig;
