//! A fuzzer's bytes as a row of small decisions, front to back.
//!
//! Never fails: past the end everything is zero, so that every input means something and a byte
//! more or less changes one decision and not all. Start at [`Feed`].

/// Bytes that are used up from the front.
#[derive(Clone, Debug)]
pub struct Feed<'a>(&'a [u8]);

impl<'a> Feed<'a> {
    /// All of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is left.
    pub fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }

    /// The next `len` bytes, or what is left of them.
    pub fn take(&mut self, len: usize) -> &'a [u8] {
        let (head, tail) = self.0.split_at(len.min(self.0.len()));
        self.0 = tail;
        head
    }

    /// Bytes with their length (two bytes) in front.
    pub fn bytes(&mut self) -> &'a [u8] {
        let len = self.u16();
        self.take(len.into())
    }

    /// Bytes with their length (one byte) in front.
    pub fn short(&mut self) -> &'a [u8] {
        let len = self.u8();
        self.take(len.into())
    }

    /// A fixed number of bytes, zeros where they ran out.
    pub fn array<const N: usize>(&mut self) -> [u8; N] {
        let found = self.take(N);
        let mut out = [0; N];
        out[..found.len()].copy_from_slice(found);
        out
    }

    /// One byte.
    pub fn u8(&mut self) -> u8 {
        self.array::<1>()[0]
    }

    /// Two bytes.
    pub fn u16(&mut self) -> u16 {
        u16::from_le_bytes(self.array())
    }

    /// Four bytes.
    pub fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.array())
    }

    /// Eight bytes.
    pub fn u64(&mut self) -> u64 {
        u64::from_le_bytes(self.array())
    }

    /// A number as stored layouts have them: small, or at the very end of its range, or any.
    pub fn number(&mut self) -> u64 {
        match self.u8() {
            byte @ 0..=0xdf => byte.into(),
            byte @ 0xe0..=0xef => u64::MAX - u64::from(byte & 0xf),
            byte @ 0xf0..=0xf7 => u64::from(u32::MAX) + u64::from(byte & 7) - 3,
            _ => self.u64(),
        }
    }

    /// The same, cut to 32 bits.
    pub fn number32(&mut self) -> u32 {
        u32::try_from(self.number() & u64::from(u32::MAX)).expect("the upper half was taken off")
    }

    /// One of `count` places.
    pub fn pick(&mut self, count: usize) -> usize {
        usize::from(self.u8()) % count.max(1)
    }

    /// Yes or no.
    pub fn coin(&mut self) -> bool {
        self.u8() & 1 == 1
    }
}
