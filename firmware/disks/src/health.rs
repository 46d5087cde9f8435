//! How well the members are: what they say, what the vault saw of them, and what follows.
//!
//! A disk that sleeps is not woken for this; what it said last counts. The verdict itself is
//! `plan::disk::verdict`. Start at [`Caretaker::check_health`].

use std::collections::BTreeMap;
use std::sync::Arc;

use plan::disk::{Evidence, Grade, Verdict, verdict};
use types::{DiskIdentity, VolumeId};

use crate::caretaker::Caretaker;
use crate::error::DisksError;

/// What the owner is told of a member to which the vault writes no more.
const GIVEN_UP: Verdict = Verdict {
    grade: Grade::Failed,
    sentence: "The disk failed while it was written, and is only read now.",
    action: "Check its cable and trust it again, or replace it.",
};

impl Caretaker {
    /// Judges every member that is here, and keeps what follows. Returns what to tell the owner.
    pub fn check_health(&mut self) -> Result<BTreeMap<VolumeId, Verdict>, DisksError> {
        let given_up = self.given_up()?;
        let members: Vec<(DiskIdentity, VolumeId)> = self
            .roster
            .entries()
            .iter()
            .filter(|entry| entry.life.is_here() && entry.life.standing().is_some())
            .filter_map(|entry| Some((entry.identity.clone(), entry.volume?)))
            .collect();
        let mut verdicts = BTreeMap::new();
        let question = |(disk, _): &(DiskIdentity, VolumeId)| {
            let (board, target) = (Arc::clone(&self.parts.board), disk.clone());
            (disk.clone(), move || board.smart(&target))
        };
        let questions: Vec<_> = members.iter().map(question).collect();
        let answers = self.smart_asked.ask_all(questions, self.parts.patience);
        let said = answers.into_iter().filter_map(|(disk, said)| Some((disk, said.ok()?)));
        self.smart.extend(said);
        for (disk, volume) in members {
            let io = self.seen.get(&disk).map(|seen| seen.record()).unwrap_or_default();
            let smart = self.smart.get(&disk).cloned().unwrap_or_default();
            let found = verdict(&Evidence { smart, io, latency: None });
            let worst = if given_up.contains(&volume) { GIVEN_UP } else { found };
            self.roster.judged(volume, worst.grade);
            verdicts.insert(volume, worst);
        }
        self.keep()?;
        Ok(verdicts)
    }

    /// Members to which the vault writes no more.
    fn given_up(&self) -> Result<Vec<VolumeId>, DisksError> {
        let Some(vault) = self.parts.seat.vault() else { return Ok(Vec::new()) };
        let failed = vault.volumes()?.into_iter().filter(|volume| volume.state == "failed");
        Ok(failed.map(|volume| volume.id).collect())
    }
}
