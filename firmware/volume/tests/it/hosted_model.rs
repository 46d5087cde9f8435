//! A random course of everything that is done for friends, against a map of what each of them has.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use proptest::prelude::*;
use testkit::friends::{ANNA, BEN, bring, is_kept, pack, stream};
use testkit::volumes::{create, disk, open};
use types::{Bytes, OwnerKey, PackId};
use verified::{Groups, Told};
use volume::hosted::{Begun, Day, Hosted, HostedError};

const OWNERS: [OwnerKey; 2] = [ANNA, BEN];
/// Enough for some of the packs and not for all.
const PROMISED: u64 = 120_000;

/// The packs that there are.
fn packs() -> &'static [(Told, Vec<u8>)] {
    static PACKS: OnceLock<Vec<(Told, Vec<u8>)>> = OnceLock::new();
    PACKS.get_or_init(|| {
        vec![pack(1, 0, 300), pack(2, 1, 0), pack(3, 2, 50), pack(4, 3, 1), pack(5, 3, 0)]
    })
}

#[derive(Clone, Debug)]
enum Step {
    Bring(usize, usize),
    /// A stream that ends after some bytes.
    BringSome(usize, usize, usize),
    Trash(usize, usize, u32),
    TakeBack(usize, usize),
    Purge(usize, u32),
    Scrub,
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    let (owner, pack, day) = (0..2_usize, 0..5_usize, 0..4_u32);
    prop_oneof![
        4 => (owner.clone(), pack.clone()).prop_map(|(owner, pack)| Step::Bring(owner, pack)),
        2 => (owner.clone(), pack.clone(), 0..60_000_usize)
            .prop_map(|(owner, pack, end)| Step::BringSome(owner, pack, end)),
        3 => (owner.clone(), pack.clone(), day.clone())
            .prop_map(|(owner, pack, day)| Step::Trash(owner, pack, day)),
        2 => (owner.clone(), pack).prop_map(|(owner, pack)| Step::TakeBack(owner, pack)),
        1 => (owner, day).prop_map(|(owner, day)| Step::Purge(owner, day)),
        1 => Just(Step::Scrub),
        1 => Just(Step::Restart),
    ]
}

/// What one friend has.
#[derive(Debug, Default)]
struct Has {
    kept: BTreeMap<PackId, u64>,
    trash: BTreeMap<PackId, (u32, u64)>,
}

impl Has {
    fn held(&self) -> u64 {
        self.kept.values().sum::<u64>() + self.trash.values().map(|(_, len)| len).sum::<u64>()
    }

    fn has(&self, id: PackId) -> bool {
        self.kept.contains_key(&id) || self.trash.contains_key(&id)
    }

    fn bring(&mut self, told: Told) -> bool {
        let fits = self.has(told.root()) || self.held() + told.len().0 <= PROMISED;
        if fits {
            self.trash.remove(&told.root());
            self.kept.insert(told.root(), told.len().0);
        }
        fits
    }

    fn trash(&mut self, id: PackId, day: u32) -> bool {
        let Some(len) = self.kept.remove(&id) else { return self.trash.contains_key(&id) };
        self.trash.insert(id, (day, len));
        true
    }

    fn take_back(&mut self, id: PackId) -> bool {
        let Some((_, len)) = self.trash.remove(&id) else { return self.kept.contains_key(&id) };
        self.kept.insert(id, len);
        true
    }

    fn purge(&mut self, today: u32) -> u64 {
        let before = self.trash.len();
        self.trash.retain(|_, (day, _)| *day > today);
        (before - self.trash.len()) as u64
    }
}

/// Brings the beginning of a stream; says whether the pack is there afterwards.
fn bring_some(hosted: &Hosted, owner: OwnerKey, bytes: &[u8], told: Told, end: usize) -> bool {
    match hosted.begin(owner, told) {
        Ok(Begun::AlreadyThere(_)) => true,
        Ok(Begun::Wanted(mut incoming)) => {
            let missing = incoming.missing();
            let sent = stream(bytes, &missing);
            let end = end.min(sent.len());
            let ended = incoming.take(&missing, &sent[..end]);
            assert_eq!(ended.is_ok(), end == sent.len(), "{ended:?}");
            incoming.finish().is_ok()
        }
        Err(error) => {
            assert!(matches!(error, HostedError::OverPromise { .. }), "{error:?}");
            false
        }
    }
}

fn compare(hosted: &Hosted, owner: OwnerKey, has: &Has) {
    let totals = hosted.totals(owner).unwrap();
    assert_eq!(totals.packs, has.kept.len() as u64);
    assert_eq!(totals.trashed_packs, has.trash.len() as u64);
    assert_eq!(totals.held(), Bytes(has.held()));
    let listed: BTreeSet<_> =
        hosted.list(owner, None, 100).unwrap().iter().map(|pack| pack.id).collect();
    assert_eq!(listed, has.kept.keys().copied().collect());
    for trashed in hosted.list_trash(owner).unwrap() {
        assert_eq!(has.trash[&trashed.id], (trashed.day.0, trashed.len.0));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn friends_have_what_the_model_says(steps in prop::collection::vec(step(), 1..40)) {
        let disk = disk();
        let mut hosted = create(&disk).unwrap().hosted();
        let mut model = [Has::default(), Has::default()];
        for owner in OWNERS {
            hosted.promise(owner, Bytes(PROMISED)).unwrap();
        }
        for step in steps {
            match step {
                Step::Bring(owner, pack) => {
                    let (told, bytes) = &packs()[pack];
                    let brought = bring(&hosted, OWNERS[owner], bytes);
                    prop_assert_eq!(brought.is_ok(), model[owner].bring(*told));
                }
                Step::BringSome(owner, pack, end) => {
                    let (told, bytes) = &packs()[pack];
                    if bring_some(&hosted, OWNERS[owner], bytes, *told, end) {
                        prop_assert!(model[owner].bring(*told));
                    }
                }
                Step::Trash(owner, pack, day) => {
                    let id = packs()[pack].0.root();
                    let trashed = hosted.trash(OWNERS[owner], id, Day(day));
                    prop_assert_eq!(trashed.is_ok(), model[owner].trash(id, day));
                }
                Step::TakeBack(owner, pack) => {
                    let id = packs()[pack].0.root();
                    let back = hosted.take_back(OWNERS[owner], id);
                    prop_assert_eq!(back.is_ok(), model[owner].take_back(id));
                }
                Step::Purge(owner, today) => {
                    let purged = hosted.purge(OWNERS[owner], Day(today)).unwrap();
                    prop_assert_eq!(purged.packs, model[owner].purge(today));
                }
                Step::Scrub => {
                    let done = hosted.scrub(None, Bytes(u64::MAX)).unwrap();
                    let kept: usize = model.iter().map(|has| has.kept.len()).sum();
                    prop_assert_eq!((done.packs, done.bad.len()), (kept as u64, 0));
                }
                Step::Restart => hosted = open(&disk).unwrap().hosted(),
            }
            for (owner, has) in OWNERS.into_iter().zip(&model) {
                compare(&hosted, owner, has);
            }
        }
        for (told, bytes) in packs() {
            for (owner, has) in OWNERS.into_iter().zip(&model) {
                prop_assert_eq!(is_kept(&hosted, owner, bytes), has.has(told.root()));
            }
            // Nothing is asked for that came already.
            if let Ok(Begun::Wanted(incoming)) = hosted.begin(ANNA, *told) {
                prop_assert!(!model[0].has(told.root()));
                prop_assert!(incoming.missing().count() <= Groups::all(told).count());
            }
        }
    }
}
