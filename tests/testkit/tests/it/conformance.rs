//! Without faults, the simulated disk answers as the real one does.

use proptest::prelude::*;
use types::Bytes;
use volume::{Disk, DiskFile, EntryKind, FsDisk};

use testkit::simdisk::SimDisk;

const FOLDERS: [&str; 3] = ["", "a", "a/b"];
const FILES: [&str; 5] = ["x", "a/x", "a/y", "a/b/x", "c/x"];

#[derive(Clone, Debug)]
enum Step {
    Create(usize),
    Append(Vec<u8>),
    SyncData,
    /// Opens a file to write it somewhere, and reads all of it.
    WriteAt(usize, u64, Vec<u8>),
    ReadOpened(u64, usize),
    Open(usize),
    Rename(usize, usize),
    Unlink(usize),
    MakeDir(usize),
    SyncDir(usize),
    List(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let (file, folder) = (0..FILES.len(), 0..FOLDERS.len());
    prop_oneof![
        3 => file.clone().prop_map(Step::Create),
        3 => prop::collection::vec(any::<u8>(), 0..40).prop_map(Step::Append),
        1 => Just(Step::SyncData),
        3 => (file.clone(), 0..60_u64, prop::collection::vec(any::<u8>(), 0..40))
            .prop_map(|(file, at, bytes)| Step::WriteAt(file, at, bytes)),
        2 => (0..60_u64, 0..60_usize).prop_map(|(at, len)| Step::ReadOpened(at, len)),
        2 => file.clone().prop_map(Step::Open),
        3 => (file.clone(), file.clone()).prop_map(|(from, to)| Step::Rename(from, to)),
        1 => file.prop_map(Step::Unlink),
        3 => (1..FOLDERS.len()).prop_map(Step::MakeDir),
        1 => folder.clone().prop_map(Step::SyncDir),
        2 => folder.prop_map(Step::List),
    ]
}

/// What a disk answered, in a form that two disks can be compared by.
fn answer(disk: &dyn Disk, last: &mut Option<Box<dyn DiskFile>>, step: &Step) -> String {
    let keep = |file: std::io::Result<Box<dyn DiskFile>>, last: &mut Option<_>| {
        file.map(|file| *last = Some(file)).map_err(|error| error.kind())
    };
    let unit = |result: std::io::Result<()>| result.map_err(|error| error.kind());
    match step {
        Step::Create(at) => format!("{:?}", keep(disk.create_new(FILES[*at]), last)),
        Step::Open(at) => format!("{:?}", keep(disk.open(FILES[*at]), last)),
        Step::Append(bytes) => match last {
            Some(file) => format!("{}", bytes.is_empty() || file.append(bytes).is_ok()),
            None => String::new(),
        },
        Step::SyncData => format!("{:?}", last.as_mut().map(|file| unit(file.sync_data()))),
        Step::WriteAt(file, at, bytes) => {
            // Nobody appends to a file that is written at offsets.
            *last = None;
            let written = disk.open_for_writing(FILES[*file]).map(|mut file| {
                file.write_at(*at, bytes).unwrap();
                let mut buffer = vec![0; 200];
                let read = file.read_at(0, &mut buffer).unwrap();
                format!("{:?} of {}", &buffer[..read], file.len().unwrap())
            });
            format!("{:?}", written.map_err(|error| error.kind()))
        }
        Step::ReadOpened(at, len) => match last {
            Some(file) => {
                let mut buffer = vec![0; *len];
                let read = file.read_at(*at, &mut buffer).unwrap();
                format!("{:?} of {}", &buffer[..read], file.len().unwrap())
            }
            None => String::new(),
        },
        Step::Rename(from, to) => format!("{:?}", unit(disk.rename(FILES[*from], FILES[*to]))),
        Step::Unlink(at) => format!("{:?}", unit(disk.unlink(FILES[*at]))),
        Step::MakeDir(at) => format!("{:?}", unit(disk.make_dir(FOLDERS[*at]))),
        Step::SyncDir(at) => format!("{:?}", unit(disk.sync_dir(FOLDERS[*at]))),
        Step::List(at) => {
            let listed = disk.list(FOLDERS[*at]).map_err(|error| error.kind());
            let mut listed = listed.unwrap_or_default();
            listed.sort_by(|a, b| a.name.cmp(&b.name));
            // A real folder has a length of its own; nobody asks for it.
            listed.iter_mut().filter(|e| e.kind == EntryKind::Folder).for_each(|e| e.len = 0);
            format!("{listed:?}")
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn the_simulated_disk_answers_as_the_real_one_does(steps in prop::collection::vec(step(), 1..60)) {
        let dir = tempfile::tempdir().unwrap();
        let real = FsDisk::plain_folder(dir.path()).unwrap();
        let simulated = SimDisk::new("sim", Bytes(Bytes::MIB));
        let (mut of_real, mut of_simulated) = (None, None);
        for step in steps {
            let expected = answer(&real, &mut of_real, &step);
            let found = answer(&simulated, &mut of_simulated, &step);
            prop_assert_eq!(found, expected, "{:?}", step);
        }
    }
}
