//! Words that stand nowhere else in the world, and where people would write them.
//!
//! The same each time, so that a word that was found can be looked for again. Start at
//! [`Words::new`] and [`Words::plant`].

use std::os::unix::fs::symlink;
use std::path::Path;

use crate::{Outcome, files};

/// A folder in the tree with a few files.
pub(in crate::story) const SMALL: &str = "small";
/// Files in each named folder.
const FILES_IN_FOLDER: usize = 9;
/// Words in each file.
const WORDS_IN_FILE: usize = 4;

/// Where a word stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::story) enum Kind {
    /// In the name of a source: a person, a computer.
    Source,
    /// What a link leads to.
    Target,
    /// In a tag: an attribute of a file.
    Tag,
    /// In the name of a folder.
    Folder,
    /// In the name of a file.
    Name,
    /// In a file.
    Content,
}

/// So many of each kind of ten thousand; the rest stand in files.
const SHARES: [(Kind, usize); 5] = [
    (Kind::Source, 10),
    (Kind::Target, 490),
    (Kind::Tag, 500),
    (Kind::Folder, 500),
    (Kind::Name, 500 * FILES_IN_FOLDER),
];

/// All of them.
#[derive(Debug)]
pub(in crate::story) struct Words(Vec<(Kind, String)>);

impl Words {
    /// So many words.
    pub(in crate::story) fn new(count: usize) -> Self {
        let kinds = SHARES.iter().flat_map(|(kind, share)| std::iter::repeat_n(*kind, *share));
        let kinds = kinds.chain(std::iter::repeat(Kind::Content));
        Self(kinds.take(count).enumerate().map(|(at, kind)| (kind, word(at))).collect())
    }

    /// Those of one kind.
    pub(in crate::story) fn of(&self, kind: Kind) -> Vec<&str> {
        let fits = self.0.iter().filter(|(one, _)| *one == kind);
        fits.map(|(_, word)| word.as_str()).collect()
    }

    /// Every word.
    pub(in crate::story) fn all(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(_, word)| word.as_str())
    }

    /// Writes all but the names of sources into a tree.
    pub(in crate::story) fn plant(&self, tree: &Path) -> Outcome<()> {
        let broken = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
        let mut names = self.of(Kind::Name).into_iter();
        let mut tags = self.of(Kind::Tag).into_iter();
        for folder in self.of(Kind::Folder) {
            let folder = tree.join(folder);
            files::folder(&folder)?;
            for name in names.by_ref().take(FILES_IN_FOLDER) {
                files::put(&folder.join(name), b"a file with a name")?;
            }
            if let Some(tag) = tags.next() {
                let tagged = xattr::set(&folder, "user.tag", tag.as_bytes());
                tagged.map_err(|error| broken(&folder, error))?;
            }
        }
        let links = tree.join("links");
        files::folder(&links)?;
        for (number, target) in self.of(Kind::Target).into_iter().enumerate() {
            let link = links.join(number.to_string());
            symlink(target, &link).map_err(|error| broken(&link, error))?;
        }
        let small = tree.join(SMALL);
        files::folder(&small)?;
        let letters = tree.join("letters");
        files::folder(&letters)?;
        for (number, words) in self.of(Kind::Content).chunks(WORDS_IN_FILE).enumerate() {
            // A few in the small folder, so that versions of other sources have words as well.
            let folder = if number < 10 { &small } else { &letters };
            files::put(&folder.join(format!("{number}.txt")), letter(number, words).as_bytes())?;
        }
        Ok(())
    }
}

fn word(number: usize) -> String {
    let hash = blake3::hash(format!("canary {number}").as_bytes()).to_hex();
    format!("canary{}", &hash.as_str()[..20])
}

/// Some are short and stay as they are; some are long and are worth being compressed.
fn letter(number: usize, words: &[&str]) -> String {
    let mut text = String::new();
    for word in words {
        let filler = "The weather was fine, and nothing else happened on that day.\n";
        text.push_str(&filler.repeat(number % 97));
        text.push_str(&format!("My secret is {word}, and you keep it.\n"));
    }
    text
}

#[test]
fn no_word_stands_in_another_and_every_kind_has_some() {
    let words = Words::new(10_000);
    let mut all: Vec<&str> = words.all().collect();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 10_000);
    assert!(all.iter().all(|word| word.len() == all[0].len()));
    for (kind, share) in SHARES {
        assert_eq!(words.of(kind).len(), share, "{kind:?}");
    }
    assert_eq!(words.of(Kind::Content).len(), 4_000);
}
