//! The figures as a page and as TSV.
//!
//! Start reading at [`page`].

use super::Figure;
use crate::say::size;

/// What the product promises itself; stands under every table.
const TARGETS: &str = "
Targets, as a share of restic's processor seconds in the same run unless said otherwise:

| operation | target |
|---|---|
| backup of photos, documents, disk image | 0.30, 0.30, 0.55 |
| size of the repository, documents | 0.85 |
| the same documents again, unchanged | 0.25 |
| second day of documents, disk image | 0.35, 0.40 |
| growth of the disk image's repository | 0.15 |
| restore of photos, documents | 0.40, 0.45 |
| verify everything | 0.35 |
| prune | 0.70 |
| peak memory, every operation | 64 MiB at these sizes, 256 MiB at 20 TB |
";

/// Tab-separated, one line for each figure, nothing rounded away.
pub(super) fn tsv(figures: &[Figure]) -> String {
    let mut text = "set\tact\ttool\tcpu_s\twall_s\tpeak_bytes\tstored_bytes\n".to_owned();
    for figure in figures {
        let Figure { set, act, tool, cpu_s, wall_s, peak_bytes, stored_bytes } = figure;
        text.push_str(&format!(
            "{set}\t{act}\t{tool}\t{cpu_s:.3}\t{wall_s:.3}\t{peak_bytes}\t{stored_bytes}\n"
        ));
    }
    text
}

/// A page whose first line is the command that made it.
pub(super) fn page(command: &str, figures: &[Figure], machine: &str, peer: bool) -> String {
    let mut page = format!("Made by `{command}`; the same command makes it again.\n\n");
    page.push_str("# Performance\n\n");
    page.push_str(&format!("Measured on: {machine}\n\n"));
    page.push_str(
        "Medians over the rounds. The figure to compare is processor seconds. One volume, one \
         copy; restored trees were compared with the originals.\n\n",
    );
    if peer {
        page.push_str(
            "| set | act | holdfast s | restic s | ratio | memory | stored | restic stored |\n",
        );
        page.push_str("|---|---|---|---|---|---|---|---|\n");
    } else {
        page.push_str("| set | act | processor s | wall s | memory | stored |\n");
        page.push_str("|---|---|---|---|---|---|\n");
    }
    let mut done = Vec::new();
    for figure in figures {
        let key = (figure.set, figure.act);
        if done.contains(&key) {
            continue;
        }
        done.push(key);
        let Some(own) = median(figures, key, "holdfast") else { continue };
        let row = match median(figures, key, "restic") {
            Some(other) => format!(
                "| {} | {} | {:.2} | {:.2} | {:.2} | {} | {} | {} |",
                key.0,
                key.1,
                own.cpu_s,
                other.cpu_s,
                own.cpu_s / other.cpu_s.max(0.001),
                size(own.peak_bytes),
                size(own.stored_bytes),
                size(other.stored_bytes),
            ),
            None => format!(
                "| {} | {} | {:.2} | {:.2} | {} | {} |",
                key.0,
                key.1,
                own.cpu_s,
                own.wall_s,
                size(own.peak_bytes),
                size(own.stored_bytes),
            ),
        };
        page.push_str(&row);
        page.push('\n');
    }
    page.push_str(TARGETS);
    page
}

/// The figure in the middle by processor time; the memory shown is the largest of all rounds.
fn median(figures: &[Figure], key: (&str, &str), tool: &str) -> Option<Figure> {
    let mut of: Vec<&Figure> =
        figures.iter().filter(|f| (f.set, f.act) == key && f.tool == tool).collect();
    of.sort_by(|a, b| a.cpu_s.total_cmp(&b.cpu_s));
    let peak = of.iter().map(|figure| figure.peak_bytes).max()?;
    let middle = of.get(of.len() / 2).copied()?;
    Some(Figure { peak_bytes: peak, ..middle.clone() })
}

#[test]
fn the_first_line_is_the_command_and_rows_are_medians() {
    let figure = |cpu_s, tool| Figure {
        set: "docs",
        act: "backup",
        tool,
        cpu_s,
        wall_s: 9.0,
        peak_bytes: 1 << 20,
        stored_bytes: 3 << 20,
    };
    let figures = [
        figure(9.0, "holdfast"),
        figure(2.0, "holdfast"),
        figure(1.0, "holdfast"),
        figure(4.0, "restic"),
    ];
    let page = page("cargo xtask bench", &figures, "one computer", true);
    assert!(page.starts_with("Made by `cargo xtask bench`"), "{page}");
    assert!(page.contains("| docs | backup | 2.00 | 4.00 | 0.50 | 1.0 MiB |"), "{page}");
    assert_eq!(page.matches("| docs |").count(), 1);
    assert_eq!(tsv(&figures).lines().count(), 5);
}
