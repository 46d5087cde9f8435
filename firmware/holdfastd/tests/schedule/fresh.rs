//! Devices that are silent: missed by their own rhythm, through the real door, and not once they were taken
//! back. The clock is the test's.

use std::fs;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use calls::{Call as Asked, Severity};
use computer::{Backup, Folders, Line, News, Pairing, Split};
use holdfastd::{Config, Setup, web};
use serde_json::{Value, json};
use types::Millis;
use vault::BackupSpec;

use crate::client::{Answer, Call};
use crate::rig::{InThreads, setup};

#[derive(Debug)]
struct Quiet;

impl News for Quiet {
    fn waits(&self, _why: &computer::ComputerError) {}

    fn stopped(&self) -> bool {
        false
    }
}

/// A box with a web door, at the time that it is: certificates are of then.
struct House {
    running: InThreads,
    web: Option<web::Web>,
    at: SocketAddr,
    ca: String,
    cookies: String,
    csrf: String,
}

fn with_door(dir: &Path, plain: Setup) -> Setup {
    let text = "vault = \"home.toml\"\nstate = \"state\"\nsocket = \"box.sock\"\n\
                [web]\nlisten = \"127.0.0.1:0\"\nplain = \"127.0.0.1:0\"\n";
    let config = Config::parse(&dir.join("box.toml"), text).expect("the settings are right");
    Setup { config, ..plain }
}

impl House {
    /// Claimed by Ada, with raised rights.
    fn claimed() -> Self {
        let (dir, clock, words) = InThreads::vault_on(1);
        clock.pass(host::env().clock.now().since(types::Clock::now(&*clock)));
        let setup = with_door(dir.path(), setup(dir.path(), &clock));
        let running = InThreads::run_with(setup, dir, clock, &words);
        let web = web::open(&running.supervisor).expect("it opens").expect("it is wanted");
        let code = fs::read_to_string(running.dir().join("state/web/claim-code"));
        let (at, code) = (web.running.at, code.expect("it is there"));
        let plain = web.running.plain.expect("it is wanted");
        let ca = Call::new("GET", "/ca.pem").send_plain(plain).text();
        let (cookies, csrf) = (String::new(), String::new());
        let mut house = Self { running, web: Some(web), at, ca, cookies, csrf };
        let password = "four words of mine";
        let claim = json!({ "code": code, "name": "ada", "password": password });
        let claimed = house.sends("POST", "/api/v1/claim", Some(&claim));
        let session = claimed.cookie("__Host-holdfast-session").expect("she is in");
        house.cookies = format!("__Host-holdfast-session={session}");
        house.csrf = claimed.json()["csrf"].as_str().expect("a word").to_owned();
        house.sends("POST", "/api/v1/session/elevation", Some(&json!({ "password": password })));
        house
    }

    fn sends(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let call = Call::new(method, path).with("cookie", &self.cookies);
        let call = call.with("x-holdfast-csrf", &self.csrf);
        let call = body.into_iter().fold(call, |call, body| call.json(body));
        let answer = call.send(self.at, &self.ca);
        assert!(answer.status < 300, "{method} {path}: {}", answer.text());
        answer
    }

    fn laptop(&self) -> Laptop {
        let home = self.running.dir().join("laptop");
        fs::create_dir_all(home.join("files")).expect("a folder");
        let code = self.sends("POST", "/api/v1/devices/pairing", Some(&json!({}))).json();
        let code = Split::read(code["code"].as_str().expect("a code")).expect("a code");
        let folders = Folders { config: home.join("config"), cache: home.join("cache") };
        let paired = computer::pair(&folders, (&self.at.to_string(), &code), "home", "laptop");
        Laptop { pairing: paired.expect("it is paired"), home }
    }

    /// A phone that may add photos: its token.
    fn phone(&self) -> String {
        let scope = json!({ "name": "phone", "scope": { "add": { "source": "photos" } } });
        let made = self.sends("POST", "/api/v1/devices", Some(&scope)).json();
        made["token"].as_str().expect("a token").to_owned()
    }

    fn sends_a_photo(&self, token: &str, day: u64) -> Answer {
        let path = format!("/api/v1/files/photos/content?path=day-{day}.jpg");
        let mut call = Call::new("PUT", &path).with("authorization", &format!("Bearer {token}"));
        call.body = Some(b"a photo".to_vec());
        call.send(self.at, &self.ca)
    }

    /// What is said of what is silent: to Ada, and at the box.
    fn silent(&self) -> (Vec<String>, Vec<String>) {
        let words = ["silent", "stored nothing", "backed up"];
        let is_it = |said: &str| words.iter().any(|word| said.contains(word));
        let calls::Answer::Health(at_box) = self.running.ask(Asked::Health {}) else {
            panic!("no verdict")
        };
        let at_box = at_box.findings.into_iter().filter(|one| is_it(&one.sentence));
        let at_box = at_box.inspect(|one| assert_eq!(one.severity, Severity::Warning));
        let told = self.sends("GET", "/api/v1/health", None).json();
        let told = told["findings"].as_array().expect("a list").iter();
        let told = told.filter_map(|one| Some(one["sentence"].as_str()?.to_owned()));
        (told.filter(|said| is_it(said)).collect(), at_box.map(|one| one.sentence).collect())
    }

    fn device(&self, name: &str) -> String {
        let all = self.sends("GET", "/api/v1/devices", None).json();
        let all = all["devices"].as_array().expect("a list").clone();
        let one = all.into_iter().find(|one| one["name"] == name).expect("it is there");
        one["id"].as_str().expect("an id").to_owned()
    }
}

impl Drop for House {
    fn drop(&mut self) {
        if let Some(web) = self.web.take() {
            web.running.close();
        }
    }
}

struct Laptop {
    pairing: Pairing,
    home: PathBuf,
}

impl Laptop {
    fn backs_up(&self, day: u64) {
        let file = self.home.join("files").join(format!("day-{day}"));
        fs::File::create(file).and_then(|mut file| file.write_all(b"new")).expect("a file");
        let line = Line::to(&self.pairing, None, host::env().clock, Arc::new(Quiet));
        let line = line.expect("a line");
        let spec = BackupSpec {
            source: self.pairing.source.clone(),
            paths: vec![self.home.join("files")],
            host: "laptop".to_owned(),
            ..BackupSpec::default()
        };
        let cache = self.home.join("cache/home");
        let backup = Backup { pairing: &self.pairing, line: &line, cache: &cache, spec };
        computer::back_up(&backup, &mut |_| true).expect("it backs up");
    }
}

#[test]
fn a_laptop_and_a_phone_that_are_silent_are_missed_and_not_once_they_were_taken_back() {
    let house = House::claimed();
    let (laptop, phone) = (house.laptop(), house.phone());
    for day in 0..6 {
        laptop.backs_up(day);
        let sent = house.sends_a_photo(&phone, day);
        assert_eq!(sent.status, 200, "{}", sent.text());
        assert_eq!(house.silent(), (vec![], vec![]), "day {day}");
        house.running.clock.pass(Millis::from_days(1));
    }
    house.running.clock.pass(Millis::from_days(8));
    let usually = "has been silent for 9 days; it usually comes every day.";
    let (told, at_box) = house.silent();
    assert_eq!(told, [format!("ada's laptop {usually}"), format!("ada's phone {usually}")]);
    // Whoever is not Ada is not told what she calls them.
    let ids = ["laptop", "phone"].map(|name| house.device(name));
    let called = ids.each_ref().map(|id| format!("A device of ada's ({:.8}) {usually}", id));
    assert_eq!(at_box, called);

    // It may no longer come, and nobody waits for it, nor for its photos.
    house.sends("DELETE", &format!("/api/v1/devices/{}", ids[1]), None);
    assert_eq!(house.silent().0, [format!("ada's laptop {usually}")]);
    let refused = house.sends_a_photo(&phone, 9);
    assert_eq!((refused.status, &*refused.code()), (401, "no_token"));
    assert_eq!(refused.header("content-type"), Some("application/problem+json"));
    laptop.backs_up(9);
    assert_eq!(house.silent(), (vec![], vec![]));
    house.running.clock.pass(Millis::from_days(9));
    let told = house.silent().0;
    assert!(told.len() == 1 && told[0].starts_with("ada's laptop has been silent"), "{told:?}");
    house.sends("DELETE", &format!("/api/v1/devices/{}", ids[0]), None);
    assert_eq!(house.silent(), (vec![], vec![]), "nor is what they stored waited for");
}
