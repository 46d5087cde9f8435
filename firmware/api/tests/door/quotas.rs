//! What a person and a device may store, and that it counts for every way in.

use std::io::Write;
use std::net::Shutdown;
use std::time::Duration;

use serde_json::{Value, json};

use crate::bounds::{MOMENT, answered, device};
use crate::client::{Answer, Call, secure};
use crate::files::{B, sent, tus, words};
use crate::rig::{Person, Rig};

/// Connections, each listened to for a while, until a refusal has to have come.
const TRIES: usize = 60;
const A_WHILE: Duration = Duration::from_secs(1);
/// Looks until a number has to be there: minutes of them.
const LOOKS: usize = 20_000;

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

/// What the first device of somebody has stored.
fn stored(rig: &Rig, who: &Person) -> u64 {
    let listed = rig.as_(who, Call::new("GET", "/api/v1/devices")).json();
    listed["devices"][0]["stored"].as_u64().expect("a number")
}

/// Two lengths that were together longer than a number is ended the box: any member could send them.
#[test]
fn lengths_that_are_no_number_together_are_refused_and_quotas_are_smaller_than_that() {
    let (rig, ada) = Rig::claimed();
    rig.elevate(&ada);
    let body = json!({ "name": "huge", "scope": { "read": {} }, "quota": u64::MAX });
    let huge = rig.as_(&ada, Call::new("POST", "/api/v1/devices").json(&body));
    assert_eq!((huge.status, &*huge.code()), (400, "bad_request"), "{}", huge.text());
    let path = format!("/api/v1/people/{}/quota", ada.id);
    let huge = rig.as_(&ada, Call::new("PUT", &path).json(&json!({ "bytes": u64::MAX })));
    assert_eq!((huge.status, &*huge.code()), (400, "bad_request"), "{}", huge.text());
    // A box may have kept one that was given before.
    let (_, camera) = device(&rig, &ada, &json!(1_u64 << 60));
    {
        let mut all = rig.records.all.lock().expect("held for a moment");
        let kept = all.values_mut().find(|one| one.starts_with(b"{\"cost\"")).expect("the house");
        let text = String::from_utf8(kept.clone()).expect("JSON");
        assert!(text.contains("1152921504606846976"), "the quota");
        *kept = text.replace("1152921504606846976", &u64::MAX.to_string()).into_bytes();
    }
    let rig = rig.again();
    let put = |name: &str, length: u64| {
        let call = Call::new("PUT", &format!("/api/v1/files/photos/content?path={name}"));
        let call = call.with("authorization", &camera).with("content-length", &length.to_string());
        let mut stream = secure(rig.at, &rig.ca).expect("a connection");
        stream.write_all(&call.bytes()).expect("it reads");
        stream.flush().expect("it reads");
        stream
    };
    let mut first = put("a", u64::MAX - 30);
    // Whichever is on its way first, the other is told; and whoever is let go comes again, since the box may be
    // slow to begin with either.
    let said = (0..TRIES).find_map(|_| {
        let mut other = put("b", u64::MAX - 40);
        answered(&mut other, A_WHILE).or_else(|| answered(&mut first, MOMENT))
    });
    is_over(&said.expect("somebody says that it is too much"), 507, "\"camera\"");
    drop(first);
    assert_eq!(rig.send(&Call::new("GET", "/api/v1/box")).status, 200, "and the box is there");
}

/// Ten gigabytes with a wrong checksum cost nothing, again and again: they lay in packs, and the count stood.
#[test]
fn what_is_refused_at_its_end_or_breaks_off_counts_and_what_is_refused_before_does_not() {
    let (rig, ada) = Rig::claimed();
    rig.elevate(&ada);
    let (_, camera) = device(&rig, &ada, &json!(100));
    let wrong = "sha1 AAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let begun = begin(&rig, &camera, "a", 11);
    let at = begun.header("location").expect("an address").to_owned();
    let call = tus("PATCH", &at).with("upload-offset", "0").with("content-type", B);
    let call = call.with("authorization", &camera).with("upload-checksum", wrong);
    assert_eq!(rig.send(&sent(call, b"hello world")).status, 460);
    assert_eq!(stored(&rig, &ada), 11);
    let call = tus("POST", "/api/v1/uploads").with("upload-length", "7").with("content-type", B);
    let call = call.with("upload-metadata", &words(&[("source", "photos"), ("filename", "b")]));
    let call = call.with("authorization", &camera).with("upload-checksum", wrong);
    assert_eq!(rig.send(&sent(call, b"goodbye")).status, 460);
    assert_eq!(stored(&rig, &ada), 18);
    assert_eq!(put(&rig, &camera, "c", b"first").status, 200);
    assert_eq!(stored(&rig, &ada), 23);
    // What stands there is looked at before a byte is taken.
    let again = put(&rig, &camera, "c", b"second");
    assert_eq!((again.status, &*again.code()), (412, "changed"), "{}", again.text());
    assert_eq!(stored(&rig, &ada), 23);
    let call = Call::new("PUT", "/api/v1/files/photos/content?path=d");
    let call = call.with("authorization", &camera).with("content-length", "50");
    let mut broken = secure(rig.at, &rig.ca).expect("a connection");
    broken.write_all(&call.bytes()).expect("it reads");
    broken.write_all(&[1; 20]).expect("it reads");
    broken.flush().expect("it reads");
    broken.conn.send_close_notify();
    broken.flush().expect("it reads");
    // Not dropped yet: with something unread in it that would be a reset, and a box that is slow to read would lose
    // what was sent before it.
    broken.sock.shutdown(Shutdown::Write).expect("it is open");
    let counted = (0..LOOKS).any(|_| stored(&rig, &ada) == 43);
    drop(broken);
    assert!(counted, "{} are counted", stored(&rig, &ada));
    is_over(&put(&rig, &camera, "e", &[1; 58]), 507, "43 are used");
    assert_eq!(put(&rig, &camera, "e", &[1; 57]).status, 200);
}
