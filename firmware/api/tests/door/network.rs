//! Where the box is in the network is told to whoever is signed in.

use crate::client::Call;
use crate::rig::Rig;

#[test]
fn whoever_is_signed_in_is_told_by_which_names_and_connections_the_box_is_reached() {
    let (rig, owner) = Rig::claimed();
    let ask = || Call::new("GET", "/api/v1/network");
    assert_eq!(rig.send(&ask()).status, 401);
    let told = rig.as_(&owner, ask()).json();
    assert_eq!(told["announced"], serde_json::Value::Null, "this door tells the house nothing");
    assert_eq!(told["names"], serde_json::json!(["box.example"]));
    assert_eq!(told["only_itself"], true, "it listens on this computer only");
    let links = told["links"].as_array().expect("a list");
    assert!(links.iter().all(|one| one["name"] != "lo"), "{told}");
}
