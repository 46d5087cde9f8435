//! Servers of one conversation each, on loopback, which write down all that they are told.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::JoinHandle;
use std::time::Duration;

/// A server that is being spoken with.
pub(crate) struct Server {
    pub(crate) port: u16,
    heard: JoinHandle<String>,
}

impl Server {
    /// Answers one caller.
    pub(crate) fn new(talk: impl FnOnce(TcpStream) -> String + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a test's server works");
        let port = listener.local_addr().expect("a test's server works").port();
        let heard = std::thread::spawn(move || {
            let (stream, _) = listener.accept().expect("a test's server works");
            stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a test's server works");
            talk(stream)
        });
        Self { port, heard }
    }

    /// All that it was told.
    pub(crate) fn heard(self) -> String {
        self.heard.join().expect("a test's server works")
    }
}

/// A mail server that knows these extensions and takes everything.
pub(crate) fn mail(extensions: &'static [&'static str]) -> Server {
    Server::new(move |stream| {
        let mut out = stream.try_clone().expect("a test's server works");
        let mut say = move |line: &str| {
            out.write_all(format!("{line}\r\n").as_bytes()).expect("a test's server works");
        };
        let mut heard = String::new();
        say("220 mail.test");
        let (mut lines, mut in_data) = (BufReader::new(stream).lines(), false);
        while let Some(Ok(line)) = lines.next() {
            heard.push_str(&line);
            heard.push('\n');
            match line.split(' ').next().unwrap_or("") {
                "." if in_data => {
                    in_data = false;
                    say("250 taken");
                }
                _ if in_data => {}
                "EHLO" => {
                    extensions.iter().for_each(|name| say(&format!("250-{name}")));
                    say("250 SIZE 1000000");
                }
                "DATA" => {
                    in_data = true;
                    say("354 go on");
                }
                "QUIT" => {
                    say("221 bye");
                    break;
                }
                _ => say("250 ok"),
            }
        }
        heard
    })
}

/// A web server that gives this answer.
pub(crate) fn web(answer: &'static str) -> Server {
    Server::new(move |mut stream| {
        let mut reader = BufReader::new(stream.try_clone().expect("a test's server works"));
        let (mut heard, mut len) = (String::new(), 0);
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).expect("a test's server works") == 0 || line == "\r\n" {
                break;
            }
            if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                len = value.trim().parse().expect("a test's server works");
            }
            heard.push_str(&line);
        }
        let mut body = vec![0; len];
        reader.read_exact(&mut body).expect("a test's server works");
        heard.push('\n');
        heard.push_str(&String::from_utf8_lossy(&body));
        stream.write_all(answer.as_bytes()).expect("a test's server works");
        heard
    })
}
