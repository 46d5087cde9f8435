//! Copies at friends, each decision carried out in a model that knows what is true.

mod any;
mod audit;
mod diversity;
mod friends;
mod model;
mod place;
mod score;
mod silence;
