//! What the evil friend does, what is documented to come of it, and the run through all of it.
//!
//! "Documented" is `docs/protocols/friends.md` in a few words. Start at [`BEHAVIOURS`], then [`run`].

use crate::Outcome;
use crate::acts::{
    audits, floods, frames, heads, keeping, manners, notes, packs, pact, pair, slow,
};
use crate::meter::LIMIT_KIB;
use crate::stage::Stage;

/// As whom it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A friend for whom the box keeps packs.
    Owner,
    /// A friend that keeps packs of the box.
    Host,
    /// Either.
    Friend,
    /// Nobody that the box knows.
    Stranger,
}

/// One behaviour.
#[derive(Clone, Copy, Debug)]
pub struct Behaviour {
    /// Its name on the command line.
    pub name: &'static str,
    /// As whom.
    pub role: Role,
    /// What has to come of it.
    pub documented: &'static str,
    /// Does it, and says what came of it.
    pub act: fn(&mut Stage) -> Outcome<String>,
}

const fn owner(
    name: &'static str,
    act: fn(&mut Stage) -> Outcome<String>,
    documented: &'static str,
) -> Behaviour {
    Behaviour { name, role: Role::Owner, documented, act }
}

const fn keeper(
    name: &'static str,
    act: fn(&mut Stage) -> Outcome<String>,
    documented: &'static str,
) -> Behaviour {
    Behaviour { name, role: Role::Host, documented, act }
}

const fn friend(
    name: &'static str,
    act: fn(&mut Stage) -> Outcome<String>,
    documented: &'static str,
) -> Behaviour {
    Behaviour { name, role: Role::Friend, documented, act }
}

const fn stranger(
    name: &'static str,
    act: fn(&mut Stage) -> Outcome<String>,
    documented: &'static str,
) -> Behaviour {
    Behaviour { name, role: Role::Stranger, documented, act }
}

/// All of them. Those that let days pass come last.
pub const BEHAVIOURS: &[Behaviour] = &[
    friend("frame-huge", frames::huge, "the length is checked before anything is allocated"),
    friend("frame-empty", frames::empty, "a length is at least 1"),
    friend("frame-trailing", frames::trailing, "bytes after the last field make it none"),
    friend("variant-unknown", frames::unknown, "refused 1 and its number; the connection goes on"),
    friend("lists-at-bounds", frames::lists, "at most 1,024 ranges, in order, apart, none empty"),
    friend("frames-odd", frames::odd, "what does not read is refused"),
    friend("slow-loris", slow::loris, "16 streams; a frame comes within a minute"),
    friend("half-open", slow::half_open, "16 streams, only the newest connection is heard"),
    owner("never-reads", slow::never_reads, "16 streams; nothing waits for one friend"),
    friend("flood-requests", floods::requests, "100 a second after 400, refused 9, then cut off"),
    friend("flood-control", floods::control, "the same on the control line"),
    friend("flood-noise", floods::noise, "what is no frame counts as a request"),
    friend("flood-streams", floods::streams, "16 at once, however many are opened"),
    friend("flood-lines", floods::connections, "only the newest connection is heard"),
    friend("line-replaced", manners::replaced, "only the newest connection is heard"),
    owner("put-size", packs::sizes, "refused 8: larger than any pack, or empty"),
    owner("put-over-quota", packs::quota, "refused 6 before any byte, what is coming counts"),
    owner("put-tiny", packs::tiny, "a pack counts its length rounded up to 256 KiB"),
    owner("put-wrong-bytes", packs::wrong_bytes, "ack leaves when the file is verified"),
    owner("put-truncated", packs::truncated, "only what is missing is asked for"),
    owner("put-more", packs::more_than_asked, "what was not asked for is not kept"),
    owner("put-stalls", slow::stalls, "counts with ack only; nothing waits for one friend"),
    owner("put-unfinished", packs::unfinished, "at most 64 begun; the one left longest gives way"),
    owner("put-twice", packs::twice, "one stream a pack, one length a name"),
    owner("anothers-packs", packs::anothers, "each friend has its own; a name is no way to it"),
    owner("head-rollback", heads::rollback, "refused 13 and told"),
    owner("head-fork", heads::fork, "refused 12 and told"),
    owner("head-far-ahead", heads::far_ahead, "refused 29 beyond 2^24 more, or 2^62"),
    owner("head-writers", heads::writers, "by the writer in the pact, or one vouched for"),
    owner("head-other-bytes", heads::other_bytes, "has the hash, the vault, the number"),
    owner("head-unlinked", heads::unlinked, "refused 11 unless linked by its writer"),
    owner("head-anew-forged", heads::anew, "only the recovery key begins again"),
    friend("terms-out-of-bounds", pact::bounds, "refused 24"),
    owner("shorter-own", pact::shorter_own, "refused 25 without that owner's recovery key"),
    keeper("shorter-theirs", pact::shorter_theirs, "takes the words of the owner whose data it is"),
    friend("terms-forged", pact::forged, "the next number, the same sides, the friend's hand"),
    friend("terms-nagging", pact::nagging, "shown at most once a day, others refused 9"),
    friend("notes-direction", notes::direction, "no characters that turn the direction of reading"),
    friend("notes-forged", notes::authors, "the author's signature shows that it was not changed"),
    friend("notes-long", notes::long, "a text of at most 2,000 bytes"),
    friend("notes-many", notes::many, "shown once; requests are bounded; 256 are kept"),
    friend("addresses-hostile", manners::addresses, "a friend's words make no scanner of the box"),
    friend("addresses-many", manners::many_addresses, "at most 4 of each hello"),
    friend("clock-far-off", manners::clock, "deletions go by the host's clock, never a friend's"),
    friend("blocked", manners::blocked, "lines are closed and refused; what is kept stays"),
    stranger("stranger", pair::strangers, "no pact, no answer"),
    stranger("secret-wrong", pair::wrong_secret, "18 with the tries left; the fifth time 21"),
    stranger("invite-reused", pair::reused, "refused 19: it belongs to the first box"),
    stranger("impostor", pair::impostor, "refused 14: a side that is not the box of the line"),
    stranger("terms-other", pair::other_terms, "only the terms of the ticket"),
    stranger("proof-relayed", pair::relayed, "a proof is bound to its connection"),
    stranger("clock-at-pairing", pair::clock, "refused 23: more than a day apart"),
    stranger("pair-places", pair::places, "an invited box gets in, whoever else stands there"),
    stranger("pair-flood", pair::flood, "an invited box gets in, whoever else shouts"),
    stranger("return-forged", pair::returned, "only the recovery key brings a fresh box"),
    keeper("audit-wrong-bytes", audits::audit, "lost; \"have\" is not believed again"),
    keeper("audit-other-part", audits::other_part, "lost; \"have\" is not believed again"),
    keeper("audit-old-nonce", audits::nonce, "lost; \"have\" is not believed again"),
    keeper("audit-other-length", audits::size, "lost; \"have\" is not believed again"),
    keeper("audit-unanswered", audits::silent_audit, "no answer says nothing of the copy"),
    keeper("have-without", audits::have, "\"missing\" marks the copy lost"),
    keeper("dropped-after-ack", audits::dropped, "audits and the list find what is gone"),
    keeper("fetch-lies", keeping::fetched, "each piece is proven before it is used"),
    keeper("refuses-everything", keeping::refuses, "told once, until something is taken again"),
    keeper("receipts-nonsense", keeping::receipts, "counts with ack after the bytes, or have"),
    keeper("lists-lie", keeping::lists, "what it has and the records lack counts and is told"),
    keeper("deletes-early", keeping::deletes, "what would go and is needed is offered anew"),
    keeper("head-forged", keeping::forged_head, "has to be shown; nothing is believed otherwise"),
    keeper("never-answers", keeping::never_answers, "at most 4 packs on their way"),
    owner("deletes-all", packs::delete_all, "30 days by the host's clock; the first word counts"),
    friend("end-forged", pact::ends, "signed by the box; what is kept stays as after a deletion"),
    stranger("invite-expired", pair::expired, "refused 20 after 72 hours"),
];

/// Behaviours of which something else comes than is documented, as is known, and the words of it. They
/// are told and counted on their own; one that is right again has to leave this list.
const KNOWN: [(&str, &str); 0] = [];

/// How a run ended.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Behaviours that were tried.
    pub tried: u32,
    /// Those of which something else came than is documented.
    pub wrong: u32,
    /// Those of which this is known.
    pub known: u32,
    /// The most memory that the box ever held, in KiB.
    pub peak_kib: u64,
}

/// Tries these, one after the other, and says a line of each.
pub fn run(stage: &mut Stage, only: &[String], say: &dyn Fn(&str)) -> Outcome<Tally> {
    let mut tally = Tally::default();
    let clock = host::env().clock;
    for behaviour in chosen(only)? {
        let began = clock.uptime();
        let seen = (behaviour.act)(stage).and_then(|seen| {
            stage.serves().map_err(|error| format!("afterwards {error}"))?;
            Ok(seen)
        });
        stage.leave()?;
        let peak = stage.peak_kib()?;
        let seen = seen.and_then(|seen| {
            if peak < LIMIT_KIB { Ok(seen) } else { Err(format!("the box held {peak} KiB")) }
        });
        tally.tried += 1;
        tally.peak_kib = peak;
        let spent = clock.uptime().0.saturating_sub(began.0);
        let Behaviour { name, role, documented, .. } = behaviour;
        let role = format!("{role:?}");
        let (word, seen) = match seen {
            Ok(seen) if known(name).is_some() => {
                tally.wrong += 1;
                ("WRONG", format!("right by now, and to be taken off the list: {seen}"))
            }
            Ok(seen) => ("ok", seen),
            Err(wrong) if known(name).is_some_and(|words| wrong.contains(words)) => {
                tally.known += 1;
                ("known", wrong)
            }
            Err(wrong) => {
                tally.wrong += 1;
                ("WRONG", wrong)
            }
        };
        say(&format!(
            "{name:<20} {role:<8} {word:<5} {spent:>6} ms {:>4} MiB | {documented} | {seen}",
            peak >> 10
        ));
    }
    Ok(tally)
}

/// Tries them on a box that believes everything: how many of the table's complaints were heard.
pub fn sabotaged(stage: &mut Stage, only: &[String], say: &dyn Fn(&str)) -> Outcome<(u32, u32)> {
    let (mut caught, mut tried) = (0, 0);
    for behaviour in chosen(only)? {
        tried += 1;
        let seen = (behaviour.act)(stage);
        stage.leave()?;
        match seen {
            Ok(seen) => say(&format!("{:<20} NOT SEEN: {seen}", behaviour.name)),
            Err(complaint) => {
                caught += 1;
                say(&format!("{:<20} seen: {complaint}", behaviour.name));
            }
        }
    }
    Ok((caught, tried))
}

/// The words of what is known to be wrong with a behaviour.
fn known(name: &str) -> Option<&'static str> {
    KNOWN.iter().find(|(of, _)| *of == name).map(|(_, words)| *words)
}

fn chosen(only: &[String]) -> Outcome<Vec<Behaviour>> {
    for name in only {
        if !BEHAVIOURS.iter().any(|behaviour| behaviour.name == name) {
            return Err(format!("there is no behaviour {name}"));
        }
    }
    let is_chosen =
        |behaviour: &&Behaviour| only.is_empty() || only.iter().any(|name| name == behaviour.name);
    Ok(BEHAVIOURS.iter().filter(is_chosen).copied().collect())
}
