//! The hand beside a box with simulated hardware: it makes disks, plugs them in, pulls and spoils them,
//! and asks the box what it sees.

use std::time::Duration;

use calls::{
    Answer, Call, DeskAct, DeskFault, DiskAct, DiskShown, Disks, Finding, Job, JobSpec,
    QuestionKind, RestoreResult, Secret, SecretText,
};

use crate::rig::{DEADLINE, LOOK_EVERY, Rig, bytes_of};
use crate::running::Running;

pub(crate) const SIZE: u64 = 2_000_000_000;
pub(crate) const NAMES: [&str; 3] = ["red", "green", "blue"];

pub(crate) fn rig() -> Rig {
    let rig = Rig::folders(0);
    rig.settings("[board]\nkind = \"desk\"\nfolder = \"machine\"\n");
    rig
}

/// What a hand does, and what is asked of disks.
impl Running<'_> {
    pub(crate) fn desk(&self, act: DeskAct) {
        assert!(matches!(self.ask(Call::Desk { act }), Answer::Desk { .. }));
    }

    pub(crate) fn insert(&self, name: &str, size: u64, bay: u32) {
        let serial = Some(format!("SN-{name}"));
        self.desk(DeskAct::New {
            name: name.to_owned(),
            size,
            usb: false,
            serial,
            formatted: false,
        });
        self.push_in(name, bay);
    }

    pub(crate) fn push_in(&self, name: &str, bay: u32) {
        self.desk(DeskAct::Insert { name: name.to_owned(), port: format!("bay-{bay}") });
    }

    pub(crate) fn pull(&self, name: &str) {
        self.desk(DeskAct::Pull { name: name.to_owned() });
    }

    pub(crate) fn fault(&self, name: &str, fault: DeskFault) {
        self.desk(DeskAct::Fault { name: name.to_owned(), fault });
    }

    pub(crate) fn disks(&self) -> Disks {
        match self.ask(Call::Disks {}) {
            Answer::Disks(disks) => disks,
            other => panic!("{other:?}"),
        }
    }

    /// Waits until the disks are as wanted.
    pub(crate) fn until_disks(&self, wanted: impl Fn(&Disks) -> bool) -> Disks {
        let mut talk = self.talk();
        talk.ask(Call::Watch { job: None }).unwrap();
        for _ in 0..2_000 {
            let disks = self.disks();
            if wanted(&disks) {
                return disks;
            }
            assert!(talk.event().unwrap().is_some(), "the box went away: {}", self.rig.log());
        }
        panic!("it does not come: {:#?}\n{}", self.disks(), self.rig.log());
    }

    /// Health is judged a moment after what it is judged by.
    pub(crate) fn until_finds(&self, wanted: impl Fn(&Finding) -> bool) {
        let mut talk = self.talk();
        talk.ask(Call::Watch { job: None }).unwrap();
        for _ in 0..2_000 {
            if self.health().findings.iter().any(&wanted) {
                return;
            }
            assert!(talk.event().unwrap().is_some(), "the box went away: {}", self.rig.log());
        }
        panic!("it is not found: {:#?}\n{}", self.health(), self.rig.log());
    }

    pub(crate) fn act(&self, disk: &str, act: DiskAct) -> Disks {
        match self.ask(Call::Disk { disk: disk.to_owned(), act }) {
            Answer::Disks(disks) => disks,
            other => panic!("{other:?}"),
        }
    }

    /// A vault of two copies on these disks, in the first bays; its words.
    pub(crate) fn create(&self, names: &[&str]) -> Secret {
        for (number, name) in (1..).zip(names) {
            self.insert(name, SIZE, number);
        }
        self.until_disks(|disks| disks.disks.len() == names.len());
        let disks = (1..=names.len()).map(|number| number.to_string()).collect();
        let password = Some(SecretText::from("correct horse".to_owned()));
        let words = match self.ask(Call::Create { disks, copies: 2, password }) {
            Answer::Created { words, .. } => Secret::Words(words),
            other => panic!("{other:?}"),
        };
        self.notes_the_words();
        words
    }

    /// Waits until the box has noted that somebody has the words: until then it stores nothing, and whoever asks
    /// waits for it no longer than a quick disk takes.
    pub(crate) fn notes_the_words(&self) {
        let (untold, mut waited) = (self.rig.path("state/untold"), Duration::ZERO);
        while untold.exists() {
            waited += LOOK_EVERY;
            assert!(waited < DEADLINE, "nobody has the words: {}", self.rig.log());
            std::thread::park_timeout(LOOK_EVERY);
        }
    }

    pub(crate) fn open(&self, secret: &Secret) {
        self.ask(Call::Unlock { secret: secret.clone() });
    }

    /// Waits until no job is at work or waits.
    pub(crate) fn rests(&self) -> Vec<Job> {
        self.until_disks(|_| self.jobs().iter().all(|job| job.state.is_over()));
        self.jobs()
    }

    /// Restores the newest version and compares every byte.
    pub(crate) fn is_whole(&self, source: &str, to: &str) {
        let spec = JobSpec::Restore {
            snapshot: format!("latest:{source}"),
            path: calls::RawPath(Vec::new()),
            to: calls::RawPath(self.rig.path(to).to_str().unwrap().into()),
            overwrite: false,
        };
        let Some(calls::JobResult::Restore(RestoreResult {
            items, files: counted, failed: 0, ..
        })) = self.done(spec).result
        else {
            panic!("not restored: {}", self.rig.log());
        };
        let files = self.rig.files(source, "");
        // Folders used to be counted as files.
        assert_eq!(counted, files.len() as u64);
        assert!(items > counted && counted > 0, "the folder itself counts among the items");
        for file in files {
            let name = file.file_name().unwrap();
            assert!(bytes_of(&file) == bytes_of(&self.rig.path(to).join(name)), "{name:?}");
        }
    }

    pub(crate) fn checks_clean(&self) {
        let found = self.done(JobSpec::Check { read_data: true, repair: false }).result;
        let Some(calls::JobResult::Check(found)) = found else { panic!("{found:?}") };
        assert!(found.clean && found.under_copied == 0, "{found:?}: {}", self.rig.log());
    }
}

pub(crate) fn at<'d>(disks: &'d Disks, place: &str) -> &'d DiskShown {
    disks.disks.iter().find(|disk| disk.place == place).unwrap_or_else(|| panic!("{disks:#?}"))
}

pub(crate) fn asks(disks: &Disks, kind: QuestionKind) -> Option<String> {
    disks.questions.iter().find(|one| one.kind == kind).map(|one| one.action.clone())
}

pub(crate) fn told(disks: &Disks, words: &str) -> bool {
    disks.news.iter().any(|news| news.sentence.contains(words))
}
