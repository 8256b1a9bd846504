//! Connections: how many, how long their head may take, and an end that lets answers finish.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::connect_info::ConnectInfo;
use axum::http::Request;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use crate::gate::Gate;
use crate::{App, Limits, Reach, ServeError, Settings, api};

/// Head lines and their bytes that a request may have.
const HEADERS: usize = 64;
const HEAD_BYTES: usize = 16 * 1024;
/// What is still being answered when the server ends.
const GRACE: Duration = Duration::from_secs(3);

/// A socket that listens; nothing is answered yet.
pub struct Bound {
    pub address: SocketAddr,
    /// Shown by whoever asks from beyond loopback.
    pub token: Option<String>,
    listener: TcpListener,
    router: Router,
    app: App,
    limits: Limits,
}

/// Checks the settings and takes the port.
pub async fn bind(mut settings: Settings) -> Result<Bound, ServeError> {
    if !settings.address.ip().is_loopback() && settings.reach == Reach::Loopback {
        return Err(ServeError::BeyondLoopback(settings.address));
    }
    if settings.reach == Reach::Network && settings.token.is_none() {
        settings.token = Some(crate::gate::secret()?);
    }
    let fault = |source| ServeError::Listen {
        address: settings.address,
        source,
    };
    let listener = TcpListener::bind(settings.address).await.map_err(fault)?;
    let address = listener.local_addr().map_err(fault)?;
    // A folder that is no study gets no file of ours.
    study::Study::open(&settings.study)?;
    let gate = Gate::new(&settings, address)?;
    let app = App::new(&settings, gate)?;
    Ok(Bound {
        address,
        token: (settings.reach == Reach::Network)
            .then_some(settings.token)
            .flatten(),
        listener,
        router: api::router(app.clone()),
        app,
        limits: settings.limits,
    })
}

impl Bound {
    /// Answers until `end` is ready.
    pub async fn serve(self, end: impl Future<Output = ()>) {
        let places = Arc::new(Semaphore::new(self.limits.connections));
        let all = self.limits.connections;
        tokio::pin!(end);
        loop {
            // A place first: what does not fit waits in the system's queue, where it costs nothing.
            let place = tokio::select! {
                place = places.clone().acquire_owned() => place,
                () = &mut end => break,
            };
            let Ok(place) = place else { break };
            let (stream, from) = tokio::select! {
                accepted = self.listener.accept() => if let Ok(accepted) = accepted {
                    accepted
                } else {
                    // Out of handles, most likely: others must close first.
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                },
                () = &mut end => break,
            };
            let router = self.router.clone();
            let seconds = self.limits.head_seconds;
            tokio::spawn(async move {
                converse(stream, from, router, seconds).await;
                drop(place);
            });
        }
        self.app.jobs.stop_all();
        let _ =
            tokio::time::timeout(GRACE, places.acquire_many(u32::try_from(all).unwrap_or(1))).await;
    }
}

async fn converse(stream: TcpStream, from: SocketAddr, router: Router, seconds: u64) {
    let _ = stream.set_nodelay(true);
    let service = hyper::service::service_fn(move |mut request: Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(ConnectInfo(from));
        let service = TowerToHyperService::new(router.clone());
        hyper::service::Service::call(&service, request)
    });
    // A connection that fails was the client's to close; there is nobody to tell.
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(seconds))
        .max_headers(HEADERS)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// Threads of the server; answers that compute have threads of their own.
pub fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(64)
        .enable_all()
        .build()
}

/// Ready once the program is asked to end (Ctrl-C or a signal to end).
pub async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut ended) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = ended.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
