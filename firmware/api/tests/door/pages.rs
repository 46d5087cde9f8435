//! The page is served to whoever reaches the box, as it was built, and nothing else is.

use crate::client::Call;
use crate::rig::Rig;

#[test]
fn every_file_of_the_page_is_served_with_its_type_and_the_policy() {
    let rig = Rig::new();
    assert!(page::ALL.len() > usize::from(!page::IS_PLACEHOLDER), "there is a page");
    for file in page::ALL {
        let answer = rig.send(&Call::new("GET", file.path));
        assert_eq!(answer.status, 200, "{}", file.path);
        assert_eq!(answer.body, file.bytes, "{}", file.path);
        assert_eq!(answer.header("content-type"), Some(file.kind()), "{}", file.path);
        assert_ne!(file.kind(), "application/octet-stream", "{} has a type", file.path);
        let policy = answer.header("content-security-policy").expect("a policy");
        assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"), "{policy}");
        let caching = answer.header("cache-control").expect("said");
        assert_eq!(caching.contains("immutable"), file.is_hashed(), "{} {caching}", file.path);
    }
}

#[test]
fn a_browser_that_takes_brotli_gets_it_and_one_that_refuses_it_does_not() {
    let rig = Rig::new();
    for file in page::ALL {
        let ask = |said: &str| {
            let answer = rig.send(&Call::new("GET", file.path).with("accept-encoding", said));
            assert_eq!(answer.header("vary"), Some("accept-encoding"));
            (answer.header("content-encoding").map(str::to_owned), answer.body)
        };
        let packed = file.brotli.map(|packed| (Some("br".to_owned()), packed.to_vec()));
        let plain = (None, file.bytes.to_vec());
        assert_eq!(ask("gzip, deflate, br, zstd"), packed.unwrap_or_else(|| plain.clone()));
        for said in ["identity", "gzip", "br;q=0", "br; q=0.0, gzip", "brotli"] {
            assert_eq!(ask(said), plain, "{said}");
        }
    }
}

#[test]
fn the_front_door_is_the_page_and_what_is_no_file_of_it_is_refused_as_a_problem() {
    let rig = Rig::new();
    let front = rig.send(&Call::new("GET", "/"));
    assert_eq!(front.status, 200);
    assert_eq!(front.header("cache-control"), Some("no-cache"));
    assert!(front.text().starts_with("<!doctype html>"), "{}", front.text());
    for path in ["/nothing", "/assets/", "/assets/../index.html", "//index.html", "/api/v1/nothing"]
    {
        let answer = rig.send(&Call::new("GET", path));
        assert_eq!((answer.status, answer.code()), (404, "not_found".to_owned()), "{path}");
    }
    assert_eq!(rig.send(&Call::new("POST", "/")).status, 404);
    let away = Call::new("GET", "/").with("host", "evil.example");
    assert_eq!(rig.send(&away).status, 421, "another name's page is not this one");
}
