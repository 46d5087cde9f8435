//! What the helper sees, as lines for whoever sets up a box. No disk is read for it. Start at [`disks`].

use board::{Board, BoardError, Power};

/// One line a disk: where, who, and what is odd about it.
pub(crate) fn disks(board: &dyn Board) -> Result<String, BoardError> {
    let mut text = format!("box: {}\n", board.profile().name);
    let all = board.disks()?;
    if all.is_empty() {
        text.push_str("no disks but the system's own\n");
    }
    for disk in all {
        text.push_str(&format!("{}: {}", disk.place, disk.identity));
        if disk.read_only {
            text.push_str(", read-only");
        }
        if disk.power == Power::Asleep {
            text.push_str(", asleep");
        }
        text.push('\n');
    }
    Ok(text)
}
