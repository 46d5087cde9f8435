//! Lights of a board whose kernel is a folder.

use board::{Board, BoardError};
use types::Light;

use crate::tree::Tree;

const FOLDER: &str = "sys/class/leds/bay1";

/// No shipped profile has lights beside its bays yet, so this one is made here.
fn lit() -> (Tree, board_linux::LinuxBoard) {
    let tree = Tree::new();
    for (name, text) in [("trigger", ""), ("brightness", ""), ("max_brightness", "255\n")] {
        tree.file(&format!("{FOLDER}/{name}"), text);
    }
    let text = "name = \"Box\"\n[[bay]]\nname = \"1\"\nrow = 0\ncolumn = 0\npath = \"/a/*\"\n\
        led = \"/sys/class/leds/bay1\"\n[[bay]]\nname = \"2\"\nrow = 0\ncolumn = 1\n\
        path = \"/b/*\"\n[[led]]\npath = \"/sys/class/leds/bay1\"\ncolour = \"blue\"\n\
        meaning = \"bay\"\n";
    let profile = board::profile::parse("box.toml", text).unwrap();
    let board = tree.board_with(profile);
    (tree, board)
}

#[test]
fn a_bay_that_is_spoken_of_blinks_and_the_others_are_lit_or_dark() {
    let (tree, board) = lit();
    board.light("1", Light::Good).unwrap();
    assert_eq!(tree.read(&format!("{FOLDER}/trigger")), "none");
    assert_eq!(tree.read(&format!("{FOLDER}/brightness")), "255");
    board.light("1", Light::Here).unwrap();
    assert!(tree.read(&format!("{FOLDER}/trigger")).starts_with("timer"));
}

#[test]
fn a_bay_without_a_light_is_no_error_and_one_that_is_not_there_is() {
    let (_tree, board) = lit();
    board.light("2", Light::Here).unwrap();
    let refused = board.light("3", Light::Here).unwrap_err();
    assert!(matches!(refused, BoardError::NoBay { .. }), "{refused}");
}
