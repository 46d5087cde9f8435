//! What `seal` promises, shown through its public face.

mod beside;
mod chunks;
mod golden;
mod heads;
mod keys;
mod packs;
mod rot;
mod support;
mod turns;
mod words;
