//! Counts what became of all damages, as facts and as a table.
//!
//! Start reading at [`page`].

use super::damage::Kind;
use super::{Class, Facts, Hit};

/// All damages to one tool.
#[derive(Clone, Debug)]
pub(super) struct Tally {
    /// The tool.
    pub name: String,
    /// One after the other.
    pub hits: Vec<Hit>,
}

impl Tally {
    /// How many are of this class.
    pub(super) fn of(&self, class: Class) -> u64 {
        self.hits.iter().filter(|hit| hit.class == class).count() as u64
    }

    fn detected(&self) -> u64 {
        [Class::Repaired, Class::Noticed, Class::QuietAfterRepair]
            .map(|one| self.of(one))
            .iter()
            .sum()
    }

    /// Adds `NAME_detected` and the rest.
    pub(super) fn facts(&self, facts: &mut Facts) {
        let mut add = |what: &str, count: u64| facts.add(&format!("{}_{what}", self.name), count);
        add("detected", self.detected());
        add("silent", self.of(Class::Silent));
        add("repaired", self.of(Class::Repaired));
        add("harmless", self.of(Class::Harmless));
        add("quiet_after_repair", self.of(Class::QuietAfterRepair));
    }

    /// One line for the terminal.
    pub(super) fn line(&self) -> String {
        let mut facts = Facts::default();
        self.facts(&mut facts);
        format!("{} damages: {}", self.hits.len(), facts.line())
    }
}

/// A row for each tool, then one table with what each kind of damage did.
pub(super) fn page(tallies: &[Tally]) -> String {
    let mut text = "| tool | damages | no effect | noticed | of these repaired | restored wrongly \
                    after the repair, without a word | never noticed |\n|---|---|---|---|---|---|---|\n"
        .to_owned();
    for tally in tallies {
        text.push_str(&format!(
            "| {} | {} | {} | {} | {} | {} | {} |\n",
            tally.name.replace('_', " "),
            tally.hits.len(),
            tally.of(Class::Harmless),
            tally.detected(),
            tally.of(Class::Repaired),
            tally.of(Class::QuietAfterRepair),
            tally.of(Class::Silent),
        ));
    }
    text.push_str(
        "\nBy kind of damage, each cell \"no effect / repaired / noticed / wrong after the repair / \
         never noticed\":\n\n| tool |",
    );
    text.extend(Kind::ALL.map(|kind| format!(" {} |", kind.name())));
    text.push_str("\n|---|---|---|---|---|---|\n");
    for tally in tallies {
        text.push_str(&format!("| {} |", tally.name.replace('_', " ")));
        for kind in Kind::ALL {
            let counts = [
                Class::Harmless,
                Class::Repaired,
                Class::Noticed,
                Class::QuietAfterRepair,
                Class::Silent,
            ];
            let count = |class| {
                let these = tally.hits.iter().filter(|hit| hit.damage.kind == kind);
                these.filter(|hit| hit.class == class).count().to_string()
            };
            text.push_str(&format!(" {} |", counts.map(count).join(" / ")));
        }
        text.push('\n');
    }
    text
}
