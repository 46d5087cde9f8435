//! The child that looks at foreign disks, as a program of its own. Not for people: started by hand
//! it does nothing. Start at [`board_linux::answer_as_child`].

use std::process::ExitCode;

fn main() -> ExitCode {
    board_linux::answer_as_child(std::env::args_os().skip(1)).unwrap_or(ExitCode::FAILURE)
}
