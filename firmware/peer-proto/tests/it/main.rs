//! Two boxes in conversation, through the public face of the crate.

#[cfg(test)]
mod samples;
#[cfg(test)]
mod wire;
