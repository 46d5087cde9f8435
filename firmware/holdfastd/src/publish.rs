//! What the thread that cares for the disks shows and tells everybody: after each turn, at once.
//!
//! Waits for no disk. Start at [`Carer::publish`].

use std::collections::{BTreeMap, BTreeSet};

use calls::{Disks, Event, Finding, News, Severity};
use plan::disk::{Entry, Joining, Life, Roster, Standing, Wish};
use types::{DiskIdentity, VolumeId};

use crate::care::Shown;
use crate::carer::Carer;
use crate::seen;

/// What happened is remembered for whoever asks later.
const NEWS_MAX: usize = 20;

impl Carer {
    /// Tells something that happened.
    pub(crate) fn tell(&mut self, sentence: String) {
        let news = News { at_ms: self.supervisor.now().0, sentence };
        tracing::info!(news.sentence, "a disk");
        self.supervisor.hub.tell(&Event::Disk(news.clone()));
        self.news.push(news);
    }

    /// Drives that are here, and whether plain files may be written to them.
    fn plain_drives(&self) -> Vec<(DiskIdentity, bool)> {
        let entries = self.caretaker.roster().entries().iter();
        let plain = entries.filter(|e| matches!(e.life, Life::Rescue | Life::Foreign(Joining::No)));
        plain.map(|e| (e.identity.clone(), e.life == Life::Rescue)).collect()
    }

    /// What its verdict says of a member that is here.
    fn finding_of(&self, e: &Entry) -> Option<(VolumeId, Finding)> {
        let volume = e.volume?;
        let verdict = self.verdicts.get(&volume).filter(|_| e.life.is_here())?;
        let sentence = format!("The {}: {}", e.called(), verdict.sentence);
        let severity = seen::severity(verdict.grade)?;
        let action = verdict.action.to_owned();
        Some((volume, Finding { severity, sentence, action, nameless: None }))
    }

    /// Shows what is seen now, and tells what happened.
    pub(crate) fn publish(&mut self) {
        for news in self.caretaker.take_news() {
            self.tell(news.sentence());
        }
        self.news.drain(..self.news.len().saturating_sub(NEWS_MAX));
        self.forget_imported();
        let open = self.caretaker.open_questions().unwrap_or_default();
        let roster = self.caretaker.roster();
        let entries = || roster.entries().iter();
        let smart = entries()
            .filter_map(|e| Some((&e.identity, self.caretaker.said(&e.identity)?.clone())));
        // Locked, nobody knows: what was known last still counts.
        let vault = self.supervisor.keeper.vault_now();
        let copies = vault.map(|vault| vault.copies()).or(self.copies);
        let known = seen::Known { verdicts: self.verdicts.clone(), smart: smart.collect(), copies };
        let mut disks = Disks {
            disks: seen::shown(roster, &known),
            questions: seen::questions(roster, &open, copies),
            news: self.news.clone(),
            copies,
        };
        self.offer_imports(&mut disks);
        self.show_burn_ins(&mut disks);
        let members = || entries().filter(|e| e.life.standing().is_some());
        let places: BTreeMap<VolumeId, String> =
            members().filter_map(|e| Some((e.volume?, e.place.clone()))).collect();
        let names = names_of(roster);
        let findings = members().filter_map(|e| self.finding_of(e));
        let (told, mut findings): (BTreeSet<VolumeId>, Vec<Finding>) = findings.unzip();
        findings.extend(to_take_back(roster));
        let leaves = |e: &&Entry| {
            e.life.wish() == Wish::Replace || e.life.standing() == Some(Standing::Retiring)
        };
        let leaving = members().filter(leaves).filter_map(|e| e.volume).collect();
        let given_up = members().filter(|e| e.given_up).filter_map(|e| e.volume).collect();
        let plugged = members().filter(|e| e.life.is_here()).filter_map(|e| e.volume).collect();
        let expected = members().filter_map(|e| {
            let why = (!e.life.is_here()).then(|| "it is not here".to_owned());
            Some((e.volume?, e.place.clone().into(), why))
        });
        if let Some(hardware) = &self.supervisor.setup.hardware {
            hardware.plugged.expect(expected.collect());
        }
        self.copies = copies;
        let Some(care) = &self.supervisor.care else { return };
        let mut shown = care.shown();
        let changed = shown.disks != disks || shown.findings != findings;
        let drives = self.plain_drives();
        let sticks = self.sticks_here(&shown.sticks);
        *shown = Shown {
            disks,
            findings,
            told,
            leaving,
            given_up,
            plugged,
            places,
            names,
            drives,
            sticks,
        };
        drop(shown);
        if changed {
            self.supervisor.hub.tell(&Event::Disks {});
            self.supervisor.judge_soon();
            self.supervisor.changed.notify_all();
        }
    }
}

/// What messages call each member.
fn names_of(roster: &Roster) -> BTreeMap<VolumeId, String> {
    let members = roster.entries().iter().filter(|e| e.life.standing().is_some());
    members.filter_map(|e| Some((e.volume?, format!("The {}", e.called())))).collect()
}

/// Disks that had left and are still here count again when one of those that stayed does not.
fn to_take_back(roster: &Roster) -> Vec<Finding> {
    let left = roster.entries().iter().filter(|entry| roster.is_wanted_back(entry));
    let finding = |entry: &Entry| Finding {
        severity: Severity::Warning,
        sentence: format!("The {} had left, and what it holds can be used again.", entry.called()),
        action: format!(
            "Take it back: `holdfast --box default disk keep {}`.",
            seen::id_of(&entry.identity)
        ),
        nameless: None,
    };
    left.map(finding).collect()
}
