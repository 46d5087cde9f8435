//! What a disk holds, in memory: pages that were written, zeros elsewhere.
//!
//! Pure. Copies share their pages, so a copy costs the table alone. Start at [`Image`].

use std::collections::HashMap;
use std::sync::Arc;

/// Bytes kept together; writes of the kernel are multiples of a part of it.
pub const PAGE: usize = 4096;

type Page = Arc<[u8; PAGE]>;

/// A sparse disk.
#[derive(Clone, Debug, Default)]
pub struct Image {
    pages: HashMap<u64, Page>,
}

/// Number of the page at an offset, and the offset within it.
fn place(offset: u64) -> (u64, usize) {
    let page = PAGE as u64;
    (offset / page, usize::try_from(offset % page).expect("less than a page"))
}

/// Cuts a range into its parts by page: page, offset within it, offset within the range, length.
fn parts(offset: u64, len: usize) -> impl Iterator<Item = (u64, usize, usize, usize)> {
    let mut done = 0;
    std::iter::from_fn(move || {
        if done == len {
            return None;
        }
        let (page, within) = place(offset + done as u64);
        let part = (PAGE - within).min(len - done);
        done += part;
        Some((page, within, done - part, part))
    })
}

impl Image {
    /// Pages that are there.
    pub fn len(&self) -> usize {
        self.pages.len()
    }

    /// True when nothing was written.
    pub fn is_empty(&self) -> bool {
        self.pages.is_empty()
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.pages.clear();
    }

    /// Writes bytes. What a page had before comes from `below` where this image has none.
    pub fn write(&mut self, offset: u64, bytes: &[u8], below: Option<&Self>) {
        for (number, within, from, len) in parts(offset, bytes.len()) {
            let part = &bytes[from..from + len];
            if let Ok(whole) = <[u8; PAGE]>::try_from(part) {
                self.pages.insert(number, Arc::new(whole));
                continue;
            }
            let before = self.pages.get(&number);
            let before = before.or_else(|| below.and_then(|image| image.pages.get(&number)));
            let mut page = before.map_or([0; PAGE], |page| **page);
            page[within..within + len].copy_from_slice(part);
            self.pages.insert(number, Arc::new(page));
        }
    }

    /// Reads bytes; `over` hides this image where it has a page.
    pub fn read(&self, offset: u64, out: &mut [u8], over: &Self) {
        for (number, within, from, len) in parts(offset, out.len()) {
            let page = over.pages.get(&number).or_else(|| self.pages.get(&number));
            let to = &mut out[from..from + len];
            match page {
                Some(page) => to.copy_from_slice(&page[within..within + len]),
                None => to.fill(0),
            }
        }
    }

    /// Every page that is there, with its offset.
    pub fn pages(&self) -> impl Iterator<Item = (u64, &[u8; PAGE])> {
        self.pages.iter().map(|(number, page)| (number * PAGE as u64, &**page))
    }

    /// Puts all pages of `over` on top, and drops those that hold only zeros.
    pub fn absorb(&mut self, over: &Self) {
        for (number, page) in &over.pages {
            if page.iter().all(|byte| *byte == 0) {
                self.pages.remove(number);
            } else {
                self.pages.insert(*number, Arc::clone(page));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(below: &Image, over: &Image, offset: u64, len: usize) -> Vec<u8> {
        let mut out = vec![7; len];
        below.read(offset, &mut out, over);
        out
    }

    #[test]
    fn what_is_written_over_borders_is_read_back_and_the_rest_is_zero() {
        let mut image = Image::default();
        let bytes: Vec<u8> = (0..9000_u32).map(|n| u8::try_from(n % 251).unwrap()).collect();
        image.write(4000, &bytes, None);
        let found = read(&image, &Image::default(), 3998, 9004);
        assert_eq!(found[..2], [0, 0]);
        assert_eq!(found[2..9002], bytes);
        assert_eq!(found[9002..], [0, 0]);
    }

    #[test]
    fn a_part_of_a_page_keeps_what_lay_below_it_and_leaves_that_unchanged() {
        let (mut below, mut over) = (Image::default(), Image::default());
        below.write(0, &[1; PAGE], None);
        over.write(512, &[2; 512], Some(&below));
        assert_eq!(read(&below, &over, 511, 514), [vec![1], vec![2; 512], vec![1]].concat());
        assert_eq!(read(&below, &Image::default(), 512, 1), [1]);
    }

    #[test]
    fn absorbing_takes_over_and_drops_zeros() {
        let (mut below, mut over) = (Image::default(), Image::default());
        below.write(0, &[1; PAGE], None);
        over.write(0, &[0; PAGE], None);
        over.write(PAGE as u64, &[3; PAGE], None);
        below.absorb(&over);
        assert_eq!(below.len(), 1);
        assert_eq!(read(&below, &Image::default(), 4095, 2), [0, 3]);
    }
}
