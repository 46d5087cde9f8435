//! zstd contexts and buffers, kept from frame to frame so that sealing allocates nothing.
//!
//! One per thread. Holds plaintext while a frame is being sealed.

use std::fmt;
use std::io;

use format::pack::Codec;
use zeroize::Zeroize;
use zstd::bulk::{Compressor, Decompressor};

use super::OpenedFrame;

/// Level for what is stored: 20 % smaller than level 1 on small files, still faster than disks.
const LEVEL: i32 = 3;
/// Level for the probe: only the direction counts.
const PROBE_LEVEL: i32 = 1;
/// Shorter payloads are simply tried.
const PROBE_OVER_LEN: usize = 64 << 10;
/// Length of each of the two samples.
const SAMPLE_LEN: usize = 16 << 10;
/// A probe that saves less than this many hundredths says "media": store as it is.
const SAVING_MIN_PERCENT: usize = 3;

/// Buffers of frames that were read, kept for the next ones.
const SPARE_MAX: usize = 2;

const HOLDS: &str = "a context with a valid level is always made";

/// Reused compression contexts and buffers. A context is made when it is first used: who only
/// reads needs none of those for writing, and small frames none at all.
pub struct Codecs {
    compressor: Option<Compressor<'static>>,
    probe: Option<Compressor<'static>>,
    decompressor: Option<Decompressor<'static>>,
    /// The objects of the frame being sealed, one after the other, when there are several.
    pub(super) raw: Vec<u8>,
    /// The same, compressed.
    pub(super) packed: Vec<u8>,
    /// A copy of the sealed body, opened to verify it.
    pub(super) check: Vec<u8>,
    /// `check`'s payload, decompressed.
    unpacked: Vec<u8>,
    /// Buffers of frames that were read.
    spare: Vec<Vec<u8>>,
}

impl Codecs {
    /// Contexts and empty buffers.
    pub fn new() -> Self {
        Self {
            compressor: None,
            probe: None,
            decompressor: None,
            raw: Vec::new(),
            packed: Vec::new(),
            check: Vec::new(),
            unpacked: Vec::new(),
            spare: Vec::new(),
        }
    }

    /// Compresses `raw` into `packed` where that helps, and says how the payload is to be stored.
    pub(super) fn pack(&mut self, raw: &[u8]) -> io::Result<Codec> {
        if !self.worth_compressing(raw)? {
            return Ok(Codec::Raw);
        }
        self.packed.clear();
        self.packed.reserve(zstd::zstd_safe::compress_bound(raw.len()));
        let compressor =
            self.compressor.get_or_insert_with(|| Compressor::new(LEVEL).expect(HOLDS));
        compressor.compress_to_buffer(raw, &mut self.packed)?;
        Ok(if self.packed.len() < raw.len() { Codec::Zstd } else { Codec::Raw })
    }

    /// The decompressed payload of the body in `check`, whose table is `table_len` long.
    pub(super) fn unpack_check(
        &mut self,
        table_len: usize,
        codec: Codec,
        raw_len: usize,
    ) -> io::Result<&[u8]> {
        let payload = &self.check[table_len..];
        if codec == Codec::Raw {
            return Ok(payload);
        }
        unpack(&mut self.decompressor, payload, raw_len, &mut self.unpacked)?;
        Ok(&self.unpacked)
    }

    /// A buffer of this length with anything in it, from one that was given back where there is one.
    pub(super) fn buffer(&mut self, len: usize) -> Vec<u8> {
        let mut buffer = self.spare.pop().unwrap_or_default();
        // Only what it grows by is filled: the caller overwrites all of it.
        buffer.resize(len, 0);
        buffer
    }

    /// Takes a buffer that is no longer needed: fresh memory costs more than what is done in it.
    pub(super) fn give_back(&mut self, mut buffer: Vec<u8>) {
        if self.spare.len() < SPARE_MAX && buffer.capacity() > 0 {
            self.spare.push(buffer);
        } else {
            buffer.zeroize();
        }
    }

    /// Takes the buffer of a frame that was read and is no longer needed.
    pub fn reuse(&mut self, frame: OpenedFrame) {
        self.give_back(frame.into_buffer());
    }

    /// Decompresses to exactly `raw_len` bytes, never more.
    pub(super) fn unpack(&mut self, payload: &[u8], raw_len: usize) -> io::Result<Vec<u8>> {
        let mut out = self.buffer(raw_len);
        unpack(&mut self.decompressor, payload, raw_len, &mut out)?;
        Ok(out)
    }

    fn worth_compressing(&mut self, raw: &[u8]) -> io::Result<bool> {
        let len = raw.len();
        if len <= PROBE_OVER_LEN {
            return Ok(len > 0);
        }
        let mut packed_len = 0;
        let probe = self.probe.get_or_insert_with(|| Compressor::new(PROBE_LEVEL).expect(HOLDS));
        for start in [len / 4, len / 4 * 3] {
            let sample = &raw[start..len.min(start + SAMPLE_LEN)];
            self.packed.clear();
            self.packed.reserve(zstd::zstd_safe::compress_bound(SAMPLE_LEN));
            packed_len += probe.compress_to_buffer(sample, &mut self.packed)?;
        }
        let saved = (2 * SAMPLE_LEN).saturating_sub(packed_len);
        Ok(saved * 100 >= 2 * SAMPLE_LEN * SAVING_MIN_PERCENT)
    }
}

fn unpack(
    decompressor: &mut Option<Decompressor<'static>>,
    payload: &[u8],
    raw_len: usize,
    out: &mut Vec<u8>,
) -> io::Result<()> {
    // A slice, not the Vec: spare capacity must not let a payload grow past its head's word.
    out.resize(raw_len, 0);
    let decompressor = decompressor.get_or_insert_with(|| Decompressor::new().expect(HOLDS));
    let found = decompressor.decompress_to_buffer(payload, out.as_mut_slice())?;
    if found == raw_len {
        Ok(())
    } else {
        Err(io::Error::new(io::ErrorKind::InvalidData, "shorter than its frame's head says"))
    }
}

impl Default for Codecs {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Codecs {
    fn drop(&mut self) {
        for buffer in [&mut self.raw, &mut self.packed, &mut self.check, &mut self.unpacked] {
            buffer.zeroize();
        }
        self.spare.zeroize();
    }
}

impl fmt::Debug for Codecs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Codecs(..)")
    }
}
