//! What is decided about friends, through the crate's public face and without any box.

#[cfg(test)]
mod limits;
#[cfg(test)]
mod listening;
#[cfg(test)]
mod mirror;
#[cfg(test)]
mod notes;
#[cfg(test)]
mod outside;
#[cfg(test)]
mod proving;
#[cfg(test)]
mod records;
#[cfg(test)]
mod round;
