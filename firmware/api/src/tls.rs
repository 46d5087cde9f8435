//! The box's own certificate authority, and the certificate that it shows.
//!
//! Whoever trusts the authority trusts it for names of a house only (`.local` and the like, and private
//! addresses): with its key nobody can pretend to be a bank. The certificate lasts 90 days and is made
//! anew by itself, also when the box is called at an address that it does not name yet.
//! Start at [`Certificates::load`].

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints, SanType,
};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use types::{Millis, UnixTime};
use zeroize::Zeroizing;

use crate::keeper::Store;

const CA: &str = "web/ca.pem";
const CA_KEY: &str = "web/ca.key";
/// How long a certificate lasts, and when it is made anew.
const LEAF_DAYS: u64 = 90;
const RENEW_DAYS: u64 = 60;
const CA_DAYS: u64 = 3_650;
/// Clocks in a house differ by less than this.
const EARLIER: Millis = Millis::from_days(2);
/// Addresses that a certificate names: those that the box was called at.
const ADDRESSES_MAX: usize = 16;

/// Names that the authority speaks for, and everything below them.
const ZONES: &[&str] = &["local", "localhost", "home.arpa", "internal", "lan"];

/// What shows who the box is.
#[derive(Debug)]
pub(crate) struct Certificates {
    ca: String,
    ca_key: Zeroizing<String>,
    names: Vec<String>,
    shown: Mutex<Shown>,
}

#[derive(Debug)]
struct Shown {
    made: UnixTime,
    addresses: Vec<IpAddr>,
    config: Arc<ServerConfig>,
}

impl Certificates {
    /// Reads the authority, or makes it when there is none.
    pub(crate) fn load(store: &dyn Store, names: Vec<String>, now: UnixTime) -> io::Result<Self> {
        let text = |bytes| String::from_utf8(bytes).map_err(|_| io::ErrorKind::InvalidData.into());
        let read = |name| -> io::Result<Option<String>> { store.read(name)?.map(text).transpose() };
        let (ca, ca_key) = match (read(CA)?, read(CA_KEY)?) {
            (Some(ca), Some(key)) => (ca, Zeroizing::new(key)),
            _ => {
                let (ca, key) = authority(now).map_err(io::Error::other)?;
                // The key first: a certificate without its key would be kept for ever.
                store.write(CA_KEY, key.as_bytes())?;
                store.write(CA, ca.as_bytes())?;
                (ca, key)
            }
        };
        let names = names.into_iter().filter(|name| {
            let ours = speaks_for(name);
            if !ours {
                tracing::warn!(
                    name,
                    "the certificate does not name this: it is no name of a house"
                );
            }
            ours
        });
        let names: Vec<String> = names.collect();
        let addresses = vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
        let config = leaf(&ca, &ca_key, &names, &addresses, now).map_err(io::Error::other)?;
        let shown = Mutex::new(Shown { made: now, addresses, config });
        Ok(Self { ca, ca_key, names, shown })
    }

    /// The authority's certificate, for whoever wants to trust it.
    pub(crate) fn ca(&self) -> &str {
        &self.ca
    }

    /// What is shown to somebody who called at this address.
    pub(crate) fn shown_at(&self, address: IpAddr, now: UnixTime) -> Arc<ServerConfig> {
        let address = address.to_canonical();
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = !shown.addresses.contains(&address) && is_private(address);
        let is_old = now.since(shown.made) >= Millis::from_days(RENEW_DAYS) || now < shown.made;
        if is_new || is_old {
            let mut addresses = shown.addresses.clone();
            if is_new {
                addresses.push(address);
                // The two of this computer stay.
                while addresses.len() > ADDRESSES_MAX {
                    addresses.remove(2);
                }
            }
            match leaf(&self.ca, &self.ca_key, &self.names, &addresses, now) {
                Ok(config) => *shown = Shown { made: now, addresses, config },
                Err(error) => tracing::error!(%error, "the certificate cannot be made anew"),
            }
        }
        Arc::clone(&shown.config)
    }
}

/// Whether the authority speaks for a name.
fn speaks_for(name: &str) -> bool {
    ZONES.iter().any(|zone| {
        name.strip_suffix(zone).is_some_and(|front| front.is_empty() || front.ends_with('.'))
    })
}

const FOURS: &[([u8; 4], u8)] = &[
    ([127, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([172, 16, 0, 0], 12),
    ([192, 168, 0, 0], 16),
    ([169, 254, 0, 0], 16),
    ([100, 64, 0, 0], 10),
];
const SIXES: &[(u16, u8)] = &[(0xfc00, 7), (0xfe80, 10)];

fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(four) => FOURS.iter().any(|(net, bits)| {
            let mask = u32::MAX << (32 - bits);
            u32::from(four) & mask == u32::from(Ipv4Addr::from(*net))
        }),
        IpAddr::V6(six) => {
            six.is_loopback()
                || SIXES
                    .iter()
                    .any(|(net, bits)| six.segments()[0] & (u16::MAX << (16 - bits)) == *net)
        }
    }
}

fn authority(now: UnixTime) -> Result<(String, Zeroizing<String>), rcgen::Error> {
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::new(Vec::new())?;
    lasts(&mut params, now, CA_DAYS);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let mark: String =
        key.public_key_raw().iter().rev().take(3).map(|b| format!("{b:02x}")).collect();
    params.distinguished_name.push(DnType::CommonName, format!("Holdfast box {mark}"));
    let zones = ZONES.iter().map(|zone| GeneralSubtree::DnsName((*zone).to_owned()));
    let fours = FOURS.iter().map(|(net, bits)| CidrSubnet::from_v4_prefix(*net, *bits));
    let sixes = SIXES.iter().map(|(net, bits)| {
        let address = Ipv6Addr::new(*net, 0, 0, 0, 0, 0, 0, 0);
        CidrSubnet::from_v6_prefix(address.octets(), *bits)
    });
    let own = CidrSubnet::from_v6_prefix(Ipv6Addr::LOCALHOST.octets(), 128);
    let nets = fours.chain(sixes).chain([own]).map(GeneralSubtree::IpAddress);
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: zones.chain(nets).collect(),
        excluded_subtrees: Vec::new(),
    });
    let certificate = params.self_signed(&key)?;
    Ok((certificate.pem(), Zeroizing::new(key.serialize_pem())))
}

fn leaf(
    ca: &str,
    ca_key: &str,
    names: &[String],
    addresses: &[IpAddr],
    now: UnixTime,
) -> Result<Arc<ServerConfig>, Box<dyn std::error::Error + Send + Sync>> {
    let issuer = Issuer::from_ca_cert_pem(ca, KeyPair::from_pem(ca_key)?)?;
    let key = KeyPair::generate()?;
    let mut all: Vec<String> = names.to_vec();
    all.push("localhost".to_owned());
    let mut params = CertificateParams::new(all)?;
    params.subject_alt_names.extend(addresses.iter().map(|one| SanType::IpAddress(*one)));
    lasts(&mut params, now, LEAF_DAYS);
    params.distinguished_name.push(DnType::CommonName, "Holdfast");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    let certificate = params.signed_by(&key, &issuer)?;
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    // A few browsers come back often; each remembered one costs memory.
    config.session_storage = rustls::server::ServerSessionMemoryCache::new(64);
    Ok(Arc::new(config))
}

fn lasts(params: &mut CertificateParams, now: UnixTime, days: u64) {
    let (year, month, day) = day_of(now.minus(EARLIER));
    params.not_before = rcgen::date_time_ymd(year, month, day);
    let (year, month, day) = day_of(now.plus(Millis::from_days(days)));
    params.not_after = rcgen::date_time_ymd(year, month, day);
}

/// Year, month and day. A clock that stands where no calendar is, is none: any day does.
fn day_of(time: UnixTime) -> (i32, u8, u8) {
    let stamp = jiff::Timestamp::from_millisecond(time.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let date = jiff::tz::Offset::UTC.to_datetime(stamp).date();
    let small = |number: i8| u8::try_from(number).unwrap_or(1);
    (i32::from(date.year()), small(date.month()), small(date.day()))
}
