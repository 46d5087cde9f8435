//! Random courses of coming, going and time against a smaller model: a list of who may be in until when.

use std::collections::BTreeMap;

use people::{Role, Token, Verifier};
use proptest::prelude::*;
use types::Millis;

use crate::home::{CHEAP, Home, PASSWORD};

const NAMES: [&str; 3] = ["Ben", "Cleo", "Dan"];

#[derive(Clone, Debug)]
enum Step {
    Join(usize, bool),
    SignIn(usize),
    Use(usize),
    End(usize),
    Remove(usize),
    Hours(u32),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..NAMES.len(), any::<bool>()).prop_map(|(who, helps)| Step::Join(who, helps)),
        (0..NAMES.len()).prop_map(Step::SignIn),
        (0..8_usize).prop_map(Step::Use),
        (0..8_usize).prop_map(Step::End),
        (0..NAMES.len()).prop_map(Step::Remove),
        (1..900_u32).prop_map(Step::Hours),
    ]
}

/// What the model knows of a session: whose it is, and when it was last noted as used.
struct Known {
    who: usize,
    token: Token,
    used: i64,
    ended: bool,
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn a_session_is_good_exactly_as_long_as_the_model_says(
        steps in proptest::collection::vec(step(), 1..60),
    ) {
        let (mut home, _) = Home::claimed();
        let (mut here, mut known) = (BTreeMap::new(), Vec::<Known>::new());
        for step in steps {
            let now = home.now.wall.0;
            match step {
                Step::Join(who, helps) => {
                    let role = if helps { Role::Helper } else { Role::Member };
                    let span = helps.then_some(Millis::from_days(5));
                    let invited = home.house.invite(NAMES[who], role, span, home.now, &home.dice);
                    prop_assert_eq!(invited.is_ok(), !here.contains_key(&who));
                    if let Ok(invited) = invited {
                        let verifier = Verifier::of(PASSWORD, CHEAP, &home.dice).expect("one");
                        let code = invited.code.text();
                        let id = home.house.join(NAMES[who], &code, verifier, home.now);
                        let until = span.map(|span| now + i64::try_from(span.0).expect("days"));
                        here.insert(who, (id.expect("the code is right"), until));
                    }
                }
                Step::SignIn(who) => {
                    let from = format!("10.0.0.{who}");
                    let signed = home.try_in((NAMES[who], PASSWORD, None), &from, None);
                    let may = here.get(&who).is_some_and(|(_, until)| until.is_none_or(|end| now < end));
                    match signed {
                        Ok(signed) => {
                            prop_assert!(may);
                            known.push(Known { who, token: signed.session, used: now, ended: false });
                        }
                        Err(people::Refusal::WrongSecret) => prop_assert!(!may),
                        // Names that are not there use the allowance up.
                        Err(other) => prop_assert!(matches!(other, people::Refusal::TooOften { .. }), "{other:?}"),
                    }
                }
                Step::Use(at) => {
                    let Some(one) = known.get_mut(at) else { continue };
                    if home.house.session(&one.token, home.now).is_ok() && home.house.is_used(&one.token, home.now) {
                        one.used = now;
                    }
                }
                Step::End(at) => {
                    let Some(one) = known.get_mut(at) else { continue };
                    let Some((id, _)) = here.get(&one.who) else { continue };
                    let session = home.house.session(&one.token, home.now).map(|(s, _)| s.id());
                    if let Ok(session) = session {
                        let ended = home.house.end_session(*id, &session.to_string());
                        prop_assert_eq!(ended, Ok(()));
                        one.ended = true;
                    }
                }
                Step::Remove(who) => {
                    if let Some((id, _)) = here.remove(&who) {
                        prop_assert_eq!(home.house.remove(id), Ok(()));
                        known.iter_mut().filter(|one| one.who == who).for_each(|one| one.ended = true);
                    }
                }
                Step::Hours(hours) => home.passes(Millis::from_secs(u64::from(hours) * 3_600)),
            }
            let now = home.now.wall.0;
            for one in &known {
                let in_time = now - one.used < 30 * 86_400_000;
                let may = here.get(&one.who).is_some_and(|(_, until)| until.is_none_or(|end| now < end));
                let good = home.house.session(&one.token, home.now).is_ok();
                prop_assert_eq!(good, !one.ended && in_time && may);
            }
        }
    }
}
