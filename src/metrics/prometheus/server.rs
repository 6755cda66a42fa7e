//! A Prometheus server, and how it is asked.

use std::fs;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use reqwest::{Certificate, Client, StatusCode, Url};

use super::answer::{self, Found};
use super::credentials::Credentials;
use crate::metrics::fetch;
use crate::metrics::guard::{self, Refused};

/// How long a query may take, to the last byte.
const PATIENCE: Duration = Duration::from_secs(3);

/// The most bytes of an answer, once unpacked: 64 MiB. A cell of 100,000 series says some 30 MB.
const MOST: usize = 64 * 1024 * 1024;

/// A server, as settings name it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Its address, up to what stands before `/api/v1`.
    pub url: String,
    /// Who asks.
    pub credentials: Credentials,
    /// A file with the certificates that its own must come from; those of the system where there is none.
    pub ca: Option<PathBuf>,
    /// What this program shows of itself (mTLS).
    pub identity: Option<Identity>,
}

/// A client certificate and its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// A PEM file with the certificate, and those between it and its root.
    pub certificate: PathBuf,
    /// A PEM file with its key.
    pub key: PathBuf,
}

/// Why a server cannot be asked at all.
#[derive(Debug, thiserror::Error)]
pub enum CannotQuery {
    /// Its address is none that may be asked.
    #[error("the address of the Prometheus server {0}")]
    Address(#[from] Refused),
    /// Credentials would travel readable for everybody on the way.
    #[error("credentials go to a Prometheus server over https only, or to this machine; give its https address")]
    Readable,
    /// A certificate without TLS.
    #[error("certificates are for https only; give the https address of the Prometheus server, or leave them out")]
    NoTls,
    /// A file that is not there, or not to be read.
    #[error("{} cannot be read: {why}; name a PEM file", .file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// Why.
        why: std::io::Error,
    },
    /// A file that holds something else.
    #[error("{} holds {what} that can be used; name a PEM file", .file.display())]
    Pem {
        /// Which.
        file: PathBuf,
        /// What was looked for.
        what: &'static str,
    },
    /// There is no HTTP client to be had, such as for lack of any trusted certificate.
    #[error("no HTTP client for the Prometheus server: {0}; name its CA")]
    Client(reqwest::Error),
}

/// A time that is gone through in steps, in milliseconds since 1970 on the server's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Steps {
    /// The first moment.
    pub from: i64,
    /// The last one at most.
    pub to: i64,
    /// How far it is from one to the next.
    pub step: i64,
}

/// A server that can be asked.
#[derive(Clone, Debug)]
pub struct Server {
    client: Client,
    url: Url,
    credentials: Credentials,
}

impl Server {
    /// A server. Nothing is asked yet; files with certificates are read now, those with secrets with each request.
    pub fn new(options: &Options) -> Result<Self, CannotQuery> {
        let url = guard::address(&options.url)?;
        let is_tls = url.scheme() == "https";
        if !is_tls && options.credentials != Credentials::None && !is_here(&url) {
            return Err(CannotQuery::Readable);
        }
        if !is_tls && (options.ca.is_some() || options.identity.is_some()) {
            return Err(CannotQuery::NoTls);
        }
        let mut builder = guard::builder().timeout(PATIENCE);
        if let Some(ca) = &options.ca {
            builder = builder.tls_certs_only(certificates(ca)?);
        } else if !is_tls {
            builder = builder.tls_certs_only([]);
        }
        if let Some(identity) = &options.identity {
            builder = builder.identity(identity.read()?);
        }
        let client = builder.build().map_err(|why| CannotQuery::Client(why.without_url()))?;
        Ok(Self { client, url, credentials: options.credentials.clone() })
    }

    /// The variable that holds the secret it is asked with, to be kept from programs that are started.
    pub fn secret_variable(&self) -> Option<&str> {
        self.credentials.variable()
    }

    /// What a query finds at a moment, in milliseconds since 1970 on the server's clock; now where none is given.
    ///
    /// # Errors
    /// Where there is no answer, or not a whole one; in words that may be shown and hold no address.
    pub async fn instant(&self, query: &str, at: Option<i64>) -> Result<Vec<Found>, String> {
        let mut form = vec![("query", query.to_owned())];
        form.extend(at.map(|at| ("time", seconds(at))));
        self.ask("query", &form).await
    }

    /// What a query finds at each of several moments.
    ///
    /// # Errors
    /// As for [`instant`](Self::instant).
    pub async fn range(&self, query: &str, steps: Steps) -> Result<Vec<Found>, String> {
        let form = [
            ("query", query.to_owned()),
            ("start", seconds(steps.from)),
            ("end", seconds(steps.to)),
            ("step", seconds(steps.step)),
        ];
        self.ask("query_range", &form).await
    }

    async fn ask(&self, what: &str, form: &[(&str, String)]) -> Result<Vec<Found>, String> {
        let mut url = self.url.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(["api", "v1", what]);
        }
        let request = self.client.post(url).header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(encoded(form));
        let response = fetch::send(self.credentials.sign(request).await?, PATIENCE).await?;
        let status = response.status();
        let (bytes, cut) = fetch::body(response, MOST, PATIENCE).await?;
        if !status.is_success() {
            return Err(refusal(status, &bytes));
        }
        match cut {
            Some(why) => Err(why),
            // An answer may be long; whoever else waits for this thread need not wait for its reading.
            None => tokio::task::spawn_blocking(move || answer::read(&bytes))
                .await
                .unwrap_or_else(|_| Err("reading its answer failed".to_owned())),
        }
    }
}

impl Identity {
    fn read(&self) -> Result<reqwest::Identity, CannotQuery> {
        let mut pem = contents(&self.certificate)?;
        pem.push(b'\n');
        pem.extend(contents(&self.key)?);
        reqwest::Identity::from_pem(&pem)
            .map_err(|_| CannotQuery::Pem { file: self.certificate.clone(), what: "no certificate and key" })
    }
}

fn certificates(file: &PathBuf) -> Result<Vec<Certificate>, CannotQuery> {
    let found = Certificate::from_pem_bundle(&contents(file)?).unwrap_or_default();
    if found.is_empty() { Err(CannotQuery::Pem { file: file.clone(), what: "no certificate" }) } else { Ok(found) }
}

fn contents(file: &PathBuf) -> Result<Vec<u8>, CannotQuery> {
    fs::read(file).map_err(|why| CannotQuery::File { file: file.clone(), why })
}

/// Whether an address is this machine's own, such that nobody else sees what goes there.
fn is_here(url: &Url) -> bool {
    url.host_str().is_some_and(|host| {
        host == "localhost" || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    })
}

/// What a status that is no success means for whoever has to mend it.
fn refusal(status: StatusCode, bytes: &[u8]) -> String {
    let status_code = status.as_u16();
    match (status, answer::error(bytes)) {
        (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, _) => {
            format!("answered {status_code}: it does not take these credentials")
        }
        _ if status.is_redirection() => {
            format!("answered {status_code}, a redirect, which is not followed; name the address it leads to")
        }
        (_, Some(error)) => format!("answered {status_code}: {error}"),
        (_, None) => format!("answered {status_code}"),
    }
}

/// Milliseconds as seconds, to the last digit.
fn seconds(millis: i64) -> String {
    format!("{}.{:03}", millis.div_euclid(1_000), millis.rem_euclid(1_000))
}

/// A form as it is posted (`application/x-www-form-urlencoded`).
fn encoded(form: &[(&str, String)]) -> String {
    // Only what stands behind the question mark is used.
    let url = Url::parse_with_params("http://form.invalid/", form).ok();
    url.and_then(|url| url.query().map(str::to_owned)).unwrap_or_default()
}

#[cfg(test)]
mod tests;
