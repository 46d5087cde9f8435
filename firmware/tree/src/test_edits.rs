//! Edits at random, on paths that often meet. For tests only.

use proptest::prelude::*;

use crate::path::join;
use crate::test_model::file;
use crate::{Edit, Expected, tag};

/// Paths that often meet.
pub(crate) fn any_path() -> impl Strategy<Value = Vec<u8>> {
    let letter = prop::sample::select(vec!["a", "b", "c", "d"]).prop_map(str::to_owned);
    let number = (0..150_u8).prop_map(|number| format!("f{number:03}"));
    let odd = prop::sample::select(vec!["..", "", "a\0", "\u{fc}", "a."]).prop_map(str::to_owned);
    let name = prop_oneof![12 => letter, 6 => number, 1 => odd];
    prop::collection::vec(name, 1..4).prop_map(|names| {
        names.iter().fold(Vec::new(), |path, name| {
            if path.is_empty() { name.clone().into_bytes() } else { join(&path, name.as_bytes()) }
        })
    })
}

pub(crate) fn any_edit() -> impl Strategy<Value = Edit> {
    let put = (any_path(), 0..4_u8, any::<bool>()).prop_map(|(path, seed, make_parents)| {
        Edit::Put { path, entry: Box::new(file(seed)), make_parents }
    });
    let rename = (any_path(), any_path(), any::<bool>())
        .prop_map(|(from, to, replace)| Edit::Rename { from, to, replace });
    let delete =
        (any_path(), any::<bool>()).prop_map(|(path, recursive)| Edit::Delete { path, recursive });
    let plain = prop_oneof![
        4 => put,
        2 => any_path().prop_map(|path| Edit::MakeFolder { path }),
        4 => rename,
        3 => delete,
    ];
    let expected = prop_oneof![
        Just(Expected::Nothing),
        (0..4_u8).prop_map(|seed| Expected::Tag(tag(&file(seed))))
    ];
    (plain, prop::option::weighted(0.2, (any_path(), expected))).prop_map(|(edit, tied)| match tied
    {
        None => edit,
        Some((path, expected)) => Edit::If { path, expected, edit: Box::new(edit) },
    })
}
