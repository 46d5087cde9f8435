//! Two or three boxes in one process, over real sockets on 127.0.0.1 and real volumes in temporary
//! folders. Nothing is slept for: each waits for a state, for a bounded time. Start at `rig`.

#[cfg(test)]
mod anew;
#[cfg(test)]
mod breaking;
#[cfg(test)]
mod coming_back;
#[cfg(test)]
mod door;
#[cfg(test)]
mod fire;
#[cfg(test)]
mod fresh_card;
#[cfg(test)]
mod gate;
#[cfg(test)]
mod heads;
#[cfg(test)]
mod home;
#[cfg(test)]
mod house;
#[cfg(test)]
mod keeping;
#[cfg(test)]
mod letting_go;
#[cfg(test)]
mod pact;
#[cfg(test)]
mod pairing;
#[cfg(test)]
mod post;
#[cfg(test)]
mod returns;
#[cfg(test)]
mod rig;
#[cfg(test)]
mod told;
