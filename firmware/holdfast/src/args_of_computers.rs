//! What may be typed to pair a computer with a box over the network.
//!
//! Start at [`Pair`].

use std::path::PathBuf;

use clap::Args;

/// `holdfast pair`.
#[derive(Debug, Args)]
pub(crate) struct Pair {
    /// Where the box is: a name or an address, with `:PORT` unless that is 443
    #[arg(value_name = "ADDRESS")]
    pub(crate) address: String,
    /// The code that the box has made; asked for when not given
    #[arg(value_name = "CODE", conflicts_with = "code_file")]
    pub(crate) code: Option<String>,
    /// A file with the code
    #[arg(long, value_name = "FILE")]
    pub(crate) code_file: Option<PathBuf>,
    /// What the box calls this computer; its own name when not given
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// What the box is called here, for `--box`; its address when not given
    #[arg(long = "as", value_name = "NAME")]
    pub(crate) box_name: Option<String>,
}

/// Bytes in a second: `500K`, `2M`, `1G`, or a number.
pub(crate) fn rate(text: &str) -> Result<u64, String> {
    let (digits, unit) = match text.chars().last().map(|last| last.to_ascii_uppercase()) {
        Some('K') => (&text[..text.len() - 1], 1 << 10),
        Some('M') => (&text[..text.len() - 1], 1 << 20),
        Some('G') => (&text[..text.len() - 1], 1 << 30),
        _ => (text, 1),
    };
    let number: Option<u64> = digits.parse().ok();
    let rate = number.and_then(|number| number.checked_mul(unit)).filter(|rate| *rate > 0);
    rate.ok_or_else(|| "a number of bytes, with K, M or G behind it if you like".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_has_a_unit_or_none_and_is_never_nothing() {
        assert_eq!((rate("500K"), rate("2m"), rate("7")), (Ok(500 << 10), Ok(2 << 20), Ok(7)));
        for odd in ["", "K", "0", "-1", "1.5M", "2T", "99999999999G"] {
            assert!(rate(odd).is_err(), "{odd}");
        }
    }
}
