//! Every input that ever broke a target, and every seed, without the engine: for everybody.
//!
//! The story of each input is told in `regressions/README.md`.

use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

fn inputs(target: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("regressions").join(target);
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

#[test]
fn inputs_that_once_crashed_do_so_no_more() {
    let mut count = 0;
    for target in fuzz::TARGETS {
        for path in inputs(target.name) {
            (target.run)(&fs::read(&path).unwrap());
            count += 1;
        }
    }
    assert!(count > 0, "regressions lost its files");
}

#[test]
fn folders_of_regressions_are_named_after_targets() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("regressions");
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            let name = entry.file_name().into_string().unwrap();
            assert!(fuzz::target(&name).is_some(), "no target is called {name}");
        }
    }
}

#[test]
fn every_seed_of_every_target_holds() {
    for target in fuzz::TARGETS {
        let seeds = (target.seeds)();
        assert!(!seeds.is_empty() || target.name == fuzz::PLANTED, "{} has no seeds", target.name);
        for seed in seeds {
            (target.run)(&seed);
        }
    }
}

#[test]
fn a_broken_target_would_be_seen() {
    let planted = fuzz::target(fuzz::PLANTED).unwrap();
    (planted.run)(b"");
    (planted.run)(b"--!h___f____");
    assert!(catch_unwind(|| (planted.run)(b"--!h___f___0")).is_err());
}
