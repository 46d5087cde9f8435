//! What a peer's report says, read for the next command.

/// Of restic's report, the packs that it says to repair: `restic repair packs ID ID`.
pub(super) fn named_packs(report: &str) -> Vec<String> {
    let line = report.lines().find_map(|line| line.split_once("repair packs "));
    let words = line.map_or("", |(_, rest)| rest).split_whitespace();
    words.filter(|word| word.len() >= 8).map(str::to_owned).collect()
}

#[test]
fn the_packs_to_repair_are_read_from_the_report() {
    let id = "0123456789abcdef";
    assert_eq!(named_packs(&format!("error\nrestic repair packs {id} {id}\n")), [id, id]);
    assert!(named_packs("all is well").is_empty());
}
