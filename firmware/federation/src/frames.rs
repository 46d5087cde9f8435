//! Frames on a stream: the length is looked at before anything is allocated, and all of it has to
//! come in time. Start at [`read`].

use std::time::Duration;

use iroh::endpoint::{ReadExactError, RecvStream, SendStream};
use peer_proto::limits;
use peer_proto::wire::{Frame, PREFIX_LEN, WireError, body_len, decode, encode};
use tokio::time::timeout;

/// A frame that does not come whole within this is given up.
pub(crate) const FRAME_WITHIN: Duration = Duration::from_millis(limits::ANSWER_WITHIN.0);
/// Longest frame that somebody may send whom nobody here knows: ten times what pairing needs.
pub(crate) const STRANGERS_LEN_MAX: usize = 16 << 10;

/// Why there is no frame.
#[derive(Debug)]
pub(crate) enum NoFrame {
    /// What came is none; to be answered.
    Wire(WireError),
    /// The stream ended, broke, or was too slow.
    Gone,
}

/// Reads one frame that may be as long as any.
pub(crate) async fn read<F: Frame>(from: &mut RecvStream, within: Duration) -> Result<F, NoFrame> {
    read_up_to(from, limits::FRAME_LEN_MAX, within).await
}

/// Reads one frame of at most so many bytes.
pub(crate) async fn read_up_to<F: Frame>(
    from: &mut RecvStream,
    most: usize,
    within: Duration,
) -> Result<F, NoFrame> {
    let body = timeout(within, read_body(from, most)).await.map_err(|_| NoFrame::Gone)??;
    decode(&body).map_err(NoFrame::Wire)
}

async fn read_body(from: &mut RecvStream, most: usize) -> Result<Vec<u8>, NoFrame> {
    let gone = |_: ReadExactError| NoFrame::Gone;
    let mut prefix = [0; PREFIX_LEN];
    from.read_exact(&mut prefix).await.map_err(gone)?;
    let len = body_len(prefix).map_err(NoFrame::Wire)?;
    if len > most {
        return Err(NoFrame::Wire(WireError::Long { found: len }));
    }
    let mut body = vec![0; len];
    from.read_exact(&mut body).await.map_err(gone)?;
    Ok(body)
}

/// Writes one frame; false when the stream takes no more.
pub(crate) async fn write<F: Frame>(to: &mut SendStream, frame: &F) -> bool {
    let Ok(bytes) = encode(frame) else { return false };
    matches!(timeout(FRAME_WITHIN, to.write_all(&bytes)).await, Ok(Ok(())))
}
