//! Files and uploads over the door, with a real vault behind it.

use base64::Engine as _;
use serde_json::{Value, json};
use testkit::env::noise;

use crate::client::{Answer, Call};
use crate::rig::{Person, Rig, by};

pub(crate) const B: &str = "application/offset+octet-stream";

pub(crate) fn tus(method: &str, path: &str) -> Call {
    Call::new(method, path).with("tus-resumable", "1.0.0")
}

pub(crate) fn sent(mut call: Call, bytes: &[u8]) -> Call {
    call.body = Some(bytes.to_vec());
    call
}

pub(crate) fn base64(text: &str) -> String {
    base64::engine::general_purpose::STANDARD.encode(text)
}

pub(crate) fn words(pairs: &[(&str, &str)]) -> String {
    let one = |(key, value): &(&str, &str)| format!("{key} {}", base64(value));
    pairs.iter().map(one).collect::<Vec<_>>().join(",")
}

fn begin(rig: &Rig, who: &Person, name: &str, length: usize) -> String {
    let call = tus("POST", "/api/v1/uploads")
        .with("upload-length", &length.to_string())
        .with("upload-metadata", &words(&[("source", "photos"), ("filename", name)]));
    let answer = rig.as_(who, call);
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.header("location").expect("an address").to_owned()
}

fn go_on(rig: &Rig, who: &Person, at: &str, offset: usize, bytes: &[u8]) -> Answer {
    let call = tus("PATCH", at).with("upload-offset", &offset.to_string()).with("content-type", B);
    rig.as_(who, sent(call, bytes))
}

fn content(name: &str) -> Call {
    Call::new("GET", &format!("/api/v1/files/photos/content?path={name}"))
}

#[test]
fn what_a_browser_may_show_by_itself_is_said_to_be_that_and_a_page_never_is() {
    let (rig, ada) = Rig::claimed();
    for name in ["a.png", "a.html"] {
        let at = begin(&rig, &ada, name, 4);
        assert_eq!(go_on(&rig, &ada, &at, 0, b"<b>!").status, 204);
    }
    let how = |name: &str, more: &str| {
        let answer = rig.as_(&ada, content(&format!("{name}{more}")));
        let said = |header: &str| answer.header(header).unwrap_or_default().to_owned();
        (answer.status, said("content-type"), said("content-disposition"))
    };
    let kept = (200, "application/octet-stream".to_owned(), "attachment".to_owned());
    assert_eq!(how("a.png", "&shown=true"), (200, "image/png".to_owned(), "inline".to_owned()));
    assert_eq!(how("a.png", ""), kept, "nobody asked for that");
    assert_eq!(how("a.html", "&shown=true"), kept, "it could run in the box's name");
}

#[test]
fn an_upload_is_begun_gone_on_with_asked_for_and_read_back_in_ranges() {
    let (rig, ada) = Rig::claimed();
    let bytes = noise(1, 200_000);
    let at = begin(&rig, &ada, "a.bin", bytes.len());
    let answer = go_on(&rig, &ada, &at, 0, &bytes[..70_000]);
    assert_eq!((answer.status, answer.header("upload-offset")), (204, Some("70000")));
    assert!(answer.header("upload-expires").is_some());
    let wrong = go_on(&rig, &ada, &at, 1, b"x");
    assert_eq!((wrong.status, wrong.code().as_str()), (409, "conflict"));
    let stands = rig.as_(&ada, tus("HEAD", &at));
    assert_eq!((stands.status, stands.header("upload-offset")), (200, Some("70000")));
    assert_eq!(stands.header("upload-length"), Some("200000"));
    assert_eq!(go_on(&rig, &ada, &at, 70_000, &bytes[70_000..]).status, 204);
    let all = rig.as_(&ada, content("a.bin"));
    assert!(all.status == 200 && all.body == bytes);
    let tag = all.header("etag").expect("a tag").to_owned();
    let part =
        rig.as_(&ada, content("a.bin").with("range", "bytes=100-299").with("if-range", &tag));
    assert!(part.status == 206 && part.body == bytes[100..300]);
    assert_eq!(part.header("content-range"), Some("bytes 100-299/200000"));
    let other = content("a.bin").with("range", "bytes=100-299").with("if-range", "\"other\"");
    assert_eq!(rig.as_(&ada, other).body.len(), 200_000, "it is another file by now");
    assert_eq!(rig.as_(&ada, content("a.bin").with("if-none-match", &tag)).status, 304);
    assert_eq!(rig.as_(&ada, content("a.bin").with("range", "bytes=200000-")).status, 416);
    let mut head = content("a.bin");
    head.method = "HEAD".to_owned();
    let head = rig.as_(&ada, head);
    assert_eq!(
        (head.status, head.header("content-length"), head.body.len()),
        (200, Some("200000"), 0)
    );
}

#[test]
fn another_person_or_device_has_no_such_upload_and_a_device_that_adds_does_nothing_else() {
    let (rig, ada) = Rig::claimed();
    rig.elevate(&ada);
    let ben = rig.joins(&ada, "Ben", "member");
    let at = begin(&rig, &ada, "a", 10);
    assert_eq!(rig.as_(&ben, tus("HEAD", &at)).status, 404);
    assert_eq!(go_on(&rig, &ben, &at, 0, b"x").status, 404);
    assert_eq!(rig.as_(&ben, tus("DELETE", &at)).status, 404);
    let token = |source: &str| {
        let scope = json!({ "add": { "source": source } });
        let body = json!({ "name": format!("camera {source}"), "scope": scope });
        let made = rig.as_(&ada, Call::new("POST", "/api/v1/devices").json(&body)).json();
        format!("Bearer {}", made["token"].as_str().expect("a token"))
    };
    let (photos, other) = (token("photos"), token("other"));
    let create = |token: &str, more: &[(&str, &str)], bytes: &[u8]| {
        let pairs = [&[("source", "photos"), ("filename", "d.jpg")], more].concat();
        let call = tus("POST", "/api/v1/uploads")
            .with("upload-length", &bytes.len().to_string())
            .with("upload-metadata", &words(&pairs))
            .with("content-type", B)
            .with("authorization", token);
        rig.send(&sent(call, bytes))
    };
    assert_eq!(create(&other, &[], b"one").status, 403, "a source that is not its own");
    assert_eq!(create(&photos, &[], b"one").status, 201);
    // It cannot let anything give way, whatever it says.
    assert_eq!(create(&photos, &[("ifExists", "replace")], b"two").status, 201);
    let put = Call::new("PUT", "/api/v1/files/photos/content?path=d.jpg");
    let put = rig.send(&sent(put.with("authorization", &photos), b"three"));
    assert_eq!((put.status, put.code().as_str()), (412, "changed"));
    assert_eq!(rig.as_(&ada, content("d.jpg")).body, b"one");
    assert_eq!(rig.as_(&ada, content("d%20(2).jpg")).body, b"two");
    for call in [
        content("d.jpg"),
        Call::new("GET", "/api/v1/files/photos/entries"),
        Call::new("GET", "/api/v1/files/photos/search?name=d"),
        Call::new("GET", "/api/v1/files/photos/zip"),
        Call::new("DELETE", "/api/v1/files/photos/content?path=d.jpg"),
    ] {
        let answer = rig.send(&call.with("authorization", &photos));
        assert_eq!((answer.status, answer.code().as_str()), (403, "not_allowed"));
    }
}

#[test]
fn pieces_checksums_unknown_lengths_and_ends_are_as_tus_has_them() {
    let (rig, ada) = Rig::claimed();
    let options = rig.as_(&ada, Call::new("OPTIONS", "/api/v1/uploads"));
    assert_eq!((options.status, options.header("tus-version")), (204, Some("1.0.0")));
    assert!(options.header("tus-extension").is_some_and(|all| all.contains("concatenation")));
    assert_eq!(options.header("tus-checksum-algorithm"), Some("blake3,sha256,sha1"));
    assert_eq!(rig.as_(&ada, Call::new("POST", "/api/v1/uploads")).status, 412);
    let piece = |bytes: &[u8]| {
        let call = tus("POST", "/api/v1/uploads")
            .with("upload-concat", "partial")
            .with("upload-length", &bytes.len().to_string())
            .with("content-type", B);
        let answer = rig.as_(&ada, sent(call, bytes));
        assert_eq!(answer.header("upload-offset"), Some(bytes.len().to_string().as_str()));
        answer.header("location").expect("an address").to_owned()
    };
    let (one, two) = (piece(b"hello "), piece(b"world"));
    let join = tus("POST", "/api/v1/uploads")
        .with("upload-concat", &format!("final;https://localhost{one} {two}"))
        .with("upload-metadata", &words(&[("source", "photos"), ("filename", "joined")]));
    assert_eq!(rig.as_(&ada, join).status, 201);
    assert_eq!(rig.as_(&ada, content("joined")).body, b"hello world");
    // SHA-1 of "hello world", as bytes in base64.
    let begun = tus("POST", "/api/v1/uploads")
        .with("upload-defer-length", "1")
        .with("upload-metadata", &words(&[("source", "photos"), ("filename", "late")]));
    let at = rig.as_(&ada, begun).header("location").expect("an address").to_owned();
    let patch = |sum: &str| {
        let call = tus("PATCH", &at).with("upload-offset", "0").with("upload-length", "11");
        let call = call.with("content-type", B).with("upload-checksum", sum);
        rig.as_(&ada, sent(call, b"hello world"))
    };
    assert_eq!(patch("sha1 AAAAAAAAAAAAAAAAAAAAAAAAAAA=").status, 460);
    assert_eq!(patch("md5 AAAA").status, 400);
    assert_eq!(patch("sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=").status, 204);
    assert_eq!(rig.as_(&ada, content("late")).body, b"hello world");
    let at = begin(&rig, &ada, "given-up", 100);
    assert_eq!(rig.as_(&ada, tus("DELETE", &at)).status, 204);
    assert_eq!(rig.as_(&ada, tus("HEAD", &at)).status, 404);
}

#[test]
fn folders_are_listed_changed_searched_and_brought_back() {
    let (rig, ada) = Rig::claimed();
    let put = |name: &str, bytes: &[u8], tag: Option<&str>| {
        let call = Call::new("PUT", &format!("/api/v1/files/photos/content?path={name}"));
        let call = tag.into_iter().fold(call, |call, tag| call.with("if-match", tag));
        rig.as_(&ada, sent(call, bytes))
    };
    let first = put("f/a", b"one", None).json();
    let tag = first["tag"].as_str().expect("a tag").to_owned();
    assert_eq!(put("f/a", b"two", Some(&format!("\"{tag}\""))).status, 200);
    assert_eq!(put("f/a", b"three", Some(&format!("\"{tag}\""))).status, 412);
    let get = |path: &str| rig.as_(&ada, Call::new("GET", path)).json();
    let history = get("/api/v1/files/photos/history?path=f/a");
    let old = history["moments"][1]["version"].as_str().expect("a version").to_owned();
    let post = |act: &str, body: Value| {
        let call = Call::new("POST", &format!("/api/v1/files/photos/{act}")).json(&body);
        rig.send(&by(&ada, call))
    };
    let back = post("bring-back", json!({ "path": "f/a", "version": old })).json();
    assert_eq!(back["path"], json!("f/a (2)"));
    assert_eq!(post("folder", json!({ "path": "g" })).status, 200);
    assert_eq!(post("rename", json!({ "from": "f/a", "to": "g/b" })).status, 200);
    for bad in ["..", "a/../b", "a//b", ""] {
        let answer = post("rename", json!({ "from": "g/b", "to": bad }));
        assert_eq!((answer.status, answer.code().as_str()), (400, "bad_request"), "{bad}");
    }
    let names = |listing: &Value| -> Vec<Value> {
        listing["entries"].as_array().expect("a list").iter().map(|e| e["name"].clone()).collect()
    };
    assert_eq!(names(&get("/api/v1/files/photos/entries")), [json!("f"), json!("g")]);
    assert_eq!(names(&get("/api/v1/files/photos/entries?path=g")), [json!("b")]);
    let gone = Call::new("DELETE", "/api/v1/files/photos/content?path=g/b");
    assert_eq!(rig.as_(&ada, gone).status, 200);
    let found = get("/api/v1/files/photos/search?name=b&deleted=true");
    assert_eq!(found["hits"][0]["deleted"], json!(true));
    let zip = rig.as_(&ada, Call::new("GET", "/api/v1/files/photos/zip?path=f"));
    assert!(zip.status == 200 && zip.body.starts_with(b"PK") && zip.body.len() > 100);
    assert_eq!(rig.as_(&ada, Call::new("GET", "/api/v1/files/nothing/entries")).status, 404);
    // A path that is no text was once kept as another, with signs in the place of its bytes: two became one.
    for (method, path) in [("PUT", "%ff%fe"), ("PUT", "b%fe/c"), ("GET", "%ff"), ("DELETE", "%e4")]
    {
        let mut call = Call::new(method, &format!("/api/v1/files/photos/content?path={path}"));
        call.body = (method == "PUT").then(|| b"of no text".to_vec());
        let answer = rig.as_(&ada, call);
        assert_eq!((answer.status, answer.code().as_str()), (400, "bad_request"), "{path}");
        assert!(answer.text().contains("path_hex"), "{}", answer.text());
    }
    assert_eq!(names(&get("/api/v1/files/photos/entries")), [json!("f"), json!("g")]);
    for odd in ["%ff/entries", "photos/entries?path=%ff", "photos/content?path_hex=6", "%2e%2e/zip"]
    {
        let answer = rig.as_(&ada, Call::new("GET", &format!("/api/v1/files/{odd}")));
        assert!((400..500).contains(&answer.status) && !answer.code().is_empty(), "{odd}");
    }
}
