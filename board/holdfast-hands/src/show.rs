//! What the helper sees, as lines for whoever sets up a box. Start at [`disks`].

use board::{Board, BoardError, DiskContent, Power};

/// One line a disk: where, who, and what is on it. Disks that sleep are left to sleep.
pub(crate) fn disks(board: &dyn Board) -> Result<String, BoardError> {
    let mut text = format!("box: {}\n", board.profile().name);
    let all = board.disks()?;
    if all.is_empty() {
        text.push_str("no disks but the system's own\n");
    }
    for disk in all {
        let content = match disk.power {
            Power::Asleep => "asleep".to_owned(),
            Power::Awake | Power::Unknown => match board.probe(&disk.identity) {
                Ok(content) => words(&content),
                Err(error) => error.to_string(),
            },
        };
        text.push_str(&format!("{}: {}: {content}\n", disk.place, disk.identity));
    }
    Ok(text)
}

fn words(content: &DiskContent) -> String {
    match content {
        DiskContent::Unknown => "in use or not readable".to_owned(),
        DiskContent::Blank => "blank".to_owned(),
        DiskContent::Volume(_) => "a volume of a vault".to_owned(),
        DiskContent::Foreign(foreign) => {
            let kind = foreign.file_system.as_deref().unwrap_or("something unknown");
            let label = foreign.label.as_deref().unwrap_or("no label");
            match foreign.files {
                Some(files) => format!("{kind}, {label}, {files} files"),
                None => format!("{kind}, {label}"),
            }
        }
    }
}
