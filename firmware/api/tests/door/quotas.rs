//! What a person and a device may store, and that it counts for every way in.

use serde_json::{Value, json};

use crate::bounds::device;
use crate::client::{Answer, Call};
use crate::files::{B, sent, tus, words};
use crate::rig::Rig;

fn put(rig: &Rig, bearer: &str, name: &str, bytes: &[u8]) -> Answer {
    let call = Call::new("PUT", &format!("/api/v1/files/photos/content?path={name}"));
    rig.send(&sent(call.with("authorization", bearer), bytes))
}

fn begin(rig: &Rig, bearer: &str, name: &str, length: usize) -> Answer {
    let pairs = words(&[("source", "photos"), ("filename", name)]);
    let call = tus("POST", "/api/v1/uploads").with("upload-length", &length.to_string());
    rig.send(&call.with("upload-metadata", &pairs).with("authorization", bearer))
}

fn go_on(rig: &Rig, bearer: &str, at: &str, offset: usize, bytes: &[u8]) -> Answer {
    let call = tus("PATCH", at).with("upload-offset", &offset.to_string()).with("content-type", B);
    rig.send(&sent(call.with("authorization", bearer), bytes))
}

fn is_over(answer: &Answer, status: u16, whose: &str) {
    assert_eq!((answer.status, &*answer.code()), (status, "quota"), "{}", answer.text());
    let said = answer.json();
    let detail = said["detail"].as_str().expect("a sentence");
    assert!(detail.contains(whose), "{detail}");
    assert!(said["next"].as_str().is_some_and(|next| next.contains("larger quota")), "{said}");
}

/// A quota was kept, shown and asked of nobody.
#[test]
fn a_device_stores_what_its_quota_says_and_not_a_byte_more_by_any_way() {
    let (rig, ada) = Rig::claimed();
    rig.elevate(&ada);
    let (_, camera) = device(&rig, &ada, &json!(20));
    is_over(&put(&rig, &camera, "a", &[1; 21]), 413, "\"camera\" is 20 bytes");
    is_over(&begin(&rig, &camera, "a", 21), 413, "\"camera\"");
    assert_eq!(put(&rig, &camera, "a", &[1; 7]).status, 200);
    is_over(&put(&rig, &camera, "b", &[2; 14]), 507, "7 are used");
    is_over(&begin(&rig, &camera, "b", 14), 507, "7 are used");
    let begun = begin(&rig, &camera, "b", 13);
    let at = begun.header("location").expect("an address").to_owned();
    assert_eq!(go_on(&rig, &camera, &at, 0, &[2; 5]).status, 204);
    // Bytes that go nowhere count for nothing.
    assert_eq!(go_on(&rig, &camera, &at, 0, &[2; 5]).status, 409);
    is_over(&put(&rig, &camera, "c", &[3; 9]), 507, "12 are used");
    assert_eq!(go_on(&rig, &camera, &at, 5, &[2; 8]).status, 204);
    is_over(&put(&rig, &camera, "c", &[3; 1]), 507, "20 are used");
    let listed = rig.as_(&ada, Call::new("GET", "/api/v1/devices")).json();
    assert_eq!(listed["devices"][0]["stored"], json!(20));
    // It outlives a restart, and its person is not counted for it.
    let rig = rig.again();
    is_over(&put(&rig, &camera, "c", &[3; 1]), 507, "20 are used");
    let own = Call::new("PUT", "/api/v1/files/photos/content?path=own");
    assert_eq!(rig.as_(&ada, sent(own, &[4; 100])).status, 200);
}

#[test]
fn whoever_has_a_quota_says_how_much_is_coming() {
    let (rig, ada) = Rig::claimed();
    rig.elevate(&ada);
    let (_, camera) = device(&rig, &ada, &json!(20));
    let chunked = |bearer: &str| {
        let call = Call::new("PUT", "/api/v1/files/photos/content?path=a");
        let call = call.with("transfer-encoding", "chunked").with("authorization", bearer);
        let mut bytes = call.bytes();
        bytes.extend_from_slice(b"3\r\nabc\r\n0\r\n\r\n");
        let mut stream = crate::client::secure(rig.at, &rig.ca).expect("a connection");
        std::io::Write::write_all(&mut stream, &bytes).expect("it reads");
        crate::client::read(&mut stream)
    };
    let refused = chunked(&camera);
    assert_eq!((refused.status, &*refused.code()), (411, "no_length"), "{}", refused.text());
    let body = json!({ "name": "free", "scope": { "add": { "source": "photos" } } });
    let made = rig.as_(&ada, Call::new("POST", "/api/v1/devices").json(&body)).json();
    let free = format!("Bearer {}", made["token"].as_str().expect("a token"));
    assert_eq!(chunked(&free).status, 200);
}

#[test]
fn a_persons_quota_counts_for_all_that_they_and_their_devices_store() {
    let (rig, ada) = Rig::claimed();
    rig.elevate(&ada);
    let ben = rig.joins(&ada, "Ben", "member");
    rig.elevate(&ben);
    let path = format!("/api/v1/people/{}/quota", ben.id);
    let set = |bytes: Value| Call::new("PUT", &path).json(&json!({ "bytes": bytes }));
    assert_eq!(rig.as_(&ben, set(json!(1_000))).code(), "not_allowed");
    assert_eq!(rig.as_(&ada, set(json!(10))).status, 200);
    let (_, camera) = device(&rig, &ben, &Value::Null);
    assert_eq!(put(&rig, &camera, "a", &[1; 6]).status, 200);
    let own = |len: usize| {
        let call = Call::new("PUT", &format!("/api/v1/files/photos/content?path=own-{len}"));
        rig.as_(&ben, sent(call, &vec![2; len]))
    };
    is_over(&own(5), 507, "person \"Ben\" is 10 bytes: 6 are used");
    assert_eq!(own(4).status, 200);
    is_over(&put(&rig, &camera, "b", &[1; 1]), 507, "\"Ben\"");
    let told = rig.as_(&ada, Call::new("GET", "/api/v1/people")).json();
    assert_eq!(
        (&told["people"][1]["quota"], &told["people"][1]["stored"]),
        (&json!(10), &json!(10))
    );
    assert_eq!(rig.as_(&ada, set(Value::Null)).status, 200);
    assert_eq!(own(50).status, 200);
}
