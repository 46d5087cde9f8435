//! Accounts: how they come, what ends with what, and that nothing that is kept lets anybody in.

use people::{House, PersonId, Refusal, Role, Scope, Verifier};
use types::Millis;

use crate::home::{CHEAP, HOME, Home, PASSWORD};

fn joins(home: &mut Home, name: &str, role: Role, span: Option<Millis>) -> PersonId {
    let invited = home.house.invite(name, role, span, home.now, &home.dice).expect("invited");
    let verifier = Verifier::of(PASSWORD, CHEAP, &home.dice).expect("a password");
    let joined = home.house.join(name, &invited.code.text(), verifier, home.now);
    assert_eq!(joined, Ok(invited.person));
    invited.person
}

#[test]
fn a_box_is_claimed_once_and_only_with_the_newest_code() {
    let mut home = Home::unclaimed();
    let old = home.house.new_claim(&home.dice).expect("it has no owner").text().to_string();
    let new = home.house.new_claim(&home.dice).expect("it has no owner").text().to_string();
    let verifier = || Verifier::of(PASSWORD, CHEAP, &crate::home::Dice::default()).expect("one");
    let mut claim = |code: &str| home.house.claim(code, "Ada", verifier(), home.now, &home.dice);
    assert_eq!(claim(&old).unwrap_err(), Refusal::WrongCode);
    assert_eq!(claim("").unwrap_err(), Refusal::WrongCode);
    assert!(claim(&new).is_ok());
    assert_eq!(claim(&new).unwrap_err(), Refusal::Claimed);
    assert!(home.house.new_claim(&home.dice).is_none());
}

#[test]
fn an_invitation_works_once_and_before_it_is_taken_nobody_signs_in_by_it() {
    let (mut home, _) = Home::claimed();
    let invited = home.house.invite("Ben", Role::Member, None, home.now, &home.dice);
    let invited = invited.expect("invited");
    let early = home.try_in(("Ben", &invited.code.text(), None), HOME, None);
    assert_eq!(early.unwrap_err(), Refusal::WrongSecret);
    let verifier = || Verifier::of(PASSWORD, CHEAP, &crate::home::Dice::default()).expect("one");
    let wrong = home.house.join("Ben", "0000-0000-0000", verifier(), home.now);
    assert_eq!(wrong.unwrap_err(), Refusal::WrongCode);
    assert!(home.house.join("Ben", &invited.code.text(), verifier(), home.now).is_ok());
    let again = home.house.join("Ben", &invited.code.text(), verifier(), home.now);
    assert_eq!(again.unwrap_err(), Refusal::WrongCode);
    assert!(home.try_in(("ben ", PASSWORD, None), HOME, None).is_ok(), "as people type names");
}

#[test]
fn a_helpers_time_ends_and_with_it_everything_that_they_had() {
    let (mut home, _) = Home::claimed();
    let now = home.now;
    for span in [None, Some(Millis(0)), Some(Millis::from_days(31))] {
        let refused = home.house.invite("Cleo", Role::Helper, span, now, &home.dice);
        assert_eq!(refused.unwrap_err(), Refusal::HelperTime);
    }
    joins(&mut home, "Cleo", Role::Helper, Some(Millis::from_days(1)));
    let cleo = home.try_in(("Cleo", PASSWORD, None), HOME, None).expect("a day is not over");
    assert!(home.house.session(&cleo.session, home.now).is_ok());
    home.passes(Millis::from_days(1));
    assert_eq!(home.house.session(&cleo.session, home.now).unwrap_err(), Refusal::NoSession);
    let late = home.try_in(("Cleo", PASSWORD, None), HOME, None);
    assert_eq!(late.unwrap_err(), Refusal::WrongSecret);
}

#[test]
fn sessions_devices_and_browsers_end_with_their_person_and_others_with_a_new_password() {
    let (mut home, ada) = Home::claimed();
    let ben = joins(&mut home, "Ben", Role::Member, None);
    let in_ = home.try_in(("Ben", PASSWORD, None), HOME, None).expect("right");
    let device = ("phone", Scope::Read {}, None);
    let device = home.house.new_device(ben, device, home.now, &home.dice).expect("one");
    assert!(home.house.device(&device.token, home.now).is_ok());
    home.house.remove(ben).expect("he may go");
    assert!(home.house.session(&in_.session, home.now).is_err());
    assert!(home.house.device(&device.token, home.now).is_err());
    assert_eq!(home.house.remove(ada.person).unwrap_err(), Refusal::LastOwner);

    let other = home.try_in(("Ada", PASSWORD, None), HOME, None).expect("right");
    let new = Verifier::of("another long one", CHEAP, &home.dice).expect("a password");
    home.house.set_password(ada.person, new, ada.id).expect("there is Ada");
    assert!(home.house.session(&ada.session, home.now).is_ok(), "the one that asked");
    assert!(home.house.session(&other.session, home.now).is_err());
    assert!(home.try_in(("Ada", PASSWORD, None), HOME, None).is_err());
}

#[test]
fn a_session_lives_for_thirty_days_after_it_was_used_and_raised_rights_a_quarter_of_an_hour() {
    let (mut home, ada) = Home::claimed();
    for _ in 0..4 {
        home.passes(Millis::from_days(29));
        assert!(home.house.session(&ada.session, home.now).is_ok());
        assert!(home.house.is_used(&ada.session, home.now), "worth being kept");
        assert!(!home.house.is_used(&ada.session, home.now), "and not twice in an hour");
    }
    let attempt =
        home.house.may_elevate(&mut home.tries, &ada.session, Default::default(), home.now);
    let checked = attempt.expect("allowed").check(PASSWORD);
    home.house.elevate(&mut home.tries, checked, &ada.session, home.now).expect("right");
    let raised = |home: &Home| {
        home.house.session(&ada.session, home.now).expect("it lives").0.is_elevated(home.now)
    };
    home.passes(Millis(people::ELEVATED_FOR.0 - 1));
    assert!(raised(&home));
    // A clock that is set back gives nothing back.
    home.now.wall = home.now.wall.minus(Millis::from_days(1));
    home.passes(Millis(1));
    assert!(!raised(&home));
    home.passes(Millis::from_days(32));
    assert!(home.house.session(&ada.session, home.now).is_err());
}

#[test]
fn what_is_kept_is_the_same_house_and_lets_nobody_in() {
    let (mut home, ada) = Home::claimed();
    let browser = ada.browser.expect("known from the claim");
    let codes = home.house.new_sheet(ada.person, &home.dice).expect("there is Ada");
    let device = ("phone", Scope::Add { source: "photos".to_owned() }, Some(10));
    let device = home.house.new_device(ada.person, device, home.now, &home.dice).expect("one");
    let kept = serde_json::to_string(&home.house).expect("a house can be written");
    let read: House = serde_json::from_str(&kept).expect("and read");
    assert_eq!(read, home.house);
    let code = codes[0].text().to_string();
    let secrets = [
        PASSWORD.to_owned(),
        ada.session.text().to_string(),
        browser.text().to_string(),
        device.token.text().to_string(),
        code.clone(),
        code.replace('-', ""),
    ];
    for secret in secrets {
        assert!(!kept.contains(&secret), "{secret} is kept");
    }
    assert!(serde_json::from_str::<House>(&kept.replacen('{', "{\"x\":1,", 1)).is_err());
}

#[test]
fn a_device_may_store_so_much_and_is_counted() {
    let (mut home, ada) = Home::claimed();
    let device = ("phone", Scope::Add { source: "photos".to_owned() }, Some(10));
    let device = home.house.new_device(ada.person, device, home.now, &home.dice).expect("one");
    let used = |home: &Home| {
        let limits = home.house.limits(ada.person, &device.token);
        limits.into_iter().map(|one| (one.is_device, one.name, one.stored)).collect::<Vec<_>>()
    };
    home.house.has_stored(ada.person, &device.token, 7);
    assert_eq!(used(&home), [(true, "phone".to_owned(), 7)]);
    // She has a quota, too, and what her phone stores counts for both.
    home.house.set_quota(ada.person, Some(100)).expect("she is there");
    home.house.has_stored(ada.person, &device.token, u64::MAX);
    let all = u64::MAX;
    assert_eq!(used(&home), [(true, "phone".to_owned(), all), (false, "Ada".to_owned(), all)]);
    home.house.set_quota(ada.person, None).expect("she is there");
    assert_eq!(used(&home).len(), 1);
    assert_eq!(home.house.person(ada.person).expect("she is there").stored, 0);
    let scope = &device.device.scope;
    assert!(scope.may_add("photos") && !scope.may_add("diary") && !scope.may_read("photos"));
}

#[test]
fn a_quota_that_no_box_could_hold_is_refused_for_a_device_and_for_a_person() {
    let (mut home, ada) = Home::claimed();
    for (quota, is_one) in [(people::QUOTA_MAX, true), (people::QUOTA_MAX + 1, false)] {
        let device = (&*format!("phone {quota}"), Scope::Read {}, Some(quota));
        let made = home.house.new_device(ada.person, device, home.now, &home.dice);
        assert_eq!(made.map(|_| ()), is_one.then_some(()).ok_or(Refusal::QuotaTooLarge));
        let set = home.house.set_quota(ada.person, Some(quota));
        assert_eq!(set, is_one.then_some(()).ok_or(Refusal::QuotaTooLarge));
    }
}

/// Somebody of such a name was taken for the one whose space is called so.
#[test]
fn nobody_is_called_like_a_space() {
    let (mut home, _) = Home::claimed();
    for name in ["person-0011223344556677", " Person-x", "everyone", "Everyone"] {
        let refused = home.house.invite(name, Role::Member, None, home.now, &home.dice);
        assert_eq!(refused.unwrap_err(), Refusal::NameOfSpace, "{name}");
    }
    for name in ["a person-x", "person", "everyone else"] {
        assert!(
            home.house.invite(name, Role::Member, None, home.now, &home.dice).is_ok(),
            "{name}"
        );
    }
}

#[test]
fn names_that_look_like_another_or_like_nothing_are_refused() {
    let (mut home, _) = Home::claimed();
    let mut invite =
        |name: &str| home.house.invite(name, Role::Member, None, home.now, &home.dice).map(|_| ());
    assert_eq!(invite("ADA"), Err(Refusal::NameTaken));
    assert_eq!(invite(" ada "), Err(Refusal::NameTaken));
    for name in ["", " ", "a\u{202e}b", "A\u{200b}da", "new\nline", &"x".repeat(65)] {
        assert_eq!(invite(name), Err(Refusal::NoName), "{name:?}");
    }
    assert_eq!(invite("J\u{fc}rgen M\u{fc}ller"), Ok(()));
}

/// Of ten sign-ins with the old password that were under way while it was changed, two lived on.
#[test]
fn the_old_password_opens_nothing_that_was_begun_before_it_was_changed() {
    let (mut home, ada) = Home::claimed();
    let place = crate::home::place(HOME);
    let begin = |home: &mut Home| {
        let factor = people::Factor::default();
        home.house.may_try(&mut home.tries, "Ada", factor, (place, None), home.now).expect("a try")
    };
    let begun = begin(&mut home).check(PASSWORD);
    let other = Verifier::of("another password", CHEAP, &home.dice).expect("a password");
    home.house.set_password(ada.person, other, ada.id).expect("she is there");
    let known = (None, "a browser");
    let late = home.house.sign_in(&mut home.tries, begun, known, home.now, &home.dice);
    assert_eq!(late.err(), Some(Refusal::WrongSecret));
    let begun = begin(&mut home).check("another password");
    assert!(home.house.sign_in(&mut home.tries, begun, known, home.now, &home.dice).is_ok());
}

/// A box whose clock was years ahead for a day took its devices for up to date until then.
#[test]
fn a_time_that_was_noted_by_a_clock_that_was_ahead_gives_way_to_the_next_use() {
    let (mut home, ada) = Home::claimed();
    let device = ("phone", Scope::Add { source: "photos".to_owned() }, None);
    let phone = home.house.new_device(ada.person, device, home.now, &home.dice).expect("one");
    let known = |home: &Home| home.house.devices(ada.person).next().cloned().expect("it is there");
    assert!(home.house.is_used(&phone.token, home.now));
    let (first, years) = (home.now, Millis::from_days(3_650));
    home.passes(years);
    assert!(home.house.is_used(&phone.token, home.now));
    home.now.wall = first.wall.plus(Millis::from_days(1));
    assert!(home.house.is_worth_noting(&phone.token, home.now), "what is noted cannot be");
    assert!(home.house.is_used(&phone.token, home.now));
    let phone = known(&home);
    assert_eq!(phone.used_ms, Some(home.now.wall.0));
    assert!(phone.visits().eq([first.wall, home.now.wall]));
}

#[test]
fn a_device_is_known_by_the_days_on_which_it_came_and_not_waited_for_once_it_was_taken_back() {
    let (mut home, ada) = Home::claimed();
    let scope = Scope::Add { source: "photos".to_owned() };
    let made = |home: &mut Home, name: &str, scope: Scope| {
        let device = (name, scope, None);
        home.house.new_device(ada.person, device, home.now, &home.dice).expect("one")
    };
    let phone = made(&mut home, "phone", scope.clone());
    let (hour, begin) = (Millis::from_secs(3_600), home.now.wall);
    for _ in 0..24 * 20 {
        home.house.is_used(&phone.token, home.now);
        home.passes(hour);
    }
    let known = |home: &Home| home.house.devices(ada.person).next().cloned().expect("it is there");
    let visits: Vec<_> = known(&home).visits().collect();
    assert_eq!(visits.len(), 16, "some days, and no longer");
    assert!(visits.windows(2).all(|two| two[1].since(two[0]) == Millis(hour.0 * 12)));
    assert!(visits[0] > begin && known(&home).stores_to() == Some("photos"));

    let let_go = |home: &Home, newest| home.house.is_let_go(ada.person, "photos", newest);
    let newest = Some(home.now.wall);
    assert!(!let_go(&home, newest));
    let second = made(&mut home, "tablet", scope);
    let id = |new: &people::NewDevice| new.device.id().to_string();
    home.house.remove_device(ada.person, &id(&phone), home.now).expect("it is hers");
    assert!(!let_go(&home, newest), "the other one still stores there");
    home.house.remove_device(ada.person, &id(&second), home.now).expect("it is hers");
    assert!(let_go(&home, newest) && let_go(&home, None));
    let kept = serde_json::to_string(&home.house).expect("a house");
    let back: people::House = serde_json::from_str(&kept).expect("the same");
    assert!(back.is_let_go(ada.person, "photos", newest) && back == home.house);
    home.passes(hour);
    assert!(!let_go(&home, Some(home.now.wall)), "something came by another way");
    assert!(!home.house.is_let_go(ada.person, "letters", None));
    made(&mut home, "new phone", Scope::Backup { source: "photos".to_owned() });
    assert!(!let_go(&home, newest));

    // A record from before that is read as it was.
    let mut old: serde_json::Value = serde_json::from_str(&kept).expect("JSON");
    old.as_object_mut().expect("a record").remove("let_go");
    let old: people::House = serde_json::from_value(old).expect("a house");
    assert!(!old.is_let_go(ada.person, "photos", newest));
}
