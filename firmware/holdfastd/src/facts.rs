//! From what the vault lists to what `plan` judges and callers are shown.
//!
//! Pure. Start at [`volume_health`].

use calls::Volume;
use plan::VolumeState;
use plan::health::{SourceHealth, VolumeHealth};
use types::{Millis, UnixTime};
use vault::VolumeInfo;

/// Versions of a source from which its rhythm is learned.
const RHYTHM_VERSIONS: usize = 8;
/// The rhythm of a source with one version.
const RHYTHM_UNKNOWN: Millis = Millis::from_days(1);

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

/// A source's newest version and how long it usually is between two: the middle one of the last gaps.
pub(crate) fn source_health(name: String, times: &[UnixTime]) -> SourceHealth {
    let recent = &times[times.len().saturating_sub(RHYTHM_VERSIONS)..];
    let mut gaps: Vec<Millis> = recent.windows(2).map(|pair| pair[1].since(pair[0])).collect();
    gaps.sort_unstable();
    let rhythm = gaps.get(gaps.len() / 2).copied().unwrap_or(RHYTHM_UNKNOWN);
    SourceHealth { name, last: times.last().copied(), rhythm }
}
