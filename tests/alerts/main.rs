//! `pushdeck alerts`: the rules it writes are ones that a Prometheus server takes, and they alert when a budget burns and not otherwise.
#![expect(clippy::unwrap_used, reason = "a broken test set-up must fail the test")]

#[path = "../support/needs.rs"]
mod needs;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const SPEC: &str = r#"
[people]
ana = ["oncall"]
[[environment]]
name = "staging"
cells = [{ name = "lab" }]
[[environment]]
name = "production"
after = ["staging"]
protected = true
cells = [{ name = "eu", users = 10 }, { name = "us", users = 10 }]
[[group]]
name = "web"
services = ["site", "a \"quoted\" {{ name }}"]
owners = "oncall"
[defaults]
drain = "2s"
install = "5s"
slo = { objectives = "availability 99.9 %, p99 < 300 ms", window_days = 28 }
[[service]]
name = "site"
running = "v1"
rps_per_instance = 10
in.staging = { instances = 1, peak_rps = 1 }
in.production = { instances = 2, peak_rps = 20 }
[[service]]
name = "a \"quoted\" {{ name }}"
running = "v1"
rps_per_instance = 10
slo = "availability 99 %"
in.production = { instances = 2, peak_rps = 20 }
[[release]]
service = "site"
version = "v1"
digest = "sha256:1"
[[release]]
service = "a \"quoted\" {{ name }}"
version = "v1"
digest = "sha256:2"
"#;

/// A folder of its own for a test.
fn folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("alerts").join(test);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn pushdeck(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pushdeck"));
    command.args(args).env_clear().env("PUSHDECK_CONFIG_DIR", "/nonexistent").output().unwrap()
}

/// The rules of the spec, written to a file of that folder.
fn rules(folder: &Path) -> String {
    let spec = folder.join("fleet.toml");
    std::fs::write(&spec, SPEC).unwrap();
    let written = pushdeck(&["alerts", &spec.to_string_lossy(), "--format", "prometheus"]);
    assert!(written.status.success(), "{}", String::from_utf8_lossy(&written.stderr));
    let text = String::from_utf8(written.stdout).unwrap();
    std::fs::write(folder.join("rules.yml"), &text).unwrap();
    text
}

fn promtool(folder: &Path, args: &[&str]) {
    let done = Command::new("promtool").current_dir(folder).args(args).output().unwrap();
    let said = [done.stdout, done.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    assert!(done.status.success() && !said.to_lowercase().contains("duplicate"), "{said}");
}

#[test]
fn the_rules_of_a_spec() {
    let text = rules(&folder("snapshot"));
    let (first, _) = text.split_once("  - name: \"pushdeck a ").unwrap();
    insta::assert_snapshot!(first);
}

#[test]
fn a_prometheus_server_takes_the_rules() {
    if !needs::promtool("a_prometheus_server_takes_the_rules") {
        return;
    }
    let folder = folder("check");
    rules(&folder);
    promtool(&folder, &["check", "rules", "rules.yml"]);
}

#[test]
fn the_rules_of_the_demo_count_at_the_edges_it_has() {
    let demo = pushdeck(&["alerts", "--format", "prometheus", "--backend", "demo:held-and-fixed"]);
    let text = String::from_utf8(demo.stdout).unwrap();
    assert!(demo.status.success() && text.contains("pushdeck basket burn"), "{}", String::from_utf8_lossy(&demo.stderr));
    if needs::promtool("the_rules_of_the_demo_count_at_the_edges_it_has") {
        let folder = folder("demo");
        std::fs::write(folder.join("rules.yml"), text).unwrap();
        promtool(&folder, &["check", "rules", "rules.yml"]);
    }
}

/// `site` for two hours, then whether it alerts: in eu 1.5 % fail and in us a few, as they may.
const LIVED: &str = r#"
rule_files: [rules.yml]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:
      - series: pushdeck_requests_total{service="site",version="v1",instance="0",environment="production",cell="eu",code="200"}
        values: 0+1182x120
      - series: pushdeck_requests_total{service="site",version="v1",instance="0",environment="production",cell="eu",code="500"}
        values: 0+18x120
      - series: pushdeck_requests_total{service="site",version="v1",instance="0",environment="production",cell="us",code="200"}
        values: 0+1199x120
      - series: pushdeck_requests_total{service="site",version="v1",instance="0",environment="production",cell="us",code="500"}
        values: 0+1x120
      - series: pushdeck_request_seconds_bucket{service="site",version="v1",environment="production",cell="eu",le="0.25"}
        values: 0+1190x120
      - series: pushdeck_request_seconds_count{service="site",version="v1",environment="production",cell="eu"}
        values: 0+1200x120
      - series: pushdeck_request_seconds_bucket{service="site",version="v1",environment="production",cell="us",le="0.25"}
        values: 0+960x120
      - series: pushdeck_request_seconds_count{service="site",version="v1",environment="production",cell="us"}
        values: 0+1200x120
    promql_expr_test:
      - expr: cell:pushdeck_bad:ratio_rate1h{service="site",objective="availability",cell="eu"}
        eval_time: 100m
        exp_samples:
          - labels: cell:pushdeck_bad:ratio_rate1h{service="site",objective="availability",environment="production",cell="eu"}
            value: 0.015
    alert_rule_test:
      - eval_time: 100m
        alertname: ErrorBudgetBurn
        exp_alerts: [ALERTS]
  - interval: 1m
    name: the same, and well since ten minutes
    input_series:
      - series: pushdeck_requests_total{service="site",environment="production",cell="eu",code="200"}
        values: 0+1000x60 61200+1200x60
      - series: pushdeck_requests_total{service="site",environment="production",cell="eu",code="500"}
        values: 0+200x60 12000+0x60
    promql_expr_test:
      - expr: count by (window) (ALERTS{alertname="ErrorBudgetBurn",window="1h"})
        eval_time: 59m
        exp_samples: [{labels: '{window="1h"}', value: 1}]
      - expr: count by (window) (ALERTS{alertname="ErrorBudgetBurn",window="1h"})
        eval_time: 72m
        exp_samples: []
  - interval: 1m
    name: one of three fails, and staging may fail altogether
    input_series:
      - series: pushdeck_requests_total{service="site",environment="production",cell="eu",code="200"}
        values: 0x90 1 2 2x30
      - series: pushdeck_requests_total{service="site",environment="production",cell="eu",code="503"}
        values: 0x90 1x32
      - series: pushdeck_requests_total{service="site",environment="staging",cell="lab",code="500"}
        values: 0+1000x120
    alert_rule_test:
      - eval_time: 93m
        alertname: ErrorBudgetBurn
        exp_alerts: []
"#;

#[test]
fn a_burn_pages_and_a_healthy_service_does_not() {
    if !needs::promtool("a_burn_pages_and_a_healthy_service_does_not") {
        return;
    }
    let folder = folder("lived");
    rules(&folder);
    let alert = |severity: &str,
                 window: &str,
                 short: &str,
                 (cell, objective): (&str, &str),
                 (rate, value): (&str, &str),
                 part: &str| {
        let (what, may) = match objective {
            "availability" => ("fail", "0.1 % may (availability 99.9 %)"),
            _ => ("are slower than 300 ms", "1 % may (p99 < 300 ms)"),
        };
        format!(
            r#"{{exp_labels: {{severity: {severity}, service: site, objective: {objective}, window: {window}, environment: production, cell: {cell}}},
               exp_annotations: {{summary: "site in {cell} of production burns its budget {rate} times as fast as it may",
               description: "Over {window} {value}% of its requests there {what}, and over the last {short} too many still do; {may}. {window} of it takes {part} % of the budget of 28 days."}}}}"#
        )
    };
    let errors = |severity, window, short, rate, part| alert(severity, window, short, ("eu", "availability"), (rate, "1.5"), part);
    let slow = |severity, window, short, rate, part| alert(severity, window, short, ("us", "p99"), (rate, "20"), part);
    let all = [
        errors("page", "1h", "5m", "14.4", "2.1"),
        errors("page", "6h", "30m", "6", "5.4"),
        errors("ticket", "1d", "2h", "3", "10.7"),
        errors("ticket", "3d", "6h", "1", "10.7"),
        slow("page", "1h", "5m", "14.4", "2.1"),
        slow("page", "6h", "30m", "6", "5.4"),
        slow("ticket", "1d", "2h", "3", "10.7"),
        slow("ticket", "3d", "6h", "1", "10.7"),
    ];
    let test = LIVED.replace("[ALERTS]", &format!("[{}]", all.join(", ")));
    std::fs::write(folder.join("test.yml"), test).unwrap();
    promtool(&folder, &["test", "rules", "test.yml"]);
}

#[test]
fn the_alerts_that_are_up_are_lines_or_json() {
    let calm = pushdeck(&["alerts", "--backend", "recording:fixtures/recordings/held-and-fixed.jsonl", "--zone", "UTC"]);
    let said = String::from_utf8(calm.stdout).unwrap();
    assert!(calm.status.success() && said.starts_with("no alert is up at "), "{said}");
    let json = pushdeck(&["alerts", "--json", "--backend", "recording:fixtures/recordings/held-and-fixed.jsonl"]);
    let told: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(told["alerts"], serde_json::json!([]));
}

#[test]
fn what_cannot_be_written_is_said() {
    let folder = folder("faults");
    let faulty = folder.join("fleet.toml");
    std::fs::write(&faulty, "[defaults]\nslo = \"p99 > 3\"\n").unwrap();
    let name = faulty.to_string_lossy().into_owned();
    for (args, said) in [
        (vec!["alerts", &name, "--format", "prometheus"], "has faults as a spec, so no rules were written"),
        (vec!["alerts", "/nowhere.toml", "--format", "prometheus"], "/nowhere.toml cannot be read"),
        (vec!["alerts", &name], "--format"),
        (vec!["alerts", "--format", "prometheus", "--json"], "cannot be used with"),
        (vec!["alerts", "--format", "prometheus", "--edges", "0,1"], "write seconds above 0"),
    ] {
        let done = pushdeck(&args);
        let complaint = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(done.status.code() == Some(2) && complaint.contains(said), "{args:?}: {complaint}");
    }
}
