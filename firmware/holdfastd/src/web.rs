//! The box as the web door asks it: the same calls as on the local socket, with no more in the answers
//! than who asks may see.
//!
//! What somebody may see is decided in `web_view`. Versions are named by ids before anything is done with
//! them, found among those of who asks only, so that no answer tells whether somebody else has one.
//! Start at [`open`].

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use api::{
    DoorError, Enclosure, Env, Reach, Running, Shelf, Sticks, Supervise, Taken, Watching, Who,
};
use calls::{Answer, Call, Event, Fault, FaultCode, Health, JobSpec, Lock, Page};
use files::Files;
use types::SourceId;
use vault::{SnapshotInfo, Vault};

use crate::answer::{self, answer};
use crate::error::StartError;
use crate::freshness::{is_of_device, told_to};
use crate::housemates::house;
use crate::show;
use crate::supervisor::Supervisor;
use crate::web_case;
use crate::web_files;
use crate::web_news::Heard;
use crate::web_store::{FOLDER, WebStore};
use crate::web_view::{Known, View};

/// Whoever reads the box's state folder may read the code of the first start there, too.
const CODE: &str = "web/claim-code";

/// The box behind the door.
#[derive(Clone, Debug)]
pub(crate) struct WebBox {
    pub(crate) supervisor: Arc<Supervisor>,
    /// Whose sources are whose, as it was last looked up.
    known: Arc<Mutex<Option<Vec<Known>>>>,
    files: Arc<Files>,
}

/// A door that is open.
#[derive(Debug)]
pub struct Web {
    /// The door.
    pub running: Running,
    /// What to tell whoever stands at the console.
    pub console: String,
}

/// Opens the door, if the settings want one. Records of it that cannot be used leave it shut, and the box
/// goes on storing without it; it is never opened as if nobody owned the box.
pub fn open(supervisor: &Arc<Supervisor>) -> Result<Option<Web>, StartError> {
    let Some(settings) = &supervisor.setup.config.web else { return Ok(None) };
    let store = WebStore::open(&supervisor.folder)?;
    let env = &supervisor.setup.env;
    let env = Env { clock: Arc::clone(&env.clock), rng: Arc::clone(&env.rng) };
    let files = Arc::new(web_files::files(supervisor));
    web_files::sweep_now_and_then(supervisor, &files);
    let (this, known) = (Arc::clone(supervisor), Arc::default());
    let behind = Arc::new(WebBox { supervisor: this, known, files });
    let desk = supervisor.setup.hardware.as_ref().is_some_and(|one| one.desk.is_some());
    let started = api::start(settings.door(desk), behind, Arc::new(store), env, api::routes());
    let running = match started {
        Err(error @ DoorError::Records { .. }) => {
            tracing::error!(
                error = show::whole(&error),
                advice = error.advice(),
                "the web door stays shut"
            );
            let sentence = "The web door stays shut: its records cannot be read.";
            supervisor.shared().door = vec![sentence.to_owned()];
            supervisor.judge_soon();
            return Ok(None);
        }
        other => other?,
    };
    supervisor.shared().door.clone_from(&running.found);
    // Once: there is one door.
    drop(supervisor.codes.set(running.codes.clone()));
    supervisor.judge_soon();
    let code = running.claim.as_ref().map(|code| code.text().to_string());
    match &code {
        Some(code) => supervisor.folder.put(CODE, code.as_bytes())?,
        None => supervisor.folder.remove(CODE)?,
    }
    let ca: PathBuf = supervisor.folder.path().join(FOLDER).join("ca.pem");
    let name = match running.at.ip() {
        here if here.is_loopback() => "localhost".to_owned(),
        _ => format!("{}.local", settings.name),
    };
    let console = console(&name, running.at.port(), &ca, code.as_deref());
    let plain = running.plain.map(|at| at.to_string());
    tracing::info!(at = %running.at, plain, claimed = code.is_none(), "the web door is open");
    Ok(Some(Web { running, console }))
}

fn console(name: &str, port: u16, ca: &std::path::Path, code: Option<&str>) -> String {
    let at = if port == 443 { String::new() } else { format!(":{port}") };
    let ca = ca.display();
    let claim = code.map(|code| {
        format!("Nobody owns this box yet. Whoever claims it needs this code: {code}\n")
    });
    let claim = claim.unwrap_or_default();
    format!("The box is at https://{name}{at}/ and shows a certificate of {ca}\n{claim}")
}

impl WebBox {
    fn known(&self) -> MutexGuard<'_, Option<Vec<Known>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks up whose sources are whose. May wait for the vault, so no reader of news does it. While the vault
    /// is opened anew with other disks the last list is as good as ever: nothing is stored meanwhile.
    pub(crate) fn look(&self) {
        let keeper = &self.supervisor.keeper;
        let found = keeper.vault_now().and_then(|vault| known(&vault).ok());
        if found.is_some() || keeper.lock() != Lock::Unlocked {
            *self.known() = found;
        }
    }

    /// The verdict as somebody may see it.
    fn told(&self, view: &View<'_>, health: Health) -> Health {
        let shared = self.supervisor.shared();
        let hidden = shared.book.jobs().filter(|job| !view.sees_job(&job.spec)).map(|job| job.id);
        let hidden: Vec<_> = hidden.collect();
        drop(shared);
        let mut health = view.health(health, &hidden);
        self.names_devices(view, &mut health);
        health
    }

    /// Whose devices are silent is told to the whole house; what they are called, to their person.
    fn names_devices(&self, view: &View<'_>, health: &mut Health) {
        if !health.findings.iter().any(|one| is_of_device(&one.sentence)) {
            return;
        }
        // The verdict says it when the list cannot be read.
        let Some(house) = house(&self.supervisor).ok().flatten() else { return };
        let Some(person) = view.person().and_then(|id| house.person(id).ok()) else { return };
        for finding in &mut health.findings {
            finding.sentence = told_to(&house, person, &finding.sentence);
        }
    }

    fn vault(&self) -> Result<Arc<Vault>, Fault> {
        self.supervisor.keeper.vault()
    }

    /// The version of this name, among those that who asks may see.
    fn found(&self, who: &Who, name: &str) -> Result<String, Fault> {
        let vault = self.vault()?;
        let mut all = visible(&vault, who, None)?;
        let wanted = name.to_ascii_lowercase();
        let is_id = |name: &str| name.len() >= 4 && name.bytes().all(|b| b.is_ascii_hexdigit());
        match name.strip_prefix("latest") {
            Some("") => all = all.split_off(all.len().saturating_sub(1)),
            Some(of) if of.starts_with(':') => {
                all.retain(|one| one.source_name == of[1..]);
                if all.iter().any(|one| one.source != all[0].source) {
                    let sentence = "Two of your sources have this name.";
                    let advice = "Give the version's id: the list of one space has it.";
                    return Err(Fault::new(FaultCode::BadRequest, sentence, advice));
                }
                all = all.split_off(all.len().saturating_sub(1));
            }
            _ if is_id(name) => all.retain(|one| one.id.to_string().starts_with(&wanted)),
            _ => all.clear(),
        }
        match &all[..] {
            [one] => Ok(one.id.to_string()),
            [] => Err(nothing("version")),
            _ => {
                let sentence = "Several of your versions begin like this.";
                Err(Fault::new(FaultCode::BadRequest, sentence, "Give more of its id."))
            }
        }
    }

    /// A job that is asked for, with everything that it names found among what is theirs.
    fn meant(&self, who: &Who, mut spec: JobSpec) -> Result<JobSpec, Fault> {
        match &mut spec {
            JobSpec::Backup { space: Some(space), .. } => {
                if !View::of(who, None).sees_space(space) {
                    return Err(nothing("space"));
                }
                if *space == who.space {
                    // It is theirs before anything is in it, whoever else is called what.
                    self.vault()?.space_or_new(space).map_err(|error| show::fault(&error))?;
                }
            }
            JobSpec::Restore { snapshot, .. } => *snapshot = self.found(who, snapshot)?,
            JobSpec::Forget { snapshots } => {
                for name in snapshots {
                    *name = self.found(who, name)?;
                }
            }
            JobSpec::Usb { sources, .. } => {
                let known = known(&*self.vault()?)?;
                let view = View::of(who, Some(&known));
                for said in sources {
                    let is_it = |one: &&Known| one.name == *said || one.id == *said;
                    let mut theirs = known.iter().filter(|one| view.sees(&one.name, &one.space));
                    *said = theirs.find(is_it).ok_or_else(|| nothing("source"))?.id.clone();
                }
            }
            _ => {}
        }
        Ok(spec)
    }

    /// The answer to a call that names nothing but what is theirs, or was agreed to.
    fn answered(&self, who: &Who, call: Call) -> Result<Answer, Fault> {
        let (stops, begins) = (call.stops_the_box(), matches!(call, Call::Restart {}));
        let answered = answer(&self.supervisor, call)?;
        if stops {
            self.supervisor.stop_for(begins);
        }
        if !matches!(
            answered,
            Answer::Job(_)
                | Answer::Jobs { .. }
                | Answer::Started(_)
                | Answer::Health(_)
                | Answer::Kept(_)
                | Answer::KeepingForeseen(_)
        ) {
            return Ok(answered);
        }
        self.look();
        let known = self.known();
        let view = View::of(who, known.as_deref());
        Ok(match answered {
            Answer::Job(job) => Answer::Job(view.job(job)),
            Answer::Jobs { jobs, more } => {
                Answer::Jobs { jobs: jobs.into_iter().map(|job| view.job(job)).collect(), more }
            }
            Answer::Started(mut started) => {
                started.job = view.job(started.job);
                Answer::Started(started)
            }
            Answer::Health(health) => Answer::Health(self.told(&view, health)),
            Answer::Kept(mut kept) => {
                kept.jobs = kept.jobs.into_iter().map(|job| view.job(job)).collect();
                Answer::Kept(kept)
            }
            Answer::KeepingForeseen(foreseen) => {
                Answer::KeepingForeseen(Box::new(view.foreseen(*foreseen)))
            }
            other => other,
        })
    }

    fn sources(&self, who: &Who) -> Result<Answer, Fault> {
        let vault = self.vault()?;
        let known = known(&vault)?;
        let view = View::of(who, Some(&known));
        let ids: Vec<&str> = known
            .iter()
            .filter(|one| view.sees(&one.name, &one.space))
            .map(|one| one.id.as_str())
            .collect();
        let Answer::Sources { mut sources } = answer::sources(&vault)? else {
            return Err(nothing("source"));
        };
        sources.retain(|one| ids.contains(&one.id.as_str()));
        Ok(Answer::Sources { sources })
    }

    fn snapshots(
        &self,
        who: &Who,
        source: Option<&str>,
        space: Option<&str>,
        page: Page,
    ) -> Result<Answer, Fault> {
        let vault = self.vault()?;
        let mut all = visible(&vault, who, source)?;
        if let Some(space) = space {
            if !View::of(who, None).sees_space(space) {
                return Err(nothing("space"));
            }
            let space = vault.space_named(space);
            all.retain(|one| Some(one.space) == space);
        }
        let (skip, items) = answer::bounds(page);
        let snapshots: Vec<_> =
            all.iter().skip(skip).take(items).map(|one| show::snapshot(&vault, one)).collect();
        let more = all.len() > skip.saturating_add(snapshots.len());
        Ok(Answer::Snapshots { snapshots, more })
    }
}

fn nothing(what: &str) -> Fault {
    let sentence = format!("You have no such {what}.");
    Fault::new(FaultCode::NotFound, sentence, "Look at the list of yours.")
}

/// Every source with its space.
fn known(vault: &Vault) -> Result<Vec<Known>, Fault> {
    let spaces = vault.spaces();
    let snapshots = vault.snapshots(None).map_err(|error| show::fault(&error))?;
    let mut versions: BTreeMap<SourceId, Vec<String>> = BTreeMap::new();
    for one in snapshots {
        versions.entry(one.source).or_default().push(one.id.to_string());
    }
    let mut one = |(id, name, space, _)| {
        let called = spaces.iter().find(|(known, _)| *known == space);
        Known {
            snapshots: versions.remove(&id).unwrap_or_default(),
            space: called.map_or_else(String::new, |(_, name)| name.clone()),
            id: id.to_string(),
            name,
        }
    };
    Ok(vault.sources().into_iter().map(&mut one).collect())
}

/// The versions that somebody may see, the oldest first; of one source, or of all.
fn visible(vault: &Vault, who: &Who, source: Option<&str>) -> Result<Vec<SnapshotInfo>, Fault> {
    let spaces = vault.spaces();
    let view = View::of(who, None);
    let mut all = vault.snapshots(None).map_err(|error| show::fault(&error))?;
    all.retain(|one| {
        let space = spaces.iter().find(|(known, _)| *known == one.space);
        let theirs = space.is_some_and(|(_, space)| view.sees(&one.source_name, space));
        theirs && source.is_none_or(|source| source == one.source_name)
    });
    if let Some(source) = source.filter(|_| all.is_empty()) {
        let known = known(vault)?;
        if !known.iter().any(|one| one.name == source && view.sees(&one.name, &one.space)) {
            return Err(nothing("source"));
        }
    }
    Ok(all)
}

impl Supervise for WebBox {
    fn call(&self, who: &Who, call: Call) -> Result<Answer, Fault> {
        let call = match call {
            Call::Sources {} => return self.sources(who),
            Call::Snapshots { source, space, page } => {
                return self.snapshots(who, source.as_deref(), space.as_deref(), page);
            }
            Call::List { snapshot, path, deep, page } => {
                Call::List { snapshot: self.found(who, &snapshot)?, path, deep, page }
            }
            Call::Start { spec } => Call::Start { spec: self.meant(who, spec)? },
            Call::Watch { .. } | Call::People {} | Call::PairingCode { .. } => {
                return Err(nothing("call"));
            }
            other => other,
        };
        self.answered(who, call)
    }

    fn watch(&self) -> Box<dyn Watching> {
        Box::new(Heard {
            news: self.supervisor.hub.watch(None),
            behind: self.clone(),
            looked: None,
        })
    }

    fn shown(&self, who: &Who, event: &Event) -> Option<Event> {
        let known = self.known();
        let view = View::of(who, known.as_deref());
        Some(match event {
            Event::Job(job) => Event::Job(Box::new(view.job((**job).clone()))),
            Event::Health(health) => Event::Health(self.told(&view, health.clone())),
            // Whose friends they are.
            Event::Friends {} if who.role != people::Role::Owner => return None,
            other => other.clone(),
        })
    }

    fn everything(&self) -> Result<Vec<Taken>, Fault> {
        let known = known(&*self.vault()?)?;
        Ok(known.into_iter().map(|Known { id, space, .. }| Taken { id, space }).collect())
    }

    fn start_agreed(&self, who: &Who, spec: JobSpec) -> Result<Answer, Fault> {
        self.answered(who, Call::Start { spec })
    }

    fn enclosure(&self) -> Option<Enclosure> {
        let hardware = self.supervisor.setup.hardware.as_ref()?;
        Some(web_case::drawn(hardware.board.profile()))
    }

    fn sticks(&self) -> Option<&dyn Sticks> {
        self.supervisor.setup.hardware.as_ref().map(|_| self as &dyn Sticks)
    }

    fn people_changed(&self) {
        self.supervisor.judge_soon();
    }

    fn words_are_told(&self) {
        self.supervisor.words_are_told();
    }

    fn shelf(&self, who: &Who, space: Option<&str>, reach: Reach) -> Result<Shelf, Fault> {
        let (space, name) = web_files::space(&*self.vault()?, who, space, reach)?;
        Ok(Shelf { files: Arc::clone(&self.files), space, name })
    }
}
