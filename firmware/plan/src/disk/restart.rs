//! What a yes to erasing is worth after the box was off, or its program was.
//!
//! While the program runs it sees each pull, and a pull takes a yes back. What happened while nobody
//! looked is not known, and the count of plug-ins begins anew with the system. So a yes goes on only
//! when the disk itself proves that it is what its owner was shown: its hardware by a serial or
//! world-wide name, and what is on it by a count of files that is still the same to the byte, or by
//! a volume's ids. What goes then is what he named, wherever the disk was meanwhile. A blank disk needs
//! no proof: on it nothing can go. Anything else is asked anew, which costs a few words.
//! Start at [`Roster::begin_anew`].

use types::{DiskContent, Foreign};

use super::joining::Joining;
use super::news::News;
use super::roster::{Entry, Roster};

impl Roster {
    /// To be called once, with what was kept, before the first look.
    pub fn begin_anew(&mut self) -> Vec<News> {
        let mut news = Vec::new();
        for entry in self.entries.iter_mut().filter(|entry| !proves_itself(entry)) {
            match entry.life.joining() {
                Joining::Waiting { .. } | Joining::Ready { .. } => {
                    entry.life = entry.life.undo().unwrap_or(entry.life);
                    news.push(News::EraseForgotten { place: entry.place.clone() });
                }
                // Perhaps begun, perhaps not: only what bears the order's own label may go on.
                Joining::Formatting { .. } => entry.content = DiskContent::Unknown,
                // What is put back, the board compares with what it kept.
                Joining::No
                | Joining::Kept { .. }
                | Joining::PuttingBack
                | Joining::Formatted { .. } => {}
            }
        }
        news
    }
}

fn proves_itself(entry: &Entry) -> bool {
    let has_name = entry.identity.serial.is_some() || entry.identity.wwn.is_some();
    match &entry.content {
        DiskContent::Blank => true,
        DiskContent::Volume(_) => has_name,
        DiskContent::Foreign(Foreign { files, bytes, .. }) => {
            has_name && files.is_some() && bytes.is_some()
        }
        DiskContent::Unknown => false,
    }
}
