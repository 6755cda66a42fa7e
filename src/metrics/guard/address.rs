//! Which addresses are never asked. Private and loopback addresses are: that is where targets are.
//!
//! Pure, so that settings can be told at once what is wrong with them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use reqwest::Url;

/// Why an address is not asked. Words that follow its name, without the address itself: it may hold a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is no URL.
    #[error("cannot be read ({0}); give an http or https address")]
    Unreadable(String),
    /// Of another scheme than http and https.
    #[error("is of another kind; give an http or https address")]
    Kind,
    /// It holds a user or a password, which would end up wherever addresses are shown.
    #[error("holds a user or a password; take them out and give them in a file or an environment variable")]
    Credentials,
    /// Its host is one that nobody is to reach through this program.
    #[error("leads to {0}, which is never asked; give the address of a target")]
    Host(&'static str),
}

const METADATA: &str = "a cloud's metadata service";
const LINK_LOCAL: &str = "a link-local address";
const UNSPECIFIED: &str = "an unspecified address";
const MULTICAST: &str = "a multicast address";

/// Names under which clouds answer for their metadata, with credentials among them. The last ones serve AWS, Alibaba and Tencent.
const METADATA_NAMES: [&str; 7] = [
    "metadata.google.internal",
    "metadata.goog",
    "metadata",
    "instance-data",
    "instance-data.ec2.internal",
    "metadata.aliyun.internal",
    "metadata.tencentyun.com",
];

/// Metadata services with addresses that are not link-local, or well known: AWS, GCP and others; Alibaba; Oracle; Azure's wire server.
const METADATA_V4: [Ipv4Addr; 4] = [
    Ipv4Addr::new(169, 254, 169, 254),
    Ipv4Addr::new(100, 100, 100, 200),
    Ipv4Addr::new(192, 0, 0, 192),
    Ipv4Addr::new(168, 63, 129, 16),
];

/// The same of version 6: AWS and GCP.
const METADATA_V6: [Ipv6Addr; 3] = [
    Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254),
    Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0023),
    Ipv6Addr::new(0xfd20, 0x00ce, 0, 0, 0, 0, 0, 0x0254),
];

/// An address that may be asked.
///
/// # Errors
/// Where it may not, or is none.
pub fn address(text: &str) -> Result<Url, Refused> {
    let url = Url::parse(text).map_err(|error| Refused::Unreadable(error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Refused::Kind);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Refused::Credentials);
    }
    match url.host_str().and_then(forbidden_host) {
        Some(what) => Err(Refused::Host(what)),
        None => Ok(url),
    }
}

/// What is wrong with a host as it stands in a URL that was read: numbers in every spelling have become plain ones there.
fn forbidden_host(host: &str) -> Option<&'static str> {
    let host = host.trim_end_matches('.');
    match host.trim_matches(['[', ']']).parse() {
        Ok(ip) => forbidden(ip),
        Err(_) => METADATA_NAMES.iter().any(|name| host.eq_ignore_ascii_case(name)).then_some(METADATA),
    }
}

/// What an address is that must not be asked; nothing where it may be.
pub(super) fn forbidden(ip: IpAddr) -> Option<&'static str> {
    match ip {
        IpAddr::V4(ip) => forbidden_v4(ip),
        IpAddr::V6(ip) => forbidden_v6(ip),
    }
}

fn forbidden_v4(ip: Ipv4Addr) -> Option<&'static str> {
    match ip.octets() {
        _ if METADATA_V4.contains(&ip) => Some(METADATA),
        [169, 254, ..] => Some(LINK_LOCAL),
        // Of 0.0.0.0/8 no address is another machine's; Linux takes 0.0.0.0 for this one.
        [0, ..] => Some(UNSPECIFIED),
        [224..=239, ..] => Some(MULTICAST),
        [255, 255, 255, 255] => Some("a broadcast address"),
        _ => None,
    }
}

fn forbidden_v6(ip: Ipv6Addr) -> Option<&'static str> {
    if let Some(inner) = carried(ip) {
        return forbidden_v4(inner);
    }
    match ip.segments() {
        _ if METADATA_V6.contains(&ip) => Some(METADATA),
        _ if ip.is_unspecified() => Some(UNSPECIFIED),
        [first, ..] if first & 0xffc0 == 0xfe80 => Some(LINK_LOCAL),
        [first, ..] if first & 0xff00 == 0xff00 => Some(MULTICAST),
        _ => None,
    }
}

/// The address of version 4 that one of version 6 leads to: mapped (RFC 4291), compatible (likewise, outdated), through NAT64 (RFC 6052) or
/// 6to4 (RFC 3056).
fn carried(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let joined = |high: u16, low: u16| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low));
    match ip.segments() {
        // These two are version 6 itself: unspecified and loopback.
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => None,
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => {
            Some(joined(high, low))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> Refused {
        address(text).expect_err(text)
    }

    #[test]
    fn what_targets_have_is_allowed() {
        for text in [
            "http://127.0.0.1:9090/metrics",
            "http://localhost:9090",
            "http://[::1]:9090",
            "http://10.1.2.3",
            "http://172.16.0.9",
            "http://192.168.1.1",
            "http://100.64.0.1",
            "https://[fd12:3456::1]/metrics",
            "https://prometheus.example:9090/prefix/",
            "http://metadata.example",
        ] {
            assert!(address(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn metadata_services_are_refused_in_every_spelling() {
        for text in [
            "http://169.254.169.254/latest/meta-data",
            "http://2852039166/",
            "http://0xA9FEA9FE/",
            "http://0251.0376.0251.0376/",
            "http://169.254.43518/",
            "http://[::ffff:169.254.169.254]/",
            "http://[::169.254.169.254]/",
            "http://[64:ff9b::169.254.169.254]/",
            "http://[2002:a9fe:a9fe::1]/",
            "http://[fd00:ec2::254]/",
            "http://[fd20:ce::254]/",
            "http://100.100.100.200/",
            "http://168.63.129.16/",
            "http://192.0.0.192/",
            "http://metadata.google.internal/computeMetadata/v1/",
            "https://METADATA.google.internal./",
            "http://metadata/",
            "http://instance-data/",
        ] {
            assert_eq!(refused(text), Refused::Host(METADATA), "{text}");
        }
    }

    #[test]
    fn what_is_no_target_is_refused_with_its_kind() {
        for (text, what) in [
            ("http://169.254.0.7", LINK_LOCAL),
            ("http://[fe80::1]", LINK_LOCAL),
            ("http://[febf::1]", LINK_LOCAL),
            ("http://0.0.0.0:9090", UNSPECIFIED),
            ("http://0/", UNSPECIFIED),
            ("http://[::]:9090", UNSPECIFIED),
            ("http://224.0.0.1", MULTICAST),
            ("http://[ff02::1]", MULTICAST),
            ("http://255.255.255.255", "a broadcast address"),
        ] {
            assert_eq!(refused(text), Refused::Host(what), "{text}");
        }
        assert_eq!(refused("file:///etc/passwd"), Refused::Kind);
        assert_eq!(refused("user:secret"), Refused::Kind);
        assert!(matches!(refused("/metrics"), Refused::Unreadable(_)));
    }

    #[test]
    fn credentials_in_an_address_are_refused_and_never_repeated() {
        for text in ["http://lena:hunter2@10.0.0.1/", "http://hunter2@10.0.0.1/", "http://:hunter2@10.0.0.1/"] {
            assert_eq!(refused(text), Refused::Credentials, "{text}");
            assert!(!refused(text).to_string().contains("hunter2"));
        }
    }
}
