//! Small pictures: drawn by somebody else from the whole file, kept in memory within bounds.
//!
//! A picture that cannot be drawn is remembered as well, with the reason, and not tried again. Start at
//! [`Files::small_picture`].

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lru::LruCache;
use pictures::{Sort, Unseen, WHOLE_MAX, sort_of};
use tree::Tag;
use types::SpaceId;

use crate::browse::At;
use crate::error::FilesError;
use crate::{Files, NotOpen, PIECE_MAX, Place};

/// All small pictures together: a screen of a large monitor many times over.
const BYTES_MAX: usize = 48 << 20;
/// Pictures of which it is remembered that they cannot be drawn.
const REFUSED_MAX: NonZeroUsize = NonZeroUsize::MIN.saturating_add(20_000);

/// Why there is no small picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoSmall {
    /// It is of a kind that is not drawn.
    NoDecoder,
    /// It is damaged, or not what its name says.
    Broken,
    /// It has too many bytes or points.
    TooLarge,
    /// Drawing it did not come to an end.
    Lost,
}

/// A small picture, or why there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Small {
    /// The tag of the file that it is of.
    pub tag: Tag,
    /// A JPEG.
    pub picture: Result<Arc<[u8]>, NoSmall>,
}

type Key = (SpaceId, Tag);

/// Those that are kept.
pub(super) struct Kept(Mutex<Inside>);

struct Inside {
    drawn: LruCache<Key, Arc<[u8]>>,
    bytes: usize,
    refused: LruCache<Key, NoSmall>,
}

impl Default for Kept {
    fn default() -> Self {
        let (drawn, refused) = (LruCache::unbounded(), LruCache::new(REFUSED_MAX));
        Self(Mutex::new(Inside { drawn, bytes: 0, refused }))
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inside = self.inside();
        write!(out, "{} small pictures, {} bytes", inside.drawn.len(), inside.bytes)
    }
}

impl Kept {
    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Why there is none, where that is known.
    pub(super) fn refused(&self, space: SpaceId, tag: Tag) -> Option<NoSmall> {
        self.inside().refused.get(&(space, tag)).copied()
    }

    fn get(&self, key: Key) -> Option<Result<Arc<[u8]>, NoSmall>> {
        let mut inside = self.inside();
        if let Some(picture) = inside.drawn.get(&key) {
            return Some(Ok(Arc::clone(picture)));
        }
        inside.refused.get(&key).map(|why| Err(*why))
    }

    fn put(&self, key: Key, picture: &Result<Arc<[u8]>, NoSmall>) {
        let mut inside = self.inside();
        match picture {
            Ok(picture) => {
                inside.bytes += picture.len();
                let before = inside.drawn.put(key, Arc::clone(picture));
                inside.bytes -= before.map_or(0, |before| before.len());
                while inside.bytes > BYTES_MAX
                    && let Some((_, oldest)) = inside.drawn.pop_lru()
                {
                    inside.bytes -= oldest.len();
                }
            }
            Err(why) => drop(inside.refused.put(key, *why)),
        }
    }
}

impl Files {
    /// A file as a small picture. Reads all of it unless it was drawn before.
    pub fn small_picture(&self, place: &Place, at: &At, path: &[u8]) -> Result<Small, FilesError> {
        let file = self.open(place, at, path)?;
        let tag = file.shown.tag;
        let kept = &self.photos.small;
        if sort_of(path) != Some(Sort::Drawn) {
            return Ok(Small { tag, picture: Err(NoSmall::NoDecoder) });
        }
        if let Some(picture) = kept.get((place.space, tag)) {
            return Ok(Small { tag, picture });
        }
        let fits = usize::try_from(file.shown.size).ok().filter(|size| *size <= WHOLE_MAX);
        let drawn = match fits {
            None => Err(Unseen::TooLarge),
            Some(size) => {
                let mut whole = Vec::with_capacity(size);
                while whole.len() < size {
                    let piece = self.read(&file, whole.len() as u64, PIECE_MAX)?;
                    if piece.is_empty() {
                        break;
                    }
                    whole.extend_from_slice(&piece);
                }
                self.photos.eyes.open().draw(&whole)
            }
        };
        let picture = match drawn {
            Ok(picture) => Ok(Arc::from(picture)),
            Err(Unseen::Broken) => Err(NoSmall::Broken),
            Err(Unseen::TooLarge) => Err(NoSmall::TooLarge),
            Err(Unseen::Lost) => Err(NoSmall::Lost),
            Err(Unseen::Nobody) => return Err(nobody().into()),
        };
        kept.put((place.space, tag), &picture);
        Ok(Small { tag, picture })
    }
}

fn nobody() -> NotOpen {
    NotOpen {
        locked: false,
        sentence: "The box cannot draw small pictures now.".to_owned(),
        advice: "Try again in a moment; the pictures themselves can be opened.".to_owned(),
    }
}
