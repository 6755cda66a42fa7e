use super::*;

struct Thing;

impl Subject for Thing {
    fn values(&self, field: Field) -> Vec<String> {
        let values: &[&str] = match field {
            Field::Environment => &["production"],
            Field::Status => &["going back", "rolling_back"],
            Field::Service => &["api-internal"],
            Field::Cell => &["eu", "us"],
            _ => &[],
        };
        values.iter().map(|value| (*value).to_owned()).collect()
    }

    fn measured(&self, metric: Metric) -> Vec<f64> {
        if metric == Metric::P99 { vec![0.2, 0.4] } else { Vec::new() }
    }

    fn words(&self) -> String {
        "api in production goes back: errors in EU".to_owned()
    }
}

fn means(line: &str) -> bool {
    Query::read(line).unwrap().means(&Thing)
}

#[test]
fn every_term_must_hold_and_one_of_several_values() {
    for line in
        ["", "env:prod", "env:staging,prod", "status:rolling-back cell:eu", "status=\"going back\"", "region=us", "ENV:PROD"]
    {
        assert!(means(line), "{line}");
    }
    for line in ["env:staging", "env=prod", "env:prod cell:ap", "service=api"] {
        assert!(!means(line), "{line}");
    }
}

#[test]
fn a_metric_is_compared_in_its_unit() {
    for line in ["p99>300ms", "p99>0.3s", "p99>=400ms", "p99<250ms", "-p99>1s"] {
        assert!(means(line), "{line}");
    }
    assert!(!means("p99>400ms"));
}

#[test]
fn what_is_not_known_is_not_meant_either_way() {
    for line in ["errors>0.1%", "-errors>0.1%", "group:storage", "-group:storage"] {
        assert!(!means(line), "{line}");
    }
}

#[test]
fn words_are_looked_for_everywhere_and_quotes_keep_them_together() {
    for line in ["eu", "\"goes back\"", "api errors", "-\"goes forward\"", "internal"] {
        assert!(means(line), "{line}");
    }
    assert!(!means("\"errors in US\""));
    assert!(!means("-eu"));
    // A sign in quotes is only text.
    assert!(!means("\"env:production\""));
}

#[test]
fn a_fault_says_where_and_what_would_be_right() {
    let fault = |line: &str| Query::read(line).unwrap_err().to_string();
    assert_eq!(
        fault("eu evn:prod"),
        "character 4: \"evn\" is no field; there are env, status, group, service, push, cell, version, who, kind"
    );
    assert_eq!(fault("p99:300"), "character 1: a metric is compared with a number: write p99>300ms");
    assert_eq!(fault("p99>fast"), "character 1: \"fast\" is no value of p99: write p99>300ms");
    assert_eq!(fault("env:"), "character 1: env: says nothing: write env:NAME");
    assert_eq!(fault("a \"b"), "character 3: the quotes are not closed: write \"two words\"");
    assert_eq!(fault("-"), "character 1: there is nothing after the -");
    assert!(
        fault("speed>3")
            .starts_with("character 1: \"speed\" is no metric; there are p99.9, p99, errors, end-to-end, journey-p90, cpu")
    );
}

#[test]
fn the_example_can_be_read() {
    assert!(Query::read(MEANING).is_ok());
}

proptest::proptest! {
    #[test]
    fn no_line_breaks_it(line in "\\PC{0,40}|[a-z:=<>,\" -]{0,30}") {
        if let Ok(query) = Query::read(&line) {
            query.means(&Thing);
        }
    }
}
