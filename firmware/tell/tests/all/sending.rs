//! Messages over real sockets, taken and refused.

use calls::{Outlet, Security, Way};
use tell::words::{From, test};
use tell::{Text, check, send};
use types::UnixTime;

use crate::servers;

fn text() -> Text {
    test(&From { name: "attic", now: UnixTime(1_800_000_000_000), brief: false })
}

fn outlet(way: Way) -> Outlet {
    Outlet { name: "mine".to_owned(), brief: false, way }
}

fn mail(port: u16, security: Security, password: Option<&str>) -> Outlet {
    outlet(Way::Mail {
        server: "127.0.0.1".to_owned(),
        port: Some(port),
        security,
        user: password.map(|_| "anna".to_owned()),
        password: password.map(|text| text.to_owned().into()),
        from: "Attic <box@example.org>".to_owned(),
        to: "anna@example.org".to_owned(),
    })
}

#[test]
fn a_mail_arrives_with_its_words() {
    let server = servers::mail(&[]);
    send(&mail(server.port, Security::None, None), &text()).unwrap();
    let heard = server.heard();
    for expected in [
        "MAIL FROM:<box@example.org>",
        "RCPT TO:<anna@example.org>",
        "Subject: attic: a test message",
        "This is a test. Whoever reads it hears of it when something is wrong.",
        "Written by attic on 2027-01-15 at 08:00 UTC.",
    ] {
        assert!(heard.contains(expected), "{expected:?} is not in {heard}");
    }
}

#[test]
fn nothing_is_said_to_a_mail_server_that_cannot_protect_it() {
    let server = servers::mail(&["AUTH PLAIN LOGIN"]);
    let refused = send(&mail(server.port, Security::StartTls, Some("hunter2")), &text());
    let heard = server.heard();
    let error = refused.unwrap_err();
    assert!(error.advice.contains("tls or starttls"), "{error}");
    assert!(!error.to_string().contains("hunter2"));
    assert!(heard.starts_with("EHLO"), "{heard}");
    assert!(!heard.contains("AUTH") && !heard.contains("MAIL"), "{heard}");
}

#[test]
fn a_password_never_travels_in_the_open() {
    let open = mail(25, Security::None, Some("hunter2"));
    assert!(check(&open).unwrap_err().sentence.contains("for everybody to read"));
    let token = |url: &str| {
        check(&outlet(Way::Ntfy { url: url.to_owned(), token: Some("t".to_owned().into()) }))
    };
    assert!(token("http://ntfy.example.org/box").is_err());
    assert_eq!(token("https://ntfy.example.org/box"), Ok(()));
}

#[test]
fn what_cannot_be_an_outlet_is_refused_by_name() {
    let ntfy = |url: &str| outlet(Way::Ntfy { url: url.to_owned(), token: None });
    for url in ["", "ntfy", "ftp://example.org/x", "https://", "https://me:secret@example.org/x"] {
        let error = check(&ntfy(url)).unwrap_err();
        assert!(!error.to_string().contains("secret"), "{error}");
    }
    let mut bad = mail(25, Security::Tls, None);
    if let Way::Mail { to, .. } = &mut bad.way {
        *to = "anna".to_owned();
    }
    assert!(check(&bad).unwrap_err().sentence.contains("\"anna\""));
    let nameless = Outlet { name: String::new(), ..ntfy("https://example.org/x") };
    assert!(check(&nameless).is_err());
}

#[test]
fn ntfy_is_told_title_and_weight() {
    let server = servers::web("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let url = format!("http://127.0.0.1:{}/our-box", server.port);
    send(&outlet(Way::Ntfy { url, token: None }), &text()).unwrap();
    let heard = server.heard().to_lowercase();
    assert!(heard.starts_with("post /our-box http/1.1\r\n"), "{heard}");
    assert!(heard.contains("title: attic: a test message\r\n"), "{heard}");
    assert!(heard.contains("priority: 3\r\n") && heard.contains("this is a test."), "{heard}");
}

#[test]
fn a_webhook_is_signed_so_that_its_reader_can_tell_who_wrote_it() {
    let server = servers::web("HTTP/1.1 204 No Content\r\n\r\n");
    let url = format!("http://127.0.0.1:{}/hook", server.port);
    send(&outlet(Way::Webhook { url, key: Some("key".to_owned().into()) }), &text()).unwrap();
    let heard = server.heard();
    let (head, body) = heard.split_once("\n\n").or_else(|| heard.split_once("\r\n\n")).unwrap();
    let read: Text = serde_json::from_str(body).unwrap();
    assert_eq!(read, text());
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, b"key");
    let line = head.lines().find(|line| line.to_lowercase().starts_with("x-holdfast-sig")).unwrap();
    let hex = line.rsplit_once("sha256=").unwrap().1.trim();
    let tag: Vec<u8> =
        (0..32).map(|n| u8::from_str_radix(&hex[2 * n..2 * n + 2], 16).unwrap()).collect();
    ring::hmac::verify(&key, body.as_bytes(), &tag).unwrap();
}

#[test]
fn a_refusal_and_a_redirect_are_told_and_not_followed() {
    let elsewhere = "HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:1/\r\n\
                     Content-Length: 0\r\n\r\n";
    for (answer, word) in [
        ("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", "403"),
        ("HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n", "500"),
        (elsewhere, "307"),
    ] {
        let server = servers::web(answer);
        let url = format!("http://127.0.0.1:{}/our-secret-topic", server.port);
        let error = send(&outlet(Way::Ntfy { url, token: None }), &text()).unwrap_err();
        server.heard();
        assert!(error.sentence.contains(word), "{error}");
        assert!(!error.to_string().contains("topic"), "the topic is all that keeps strangers out");
    }
}

#[test]
fn a_server_that_is_not_there_is_named() {
    let url = "http://127.0.0.1:1/x".to_owned();
    let error = send(&outlet(Way::Webhook { url, key: None }), &text()).unwrap_err();
    assert!(error.sentence.starts_with("127.0.0.1 could not be reached"), "{error}");
    let error = send(&mail(1, Security::Tls, None), &text()).unwrap_err();
    assert!(error.sentence.contains("127.0.0.1"), "{error}");
}
