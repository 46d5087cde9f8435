//! What was sent and nobody read: a refusal does not wait for the body of what it refuses.
//!
//! A connection with such a body in it is closed by the one who serves it, and whoever has sent the next request
//! on it by then never hears of that one. So a short rest is taken first, and where it is long, or does not
//! come, the answer says that the connection ends. Start at [`is_taken`].

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::BoxError;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use http_body_util::BodyExt;
use hyper::body::{Frame, SizeHint};

/// A rest that is longer is not taken: as much as a body of JSON may have.
const REST_LEN_MAX: u64 = crate::body::JSON_LEN_MAX as u64;
/// How long an answer waits for the rest: long enough for a body that was sent right behind its head, over any
/// line.
const PATIENCE: Duration = Duration::from_secs(1);

/// Sees to it that a connection is whole after each answer, or said to end.
pub(crate) async fn is_taken(request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    // Whoever asks first whether to send waits for us, and would be asked to go on by our reading.
    let comes_by_itself = !request.headers().contains_key(header::EXPECT);
    let (parts, body) = request.into_parts();
    let kept = Kept(Arc::new(Mutex::new(Sent { body, is_over: false })));
    let mut response = next.run(Request::from_parts(parts, Body::new(kept.clone()))).await;
    let is_whole = kept.is_over() || comes_by_itself && kept.has_come().await;
    if !is_whole {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

#[derive(Debug)]
struct Sent {
    body: Body,
    is_over: bool,
}

/// A body that outlives whoever was to read it.
#[derive(Clone, Debug)]
struct Kept(Arc<Mutex<Sent>>);

impl Kept {
    fn with<T>(&self, act: impl FnOnce(&mut Sent) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn is_over(&self) -> bool {
        self.with(|sent| sent.is_over)
    }

    /// Takes what is left, where that is little and is there.
    async fn has_come(mut self) -> bool {
        if self.size_hint().lower() > REST_LEN_MAX {
            return false;
        }
        let rest = async {
            let mut taken = 0;
            while let Some(frame) = self.frame().await {
                taken += frame.ok()?.data_ref().map_or(0, |part| part.len() as u64);
                if taken > REST_LEN_MAX {
                    return None;
                }
            }
            Some(())
        };
        matches!(tokio::time::timeout(PATIENCE, rest).await, Ok(Some(())))
    }
}

impl HttpBody for Kept {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        self.with(|sent| {
            let frame = ready!(Pin::new(&mut sent.body).poll_frame(context));
            sent.is_over = frame.is_none() || sent.body.is_end_stream();
            Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
        })
    }

    fn is_end_stream(&self) -> bool {
        self.with(|sent| sent.body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.with(|sent| sent.body.size_hint())
    }
}
