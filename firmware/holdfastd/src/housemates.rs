//! Whose space is whose: names of people and of spaces, as the box's own socket has them.
//!
//! The web door keeps the list of people; here it is read from its record, and never changed. A person's
//! space is made when something is first to be stored in it. Start at [`space_of`].

use std::sync::Arc;

use api::Store;
use calls::{Answer, Fault, FaultCode, Housemate};
use people::{House, Person, Role, SPACE_PREFIX};
use types::{SourceId, SpaceId};
use vault::Vault;

use crate::show;
use crate::supervisor::Supervisor;
use crate::web_store::WebStore;
use crate::web_view::EVERYBODYS;

/// Everybody who lives with the box; nobody before it is claimed.
pub(crate) fn house(supervisor: &Supervisor) -> Result<Option<House>, Fault> {
    let store = WebStore::at(&supervisor.folder);
    api::house(&store as &dyn Store).map_err(|error| {
        tracing::error!(%error, "the list of people cannot be read");
        let sentence = "The box cannot read the list of its people.";
        Fault::new(FaultCode::Failed, sentence, "Look at the box's own disk.")
    })
}

/// The list of people.
pub(crate) fn people(supervisor: &Supervisor) -> Result<Answer, Fault> {
    let vault = supervisor.keeper.vault_now();
    let house = house(supervisor)?;
    let people = house.iter().flat_map(House::people).map(|one| shown(one, vault.as_ref()));
    Ok(Answer::People { people: people.collect() })
}

/// A code with which a computer of somebody is paired.
pub(crate) fn pairing_code(
    supervisor: &Supervisor,
    person: &str,
    source: Option<String>,
) -> Result<Answer, Fault> {
    let Some(codes) = supervisor.codes.get() else {
        let sentence = "This box has no web door, so no computer can reach it.";
        return Err(Fault::new(
            FaultCode::WrongState,
            sentence,
            "Give it one in its settings: [web].",
        ));
    };
    let refused = |problem: api::Problem| {
        let code = if problem.status == 404 { FaultCode::NotFound } else { FaultCode::Refused };
        Fault::new(code, &*problem.detail, &*problem.next)
    };
    codes.make(person, source).map(Answer::PairingCode).map_err(refused)
}

fn shown(person: &Person, vault: Option<&Arc<Vault>>) -> Housemate {
    let role = match person.role {
        Role::Owner => "owner",
        Role::Member => "member",
        Role::Helper => "helper",
    };
    let space = (person.role != Role::Helper).then(|| person.space());
    let count = |vault: &Arc<Vault>| {
        let own = vault.space_named(&person.space());
        vault.sources().iter().filter(|(.., space, _)| Some(*space) == own).count() as u64
    };
    Housemate {
        id: person.id.to_string(),
        name: person.name.clone(),
        role: role.to_owned(),
        sources: vault.filter(|_| space.is_some()).map(count),
        space,
    }
}

/// The name of the space that is meant by its own name, or by that of somebody who lives here. A name like
/// that of a person's space is nobody's, whatever people are called: it is that space's, made or not.
pub(crate) fn space_of(
    supervisor: &Supervisor,
    vault: &Vault,
    said: &str,
) -> Result<String, Fault> {
    if vault.space_named(said).is_some() {
        return Ok(said.to_owned());
    }
    let house = house(supervisor)?;
    let person = house.as_ref().and_then(|house| match said.starts_with(SPACE_PREFIX) {
        true => house.people().iter().find(|one| one.space() == said),
        false => house.named(said),
    });
    match person.filter(|person| person.role != Role::Helper) {
        Some(person) => Ok(person.space()),
        None => {
            let sentence = format!("Nobody here is called {said:?}, and no space is.");
            let advice = "Look at the list: `holdfast --box default people`.";
            Err(Fault::new(FaultCode::NotFound, sentence, advice))
        }
    }
}

/// The space that a listing is asked of; none for all.
pub(crate) fn asked(
    supervisor: &Supervisor,
    vault: &Vault,
    said: Option<&str>,
) -> Result<Option<SpaceId>, Fault> {
    let Some(said) = said else { return Ok(None) };
    let name = space_of(supervisor, vault, said)?;
    let none = || {
        let sentence = format!("Nothing was stored for {said:?} yet.");
        Fault::new(FaultCode::NotFound, sentence, "Back something up with this space first.")
    };
    vault.space_named(&name).map(Some).ok_or_else(none)
}

/// The space that a job stores in, made now if there is none; the shared one has no name in a job.
pub(crate) fn storing_in(
    supervisor: &Supervisor,
    vault: &Vault,
    said: &str,
) -> Result<Option<String>, Fault> {
    let name = space_of(supervisor, vault, said)?;
    if name == EVERYBODYS {
        return Ok(None);
    }
    vault.space_or_new(&name).map_err(|error| show::fault(&error))?;
    Ok(Some(name))
}

/// What a source is called where the whole house reads it: in findings, letters and numbers. One of a
/// person's own is told by its id.
pub(crate) fn called(vault: &Vault, name: &str, id: SourceId, space: SpaceId) -> String {
    match vault.space_name(space) {
        Some(space) if space != EVERYBODYS => private_name(&space, &id.to_string()),
        _ => name.to_owned(),
    }
}

/// The name of a source that only its person is told.
pub(crate) fn private_name(space: &str, id: &str) -> String {
    format!("{} of {space}", id.get(..8).unwrap_or(id))
}

/// Whether a space is a person's own. One that came from another half of the vault has a number behind, and
/// another one each time that halves met again.
pub(crate) fn is_own(space: &str, own: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match space.strip_prefix(own) {
        Some("") => true,
        Some(rest) => rest.strip_prefix('.').is_some_and(|rest| rest.split('.').all(is_number)),
        None => false,
    }
}
