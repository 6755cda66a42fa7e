//! Cookies of one journey: kept from its first step to its last, and given back to the origin that set them, never to another.
//!
//! Stricter than browsers, as probes can be: scheme, host and port are the origin, and `Domain` widens nothing.

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::Url;

/// The most cookies that are kept.
const MOST: usize = 50;

/// The most bytes of a cookie, its attributes included.
const LONGEST: usize = 4_096;

/// What was set and not taken back.
#[derive(Default)]
pub(super) struct Cookies(Vec<Cookie>);

struct Cookie {
    origin: String,
    path: String,
    name: String,
    value: String,
}

impl Cookies {
    /// Takes one `Set-Cookie` in, as the answer from an address gave it.
    pub(super) fn set(&mut self, from: &Url, header: &str, now: Timestamp) {
        let (pair, attributes) = header.split_once(';').unwrap_or((header, ""));
        let Some((name, value)) = pair.split_once('=').map(|(name, value)| (name.trim(), value.trim())) else { return };
        if name.is_empty() || header.len() > LONGEST || header.contains(char::is_control) {
            return;
        }
        let (mut path, mut max_age, mut expires) = (None, None, None);
        for attribute in attributes.split(';') {
            let (key, value) = attribute.split_once('=').map_or((attribute.trim(), ""), |(key, value)| (key.trim(), value.trim()));
            match key.to_ascii_lowercase().as_str() {
                "path" if value.starts_with('/') => path = Some(value.to_owned()),
                "max-age" => max_age = value.parse::<i64>().ok(),
                "expires" => expires = DateTimeParser::new().parse_timestamp(value).ok(),
                _ => {}
            }
        }
        let cookie = Cookie {
            origin: origin(from),
            path: path.unwrap_or_else(|| folder(from.path()).to_owned()),
            name: name.to_owned(),
            value: value.to_owned(),
        };
        self.0.retain(|known| (&known.origin, &known.path, &known.name) != (&cookie.origin, &cookie.path, &cookie.name));
        // How long it is to be kept comes before until when.
        let is_over = max_age.map_or_else(|| expires.is_some_and(|until| until <= now), |seconds| seconds <= 0);
        if !is_over && self.0.len() < MOST {
            self.0.push(cookie);
        }
    }

    /// The `Cookie` header for an address; none where nothing was set for it.
    pub(super) fn header(&self, to: &Url) -> Option<String> {
        let own = origin(to);
        let for_it = self.0.iter().filter(|cookie| cookie.origin == own && covers(&cookie.path, to.path()));
        let pairs: Vec<String> = for_it.map(|cookie| format!("{}={}", cookie.name, cookie.value)).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }
}

fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// The folder a cookie without a path is for (RFC 6265, 5.1.4).
fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("/", |(folder, _)| if folder.is_empty() { "/" } else { folder })
}

/// Whether a cookie's path covers a request's (the same, 5.1.4).
fn covers(cookie: &str, request: &str) -> bool {
    request.strip_prefix(cookie).is_some_and(|rest| rest.is_empty() || cookie.ends_with('/') || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        text.parse().unwrap()
    }

    fn set(cookies: &mut Cookies, header: &str) {
        cookies.set(&url("https://shop.example/login/form"), header, Timestamp::from_second(1_800_000_000).unwrap());
    }

    #[test]
    fn a_cookie_goes_back_to_its_own_origin_and_path_alone() {
        let mut cookies = Cookies::default();
        set(&mut cookies, "session=abc; Path=/; HttpOnly; Secure; Domain=example");
        set(&mut cookies, "step=1");
        let header = |to: &str| cookies.header(&url(to));
        assert_eq!(header("https://shop.example/pay").as_deref(), Some("session=abc"));
        assert_eq!(header("https://shop.example/login/next").as_deref(), Some("session=abc; step=1"));
        assert_eq!(header("https://shop.example/loginx").as_deref(), Some("session=abc"));
        for other in ["http://shop.example/", "https://shop.example:8443/", "https://example/", "https://pay.shop.example/"] {
            assert_eq!(header(other), None, "{other}");
        }
    }

    #[test]
    fn a_cookie_is_replaced_and_taken_back() {
        let mut cookies = Cookies::default();
        let header = |cookies: &Cookies| cookies.header(&url("https://shop.example/"));
        set(&mut cookies, "a=1; Path=/");
        set(&mut cookies, "a=2; Path=/");
        assert_eq!(header(&cookies).as_deref(), Some("a=2"));
        set(&mut cookies, "a=; Path=/; Max-Age=0");
        assert_eq!(header(&cookies), None);
        set(&mut cookies, "a=3; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT");
        assert_eq!(header(&cookies), None);
        set(&mut cookies, "a=4; Path=/; Expires=Fri, 01 Jan 2100 00:00:00 GMT");
        assert_eq!(header(&cookies).as_deref(), Some("a=4"));
    }

    #[test]
    fn what_is_no_cookie_is_left_aside_and_there_is_an_end_to_them() {
        let mut cookies = Cookies::default();
        for strange in ["", "novalue", "=x", "a=\u{1}"] {
            set(&mut cookies, strange);
        }
        set(&mut cookies, &format!("long={}", "x".repeat(5_000)));
        assert!(cookies.0.is_empty());
        (0..100).for_each(|number| set(&mut cookies, &format!("c{number}=1")));
        assert_eq!(cookies.0.len(), MOST);
    }
}
