//! Two whole boxes on this computer become friends: the real programs on simulated disks, over real sockets
//! that nobody else can reach.

use calls::{
    Answer, Call, DeskAct, FaultCode, FriendAct, FriendShown, Friends, InviteShown, JobResult,
    JobSpec, OfferShown, OfferState, PactTerms, Promise, RawPath, Reach, RestoreResult, Secret,
    Seen,
};

use crate::hand::{NAMES, SIZE};
use crate::rig::Rig;
use crate::running::Running;

const GIVEN: u64 = 256 << 20;

/// A box with simulated disks that listens for friends on this computer only.
pub(crate) fn friendly() -> Rig {
    let rig = Rig::folders(0);
    rig.settings(
        "[board]\nkind = \"desk\"\nfolder = \"machine\"\n\
         [friends]\nlisten = [\"127.0.0.1:0\"]\nat_once = true\n",
    );
    rig
}

fn terms() -> PactTerms {
    let promise = Promise { bytes: GIVEN, not_before_days: 30, silence_months: 12 };
    PactTerms { here: promise, there: promise, notice_days: 30 }
}

impl Running<'_> {
    /// A vault that keeps everything once, so that a disk that is gone is a loss.
    pub(crate) fn create_single(&self) -> Secret {
        for (number, name) in (1..).zip(NAMES) {
            self.insert(name, SIZE, number);
        }
        self.until_disks(|disks| disks.disks.len() == NAMES.len());
        let disks = (1..=NAMES.len()).map(|number| number.to_string()).collect();
        match self.ask(Call::Create { disks, copies: 1, password: None }) {
            Answer::Created { words, .. } => Secret::Words(words),
            other => panic!("{other:?}"),
        }
    }

    fn friends(&self) -> Friends {
        match self.ask(Call::Friends {}) {
            Answer::Friends(friends) => *friends,
            other => panic!("{other:?}"),
        }
    }

    /// Waits until friends are as wanted. The box tells of them whenever something happens.
    fn until_friends(&self, wanted: impl Fn(&Friends) -> bool) -> Friends {
        let mut talk = self.talk();
        talk.ask(Call::Watch { job: None }).unwrap();
        for _ in 0..400 {
            let friends = self.friends();
            if wanted(&friends) {
                return friends;
            }
            assert!(talk.event().unwrap().is_some(), "the box went away: {}", self.rig.log());
        }
        panic!("it does not come: {:#?}\n{}", self.friends(), self.rig.log());
    }

    pub(crate) fn friend(&self) -> FriendShown {
        self.friends().friends.remove(0)
    }

    pub(crate) fn reaches_nobody(&self) {
        assert!(matches!(
            self.ask(Call::SetReach { reach: Reach::Nothing {} }),
            Answer::Friends(_)
        ));
    }

    fn invites(&self) -> (InviteShown, calls::SecretText) {
        match self.ask(Call::FriendInvite { terms: terms() }) {
            Answer::FriendInvited(made) => (made.invite, made.ticket),
            other => panic!("{other:?}"),
        }
    }

    fn looks(&self, ticket: calls::SecretText) -> OfferShown {
        match self.ask(Call::FriendLook { ticket }) {
            Answer::FriendOffer(offer) => *offer,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn acts(&self, act: FriendAct) -> FriendShown {
        let friend = self.friend().name;
        match self.ask(Call::Friend { friend, act }) {
            Answer::Friend(shown) => *shown,
            other => panic!("{other:?}"),
        }
    }
}

/// From an invite to a pact, with the words compared on both screens.
pub(crate) fn pair(inviter: &Running<'_>, invitee: &Running<'_>) {
    inviter.reaches_nobody();
    invitee.reaches_nobody();
    let (invite, ticket) = inviter.invites();
    let offer = invitee.looks(ticket);
    assert_eq!((offer.state, offer.fits, offer.terms), (OfferState::Asking, true, terms()));
    let asking = inviter.until_friends(|all| all.invites.iter().any(|one| one.words.is_some()));
    assert_eq!(asking.invites[0].words.as_ref(), Some(&offer.words), "both screens say the same");
    invitee.ask(Call::FriendAnswer { offer: offer.id, yes: true });
    inviter.ask(Call::FriendConfirm { invite: invite.id, yes: true });
    let there = |all: &Friends| all.friends.iter().any(|one| one.seen == Seen::Direct);
    assert!(inviter.until_friends(there).invites.is_empty());
    assert!(invitee.until_friends(there).offers.is_empty());
}

/// Waits until all that is to be there is, so many bytes at least, and both count the same.
pub(crate) fn settled(owner: &Running<'_>, host: &Running<'_>, least: u64) -> FriendShown {
    let same = |all: &Friends| {
        all.friends.iter().any(|one| {
            let here = host.friend().here;
            let is_all = one.there.bytes >= least && one.waiting_packs == 0;
            is_all && (one.there.packs, one.there.bytes) == (here.packs, here.bytes)
        })
    };
    owner.until_friends(same).friends.remove(0)
}

#[test]
fn two_boxes_become_friends_and_a_disk_that_is_lost_is_made_whole_from_the_other_house() {
    let (rig, other) = (friendly(), friendly());
    let (ours, theirs) = (rig.start(), other.start());
    let before = ours.refused(Call::FriendInvite { terms: terms() });
    assert_eq!(before.code, FaultCode::WrongState, "no vault, no friends: {before}");
    let words = ours.create_single();
    let unasked = ours.refused(Call::FriendInvite { terms: terms() });
    assert!(unasked.advice.contains("friend reach"), "the owner is asked first: {unasked}");
    theirs.create_single();
    pair(&ours, &theirs);

    // The last pack is sealed when the box stops.
    ours.done(rig.big_folder("docs", 44));
    assert_eq!(ours.stop(), Some(0));
    let ours = rig.start();
    ours.ask(Call::Unlock { secret: words });
    let shown = settled(&ours, &theirs, 44 << 20);
    assert!(
        shown.here.bytes < 1 << 20,
        "nothing was backed up there: only what a vault begins with"
    );

    // A proof is wanted now.
    ours.acts(FriendAct::Audit {});
    ours.until_friends(|all| all.friends[0].proofs.proved > 0 && all.friends[0].proofs.failed == 0);
    theirs.acts(FriendAct::Say { text: "Back on.".to_owned() });
    ours.until_friends(|all| all.friends[0].unread == 1);

    // The other box starts anew and stays locked: it keeps, proves and serves all the same.
    assert_eq!(theirs.stop(), Some(0));
    ours.until_friends(|all| all.friends[0].seen != Seen::Direct);
    let theirs = other.start();
    assert_eq!(theirs.status().lock, calls::Lock::Locked);
    ours.until_friends(|all| all.friends[0].seen == Seen::Direct);
    settled(&ours, &theirs, shown.there.bytes);

    // A disk of ours is gone, and what it alone had comes back.
    let has_data = |name: &str| {
        !rig.files(&format!("machine/disks/{name}/content/holdfast/data"), "pack").is_empty()
    };
    // By which disk a pack is sealed is for the box to say: one of them may have none.
    let name = NAMES.into_iter().find(|name| has_data(name)).unwrap();
    ours.desk(DeskAct::Pull { name: name.to_owned() });
    ours.until_disks(|disks| disks.disks.iter().any(|disk| disk.life != "member"));
    comes_back(&ours);
    ours.is_whole("docs", "back");
}

/// Waits until everything can be read without the disk that is gone: after each pack that came back it
/// is tried anew.
fn comes_back(ours: &Running<'_>) {
    let came = || ours.rig.log().matches("came back from a friend").count();
    let mut before = 0;
    loop {
        ours.until_friends(|_| came() > before);
        before = came();
        let spec = JobSpec::Restore {
            snapshot: "latest:docs".to_owned(),
            path: RawPath(Vec::new()),
            to: RawPath(ours.rig.path(&format!("after {before}")).to_str().unwrap().into()),
            overwrite: false,
        };
        let job = ours.begin(spec).job.id;
        if matches!(
            ours.over(job).result,
            Some(JobResult::Restore(RestoreResult { failed: 0, .. }))
        ) {
            return;
        }
    }
}

#[test]
fn what_gives_protection_away_needs_the_friends_name_once_more() {
    let (rig, other) = (friendly(), friendly());
    let (ours, theirs) = (rig.start(), other.start());
    ours.create_single();
    theirs.create_single();
    pair(&ours, &theirs);
    let name = ours.friend().name;
    let wrong = FriendAct::StopNow { name: "somebody".to_owned() };
    let fault = ours.refused(Call::Friend { friend: name.clone(), act: wrong });
    assert_eq!(fault.code, FaultCode::BadRequest);
    let renamed = ours.acts(FriendAct::Name { name: Some("Ana".to_owned()), place: None });
    assert_eq!((renamed.name.as_str(), renamed.standing), ("Ana", calls::FriendStanding::Active));
    let nobody = ours.refused(Call::Friend { friend: "Ben".to_owned(), act: FriendAct::Audit {} });
    assert_eq!(nobody.code, FaultCode::NotFound);
    let ending = ours.acts(FriendAct::End { name: "ana".to_owned() });
    assert_eq!(ending.standing, calls::FriendStanding::Ending);
    theirs.until_friends(|all| all.friends[0].ends_ms.is_some());
    theirs.until_finds(|one| one.sentence.contains("The pact with"));
}

/// How often the box kept its friends on the vault's disks.
fn times_kept(rig: &Rig) -> u64 {
    let notes = std::fs::read(rig.path("state/friends/notes.json")).unwrap_or_default();
    let notes: Option<serde_json::Value> = serde_json::from_slice(&notes).ok();
    notes.and_then(|notes| notes["mirrored"].as_u64()).unwrap_or(0)
}

/// Pacts lived on the box's own disk alone: with that they were gone, and friends knew the box no more.
#[test]
fn a_box_that_lost_its_own_disk_finds_its_friends_again_and_nobody_lets_go_of_anything() {
    let (rig, other) = (Rig::vault(2), Rig::vault(1));
    for one in [&rig, &other] {
        one.settings("[friends]\nlisten = [\"127.0.0.1:0\"]\nat_once = true\n");
    }
    let (ours, theirs) = (rig.start(), other.start());
    ours.ask(Call::Unlock { secret: rig.words() });
    theirs.ask(Call::Unlock { secret: other.words() });
    pair(&ours, &theirs);
    ours.done(rig.big_folder("docs", 20));
    theirs.done(other.big_folder("films", 20));
    for running in [ours, theirs] {
        // The last pack is sealed when a box stops.
        assert_eq!(running.stop(), Some(0));
    }
    let (ours, theirs) = (rig.start(), other.start());
    ours.ask(Call::Unlock { secret: rig.words() });
    theirs.ask(Call::Unlock { secret: other.words() });
    settled(&theirs, &ours, 20 << 20);
    settled(&ours, &theirs, 20 << 20);
    let kept_before = times_kept(&rig);
    ours.acts(FriendAct::Name { name: Some("Ana".to_owned()), place: Some("Ulm".to_owned()) });
    let before = ours.friend();
    ours.until_friends(|_| times_kept(&rig) > kept_before);
    for disk in ["disk1", "disk2"] {
        assert_eq!(rig.files(disk, "friends.sealed").len(), 1, "{disk}");
    }
    assert_eq!(ours.stop(), Some(0));

    std::fs::remove_dir_all(rig.path("state")).unwrap();
    let ours = rig.start();
    assert!(ours.friends().friends.is_empty(), "nothing is known before the keys are there");
    ours.ask(Call::Unlock { secret: rig.words() });
    let again = ours.until_friends(|all| {
        // A vault that was opened may have a pack more; none is missing on either side.
        let same = |one: &FriendShown| {
            one.there.packs >= before.there.packs && one.here.packs >= before.here.packs
        };
        all.friends.iter().any(|one| one.seen == Seen::Direct && same(one))
    });
    let again = &again.friends[0];
    assert_eq!((&again.id, &again.endpoint), (&before.id, &before.endpoint));
    assert_eq!((again.name.as_str(), again.place.as_str()), ("Ana", "Ulm"));
    // Their box never asked for anything again, and has all of it.
    let now = theirs.friend();
    assert!(now.here.packs >= before.there.packs && now.there.packs >= before.here.packs);
    theirs.acts(FriendAct::Audit {});
    theirs.until_friends(|all| all.friends[0].proofs.proved > 0);
    assert_eq!(theirs.friend().proofs.failed, 0);
}
