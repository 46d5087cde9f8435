//! The number of a user, from the system's own file.
//!
//! Read here because the program is static: the C library would load others to answer. The box's user
//! is made by its package and stands in the file. Start at [`find`].

use std::io::{ErrorKind, Read};

use board_linux::Owner;

use crate::error::HandsError;

const FILE: &str = "/etc/passwd";
/// No system has more; what is longer is no such file.
const LEN_MAX: u64 = 4 << 20;

/// A user's numbers.
pub(crate) fn find(user: &str) -> Result<Owner, HandsError> {
    let mut text = String::new();
    std::fs::File::open(FILE)
        .and_then(|file| file.take(LEN_MAX).read_to_string(&mut text))
        .map_err(|source| HandsError::Users { source })?;
    let owner = of(&text, user).ok_or_else(|| HandsError::NoUser { user: user.to_owned() })?;
    if owner.user == 0 {
        let source = std::io::Error::new(ErrorKind::InvalidInput, "root needs no helper");
        return Err(HandsError::Users { source });
    }
    Ok(owner)
}

/// `holdfast:x:990:988::/var/lib/holdfast:/usr/sbin/nologin`
fn of(text: &str, user: &str) -> Option<Owner> {
    let mut lines = text.lines().filter_map(|line| line.split_once(':'));
    let (_, rest) = lines.find(|(name, _)| *name == user)?;
    let mut numbers = rest.split(':').skip(1);
    Some(Owner { user: numbers.next()?.parse().ok()?, group: numbers.next()?.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_found_by_the_whole_name() {
        let text = "root:x:0:0:root:/:/bin/sh\nhold:x:5:6::/:/bin/false\n\
            holdfast:x:990:988::/var/lib/holdfast:/usr/sbin/nologin\nodd:x:y:1::/:\n";
        assert_eq!(of(text, "holdfast"), Some(Owner { user: 990, group: 988 }));
        for nobody in ["hold:x", "fast", "", "odd"] {
            assert_eq!(of(text, nobody), None, "{nobody}");
        }
    }
}
