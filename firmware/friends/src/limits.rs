//! Limits and terms as an owner says them, checked, and as `plan` and `peer-proto` want them.
//!
//! Pure. Every refusal names what was said and what may be. Start at [`rules`] and [`terms`].

use calls::{Fault, FaultCode, FriendLimits, PactTerms, Promise};
use peer_proto::pact::{Keeping, Part, Terms};
use plan::jobs::quiet::Quiet;
use plan::traffic::{Days, RELAYED_DEFAULT, Rate, Rule, Rules, Week};
use types::Bytes;

/// Bytes in a second of a kilobit in a second.
const OF_KBIT: u64 = 125;

/// The rules that these limits are.
pub fn rules(limits: &FriendLimits) -> Result<Rules, Fault> {
    let rate = |kbit: u32| Rate(u64::from(kbit) * OF_KBIT);
    let otherwise = limits.kbit.map_or(Rate::UNLIMITED, rate);
    let full = match &limits.full_speed {
        None => Vec::new(),
        Some(text) => {
            let hours = Some(Quiet::parse(text).ok_or_else(|| no_hours(text))?);
            vec![Rule { days: Days::ALL, hours, rate: Rate::UNLIMITED }]
        }
    };
    let week = Week::new(otherwise, full).unwrap_or_default();
    let relayed = limits.relayed_kbit.map_or(RELAYED_DEFAULT, rate);
    Ok(Rules { week, relayed, month_cap: limits.month_bytes.map(Bytes) })
}

fn no_hours(text: &str) -> Fault {
    let text: String = text.chars().take(40).collect();
    let sentence = format!("{text:?} are no hours.");
    Fault::new(FaultCode::BadRequest, sentence, "Write them as `00:00-07:00`.")
}

/// The terms of a pact, as one side says them.
pub fn terms(said: &PactTerms, own: Part) -> Result<Terms, Fault> {
    let keeping = |one: &Promise| Keeping {
        not_before_days: one.not_before_days,
        silence_months: one.silence_months,
        ..Keeping::usual(Bytes(one.bytes))
    };
    let (here, there) = (keeping(&said.here), keeping(&said.there));
    let (by_inviter, by_invitee) = match own {
        Part::Inviter => (here, there),
        Part::Invitee => (there, here),
    };
    let terms = Terms { by_inviter, by_invitee, notice_days: said.notice_days };
    terms.check().map_err(|error| {
        Fault::new(FaultCode::BadRequest, capital(&error.to_string()), error.advice())
    })?;
    for (whose, bytes) in [("this box", said.here.bytes), ("your friend's", said.there.bytes)] {
        if bytes > 0 && bytes < peer_proto::host::GIVEN_MIN.0 {
            let least = peer_proto::host::GIVEN_MIN;
            let sentence =
                format!("{} on {whose} hold no single pack: the least is {least}.", Bytes(bytes));
            return Err(Fault::new(FaultCode::BadRequest, sentence, "Give more, or nothing."));
        }
    }
    Ok(terms)
}

/// The terms of a pact, as this side shows them.
pub fn shown(terms: &Terms, own: Part) -> PactTerms {
    let promise = |keeping: &Keeping| Promise {
        bytes: keeping.bytes.0,
        not_before_days: keeping.not_before_days,
        silence_months: keeping.silence_months,
    };
    PactTerms {
        here: promise(terms.by(own)),
        there: promise(terms.by(own.other())),
        notice_days: terms.notice_days,
    }
}

/// With a capital letter and a full stop, as everything for people.
pub(crate) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string());
    let end = if text.ends_with('.') { "" } else { "." };
    format!("{}{}{end}", first.unwrap_or_default(), letters.as_str())
}
