//! By which names the box may be called, and whether a request comes from its own page.
//!
//! A page of somebody else can make its own name lead to the box's address; the browser then sends that
//! name, and it is refused. An address instead of a name cannot be turned that way. Start at
//! [`Hosts::takes`], then [`from_own_page`].

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, Uri, header};

/// The names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hosts {
    /// In small letters, without a port.
    names: Vec<String>,
}

impl Hosts {
    /// These names, and `localhost`.
    pub(crate) fn new(names: impl IntoIterator<Item = String>) -> Self {
        let more = names.into_iter().map(|name| name.to_ascii_lowercase());
        Self { names: more.chain(["localhost".to_owned()]).collect() }
    }

    /// The name that a request is for, with its port, when it is one of these, or the address at which
    /// it arrived.
    pub(crate) fn takes(
        &self,
        headers: &HeaderMap,
        uri: &Uri,
        local: SocketAddr,
    ) -> Option<String> {
        let mut all = headers.get_all(header::HOST).iter();
        let (Some(host), None) = (all.next(), all.next()) else { return None };
        let host = host.to_str().ok()?;
        if uri.authority().is_some_and(|said| !said.as_str().eq_ignore_ascii_case(host)) {
            return None;
        }
        let name = without_port(host)?;
        let bare = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(name);
        let is_ours = match bare.parse::<IpAddr>() {
            Ok(address) => address.to_canonical() == local.ip().to_canonical(),
            Err(_) => self.names.iter().any(|known| known.eq_ignore_ascii_case(name)),
        };
        is_ours.then(|| host.to_ascii_lowercase())
    }
}

/// A host without its port; none when the port is none.
fn without_port(host: &str) -> Option<&str> {
    let (name, port) = match host.rfind(':') {
        Some(at) if !host.ends_with(']') => (&host[..at], &host[at + 1..]),
        _ => return Some(host),
    };
    port.parse::<u16>().is_ok().then_some(name)
}

/// Whether a request was made by the box's own page, or by no page at all. `host` is what
/// [`Hosts::takes`] found. A browser says what it comes from with every request that could change
/// something; a program that is no browser says nothing, and sends no cookie by itself either.
pub(crate) fn from_own_page(headers: &HeaderMap, host: &str, changes: bool) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if let Some(origin) = text("origin")
        && !origin.eq_ignore_ascii_case(&format!("https://{host}"))
    {
        return false;
    }
    match text("sec-fetch-site") {
        None | Some("same-origin") => true,
        // Typed into the address line, or a bookmark: no page made it. It changes nothing.
        Some("none") => !changes,
        Some(_) => false,
    }
}

/// Whether somebody follows a link to the box's page: it opens in a window of its own, holds nothing of
/// anybody, and the browser sends no session along.
pub(crate) fn opens_the_page(headers: &HeaderMap, path: &str) -> bool {
    let is = |name: &str, value: &str| headers.get(name).is_some_and(|said| said == value);
    !path.starts_with("/api/")
        && is("sec-fetch-mode", "navigate")
        && is("sec-fetch-dest", "document")
        && !headers.contains_key("origin")
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(all: &[(&'static str, &'static str)]) -> HeaderMap {
        let one = |(name, value): &(&'static str, &'static str)| {
            ((*name).parse().unwrap(), HeaderValue::from_static(value))
        };
        all.iter().map(one).collect()
    }

    #[test]
    fn only_its_own_names_and_the_address_it_was_called_at_are_taken() {
        let hosts = Hosts::new(["Holdfast.local".to_owned()]);
        let local: SocketAddr = "192.168.1.7:443".parse().unwrap();
        let takes = |host: &'static str| {
            hosts.takes(&headers(&[("host", host)]), &Uri::from_static("/"), local).is_some()
        };
        for host in ["holdfast.local", "HOLDFAST.local:443", "localhost:8443", "192.168.1.7:1"] {
            assert!(takes(host), "{host}");
        }
        for host in [
            "evil.example",
            "holdfast.local.evil.example",
            "127.0.0.1",
            "192.168.1.8",
            "",
            ":443",
            "holdfast.local:x",
            "[::1]",
            "holdfast.local:443:443",
            "localhost.",
        ] {
            assert!(!takes(host), "{host}");
        }
        let twice = headers(&[("host", "localhost"), ("host", "localhost")]);
        let mut doubled = twice.clone();
        doubled.append("host", HeaderValue::from_static("evil.example"));
        assert!(hosts.takes(&doubled, &Uri::from_static("/"), local).is_none());
        assert!(hosts.takes(&HeaderMap::new(), &Uri::from_static("/"), local).is_none());
        let other = Uri::from_static("https://evil.example/");
        assert!(hosts.takes(&headers(&[("host", "localhost")]), &other, local).is_none());
    }

    #[test]
    fn what_another_page_sends_is_known_by_what_the_browser_says_of_it() {
        let ours = |all: &[(&'static str, &'static str)], changes| {
            from_own_page(&headers(all), "localhost:8443", changes)
        };
        assert!(ours(&[], true), "no browser");
        assert!(ours(&[("origin", "https://localhost:8443")], true));
        assert!(ours(&[("sec-fetch-site", "none")], false), "typed");
        for bad in [
            ("origin", "https://evil.example"),
            ("origin", "http://localhost:8443"),
            ("origin", "https://localhost"),
            ("origin", "null"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
        ] {
            assert!(!ours(&[bad], true) && !ours(&[bad], false), "{bad:?}");
        }
        assert!(!ours(&[("sec-fetch-site", "none")], true));
    }

    #[test]
    fn a_link_from_elsewhere_opens_the_page_and_nothing_else() {
        let link = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")];
        let with = |dest| headers(&[link[0], link[1], ("sec-fetch-dest", dest)]);
        assert!(opens_the_page(&with("document"), "/"));
        assert!(!opens_the_page(&with("document"), "/api/v1/box"));
        assert!(!opens_the_page(&with("iframe"), "/"), "a frame of another page");
        assert!(!opens_the_page(&headers(&link), "/"));
    }
}
