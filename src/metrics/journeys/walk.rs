//! Making a journey once: step after step, each with its deadline, until one does not answer as it should.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{COOKIE, HeaderValue, SET_COOKIE};
use reqwest::{Client, Response, Url};
use tokio::time::Instant;

use super::Place;
use super::cookies::Cookies;
use super::request::{self, Known};
use super::{answer, guard};
use crate::domain::id::CellId;
use crate::domain::journey::{Header, Journey, Method, Step};
use crate::domain::time::Period;
use crate::metrics::fetch;
use crate::safe::Text;

/// The most bytes of an answer that are read, once unpacked: 1 MiB.
const MAX_BODY: usize = 1024 * 1024;

/// The most signs of why a journey failed.
const MAX_WHY: usize = 160;

/// What came of making a journey once.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Came {
    /// To its end, in time.
    Through(Duration),
    /// To its end, but too late.
    Late(Duration, Text),
    /// It broke off: at which step and why.
    Broken(Text),
}

/// A journey in one cell.
pub(super) struct Walk {
    client: Client,
    place: Place,
    name: String,
    own: Url,
    address: String,
    headers: Vec<Header>,
    steps: Vec<Step>,
    timeout: Duration,
    within: Option<Period>,
    /// Never shown.
    secrets: Known,
}

/// Says whose it is, and nothing of what it sends.
impl fmt::Debug for Walk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Walk").field("name", &self.name).field("place", &self.place).finish_non_exhaustive()
    }
}

impl Walk {
    /// A journey in a cell, where it begins at that address, or why it cannot be made: a secret that is not there, or an address that is never
    /// asked.
    pub(super) fn new(
        client: Client,
        journey: &Journey,
        (cell, address): (&CellId, &str),
        secret: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, String> {
        let cannot = |why: String| format!("journey {}: {why}", journey.name);
        let own = guard::address(address).map_err(|refused| cannot(format!("its address {refused}")))?;
        let mut secrets = Known::new();
        for (name, variable) in &journey.secrets {
            let value = secret(variable).filter(|value| !value.is_empty());
            let value = value.ok_or_else(|| cannot(format!("the environment variable {variable} is not set")))?;
            secrets.insert(name.clone(), value);
        }
        Ok(Self {
            client,
            place: (journey.environment.clone(), cell.clone(), journey.group.to_string()),
            name: journey.name.clone(),
            own,
            address: address.to_owned(),
            headers: journey.headers.clone(),
            steps: journey.steps.clone(),
            timeout: Duration::from_millis(journey.timeout.millis().unsigned_abs()),
            within: journey.within,
            secrets,
        })
    }

    /// Where it is counted.
    pub(super) fn place(&self) -> &Place {
        &self.place
    }

    /// Makes it once. Takes as long as its steps may at most.
    pub(super) async fn walk(&self) -> Came {
        let (began, mut known, mut cookies) = (Instant::now(), self.secrets.clone(), Cookies::default());
        for (number, step) in (1..).zip(&self.steps) {
            let done = tokio::time::timeout(self.timeout, self.take(step, &known, &mut cookies)).await;
            match done.unwrap_or_else(|_| Err(self.too_slow())) {
                Ok(kept) => known.extend(kept),
                Err(why) => return Came::Broken(self.why(Some(number), &step.name, &why)),
            }
        }
        let took = began.elapsed();
        match self.within {
            Some(within) if took.as_secs_f64() > within.secs_f64() => {
                let why = format!("it took {:.2} s, and counts within {:.2} s", took.as_secs_f64(), within.secs_f64());
                Came::Late(took, self.why(None, "", &why))
            }
            _ => Came::Through(took),
        }
    }

    /// Takes one step: what is kept of its answer, or what was wrong with it.
    async fn take(&self, step: &Step, known: &Known, cookies: &mut Cookies) -> Result<Vec<(String, String)>, String> {
        let url = request::url(&self.address, step, known)?;
        let is_own = url.origin() == self.own.origin();
        let mut headers = request::headers(&self.headers, step, is_own, known)?;
        if let Some(cookie) = cookies.header(&url).and_then(|cookie| HeaderValue::from_str(&cookie).ok()) {
            headers.insert(COOKIE, cookie);
        }
        let mut asked = self.client.request(method(step.method), url.clone()).headers(headers).timeout(self.timeout);
        if let Some(body) = request::body(step, known)? {
            asked = asked.body(body);
        }
        let response = asked.send().await.map_err(|error| self.reason(&error.without_url()))?;
        for cookie in response.headers().get_all(SET_COOKIE) {
            cookies.set(&url, cookie.to_str().unwrap_or_default(), Timestamp::now());
        }
        let status = response.status().as_u16();
        // What is wrong already by its status is said at once, however long its text.
        answer::judge(&Step { text: None, ..step.clone() }, status, "")?;
        let body = self.body(response).await?;
        answer::judge(step, status, &body)?;
        answer::keep(step, &body)
    }

    async fn body(&self, mut response: Response) -> Result<String, String> {
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.reason(&error.without_url()))? {
            if bytes.len() + chunk.len() > MAX_BODY {
                return Err(format!("answered with more than {} MiB", MAX_BODY / 1024 / 1024));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn too_slow(&self) -> String {
        format!("no answer within {} s", self.timeout.as_secs_f32())
    }

    /// Why a request failed, without its address.
    fn reason(&self, error: &reqwest::Error) -> String {
        if error.is_connect() && error.is_timeout() {
            return format!("no connection within {} s", guard::CONNECT.min(self.timeout).as_secs_f32());
        }
        if error.is_timeout() {
            return self.too_slow();
        }
        fetch::broken(error)
    }

    /// In a few words, cleaned: `buy failed at step 2 of 3, pay: answered 503, not 2xx`.
    fn why(&self, number: Option<usize>, step: &str, why: &str) -> Text {
        let at = number.map(|number| format!(" at step {number} of {}, {step}", self.steps.len())).unwrap_or_default();
        let mut whole = format!("{} failed{at}: {why}", self.name);
        if let Some((end, _)) = whole.char_indices().nth(MAX_WHY) {
            whole.truncate(end);
            whole.push('…');
        }
        Text::new(&whole)
    }
}

fn method(method: Method) -> reqwest::Method {
    match method {
        Method::Get => reqwest::Method::GET,
        Method::Head => reqwest::Method::HEAD,
        Method::Post => reqwest::Method::POST,
        Method::Put => reqwest::Method::PUT,
        Method::Patch => reqwest::Method::PATCH,
        Method::Delete => reqwest::Method::DELETE,
    }
}
