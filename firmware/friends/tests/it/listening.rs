//! A box is found where it was found before.

use std::net::SocketAddr;

use friends::listening::{Ports, at, ports};

fn addresses(texts: &[&str]) -> Vec<SocketAddr> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

#[test]
fn a_box_listens_at_the_ports_that_it_had_before() {
    let every = at(&[], Ports::default());
    assert_eq!(every, addresses(&["0.0.0.0:0", "[::]:0"]));
    let told = ["https://relay.example/", "192.0.2.1:4433", "[2001:db8::1]:5544"];
    let known = ports(&told.map(str::to_owned));
    assert_eq!(at(&[], known), addresses(&["0.0.0.0:4433", "[::]:5544"]));
    assert_eq!(at(&addresses(&["127.0.0.1:0"]), known), addresses(&["127.0.0.1:4433"]));
}

#[test]
fn what_the_settings_say_goes_before_and_no_port_is_taken_twice() {
    let known = ports(&["192.0.2.1:4433".to_owned()]);
    let fixed = addresses(&["10.0.0.1:7000"]);
    assert_eq!(at(&fixed, known), fixed);
    let two = addresses(&["10.0.0.1:0", "10.0.0.2:0"]);
    assert_eq!(at(&two, known), addresses(&["10.0.0.1:4433", "10.0.0.2:0"]));
    assert_eq!(ports(&["over there".to_owned()]), Ports::default());
}
