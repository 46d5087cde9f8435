//! Trees that no computer has, sent by one that was paired: each is refused in words and becomes no version.
//!
//! A folder within itself is not among them: a node is named by its bytes, so none can hold its own name.
//! Start at [`Forged`].

use calls::JobSpec;
use format::entry::{Content, Entry, EntryKind, Extent, Manifest, Node, NodeChild};
use format::record::Snapshot;
use format::to_cbor;
use serde_json::Value;
use types::{ChunkId, SourceId};

use crate::computers::Computer;
use crate::forger::{Forger, fifo, file, link, named, record, xattr};
use crate::rig::noise;
use crate::web::Guest;

/// What is wrong, what is sent, and what the answer has to say of it.
struct Forged {
    root: Entry,
    says: &'static str,
}

impl Forger<'_> {
    fn one(&self, entry: Entry, says: &'static str) -> Forged {
        Forged { root: self.top(vec![entry]), says }
    }

    /// Names that are none, and folders that are not in order.
    fn bad_names(&self) -> Vec<Forged> {
        let bad: [&[u8]; 8] =
            [b"", b".", b"..", b"/", b"a/b", b"../../etc/passwd", b"a\0b", &[b'x'; 1_025]];
        let mut all: Vec<Forged> =
            bad.iter().map(|name| self.one(fifo(name), "cannot be a file's name")).collect();
        for names in [[&b"a"[..], b"a"], [b"b", b"a"]] {
            let root = self.top(names.iter().map(|name| fifo(name)).collect());
            all.push(Forged { root, says: "out of order" });
        }
        // Twice the same name, in two nodes of one folder.
        let leaf = self.node(&Node::Leaf(vec![fifo(b"a")]));
        let child = |first: &[u8]| NodeChild { first: first.to_vec().into(), node: leaf };
        for (children, says) in [
            (vec![child(b"a"), child(b"a")], "out of order"),
            (vec![child(b"a"), child(b"b")], "out of order"),
            (vec![child(b"../a")], "cannot be a file's name"),
            (vec![], "it is empty"),
        ] {
            let node = Some(self.node(&Node::Inner(children)));
            all.push(Forged { root: Entry { node, ..named(b"", EntryKind::Folder) }, says });
        }
        all
    }

    /// Files that have not what they say.
    fn bad_files(&self) -> Vec<Forged> {
        let here = self.chunk(&noise(5_000, 1));
        let long = Extent { len: 5_001, ..here };
        let behind = Extent { len: 10, offset: 4_995, ..here };
        let far = Extent { len: u64::MAX - 3, offset: 9, ..here };
        let sized = |size, extents| Entry { size, ..file(b"f", extents) };
        let (over, most) = (Extent::hole(u64::MAX), Extent::hole(i64::MAX.unsigned_abs()));
        let list = |pieces: Manifest, size| {
            let content = Some(Content::Manifest(self.piece(true, &to_cbor(&pieces))));
            Entry { size, content, ..named(b"f", EntryKind::File) }
        };
        let both = vec![file(b"a", vec![most]), file(b"b", vec![Extent::hole(1)])];
        vec![
            self.one(file(b"f", vec![long]), "behind the end of its piece"),
            self.one(file(b"f", vec![behind]), "behind the end of its piece"),
            self.one(file(b"f", vec![far]), "reaches beyond any chunk"),
            self.one(sized(4_999, vec![here]), "do not add up"),
            self.one(sized(1 << 63, vec![here]), "do not add up"),
            self.one(sized(0, vec![here]), "does not match its bytes"),
            self.one(sized(9, Vec::new()), "do not add up"),
            self.one(sized(0, vec![over, Extent::hole(1)]), "does not match its bytes"),
            self.one(sized(7, vec![over, Extent::hole(8)]), "do not add up"),
            self.one(file(b"f", vec![Extent::hole(1 << 63)]), "longer than a file can be"),
            Forged { root: self.top(both), says: "more than 2^63 - 1 bytes" },
            self.one(list(Manifest::Extents(vec![here]), 4_999), "do not add up"),
            self.one(list(Manifest::Extents(vec![long]), 5_001), "behind the end of its piece"),
            self.one(list(Manifest::Inner(Vec::new()), 1), "it is empty"),
        ]
    }

    /// Entries that contradict themselves, or are of a kind that no file system has.
    fn bad_entries(&self) -> Vec<Forged> {
        let node = self.folder(b"d", vec![fifo(b"a")]).node;
        let odd = |kind, change: &dyn Fn(&mut Entry)| {
            let mut entry = named(b"odd", kind);
            change(&mut entry);
            entry
        };
        let many = |value: usize| (0..15).map(|n| xattr(&[b'a' + n], &vec![7; value])).collect();
        let (pipe, dir, device) = (EntryKind::Fifo, EntryKind::Folder, EntryKind::BlockDevice);
        vec![
            self.one(odd(pipe, &|one| one.node = node), "a folder's node and is none"),
            self.one(odd(dir, &|one| one.size = 9), "has bytes and is not a file"),
            self.one(odd(EntryKind::Symlink, &|_| ()), "a link without a target"),
            self.one(odd(pipe, &|one| one.target = Some(b"/".to_vec().into())), "is no link"),
            self.one(link(b"odd", b"/etc\0/passwd"), "can be no path"),
            self.one(link(b"odd", &vec![b'/'; 1 << 19]), "can be no path"),
            self.one(odd(device, &|_| ()), "a device without a number"),
            self.one(odd(pipe, &|one| one.attrs.mode = u32::MAX), "permissions that do not exist"),
            self.one(odd(pipe, &|one| one.attrs.mtime.nanos = u32::MAX), "a time that is none"),
            self.one(odd(pipe, &|one| one.attrs.xattrs = vec![xattr(b"", b"")]), "can be none"),
            self.one(odd(pipe, &|one| one.attrs.xattrs = vec![xattr(b"a\0", b"")]), "can be none"),
            self.one(odd(pipe, &|one| one.attrs.xattrs = many(65_537)), "longer than one can be"),
            self.one(
                odd(pipe, &|one| {
                    one.attrs.xattrs = many(65_000);
                    one.attrs.user = Some(vec![b'u'; 30_000].into());
                }),
                "more attributes than one entry may have",
            ),
        ]
    }

    /// Folders in folders, without end or far too many.
    fn bad_shapes(&self) -> Vec<Forged> {
        let mut deep = self.top(vec![fifo(b"a")]);
        for _ in 0..70 {
            let name = vec![b'n'; 1_000];
            deep = self.top(vec![Entry { name: name.into(), ..deep }]);
        }
        let mut wide = self.top(vec![fifo(b"a"), fifo(b"b")]);
        for _ in 0..40 {
            let twice =
                [&b"a"[..], b"b"].map(|n| Entry { name: n.to_vec().into(), ..wide.clone() });
            wide = self.top(twice.to_vec());
        }
        // A node of which a list of nodes is made, one in the other.
        let mut high = self.node(&Node::Leaf(vec![fifo(b"a")]));
        for _ in 0..18 {
            high = self
                .node(&Node::Inner(vec![NodeChild { first: b"a".to_vec().into(), node: high }]));
        }
        let high = Entry { node: Some(high), ..named(b"", EntryKind::Folder) };
        let list = to_cbor(&Manifest::Extents(vec![Extent::hole(1)]));
        let list = Entry { node: Some(self.piece(true, &list)), ..named(b"d", EntryKind::Folder) };
        let nonsense = [&b""[..], b"\xff", b"no node", &[0x9f; 100_000], &[0x81; 1_000_000]];
        let nonsense = nonsense.map(|bytes| Forged {
            root: Entry { node: Some(self.piece(true, bytes)), ..named(b"", EntryKind::Folder) },
            says: "cannot be decoded",
        });
        let mut all = vec![
            Forged { root: deep, says: "more than 65,536 bytes" },
            Forged { root: wide, says: "more than 2^32 files and folders" },
            Forged { root: high, says: "wrong height" },
            self.one(list, "cannot be decoded"),
        ];
        all.extend(nonsense);
        all
    }
}

#[test]
fn a_forged_tree_is_refused_by_what_is_wrong_with_it_and_leaves_no_version() {
    let rig = crate::computers::rig();
    let running = rig.start();
    running.unlock();
    let ada = Guest::at_the_door(&rig).claims().raised();
    let forger = Forger { guest: &ada, computer: Computer::paired(&ada, "laptop") };
    let families =
        [forger.bad_names(), forger.bad_files(), forger.bad_entries(), forger.bad_shapes()];
    for (n, forged) in families.iter().flatten().enumerate() {
        let answer = forger.commits(&forged.root);
        assert_eq!(answer.status, 400, "{n}, {}: {}", forged.says, answer.text());
        assert!(answer.text().contains(forged.says), "{n}, {}: {}", forged.says, answer.text());
        assert!(answer.text().len() < 8_000, "{n}: an answer of {} bytes", answer.text().len());
    }
    assert_eq!(ada.get("/api/v1/sources")["sources"].as_array().unwrap().len(), 0);
    forger.others_are_out_of_reach(&ada);

    // The same program may still send what is sound, and only that is there.
    let here = forger.chunk(&noise(5_000, 1));
    forger.made(&forger.top(vec![file(b"sound", vec![here])]));
    assert_eq!(running.snapshots().len(), 1);
    running.done(JobSpec::Prune { allow_large: true });
    running.done(JobSpec::Check { read_data: true, repair: false });
    let read = ada.send("GET", "/api/v1/files/laptop/content?path=sound", None);
    assert!(read.status == 200 && read.body == noise(5_000, 1));
    assert_eq!(running.stop(), Some(0));
}

impl Forger<'_> {
    /// Pieces of another source and pieces that never came are both only missing, and a record is its sender's.
    fn others_are_out_of_reach(&self, ada: &Guest<'_>) {
        let other = Forger { guest: self.guest, computer: Computer::paired(ada, "desktop") };
        let theirs = other.chunk(&noise(7_000, 2));
        let folder = other.folder(b"d", vec![fifo(b"theirs")]);
        let never = Extent::chunk(ChunkId([7; 32]), 5);
        let nowhere = Entry { node: Some(ChunkId([8; 32])), ..named(b"d", EntryKind::Folder) };
        for entry in [file(b"f", vec![theirs]), file(b"f", vec![never]), folder, nowhere] {
            let answer = self.commits(&self.top(vec![entry]));
            let said: Value = answer.json();
            assert_eq!((answer.status, said["lacking"].as_array().map(Vec::len)), (200, Some(1)));
            assert!(said["version"].is_null(), "{said}");
        }
        // A record under another's name, or of another source, or with a top that is none.
        let top = self.top(vec![fifo(b"a")]);
        let claims = Snapshot { source: SourceId([3; 16]), ..record(top.clone()) };
        let with_name = record(Entry { name: b"..".to_vec().into(), ..top.clone() });
        let no_folder = record(fifo(b""));
        for (record, says) in [
            (claims, "not the sender's to say"),
            (with_name, "has no name"),
            (no_folder, "is not a folder"),
        ] {
            let answer = self.call("/versions", to_cbor(&record));
            assert_eq!(answer.status, 400, "{says}: {}", answer.text());
            assert!(answer.text().contains(says), "{says}: {}", answer.text());
        }
        for body in [Vec::new(), vec![0xff; 9], vec![0x81; 1 << 20], to_cbor(&top)] {
            assert_eq!(self.call("/versions", body).status, 400);
        }
        let answer = other.call("/../laptop/versions", to_cbor(&record(top)));
        assert!(matches!(answer.status, 400 | 403 | 404), "{}", answer.text());
    }
}
