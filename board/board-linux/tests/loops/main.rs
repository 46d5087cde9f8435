//! The board on real disks: loop devices with real ext4, real mounts, real kernel messages.
//!
//! Everything happens in mounts that only this process has, on files in a folder that it removes.
//! Loop devices clear themselves when their last handle is closed, also when the process is killed.
//! Where there is no root or no loop device, each case is skipped with the reason.
//! Start at [`CASES`].
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test's own files; it stops")]

mod between;
mod burn;
mod foreign;
mod hostile;
mod kill;
mod life;
mod mounting;
mod others;
mod put_back;
mod refusals;
mod rig;
mod swap;
mod undo;

use std::io::Write;
use std::panic::catch_unwind;
use std::process::ExitCode;

/// A case: its sentence, and what it does.
type Case = (&'static str, fn());

const CASES: &[Case] = &[
    (
        "a_disk_appears_is_prepared_filled_unmounted_and_known_as_a_volume",
        life::a_disk_appears_is_prepared_filled_unmounted_and_known_as_a_volume,
    ),
    (
        "a_disk_that_was_pulled_comes_back_and_finds_its_old_mount_gone",
        life::a_disk_that_was_pulled_comes_back_and_finds_its_old_mount_gone,
    ),
    (
        "mounting_twice_is_a_second_handle_and_in_another_way_is_refused",
        life::mounting_twice_is_a_second_handle_and_in_another_way_is_refused,
    ),
    (
        "a_new_volume_that_was_not_made_before_a_kill_is_made_after_it",
        life::a_new_volume_that_was_not_made_before_a_kill_is_made_after_it,
    ),
    (
        "a_file_that_is_still_open_is_told_when_its_disk_is_unmounted",
        life::a_file_that_is_still_open_is_told_when_its_disk_is_unmounted,
    ),
    (
        "foreign_files_are_counted_and_not_one_byte_changes",
        foreign::foreign_files_are_counted_and_not_one_byte_changes,
    ),
    (
        "a_journal_that_waits_to_be_replayed_waits_on",
        foreign::a_journal_that_waits_to_be_replayed_waits_on,
    ),
    (
        "a_file_system_that_cannot_be_mounted_is_told_by_its_name",
        foreign::a_file_system_that_cannot_be_mounted_is_told_by_its_name,
    ),
    ("a_file_system_whose_table_is_lost_is_not_nothing", foreign::a_lost_table),
    ("other_kinds_of_file_systems_are_looked_into", foreign::other_kinds_are_looked_into),
    ("looking_at_files_writes_nothing_and_a_target_can_be_written", foreign::look_and_target),
    ("a_partition_beside_the_volume_is_not_mounted", mounting::no_other_partition),
    ("a_volume_is_not_looked_for_by_mounting", mounting::nothing_of_ours),
    ("a_volume_that_stands_in_the_journal_alone_is_mounted", mounting::after_a_power_cut),
    ("nobody_but_the_box_looks_into_what_is_mounted", mounting::who_may_look),
    ("what_a_crashed_child_looked_at_is_not_erased", mounting::nobody_looked),
    ("what_has_changed_since_it_was_shown_is_not_erased", refusals::changed),
    ("a_disk_that_was_used_since_it_was_prepared_is_not_erased", refusals::used_since),
    ("what_changes_in_the_last_moment_is_not_erased", refusals::changed_in_the_last_moment),
    ("another_disk_at_the_same_place_is_not_erased", refusals::another_disk),
    ("a_disk_that_was_pulled_since_it_was_shown_is_not_erased", refusals::pulled_since),
    ("a_disk_that_is_mounted_anywhere_is_not_erased", refusals::mounted),
    ("a_disk_that_is_mounted_out_of_sight_is_not_erased", refusals::mounted_out_of_sight),
    ("a_disk_that_is_open_elsewhere_or_read_only_is_not_erased", refusals::held_or_read_only),
    ("two_devices_with_one_image_are_not_guessed_between", others::a_twin),
    ("a_disk_that_hangs_holds_up_nothing_that_concerns_another", others::a_hung_disk),
    ("messages_that_were_lost_are_told", others::lost_messages),
    ("a_worrying_disk_is_replaced_by_a_smaller_one_under_a_real_vault", swap::a_smaller_disk),
    (
        "a_disk_that_changes_before_its_file_system_is_made_gets_none",
        between::tables_and_file_system,
    ),
    ("mkfs_gets_the_partition_that_was_looked_at", between::a_name_and_what_is_behind_it),
    ("a_disk_that_changes_before_the_end_is_not_finished", between::file_system_and_end),
    ("a_partition_that_is_let_go_of_late_is_waited_for", between::let_go_late),
    ("a_disk_is_tested_whole_and_blank_again", burn::whole),
    ("what_was_on_a_disk_is_nowhere_after_a_test", burn::nothing_is_left),
    ("a_disk_that_is_not_to_be_touched_is_not_tested", burn::not_ours),
    ("a_light_pulses_because_the_disk_itself_is_read", burn::pulse),
    ("five_hundred_disks_that_were_made_to_do_harm_do_none", hostile::five_hundred),
    ("what_was_formatted_is_put_back_to_the_byte", put_back::to_the_byte),
    ("putting_back_that_is_killed_goes_on", put_back::killed_anywhere),
    ("what_was_stored_since_is_not_lost_to_an_undo", put_back::too_late),
    ("a_disk_whose_content_cannot_be_kept_is_formatted", put_back::nowhere_to_keep_it),
    ("what_was_formatted_is_put_back_at_another_port_too", undo::at_another_port),
    ("what_changed_beside_the_super_block_is_not_lost_to_an_undo", undo::beside_the_super_block),
    ("a_disk_that_could_not_be_looked_at_has_not_changed", undo::not_looked_at),
    ("of_what_is_kept_only_what_is_needed_stays", undo::only_what_is_needed),
    ("preparing_that_is_killed_anywhere_and_done_again_ends_the_same", kill::anywhere),
];

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words.first().is_some_and(|word| word == kill::PREPARE) {
        kill::prepare_as_told(&words[1..]);
        return ExitCode::SUCCESS;
    }
    if words.first().is_some_and(|word| word == put_back::PUT_BACK) {
        put_back::put_back_as_told(&words[1..]);
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
        say(&format!("loops {name} ... {verdict}"));
    }
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// One line for whoever runs the tests.
pub(crate) fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(format!("{line}\n").as_bytes()).unwrap();
}
