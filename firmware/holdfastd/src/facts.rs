//! From what the vault lists to what `plan` judges and callers are shown.
//!
//! Pure. Start at [`volume_health`].

use calls::Volume;
use plan::VolumeState;
use plan::health::VolumeHealth;
use types::UnixTime;
use vault::VolumeInfo;

pub(crate) fn name_of(path: &str, id: &str) -> String {
    if path.is_empty() { format!("volume {}", id.get(..8).unwrap_or(id)) } else { path.to_owned() }
}

pub(crate) fn volume_health(info: &VolumeInfo, full_on: Option<UnixTime>) -> VolumeHealth {
    let state = match info.state {
        "member" => VolumeState::Member,
        "retiring" => VolumeState::Retiring,
        "read-only" => VolumeState::ReadOnly,
        _ => VolumeState::Absent,
    };
    VolumeHealth {
        name: name_of(&info.path, &info.id.to_string()),
        plugged: false,
        state,
        free: info.free,
        size: info.size.saturating_sub(volume::reserve(info.size)),
        serial_differs: false,
        cloned: false,
        failed: info.state == "failed",
        drained: false,
        full_on,
    }
}

pub(crate) fn shown(info: &VolumeInfo) -> Volume {
    Volume {
        id: info.id.to_string(),
        path: info.path.clone(),
        state: info.state.to_owned(),
        size: info.size.0,
        free: info.free.0,
        packs: Some(info.packs),
        detail: info.detail.clone(),
    }
}

#[cfg(test)]
mod tests {
    use plan::health::volume_findings;
    use types::{Bytes, VolumeId};

    use super::*;

    /// A disk that failed was once said to be away, and its owner told to connect it.
    #[test]
    fn a_volume_that_failed_is_not_said_to_be_away() {
        let said = |state| {
            let info = VolumeInfo {
                lacks: 0,
                id: VolumeId([1; 16]),
                path: "/mnt/disk1".to_owned(),
                state,
                serial: String::new(),
                size: Bytes(0),
                free: Bytes(0),
                packs: 0,
                detail: None,
            };
            let mut found = Vec::new();
            volume_findings(&volume_health(&info, None), &mut found);
            found.remove(0).sentence
        };
        assert_eq!(said("failed"), "/mnt/disk1 failed and is left alone.");
        assert_eq!(said("absent"), "/mnt/disk1 is not here.");
    }
}
