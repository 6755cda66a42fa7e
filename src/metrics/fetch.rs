//! Getting one text over HTTP, within bounds, with reasons that may be shown.

use std::error::Error;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, Response, Url};

use crate::safe;

/// How long connecting may take.
const CONNECT: Duration = Duration::from_secs(1);

/// How long everything may take, to the last byte.
const TOTAL: Duration = Duration::from_secs(2);

/// The most bytes a scrape may have: 8 MiB.
const MAX_BYTES: usize = 8 * 1024 * 1024;

/// A client that follows no redirect and uses no proxy: a target is asked itself, or not at all.
///
/// Without an https target no certificates are loaded, so that a machine that has none can still scrape its neighbours.
pub(super) fn client(any_https: bool) -> Result<Client, reqwest::Error> {
    // Whoever comes second finds a provider installed, and any will do.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = Client::builder()
        .no_proxy()
        .redirect(Policy::none())
        .connect_timeout(CONNECT)
        .timeout(TOTAL)
        .user_agent(concat!("pushdeck/", env!("CARGO_PKG_VERSION")));
    if any_https { builder.build() } else { builder.tls_certs_only([]).build() }
}

/// The text at an address, or why there is none, in words without the address (it may hold a password).
pub(super) async fn text(client: &Client, url: Url) -> Result<String, String> {
    let (bytes, cut) = body(get(client, url).await?).await?;
    match cut {
        Some(why) => Err(why),
        None => String::from_utf8(bytes).map_err(|_| "answered with text that is not UTF-8".to_owned()),
    }
}

/// The whole lines at an address as far as they came within bounds, and why these are not all.
pub(super) async fn lines(client: &Client, url: Url) -> Result<(String, Option<String>), String> {
    let (mut bytes, cut) = body(get(client, url).await?).await?;
    if cut.is_some() {
        bytes.truncate(bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1));
    }
    Ok((String::from_utf8_lossy(&bytes).into_owned(), cut))
}

async fn get(client: &Client, url: Url) -> Result<Response, String> {
    let response = client.get(url).send().await.map_err(|error| reason(&error.without_url()))?;
    if response.status().is_success() { Ok(response) } else { Err(format!("answered {}", response.status().as_u16())) }
}

/// What came within bounds of size and time, and why that is not all.
async fn body(mut response: Response) -> Result<(Vec<u8>, Option<String>), String> {
    let mut bytes = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if bytes.len() + chunk.len() > MAX_BYTES => {
                return Ok((bytes, Some(format!("answered with more than {} MiB", MAX_BYTES / 1024 / 1024))));
            }
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Ok(None) => return Ok((bytes, None)),
            Err(error) if error.is_timeout() => return Ok((bytes, Some(reason(&error.without_url())))),
            Err(error) => return Err(reason(&error.without_url())),
        }
    }
}

fn reason(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        let limit = if error.is_connect() { CONNECT } else { TOTAL };
        return format!("no answer within {} s", limit.as_secs());
    }
    let what = if error.is_connect() {
        "cannot connect"
    } else if error.is_body() || error.is_decode() {
        "the answer broke off"
    } else {
        "the request failed"
    };
    match root_cause(error) {
        Some(cause) => safe::clean(&format!("{what}: {cause}")),
        None => what.to_owned(),
    }
}

/// The innermost cause, which says most: "Connection refused" rather than "error sending request".
fn root_cause(error: &dyn Error) -> Option<String> {
    std::iter::successors(error.source(), |&cause| cause.source()).last().map(ToString::to_string)
}
