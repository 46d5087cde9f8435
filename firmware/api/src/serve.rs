//! Connections: how many at once, for how long nobody is waited for, and TLS around them.
//!
//! Whoever sends nothing, sends slowly, or takes nothing is left; so nobody keeps others out for long, and
//! each connection costs a bounded amount of memory. Start at [`accept`].

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use people::Place;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::Sleep;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

use crate::guard::Arrived;
use crate::guests::Guests;
use crate::shared::Env;
use crate::tls::Certificates;

/// Whoever has not shaken hands, or not sent a whole head of a request, by then is left. It is also how
/// long a connection may be silent between two requests.
const HEAD_MAX: Duration = Duration::from_secs(15);
/// Whoever takes nothing for so long is left.
const STALLED_MAX: Duration = Duration::from_secs(60);
/// What one connection may keep of a head or of an answer.
const BUFFER: usize = 32 << 10;
/// No connection is taken for this long after one could not be.
const AFTER_TROUBLE: Duration = Duration::from_millis(200);

/// What is served, and how.
#[derive(Clone, Debug)]
pub(crate) struct House {
    pub(crate) router: Router,
    /// None: plain HTTP.
    pub(crate) certificates: Option<Arc<Certificates>>,
    pub(crate) env: Env,
    pub(crate) guests: Guests,
    pub(crate) stop: watch::Receiver<bool>,
}

/// Takes connections until the door is closed.
pub(crate) async fn accept(listener: TcpListener, house: House) {
    let mut stop = house.stop.clone();
    loop {
        let taken = tokio::select! {
            taken = listener.accept() => taken,
            _ = stop.wait_for(|stop| *stop) => return,
        };
        match taken {
            Ok((stream, from)) => {
                // One too many is hung up on at once: it would only wait.
                let Some(mut guest) = house.guests.take(Place::from(from.ip())) else { continue };
                let house = house.clone();
                tokio::spawn(async move {
                    let ended = tokio::select! {
                        ended = Box::pin(one(stream, from, house)) => ended,
                        _ = &mut guest.has_to_go => Err(io::ErrorKind::ConnectionAborted.into()),
                    };
                    drop(guest);
                    if let Err(error) = ended {
                        tracing::debug!(%error, "a connection ended");
                    }
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be taken");
                tokio::time::sleep(AFTER_TROUBLE).await;
            }
        }
    }
}

async fn one(stream: TcpStream, from: SocketAddr, house: House) -> io::Result<()> {
    let at = stream.local_addr()?;
    stream.set_nodelay(true)?;
    let stream = Timed { stream, stalled: None };
    let arrived = Arrived { from, at };
    match &house.certificates {
        None => talk(TokioIo::new(stream), arrived, house).await,
        Some(certificates) => {
            let config = certificates.shown_at(at.ip(), house.env.clock.now());
            let hands = TlsAcceptor::from(config).accept(stream);
            let stream = tokio::time::timeout(HEAD_MAX, hands).await??;
            talk(TokioIo::new(Box::new(stream)), arrived, house).await
        }
    }
}

async fn talk<S>(stream: TokioIo<S>, arrived: Arrived, house: House) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let router = house.router;
    let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(arrived);
        router.clone().oneshot(request.map(Body::new))
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_MAX).max_buf_size(BUFFER);
    let connection = http.serve_connection(stream, service);
    tokio::pin!(connection);
    let mut stop = house.stop;
    tokio::select! {
        ended = connection.as_mut() => return ended.map_err(io::Error::other),
        _ = stop.wait_for(|stop| *stop) => {}
    }
    connection.as_mut().graceful_shutdown();
    connection.await.map_err(io::Error::other)
}

/// A stream whose reader is not waited for without end.
#[derive(Debug)]
struct Timed {
    stream: TcpStream,
    /// Runs while nothing more can be sent.
    stalled: Option<Pin<Box<Sleep>>>,
}

impl Timed {
    fn watched(
        &mut self,
        context: &mut Context<'_>,
        polled: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if polled.is_ready() {
            self.stalled = None;
            return polled;
        }
        let sleep = self.stalled.get_or_insert_with(|| Box::pin(tokio::time::sleep(STALLED_MAX)));
        ready!(sleep.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Timed {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Timed {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.watched(context, polled)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.watched(context, polled)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
