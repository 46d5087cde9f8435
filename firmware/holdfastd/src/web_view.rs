//! Whose sources are whose, and what is left of an answer for who asks.
//!
//! A person sees their own space and the one that everybody shares; a helper sees none; a device what its
//! scope names of that. A job that could name what somebody else stored is told without its names, and so
//! is every job while the vault is locked, since nobody knows then. Findings name sources of a person's own
//! by their ids from the beginning. Pure. Start at [`View::of`].

use api::Who;
use calls::{Health, Job, JobId, JobSpec};
use people::{PersonId, Role};

use crate::bundle::{LEFT_OUT, without_files, without_names};
use crate::housemates::{is_own, private_name};

/// The space that is made with the vault.
pub(crate) const EVERYBODYS: &str = "everyone";

/// A source, and the name of its space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) space: String,
    /// Its versions, by their whole ids: so a job names them.
    pub(crate) snapshots: Vec<String>,
}

/// What somebody may see.
#[derive(Clone, Debug)]
pub(crate) struct View<'k> {
    who: &'k Who,
    /// None: the vault is locked.
    known: Option<&'k [Known]>,
}

impl<'k> View<'k> {
    /// What this person may see of these sources.
    pub(crate) fn of(who: &'k Who, known: Option<&'k [Known]>) -> Self {
        Self { who, known }
    }

    /// Who it is; nobody when it is a device.
    pub(crate) fn person(&self) -> Option<PersonId> {
        self.who.device.is_none().then_some(self.who.person)
    }

    /// Whether they may see sources of this space. A device reaches only what is its person's own.
    pub(crate) fn sees_space(&self, space: &str) -> bool {
        let shared = space == EVERYBODYS && self.who.device.is_none();
        self.who.role != Role::Helper && (shared || is_own(space, &self.who.space))
    }

    /// Whether they may see this source.
    pub(crate) fn sees(&self, name: &str, space: &str) -> bool {
        let scope = self.who.device.as_ref();
        self.sees_space(space) && scope.is_none_or(|scope| scope.may_read(name))
    }

    fn sees_one(&self, one: &Known) -> bool {
        self.sees(&one.name, &one.space)
    }

    /// Whether there is nothing that they may not see.
    fn sees_all(&self) -> bool {
        self.who.role != Role::Helper
            && self.known.is_some_and(|known| known.iter().all(|one| self.sees_one(one)))
    }

    /// Whether all that a job could name is theirs.
    fn sees_names_of(&self, spec: &JobSpec) -> bool {
        let Some(known) = self.known.filter(|_| self.who.role != Role::Helper) else {
            return false;
        };
        let theirs = || known.iter().filter(|one| self.sees_one(one));
        match spec {
            // What is backed up at the box goes into the space that everybody shares, unless one is named.
            JobSpec::Backup { space, .. } => {
                self.sees_space(space.as_deref().unwrap_or(EVERYBODYS))
            }
            JobSpec::Import { .. } => self.sees_space(EVERYBODYS),
            JobSpec::Restore { snapshot, .. } => {
                theirs().any(|one| one.snapshots.contains(snapshot))
            }
            JobSpec::Usb { sources, .. } => {
                // A name may stand for two sources of two people; an id does not.
                let is_theirs = |said: &String| {
                    let mut named = known.iter().filter(|one| one.name == *said).peekable();
                    theirs().any(|one| one.id == *said)
                        // What nobody here has may have been somebody's.
                        || named.peek().is_some() && named.all(|one| self.sees_one(one))
                };
                !sources.is_empty() && sources.iter().all(is_theirs)
            }
            JobSpec::Check { .. } | JobSpec::UsbVerify { .. } | JobSpec::Forget { .. } => false,
            JobSpec::Scrub {}
            | JobSpec::Rebuild {}
            | JobSpec::BringBack {}
            | JobSpec::Drain { .. }
            | JobSpec::BurnIn { .. }
            | JobSpec::Prune { .. } => true,
        }
    }

    /// Whether they may see all that a job is about.
    pub(crate) fn sees_job(&self, spec: &JobSpec) -> bool {
        self.sees_all() || self.sees_names_of(spec)
    }

    /// A job as they may see it.
    pub(crate) fn job(&self, mut job: Job) -> Job {
        if !self.sees_job(&job.spec) {
            without_files(&mut job);
        }
        job
    }

    /// The verdict as they may see it. Who lives here hears all of it but what `hidden` jobs said: those that
    /// they may not see. A helper hears no names at all.
    pub(crate) fn health(&self, mut health: Health, hidden: &[JobId]) -> Health {
        if self.who.role == Role::Helper {
            without_names(&mut health);
        }
        for finding in &mut health.findings {
            let Some(head) = head_of(&finding.sentence, hidden) else { continue };
            finding.sentence = format!("{head}{LEFT_OUT}");
            if finding.action.contains('/') {
                LEFT_OUT.clone_into(&mut finding.action);
            }
        }
        // What the house is not told, its person is.
        for one in self.known.unwrap_or_default().iter().filter(|one| self.sees_one(one)) {
            let private = private_name(&one.space, &one.id);
            for finding in &mut health.findings {
                finding.sentence = finding.sentence.replace(&private, &one.name);
            }
        }
        health
    }
}

/// The front of a sentence that repeats what one of these jobs said.
fn head_of(sentence: &str, jobs: &[JobId]) -> Option<String> {
    let mut heads =
        jobs.iter().flat_map(|job| ["failed", "waits"].map(|what| format!("Job {job} {what}: ")));
    heads.find(|head| sentence.starts_with(head))
}

#[cfg(test)]
mod tests {
    use calls::{AskedBy, Finding, JobId, JobProgress, JobState, RawPath, Severity};
    use people::{PersonId, Scope};

    use super::*;

    fn who(role: Role, space: &str) -> Who {
        let space = space.to_owned();
        Who { person: PersonId([1; 8]), name: "a".to_owned(), role, space, device: None }
    }

    fn known() -> Vec<Known> {
        let one = |id: &str, name: &str, space: &str| Known {
            id: id.to_owned(),
            name: name.to_owned(),
            space: space.to_owned(),
            snapshots: vec![format!("{id}{id}")],
        };
        vec![
            one("01", "papers", "person-ada"),
            one("02", "diary", "person-ben"),
            one("03", "papers", "person-ben"),
            one("04", "house", EVERYBODYS),
        ]
    }

    fn job(spec: JobSpec) -> Job {
        Job {
            id: JobId(1),
            spec,
            state: JobState::Done,
            asked_by: AskedBy::Owner,
            created_ms: 0,
            started_ms: None,
            ended_ms: None,
            attempts: 1,
            progress: JobProgress::default(),
            result: None,
            fault: None,
            rests: None,
        }
    }

    fn usb(sources: &[&str]) -> JobSpec {
        let sources = sources.iter().map(|one| (*one).to_owned()).collect();
        let path = RawPath(b"secret".to_vec());
        JobSpec::Usb { drives: vec![], sources, path, ago_ms: None, anew: false }
    }

    fn restore(snapshot: &str) -> JobSpec {
        let (path, to) = (RawPath(b"secret".to_vec()), RawPath(b"/srv".to_vec()));
        JobSpec::Restore { snapshot: snapshot.to_owned(), path, to, overwrite: false }
    }

    #[test]
    fn everybody_sees_their_own_space_and_the_shared_one_and_a_helper_none() {
        let (ada, ben) = (who(Role::Owner, "person-ada"), who(Role::Member, "person-ben"));
        let known = known();
        let seen = |who: &Who| -> Vec<String> {
            let view = View::of(who, Some(&known));
            known.iter().filter(|one| view.sees_one(one)).map(|one| one.id.clone()).collect()
        };
        assert_eq!(seen(&ada), ["01", "04"], "an owner, too, sees no other's");
        assert_eq!(seen(&ben), ["02", "03", "04"]);
        assert!(seen(&who(Role::Helper, "person-ada")).is_empty());
        let device = |scope| Who { device: Some(scope), ..ben.clone() };
        assert_eq!(seen(&device(Scope::Backup { source: "diary".to_owned() })), ["02"]);
        assert!(seen(&device(Scope::Add { source: "diary".to_owned() })).is_empty());
        assert_eq!(seen(&device(Scope::Read {})), ["02", "03"], "only its person's own");
    }

    #[test]
    fn a_job_that_could_name_what_is_anothers_is_told_without_names() {
        let ada = who(Role::Owner, "person-ada");
        let known = known();
        let view = View::of(&ada, Some(&known));
        let whole = |spec: JobSpec| view.job(job(spec.clone())).spec == spec;
        assert!(whole(restore("0101")) && whole(usb(&["01"])) && whole(usb(&["house"])));
        assert!(!whole(restore("0202")), "Ben's");
        assert!(!whole(usb(&["papers"])), "Ben has some, too");
        assert!(!whole(usb(&["letters"])), "nobody has such, any more");
        assert!(!whole(usb(&[])), "everybody's");
        let said = format!("{:?}", view.job(job(restore("0202"))));
        assert!(!said.contains("0202") && !said.contains(&format!("{:?}", b"secret")), "{said}");
        // Alone, one sees everything; in a locked box nobody knows whose is whose.
        let alone = &known[..1];
        let spec = usb(&[]);
        assert_eq!(View::of(&ada, Some(alone)).job(job(spec.clone())).spec, spec);
        assert_ne!(View::of(&ada, None).job(job(spec.clone())).spec, spec);
        let helper = who(Role::Helper, "person-ada");
        assert_ne!(View::of(&helper, Some(alone)).job(job(spec.clone())).spec, spec);
    }

    /// A source of Ben's that was called `e` left nothing of the owner's verdict, and made a bay a number.
    #[test]
    fn the_owner_reads_the_whole_verdict_but_what_anothers_job_said_whatever_sources_are_called() {
        let (ada, ben) = (who(Role::Owner, "person-ada"), who(Role::Member, "person-ben"));
        let said = |sentence: &str| Finding {
            severity: Severity::Warning,
            sentence: sentence.to_owned(),
            action: "See to it.".to_owned(),
            nameless: None,
        };
        let volume = calls::Volume {
            id: "d4f26e66".to_owned(),
            path: "bay 1".to_owned(),
            state: "member".to_owned(),
            size: 1,
            free: 1,
            packs: None,
            detail: None,
        };
        let mut known = known();
        known[1].name = "e".to_owned();
        let private = private_name("person-ben", "02");
        let findings = vec![
            said("bay 1 is 95 % full."),
            said(&format!("{private} has never been backed up.")),
            said("Job 7 failed: house is not here"),
            said("Job 8 failed: e is not here"),
        ];
        let health = Health { findings, volumes: vec![volume] };
        let told = View::of(&ada, Some(&known)).health(health.clone(), &[JobId(8)]);
        assert_eq!(told.volumes, health.volumes);
        assert_eq!(told.findings[..3], health.findings[..3]);
        assert_eq!(told.findings[3].sentence, "Job 8 failed: (left out)");
        assert_eq!(told.findings[3].action, "See to it.");
        // Ben is told by its name; a helper hears of no source and no job.
        let told = View::of(&ben, Some(&known)).health(health.clone(), &[]);
        assert_eq!(told.findings[1].sentence, "e has never been backed up.");
        let helper = who(Role::Helper, "person-cleo");
        let told = View::of(&helper, Some(&known)).health(health, &[]);
        assert_eq!(told.volumes[0].path, "volume d4f26e66");
        assert!(told.findings[1..].iter().all(|one| one.sentence == LEFT_OUT), "{told:?}");
    }

    #[test]
    fn a_space_that_came_from_another_half_is_its_persons_however_often_halves_met() {
        for own in ["person-ben", "person-ben.2", "person-ben.2.2", "person-ben.3.12.2"] {
            assert!(is_own(own, "person-ben"), "{own}");
        }
        for other in
            ["person-ben.", "person-ben.2.", "person-ben..2", "person-ben.x", "person-benn"]
        {
            assert!(!is_own(other, "person-ben"), "{other}");
        }
    }
}
