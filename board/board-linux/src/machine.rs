//! What the maker wrote into the machine, by which a profile is chosen.
//!
//! Start at [`facts`].

use std::path::Path;

use board::profile::MachineFacts;

use crate::discover::attr;

/// Asks firmware tables of both kinds; a machine has one or the other.
pub fn facts(sys: &Path, proc: &Path) -> MachineFacts {
    let dmi = sys.join("class/dmi/id");
    let tree = attr::bytes(&proc.join("device-tree"), "compatible").unwrap_or_default();
    let compatible = tree.split(|byte| *byte == 0).filter_map(attr::printable).collect();
    MachineFacts {
        dmi_vendor: attr::text(&dmi, "sys_vendor"),
        dmi_product: attr::text(&dmi, "product_name"),
        compatible,
    }
}
