//! Names of users and groups, as this computer's own tables have them.
//!
//! Read from `/etc/passwd` and `/etc/group`, never through the C library's name service: that
//! loads code at run time, which a static program (the rescue program on each disk) cannot, and
//! asks over the network where a folder of a million files must not. Names kept elsewhere stay
//! unknown; the numbers are always kept. Start at [`Directory::user`].

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::OnceLock;

/// A longer table is read in part: some thousand accounts fit.
const TABLE_LEN_MAX: u64 = 4 << 20;

/// One table, both ways.
#[derive(Debug, Default)]
struct Table {
    names: HashMap<u32, Vec<u8>>,
    numbers: HashMap<Vec<u8>, u32>,
}

impl Table {
    fn read(path: &Path) -> Self {
        let mut bytes = Vec::new();
        // A table that cannot be read is an empty one: names are a convenience.
        let read =
            File::open(path).and_then(|file| file.take(TABLE_LEN_MAX).read_to_end(&mut bytes));
        if read.is_err() {
            bytes.clear();
        }
        Self::parse(&bytes)
    }

    /// Lines `name:password:number:...`; of two for one name or number the first counts, as in the
    /// C library.
    fn parse(bytes: &[u8]) -> Self {
        let mut table = Self::default();
        for line in bytes.split(|byte| *byte == b'\n') {
            let mut fields = line.split(|byte| *byte == b':');
            let (name, number) = (fields.next().unwrap_or_default(), fields.nth(1));
            let number = number.and_then(|text| std::str::from_utf8(text).ok()?.parse().ok());
            if let Some(number) = number.filter(|_| !name.is_empty() && name[0] != b'#') {
                table.names.entry(number).or_insert_with(|| name.to_vec());
                table.numbers.entry(name.to_vec()).or_insert(number);
            }
        }
        table
    }
}

/// Users and groups, read when first asked for.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    users: OnceLock<Table>,
    groups: OnceLock<Table>,
}

impl Directory {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    fn users(&self) -> &Table {
        self.users.get_or_init(|| Table::read(Path::new("/etc/passwd")))
    }

    fn groups(&self) -> &Table {
        self.groups.get_or_init(|| Table::read(Path::new("/etc/group")))
    }

    pub(crate) fn user(&self, uid: u32) -> Option<Vec<u8>> {
        self.users().names.get(&uid).cloned()
    }

    pub(crate) fn group(&self, gid: u32) -> Option<Vec<u8>> {
        self.groups().names.get(&gid).cloned()
    }

    pub(crate) fn uid(&self, user: &[u8]) -> Option<u32> {
        self.users().numbers.get(user).copied()
    }

    pub(crate) fn gid(&self, group: &[u8]) -> Option<u32> {
        self.groups().numbers.get(group).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn accounts_are_read_and_odd_lines_passed_over() {
        let text = b"root:x:0:0:root:/root:/bin/sh\ntoor:x:0:0::/:\n\n# note:x:7\nbad:x:y:\nann\xff:x:1000:1000";
        let table = Table::parse(text);
        assert_eq!(table.names[&0], b"root");
        assert_eq!(table.numbers[b"toor".as_slice()], 0);
        assert_eq!(table.names[&1000], b"ann\xff");
        assert_eq!(table.names.len(), 2);
    }
}
