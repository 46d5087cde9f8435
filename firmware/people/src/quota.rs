//! How much may be stored by whom over the web door, and how much was.
//!
//! Counted is what was kept, also what gave way or was deleted since: its versions are there. Start at
//! [`House::limits`].

use crate::house::House;
use crate::person::PersonId;
use crate::token::Token;
use crate::{Device, Refusal};

/// No quota is larger: far more than any box holds, and sums of it stay numbers.
pub const QUOTA_MAX: u64 = 1 << 60;

/// A quota that counts for somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The same for everything that counts for it.
    pub key: String,
    /// It is a device's, else a person's.
    pub is_device: bool,
    /// Whose.
    pub name: String,
    /// Bytes that may be stored.
    pub quota: u64,
    /// Bytes that were.
    pub stored: u64,
}

impl House {
    /// The quotas that count for what a person stores, by this device if the token is one's.
    pub fn limits(&self, person: PersonId, token: &Token) -> Vec<Limit> {
        let hash = token.hash();
        let device = self.devices.iter().find(|one| one.token == hash);
        let of_device = device.and_then(|device| {
            let (key, name) = (format!("device {}", device.id()), device.name.clone());
            let (quota, stored) = (device.quota?, device.stored);
            Some(Limit { key, is_device: true, name, quota, stored })
        });
        let of_person = self.person(person).ok().and_then(|person| {
            let (key, name) = (format!("person {}", person.id), person.name.clone());
            let (quota, stored) = (person.quota?, person.stored);
            Some(Limit { key, is_device: false, name, quota, stored })
        });
        of_device.into_iter().chain(of_person).collect()
    }

    /// Counts what was kept, wherever there is a quota.
    pub fn has_stored(&mut self, person: PersonId, token: &Token, bytes: u64) {
        let hash = token.hash();
        let is_it = |one: &&mut Device| one.token == hash && one.quota.is_some();
        if let Some(device) = self.devices.iter_mut().find(is_it) {
            device.stored = device.stored.saturating_add(bytes);
        }
        let person = self.person_mut(person).ok().filter(|person| person.quota.is_some());
        if let Some(person) = person {
            person.stored = person.stored.saturating_add(bytes);
        }
    }

    /// Gives a person a quota, or takes it away: then nothing is counted any more, and what was is
    /// forgotten.
    pub fn set_quota(&mut self, of: PersonId, quota: Option<u64>) -> Result<(), Refusal> {
        let quota = good_quota(quota)?;
        let person = self.person_mut(of)?;
        person.quota = quota;
        if quota.is_none() {
            person.stored = 0;
        }
        Ok(())
    }
}

/// A quota as it is kept.
pub(crate) fn good_quota(quota: Option<u64>) -> Result<Option<u64>, Refusal> {
    match quota {
        Some(bytes) if bytes > QUOTA_MAX => Err(Refusal::QuotaTooLarge),
        quota => Ok(quota),
    }
}
