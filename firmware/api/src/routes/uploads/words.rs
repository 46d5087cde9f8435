//! The headers of tus, read and written.
//!
//! Decides nothing. Start at [`Head`].

use ::files::{Checksum, IfExists, NewUpload, UploadId, UploadWord, expected_tag};
use axum::http::HeaderMap;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::problem::Problem;

/// What `Upload-Concat` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Concat {
    Partial,
    Final(Vec<UploadId>),
}

/// What the headers of an upload say.
#[derive(Debug, Default)]
pub(super) struct Head {
    pub(super) offset: Option<u64>,
    pub(super) length: Option<u64>,
    pub(super) checksum: Option<Checksum>,
    pub(super) concat: Option<Concat>,
    is_deferred: bool,
    words: Vec<UploadWord>,
}

fn bad(name: &str) -> Problem {
    Problem::bad(format!("`{name}` cannot be read."), "Send it as tus 1.0 has it.")
}

impl Head {
    pub(super) fn read(headers: &HeaderMap) -> Result<Self, Problem> {
        let text = |name: &str| match headers.get(name) {
            None => Ok(None),
            Some(value) => value.to_str().map(Some).map_err(|_| bad(name)),
        };
        let number = |name: &str| -> Result<Option<u64>, Problem> {
            let Some(value) = text(name)? else { return Ok(None) };
            // Longer than any file system takes is no length.
            let read = value.parse().ok().filter(|number| *number <= i64::MAX.unsigned_abs());
            read.map(Some).ok_or_else(|| bad(name))
        };
        Ok(Self {
            offset: number("upload-offset")?,
            length: number("upload-length")?,
            checksum: text("upload-checksum")?.map(checksum).transpose()?,
            concat: text("upload-concat")?.map(concat).transpose()?,
            is_deferred: text("upload-defer-length")? == Some("1"),
            words: text("upload-metadata")?.map_or(Ok(Vec::new()), words)?,
        })
    }

    fn word(&self, keys: &[&str]) -> Option<&[u8]> {
        let of = |key: &&str| self.words.iter().find(|word| word.key.eq_ignore_ascii_case(key));
        keys.iter().find_map(of).map(|word| word.value.as_slice())
    }

    fn text_word(&self, keys: &[&str]) -> Option<&str> {
        self.word(keys).and_then(|value| std::str::from_utf8(value).ok())
    }

    pub(super) fn space(&self) -> Option<&str> {
        self.text_word(&["space"])
    }

    /// What is to be begun.
    pub(super) fn new_upload(&self, owner: String) -> Result<NewUpload, Problem> {
        let is_final = matches!(self.concat, Some(Concat::Final(_)));
        if !is_final && self.length.is_none() != self.is_deferred {
            let detail = "Neither `Upload-Length` nor `Upload-Defer-Length`, or both.";
            return Err(Problem::bad(detail, "Send one of the two."));
        }
        let piece = self.concat == Some(Concat::Partial);
        let source = self.text_word(&["source"]).unwrap_or_default().to_owned();
        if source.is_empty() && !piece {
            let next = "Say in `Upload-Metadata` which source the file goes to.";
            return Err(Problem::bad("The word `source` is missing.", next));
        }
        let path = self.word(&["path", "relativePath", "filename"]).unwrap_or_default().to_vec();
        let if_exists = match self.text_word(&["ifExists"]) {
            Some("replace") => IfExists::Replace,
            None | Some("keep-both") => IfExists::KeepBoth,
            Some(_) => return Err(bad("ifExists")),
        };
        let expected = match self.text_word(&["ifMatch"]).map(expected_tag) {
            None => None,
            Some(Some(::files::Expected::Tag(tag))) => Some(tag),
            Some(_) => return Err(bad("ifMatch")),
        };
        let (length, words) = (self.length, self.words.clone());
        Ok(NewUpload { owner, length, piece, source, path, words, if_exists, expected, room: None })
    }
}

fn checksum(text: &str) -> Result<Checksum, Problem> {
    let read = text.split_once(' ').and_then(|(algorithm, value)| {
        Checksum::new(algorithm, STANDARD.decode(value.trim()).ok()?)
    });
    read.ok_or_else(|| bad("Upload-Checksum"))
}

fn concat(text: &str) -> Result<Concat, Problem> {
    if text == "partial" {
        return Ok(Concat::Partial);
    }
    let pieces = text.strip_prefix("final;").ok_or_else(|| bad("Upload-Concat"))?;
    let id = |place: &str| {
        // An address, with or without the box's name and what stands behind the number.
        let path = place.split('?').next().unwrap_or_default();
        UploadId::read(path.rsplit('/').next().unwrap_or_default())
    };
    let ids: Option<Vec<UploadId>> = pieces.split_whitespace().map(id).collect();
    ids.map(Concat::Final).ok_or_else(|| bad("Upload-Concat"))
}

fn words(text: &str) -> Result<Vec<UploadWord>, Problem> {
    let mut words = Vec::new();
    for pair in text.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once(' ').unwrap_or((pair, ""));
        let value = STANDARD.decode(value.trim()).map_err(|_| bad("Upload-Metadata"))?;
        words.push(UploadWord { key: key.to_owned(), value: value.into() });
    }
    Ok(words)
}

/// Words as they were sent.
pub(super) fn write(words: &[UploadWord]) -> String {
    let one =
        |word: &UploadWord| format!("{} {}", word.key, STANDARD.encode(word.value.as_slice()));
    words.iter().map(one).collect::<Vec<_>>().join(",")
}
