//! The figures as tables and as TSV.
//!
//! Nothing is measured here and nothing is rounded in the TSV. Start reading at [`section`].

use super::Figure;
use super::data::Set;
use super::targets;
use super::tool::Act;
use crate::say::size;

/// The product's row, and the peer that targets are held against.
const OWN: &str = "holdfast";
const PEER: &str = "restic";

/// Tab-separated, one line for each figure, nothing rounded away.
pub(super) fn tsv(figures: &[Figure]) -> String {
    let mut text = "set\tact\ttool\tround\tcpu_s\twall_s\tpeak_bytes\tstored_bytes\n".to_owned();
    for figure in figures {
        let Figure { set, act, tool, round, cpu_s, wall_s, peak_bytes, stored_bytes } = figure;
        let (set, act) = (set.name(), act.name());
        text.push_str(&format!(
            "{set}\t{act}\t{tool}\t{round}\t{cpu_s:.3}\t{wall_s:.3}\t{peak_bytes}\t{stored_bytes}\n"
        ));
    }
    text
}

/// The figures of one set.
struct Of<'a> {
    set: Set,
    tools: Vec<&'static str>,
    figures: Vec<&'a Figure>,
}

/// Four tables about one set; empty when nothing was measured of it.
pub(super) fn section(set: Set, figures: &[Figure]) -> String {
    let figures: Vec<&Figure> = figures.iter().filter(|figure| figure.set == set).collect();
    let mut tools: Vec<&'static str> = Vec::new();
    // The order of the columns is the one of the first round; later rounds take turns.
    for figure in &figures {
        if !tools.contains(&figure.tool) {
            tools.push(figure.tool);
        }
    }
    if tools.is_empty() {
        return String::new();
    }
    let of = Of { set, tools, figures };
    [of.processor(), of.sizes(), of.memory(), of.wall()].join("\n")
}

impl Of<'_> {
    /// The value in the middle of all rounds.
    fn median(&self, act: Act, tool: &str, value: impl Fn(&Figure) -> f64) -> Option<f64> {
        let these = self.figures.iter().filter(|f| f.act == act && f.tool == tool);
        let mut values: Vec<f64> = these.map(|figure| value(figure)).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied()
    }

    fn head(&self, first: &str, more: &[&str]) -> String {
        let mut names = vec![first];
        names.extend(&self.tools);
        names.extend(more);
        format!("| {} |\n|{}\n", names.join(" | "), "---|".repeat(names.len()))
    }

    /// One row: what each tool has, then the ratio to the peer and what the target says of it.
    fn row(
        &self,
        name: &str,
        value: impl Fn(&str) -> Option<f64>,
        shown: impl Fn(f64) -> String,
        target: Option<f64>,
    ) -> String {
        let cell = |tool: &&str| value(tool).map_or_else(|| "-".to_owned(), &shown);
        let mut cells: Vec<String> = vec![name.to_owned()];
        cells.extend(self.tools.iter().map(cell));
        let ratio = match (value(OWN), value(PEER)) {
            (Some(own), Some(peer)) if peer > 0.0 => Some(own / peer),
            _ => None,
        };
        cells.push(ratio.map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.2}")));
        cells.push(target.map_or_else(String::new, |target| format!("{target:.2}")));
        let met = ratio.zip(target).map(|(ratio, target)| ratio <= target);
        cells.push(met.map_or("", |met| if met { "yes" } else { "**no**" }).to_owned());
        format!("| {} |\n", cells.join(" | "))
    }

    fn processor(&self) -> String {
        let more = ["ratio to restic", "target", "met"];
        let mut text = format!("Processor seconds:\n\n{}", self.head("act", &more));
        for act in Act::ALL {
            let value = |tool: &str| self.median(act, tool, |figure| figure.cpu_s);
            let target = targets::processor(self.set, act);
            text.push_str(&self.row(act.name(), value, |s| format!("{s:.2}"), target));
        }
        text
    }

    fn sizes(&self) -> String {
        let more = ["ratio to restic", "target", "met"];
        let mut text = format!("Bytes of the repository:\n\n{}", self.head("after", &more));
        let after = |act, tool: &str| self.median(act, tool, bytes);
        let mib = |bytes: f64| format!("{:.1} MiB", bytes / f64::from(1 << 20));
        let stored = targets::stored(self.set);
        text.push_str(&self.row("backup", |tool| after(Act::Backup, tool), mib, stored));
        let growth = |tool: &str| Some(after(Act::NextDay, tool)? - after(Act::Again, tool)?);
        text.push_str(&self.row("growth on day 2", growth, mib, targets::growth(self.set)));
        text.push_str(&self.row("prune", |tool| after(Act::Prune, tool), mib, None));
        text
    }

    /// Memory is a limit, so the largest of all rounds is shown.
    fn memory(&self) -> String {
        let more = ["target", "met"];
        let mut text = format!("Largest process:\n\n{}", self.head("act", &more));
        for act in Act::ALL {
            let most = |tool: &str| {
                let these = self.figures.iter().filter(|f| f.act == act && f.tool == tool);
                these.map(|figure| figure.peak_bytes).max()
            };
            let mut cells = vec![act.name().to_owned()];
            cells.extend(self.tools.iter().map(|tool| most(tool).map_or("-".to_owned(), size)));
            let target = most(OWN).filter(|_| act != Act::Unlock);
            let limit = target.map_or(String::new(), |_| size(targets::PEAK_BYTES));
            let met =
                target.map_or("", |own| if own <= targets::PEAK_BYTES { "yes" } else { "**no**" });
            text.push_str(&format!("| {} | {limit} | {met} |\n", cells.join(" | ")));
        }
        text
    }

    fn wall(&self) -> String {
        let mut text = format!("Wall seconds:\n\n{}", self.head("act", &[]));
        for act in Act::ALL {
            let value = |tool: &str| self.median(act, tool, |figure| figure.wall_s);
            let cell = |tool: &&str| value(tool).map_or("-".to_owned(), |s| format!("{s:.2}"));
            let cells: Vec<String> = self.tools.iter().map(cell).collect();
            text.push_str(&format!("| {} | {} |\n", act.name(), cells.join(" | ")));
        }
        text
    }
}

/// Bytes, to the KiB: what a table shows of them.
fn bytes(figure: &Figure) -> f64 {
    f64::from(u32::try_from(figure.stored_bytes / 1024).unwrap_or(u32::MAX)) * 1024.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(act: Act, tool: &'static str, cpu_s: f64, mib: u64) -> Figure {
        let (peak_bytes, stored_bytes) = (mib << 20, mib << 20);
        Figure { set: Set::Docs, act, tool, round: 0, cpu_s, wall_s: 9.0, peak_bytes, stored_bytes }
    }

    #[test]
    fn rows_are_medians_and_a_target_is_met_or_not() {
        let figures = [
            figure(Act::Backup, OWN, 9.0, 70),
            figure(Act::Backup, OWN, 1.0, 3),
            figure(Act::Backup, OWN, 0.5, 3),
            figure(Act::Backup, PEER, 4.0, 10),
            figure(Act::Verify, OWN, 2.0, 3),
            figure(Act::Verify, PEER, 4.0, 10),
        ];
        let text = section(Set::Docs, &figures);
        assert!(text.contains("| backup | 1.00 | 4.00 | 0.25 | 0.30 | yes |"), "{text}");
        assert!(
            text.contains("| verify all data | 2.00 | 4.00 | 0.50 | 0.35 | **no** |"),
            "{text}"
        );
        assert!(text.contains("| backup | 3.0 MiB | 10.0 MiB | 0.30 | 0.85 | yes |"), "{text}");
        assert!(text.contains("| backup | 70.0 MiB | 10.0 MiB | 64.0 MiB | **no** |"), "{text}");
        assert_eq!(section(Set::Photos, &figures), "");
        assert_eq!(tsv(&figures).lines().count(), 7);
    }

    #[test]
    fn without_a_peer_there_is_no_ratio_and_no_verdict() {
        let text = section(Set::Docs, &[figure(Act::Backup, OWN, 1.0, 3)]);
        assert!(text.contains("| backup | 1.00 | - | 0.30 |  |"), "{text}");
    }
}
