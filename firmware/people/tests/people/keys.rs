//! Keys on sticks: they open with the password, each use makes what was copied before worthless, and no cut
//! keeps their person out.

use people::{Factor, House, KeyFile, Refusal, SignedIn, Turn};
use proptest::prelude::*;

use crate::home::{HOME, Home, PASSWORD, place};

/// What lies on a stick: the file, and the one that was being written beside it.
#[derive(Clone, Debug, Default)]
struct Stick {
    file: Option<String>,
    beside: Option<String>,
}

/// How far a use gets before the stick is pulled or the power goes.
const CUTS: u8 = 5;

impl Stick {
    /// Each file that can be read, and whether it is the one beside.
    fn found(&self) -> Vec<(bool, KeyFile)> {
        let read = |text: &Option<String>| KeyFile::parse(text.as_ref()?.as_bytes());
        let both = [(false, read(&self.file)), (true, read(&self.beside))];
        both.into_iter().filter_map(|(beside, file)| Some((beside, file?))).collect()
    }

    /// Writes as the box does, and stops at a cut: 1 before the first byte, 2 in the middle of the file, 3
    /// before it takes the place of the old one.
    fn write(&mut self, from_beside: bool, text: &str, cut: u8) {
        if cut == 1 {
            return;
        }
        // The one that is right is never the one that is written over.
        if from_beside {
            self.file = self.beside.take();
        }
        self.beside = Some(text[..text.len() / 2].to_owned());
        if cut == 2 {
            return;
        }
        self.beside = Some(text.to_owned());
        if cut != 3 {
            self.file = self.beside.take();
        }
    }
}

impl Home {
    /// A key for Ada, who has a sheet of codes, too.
    fn with_key() -> (Self, Stick, Vec<String>) {
        let (mut home, ada) = Self::claimed();
        let codes = home.house.new_sheet(ada.person, &home.dice).expect("a sheet");
        let codes = codes.iter().map(|code| code.text().to_string()).collect();
        let file = home.house.new_key(ada.person, "a blue stick", home.now, &home.dice);
        let file = file.expect("she has a sheet");
        assert!(
            home.try_in(("Ada", PASSWORD, None), HOME, None).is_ok(),
            "it is not on a stick yet"
        );
        home.house.confirm_key(ada.person, &file).expect("it was read back");
        (home, Stick { file: Some(file.text().to_string()), beside: None }, codes)
    }

    /// As the box does it. Nothing after a cut happens; 4 is between the reading back and what is kept.
    fn uses(&mut self, stick: &mut Stick, cut: u8) -> Result<SignedIn, Refusal> {
        let who = (place(HOME), None);
        let factor = Factor::default();
        let attempt = self.house.may_try(&mut self.tries, "Ada", factor, who, self.now)?;
        let mut checked = attempt.check(PASSWORD);
        let person = self.house.whose(&checked)?;
        let found = stick.found();
        let files: Vec<KeyFile> = found.iter().map(|(_, file)| file.clone()).collect();
        let before = self.house.clone();
        match self.house.turn_key(person, &files, self.now, &self.dice)? {
            Turn::Next { which, file } => {
                if cut == 0 {
                    self.house = before;
                } else {
                    stick.write(found[which].0, &file.text(), cut);
                }
                if cut < CUTS {
                    checked.was_no_guess(&mut self.tries, self.now);
                    return Err(Refusal::KeyNotWritten);
                }
                let (_, read) = stick.found().pop().ok_or(Refusal::KeyNotWritten)?;
                let known = (None, "a browser");
                let checked = checked.with_key(read);
                self.house.sign_in(&mut self.tries, checked, known, self.now, &self.dice)
            }
            Turn::Copied => Err(Refusal::KeyCopied),
            Turn::NotHere => {
                checked.was_no_guess(&mut self.tries, self.now);
                Err(Refusal::KeyNotHere)
            }
        }
    }
}

#[test]
fn a_key_opens_with_the_password_and_is_another_one_after_each_use() {
    let (mut home, mut stick, _) = Home::with_key();
    let alone = home.try_in(("Ada", PASSWORD, None), HOME, None);
    assert_eq!(alone.unwrap_err(), Refusal::CodeOrKey);
    let mut seen = vec![stick.file.clone()];
    for _ in 0..3 {
        home.uses(&mut stick, CUTS).expect("it is her key");
        assert!(!seen.contains(&stick.file), "each use changes it");
        seen.push(stick.file.clone());
    }
    let none = home.uses(&mut Stick::default(), CUTS);
    assert_eq!(none.unwrap_err(), Refusal::KeyNotHere);
    let other = Home::with_key().1.file.map(|text| text.replace("root", "Root"));
    let none = home.uses(&mut Stick { file: other, beside: None }, CUTS);
    assert_eq!(none.unwrap_err(), Refusal::KeyNotHere, "what cannot be read is no copy");
}

#[test]
fn a_copy_of_an_older_file_does_not_open_and_is_noticed_and_then_codes_still_do() {
    let (mut home, mut stick, codes) = Home::with_key();
    let mut copy = stick.clone();
    assert_eq!(home.house.copied_keys().count(), 0);
    home.uses(&mut stick, CUTS).expect("it is her key");
    assert_eq!(home.uses(&mut copy, CUTS).unwrap_err(), Refusal::KeyCopied);
    assert_eq!(home.house.copied_keys().collect::<Vec<_>>(), [("Ada", home.now.wall)]);
    // Nobody knows which of the two is hers, so neither opens. It does not become easier to come in.
    assert_eq!(home.uses(&mut stick, CUTS).unwrap_err(), Refusal::KeyCopied);
    let alone = home.try_in(("Ada", PASSWORD, None), HOME, None);
    assert_eq!(alone.unwrap_err(), Refusal::CodeOrKey);
    let in_ = home.try_in(("Ada", PASSWORD, Some(&codes[0])), HOME, None).expect("a code");
    home.house.drop_key(in_.person).expect("hers to take away");
    assert_eq!(home.house.copied_keys().count(), 0);
}

/// The copy comes first: then the owner's own stick is the older one, and that is noticed as well.
#[test]
fn a_copy_that_was_used_before_the_stick_is_noticed_at_the_next_use_of_the_stick() {
    let (mut home, mut stick, _) = Home::with_key();
    let mut copy = stick.clone();
    home.uses(&mut copy, CUTS).expect("nobody can tell it from the stick");
    assert_eq!(home.uses(&mut stick, CUTS).unwrap_err(), Refusal::KeyCopied);
    assert_eq!(home.uses(&mut copy, CUTS).unwrap_err(), Refusal::KeyCopied, "and it ends there");
}

#[test]
fn a_stick_that_is_pulled_at_any_step_opens_the_next_time() {
    for cut in 0..CUTS {
        for again in 0..CUTS {
            let (mut home, mut stick, _) = Home::with_key();
            home.uses(&mut stick, CUTS).expect("it is her key");
            assert!(home.uses(&mut stick, cut).is_err(), "cut at {cut}: nobody is in yet");
            assert!(home.uses(&mut stick, again).is_err(), "cut at {cut}, then at {again}");
            let opened = home.uses(&mut stick, CUTS);
            assert!(opened.is_ok(), "cut at {cut}, then at {again}: {opened:?}");
            assert_eq!(home.house.copied_keys().count(), 0);
        }
    }
}

#[test]
fn whoever_has_nothing_else_is_given_no_key_and_the_words_stand_in_for_one_that_is_lost() {
    let (mut home, ada) = Home::claimed();
    let alone = home.house.new_key(ada.person, "a stick", home.now, &home.dice);
    assert_eq!(alone.unwrap_err(), Refusal::NoOtherWay);
    let (mut home, _, _) = Home::with_key();
    let attempt = home
        .house
        .may_try(&mut home.tries, "Ada", Factor::default(), (place(HOME), None), home.now)
        .expect("the first try");
    let checked = attempt.check(PASSWORD).with_words();
    let in_ = home.house.sign_in(&mut home.tries, checked, (None, ""), home.now, &home.dice);
    let person = in_.expect("password and words").person;
    assert_eq!(
        home.house.new_key(person, "another", home.now, &home.dice).unwrap_err(),
        Refusal::TooMany,
        "one each"
    );
    let attempt = home
        .house
        .may_try(&mut home.tries, "Ada", Factor::default(), (place(HOME), None), home.now)
        .expect("another try");
    let wrong = attempt.check("something else").with_words();
    assert_eq!(home.house.whose(&wrong).unwrap_err(), Refusal::WrongSecret);
    let wrong = home.house.sign_in(&mut home.tries, wrong, (None, ""), home.now, &home.dice);
    assert_eq!(wrong.unwrap_err(), Refusal::WrongSecret, "the words alone are no password");
}

#[test]
fn what_is_kept_of_a_key_opens_nothing_and_what_is_read_again_is_the_same() {
    let (home, stick, _) = Home::with_key();
    let kept = serde_json::to_string(&home.house).expect("it can be kept");
    let text = stick.file.expect("it was written");
    for secret in text.lines().skip(3).filter_map(|line| line.split(' ').nth(1)) {
        assert_eq!(secret.len(), 64);
        assert!(!kept.contains(secret), "a secret of the stick is kept");
    }
    let read: House = serde_json::from_str(&kept).expect("it can be read");
    assert_eq!(serde_json::to_string(&read).expect("kept again"), kept);
    assert!(!format!("{home:?}", home = home.house).contains(&text[100..140]));
}

#[test]
fn a_file_that_is_torn_or_changed_anywhere_is_none() {
    let text = Home::with_key().1.file.expect("it was written");
    assert!(text.len() <= KeyFile::LEN_MAX && KeyFile::parse(text.as_bytes()).is_some());
    for end in 0..text.trim_end().len() {
        assert!(KeyFile::parse(&text.as_bytes()[..end]).is_none(), "cut after {end} bytes");
    }
    for at in 0..text.trim_end().len() {
        let mut bytes = text.clone().into_bytes();
        bytes[at] ^= 1;
        assert!(KeyFile::parse(&bytes).is_none(), "byte {at} is another one");
    }
}

#[derive(Clone, Copy, Debug)]
enum Act {
    Use(u8),
    Copy,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![4 => (0..=CUTS).prop_map(Act::Use), 1 => Just(Act::Copy)];
    proptest::collection::vec(act, 1..24)
}

proptest! {
    /// The model is one word: a copy opens as long as no use came to its end since, and the stick always.
    #[test]
    fn the_stick_always_opens_and_no_copy_that_is_older_than_a_whole_use(acts in acts()) {
        let (mut home, mut stick, _) = Home::with_key();
        let mut copy = (stick.clone(), true);
        for act in acts {
            match act {
                Act::Copy => copy = (stick.clone(), true),
                Act::Use(cut) => {
                    let used = home.uses(&mut stick, cut);
                    prop_assert_eq!(used.is_ok(), cut == CUTS);
                    copy.1 &= cut != CUTS;
                }
            }
            let (mut home, mut copied) = (home.house.clone(), copy.0.clone());
            let mut fork = Home::claimed().0;
            std::mem::swap(&mut fork.house, &mut home);
            let opened = fork.uses(&mut copied, CUTS);
            if !copy.1 {
                prop_assert_eq!(opened.unwrap_err(), Refusal::KeyCopied);
            }
        }
        prop_assert!(home.uses(&mut stick, CUTS).is_ok());
    }
}
