//! Names of users and groups, asked once each: the answer may come over the network.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use nix::unistd::{Gid, Group, Uid, User};

/// A question's answers so far; `None` is remembered too.
#[derive(Debug)]
struct Answers<Q, A>(Mutex<HashMap<Q, Option<A>>>);

impl<Q: Eq + Hash + Clone, A: Clone> Answers<Q, A> {
    fn new() -> Self {
        Self(Mutex::new(HashMap::new()))
    }

    fn ask(&self, question: &Q, answer: impl FnOnce(&Q) -> Option<A>) -> Option<A> {
        // A cache is as good after another thread's panic as before it.
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry(question.clone()).or_insert_with_key(answer).clone()
    }
}

/// Both directions, for users and groups, with a memory.
#[derive(Debug)]
pub(crate) struct Directory {
    users: Answers<u32, Vec<u8>>,
    groups: Answers<u32, Vec<u8>>,
    uids: Answers<Vec<u8>, u32>,
    gids: Answers<Vec<u8>, u32>,
}

impl Directory {
    pub(crate) fn new() -> Self {
        Self {
            users: Answers::new(),
            groups: Answers::new(),
            uids: Answers::new(),
            gids: Answers::new(),
        }
    }

    pub(crate) fn user(&self, uid: u32) -> Option<Vec<u8>> {
        self.users.ask(&uid, |uid| {
            User::from_uid(Uid::from_raw(*uid)).ok().flatten().map(|user| user.name.into_bytes())
        })
    }

    pub(crate) fn group(&self, gid: u32) -> Option<Vec<u8>> {
        self.groups.ask(&gid, |gid| {
            Group::from_gid(Gid::from_raw(*gid)).ok().flatten().map(|group| group.name.into_bytes())
        })
    }

    pub(crate) fn uid(&self, user: &[u8]) -> Option<u32> {
        self.uids.ask(&user.to_vec(), |user| {
            let user = std::str::from_utf8(user).ok()?;
            User::from_name(user).ok().flatten().map(|user| user.uid.as_raw())
        })
    }

    pub(crate) fn gid(&self, group: &[u8]) -> Option<u32> {
        self.gids.ask(&group.to_vec(), |group| {
            let group = std::str::from_utf8(group).ok()?;
            Group::from_name(group).ok().flatten().map(|group| group.gid.as_raw())
        })
    }
}
