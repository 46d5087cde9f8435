//! The built page as part of the program: its files, each with its packed twin where there is one.
//!
//! It reads nothing while it runs. Without Node the program is built all the same, with a placeholder that
//! says so. How it is served: `api`'s `pages`. Start at [`find`].
#![warn(missing_docs)]

/// One file of the page.
#[derive(Clone, Copy, Debug)]
pub struct File {
    /// Where the browser asks for it: `/index.html`.
    pub path: &'static str,
    /// It.
    pub bytes: &'static [u8],
    /// It, packed with brotli.
    pub brotli: Option<&'static [u8]>,
}

/// All of them, by path.
pub const ALL: &[File] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// The page was not built with this program: there is only a placeholder.
pub const IS_PLACEHOLDER: bool = cfg!(page_is_placeholder);

/// The file that answers this path.
pub fn find(path: &str) -> Option<&'static File> {
    let path = if path == "/" { "/index.html" } else { path };
    let at = ALL.binary_search_by(|file| file.path.cmp(path)).ok()?;
    ALL.get(at)
}

impl File {
    /// Its name holds a hash of what is in it: whoever has it needs not ask again.
    pub fn is_hashed(&self) -> bool {
        self.path.starts_with("/assets/")
    }

    /// Its media type.
    pub fn kind(&self) -> &'static str {
        match self.path.rsplit_once('.').map(|(_, kind)| kind) {
            Some("html") => "text/html; charset=utf-8",
            Some("js") => "text/javascript; charset=utf-8",
            Some("css") => "text/css; charset=utf-8",
            Some("svg") => "image/svg+xml",
            Some("woff2") => "font/woff2",
            Some("json") => "application/json",
            Some("txt") => "text/plain; charset=utf-8",
            _ => "application/octet-stream",
        }
    }
}
