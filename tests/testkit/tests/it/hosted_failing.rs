//! Friends' packs on disks that fail, lie, take nothing, or are waited for with a deadline.

use std::sync::Arc;

use testkit::dice::Dice;
use testkit::friends::{ANNA, bring, is_kept, pack};
use testkit::simdisk::{Fault, Lasting};
use testkit::volumes::open;
use types::Bytes;
use volume::hosted::HostedError;
use volume::{Disk, FsDisk};

use crate::hosted::{CHOICES, PROMISED, Said, TODAY, holds, prepared, receive};

#[test]
fn whichever_operation_fails_a_receipt_still_holds_and_the_work_can_be_done_afterwards() {
    let prepared = prepared();
    let counted = prepared.image("sim-1");
    let volume = open(&counted).unwrap();
    let before = counted.op_count();
    receive(&volume.hosted(), &mut Said::default()).unwrap();
    let operations = counted.op_count() - before;
    let mut refusals = 0;
    for fault in [Fault::Eio, Fault::SyncEio, Fault::Enospc, Fault::Erofs, Fault::ShortWrite] {
        for lasting in [Lasting::Once, Lasting::Forever] {
            for nth in 1..=operations {
                let disk = prepared.image("sim-1");
                let volume = open(&disk).unwrap();
                disk.fail_after(nth, fault, lasting);
                let mut said = Said::default();
                let refused = receive(&volume.hosted(), &mut said).err();
                refusals += u64::from(refused.is_some());
                if let Some(error) = refused.filter(|_| fault == Fault::Enospc) {
                    assert!(error.is_full() && !error.is_disk_fault(), "{error:?}");
                }
                // The disk is well again: what is asked for once more ends in a true receipt, or in a
                // refusal until the volume is opened anew.
                disk.heal();
                match receive(&volume.hosted(), &mut said) {
                    Ok(()) | Err(HostedError::GivenUp { .. }) => {}
                    Err(error) => panic!("{fault:?} at {nth}: {error:?}"),
                }
                for seed in 0..2 {
                    let mut dice = Dice::new(nth * 2 + seed);
                    let left = disk.crash(&mut |sides| dice.roll(sides));
                    assert!(holds(&left, &said), "{fault:?} {lasting:?} at {nth}");
                }
            }
        }
    }
    assert!(refusals > 100, "only {refusals}");
}

#[test]
fn a_disk_that_lies_about_syncs_is_seen_to_lose_a_receipted_pack() {
    let disk = prepared();
    let volume = open(&disk).unwrap();
    disk.lying(true);
    let mut said = Said::default();
    receive(&volume.hosted(), &mut said).unwrap();
    let lost = (0..CHOICES).any(|seed| {
        let mut dice = Dice::new(seed);
        !holds(&disk.crash(&mut |sides| dice.roll(sides)), &said)
    });
    assert!(lost);
}

#[test]
fn a_read_only_disk_answers_and_takes_nothing() {
    let disk = prepared();
    disk.set_read_only(true);
    let volume = open(&disk).unwrap();
    let hosted = volume.hosted();
    assert!(is_kept(&hosted, ANNA, &pack(9, 2, 7).1));
    let (told, bytes) = pack(1, 1, 0);
    for refused in [
        bring(&hosted, ANNA, &bytes).map(|_| ()),
        hosted.write_pact(ANNA, b"pact"),
        hosted.promise(ANNA, Bytes(1)),
        hosted.trash(ANNA, told.root(), TODAY).map(|_| ()),
        hosted.purge(ANNA, TODAY).map(|_| ()),
        hosted.scrub(None, Bytes(1)).map(|_| ()),
    ] {
        let is_read_only =
            |error: &HostedError| matches!(error, HostedError::Volume(error) if !error.is_full());
        assert!(refused.as_ref().is_err_and(is_read_only), "{refused:?}");
    }
}

#[test]
fn a_disk_with_deadlines_takes_a_pack_in_any_order_too() {
    let dir = tempfile::tempdir().unwrap();
    let disk: Arc<dyn Disk> = Arc::new(FsDisk::create(dir.path(), None).unwrap());
    let deadline = std::time::Duration::from_secs(60);
    let patient = volume::PatientDisk::around(disk, deadline);
    let volume = testkit::volumes::create_on(Arc::new(patient)).unwrap();
    volume.hosted().promise(ANNA, PROMISED).unwrap();
    let mut said = Said::default();
    receive(&volume.hosted(), &mut said).unwrap();
    assert!(said.receipts.iter().all(|bytes| is_kept(&volume.hosted(), ANNA, bytes)));
}
