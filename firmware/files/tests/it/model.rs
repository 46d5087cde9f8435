//! Random courses of uploads against a model that is a few numbers: offsets, joins, ends, givings-up,
//! time, and power cuts in the middle of anything.

use std::collections::BTreeMap;

use files::{Append, Kind, NewUpload, UploadId};
use testkit::dice::Dice;
use testkit::env::noise;
use types::Millis;

use crate::shelf::Shelf;
use crate::uploading::{at, new};

/// What the model knows of an upload.
struct Known {
    bytes: Vec<u8>,
    /// What was told to be durable.
    told: u64,
    /// What was sent at the most.
    sent: u64,
    piece: bool,
    path: String,
    finished: bool,
    /// Somebody gave it up just as the power went.
    maybe_gone: bool,
    /// When it expires at the earliest.
    expires: i64,
}

struct Course {
    shelf: Shelf,
    dice: Dice,
    known: BTreeMap<UploadId, Known>,
    /// Files that must be there.
    files: BTreeMap<String, Vec<u8>>,
    /// Files that may be there: nobody was told.
    maybe: BTreeMap<String, Vec<u8>>,
    cuts: u32,
    losses_looked_for: u32,
}

impl Course {
    fn new(seed: u64) -> Self {
        let shelf = Shelf::inline(seed);
        let (known, files, maybe) = Default::default();
        let dice = Dice::new(seed);
        Self { shelf, dice, known, files, maybe, cuts: 0, losses_looked_for: 0 }
    }

    fn step(&mut self, n: u32) {
        // One step in five ends with the power going somewhere in it.
        let cut = self.dice.roll(5) == 0;
        if cut {
            for disk in &self.shelf.disks {
                disk.cut_after(self.dice.roll(40).into());
            }
        }
        match self.dice.roll(12) {
            0..=2 => self.create(n, cut),
            3..=7 => self.append(cut),
            8 => self.wrong_offset(),
            9 => self.terminate(cut),
            10 => self.join(n, cut),
            _ => self.pass_time(cut),
        }
        if cut {
            self.cuts += 1;
            let dice = &mut self.dice;
            self.shelf.power_cut(&mut |sides| dice.roll(sides));
            self.look_at_all();
        }
    }

    fn pick(&mut self) -> Option<UploadId> {
        let count = u32::try_from(self.known.len()).unwrap();
        let at = self.dice.roll(count) as usize;
        self.known.keys().nth(at).copied()
    }

    fn now(&self) -> i64 {
        types::Clock::now(&*self.shelf.clock).0
    }

    fn create(&mut self, n: u32, cut: bool) {
        let (len, piece) = (self.dice.roll(30_000) as usize, self.dice.roll(3) == 0);
        let (bytes, path) = (noise(n.into(), len), format!("f{n}"));
        let new = NewUpload { piece, ..new(&path, len as u64) };
        let expires = self.now();
        match self.shelf.files.create(self.shelf.space, new) {
            Ok(state) => {
                let finished = len == 0 && !piece;
                assert_eq!(state.finished.is_some(), finished);
                if finished {
                    self.files.insert(path.clone(), Vec::new());
                }
                let known = Known {
                    bytes,
                    told: 0,
                    sent: 0,
                    piece,
                    path,
                    finished,
                    maybe_gone: false,
                    expires,
                };
                self.known.insert(state.id, known);
            }
            Err(error) => {
                assert!(cut, "{error}");
                self.maybe.insert(path, bytes);
            }
        }
    }

    fn append(&mut self, cut: bool) {
        let Some(id) = self.pick() else { return };
        let now = self.now();
        let known = self.known.get_mut(&id).unwrap();
        let left = known.bytes.len() - usize::try_from(known.told).unwrap();
        let len = self.dice.roll(u32::try_from(left).unwrap() + 1) as usize;
        // Half of them send all that is left.
        let len = if self.dice.roll(2) == 0 { left } else { len };
        let begin = usize::try_from(known.told).unwrap();
        let part = known.bytes[begin..begin + len].to_vec();
        let answer =
            self.shelf.files.append(self.shelf.space, id, "ann", at(known.told), &mut &*part);
        match answer {
            Ok(state) => {
                known.told += len as u64;
                known.sent = known.told;
                assert_eq!(state.offset, known.told);
                known.expires = if len > 0 { now } else { known.expires };
                let whole = known.told == known.bytes.len() as u64 && !known.piece;
                assert_eq!(state.finished.is_some(), whole);
                if whole {
                    known.finished = true;
                    self.files.insert(known.path.clone(), known.bytes.clone());
                }
            }
            Err(error) if cut => {
                known.sent = known.told + len as u64;
                assert!(!matches!(error.kind(), Kind::Conflict | Kind::NotFound), "{error}");
                self.maybe.insert(known.path.clone(), known.bytes.clone());
            }
            Err(error) => panic!("{error}"),
        }
    }

    fn wrong_offset(&mut self) {
        let Some(id) = self.pick() else { return };
        let wrong = Append { offset: self.known[&id].sent + 1, ..Append::default() };
        let error = self.shelf.files.append(self.shelf.space, id, "ann", wrong, &mut &b"x"[..]);
        assert_eq!(error.unwrap_err().kind(), Kind::Conflict);
    }

    fn terminate(&mut self, cut: bool) {
        let Some(id) = self.pick() else { return };
        match self.shelf.files.terminate(self.shelf.space, id, "ann") {
            Ok(()) => drop(self.known.remove(&id)),
            Err(error) => {
                assert!(cut, "{error}");
                self.known.get_mut(&id).unwrap().maybe_gone = true;
            }
        }
    }

    fn join(&mut self, n: u32, cut: bool) {
        let whole = self
            .known
            .iter()
            .filter(|(_, known)| known.piece && known.told == known.bytes.len() as u64);
        let ids: Vec<UploadId> = whole.map(|(id, _)| *id).take(3).collect();
        let bytes: Vec<u8> = ids.iter().flat_map(|id| self.known[id].bytes.clone()).collect();
        let path = format!("joined{n}");
        match self.shelf.files.concat(self.shelf.space, new(&path, 0), &ids) {
            Ok(state) => {
                assert_eq!(state.offset, bytes.len() as u64);
                self.files.insert(path, bytes);
                // They stay for an hour and are not followed any further.
                ids.iter().for_each(|id| drop(self.known.remove(id)));
            }
            Err(_) if ids.is_empty() => {}
            Err(error) => {
                assert!(cut, "{error}");
                self.maybe.insert(path, bytes);
                ids.iter().for_each(|id| drop(self.known.remove(id)));
            }
        }
    }

    fn pass_time(&mut self, cut: bool) {
        self.shelf.clock.pass(Millis::from_days(1));
        let swept = self.shelf.files.sweep(self.shelf.space, true);
        assert!(swept.is_ok() || cut);
        self.look_for_expired();
    }

    /// What may have expired is followed only if it is still there.
    fn look_for_expired(&mut self) {
        let week = i64::try_from(files::EXPIRES_AFTER.0).unwrap();
        let day = week / 7;
        let now = self.now();
        self.known.retain(|_, known| {
            now - known.expires < if known.finished { day - 60_000 } else { week - 60_000 }
        });
    }

    /// After a cut: each upload stands between what was told and what was sent, and every file that was
    /// told of is there.
    fn look_at_all(&mut self) {
        self.look_for_expired();
        let ids: Vec<UploadId> = self.known.keys().copied().collect();
        for id in ids {
            let answer = self.shelf.files.upload(self.shelf.space, id, "ann");
            let known = self.known.get_mut(&id).unwrap();
            let state = match answer {
                Ok(state) => state,
                Err(error) if known.maybe_gone && error.kind() == Kind::NotFound => {
                    self.known.remove(&id);
                    continue;
                }
                Err(error) => panic!("{error}"),
            };
            assert!(known.told <= state.offset && state.offset <= known.sent.max(known.told));
            assert!(state.finished.is_some() >= known.finished);
            (known.told, known.sent, known.maybe_gone) = (state.offset, state.offset, false);
            self.losses_looked_for += 1;
            if state.finished.is_some() && !known.finished {
                known.finished = true;
                self.files.insert(known.path.clone(), known.bytes.clone());
            }
        }
        self.look_at_files();
    }

    fn look_at_files(&self) {
        if self.files.is_empty() {
            return;
        }
        let names = self.shelf.names(b"");
        for (path, bytes) in &self.files {
            assert!(self.shelf.read(path.as_bytes()) == *bytes, "{path}");
        }
        for name in names {
            let name = String::from_utf8(name).unwrap();
            let wanted = self.files.get(&name).or_else(|| self.maybe.get(&name));
            let wanted = wanted.unwrap_or_else(|| panic!("{name} was never sent"));
            assert!(self.shelf.read(name.as_bytes()) == *wanted, "{name}");
        }
    }
}

#[test]
fn uploads_stand_where_the_model_says_through_cuts_joins_and_time() {
    let (mut cuts, mut looked, mut made) = (0, 0, 0);
    for seed in 0..24 {
        let mut course = Course::new(1_000 + seed);
        for n in 0..60 {
            course.step(n);
        }
        course.shelf.reopen();
        course.look_at_all();
        cuts += course.cuts;
        looked += course.losses_looked_for;
        made += course.files.len();
    }
    assert!(
        cuts > 100 && looked > 300 && made > 100,
        "{cuts} cuts, {looked} looked at, {made} files"
    );
}
