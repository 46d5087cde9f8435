//! The silence of the knocker in `routes` means something: let loose on doors that look at less than they
//! should, it names what it got through.

use api::table::{DeviceMay, Needs};

use crate::client::Call;
use crate::rig::Rig;
use crate::routes::{knock, knock_by, knockers};

/// The silence of the knocker means something: a guard that is weaker than the table says is named, for
/// each way of being weaker.
#[test]
fn a_guard_that_is_weaker_than_stated_is_noticed() {
    let weaker: [(&str, &str, Needs, &str); 4] = [
        ("/api/v1/audit", "GET", Needs::ANYONE, "no session"),
        ("/api/v1/people", "GET", Needs::one_of(api::table::LIVES_HERE), "as a Member"),
        ("/api/v1/shutdown", "POST", Needs::one_of(api::table::OWNERS), "not raised"),
        (
            "/api/v1/devices",
            "GET",
            Needs::one_of(api::table::LIVES_HERE).or_device(DeviceMay::Add),
            "a device that adds",
        ),
    ];
    let mut routes = api::routes();
    for (path, method, needs, _) in &weaker {
        let route = routes
            .iter_mut()
            .find(|route| route.facts.path == *path && route.facts.method == *method);
        route.expect("it is in the table").facts.needs = *needs;
    }
    let rig = Rig::with(std::sync::Arc::default(), routes);
    let who = knockers(&rig);
    for (path, method, _, case) in weaker {
        let table = api::routes();
        let stated =
            table.iter().find(|route| route.facts.path == path && route.facts.method == method);
        let wrong = knock(&rig, &who, &stated.expect("it is in the table").facts);
        assert!(wrong.iter().any(|one| one.contains(case)), "{path}: {case}: {wrong:?}");
    }
}

/// The same for what is looked at before any route: somebody between the knocker and the door puts right
/// what the door would have refused, as if it did not look.
#[test]
fn a_door_that_does_not_look_at_host_origin_or_csrf_is_noticed() {
    let rig = Rig::new();
    let who = knockers(&rig);
    let csrf = who.owner.csrf.clone();
    let ways: [(&str, &dyn Fn(Call) -> Call); 3] = [
        ("bad Host", &|call| call.with("host", "localhost")),
        ("bad Origin", &|call| call.with("origin", "").with("sec-fetch-site", "")),
        ("no CSRF token", &|call| call.with("x-holdfast-csrf", &csrf)),
    ];
    let table = api::routes();
    let routes = table.iter().map(|route| &route.facts);
    for facts in routes.filter(|facts| ["/api/v1/lock", "/api/v1/devices"].contains(&facts.path)) {
        for (case, puts_right) in &ways {
            let wrong = knock_by(&|call| rig.send(&puts_right(call)), &who, facts);
            let noticed = wrong.iter().any(|one| one.contains(case));
            let applies = *case != "no CSRF token" || facts.method != "GET";
            assert_eq!(noticed, applies, "{} {}: {case}: {wrong:?}", facts.method, facts.path);
        }
    }
}
