//! The helper as a process, over loop devices with real ext4, asked by a process without rights.
//!
//! Everything happens in mounts that only this process and its children have, on files in a folder that
//! it removes. The helper has exactly the rights that its unit leaves it, and ends when this process
//! does. Where there is no root or no loop device, each case is skipped with the reason.
//! Start at [`CASES`], then [`asker`].
#![expect(clippy::disallowed_methods, reason = "a test starts programs, and writes its own files")]

#[cfg(test)]
mod asker;
#[cfg(test)]
mod attacks;
#[cfg(test)]
mod life;
#[cfg(test)]
mod rig;

use std::panic::catch_unwind;
use std::process::ExitCode;

use rig::say;

/// A case: its sentence, and what it does.
type Case = (&'static str, fn());

const CASES: &[Case] = &[
    (
        "a_box_without_rights_makes_a_volume_and_finds_it_again",
        life::a_box_without_rights_makes_a_volume_and_finds_it_again,
    ),
    ("what_is_plugged_in_and_pulled_is_told_to_it", life::what_is_plugged_in_and_pulled_is_told),
    (
        "a_volume_that_another_user_made_is_its_own_when_it_takes_part",
        life::a_volume_that_another_user_made_is_its_own_when_it_takes_part,
    ),
    ("somebodys_files_keep_their_owners", life::somebodys_files_keep_their_owners),
    ("a_drive_that_was_prepared_can_be_written_as_a_target", life::a_target),
    ("a_helper_that_is_killed_is_met_again_and_mounts_stay", life::a_helper_that_is_killed),
    ("an_order_that_was_cut_short_by_a_kill_is_told_and_done_again", life::killed_while_erasing),
    ("nobody_else_is_answered", attacks::nobody_else_is_answered),
    ("a_link_at_the_mount_point_is_not_followed", attacks::a_link_at_the_mount_point),
    ("a_disk_that_was_exchanged_is_not_erased", attacks::a_disk_that_was_exchanged),
    ("a_folder_that_others_may_change_is_no_place_for_mounts", attacks::a_folder_of_others),
];

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words.first().is_some_and(|word| word == asker::AS) {
        asker::ask(&words[1..]);
        return ExitCode::SUCCESS;
    }
    let said = |flag: &str| words.iter().any(|word| word == flag);
    let asked: Vec<&String> =
        words.iter().filter(|word| !word.starts_with('-') && *word != "terse").collect();
    let fits = |name: &str, word: &str| name == word || !said("--exact") && name.contains(word);
    let wanted = |name: &str| asked.is_empty() || asked.iter().any(|word| fits(name, word));
    if said("--list") {
        // Test runners ask twice: for all, and for those to be left out. Where nothing can run, all
        // are left out, so that none counts as passed.
        let left_out = !said("--ignored") || rig::able().is_err();
        let listed = CASES.iter().filter(|(name, _)| wanted(name) && left_out);
        listed.for_each(|(name, _)| say(&format!("{name}: test")));
        return ExitCode::SUCCESS;
    }
    let unable = rig::enter().err();
    let mut failed = 0;
    for (name, case) in CASES.iter().filter(|(name, _)| wanted(name)) {
        let verdict = match &unable {
            Some(why) => format!("skipped: {why}"),
            None if catch_unwind(case).is_ok() => "ok".to_owned(),
            None => {
                failed += 1;
                "FAILED".to_owned()
            }
        };
        say(&format!("hands {name} ... {verdict}"));
    }
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
