//! The two sides of the socket, over a simulated machine. Start at [`common::Rig`].

#[cfg(test)]
mod attacks;
#[cfg(test)]
mod calls;
#[cfg(test)]
mod common;
#[cfg(test)]
mod restarts;
