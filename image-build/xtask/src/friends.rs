//! `cargo xtask friends [--boxes N]`: some boxes in folders of this computer that can become friends, each with a
//! simulated machine around it, until Ctrl-C.
//!
//! They listen on this computer only, and what the first run makes stays. Nothing outside the folder is
//! touched, and nothing leaves the computer. Start at [`command`].

use std::path::Path;
use std::thread;
use std::time::Duration;

use crate::boxes::House;
use crate::say::{complain, say};
use crate::{Outcome, page, product, repo};

/// Boxes that a person started run until they are stopped; those that were forgotten, a day.
const LIMIT: Duration = Duration::from_secs(24 * 3600);
/// Boxes at once, at most: each is a whole program with disks.
const BOXES_MAX: u16 = 9;
/// The web doors of the first; each further box has the next ones.
const SECURE: u16 = 8543;
const PLAIN: u16 = 8180;
/// Where the first listens for friends. A port of its own each, so that an invite is good after a restart.
const FRIENDS: u16 = 41_641;

/// The command.
pub(crate) fn command(arguments: &[String]) -> Outcome<()> {
    let count = wanted(arguments)?;
    page::if_possible()?;
    let programs = product::static_build(&["holdfast", "holdfastd"])?;
    let home = repo::target().join("friends");
    let houses = (0..count).map(|number| prepare(&home, &programs, number));
    let houses: Vec<House> = houses.collect::<Outcome<_>>()?;
    let services: Vec<_> = houses
        .iter()
        .map(|house| {
            let service = house.service().limit(LIMIT);
            thread::spawn(move || service.shown()?.ok().map(drop))
        })
        .collect();
    for (number, house) in (1..).zip(&houses) {
        match settle(house) {
            Ok(()) => say(about(house, number)),
            Err(sentence) => complain(format!("box {number}: {sentence}")),
        }
    }
    if let [first, second, ..] = &houses[..] {
        say(how(first, second));
    }
    for service in services {
        service.join().map_err(|_| "a box ended badly".to_owned())??;
    }
    Ok(())
}

fn wanted(arguments: &[String]) -> Outcome<u16> {
    let count = match arguments {
        [] => 2,
        [flag, count] if flag == "--boxes" => count.parse().unwrap_or(0),
        _ => 0,
    };
    if (2..=BOXES_MAX).contains(&count) {
        return Ok(count);
    }
    Err(format!("say how many boxes: --boxes 2 to {BOXES_MAX}"))
}

fn prepare(home: &Path, programs: &Path, number: u16) -> Outcome<House> {
    let settings = format!(
        "# Made by `cargo xtask friends`. Paths count from this folder.\n\
         vault = \"vault.toml\"\nstate = \"state\"\nsocket = \"box.sock\"\nlog = \"warn\"\n\n\
         [board]\nkind = \"desk\"\nfolder = \"machine\"\n\n\
         [web]\nlisten = \"127.0.0.1:{}\"\nplain = \"127.0.0.1:{}\"\nname = \"box-{}\"\n\n\
         # Small packs go at once, so that there is something to see.\n\
         [friends]\nlisten = [\"127.0.0.1:{}\"]\nat_once = true\n",
        SECURE + number,
        PLAIN + number,
        number + 1,
        FRIENDS + number,
    );
    House::with_settings(&home.join(format!("box-{}", number + 1)), programs, &settings)
}

/// A new box gets its vault; each can be reached by whoever has an invite, and by nobody else.
fn settle(house: &House) -> Outcome<()> {
    house.answers(|| true)?;
    house.settle_in()?;
    house.ask(&["friend", "reach", "nothing"]).kept()?.ok().map(drop)
}

fn about(house: &House, number: u16) -> String {
    format!(
        "Box {number}: https://localhost:{}/, in {}; {}",
        SECURE + number - 1,
        house.home().display(),
        house.claim_code().map_or_else(
            || "somebody owns it already".to_owned(),
            |code| format!("whoever claims it needs the code {code}")
        ),
    )
}

fn how(first: &House, second: &House) -> String {
    let (first, second) = (first.asking(), second.asking());
    format!(
        "\nCtrl-C stops all of them. From another terminal, box 1 invites box 2:\n\n  \
         {first} friend invite --give 1GB\n  \
         {second} friend look            (type or paste the ticket)\n  \
         {first} friend list             (the same three words?)\n  \
         {second} friend accept OFFER\n  {first} friend confirm INVITE\n\n\
         Then back something up and see it go:\n\n  \
         {first} backup --source papers FOLDER\n  {first} friend list\n  {second} friend list\n"
    )
}
