//! The fuzzing engine: libFuzzer around one target, which `HOLDFAST_FUZZ_TARGET` names.
//!
//! Built only by `cargo xtask fuzz`, with coverage. Everything else is libFuzzer's own options.
#![no_main]

use std::sync::OnceLock;

use fuzz::Target;

fn chosen() -> &'static Target {
    static CHOSEN: OnceLock<&'static Target> = OnceLock::new();
    CHOSEN.get_or_init(|| {
        let name = std::env::var("HOLDFAST_FUZZ_TARGET").unwrap_or_default();
        fuzz::target(&name).expect("HOLDFAST_FUZZ_TARGET names a target")
    })
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| (chosen().run)(data));
