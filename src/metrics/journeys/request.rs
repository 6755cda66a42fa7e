//! What one step asks: its address, the headers that may go there, and its body.

use std::collections::BTreeMap;

use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use super::super::guard;
use crate::domain::journey::{Header, Piece, Step, filled, pieces};

/// What stands for a `${name}`: secrets, and what earlier steps kept. Never shown.
pub(super) type Known = BTreeMap<String, String>;

/// The address of a step, in a journey that begins at `own`.
pub(super) fn url(own: &str, step: &Step, known: &Known) -> Result<Url, String> {
    let mut whole = if step.url.starts_with('/') { own.to_owned() } else { String::new() };
    for piece in pieces(&step.url) {
        match piece {
            Piece::Plain(text) => whole.push_str(text),
            Piece::Named(name) => whole.push_str(&encoded(known.get(name).ok_or_else(|| unknown(name))?)),
        }
    }
    guard::address(&whole).map_err(|refused| format!("its address {refused}"))
}

/// The headers of a step: its own, and under them those of the journey where it goes to the journey's own origin.
pub(super) fn headers(journey: &[Header], step: &Step, is_own: bool, known: &Known) -> Result<HeaderMap, String> {
    let mut map = HeaderMap::new();
    let own = journey.iter().filter(|_| is_own);
    for header in own.chain(&step.headers) {
        let value = filled(&header.value, |name| known.get(name).cloned()).map_err(unknown)?;
        let name: HeaderName =
            header.name.parse().map_err(|_| format!("the header {} has no name that can be sent", header.name))?;
        let mut value: HeaderValue =
            value.parse().map_err(|_| format!("the value of the header {} cannot be sent", header.name))?;
        value.set_sensitive(true);
        map.insert(name, value);
    }
    Ok(map)
}

/// What a step sends.
pub(super) fn body(step: &Step, known: &Known) -> Result<Option<String>, String> {
    let body = step.body.as_ref().map(|body| filled(body, |name| known.get(name).cloned()).map_err(unknown));
    body.transpose()
}

fn unknown(name: &str) -> String {
    format!("nothing is known of ${{{name}}}")
}

/// A text as a part of an address: what could mean anything there is written by its number.
fn encoded(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |whole, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            whole + &char::from(byte).to_string()
        } else {
            whole + &format!("%{byte:02X}")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::journey::Method;

    fn step(url: &str, headers: &[(&str, &str)]) -> Step {
        Step {
            name: "pay".to_owned(),
            method: Method::Get,
            url: url.to_owned(),
            headers: declared(headers),
            body: Some("pin=${pin}".to_owned()),
            status: None,
            text: None,
            keep: BTreeMap::new(),
        }
    }

    fn declared(headers: &[(&str, &str)]) -> Vec<Header> {
        headers.iter().map(|(name, value)| Header { name: (*name).to_owned(), value: (*value).to_owned() }).collect()
    }

    fn known() -> Known {
        BTreeMap::from([("pin".to_owned(), "hunter2".to_owned()), ("order".to_owned(), "7/../x?y".to_owned())])
    }

    #[test]
    fn what_was_kept_stays_one_part_of_an_address() {
        let of = |url: &str| super::url("https://eu.shop.example/app", &step(url, &[]), &known());
        assert_eq!(of("/orders/${order}/pay?x=1").unwrap().as_str(), "https://eu.shop.example/app/orders/7%2F..%2Fx%3Fy/pay?x=1");
        assert_eq!(of("https://pay.example/${order}").unwrap().as_str(), "https://pay.example/7%2F..%2Fx%3Fy");
        assert_eq!(of("/${nothing}").unwrap_err(), "nothing is known of ${nothing}");
    }

    #[test]
    fn addresses_that_are_never_asked_are_refused_without_being_repeated() {
        let refused = super::url("http://169.254.169.254", &step("/latest", &[]), &known()).unwrap_err();
        assert_eq!(refused, "its address leads to a cloud's metadata service, which is never asked; give the address of a target");
        let refused = super::url("http://lena:hunter2@shop.example", &step("/", &[]), &known()).unwrap_err();
        assert!(!refused.contains("hunter2"), "{refused}");
    }

    #[test]
    fn another_origin_gets_the_headers_of_its_own_step_alone() {
        let journey = declared(&[("Authorization", "Bearer ${pin}"), ("Accept", "text/html")]);
        let step = step("/", &[("accept", "application/json")]);
        let own = headers(&journey, &step, true, &known()).unwrap();
        assert_eq!(
            (own["authorization"].to_str().unwrap(), own["accept"].to_str().unwrap()),
            ("Bearer hunter2", "application/json")
        );
        let other = headers(&journey, &step, false, &known()).unwrap();
        assert_eq!((other.len(), other["accept"].to_str().unwrap()), (1, "application/json"));
        assert!(!format!("{own:?}").contains("hunter2"));
    }

    #[test]
    fn a_value_that_cannot_be_sent_is_not_repeated() {
        let bent = Known::from([("pin".to_owned(), "hunter2\r\nx: y".to_owned())]);
        let why = headers(&declared(&[("Authorization", "${pin}")]), &step("/", &[]), true, &bent).unwrap_err();
        assert_eq!(why, "the value of the header Authorization cannot be sent");
        assert_eq!(body(&step("/", &[]), &known()), Ok(Some("pin=hunter2".to_owned())));
    }
}
