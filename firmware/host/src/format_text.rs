//! The text of `FORMAT.md` on every volume: the documents of the stored layouts, one after the
//! other, so that whoever finds a disk can write a reader for it.

/// What stands on each volume.
pub const FORMAT_TEXT: &str = concat!(
    "# What is in this folder\n\n",
    "A volume of a Holdfast vault: sealed packs, which 24 words open. With this program\n",
    "(`holdfast-rescue` in this folder, where there is one):\n\n",
    "    holdfast rescue --volume FOLDER-ABOVE-THIS --to WHERE-TO\n\n",
    "How everything is laid out follows, precisely enough to write another reader.\n\n",
    include_str!("../../../docs/formats/README.md"),
    "\n",
    include_str!("../../../docs/formats/volume.md"),
    "\n",
    include_str!("../../../docs/formats/superblock.md"),
    "\n",
    include_str!("../../../docs/formats/keys.md"),
    "\n",
    include_str!("../../../docs/formats/pack.md"),
    "\n",
    include_str!("../../../docs/formats/head.md"),
    "\n",
    include_str!("../../../docs/formats/records.md"),
    "\n# The list of words\n\nIn order, the first is number 0.\n\n",
    include_str!("../../../docs/formats/words.txt"),
);
