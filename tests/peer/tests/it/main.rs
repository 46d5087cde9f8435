//! What a test's box remembers, and how it answers lines.

mod house;
