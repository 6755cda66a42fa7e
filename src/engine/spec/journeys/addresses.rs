//! Where steps go: what is wrong with an address as it is written. Whom a name leads to is looked at each time it is asked.

use core::net::IpAddr;

use super::super::checks::is_http;

/// What is wrong with an http or https address and what would be right, as the end of a sentence. The address may hold a password and is
/// not repeated.
pub(super) fn address_fault(address: &str) -> Option<(&'static str, &'static str)> {
    let authority = authority(address);
    if authority.contains('@') {
        let instead = "write a header instead, with its value from an environment variable: addresses are shown and written down";
        return Some(("holds a user or a password", instead));
    }
    if authority.contains("${") {
        return Some(("has a host that is not written out", "write the host; what was kept may stand behind the next slash"));
    }
    if !is_http(address) {
        return Some(("is no http or https address", "write one such as \"https://eu.shop.example\""));
    }
    is_link_local(authority).then_some(("leads to a link-local address", "write an address that users reach"))
}

/// Whether a step goes to its cell's own address.
pub(super) fn is_own(url: &str) -> bool {
    url.starts_with('/')
}

/// Host and port, as written.
fn authority(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

/// Whether a host is written as a link-local address, where clouds tell their secrets to whoever asks.
fn is_link_local(authority: &str) -> bool {
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next(),
        None => authority.split(':').next(),
    };
    match host.and_then(|host| host.parse().ok()) {
        Some(IpAddr::V4(ip)) => ip.is_link_local(),
        Some(IpAddr::V6(ip)) => ip.is_unicast_link_local() || ip.to_ipv4_mapped().is_some_and(|ip| ip.is_link_local()),
        None => false,
    }
}
