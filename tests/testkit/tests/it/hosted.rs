//! Friends' packs and power cuts at every step.
//!
//! What was receipted is there and whole after any cut; a cut costs nothing but the rest of the way;
//! and the same search with the folder syncs left out finds a loss.

use testkit::dice::Dice;
use testkit::friends::{ANNA, BEN, bring, is_kept, pack, stream};
use testkit::simdisk::SimDisk;
use testkit::volumes::{create, disk, open};
use types::{Bytes, HeadHash, PackId};
use verified::Groups;
use volume::hosted::{Begun, Day, Hosted, HostedError};

/// Choices tried for each cut point.
pub(crate) const CHOICES: u64 = 25;
pub(crate) const PROMISED: Bytes = Bytes(400_000);
pub(crate) const TODAY: Day = Day(20_000);

/// What a host was told is safe.
#[derive(Clone, Debug, Default)]
pub(crate) struct Said {
    pub(crate) receipts: Vec<Vec<u8>>,
    /// May be here or in the trash, but must be here.
    trashed: Vec<Vec<u8>>,
    purged: Vec<PackId>,
    words: Vec<Vec<u8>>,
    words_begun: Vec<Vec<u8>>,
    heads: Vec<(u8, Vec<u8>)>,
    promised: Option<Bytes>,
}

type Work = fn(&Hosted, &mut Said) -> Result<(), HostedError>;

pub(crate) fn prepared() -> SimDisk {
    let disk = disk();
    let volume = create(&disk).unwrap();
    volume.hosted().promise(ANNA, PROMISED).unwrap();
    bring(&volume.hosted(), ANNA, &pack(9, 2, 7).1).unwrap();
    disk
}

pub(crate) fn receive(hosted: &Hosted, said: &mut Said) -> Result<(), HostedError> {
    // In two parts, out of order, so that groups are written before, behind and over others.
    let (told, bytes) = pack(1, 3, 100);
    if let Begun::Wanted(mut incoming) = hosted.begin(ANNA, told)? {
        let some = Groups::from_iter([1, 3]);
        incoming.take(&some, &stream(&bytes, &some)[..])?;
        let missing = incoming.missing();
        incoming.take(&missing, &stream(&bytes, &missing)[..])?;
        incoming.finish()?;
    }
    said.receipts.push(bytes);
    let small = pack(2, 0, 900).1;
    bring(hosted, ANNA, &small)?;
    said.receipts.push(small);
    Ok(())
}

fn let_go(hosted: &Hosted, said: &mut Said) -> Result<(), HostedError> {
    let (told, bytes) = pack(9, 2, 7);
    hosted.trash(ANNA, told.root(), TODAY)?;
    said.trashed.push(bytes.clone());
    hosted.take_back(ANNA, told.root())?;
    said.receipts.push(bytes);
    hosted.trash(ANNA, told.root(), TODAY)?;
    // From here on it may be gone.
    said.receipts.clear();
    said.trashed.clear();
    let purged = hosted.purge(ANNA, TODAY)?;
    assert_eq!(purged.packs, 1);
    said.purged.push(told.root());
    Ok(())
}

fn take_notes(hosted: &Hosted, said: &mut Said) -> Result<(), HostedError> {
    for words in [b"first slot".to_vec(), b"the second slot".to_vec()] {
        said.words_begun.push(words.clone());
        hosted.write_words(ANNA, &words)?;
        said.words.push(words);
    }
    for seq in 1..4 {
        let head = vec![seq; 700];
        hosted.write_head(ANNA, u64::from(seq), HeadHash([seq; 32]), &head)?;
        said.heads.push((seq, head));
    }
    hosted.promise(BEN, Bytes(50_000))?;
    said.promised = Some(Bytes(50_000));
    Ok(())
}

pub(crate) fn holds(left: &SimDisk, said: &Said) -> bool {
    let Ok(volume) = open(left) else { return false };
    let hosted = volume.hosted();
    let there = |bytes: &Vec<u8>| is_kept(&hosted, ANNA, bytes);
    let words = hosted.read_words(ANNA).ok().flatten();
    let words_hold = match said.words.last() {
        Some(last) => words
            .as_ref()
            .is_some_and(|found| found == last || (said.words_begun.last() == Some(found))),
        None => words.is_none_or(|found| said.words_begun.last() == Some(&found)),
    };
    let head = |(seq, bytes): &(u8, Vec<u8>)| {
        let name = Hosted::head_name(u64::from(*seq), HeadHash([*seq; 32]));
        hosted.read_head(ANNA, &name).is_ok_and(|found| found.as_ref() == Some(bytes))
    };
    let gone = |id: &PackId| matches!(hosted.open(ANNA, *id), Err(HostedError::Missing { .. }));
    let promise = said
        .promised
        .is_none_or(|promised| hosted.totals(BEN).is_ok_and(|totals| totals.promised == promised));
    said.receipts.iter().chain(&said.trashed).all(there)
        && words_hold
        && said.heads.iter().all(head)
        && said.purged.iter().all(gone)
        && promise
        && hosted.totals(ANNA).is_ok_and(|totals| totals.promised == PROMISED)
}

/// Does `work` with the power cut after each of its changes in turn. Returns states seen, and those
/// in which something is lost.
fn cut_at_every_step(sabotaged: bool, work: Work, afterwards: impl Fn(&SimDisk)) -> (u64, u64) {
    let prepared = prepared();
    let (mut states, mut lost) = (0, 0);
    for cut in 0.. {
        let disk = prepared.image("sim-1");
        let volume = open(&disk).unwrap();
        disk.ignore_folder_syncs(sabotaged);
        disk.cut_after(cut);
        let mut said = Said::default();
        let done = work(&volume.hosted(), &mut said).is_ok();
        for seed in 0..CHOICES {
            let mut dice = Dice::new(cut * CHOICES + seed);
            let left = disk.crash(&mut |sides| dice.roll(sides));
            states += 1;
            lost += u64::from(!holds(&left, &said));
            afterwards(&left);
        }
        if done {
            assert!(cut > 5, "the work was cut at every step");
            return (states, lost);
        }
    }
    unreachable!("some cut is after the end")
}

#[test]
fn wherever_the_power_goes_a_receipted_pack_is_there_and_the_rest_can_be_brought() {
    let (states, lost) = cut_at_every_step(false, receive, |left| {
        let volume = open(left).unwrap();
        let mut said = Said::default();
        receive(&volume.hosted(), &mut said).unwrap();
        assert!(holds(left, &said));
        let totals = volume.hosted().totals(ANNA).unwrap();
        assert_eq!((totals.packs, totals.trashed_packs), (3, 0));
        assert_eq!(volume.hosted().list_incoming(ANNA).unwrap(), []);
    });
    assert_eq!(lost, 0, "of {states}");
}

#[test]
fn wherever_the_power_goes_a_pack_is_kept_until_it_is_purged_and_counted_as_it_lies() {
    let (states, lost) = cut_at_every_step(false, let_go, |left| {
        let hosted = open(left).unwrap().hosted();
        let totals = hosted.totals(ANNA).unwrap();
        let (kept, trashed) =
            (hosted.list(ANNA, None, 10).unwrap(), hosted.list_trash(ANNA).unwrap());
        assert_eq!(totals.packs, kept.len() as u64);
        assert_eq!(totals.trashed_packs, trashed.len() as u64);
        assert!(kept.len() + trashed.len() <= 1, "it is in one place");
    });
    assert_eq!(lost, 0, "of {states}");
}

#[test]
fn wherever_the_power_goes_a_note_is_the_old_one_or_the_new_one() {
    let (states, lost) = cut_at_every_step(false, take_notes, |left| {
        let hosted = open(left).unwrap().hosted();
        hosted.write_words(ANNA, b"a third").unwrap();
        assert_eq!(hosted.read_words(ANNA).unwrap().unwrap(), b"a third");
    });
    assert_eq!(lost, 0, "of {states}");
}

#[test]
fn without_folder_syncs_each_of_these_searches_finds_a_loss() {
    for work in [receive, let_go, take_notes] {
        let (states, lost) = cut_at_every_step(true, work, |_| ());
        assert!(lost > 0, "none of {states}");
    }
}

fn take_back(hosted: &Hosted, said: &mut Said) -> Result<(), HostedError> {
    let (told, bytes) = pack(9, 2, 7);
    hosted.take_back(ANNA, told.root())?;
    said.receipts.push(bytes);
    Ok(())
}

/// A program that is killed leaves names in sight that no sync has reached. Whoever finds them and says
/// "already there" has to sync them first.
#[test]
fn what_a_killed_program_left_half_done_is_durable_before_it_is_called_done() {
    let in_trash = prepared();
    let trashed = pack(9, 2, 7).0.root();
    open(&in_trash).unwrap().hosted().trash(ANNA, trashed, TODAY).unwrap();
    let works: [(SimDisk, Work); 2] = [(prepared(), receive), (in_trash, take_back)];
    for (prepared, work) in works {
        for killed in 0.. {
            let disk = prepared.image("sim-1");
            let volume = open(&disk).unwrap();
            disk.cut_after(killed);
            let done = work(&volume.hosted(), &mut Said::default()).is_ok();
            disk.heal();
            let mut said = Said::default();
            work(&open(&disk).unwrap().hosted(), &mut said).unwrap();
            for seed in 0..CHOICES {
                let mut dice = Dice::new(seed);
                let left = disk.crash(&mut |sides| dice.roll(sides));
                open(&left).unwrap().hosted().purge(ANNA, TODAY).unwrap();
                assert!(holds(&left, &said), "killed at {killed}");
            }
            if done {
                break;
            }
        }
    }
}
