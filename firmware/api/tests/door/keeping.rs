//! What is kept: looked at before it is changed, and kept less only by who gave the password once more.

use serde_json::json;

use crate::client::Call;
use crate::rig::Rig;

#[test]
fn to_keep_less_is_a_route_of_its_own_that_wants_the_password_once_more_and_is_in_the_log() {
    let (rig, owner) = Rig::claimed();
    let put = |path: &str, body| rig.as_(&owner, Call::new("PUT", path).json(&body));
    let rule = json!({ "all_days": 1, "hourly_days": 1, "daily_days": 60, "weekly_days": 60 });
    let foresee = Call::new("POST", "/api/v1/keeping/foreseen").json(&json!({ "versions": rule }));
    let foreseen = rig.as_(&owner, foresee).json();
    assert_eq!((&foreseen["versions"], &foreseen["less"]), (&json!(14), &json!(true)));
    assert_eq!(put("/api/v1/keeping", json!({ "copies": 1 })).code(), "wrong_state");
    assert_eq!(put("/api/v1/keeping", json!({ "copies": 3 })).status, 200);
    let less = json!({ "copies": 1, "versions": rule, "goes_at_most": 14 });
    assert_eq!(put("/api/v1/keeping/less", less.clone()).code(), "not_elevated");
    rig.elevate(&owner);
    assert_eq!(put("/api/v1/keeping/less", less).json()["keeping"]["copies"], 2);
    // A field that nobody knows is refused, and never left out in silence.
    let strange = json!({ "versions": { "all_days": 1 }, "monthly_days": 9 });
    assert_eq!(put("/api/v1/keeping", strange).code(), "bad_request");
    let log = rig.as_(&owner, Call::new("GET", "/api/v1/audit")).json();
    let entries = log["entries"].as_array().expect("entries");
    let found = entries.iter().find(|entry| entry["act"] == "keep-less").expect("it is noted");
    assert_eq!(
        found["what"],
        "copies: 1; versions: all 1, hourly 1, daily 60, weekly 60 days; 14 versions may go"
    );
}
