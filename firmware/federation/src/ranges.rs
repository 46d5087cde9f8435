//! Parts of a pack as frames say them, and the groups that prove them.

use peer_proto::wire::{ByteRange, Ranges};
use types::Bytes;
use verified::{GROUP_LEN, Groups, Told};

/// The groups that hold these parts.
pub(crate) fn groups(told: &Told, ranges: &[ByteRange]) -> Groups {
    let mut all = Groups::none();
    for range in ranges {
        all.extend(Groups::of_bytes(told, range.from..range.to).iter());
    }
    all
}

/// The same, where no part at all means the whole.
pub(crate) fn groups_or_all(told: &Told, ranges: &Ranges) -> Groups {
    if ranges.items().is_empty() { Groups::all(told) } else { groups(told, ranges.items()) }
}

/// These groups as parts.
pub(crate) fn parts(told: &Told, groups: &Groups) -> Vec<ByteRange> {
    let Bytes(len) = told.len();
    let at = |group: u16| (u64::from(group) * GROUP_LEN).min(len);
    groups
        .runs()
        .into_iter()
        .map(|run| ByteRange { from: at(run.start), to: at(run.end) })
        .collect()
}

#[cfg(test)]
mod tests {
    use types::PackId;

    use super::*;

    #[test]
    fn groups_become_parts_and_the_same_groups_again() {
        let told = Told::new(PackId([1; 32]), Bytes(5 * GROUP_LEN + 7)).unwrap();
        let some: Groups = [0, 1, 3, 5].into_iter().collect();
        let said = parts(&told, &some);
        let ends: Vec<u64> = said.iter().map(|part| part.to).collect();
        assert_eq!(ends, [2 * GROUP_LEN, 4 * GROUP_LEN, 5 * GROUP_LEN + 7]);
        assert_eq!(groups(&told, &said), some);
        assert_eq!(groups_or_all(&told, &Ranges::first([])), Groups::all(&told));
    }
}
