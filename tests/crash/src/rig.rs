//! What every world of a search shares: keys, small real folders to back up, prepared disks, and
//! a stream of randomness that is new at every boot and yet the same for one seed.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use seal::Words;
use testkit::env::{ManualClock, SeededRng, noise};
use testkit::simdisk::SimDisk;
use types::{Bytes, UnixTime};
use vault::{Access, CreateSpec, Env, OpenReport, Options, Secrets, Vault, VaultError, WriterMode};

use crate::model::{Node, Tree};
use crate::salts::Salts;
use crate::tap::Tap;

/// Size of a simulated disk: room for every workload, and a reserve.
const DISK_LEN: Bytes = Bytes(Bytes::GIB);
/// Different folders to back up.
pub const FOLDERS: usize = 3;

/// Randomness that new vaults are made with, apart from all others.
const MAKING: u64 = 0x6d61_6b69_6e67;
/// When the folders to back up were last changed.
const CHANGED: std::time::Duration = std::time::Duration::from_secs(1_700_000_000);
/// A file that is rewritten in place, long enough that only its new blocks are stored.
const IMAGE_LEN: usize = 4 << 20;
/// Where it has bytes, and how many; holes else, so that reading it is cheap.
const IMAGE_RUNS: [(usize, usize); 2] = [(0, 96 << 10), (2 << 20, 96 << 10)];

/// Volumes and copies of a vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Shape {
    /// Disks that the vault begins with.
    pub disks: usize,
    /// Copies of each pack.
    pub copies: u8,
}

/// Keys, time and randomness of the worlds of one workload; with [`Rig::world`], of many.
#[derive(Debug)]
pub struct Rig {
    /// Everything follows from it.
    pub seed: u64,
    /// Sabotage: every boot draws the same random bytes, salts among them.
    pub same_salts: bool,
    boots: AtomicU64,
    common: Arc<Common>,
}

/// What the workloads of a search share, whatever their seeds.
#[derive(Debug)]
struct Common {
    words: Words,
    folders: Vec<(PathBuf, Arc<Tree>)>,
    images: Vec<(PathBuf, Arc<Tree>)>,
    prepared: Mutex<HashMap<Shape, Prepared>>,
    _home: tempfile::TempDir,
}

#[derive(Clone, Debug)]
struct Prepared {
    disks: Vec<SimDisk>,
    salts: Arc<Salts>,
}

/// A disk that belongs to no vault yet.
pub fn blank_disk(number: usize) -> SimDisk {
    SimDisk::new(&format!("disk-{number}"), DISK_LEN)
}

impl Rig {
    /// A rig for one seed.
    pub fn new(seed: u64) -> Self {
        let home = tempfile::tempdir().expect("a folder for temporary files is there");
        let folders = (0..FOLDERS).map(|n| make_folder(home.path(), n)).collect();
        let images = (0..FOLDERS).map(|n| make_image(home.path(), n)).collect();
        let words = Words::generate(&SeededRng::new(0));
        let common = Common { words, folders, images, prepared: Mutex::default(), _home: home };
        let (boots, common) = (AtomicU64::new(0), Arc::new(common));
        Self { seed, same_salts: false, boots, common }
    }

    /// The same folders and prepared disks, with time and randomness of another seed: what happens
    /// there does not depend on what happened elsewhere, in whichever order.
    pub fn world(&self, seed: u64) -> Arc<Self> {
        let common = Arc::clone(&self.common);
        let boots = AtomicU64::new(0);
        Arc::new(Self { seed, same_salts: self.same_salts, boots, common })
    }

    /// The `n`th folder to back up, and what is in it.
    pub fn folder(&self, n: usize) -> (&Path, &Arc<Tree>) {
        let (path, tree) = &self.common.folders[n % FOLDERS];
        (path, tree)
    }

    /// The disk image as it is the `n`th time.
    pub fn image(&self, n: usize) -> (&Path, &Arc<Tree>) {
        let (path, tree) = &self.common.images[n % FOLDERS];
        (path, tree)
    }

    /// Time and randomness of one more boot.
    fn boot(&self) -> Env {
        let boot = self.boots.fetch_add(1, Ordering::Relaxed);
        self.env(self.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15), boot)
    }

    fn env(&self, stream: u64, boot: u64) -> Env {
        // The first boot of all made the vault.
        let minutes = i64::try_from(boot).expect("few boots") + 1;
        let clock = ManualClock::at(UnixTime(1_800_000_000_000 + minutes * 60_000));
        let boot = if self.same_salts { 0 } else { boot };
        let rng = SeededRng::new(stream.wrapping_add(boot));
        Env { clock: Arc::new(clock), rng: Arc::new(rng) }
    }

    fn options(mode: WriterMode) -> Options {
        let io_deadline = std::time::Duration::from_secs(2);
        let read_deadline = io_deadline * 2 / 3;
        Options { writers: mode, io_deadline, read_deadline, catalog: None, ..Options::default() }
    }

    /// A vault's disks as they are just after it was made, and the witness of its salts.
    pub fn fresh(&self, shape: Shape) -> (Vec<SimDisk>, Arc<Salts>) {
        let mut prepared = self.common.prepared.lock().expect("no code panics while it holds this");
        let known = prepared.entry(shape).or_insert_with(|| {
            let disks: Vec<SimDisk> = (0..shape.disks).map(blank_disk).collect();
            let salts = Arc::new(Salts::default());
            let tap = Tap::new(Arc::clone(&salts));
            let spec = CreateSpec {
                disks: disks.iter().map(|disk| tap.disk(disk)).collect(),
                copies: shape.copies,
                words: &self.common.words,
                password: None,
            };
            Vault::create(self.env(MAKING, 0), Self::options(WriterMode::Inline), spec)
                .expect("nothing stands in the way of a new vault");
            Prepared { disks, salts }
        });
        (copies_of(&known.disks), known.salts.child())
    }

    /// Opens a vault from some disks of a world.
    pub fn open(
        &self,
        tap: &Arc<Tap>,
        disks: &[&SimDisk],
        mode: WriterMode,
    ) -> Result<(Vault, OpenReport), VaultError> {
        let disks = disks.iter().map(|disk| tap.disk(disk)).collect();
        let secret = Secrets::Words(&self.common.words);
        Vault::open(self.boot(), Self::options(mode), Access::ReadWrite, disks, None, secret)
    }
}

/// The same disks, without faults, to go on with separately.
pub fn copies_of(disks: &[SimDisk]) -> Vec<SimDisk> {
    use volume::Disk;
    disks.iter().map(|disk| disk.image(&disk.serial())).collect()
}

fn make_folder(home: &Path, n: usize) -> (PathBuf, Arc<Tree>) {
    let folder = home.join(format!("folder-{n}"));
    let mut tree = Tree::new();
    for name in ["letters", "letters/old"] {
        std::fs::create_dir_all(folder.join(name)).expect("a fresh folder takes folders");
        tree.insert(name.as_bytes().to_vec(), Node::Folder);
    }
    let seed = n as u64;
    let files = [
        // The same in every folder: what is known is not stored again.
        ("letters/old/same", noise(1, 3_000)),
        ("letters/text", format!("line {n}\n").repeat(200).into_bytes()),
        ("empty", Vec::new()),
        ("picture", noise(100 + seed, 20_000 + n * 1_000)),
    ];
    for (name, bytes) in files {
        std::fs::File::create(folder.join(name))
            .and_then(|mut file| std::io::Write::write_all(&mut file, &bytes))
            .expect("a fresh folder takes files");
        tree.insert(name.as_bytes().to_vec(), Node::File(Arc::new(bytes)));
    }
    settle_times(&folder, &tree, n);
    (folder, Arc::new(tree))
}

/// A folder with one disk image, as it is the `n`th time: one block in six is another.
fn make_image(home: &Path, n: usize) -> (PathBuf, Arc<Tree>) {
    use std::os::unix::fs::FileExt;
    const BLOCK_LEN: usize = 16 << 10;
    let folder = home.join(format!("image-{n}"));
    std::fs::create_dir_all(&folder).expect("a fresh folder takes folders");
    let file = std::fs::File::create(folder.join("disk")).expect("a fresh folder takes files");
    file.set_len(IMAGE_LEN as u64).expect("a fresh file takes a length");
    let mut bytes = vec![0; IMAGE_LEN];
    for (start, len) in IMAGE_RUNS {
        let run = &mut bytes[start..start + len];
        run.copy_from_slice(&noise(7 + start as u64, len));
        for (at, block) in run.chunks_mut(BLOCK_LEN).enumerate().filter(|(at, _)| at % 6 == n) {
            block.copy_from_slice(&noise(1_000 + (n * 100 + at) as u64, BLOCK_LEN));
        }
        file.write_all_at(run, start as u64).expect("a fresh file takes bytes");
    }
    let tree = Tree::from([(b"disk".to_vec(), Node::File(Arc::new(bytes)))]);
    settle_times(&folder, &tree, n);
    (folder, Arc::new(tree))
}

/// What is stored follows from the seed alone, not from the moment.
fn settle_times(folder: &Path, tree: &Tree, n: usize) {
    let changed = CHANGED + CHANGED / 1_000_000 * u32::try_from(n).expect("few folders");
    let names = tree.keys().map(|name| String::from_utf8_lossy(name)).chain(["".into()]);
    for name in names {
        let file = std::fs::File::open(folder.join(&*name)).expect("it was made a moment ago");
        file.set_modified(std::time::UNIX_EPOCH + changed).expect("its owner sets its time");
    }
}
