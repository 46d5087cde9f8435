//! Small enums of `plan`'s as words in the roster's file.
//!
//! The names are the format: one that changes there is written otherwise. Start at `twin`.

use plan::disk::{Doubt, Standing, Wish};
use serde::{Deserialize, Serialize};

/// A small enum of `plan`'s with the same names here, and the way back.
macro_rules! twin {
    ($file:ident, $plan:ident: $($name:ident),*) => {
        #[derive(Clone, Copy, Debug, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub(super) enum $file { $($name),* }

        impl From<$plan> for $file {
            fn from(value: $plan) -> Self {
                match value { $($plan::$name => Self::$name),* }
            }
        }

        impl From<$file> for $plan {
            fn from(value: $file) -> Self {
                match value { $($file::$name => Self::$name),* }
            }
        }
    };
}

twin!(StandingFile, Standing: Member, Watch, Failed, Retiring);
twin!(WishFile, Wish: Stay, Replace);
twin!(DoubtFile, Doubt: Clone, Stale, Moved, Undecided);
