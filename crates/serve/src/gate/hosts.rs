//! By which names the workshop may be asked.

use std::net::SocketAddr;

use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};

use crate::error::ApiError;

pub struct Hosts {
    /// `name:port`, or a name alone where the port is the scheme's own; lower case.
    allowed: Vec<String>,
}

impl Hosts {
    pub fn new(address: SocketAddr, further: &[String]) -> Self {
        let port = address.port();
        let mut allowed = Vec::new();
        let mut own: Vec<String> = Vec::new();
        if address.ip().is_loopback() {
            own.extend(["127.0.0.1", "localhost", "[::1]"].map(str::to_owned));
        }
        if !address.ip().is_unspecified() {
            let address = address.to_string();
            let name = address.rsplit_once(':').map_or("", |(name, _)| name);
            own.push(name.to_owned());
        }
        for name in own {
            allowed.push(format!("{name}:{port}"));
            // Browsers leave out the scheme's own port.
            if port == 80 {
                allowed.push(name);
            }
        }
        for name in further {
            let name = name.to_ascii_lowercase();
            if !name.contains(':') {
                allowed.push(format!("{name}:{port}"));
            }
            allowed.push(name);
        }
        Self { allowed }
    }

    /// A request names one host, and it is ours: otherwise a foreign name was bound to this address.
    pub fn host(&self, request: &Request) -> Result<(), ApiError> {
        let named: Vec<&str> = request
            .headers()
            .get_all(header::HOST)
            .iter()
            .map(|value| value.to_str().unwrap_or_default())
            .collect();
        let ours = |host: &str| self.allowed.contains(&host.to_ascii_lowercase());
        let in_target = request.uri().authority().map(ToString::to_string);
        if named.len() == 1 && ours(named[0]) && in_target.is_none_or(|host| ours(&host)) {
            return Ok(());
        }
        Err(ApiError::new(
            StatusCode::MISDIRECTED_REQUEST,
            "host",
            "this host name is not one of the workshop's",
        )
        .help("forelay serve --allow-host NAME allows a further name"))
    }

    /// A request of a browser comes from our own pages.
    pub fn origin(&self, headers: &HeaderMap, path: &str) -> Result<(), ApiError> {
        let foreign = || {
            ApiError::new(
                StatusCode::FORBIDDEN,
                "origin",
                "the request comes from another site",
            )
        };
        if let Some(origin) = headers.get(header::ORIGIN) {
            let origin = origin.to_str().unwrap_or_default().to_ascii_lowercase();
            let host = origin
                .strip_prefix("http://")
                .or_else(|| origin.strip_prefix("https://"));
            if !host.is_some_and(|host| self.allowed.iter().any(|known| known == host)) {
                return Err(foreign());
            }
        }
        match headers
            .get("sec-fetch-site")
            .map(axum::http::HeaderValue::as_bytes)
        {
            None | Some(b"same-origin" | b"none") => Ok(()),
            // A link on another page may open ours; it may not ask the interface.
            Some(_)
                if !path.starts_with("/api/")
                    && headers
                        .get("sec-fetch-mode")
                        .is_some_and(|m| m == "navigate") =>
            {
                Ok(())
            }
            Some(_) => Err(foreign()),
        }
    }
}
