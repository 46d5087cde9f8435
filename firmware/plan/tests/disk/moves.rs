//! Every life of a disk, and every move that there is; what is not listed here is refused.

use plan::disk::{Doubt, Joining, Life, Standing, Verb, Wish};

use crate::life::{FORMATTED, FORMATTING, KEPT, READY, REPLACE, STAY, WAITING};

/// The moves of a disk that is on its way, or may be.
fn steps(life: Life, joining: Joining) -> Vec<(Verb, Option<Life>)> {
    use Verb::*;
    let to = |verb, life| (verb, Some(life));
    let with = |joining| match life {
        Life::Blank(_) => Life::Blank(joining),
        Life::Quarantined(doubt, _) => Life::Quarantined(doubt, joining),
        _ => Life::Foreign(joining),
    };
    // What was formatted can still be put back, and goes on when it is plugged in again.
    let taken_out = to(Pulled, Life::TakenOut(joining));
    match joining {
        Joining::No => vec![(Pulled, None)],
        Joining::Waiting { .. } => {
            vec![(Pulled, None), to(SkipWait, with(READY)), to(Undo, with(Joining::No))]
        }
        Joining::Ready { .. } => vec![
            (Pulled, None),
            to(SkipWait, with(READY)),
            to(Undo, with(Joining::No)),
            to(Format, with(FORMATTING)),
        ],
        Joining::Formatting { .. } => {
            vec![
                taken_out,
                to(Format, with(FORMATTING)),
                to(Spared, with(Joining::No)),
                to(Formatted, with(FORMATTED)),
                to(Kept, with(KEPT)),
            ]
        }
        Joining::Kept { .. } => vec![
            taken_out,
            to(Kept, with(KEPT)),
            to(SkipWait, with(FORMATTED)),
            to(Undo, with(Joining::PuttingBack)),
        ],
        Joining::PuttingBack => {
            vec![taken_out, to(Undo, with(Joining::PuttingBack))]
        }
        Joining::Formatted { .. } => vec![
            (Pulled, None),
            to(Formatted, with(FORMATTED)),
            to(Joined, Life::Member { wish: STAY }),
        ],
    }
}

/// Every move that there is; what is not in this list is refused.
pub(super) fn moves(life: Life) -> Vec<(Verb, Option<Life>)> {
    use Verb::*;
    let to = |verb, life| (verb, Some(life));
    let mut all = match life {
        Life::Blank(joining) | Life::Foreign(joining) | Life::Quarantined(_, joining) => {
            steps(life, joining)
        }
        Life::TakenOut(joining) => vec![to(Returned, Life::Foreign(joining))],
        Life::Drained => vec![(Pulled, None), to(Drained, life)],
        Life::Rescue | Life::Courier => {
            vec![(Pulled, None), to(Release, Life::Foreign(Joining::No))]
        }
        Life::Retiring { was } => vec![
            to(Pulled, Life::OursAbsent { was: Standing::Retiring, wish: STAY }),
            to(Retire, life),
            to(Drained, Life::Drained),
            to(Cancel, as_member(was, STAY)),
        ],
        Life::Member { wish } => member(Standing::Member, wish),
        Life::Watch { wish } => member(Standing::Watch, wish),
        Life::Failed { wish } => member(Standing::Failed, wish),
        Life::OursAbsent { was, wish } => absent(was, wish),
    };
    match life {
        Life::Blank(Joining::No) => all.push(to(Adopt, Life::Blank(READY))),
        Life::Foreign(Joining::No) => {
            all.extend([to(AskErase, Life::Foreign(WAITING)), to(UseAs, Life::Rescue)]);
        }
        Life::Quarantined(doubt, Joining::No) => {
            all.push(to(AskErase, Life::Quarantined(doubt, WAITING)));
            if doubt == Doubt::Moved {
                all.push(to(Confirm, Life::Member { wish: STAY }));
            }
        }
        Life::Failed { wish } => all.push(to(Reinstate, Life::Watch { wish })),
        _ => {}
    }
    all
}

pub(super) fn as_member(standing: Standing, wish: Wish) -> Life {
    match standing {
        Standing::Member => Life::Member { wish },
        Standing::Watch => Life::Watch { wish },
        Standing::Failed => Life::Failed { wish },
        Standing::Retiring => Life::Retiring { was: Standing::Watch },
    }
}

fn member(was: Standing, wish: Wish) -> Vec<(Verb, Option<Life>)> {
    let mut all = vec![
        (Verb::Pulled, Some(Life::OursAbsent { was, wish })),
        (Verb::Replace, Some(as_member(was, REPLACE))),
        (Verb::Retire, Some(Life::Retiring { was })),
    ];
    if wish == REPLACE {
        all.push((Verb::Cancel, Some(as_member(was, STAY))));
    }
    all
}

fn absent(was: Standing, wish: Wish) -> Vec<(Verb, Option<Life>)> {
    let mut all = vec![
        (Verb::Returned, Some(as_member(was, wish))),
        (Verb::Retire, Some(Life::OursAbsent { was: Standing::Retiring, wish })),
    ];
    let stays = if was == Standing::Retiring { Standing::Watch } else { was };
    if was != Standing::Retiring {
        all.push((Verb::Replace, Some(Life::OursAbsent { was, wish: REPLACE })));
    }
    if was == Standing::Retiring || wish == REPLACE {
        all.push((Verb::Cancel, Some(Life::OursAbsent { was: stays, wish: STAY })));
        all.push((Verb::StrikeOff, None));
    }
    all
}

/// Every life there is.
pub(super) fn lives() -> Vec<Life> {
    let mut all = vec![Life::Drained, Life::Rescue, Life::Courier];
    for joining in [Joining::No, WAITING, READY, FORMATTING, KEPT, Joining::PuttingBack, FORMATTED]
    {
        all.extend([Life::Blank(joining), Life::Foreign(joining)]);
        if matches!(joining, FORMATTING | KEPT | Joining::PuttingBack) {
            all.push(Life::TakenOut(joining));
        }
        for doubt in [Doubt::Clone, Doubt::Stale, Doubt::Moved, Doubt::Undecided] {
            all.push(Life::Quarantined(doubt, joining));
        }
    }
    for wish in [STAY, REPLACE] {
        all.extend([Life::Member { wish }, Life::Watch { wish }, Life::Failed { wish }]);
        for was in [Standing::Member, Standing::Watch, Standing::Failed, Standing::Retiring] {
            all.push(Life::OursAbsent { was, wish });
        }
    }
    for was in [Standing::Member, Standing::Watch, Standing::Failed] {
        all.push(Life::Retiring { was });
    }
    all
}
