//! Two boxes in conversation, through the public face of the crate.

#[cfg(test)]
mod boxes;
#[cfg(test)]
mod coming_back;
#[cfg(test)]
mod courses;
#[cfg(test)]
mod heads;
#[cfg(test)]
mod heads_anew;
#[cfg(test)]
mod host;
#[cfg(test)]
mod host_away;
#[cfg(test)]
mod host_promise;
#[cfg(test)]
mod host_time;
#[cfg(test)]
mod invite;
#[cfg(test)]
mod invite_used;
#[cfg(test)]
mod messages;
#[cfg(test)]
mod owner;
#[cfg(test)]
mod owner_heads;
#[cfg(test)]
mod owner_order;
#[cfg(test)]
mod pact;
#[cfg(test)]
mod pact_asked;
#[cfg(test)]
mod pact_time;
#[cfg(test)]
mod presence;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod ticket;
#[cfg(test)]
mod wire;
#[cfg(test)]
mod world;
#[cfg(test)]
mod world_host;
#[cfg(test)]
mod world_owner;
