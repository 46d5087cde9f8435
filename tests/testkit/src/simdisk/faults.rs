//! Which operation fails, and how. Decides only; what a failure leaves behind is done by the disk.

use std::io;

use nix::errno::Errno;

/// A way to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// The medium fails. A sync that fails so never stores the bytes it was for.
    Eio,
    /// The same, but only a sync can fail so.
    SyncEio,
    /// No room. Only what takes room, and syncs, can fail this way.
    Enospc,
    /// The file system went read-only. Only changes can fail this way.
    Erofs,
    /// Half of an append is written, then the medium fails. Only appends can fail this way.
    ShortWrite,
    /// The operation waits until the disk is released, then succeeds.
    Hang,
}

/// How long a fault goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lasting {
    /// One operation fails.
    Once,
    /// It and all that follow.
    Forever,
}

impl Fault {
    pub(super) fn error(self) -> io::Error {
        let errno = match self {
            Self::Enospc => Errno::ENOSPC,
            Self::Erofs => Errno::EROFS,
            Self::Eio | Self::SyncEio | Self::ShortWrite | Self::Hang => Errno::EIO,
        };
        errno.into()
    }

    /// Whether an operation of a kind can fail this way.
    pub fn can_hit(self, kind: Kind) -> bool {
        match self {
            Self::Eio | Self::Hang => true,
            Self::SyncEio => kind == Kind::Sync,
            Self::Enospc => {
                matches!(kind, Kind::Append | Kind::Allocate | Kind::Sync)
            }
            Self::Erofs => kind != Kind::Read,
            Self::ShortWrite => kind == Kind::Append,
        }
    }
}

/// What an operation does, as far as faults care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Changes nothing.
    Read,
    /// Adds bytes.
    Append,
    /// Makes a name.
    Allocate,
    /// Moves or removes a name.
    Change,
    /// Makes bytes or names durable.
    Sync,
}

#[derive(Debug, Default)]
pub(super) struct Faults {
    pub(super) operations: u64,
    pub(super) changes: u64,
    pub(super) full: bool,
    pub(super) read_only: bool,
    pub(super) hanging: bool,
    pub(super) ignore_data_syncs: bool,
    pub(super) ignore_folder_syncs: bool,
    /// Kinds of the operations since they are noted.
    pub(super) noted: Option<Vec<Kind>>,
    planned: Option<Plan>,
    /// The count of changes at which the power goes.
    cut_at: Option<u64>,
    pub(super) power_gone: bool,
}

#[derive(Clone, Copy, Debug)]
struct Plan {
    from_operation: u64,
    fault: Fault,
    lasting: Lasting,
}

impl Faults {
    pub(super) fn plan(&mut self, nth: u64, fault: Fault, lasting: Lasting) {
        self.planned = Some(Plan { from_operation: self.operations + nth, fault, lasting });
    }

    pub(super) fn heal(&mut self) {
        self.planned = None;
        self.cut_at = None;
        self.power_gone = false;
    }

    pub(super) fn cut_after(&mut self, count: u64) {
        self.cut_at = Some(self.changes + count);
    }

    /// Counts an operation and says whether it may go on.
    pub(super) fn admit(&mut self, operation: Kind) -> Result<(), Fault> {
        self.operations += 1;
        if let Some(noted) = &mut self.noted {
            noted.push(operation);
        }
        let changes = operation != Kind::Read;
        if changes && self.cut_at.is_some_and(|cut| self.changes >= cut) {
            self.power_gone = true;
        }
        if self.power_gone {
            return Err(Fault::Eio);
        }
        self.changes += u64::from(changes);
        if changes && self.read_only {
            return Err(Fault::Erofs);
        }
        if self.full && matches!(operation, Kind::Append | Kind::Allocate) {
            return Err(Fault::Enospc);
        }
        match self.due(operation) {
            None => Ok(()),
            Some(Fault::Hang) => {
                self.hanging = true;
                Ok(())
            }
            Some(fault) => Err(fault),
        }
    }

    fn due(&mut self, operation: Kind) -> Option<Fault> {
        let plan = self.planned.filter(|plan| {
            self.operations >= plan.from_operation && plan.fault.can_hit(operation)
        })?;
        if plan.lasting == Lasting::Once {
            self.planned = None;
        }
        Some(plan.fault)
    }
}
