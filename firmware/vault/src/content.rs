//! A file's bytes into chunks and extents: cut by content, or, where an older version of the same
//! length is known, compared block by block so that only what changed is stored.
//!
//! Start at [`Cutter::cut_file`] and [`Cutter::cut_stream`].

use std::io::Read;

use filetree::{FileReader, Segment};
use format::entry::{Content, Extent};
use format::pack::PackKind;
use seal::Chunker;
use seal::chunker::MAX_LEN;
use tree::{ContentBuilder, ObjectReader};

use crate::error::VaultError;
use crate::sink::Sink;

/// Block of a file that is rewritten in place; growth of an image 0.08 of restic's by simulation.
const BLOCK_LEN: usize = 16 << 10;
/// Smaller files are simply cut again: a chunk or two.
const REWRITE_LEN_MIN: u64 = 4 << 20;
/// More pieces of one old chunk than this and the chunk is stored whole again: bounds how far one
/// read must be scattered.
const PIECES_MAX: usize = 24;
/// Read ahead of the cut: two of the longest chunks, so that each byte moves once or twice.
const WINDOW: usize = 2 * MAX_LEN;
/// What is made room for at first.
const WINDOW_FIRST: usize = 1 << 20;
/// How much of what was a hole is looked at in one go.
const HOLE_STEP: usize = 1 << 20;

/// Cuts files of one space. Reuses its buffers.
pub(crate) struct Cutter {
    chunker: Chunker,
    buffer: Vec<u8>,
}

/// A file's content, and how many bytes it stands for.
pub(crate) struct Cut {
    pub(crate) content: Option<Content>,
    pub(crate) size: u64,
}

impl Cutter {
    pub(crate) fn new(chunker: Chunker) -> Self {
        Self { chunker, buffer: Vec::new() }
    }

    fn make_room(&mut self, len: usize) {
        if self.buffer.is_empty() {
            // Fresh zeroed memory costs nothing before it is used.
            self.buffer = vec![0; len];
        } else if self.buffer.len() < len {
            self.buffer.resize(len, 0);
        }
    }

    /// Reads a whole file. `before` is the content of an older version of the same length, whose
    /// manifests `store` has.
    pub(crate) fn cut_file<S: Sink, R: ObjectReader<Error = VaultError>>(
        &mut self,
        file: &mut FileReader,
        before: Option<&Content>,
        (ingest, store): (&mut S, &R),
        on_bytes: &mut dyn FnMut(u64) -> Result<(), VaultError>,
    ) -> Result<Cut, VaultError> {
        if let Some(before) = before
            && file.size() >= REWRITE_LEN_MIN
            && let Some(cut) = self.rewritten(file, before, (ingest, store), on_bytes)?
        {
            return Ok(cut);
        }
        let mut builder = ContentBuilder::new();
        while let Some(segment) = file.next_segment() {
            match segment {
                Segment::Hole { len, .. } => builder.push(ingest, Extent::hole(len))?,
                Segment::Data { offset, len } => {
                    let mut fill = bytes_of(file, offset, len);
                    self.cut_run(&mut fill, &mut builder, ingest, on_bytes)?;
                }
            }
        }
        let (content, size) = builder.finish(ingest)?;
        Ok(Cut { content, size })
    }

    /// Reads a stream to its end, behind what `builder` has already.
    pub(crate) fn cut_stream<S: Sink>(
        &mut self,
        stream: &mut dyn Read,
        mut builder: ContentBuilder,
        ingest: &mut S,
    ) -> Result<Cut, VaultError> {
        let mut fill = |buf: &mut [u8]| -> Result<usize, VaultError> {
            loop {
                match stream.read(buf) {
                    Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                    Err(source) => return Err(VaultError::Stream { source }),
                    Ok(read) => return Ok(read),
                }
            }
        };
        self.cut_run(&mut fill, &mut builder, ingest, &mut |_| Ok(()))?;
        let (content, size) = builder.finish(ingest)?;
        Ok(Cut { content, size })
    }

    /// Cuts what `fill` gives, until it gives nothing more.
    fn cut_run<S: Sink>(
        &mut self,
        fill: &mut dyn FnMut(&mut [u8]) -> Result<usize, VaultError>,
        builder: &mut ContentBuilder,
        ingest: &mut S,
        on_bytes: &mut dyn FnMut(u64) -> Result<(), VaultError>,
    ) -> Result<(), VaultError> {
        let (mut start, mut end, mut ended) = (0, 0, false);
        loop {
            if end - start < MAX_LEN && !ended {
                self.buffer.copy_within(start..end, 0);
                (start, end) = (0, end - start);
                while end < WINDOW && !ended {
                    // As long as what comes: fifty short parts at once take no fifty windows.
                    if end == self.buffer.len() {
                        self.make_room((2 * end).clamp(WINDOW_FIRST, WINDOW));
                    }
                    let read = fill(&mut self.buffer[end..])?;
                    ended = read == 0;
                    end += read;
                }
            }
            if start == end {
                return Ok(());
            }
            let len = self.chunker.cut(&self.buffer[start..end]);
            let id = ingest.put_bytes(PackKind::Data, &self.buffer[start..start + len])?;
            builder.push(ingest, Extent::chunk(id, len as u64))?;
            start += len;
            on_bytes(len as u64)?;
        }
    }

    /// Compares a file with its older version, extent by extent; none when too much has moved.
    fn rewritten<S: Sink, R: ObjectReader<Error = VaultError>>(
        &mut self,
        file: &mut FileReader,
        before: &Content,
        (ingest, store): (&mut S, &R),
        on_bytes: &mut dyn FnMut(u64) -> Result<(), VaultError>,
    ) -> Result<Option<Cut>, VaultError> {
        let mut builder = ContentBuilder::new();
        let mut at = 0;
        for extent in tree::extents(store, before) {
            let extent = extent?.extent;
            let Ok(len) = usize::try_from(extent.len) else { return Ok(None) };
            if len > WINDOW && extent.chunk.is_some() {
                return Ok(None);
            }
            match extent.chunk {
                None => {
                    // What was a hole may hold data now: cut it like new.
                    let mut fill = bytes_of(file, at, extent.len);
                    self.cut_hole(&mut fill, &mut builder, ingest, on_bytes)?;
                }
                Some(_) => {
                    self.make_room(WINDOW);
                    let now = &mut self.buffer[..len];
                    if file.read_at(at, now)? != len {
                        return Ok(None);
                    }
                    compare(extent, now, &mut builder, ingest)?;
                    on_bytes(extent.len)?;
                }
            }
            at = at.saturating_add(extent.len);
        }
        if at != file.size() {
            return Ok(None);
        }
        let (content, size) = builder.finish(ingest)?;
        Ok(Some(Cut { content, size }))
    }

    /// A run that was a hole: zeros stay a hole, anything else is stored.
    fn cut_hole<S: Sink>(
        &mut self,
        fill: &mut dyn FnMut(&mut [u8]) -> Result<usize, VaultError>,
        builder: &mut ContentBuilder,
        ingest: &mut S,
        on_bytes: &mut dyn FnMut(u64) -> Result<(), VaultError>,
    ) -> Result<(), VaultError> {
        self.make_room(WINDOW);
        loop {
            let mut got = 0;
            while got < HOLE_STEP {
                let read = fill(&mut self.buffer[got..HOLE_STEP])?;
                if read == 0 {
                    break;
                }
                got += read;
            }
            if got == 0 {
                return Ok(());
            }
            let extent = if self.buffer[..got].iter().all(|byte| *byte == 0) {
                Extent::hole(got as u64)
            } else {
                let id = ingest.put_bytes(PackKind::Data, &self.buffer[..got])?;
                Extent::chunk(id, got as u64)
            };
            builder.push(ingest, extent)?;
            on_bytes(got as u64)?;
        }
    }
}

/// One old extent against the bytes that stand there now.
fn compare<S: Sink>(
    extent: Extent,
    now: &[u8],
    builder: &mut ContentBuilder,
    ingest: &mut S,
) -> Result<(), VaultError> {
    let id = extent.chunk.expect("the caller asks for chunks only");
    // The id of the whole old chunk tells at once that nothing changed.
    if extent.offset == 0 && ingest.chunk_id(now) == id {
        builder.push(ingest, extent)?;
        return Ok(());
    }
    let old = ingest.old_chunk(&id);
    let from = extent.offset as usize;
    let old = old.as_ref().and_then(|bytes| bytes.get(from..from + now.len()));
    let pieces = old.map(|old| runs(old, now)).filter(|runs| runs.len() <= PIECES_MAX);
    let Some(pieces) = pieces else {
        let new = ingest.put_bytes(PackKind::Data, now)?;
        builder.push(ingest, Extent::chunk(new, now.len() as u64))?;
        return Ok(());
    };
    for run in pieces {
        let len = run.end - run.start;
        let piece = if run.same {
            let offset = extent.offset + u32::try_from(run.start).expect("a chunk is short");
            Extent { len: len as u64, chunk: Some(id), offset }
        } else {
            let new = ingest.put_bytes(PackKind::Data, &now[run.start..run.end])?;
            Extent::chunk(new, len as u64)
        };
        builder.push(ingest, piece)?;
    }
    Ok(())
}

/// Gives the bytes of a range of a file, in order, fewer when the file ends before.
fn bytes_of(
    file: &FileReader,
    mut from: u64,
    len: u64,
) -> impl FnMut(&mut [u8]) -> Result<usize, VaultError> {
    let end = from.saturating_add(len);
    move |buf| {
        let want = usize::try_from(end - from).unwrap_or(usize::MAX).min(buf.len());
        let read = file.read_at(from, &mut buf[..want])?;
        from += read as u64;
        Ok(read)
    }
}

/// A run of blocks that are all as they were, or all changed.
#[derive(Debug, PartialEq, Eq)]
struct Run {
    start: usize,
    end: usize,
    same: bool,
}

/// Compares two equally long buffers by blocks and joins neighbours of one kind.
fn runs(old: &[u8], now: &[u8]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let blocks = old.chunks(BLOCK_LEN).zip(now.chunks(BLOCK_LEN));
    for (n, (before, after)) in blocks.enumerate() {
        let (start, same) = (n * BLOCK_LEN, before == after);
        let end = start + after.len();
        match runs.last_mut().filter(|last| last.same == same) {
            Some(last) => last.end = end,
            None => runs.push(Run { start, end, same }),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changed_blocks_are_found_and_joined() {
        let old = vec![1; 5 * BLOCK_LEN + 7];
        let mut now = old.clone();
        now[BLOCK_LEN] = 2;
        now[2 * BLOCK_LEN + 1] = 2;
        now[5 * BLOCK_LEN] = 2;
        let found = runs(&old, &now);
        let run = |start, end, same| Run { start, end, same };
        assert_eq!(
            found,
            [
                run(0, BLOCK_LEN, true),
                run(BLOCK_LEN, 3 * BLOCK_LEN, false),
                run(3 * BLOCK_LEN, 5 * BLOCK_LEN, true),
                run(5 * BLOCK_LEN, 5 * BLOCK_LEN + 7, false),
            ]
        );
    }
}
