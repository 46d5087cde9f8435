//! What would be lost together is said, and what only might fail together is said when all share it.

use plan::health::friends::{FriendHealth, Home, OutsideHealth};
use types::Bytes;

use crate::friends::{anna, found};

fn home(house: &str, provider: &str, models: &[&str]) -> Home {
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Home {
        house: text(house),
        provider: text(provider),
        disk_models: models.iter().map(|model| (*model).to_owned()).collect(),
    }
}

fn said(own: Home, friends: &[(&str, Home)]) -> Vec<String> {
    let friend = |(name, home): &(&str, Home)| FriendHealth {
        name: (*name).to_owned(),
        home: home.clone(),
        ..anna()
    };
    let friends = friends.iter().map(friend).collect();
    let outside = OutsideHealth { friends, home: own, ..OutsideHealth::default() };
    found(&outside).into_iter().map(|finding| finding.sentence).collect()
}

#[test]
fn a_friend_in_the_same_house_is_told_of_whoever_else_there_is() {
    let own = || home("Mill Lane 3", "", &[]);
    let far = || ("Ben", home("Hill 9", "", &[]));
    let near = || ("Anna", home("Mill Lane 3", "", &[]));
    let told = ["Anna's box stands in the same house as yours."];
    assert_eq!(said(own(), &[near()]), told);
    assert_eq!(said(own(), &[far(), near()]), told);
    assert_eq!(said(own(), &[far()]), [""; 0]);
    assert_eq!(said(home("", "", &[]), &[("Anna", home("", "", &[]))]), [""; 0], "nobody said");
}

#[test]
fn two_friends_in_one_house_are_one() {
    let there = || home("Hill 9", "", &[]);
    let own = home("Mill Lane 3", "", &[]);
    assert_eq!(
        said(own, &[("Anna", there()), ("Ben", there())]),
        ["Anna and Ben keep theirs in one house."]
    );
}

#[test]
fn a_provider_or_a_disk_model_is_told_of_only_when_nobody_has_another() {
    let own = || home("", "Telco", &["WD40", "ST8"]);
    let same = || ("Anna", home("", "Telco", &["ST8"]));
    assert_eq!(
        said(own(), &[same()]),
        [
            "All your friends and you have Telco as provider.",
            "All your friends and you have disks of the model ST8."
        ]
    );
    assert_eq!(said(own(), &[same(), ("Ben", home("", "Fibre", &["HGST"]))]), [""; 0]);
}

#[test]
fn a_friend_that_holds_nothing_is_no_reason_for_advice() {
    let empty = FriendHealth { used: Bytes(0), home: home("Mill", "", &[]), ..anna() };
    let outside =
        OutsideHealth { friends: vec![empty], home: home("Mill", "", &[]), ..Default::default() };
    assert_eq!(found(&outside), []);
}
