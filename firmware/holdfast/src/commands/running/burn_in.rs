//! `holdfast disk burn-in` and `disk adopt --burn-in` against a running box: a disk is tested whole.
//!
//! Whether a disk may be written is the box's to say. Start at [`run`].

use calls::{BurnInResult, JobSpec};
use types::Bytes;

use super::work::ended;
use crate::Result;
use crate::client::RunningBox;
use crate::session::{Context, Done};

/// Lets the box test a disk, and follows that to its end.
pub(super) fn run(context: &Context, running: &mut RunningBox, spec: JobSpec) -> Result<Done> {
    ended(context, &running.work(&context.out, "burn-in", spec)?)
}

/// The test of a blank disk that is to take part.
pub(super) fn adopt(disk: String, replaces: Option<String>) -> JobSpec {
    JobSpec::BurnIn { drive: disk, typed: None, adopt: true, replaces }
}

/// What a test found, in a line.
pub(super) fn line(one: &BurnInResult) -> String {
    let (place, size) = (&one.place, Bytes(one.size));
    match (one.good, one.holds) {
        (true, _) if one.adopted => {
            format!("the disk in {place} kept all of its {size}, and takes part")
        }
        (true, _) => format!("the disk in {place} kept all of its {size}, and is blank"),
        (false, Some(holds)) => {
            format!("the disk in {place} says {size} and keeps about {}: a fake", Bytes(holds))
        }
        (false, None) => {
            format!(
                "the disk in {place} does not keep what it is given: {} wrong",
                Bytes(one.wrong)
            )
        }
    }
}
