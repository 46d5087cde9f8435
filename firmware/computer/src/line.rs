//! Requests to the box: over TLS that trusts this one box only, tried again while that makes sense.
//!
//! The token goes into a header and nowhere else. Start at [`Line::ask`].

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::de::DeserializeOwned;
use types::{Clock, Millis};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, SendBody};

use crate::error::ComputerError;
use crate::pairing::Pairing;
use crate::slow::{Allowance, Slow};

/// A box that does not take a connection by then is not there.
const CONNECT_MAX: Duration = Duration::from_secs(10);
/// A line on which nothing moves for so long is dead: longer than the box waits for a slow disk.
const SILENCE_MAX: Duration = Duration::from_secs(180);
/// Nobody waits longer than this for a box that does not come back.
const PATIENCE: Millis = Millis(10 * 60 * 1_000);
/// Waits between tries: doubled each time.
const WAIT_FIRST_MS: u64 = 250;
const WAIT_MAX_MS: u64 = 15_000;
/// A wish to stop is noticed this soon.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// An answer is never longer: a page of versions, or of pieces.
const ANSWER_MAX: u64 = 64 << 20;

/// Hears of trouble that is waited out, and says whether its owner wants to stop.
pub trait News: Send + Sync {
    /// The box cannot be asked now; it is tried again.
    fn waits(&self, why: &ComputerError);
    /// Whether to stop.
    fn stopped(&self) -> bool;
}

/// What went over the line.
#[derive(Debug, Default)]
pub struct Counts {
    /// Requests that were answered or not.
    pub requests: AtomicU64,
    /// Bytes of bodies that were sent and taken.
    pub sent: AtomicU64,
    /// Tries that failed and were made again.
    pub retries: AtomicU64,
}

/// A line to a box.
pub struct Line {
    agent: Agent,
    address: String,
    token: calls::SecretText,
    allowance: Option<Allowance>,
    clock: Arc<dyn Clock>,
    news: Arc<dyn News>,
    /// When the box last answered.
    heard: Mutex<Millis>,
    told: AtomicBool,
    patience: Millis,
    /// What went over it.
    pub counts: Counts,
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Line").field("address", &self.address).finish_non_exhaustive()
    }
}

/// Requests that trust the box with this authority only; anybody, for fetching what is compared then.
pub(crate) fn agent(ca: Option<&str>) -> Result<Agent, ComputerError> {
    let tls = match ca {
        Some(ca) => {
            let ca = Certificate::from_pem(ca.as_bytes())
                .map_err(|error| ComputerError::Odd { what: error.to_string() })?;
            TlsConfig::builder().root_certs(RootCerts::Specific(Arc::new(vec![ca])))
        }
        None => TlsConfig::builder().disable_verification(true),
    };
    Ok(Agent::config_builder()
        .tls_config(tls.build())
        .https_only(true)
        // The box is in the house: nobody else is asked to pass this on.
        .proxy(None)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .timeout_connect(Some(CONNECT_MAX))
        .timeout_per_read(Some(SILENCE_MAX))
        .timeout_per_write(Some(SILENCE_MAX))
        .max_idle_connections_per_host(16)
        .user_agent(concat!("holdfast/", env!("CARGO_PKG_VERSION")))
        .build()
        .into())
}

/// The body of an answer, or what the box says against it.
pub(crate) fn answered(
    address: &str,
    done: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
) -> Result<Vec<u8>, ComputerError> {
    let unreachable = |why: String| ComputerError::Unreachable { address: address.to_owned(), why };
    let mut answer = done.map_err(|error| unreachable(error.to_string()))?;
    let status = answer.status().as_u16();
    let body = answer.body_mut().with_config().limit(ANSWER_MAX).read_to_vec();
    let body = body.map_err(|error| unreachable(error.to_string()))?;
    if (200..300).contains(&status) {
        return Ok(body);
    }
    let said: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
    let text = |field: &str| said[field].as_str().unwrap_or_default().to_owned();
    let (code, mut sentence, mut next) = (text("code"), text("detail"), text("next"));
    if sentence.is_empty() {
        sentence = format!("status {status}.");
        next = "Bring this program and the box to the same version.".to_owned();
    }
    Err(ComputerError::Refused { status, code, sentence, next })
}

impl Line {
    /// A line to the box that this computer is paired with. `limit`: bytes in a second.
    pub fn to(
        pairing: &Pairing,
        limit: Option<u64>,
        clock: Arc<dyn Clock>,
        news: Arc<dyn News>,
    ) -> Result<Self, ComputerError> {
        let heard = Mutex::new(clock.uptime());
        Ok(Self {
            agent: agent(Some(&pairing.ca))?,
            address: pairing.address.clone(),
            token: pairing.token.clone(),
            allowance: limit.map(|limit| Allowance::new(limit, Arc::clone(&clock))),
            clock,
            news,
            heard,
            told: AtomicBool::new(false),
            patience: PATIENCE,
            counts: Counts::default(),
        })
    }

    /// Nobody waits longer than this for a box that does not come back.
    #[must_use]
    pub fn with_patience(self, patience: Millis) -> Self {
        Self { patience, ..self }
    }

    /// This moment.
    pub(crate) fn now(&self) -> types::UnixTime {
        self.clock.now()
    }

    pub(crate) fn stopped(&self) -> Result<(), ComputerError> {
        match self.news.stopped() {
            true => Err(vault::VaultError::Stopped.into()),
            false => Ok(()),
        }
    }

    /// Gets an answer, whatever breaks in between.
    pub(crate) fn get(&self, path: &str) -> Result<Vec<u8>, ComputerError> {
        self.ask(path, None)
    }

    /// Sends a body and gets the answer to it.
    pub(crate) fn post(&self, path: &str, body: &[u8]) -> Result<Vec<u8>, ComputerError> {
        let answer = self.ask(path, Some(body))?;
        self.counts.sent.fetch_add(body.len() as u64, Ordering::Relaxed);
        Ok(answer)
    }

    fn ask(&self, path: &str, body: Option<&[u8]>) -> Result<Vec<u8>, ComputerError> {
        let mut wait_ms = WAIT_FIRST_MS;
        loop {
            self.stopped()?;
            self.counts.requests.fetch_add(1, Ordering::Relaxed);
            match self.once(path, body) {
                Ok(answer) => {
                    self.told.store(false, Ordering::Relaxed);
                    *self.heard.lock().unwrap_or_else(PoisonError::into_inner) =
                        self.clock.uptime();
                    return Ok(answer);
                }
                Err(error) if error.may_pass() && !self.has_lost_patience() => {
                    self.counts.retries.fetch_add(1, Ordering::Relaxed);
                    if wait_ms > WAIT_FIRST_MS && !self.told.swap(true, Ordering::Relaxed) {
                        self.news.waits(&error);
                    }
                    self.wait(wait_ms)?;
                    wait_ms = (wait_ms * 2).min(WAIT_MAX_MS);
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn has_lost_patience(&self) -> bool {
        let heard = *self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        self.clock.uptime().0.saturating_sub(heard.0) > self.patience.0
    }

    fn wait(&self, ms: u64) -> Result<(), ComputerError> {
        let until = self.clock.uptime().0.saturating_add(ms);
        while self.clock.uptime().0 < until {
            self.stopped()?;
            std::thread::sleep(LOOK_EVERY);
        }
        Ok(())
    }

    fn once(&self, path: &str, body: Option<&[u8]>) -> Result<Vec<u8>, ComputerError> {
        let url = format!("https://{}/api/v1/{path}", self.address);
        let bearer = format!("Bearer {}", self.token.reveal());
        let done = match (body, &self.allowance) {
            (None, _) => self.agent.get(&url).header("authorization", bearer).call(),
            (Some(body), None) => self.agent.post(&url).header("authorization", bearer).send(body),
            (Some(body), Some(allowance)) => {
                let mut slow = Slow { bytes: body, allowance };
                let request = self.agent.post(&url).header("authorization", bearer);
                let request = request.header("content-length", body.len());
                request.send(SendBody::from_reader(&mut slow))
            }
        };
        answered(&self.address, done)
    }
}

/// An answer's JSON.
pub(crate) fn json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ComputerError> {
    // What serde says may hold what was sent; only its place is told.
    serde_json::from_slice(bytes).map_err(|error| ComputerError::Odd {
        what: format!("line {}, column {}", error.line(), error.column()),
    })
}

/// A name as one part of an address.
pub(crate) fn escaped(name: &str) -> String {
    let mut out = String::new();
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                out.push(char::from(byte));
            }
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}
