//! Codes for computers: good once, for a quarter of an hour, and of nobody who has left.

use people::{PAIRING_FOR, Refusal, Role, Scope};
use types::Millis;

use crate::home::Home;

#[test]
fn a_code_makes_one_device_of_its_person_and_only_in_time() {
    let (mut home, _) = Home::claimed();
    let now = home.now;
    let ada = home.house.people()[0].id;
    let made = home.house.new_pairing(ada, (None, Some(500)), now, &home.dice).unwrap();
    let code = made.text();
    assert_eq!(home.house.may_pair("0000-0000-0000", now), Err(Refusal::WrongCode));
    assert_eq!(home.house.may_pair(&code, now).unwrap().person, ada);
    let device = home.house.pair(&code, ("laptop", "laptop"), now, &home.dice).unwrap().device;
    assert_eq!(device.scope, Scope::Backup { source: "laptop".to_owned() });
    assert_eq!((device.person, device.quota), (ada, Some(500)));
    let again = home.house.pair(&code, ("other", "other"), now, &home.dice);
    assert_eq!(again.err(), Some(Refusal::WrongCode), "it was good once");

    let late = home.house.new_pairing(ada, (None, None), now, &home.dice).unwrap().text();
    let mut then = now;
    then.uptime = Millis(now.uptime.0 + PAIRING_FOR.0 - 1);
    assert!(home.house.may_pair(&late, then).is_ok());
    then.uptime = Millis(now.uptime.0 + PAIRING_FOR.0);
    assert_eq!(home.house.may_pair(&late, then), Err(Refusal::WrongCode), "its time is over");
}

#[test]
fn a_helper_pairs_nothing_and_codes_of_one_person_have_an_end() {
    let (mut home, _) = Home::claimed();
    let now = home.now;
    let ada = home.house.people()[0].id;
    let helps = Some(Millis(3_600_000));
    let cleo = home.house.invite("cleo", Role::Helper, helps, now, &home.dice).unwrap().person;
    let refused = home.house.new_pairing(cleo, (None, None), now, &home.dice);
    assert_eq!(refused.err(), Some(Refusal::NotAllowed));
    let mut codes = 0;
    while home.house.new_pairing(ada, (None, None), now, &home.dice).is_ok() {
        codes += 1;
        assert!(codes < 100, "one person makes codes without end");
    }
    let ben = home.house.invite("ben", Role::Member, None, now, &home.dice).unwrap().person;
    let bens = home.house.new_pairing(ben, (None, None), now, &home.dice).unwrap().text();
    home.house.remove(ben).unwrap();
    assert_eq!(home.house.may_pair(&bens, now), Err(Refusal::WrongCode), "who left has none");
}

#[test]
fn of_two_computers_of_one_name_that_come_at_once_one_is_paired() {
    let (mut home, _) = Home::claimed();
    let now = home.now;
    let ada = home.house.people()[0].id;
    let mut code = |source: Option<&str>| {
        let source = source.map(ToOwned::to_owned);
        home.house.new_pairing(ada, (source, None), now, &home.dice).unwrap().text()
    };
    let (first, second, same) = (code(None), code(None), code(Some("laptop")));
    home.house.pair(&first, ("laptop", "laptop"), now, &home.dice).unwrap();
    let taken = home.house.pair(&second, ("other", "laptop"), now, &home.dice);
    assert_eq!(taken.err(), Some(Refusal::NameTaken), "it could read what the first one sends");
    home.house.pair(&second, ("desktop", "desktop"), now, &home.dice).unwrap();
    home.house.pair(&same, ("new laptop", "laptop"), now, &home.dice).unwrap();
}
