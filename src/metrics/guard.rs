//! Whom numbers may be fetched from, and the client that fetches them: it asks the address it was given and nobody else.
//!
//! Addresses come from settings and specs, never from an answer. What is refused is refused twice: where an address is read, and where a
//! name is looked up, each time anew, so that a name that led elsewhere a moment ago helps nobody.

mod address;

use std::error::Error;
use std::net::SocketAddr;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder};

pub use address::{Refused, address};

/// How long connecting may take.
pub const CONNECT: Duration = Duration::from_secs(1);

/// How long everything may take, to the last byte, where a request says nothing else.
pub const TOTAL: Duration = Duration::from_secs(2);

/// What every guarded client has in common: no redirect is followed, so that no credentials reach another origin; no proxy is used; and no
/// name is followed to an address that is [refused](address()). An address that stands in a URL as a number is not looked up: [`address()`]
/// refuses it.
pub fn builder() -> ClientBuilder {
    // Whoever comes second finds a provider installed, and any will do.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .no_proxy()
        .redirect(Policy::none())
        .connect_timeout(CONNECT)
        .timeout(TOTAL)
        .dns_resolver(Resolver)
        .user_agent(concat!("pushdeck/", env!("CARGO_PKG_VERSION")))
}

/// A guarded client. Without an https address among those it is for no certificates are loaded, so that a machine that has none can still
/// scrape its neighbours.
pub fn client(any_https: bool) -> Result<Client, reqwest::Error> {
    if any_https { builder().build() } else { builder().tls_certs_only([]).build() }
}

/// Looks names up as the system does, and refuses those that lead where nobody may be asked.
#[derive(Debug)]
struct Resolver;

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            // The port is filled in by who asked.
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            allowed(found)
        })
    }
}

/// All of the addresses, if each of them may be asked. One among good ones is a name that is being bent, so none of them is asked.
fn allowed(found: Vec<SocketAddr>) -> Result<Addrs, Box<dyn Error + Send + Sync>> {
    match found.iter().find_map(|address| address::forbidden(address.ip())) {
        Some(what) => Err(format!("its name leads to {what}, which is never asked").into()),
        None => Ok(Box::new(found.into_iter())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_leads_to_one_refused_address_leads_nowhere() {
        let address = |text: &str| text.parse::<SocketAddr>().unwrap();
        let good = vec![address("10.0.0.1:0"), address("[::1]:0")];
        assert_eq!(allowed(good.clone()).unwrap().collect::<Vec<_>>(), good);
        let bent = allowed(vec![address("10.0.0.1:0"), address("169.254.169.254:0")]).err().unwrap();
        assert_eq!(bent.to_string(), "its name leads to a cloud's metadata service, which is never asked");
    }

    #[tokio::test]
    async fn names_are_looked_up_as_the_system_does() {
        let found = Resolver.resolve("localhost".parse().unwrap()).await.unwrap();
        assert!(found.into_iter().all(|address| address.ip().is_loopback()));
    }
}
