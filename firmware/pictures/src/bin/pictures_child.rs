//! The child that looks at pictures, as a program of its own, and one that tries to get out: for the tests.
//!
//! Not for people: started by hand it does nothing. Start at [`pictures::answer`].

use std::fs::File;
use std::io::Write;
use std::net::TcpListener;
use std::process::ExitCode;

fn main() -> ExitCode {
    if let Some(code) = pictures::answer(std::env::args_os().skip(1)) {
        return code;
    }
    let words: Vec<_> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let ["tries", how, what] = words[..] else { return ExitCode::FAILURE };
    if how == "shut-in" && pictures::shut_in().is_err() {
        return ExitCode::FAILURE;
    }
    let done = match what {
        "file" => File::open("/etc/hostname").is_ok(),
        "network" => TcpListener::bind("127.0.0.1:0").is_ok(),
        "thread" => std::thread::Builder::new().spawn(|| {}).is_ok(),
        "memory" => Vec::<u8>::new().try_reserve_exact(1 << 30).is_ok(),
        "nothing" => true,
        _ => false,
    };
    // Whether anything was said is looked at, too.
    std::io::stdout().write_all(if done { b"done" } else { b"no" }).ok();
    ExitCode::SUCCESS
}
