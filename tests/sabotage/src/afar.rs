//! Computers that send over the network: what one is told of the other, and what it may refer to.
//!
//! Start at [`ASKED`].

use format::entry::{Content, Entry, EntryKind, Extent};
use format::record::{Snapshot, SnapshotKind, SnapshotStats};
use format::to_cbor;
use tree::{FolderBuilder, ObjectReader, ObjectWriter};
use types::{ChunkId, ObjectId, SourceId, SpaceId, UnixTime};
use vault::{Committed, Named, Vault};

use crate::home::{Home, noise, said};
use crate::suite::Detector;

/// A computer that asks for what another has.
pub(crate) const ASKED: Detector = Detector { name: "asked for by another", run: asked };
/// A computer whose tree names what another has.
pub(crate) const REFERRED_TO: Detector =
    Detector { name: "referred to by another", run: referred_to };

fn send(vault: &Vault, source: &str, pieces: &[(bool, Vec<u8>)]) -> Result<(), String> {
    let space = vault.everyone();
    let keys = said("keys", vault.naming_keys(space))?;
    let mut rest = pieces.iter();
    let sent = vault.receive(space, source, &mut |buffer| {
        let Some((is_object, bytes)) = rest.next() else { return Ok(None) };
        buffer.clone_from(bytes);
        let id = if *is_object { keys.object_id(bytes) } else { keys.chunk_id(bytes) };
        Ok(Some(Named { is_object: *is_object, id }))
    });
    said("send", sent).map(drop)
}

fn asked() -> Result<(), String> {
    let home = Home::new(&["a", "b"]);
    let vault = home.create(2)?;
    let secret = noise(1, 5_000);
    send(&vault, "laptop", &[(false, secret.clone())])?;
    let space = vault.everyone();
    let id = said("keys", vault.naming_keys(space))?.chunk_id(&secret);
    let lacks = |source: &str| {
        let asked = [Named { is_object: false, id }];
        said("ask", vault.lacking(space, source, &asked)).map(|lacking| lacking[0])
    };
    if lacks("laptop")? {
        return Err("what the laptop sent is not known to be its own".to_owned());
    }
    // Asked for twice, before and after it has something itself.
    for _ in 0..2 {
        if !lacks("desktop")? {
            return Err("the desktop is told of a piece that only the laptop has sent".to_owned());
        }
        send(&vault, "desktop", &[(false, noise(2, 100))])?;
    }
    Ok(())
}

/// A folder's nodes as they are made.
struct Nodes<'v>(&'v Vault, SpaceId, Vec<(bool, Vec<u8>)>);

impl ObjectReader for Nodes<'_> {
    type Error = std::io::Error;

    fn get(&self, _id: &ObjectId) -> Result<std::sync::Arc<Vec<u8>>, std::io::Error> {
        Err(std::io::ErrorKind::NotFound.into())
    }
}

impl ObjectWriter for Nodes<'_> {
    fn put(&mut self, cbor: Vec<u8>) -> Result<ObjectId, std::io::Error> {
        let keys = self.0.naming_keys(self.1).map_err(std::io::Error::other)?;
        let id = keys.object_id(&cbor);
        self.2.push((true, cbor));
        Ok(id)
    }
}

/// What a computer sends: whether each is a folder object, and its bytes.
type Sent = Vec<(bool, Vec<u8>)>;

/// A version with one file that is made of this piece: what has to be sent for it, and its record.
fn version(vault: &Vault, id: ChunkId, len: u64) -> Result<(Sent, Vec<u8>), String> {
    let mut nodes = Nodes(vault, vault.everyone(), Vec::new());
    let mut file = Entry::new(b"secret".to_vec(), EntryKind::File);
    (file.size, file.content) = (len, Some(Content::Inline(vec![Extent::chunk(id, len)])));
    let mut folder = FolderBuilder::new();
    folder.push(&mut nodes, &file).map_err(|error| error.to_string())?;
    let mut root = Entry::new(Vec::new(), EntryKind::Folder);
    root.node = folder.finish(&mut nodes).map_err(|error| error.to_string())?;
    let record = Snapshot {
        source: SourceId::default(),
        source_name: String::new(),
        kind: SnapshotKind::Backup,
        root,
        started: UnixTime(1),
        finished: UnixTime(1),
        host: String::new(),
        paths: Vec::new(),
        excludes: Vec::new(),
        stats: SnapshotStats::default(),
        skipped: Vec::new(),
    };
    Ok((nodes.2, to_cbor(&record)))
}

fn referred_to() -> Result<(), String> {
    let home = Home::new(&["a", "b"]);
    let vault = home.create(2)?;
    let space = vault.everyone();
    let secret = noise(1, 5_000);
    let id = said("keys", vault.naming_keys(space))?.chunk_id(&secret);
    send(&vault, "laptop", &[(false, secret.clone())])?;
    let (nodes, record) = version(&vault, id, secret.len() as u64)?;
    for source in ["laptop", "desktop"] {
        send(&vault, source, &nodes)?;
        let committed = said("commit", vault.commit_from_afar(space, source, &record))?;
        match (source, committed) {
            ("laptop", Committed::Version { .. }) => {}
            ("desktop", Committed::Lacking(lacking)) if lacking.len() == 1 => {}
            ("desktop", Committed::Version { .. }) => {
                return Err("what only the laptop has sent is read by the desktop".to_owned());
            }
            (_, other) => return Err(format!("{source}: {other:?}")),
        }
    }
    Ok(())
}
