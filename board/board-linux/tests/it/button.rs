//! A button that is a pipe: the kernel's events are written into it by hand.

use std::fs::File;
use std::io::Write;
use std::time::Duration;

use board::{Board, Event, Press};
use board_linux::LinuxBoard;
use nix::sys::stat::Mode;
use nix::unistd::mkfifo;

use crate::tree::Tree;

const CODE: u16 = 408;
/// Only a failure waits so long.
const PATIENCE: Duration = Duration::from_secs(60);

struct Button {
    board: LinuxBoard,
    pipe: File,
    _tree: Tree,
}

impl Button {
    fn new() -> Self {
        let tree = Tree::new();
        tree.file("sys/class/input/event0/device/name", "Lid Switch\n");
        tree.file("sys/class/input/event3/device/name", "gpio-keys\n");
        tree.file("dev/input/none", "");
        let node = tree.path("dev/input/event3");
        mkfifo(&node, Mode::S_IRWXU).unwrap();
        // Open for both, so that the pipe never ends.
        let pipe = File::options().read(true).write(true).open(node).unwrap();
        let text = format!(
            "name = \"Box\"\n[button]\ndevice = \"gpio-keys\"\ncode = {CODE}\nhold_secs = 1\n"
        );
        let board = tree.board_with(board::profile::parse("box.toml", &text).unwrap());
        Self { board, pipe, _tree: tree }
    }

    fn key(&mut self, kind: u16, code: u16, value: u16) {
        let mut event = vec![0; 2 * size_of::<usize>()];
        event.extend([kind, code, value, 0].iter().flat_map(|half| half.to_le_bytes()));
        self.pipe.write_all(&event).unwrap();
    }

    fn next(&self) -> Option<Event> {
        self.board.next_event(PATIENCE).unwrap()
    }
}

#[test]
fn a_button_that_is_pressed_and_let_go_is_told_once() {
    let mut button = Button::new();
    // A report's end, and another key: neither says anything.
    button.key(0, 0, 0);
    button.key(1, CODE + 1, 1);
    button.key(1, CODE, 1);
    button.key(1, CODE, 2);
    button.key(1, CODE, 0);
    assert_eq!(button.next(), Some(Event::Button(Press::Short)));
    assert_eq!(button.board.next_event(Duration::ZERO).unwrap(), None);
}

#[test]
fn a_button_that_is_held_is_told_while_it_is_still_down_and_not_again_when_let_go() {
    let mut button = Button::new();
    button.key(1, CODE, 1);
    assert_eq!(button.next(), Some(Event::Button(Press::Held)));
    button.key(1, CODE, 0);
    button.key(1, CODE, 1);
    button.key(1, CODE, 0);
    assert_eq!(button.next(), Some(Event::Button(Press::Short)));
}

#[test]
fn a_button_that_sends_rubbish_is_given_up_and_the_board_goes_on() {
    let mut button = Button::new();
    button.pipe.write_all(b"half").unwrap();
    assert_eq!(button.board.next_event(Duration::from_millis(50)).unwrap(), None);
    button.key(1, CODE, 1);
    button.key(1, CODE, 0);
    assert_eq!(button.board.next_event(Duration::from_millis(50)).unwrap(), None);
}
