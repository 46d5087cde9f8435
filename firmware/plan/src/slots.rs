//! Sets of what has a slot each, up to 64 of them, as bits. It knows neither volumes nor friends.

/// Makes such a set under a name of its own, so that those of volumes and of friends are not mixed up.
macro_rules! slots {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        pub struct $name(pub u64);

        impl $name {
            /// Whether the one in `slot` is among them.
            pub fn has(self, slot: u8) -> bool {
                self.0 & Self::bit(slot) != 0
            }

            /// These and the one in `slot`.
            pub fn with(self, slot: u8) -> Self {
                Self(self.0 | Self::bit(slot))
            }

            /// These without the one in `slot`.
            pub fn without(self, slot: u8) -> Self {
                Self(self.0 & !Self::bit(slot))
            }

            /// Whether there are none.
            pub fn is_empty(self) -> bool {
                self.0 == 0
            }

            fn bit(slot: u8) -> u64 {
                1_u64.checked_shl(u32::from(slot)).unwrap_or(0)
            }
        }
    };
}
