//! One question to a server and its answer, through its redirects.

use std::collections::BTreeSet;
use std::io::Read;
use std::sync::Arc;

use ureq::http::{HeaderMap, Response, header};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Body, Proxy, Timeout};
use url::Url;

use super::part::Version;
use super::{FetchError, Limits, address, date};

/// What a server answered to a request for a file.
pub(super) enum Answer {
    /// The file from its first byte.
    Whole(Arriving),
    /// The file from this byte on.
    Rest { from: u64, body: Arriving },
    /// There is nothing from that byte on; the file's size, if said.
    NoMore { total: Option<u64> },
}

/// A body with what the headers said of it.
pub(super) struct Arriving {
    pub version: Version,
    /// Where redirects ended.
    pub url: Url,
    pub reader: Box<dyn Read>,
}

pub(super) struct Client<'l> {
    agent: Agent,
    limits: &'l Limits,
}

impl<'l> Client<'l> {
    /// For `url`, through the proxy of the environment unless it is this machine.
    pub fn new(limits: &'l Limits, url: &Url) -> Self {
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::PlatformVerifier)
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .build();
        let proxy = if address::is_here(url) {
            None
        } else {
            Proxy::try_from_env()
        };
        let config = Agent::config_builder()
            .proxy(proxy)
            .http_status_as_error(false)
            .max_redirects(0)
            .accept_encoding("identity")
            .user_agent(concat!("forelay/", env!("CARGO_PKG_VERSION")))
            .timeout_resolve(Some(limits.connect))
            .timeout_connect(Some(limits.connect))
            .timeout_recv_response(Some(limits.silence))
            .timeout_per_read(Some(limits.silence))
            .tls_config(tls)
            .build();
        Self {
            agent: config.new_agent(),
            limits,
        }
    }

    /// Asks for the file, or for the rest of it if `resume` names a byte and what vouches for those before it.
    pub fn ask(&self, first: &Url, resume: Option<(u64, &str)>) -> Result<Answer, FetchError> {
        let mut url = first.clone();
        let mut seen = BTreeSet::new();
        loop {
            if !seen.insert(url.clone()) || seen.len() > self.limits.redirects as usize + 1 {
                return Err(FetchError::TooManyRedirects {
                    address: address::shown(first),
                    most: self.limits.redirects,
                });
            }
            let mut request = self.agent.get(url.as_str());
            if let Some((from, validator)) = resume {
                request = request
                    .header(header::RANGE, format!("bytes={from}-"))
                    .header(header::IF_RANGE, validator);
            }
            let response = request.call().map_err(|e| self.failure(&url, e))?;
            let status = response.status().as_u16();
            if matches!(status, 301 | 302 | 303 | 307 | 308) {
                let location = text(response.headers(), &header::LOCATION).unwrap_or_default();
                url = address::redirected(&url, &location)?;
                continue;
            }
            return self.answer(url, status, response);
        }
    }

    fn answer(
        &self,
        url: Url,
        status: u16,
        response: Response<Body>,
    ) -> Result<Answer, FetchError> {
        let headers = response.headers();
        let range = text(headers, &header::CONTENT_RANGE);
        match status {
            200 => {
                let total = response.body().content_length();
                Ok(Answer::Whole(self.body(url, response, total)))
            }
            206 => match range.as_deref().and_then(content_range) {
                Some((from, total)) => Ok(Answer::Rest {
                    from,
                    body: self.body(url, response, total),
                }),
                None => Err(FetchError::Protocol {
                    address: address::shown(&url),
                    problem: "a part without a range".to_owned(),
                }),
            },
            416 => Ok(Answer::NoMore {
                total: range
                    .as_deref()
                    .and_then(|range| range.strip_prefix("bytes */")?.parse().ok()),
            }),
            408 | 429 | 500 | 502 | 503 | 504 => Err(FetchError::Busied {
                address: address::shown(&url),
                status,
                seconds: retry_after(headers),
            }),
            _ => Err(FetchError::Status {
                address: address::shown(&url),
                status,
            }),
        }
    }

    fn body(&self, url: Url, response: Response<Body>, total: Option<u64>) -> Arriving {
        let headers = response.headers();
        let version = Version {
            address: String::new(),
            etag: text(headers, &header::ETAG),
            last_modified: text(headers, &header::LAST_MODIFIED),
            date: text(headers, &header::DATE),
            content_type: text(headers, &header::CONTENT_TYPE),
            total,
        };
        // One byte more than the limit, so that the limit is noticed.
        let most = self.limits.max_bytes.saturating_add(1);
        let body = response.into_body().into_with_config().limit(most);
        Arriving {
            version,
            url,
            reader: Box::new(body.reader()),
        }
    }

    /// An error of the transport, for people.
    pub fn failure(&self, url: &Url, error: ureq::Error) -> FetchError {
        let host = url.host_str().unwrap_or_default().to_owned();
        match error {
            ureq::Error::Timeout(Timeout::Connect | Timeout::Resolve) => FetchError::Unreachable {
                host,
                problem: format!("no answer within {} seconds", self.limits.connect.as_secs()),
            },
            ureq::Error::Timeout(_) => FetchError::Stalled {
                host,
                seconds: self.limits.silence.as_secs(),
            },
            ureq::Error::HostNotFound => FetchError::NoHost { host },
            ureq::Error::Tls(problem) => FetchError::Certificate {
                host,
                problem: problem.to_owned(),
            },
            ureq::Error::Rustls(error) => FetchError::Certificate {
                host,
                problem: error.to_string(),
            },
            ureq::Error::Io(error) => {
                let tls = error
                    .get_ref()
                    .and_then(|e| e.downcast_ref::<rustls::Error>());
                match tls.map(ToString::to_string) {
                    Some(problem) => FetchError::Certificate { host, problem },
                    None => FetchError::Unreachable {
                        host,
                        problem: error.to_string(),
                    },
                }
            }
            ureq::Error::ConnectionFailed | ureq::Error::ConnectProxyFailed(_) => {
                FetchError::Unreachable {
                    host,
                    problem: "the connection failed".to_owned(),
                }
            }
            // The text of other errors may repeat the address; their kind is enough.
            other => FetchError::Protocol {
                address: address::shown(url),
                problem: match other {
                    ureq::Error::Protocol(problem) => problem.to_string(),
                    ureq::Error::LargeResponseHeader(..) => "headers without end".to_owned(),
                    _ => "not HTTP".to_owned(),
                },
            },
        }
    }
}

fn text(headers: &HeaderMap, name: &header::HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// First byte and size of the whole, from `bytes 5-9/10`.
fn content_range(text: &str) -> Option<(u64, Option<u64>)> {
    let (bytes, total) = text.strip_prefix("bytes ")?.split_once('/')?;
    let (from, _) = bytes.split_once('-')?;
    Some((from.parse().ok()?, total.parse().ok()))
}

/// Seconds to wait, from a number or from a date (by the server's own clock).
fn retry_after(headers: &HeaderMap) -> Option<u64> {
    let value = text(headers, &header::RETRY_AFTER)?;
    value.trim().parse().ok().or_else(|| {
        let until = date::seconds(&value)?;
        let now = date::seconds(&text(headers, &header::DATE)?)?;
        u64::try_from(until - now).ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        assert_eq!(content_range("bytes 5-9/10"), Some((5, Some(10))));
        assert_eq!(content_range("bytes 5-9/*"), Some((5, None)));
        assert_eq!(content_range("bytes */10"), None);
        assert_eq!(content_range("lines 5-9/10"), None);
    }

    #[test]
    fn waits() {
        let headers = |pairs: &[(header::HeaderName, &str)]| -> HeaderMap {
            pairs
                .iter()
                .map(|(name, value)| (name.clone(), value.parse().expect("a value")))
                .collect()
        };
        assert_eq!(
            retry_after(&headers(&[(header::RETRY_AFTER, "120")])),
            Some(120)
        );
        let dated = headers(&[
            (header::RETRY_AFTER, "Sun, 06 Nov 1994 08:50:37 GMT"),
            (header::DATE, "Sun, 06 Nov 1994 08:49:37 GMT"),
        ]);
        assert_eq!(retry_after(&dated), Some(60));
        assert_eq!(
            retry_after(&headers(&[(header::RETRY_AFTER, "soon")])),
            None
        );
        assert_eq!(retry_after(&headers(&[])), None);
    }
}
