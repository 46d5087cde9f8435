//! From the vault's values and errors to what callers are shown.
//!
//! Pure. No sentence holds a secret: the errors of lower crates hold none. Start at [`fault`].

use std::error::Error;

use calls::{Entry, EntryKind, Fault, FaultCode, RawPath, Severity, Snapshot};
use disks::DisksError;
use format::entry::EntryKind as Kind;
use format::record::SnapshotKind;
use vault::{ListedEntry, SnapshotInfo, Vault, VaultError};
use volume::VolumeError;

/// An error with its causes, none said twice.
pub(crate) fn whole(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let said = cause.to_string();
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        next = cause.source();
    }
    text
}

/// Why the vault did not do it.
pub(crate) fn fault(error: &VaultError) -> Fault {
    Fault::new(code(error), whole(error), error.advice())
}

fn code(error: &VaultError) -> FaultCode {
    match error {
        VaultError::Full { .. }
        | VaultError::Volume(VolumeError::Full { .. } | VolumeError::RanOut { .. }) => {
            FaultCode::Full
        }
        VaultError::Unlock(_) => FaultCode::WrongSecret,
        VaultError::NotFound { .. } => FaultCode::NotFound,
        VaultError::Ambiguous { .. }
        | VaultError::Bad { .. }
        | VaultError::NotA { .. }
        | VaultError::Path { .. } => FaultCode::BadRequest,
        VaultError::Refused(_) | VaultError::OnlyCopy { .. } | VaultError::Unsettled { .. } => {
            FaultCode::Refused
        }
        VaultError::Stopped => FaultCode::Stopped,
        VaultError::Volume(_)
        | VaultError::NoVolume { .. }
        | VaultError::NoWriter { .. }
        | VaultError::ReadOnly
        | VaultError::NoKeys
        | VaultError::NoHead { .. } => FaultCode::Volumes,
        _ => FaultCode::Failed,
    }
}

/// The box stops and begins nothing more.
pub(crate) fn stopping() -> Fault {
    let sentence = "The box is shutting down.";
    Fault::new(FaultCode::ShuttingDown, sentence, "Try again when it is back.")
}

/// Why something was not done with a disk.
pub(crate) fn disks(error: &DisksError) -> Fault {
    let code = match error {
        DisksError::Refused(plan::disk::Refusal::NoSuchDisk) => FaultCode::NotFound,
        DisksError::Refused(plan::disk::Refusal::Word { .. }) => FaultCode::BadRequest,
        DisksError::Refused(_) => FaultCode::Refused,
        DisksError::Locked => FaultCode::Locked,
        DisksError::Vault(error) => code(error),
        DisksError::Board(_) | DisksError::Silent { .. } => FaultCode::Volumes,
        _ => FaultCode::Failed,
    };
    Fault::new(code, whole(error), error.advice())
}

/// The box is new.
pub(crate) fn no_vault() -> Fault {
    let sentence = "This box has no vault yet.";
    let advice = "Make one on blank disks: `holdfast --box default create DISK DISK`.";
    Fault::new(FaultCode::WrongState, sentence, advice)
}

/// A record of the box's own could not be written.
pub(crate) fn record(error: &volume::durable::IoFailure) -> Fault {
    Fault::new(FaultCode::Failed, whole(error), "Make room on the box's own disk.")
}

pub(crate) fn severity(severity: plan::health::Severity) -> Severity {
    match severity {
        plan::health::Severity::Notice => Severity::Notice,
        plan::health::Severity::Warning => Severity::Warning,
        plan::health::Severity::Alarm => Severity::Alarm,
    }
}

/// A finding as `plan` has it.
pub(crate) fn found(finding: &calls::Finding) -> plan::health::Finding {
    let severity = match finding.severity {
        Severity::Notice => plan::health::Severity::Notice,
        Severity::Warning => plan::health::Severity::Warning,
        Severity::Alarm => plan::health::Severity::Alarm,
    };
    let (sentence, action) = (finding.sentence.clone(), finding.action.clone());
    plan::health::Finding { severity, sentence, action }
}

pub(crate) fn snapshot(vault: &Vault, info: &SnapshotInfo) -> Snapshot {
    let kind = match info.kind {
        SnapshotKind::Backup => "backup",
        SnapshotKind::Edit => "edit",
    };
    Snapshot {
        id: info.id.to_string(),
        source: info.source_name.clone(),
        received_ms: info.received.0,
        kind: kind.to_owned(),
        space: vault.space_name(info.space).unwrap_or_default(),
    }
}

pub(crate) fn entry(listed: &ListedEntry) -> Entry {
    let entry = &listed.entry;
    let kind = match entry.kind {
        Kind::File => EntryKind::File,
        Kind::Folder => EntryKind::Folder,
        Kind::Symlink => EntryKind::Symlink,
        Kind::Fifo => EntryKind::Fifo,
        Kind::Socket => EntryKind::Socket,
        Kind::CharDevice => EntryKind::CharDevice,
        Kind::BlockDevice => EntryKind::BlockDevice,
    };
    Entry {
        path: RawPath(listed.path.clone()),
        kind,
        mode: entry.attrs.mode,
        size: if kind == EntryKind::File { entry.size } else { 0 },
        changed_s: entry.attrs.mtime.secs,
        target: entry.target.as_ref().map(|target| RawPath(target.to_vec())),
    }
}
