//! Whether an answer is what a step expects, and what is kept of it. Pure; nothing of what was answered is ever repeated.

use serde_json::Value;

use crate::domain::journey::{Kept, Step};

/// What an answer lacks, in a few words, where it lacks anything.
pub(super) fn judge(step: &Step, status: u16, body: &str) -> Result<(), String> {
    let good = step.status.map_or((200..300).contains(&status), |wanted| status == wanted);
    if !good {
        let wanted = step.status.map_or_else(|| "2xx".to_owned(), |wanted| wanted.to_string());
        let kind = if (300..400).contains(&status) { ", a redirect" } else { "" };
        return Err(format!("answered {status}{kind}, not {wanted}"));
    }
    match &step.text {
        Some(text) if !body.contains(text) => Err(format!("the answer does not hold {text:?}")),
        _ => Ok(()),
    }
}

/// What later steps use of an answer, by the name they use it by.
pub(super) fn keep(step: &Step, body: &str) -> Result<Vec<(String, String)>, String> {
    let found = step.keep.iter().map(|(name, kept)| match find(kept, body) {
        Some(value) => Ok((name.clone(), value)),
        None => Err(format!("the answer has no {name} to keep")),
    });
    found.collect()
}

fn find(kept: &Kept, body: &str) -> Option<String> {
    match kept {
        Kept::Pointer(pointer) => match serde_json::from_str::<Value>(body).ok()?.pointer(pointer)? {
            Value::String(text) => Some(text.clone()),
            Value::Null => None,
            other => Some(other.to_string()),
        },
        Kept::Between { after, before } => {
            let (_, rest) = body.split_once(after.as_str())?;
            rest.split_once(before.as_str()).map(|(value, _)| value.to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::domain::journey::Method;

    fn step(status: Option<u16>, text: Option<&str>, keep: &[(&str, Kept)]) -> Step {
        Step {
            name: "pay".to_owned(),
            method: Method::Get,
            url: "/".to_owned(),
            headers: Vec::new(),
            body: None,
            status,
            text: text.map(str::to_owned),
            keep: keep.iter().map(|(name, kept)| ((*name).to_owned(), kept.clone())).collect::<BTreeMap<_, _>>(),
        }
    }

    #[test]
    fn a_status_is_good_as_declared_or_from_200_to_299() {
        let any = step(None, None, &[]);
        assert_eq!((judge(&any, 200, ""), judge(&any, 204, "")), (Ok(()), Ok(())));
        assert_eq!(judge(&any, 503, "").unwrap_err(), "answered 503, not 2xx");
        assert_eq!(judge(&any, 302, "").unwrap_err(), "answered 302, a redirect, not 2xx");
        assert_eq!(judge(&step(Some(302), None, &[]), 302, ""), Ok(()));
        assert_eq!(judge(&step(Some(404), None, &[]), 200, "").unwrap_err(), "answered 200, not 404");
    }

    #[test]
    fn a_text_must_stand_in_the_answer() {
        let thanks = step(None, Some("Thank you"), &[]);
        assert_eq!(judge(&thanks, 200, "<b>Thank you</b>"), Ok(()));
        assert_eq!(judge(&thanks, 200, "thank you").unwrap_err(), "the answer does not hold \"Thank you\"");
    }

    #[test]
    fn what_is_kept_is_found_or_missed_by_its_name() {
        let pointer = |at: &str| Kept::Pointer(at.to_owned());
        let between = Kept::Between { after: "csrf=\"".to_owned(), before: "\"".to_owned() };
        let kept = |keep: &[(&str, Kept)], body: &str| super::keep(&step(None, None, keep), body);
        let both = kept(&[("id", pointer("/order/id")), ("who", pointer("/who"))], r#"{"order":{"id":7},"who":"ana"}"#).unwrap();
        assert_eq!(both, [("id".to_owned(), "7".to_owned()), ("who".to_owned(), "ana".to_owned())]);
        assert_eq!(kept(&[("csrf", between.clone())], "<i csrf=\"x1\" csrf=\"x2\">").unwrap()[0].1, "x1");
        for (keep, body) in
            [(pointer("/a"), "{}"), (pointer("/a"), "<html>"), (pointer("/a"), "{\"a\":null}"), (between, "csrf=\"x")]
        {
            assert_eq!(kept(&[("it", keep)], body).unwrap_err(), "the answer has no it to keep", "{body}");
        }
    }
}
