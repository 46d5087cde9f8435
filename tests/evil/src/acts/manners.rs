//! What a friend says of itself, and a friend that is none any more. Start at [`addresses`].

use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::time::Duration;

use peer_proto::limits;
use peer_proto::wire::{
    ALPN_CTL, ALPN_PACK, CtlAsk, CtlSay, Hello, Kind, List, PackAsk, PackSay, Text,
};
use types::{Millis, UnixTime};

use super::holds;
use crate::desk::Ask;
use crate::host::hello;
use crate::raw::{Line, PATIENCE};
use crate::stage::Stage;
use crate::{Outcome, said};

/// With this code a box closes on somebody who was blocked (`peer_proto::wire::ByeWhy::Blocked`).
const BLOCKED: u64 = 4;
/// So many of the addresses in one hello are tried.
const OF_ONE_HELLO: usize = 4;
/// How long the box may dial what it was told before it is looked at: both first pauses, and more.
const DIALS_FOR: Millis = Millis(4_000);

/// Says hello with these addresses.
fn tells(stage: &Stage, line: &Line, texts: &[String]) -> Outcome<()> {
    let addresses = List::first(texts.iter().filter_map(|text| Text::new(text).ok()));
    let told = Hello { addresses, ..hello(stage.now()) };
    match line.ask(&CtlAsk::Hello(Box::new(told)))? {
        CtlSay::Hello(_) => Ok(()),
        other => Err(format!("hello with addresses: {other:?}")),
    }
}

/// Somebody who listens where nobody should be called.
struct Ear {
    socket: UdpSocket,
    text: String,
}

impl Ear {
    fn on(address: &str) -> Outcome<Self> {
        let socket = said("listen", UdpSocket::bind(address))?;
        said("listen without waiting", socket.set_nonblocking(true))?;
        let text = said("where", socket.local_addr())?.to_string();
        Ok(Self { socket, text })
    }

    /// How many datagrams came, and from how many ports.
    fn heard(&self) -> usize {
        let mut buffer = [0; 2_048];
        std::iter::from_fn(|| self.socket.recv_from(&mut buffer).ok()).count()
    }
}

/// Ports of the box's own computer, groups, everybody, nobody, names, and a page: it must not become a
/// scanner of its own network.
pub fn addresses(stage: &mut Stage) -> Outcome<String> {
    let friend = stage.befriend()?;
    let line = stage.ctl(&friend)?;
    let group = Ear::on("0.0.0.0:0")?;
    let port = group.text.rsplit(':').next().unwrap_or_default().to_owned();
    let many = Ipv4Addr::new(239, 77, 77, 77);
    said("join a group", group.socket.join_multicast_v4(&many, &Ipv4Addr::LOCALHOST))?;
    let page = said("listen for a page", TcpListener::bind("127.0.0.1:0"))?;
    said("listen without waiting", page.set_nonblocking(true))?;
    let page_at = said("where", page.local_addr())?;
    let odd = [
        format!("239.77.77.77:{port}"),
        format!("255.255.255.255:{port}"),
        format!("0.0.0.0:{port}"),
        "127.0.0.1:0".to_owned(),
        "router.local:80".to_owned(),
        format!("http://{page_at}/"),
        "nonsense".to_owned(),
    ];
    tells(stage, &line, &odd)?;
    // It has to look for the friend now, where it was told.
    friend.evil.runtime.block_on(friend.evil.endpoint.close());
    for _ in 0..8 {
        stage.pass(Millis(DIALS_FOR.0 / 8))?;
        stage.linger(Duration::from_millis(200));
    }
    let heard = group.heard();
    holds(heard == 0, format!("groups, everybody and nobody were called {heard} times"))?;
    holds(page.accept().is_err(), "a page was asked for")?;
    stage.serves()?;
    Ok("none of them was called".to_owned())
}

/// Far more addresses than one box has: few of each hello are tried, and no more are remembered than may be
/// told at once.
pub fn many_addresses(stage: &mut Stage) -> Outcome<String> {
    let friend = stage.befriend()?;
    let line = stage.ctl(&friend)?;
    let ears: Vec<Ear> = (0..64).map(|_| Ear::on("127.0.0.1:0")).collect::<Outcome<_>>()?;
    for some in ears.chunks(limits::ADDRESSES_MAX) {
        let texts: Vec<String> = some.iter().map(|ear| ear.text.clone()).collect();
        tells(stage, &line, &texts)?;
    }
    let too_many = List::<Text<{ limits::ADDRESS_LEN_MAX }>, 20>::first(
        ears.iter().filter_map(|ear| Text::new(&ear.text).ok()).take(17),
    );
    let mut body =
        said("write", postcard::to_allocvec(&(0_u32, 1_u16, stage.now(), true, too_many)))?;
    body.extend(said("write", postcard::to_allocvec(&(1_u32, [0_u64; 4], None::<u8>)))?);
    let answer: CtlSay = line.ask_bytes(&Line::framed(&body))?;
    super::wants("17 addresses", &answer, peer_proto::wire::Why::Malformed)?;
    friend.evil.runtime.block_on(friend.evil.endpoint.close());
    for _ in 0..8 {
        stage.pass(Millis(DIALS_FOR.0 / 8))?;
        stage.linger(Duration::from_millis(100));
    }
    let mut called = 0;
    for some in ears.chunks(limits::ADDRESSES_MAX) {
        let of_them = some.iter().filter(|ear| ear.heard() > 0).count();
        holds(of_them <= OF_ONE_HELLO, format!("{of_them} of one hello were called"))?;
        called += of_them;
    }
    Ok(format!("{called} of 64 were called, 17 at once refused 17"))
}

/// A friend whose clock is decades off, and sure of it.
pub fn clock(stage: &mut Stage) -> Outcome<String> {
    let friend = stage.befriend()?;
    let line = stage.packs(&friend)?;
    let root = super::packs::put(&line, &testkit::env::noise(21, 30_000), Kind::Data)?;
    let ctl = stage.ctl(&friend)?;
    let decades = Millis::from_days(365 * 30);
    for time in [stage.now().plus(decades), UnixTime(i64::MAX), UnixTime(i64::MIN), UnixTime(0)] {
        let told = CtlAsk::Hello(Box::new(Hello { time, ..hello(stage.now()) }));
        let answer: CtlSay = ctl.ask(&told)?;
        holds(matches!(answer, CtlSay::Hello(_)), format!("at {}: {answer:?}", time.0))?;
    }
    match line.ask(&PackAsk::Delete(root))? {
        PackSay::Marked(until) => {
            let wait = until.since(stage.now());
            let days = friend.pact.terms.by_inviter.not_before();
            let fits = wait.0 <= days.0 + 60_000 && wait.0 + 60_000 > days.0;
            holds(fits, format!("marked {} ms ahead", wait.0))?;
        }
        other => return Err(format!("a deletion: {other:?}")),
    }
    let found = stage.victim.on_disk(friend.evil.side().recovery)?;
    holds(found.good == [root], format!("on the disk: {found:?}"))?;
    Ok("deletions go by the box's own clock".to_owned())
}

/// A friend who was blocked, and keeps its lines.
pub fn blocked(stage: &mut Stage) -> Outcome<String> {
    let friend = stage.befriend()?;
    let (ctl, packs) = (stage.ctl(&friend)?, stage.packs(&friend)?);
    super::packs::put(&packs, &testkit::env::noise(22, 30_000), Kind::Data)?;
    let mut open = packs.open()?;
    stage.victim.desk.ask(&Ask::Block(friend.pact.id))?;
    for (what, line) in [("control", &ctl), ("packs", &packs)] {
        let code = line.closed().map_err(|error| format!("{what}: {error}"))?;
        holds(code == BLOCKED, format!("{what} was closed with {code}"))?;
    }
    holds(open.write(&[1, 0, 0, 0, 6]).is_err(), "a stream from before is still read")?;
    for alpn in [ALPN_CTL, ALPN_PACK] {
        let again = friend.evil.dial(&stage.victim.peer, alpn)?;
        let code = again.closed()?;
        holds(code == BLOCKED, format!("a new line was closed with {code}"))?;
    }
    let found = stage.victim.on_disk(friend.evil.side().recovery)?;
    holds(found.good.len() == 1, format!("on the disk: {found:?}"))?;
    Ok("both lines closed with 4, new ones too; what lies here stays".to_owned())
}

/// An old line beside a new one.
pub fn replaced(stage: &mut Stage) -> Outcome<String> {
    let friend = stage.befriend()?;
    let old = stage.packs(&friend)?;
    super::frames::still_answers(&old)?;
    let new = stage.packs(&friend)?;
    super::frames::still_answers(&new)?;
    old.closed()?;
    let (ctl, next) = (stage.ctl(&friend)?, stage.ctl(&friend)?);
    super::frames::still_hears(&next)?;
    ctl.closed()?;
    holds(new.is_open() && next.is_open(), "the newest was closed")?;
    Ok(format!("the older one is closed at once, not after {} s", PATIENCE.as_secs()))
}
