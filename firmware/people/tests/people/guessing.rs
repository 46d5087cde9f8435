//! Guessing: it never succeeds, it is slow however many addresses there are, and it takes nothing from the
//! owner. What would be without each allowance is shown beside it.

use people::{Factor, HALVES_AN_HOUR, Refusal, TRIES_AN_HOUR, TRIES_OF_ALL_AN_HOUR};
use types::Millis;

use crate::home::{HOME, Home, PASSWORD, place};

/// An attacker's address, another one each time.
fn address(number: u32) -> String {
    let [a, b, c, d] = (0x0b00_0000 + number).to_le_bytes();
    format!("{d}.{c}.{b}.{a}")
}

#[test]
fn a_hundred_thousand_guesses_from_everywhere_never_succeed_and_never_lock_the_owner_out() {
    let (mut home, ada) = Home::claimed();
    let browser = ada.browser.expect("known from the claim");
    let (mut checked, mut refused) = (0_u32, 0_u32);
    // 100 guesses a minute for 1000 minutes, each from an address of its own.
    for minute in 0..1_000_u32 {
        for guess in 0..100 {
            let number = minute * 100 + guess;
            let password = format!("password number {number}");
            match home.try_in(("Ada", &password, None), &address(number), None) {
                Err(Refusal::WrongSecret) => checked += 1,
                Err(Refusal::TooOften { .. }) => refused += 1,
                other => panic!("guess {number}: {other:?}"),
            }
        }
        if minute % 10 == 0 {
            let owner = home.try_in(("Ada", PASSWORD, None), HOME, Some(&browser));
            assert!(owner.is_ok(), "minute {minute}: {owner:?}");
        }
        home.passes(Millis::from_secs(60));
    }
    assert_eq!(checked + refused, 100_000);
    // What there is at the start, and what comes back in 1000 minutes.
    let most = TRIES_OF_ALL_AN_HOUR + TRIES_OF_ALL_AN_HOUR * 1_000 / 60;
    assert!(checked <= most, "{checked} guesses were checked, and {most} may be");
    assert!(checked >= most - 2, "{checked}: the allowance is there, and it is what holds them up");
}

#[test]
fn one_address_has_ten_an_hour_and_a_right_password_costs_none() {
    let (mut home, _) = Home::claimed();
    for _ in 0..3 * TRIES_AN_HOUR {
        home.try_in(("Ada", PASSWORD, None), HOME, None).expect("it is right");
    }
    for _ in 0..TRIES_AN_HOUR {
        let wrong = home.try_in(("Ada", "something else", None), HOME, None);
        assert_eq!(wrong.unwrap_err(), Refusal::WrongSecret);
    }
    let Err(Refusal::TooOften { wait }) = home.try_in(("Ada", PASSWORD, None), HOME, None) else {
        panic!("the eleventh");
    };
    assert_eq!(wait, Millis::from_secs(360));
    assert!(home.try_in(("Ada", PASSWORD, None), "192.168.1.11", None).is_ok(), "a neighbour");
    home.passes(wait);
    assert!(home.try_in(("Ada", PASSWORD, None), HOME, None).is_ok());
}

#[test]
fn a_name_that_nobody_has_is_refused_like_a_wrong_password() {
    let (mut home, _) = Home::claimed();
    let unknown = home.try_in(("Eve", PASSWORD, None), HOME, None).unwrap_err();
    let wrong = home.try_in(("Ada", "something else", None), HOME, None).unwrap_err();
    assert_eq!(unknown, wrong);
    // And costs as much: the same allowance, whoever is named.
    for _ in 0..TRIES_AN_HOUR - 2 {
        home.try_in(("Eve", PASSWORD, None), HOME, None).unwrap_err();
    }
    let last = home.try_in(("Ada", PASSWORD, None), HOME, None);
    assert!(matches!(last, Err(Refusal::TooOften { .. })));
}

/// A browser of one person is nobody's for another: else a member could guess the owner's password with
/// an allowance of their own, again and again.
#[test]
fn a_browser_is_known_only_for_the_person_who_signed_in_with_it() {
    let (mut home, ada) = Home::claimed();
    let browser = ada.browser.expect("known from the claim");
    for number in 0..TRIES_OF_ALL_AN_HOUR {
        home.try_in(("Ada", "guess and guess", None), &address(number), None).unwrap_err();
    }
    let strange = home.try_in(("Eve", "guess and guess", None), HOME, Some(&browser));
    assert!(matches!(strange, Err(Refusal::TooOften { .. })), "{strange:?}");
    assert!(home.try_in(("Ada", PASSWORD, None), HOME, Some(&browser)).is_ok());
}

#[test]
fn a_printed_code_opens_a_way_past_the_attackers_and_works_once() {
    let (mut home, ada) = Home::claimed();
    let codes = home.house.new_sheet(ada.person, &home.dice).expect("there is Ada");
    for number in 0..TRIES_OF_ALL_AN_HOUR {
        home.try_in(("Ada", "guess and guess", None), &address(number), None).unwrap_err();
    }
    let plain = home.try_in(("Ada", PASSWORD, None), HOME, None);
    assert!(matches!(plain, Err(Refusal::TooOften { .. })));
    let code = codes[0].text();
    assert!(home.try_in(("Ada", PASSWORD, Some(&code)), HOME, None).is_ok());
    let again = home.try_in(("Ada", PASSWORD, Some(&code)), HOME, None);
    assert!(matches!(again, Err(Refusal::TooOften { .. })), "{again:?}");
    let made_up = home.try_in(("Ada", PASSWORD, Some("0000-0000-0000")), HOME, None);
    assert!(matches!(made_up, Err(Refusal::TooOften { .. })), "{made_up:?}");
}

#[test]
fn who_knows_the_password_has_ten_codes_an_hour_from_wherever_and_the_owners_browser_its_own() {
    let (mut home, ada) = Home::claimed();
    let browser = ada.browser.expect("known from the claim");
    let secret = home.house.new_totp(ada.person, &home.dice).expect("there is Ada");
    let step = |home: &Home| home.now.wall.0 / 30_000;
    let first = people::code_at(&secret, step(&home));
    home.house.confirm_totp(ada.person, &first, home.now).expect("the app's code");
    home.passes(Millis::from_secs(60));
    let bare = home.try_in(("Ada", PASSWORD, None), HOME, None);
    assert_eq!(bare.unwrap_err(), Refusal::SecondFactor);
    let right = people::code_at(&secret, step(&home));
    let wrong = format!("{:06}", (right.parse::<u32>().expect("digits") + 1) % 1_000_000);
    let mut checked = 0;
    for number in 0..50 {
        match home.try_in(("Ada", PASSWORD, Some(&wrong)), &address(number), None) {
            Err(Refusal::WrongSecret) => checked += 1,
            Err(Refusal::TooOften { .. }) => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(checked, TRIES_AN_HOUR);
    assert!(home.try_in(("Ada", PASSWORD, Some(&right)), HOME, Some(&browser)).is_ok());
    let again = home.try_in(("Ada", PASSWORD, Some(&right)), HOME, Some(&browser));
    assert_eq!(again.unwrap_err(), Refusal::WrongSecret, "a code is taken once");
}

/// It cost nothing, so whoever had the password could go on without end.
#[test]
fn a_right_password_alone_costs_nothing_for_a_while_and_then_what_a_wrong_one_does() {
    let (mut home, ada) = Home::claimed();
    let browser = ada.browser.expect("known from the claim");
    let secret = home.house.new_totp(ada.person, &home.dice).expect("there is Ada");
    let code = |home: &Home| people::code_at(&secret, home.now.wall.0 / 30_000);
    let first = code(&home);
    home.house.confirm_totp(ada.person, &first, home.now).expect("the app's code");
    let mut answered = 0;
    for number in 0..1_000 {
        match home.try_in(("Ada", PASSWORD, None), &address(number), None) {
            Err(Refusal::SecondFactor) => answered += 1,
            Err(Refusal::TooOften { .. }) => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(answered, HALVES_AN_HOUR + TRIES_OF_ALL_AN_HOUR);
    let bare = home.try_in(("Ada", PASSWORD, None), HOME, Some(&browser));
    assert_eq!(bare.unwrap_err(), Refusal::SecondFactor, "her browser has its own");
    home.passes(Millis::from_secs(60));
    let right = code(&home);
    assert!(home.try_in(("Ada", PASSWORD, Some(&right)), HOME, Some(&browser)).is_ok());
}

#[test]
fn raised_rights_are_guessed_no_faster_by_whoever_has_a_stolen_session() {
    let (mut home, ada) = Home::claimed();
    for _ in 0..TRIES_AN_HOUR {
        let attempt =
            home.house.may_elevate(&mut home.tries, &ada.session, Factor::default(), home.now);
        let checked = attempt.expect("allowed").check("guess and guess");
        let raised = home.house.elevate(&mut home.tries, checked, &ada.session, home.now);
        assert_eq!(raised.unwrap_err(), Refusal::WrongSecret);
    }
    let next = home.house.may_elevate(&mut home.tries, &ada.session, Factor::default(), home.now);
    assert!(matches!(next, Err(Refusal::TooOften { .. })));
}

#[test]
fn memory_of_who_tried_is_bounded_and_forgets_who_tried_least() {
    let (mut home, _) = Home::claimed();
    let used_up = place(HOME);
    for _ in 0..TRIES_AN_HOUR {
        home.tries.take_strange(used_up, home.now.uptime).expect("there are some");
    }
    // A minute brings one more for all strange places: enough hours for a great many addresses.
    for number in 0..20_000 {
        home.passes(Millis::from_secs(60));
        home.tries.take_strange(place(&address(number)), home.now.uptime).expect("one each");
        if number % 5 == 0 {
            home.tries.take_strange(used_up, home.now.uptime).ok();
        }
    }
    let again = home.tries.take_strange(used_up, home.now.uptime);
    assert!(matches!(again, Err(Refusal::TooOften { .. })), "who tries most is remembered");
}
