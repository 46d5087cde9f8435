//! The box's hardware on Linux: disks from sysfs, the kernel's messages, ext4, lights.
//!
//! The real hands of the trait [`board::Board`]. It decides nothing, holds no key and has no
//! unsafe code. Disks are read from sysfs without waking them; what others wrote is read only by a
//! child with next to no rights; the one destructive act is in `prepare`, which finds its disk anew
//! right before the first write. Programs are started by one module, `outside::programs`.
//! Start reading at [`LinuxBoard`], then [`Settings`].
#![warn(missing_docs)]

mod before;
mod board;
mod burn;
mod button;
mod child;
mod discover;
mod events;
mod gpt;
mod hands;
mod home;
mod light;
mod look;
mod machine;
mod mount;
mod mounts;
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that starts programs and asks the time"
)]
mod outside;
mod owner;
mod prepare;
mod probe;
mod put_back;
mod settings;
mod smart;
mod uevent;
mod undo_file;
mod window;

pub use crate::board::LinuxBoard;
pub use child::answer as answer_as_child;
pub use machine::facts as machine_facts;
pub use owner::Owner;
pub use settings::Settings;
