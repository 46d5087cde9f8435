//! Every story that there is, and whether the test command tells it.
//!
//! Nothing is told here. Start at [`STORIES`].

use super::{Facts, Story, StoryDir};
use super::{
    attacks, canaries, computer, corruption, deb, evil, hands, hung, idle, kill, memory, nat,
    openapi, reader, rebuild, scale, sequences, swap, throttle, upload, ups, usb,
};
use crate::demo::{self, Show};
use crate::{Outcome, corpus};

/// Every story there is.
pub(crate) const STORIES: &[Story] = &[
    Story {
        name: "demo",
        about: "the demo on a small tree: a lost disk, damage, no catalog, and all is restored",
        in_test: true,
        run: small_demo,
    },
    Story {
        name: "kill",
        about: "backup, prune, rebuild and retire are killed at random moments; nothing is lost",
        in_test: true,
        run: kill::story,
    },
    Story {
        name: "corruption",
        about: "random damage to one volume is noticed and repaired; by hand beside the peers",
        in_test: true,
        run: corruption::story,
    },
    canaries::STORY,
    Story {
        name: "memory",
        about: "backup, check and restore live within a memory limit set by the kernel",
        in_test: true,
        run: memory::story,
    },
    Story {
        name: "reader",
        about: "a reader written from the documents alone restores what the program stored",
        in_test: true,
        run: reader::story,
    },
    Story {
        name: "hung",
        about: "a disk that answers nothing any more holds up no backup; the others acknowledge",
        in_test: false,
        run: hung::story,
    },
    Story {
        name: "deb",
        about: "the package in a fresh Debian: its box starts, answers, and leaves what it stored",
        in_test: false,
        run: deb::story,
    },
    Story {
        name: "hands",
        about: "a box without any rights makes its vault on whole disks, by way of its helper",
        in_test: false,
        run: hands::story,
    },
    Story {
        name: "idle",
        about: "a box with nothing to do holds little memory, and gives back what it was given",
        in_test: true,
        run: idle::story,
    },
    Story {
        name: "rebuild",
        about: "a lost disk is replaced beside plain copying; the new one alone gives all back",
        in_test: false,
        run: rebuild::story,
    },
    Story {
        name: "usb",
        about: "one disk left, no catalog: all goes to a drive that is pulled half way, and proves it",
        in_test: true,
        run: usb::story,
    },
    Story {
        name: "upload",
        about: "a public tus client uploads a folder; the line is cut and the box killed three times each",
        in_test: true,
        run: upload::story,
    },
    Story {
        name: "openapi",
        about: "a public validator and schemathesis hold a real box to its own document, as anybody who may ask",
        in_test: false,
        run: openapi::story,
    },
    Story {
        name: "guesses",
        about: "every secret of a real box is guessed from many addresses; none opens, and the owner comes in",
        in_test: true,
        run: attacks::guesses,
    },
    Story {
        name: "names",
        about: "hostile names come every way into a real box; each is refused in words or kept as it is",
        in_test: true,
        run: attacks::names,
    },
    Story {
        name: "computer",
        about: "a computer is paired and backs itself up over the network; the box is killed twice on the way",
        in_test: true,
        run: computer::story,
    },
    Story {
        name: "ups",
        about: "Debian's nut says that the battery ends: the box puts its job by, stops, and goes on",
        in_test: true,
        run: ups::story,
    },
    Story {
        name: "swap",
        about: "a worrying disk is swapped on real file systems, with a free bay and without; nothing is lost",
        in_test: false,
        run: swap::story,
    },
    Story {
        name: "evil",
        about: "a friend that lies, floods, stalls and forges; the box says no, and serves the others",
        in_test: true,
        run: evil::story,
    },
    Story {
        name: "sequences",
        about: "anything at all is done to a whole box, and nothing acknowledged is lost; by hand a thousand times",
        in_test: true,
        run: sequences::story,
    },
    nat::STORY,
    throttle::STORY,
    Story {
        name: "scale",
        about: "a vault of many chunks without their bodies: every act is right and within memory",
        in_test: true,
        run: scale::story,
    },
];

fn small_demo(dir: &StoryDir) -> Outcome<Facts> {
    demo::run(&dir.program, &dir.path, corpus::SMALL, Show::Log)
}
