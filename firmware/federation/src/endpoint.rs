//! The endpoint: how it listens, who helps it, and addresses as texts.
//!
//! Nothing of a third party is asked unless the settings say so. Start at [`bind`].

use std::sync::Arc;

use iroh::endpoint::{Builder, Connection, PortmapperConfig, QuicTransportConfig, VarInt, presets};
use iroh::tls::CaTlsConfig;
use iroh::{Endpoint, EndpointAddr, PublicKey, RelayMode, RelayUrl, SecretKey, TransportAddr};
use iroh_mdns_address_lookup::MdnsAddressLookup;
use peer_proto::limits;
use peer_proto::wire::{ALPN_CTL, ALPN_PACK, ALPN_PAIR, List, Text};
use types::EndpointId;

use crate::error::FederationError;
use crate::gate::{Door, Gate};
use crate::settings::{Reach, Settings};

/// Bytes of one connection that came and that nobody read yet: what four streams hold with their usual
/// windows. A friend's sixteen get no more, and less where bodies come at a rate: `friend::pace`.
pub(crate) const UNREAD_MAX: u32 = 5 << 20;
/// Under this name boxes find each other in a house.
const MDNS_NAME: &str = "holdfast";

/// Addresses as they travel.
pub(crate) type Addresses = List<Text<{ limits::ADDRESS_LEN_MAX }>, { limits::ADDRESSES_MAX }>;

/// An endpoint that listens, and what finds friends in the house, if that is wanted.
pub(crate) async fn bind(
    settings: &Settings,
    gate: Arc<Gate>,
) -> Result<(Endpoint, Option<MdnsAddressLookup>), FederationError> {
    let builder = match settings.reach {
        Reach::MeetingPoint => Endpoint::builder(presets::N0),
        _ => Endpoint::builder(presets::Minimal),
    };
    let mut builder = builder
        .secret_key(SecretKey::from_bytes(settings.secret.bytes()))
        .alpns(vec![ALPN_PAIR.to_vec(), ALPN_CTL.to_vec(), ALPN_PACK.to_vec()])
        .hooks(Door(gate))
        .transport_config(transport());
    if !matches!(settings.reach, Reach::MeetingPoint | Reach::Relay { .. }) {
        builder = builder.portmapper_config(PortmapperConfig::Disabled);
    }
    if let Reach::Relay { url, ca } = &settings.reach {
        builder = with_relay(builder, url, ca.as_deref())?;
    }
    if !settings.listen.is_empty() {
        builder = builder.clear_ip_transports();
        for address in &settings.listen {
            builder = builder.bind_addr(*address).map_err(cannot)?;
        }
    }
    for address in &settings.outside {
        builder = builder.external_addr(*address);
    }
    let endpoint = builder.bind().await.map_err(cannot)?;
    let in_house = matches!(settings.reach, Reach::SameHouse | Reach::MeetingPoint);
    let mdns = in_house.then(|| find_in_house(&endpoint)).transpose()?;
    Ok((endpoint, mdns))
}

fn cannot(error: impl std::fmt::Display) -> FederationError {
    FederationError::Listen(error.to_string())
}

/// Sixteen streams a friend, asked for by the other side; windows as they are: larger ones only fill
/// queues.
pub(crate) fn transport() -> QuicTransportConfig {
    let streams = VarInt::from_u32(u32::try_from(limits::STREAMS_MAX).unwrap_or(u32::MAX));
    QuicTransportConfig::builder()
        .max_concurrent_bidi_streams(streams)
        .max_concurrent_uni_streams(VarInt::from_u32(0))
        .receive_window(VarInt::from_u32(UNREAD_MAX))
        .datagram_receive_buffer_size(None)
        .build()
}

fn with_relay(builder: Builder, url: &str, ca: Option<&[u8]>) -> Result<Builder, FederationError> {
    let url: RelayUrl = url
        .parse()
        .map_err(|_| FederationError::Setting(format!("\"{url}\" is no address of a relay")))?;
    // With QUIC beside its https, by which boxes behind a router learn their outer address.
    let builder = builder.relay_mode(RelayMode::custom([url]));
    Ok(match ca {
        Some(der) => builder.ca_tls_config(CaTlsConfig::custom_roots([der.to_vec().into()])),
        None => builder,
    })
}

fn find_in_house(endpoint: &Endpoint) -> Result<MdnsAddressLookup, FederationError> {
    let mdns = MdnsAddressLookup::builder()
        .service_name(MDNS_NAME)
        .build(endpoint.id())
        .map_err(cannot)?;
    endpoint.address_lookup().map_err(cannot)?.add(mdns.clone());
    Ok(mdns)
}

/// Where an endpoint can be reached now, as texts.
pub(crate) fn texts(address: &EndpointAddr) -> Vec<String> {
    let text = |address: &TransportAddr| match address {
        TransportAddr::Ip(ip) => Some(ip.to_string()),
        TransportAddr::Relay(url) => Some(url.to_string()),
        _ => None,
    };
    address.addrs.iter().filter_map(text).collect()
}

/// The same as they travel; what does not fit is left out.
pub(crate) fn travelling(texts: &[String]) -> Addresses {
    List::first(texts.iter().filter_map(|text| Text::new(text).ok()))
}

/// Where to dial a box; texts that say nothing to this transport are left out. None when its id is no
/// key.
pub(crate) fn address<'a>(
    of: EndpointId,
    texts: impl IntoIterator<Item = &'a str>,
) -> Option<EndpointAddr> {
    let id = PublicKey::from_bytes(&of.0).ok()?;
    let one = |text: &str| {
        let ip = text.parse().ok().map(TransportAddr::Ip);
        ip.or_else(|| text.parse().ok().map(TransportAddr::Relay))
    };
    Some(EndpointAddr::from_parts(id, texts.into_iter().filter_map(one)))
}

/// The other side of a connection, as it proved itself.
pub(crate) fn remote(connection: &Connection) -> EndpointId {
    EndpointId(*connection.remote_id().as_bytes())
}

/// Addresses under which the other side of a connection is reached right now.
pub(crate) fn remote_texts(connection: &Connection) -> Vec<String> {
    let paths = connection.paths();
    let ips = paths.iter().filter(|path| !path.is_relay());
    let text = |address: &TransportAddr| match address {
        TransportAddr::Ip(ip) => Some(ip.to_string()),
        _ => None,
    };
    ips.filter_map(|path| text(path.remote_addr())).collect()
}

/// Whether a connection goes through a relay, and the time there and back.
pub(crate) fn path(connection: &Connection) -> (bool, Option<std::time::Duration>) {
    let paths = connection.paths();
    let selected = paths.iter().find(iroh::endpoint::Path::is_selected);
    selected.map_or((false, None), |path| (path.is_relay(), Some(path.rtt())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_survive_as_texts_and_nonsense_is_left_out() {
        let secret = SecretKey::from_bytes(&[7; 32]);
        let id = EndpointId(*secret.public().as_bytes());
        let told = ["192.0.2.7:4433", "[2001:db8::1]:9", "https://relay.example./", "over there"];
        let dial = address(id, told).unwrap();
        let again = texts(&dial);
        assert_eq!(again.len(), 3, "{again:?}");
        assert_eq!(address(id, again.iter().map(String::as_str)), Some(dial));
        assert_eq!(travelling(&again).items().len(), 3);
    }
}
