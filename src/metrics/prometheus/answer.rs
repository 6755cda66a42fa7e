//! What a Prometheus server answers to a query.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::safe;

/// How much of what a server says about an error is quoted, in characters.
const QUOTED: usize = 200;

/// One value of a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// When, in milliseconds since 1970 on the server's clock.
    pub at: i64,
    /// How much; may be NaN or infinite.
    pub value: f64,
}

/// A series of an answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// Its labels, the name as `__name__` among them. Not cleaned for display.
    pub labels: BTreeMap<String, String>,
    /// Its values in order of time, each time once; the first of two that claim the same.
    pub points: Vec<Point>,
}

impl Found {
    /// A label's value; an absent one and an empty one are the same.
    pub fn label(&self, name: &str) -> &str {
        self.labels.get(name).map_or("", String::as_str)
    }
}

#[derive(Deserialize)]
struct Answer {
    status: Status,
    #[serde(default)]
    data: Option<Data>,
    #[serde(default)]
    error: String,
    #[serde(default)]
    warnings: Vec<String>,
    /// What clusters of `VictoriaMetrics` say where some of their nodes did not answer.
    #[serde(default, rename = "isPartial")]
    is_partial: bool,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Status {
    Success,
    Error,
}

#[derive(Deserialize)]
#[serde(tag = "resultType", content = "result", rename_all = "lowercase")]
enum Data {
    Scalar(Pair),
    Vector(Vec<VectorSeries>),
    Matrix(Vec<MatrixSeries>),
}

#[derive(Deserialize)]
struct VectorSeries {
    metric: BTreeMap<String, String>,
    /// Absent for a native histogram.
    #[serde(default)]
    value: Option<Pair>,
}

#[derive(Deserialize)]
struct MatrixSeries {
    metric: BTreeMap<String, String>,
    /// Absent for native histograms.
    #[serde(default)]
    values: Vec<Pair>,
}

/// Seconds since 1970, and a number in words.
#[derive(Deserialize)]
struct Pair(f64, String);

impl Pair {
    fn point(&self) -> Option<Point> {
        let at = (self.0 * 1_000.0).round();
        at.is_finite().then_some(Point { at: at as i64, value: self.1.parse().ok()? })
    }
}

/// The series of an answer.
///
/// # Errors
/// Where it is none, says that something went wrong, or is not whole; in words that may be shown.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Found>, String> {
    let answer: Answer = serde_json::from_slice(bytes).map_err(|_| "its answer is none of Prometheus' HTTP API".to_owned())?;
    if answer.status == Status::Error {
        return Err(format!("it answered with an error: {}", quoted(&answer.error)));
    }
    if let Some(warning) = answer.warnings.first() {
        let more = answer.warnings.len() - 1;
        let more = if more == 0 { String::new() } else { format!(" (and {more} more)") };
        return Err(format!("it answered with a warning, so it may not have told all: {}{more}", quoted(warning)));
    }
    if answer.is_partial {
        return Err("it says that its answer is partial".to_owned());
    }
    let data = answer.data.ok_or("its answer holds no data")?;
    found(data).ok_or_else(|| "its answer holds a value that is no number".to_owned())
}

/// What a server says of an error where its status is no success.
pub(super) fn error(bytes: &[u8]) -> Option<String> {
    let answer: Answer = serde_json::from_slice(bytes).ok()?;
    (answer.status == Status::Error && !answer.error.is_empty()).then(|| quoted(&answer.error))
}

/// What a server says, safe to show and not too long.
fn quoted(text: &str) -> String {
    let cleaned = safe::clean(text);
    let cut: String = cleaned.chars().take(QUOTED).collect();
    if cut.len() < cleaned.len() { cut + "…" } else { cut }
}

fn found(data: Data) -> Option<Vec<Found>> {
    match data {
        Data::Scalar(pair) => Some(vec![Found { labels: BTreeMap::new(), points: vec![pair.point()?] }]),
        Data::Vector(series) => series
            .into_iter()
            .map(|VectorSeries { metric, value }| {
                let points = value.iter().map(Pair::point).collect::<Option<_>>()?;
                Some(Found { labels: metric, points })
            })
            .collect(),
        Data::Matrix(series) => series
            .into_iter()
            .map(|MatrixSeries { metric, values }| {
                let mut points = values.iter().map(Pair::point).collect::<Option<Vec<_>>>()?;
                // What passes samples on may give them twice or in another order.
                points.sort_by_key(|point| point.at);
                points.dedup_by_key(|point| point.at);
                Some(Found { labels: metric, points })
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn success(data: &str) -> String {
        format!("{{\"status\":\"success\",\"data\":{data}}}")
    }

    fn why(text: &str) -> String {
        read(text.as_bytes()).expect_err("no answer")
    }

    #[test]
    fn series_come_in_order_of_time_each_time_once() {
        let matrix = r#"{"resultType":"matrix","result":[
            {"metric":{"__name__":"x","cell":"eu"},"values":[[3.5,"+Inf"],[1.001,"1"],[2,"NaN"],[1.001,"9"],[4,"-Inf"]]},
            {"metric":{"__name__":"h"},"histograms":[[1,{"count":"3","sum":"1"}]]}]}"#;
        let found = read(success(matrix).as_bytes()).unwrap();
        assert_eq!((found[0].label("cell"), found[0].label("absent"), found[1].points.len()), ("eu", "", 0));
        let times: Vec<_> = found[0].points.iter().map(|point| point.at).collect();
        assert_eq!((times, found[0].points[0].value), (vec![1_001, 2_000, 3_500, 4_000], 1.0));
        assert!(found[0].points[1].value.is_nan() && found[0].points[2].value == f64::INFINITY);
    }

    #[test]
    fn vectors_and_scalars_have_one_value_each() {
        let vector = read(success(r#"{"resultType":"vector","result":[{"metric":{},"value":[1.5,"2"]}]}"#).as_bytes()).unwrap();
        let scalar = read(success(r#"{"resultType":"scalar","result":[1.5,"2"]}"#).as_bytes()).unwrap();
        assert_eq!((&vector[0].points[..], &vector), (&[Point { at: 1_500, value: 2.0 }][..], &scalar));
        assert_eq!(read(success(r#"{"resultType":"vector","result":[]}"#).as_bytes()), Ok(vec![]));
    }

    #[test]
    fn an_answer_that_is_not_whole_is_none() {
        let empty = r#""data":{"resultType":"vector","result":[]}"#;
        let warned = format!("{{\"status\":\"success\",{empty},\"warnings\":[\"store \\u001b[31mdown\",\"b\"]}}");
        assert!(why(&warned).starts_with("it answered with a warning, so it may not have told all: store "), "{}", why(&warned));
        assert!(why(&warned).ends_with("(and 1 more)") && !why(&warned).contains('\u{1b}'));
        assert_eq!(why(&format!("{{\"status\":\"success\",\"isPartial\":true,{empty}}}")), "it says that its answer is partial");
        let noted = format!("{{\"status\":\"success\",{empty},\"infos\":[\"metric might not be a counter\"]}}");
        assert_eq!(read(noted.as_bytes()), Ok(vec![]));
    }

    #[test]
    fn errors_are_quoted_and_what_is_no_answer_is_said() {
        assert_eq!(
            why(r#"{"status":"error","errorType":"timeout","error":"query timed out"}"#),
            "it answered with an error: query timed out"
        );
        assert_eq!(error(br#"{"status":"error","errorType":"bad_data","error":"parse error"}"#), Some("parse error".to_owned()));
        assert_eq!(error(b"<html>"), None);
        assert_eq!(why("<html>"), "its answer is none of Prometheus' HTTP API");
        assert_eq!(why(r#"{"status":"success"}"#), "its answer holds no data");
        assert_eq!(
            why(&success(r#"{"resultType":"vector","result":[{"metric":{},"value":[1,"many"]}]}"#)),
            "its answer holds a value that is no number"
        );
        let long = format!("{{\"status\":\"error\",\"error\":\"{}\"}}", "x".repeat(1_000));
        assert!(why(&long).ends_with("x…") && why(&long).chars().count() < 300);
    }
}
