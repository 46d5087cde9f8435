//! Tests of the whole vault through its public face. Nothing is here: see `tests/main.rs`.
