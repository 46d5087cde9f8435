//! A house with what a test needs of it: a clock, randomness, and shorter ways to say things.

use std::net::IpAddr;

use people::{Cost, Factor, House, Now, Place, Refusal, SignedIn, Token, Tries, Verifier};
use types::{Millis, Rng, UnixTime};

pub(crate) const CHEAP: Cost = Cost { memory_kib: 8, passes: 1 };
pub(crate) const PASSWORD: &str = "correct horse battery";
/// Where the owner lives.
pub(crate) const HOME: &str = "192.168.1.10";

/// Randomness that differs each time and is the same each run.
#[derive(Debug, Default)]
pub(crate) struct Dice(std::sync::atomic::AtomicU64);

impl Rng for Dice {
    fn fill(&self, out: &mut [u8]) {
        let number = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        for (at, byte) in out.iter_mut().enumerate() {
            let mut mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ at as u64;
            mixed = (mixed ^ (mixed >> 31)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            *byte = mixed.to_le_bytes()[7];
        }
    }
}

pub(crate) struct Home {
    pub(crate) house: House,
    pub(crate) tries: Tries,
    pub(crate) now: Now,
    pub(crate) dice: Dice,
}

pub(crate) fn place(address: &str) -> Place {
    Place::from(address.parse::<IpAddr>().expect("an address"))
}

impl Home {
    pub(crate) fn unclaimed() -> Self {
        let dice = Dice::default();
        let now = Now { wall: UnixTime(1_790_000_000_000), uptime: Millis(0) };
        let tries = Tries::new(Verifier::of_nobody(CHEAP, &dice), now.uptime);
        Self { house: House::new(CHEAP), tries, now, dice }
    }

    /// A house with an owner, and the browser that the owner claimed it with.
    pub(crate) fn claimed() -> (Self, SignedIn) {
        let mut home = Self::unclaimed();
        let code = home.house.new_claim(&home.dice).expect("it has no owner");
        let verifier = Verifier::of(PASSWORD, CHEAP, &home.dice).expect("a password");
        let id = home.house.claim(&code.text(), "Ada", verifier, home.now, &home.dice);
        let id = id.expect("the code is right");
        let in_ = home.house.welcome(id, "a browser", home.now, &home.dice).expect("just made");
        (home, in_)
    }

    pub(crate) fn passes(&mut self, span: Millis) {
        self.now.wall = self.now.wall.plus(span);
        self.now.uptime = Millis(self.now.uptime.0 + span.0);
    }

    pub(crate) fn try_in(
        &mut self,
        (name, password, code): (&str, &str, Option<&str>),
        from: &str,
        browser: Option<&Token>,
    ) -> Result<SignedIn, Refusal> {
        let factor = Factor { code: code.map(str::to_owned), ..Factor::default() };
        let place = place(from);
        let attempt =
            self.house.may_try(&mut self.tries, name, factor, (place, browser), self.now)?;
        let checked = attempt.check(password);
        let known = (browser, "a browser");
        self.house.sign_in(&mut self.tries, checked, known, self.now, &self.dice)
    }
}
