//! Recording and alerting rules for a Prometheus server, from what a spec says services owe.
//!
//! The shape is fixed, so it is written here rather than by a YAML library: every text stands in double quotes, and what is not plain
//! ASCII in it is escaped, as YAML and a terminal both need it. Windows, rates and their source are those of [`burn`].

mod written;

use std::fmt::{self, Write as _};

use self::written::{Matcher, Window, anywhere, quoted, templated};
use crate::domain::burn::{self, BurnWindows};
use crate::domain::declaration::Declaration;
use crate::domain::environment::Environment;
use crate::domain::service::Service;
use crate::domain::slo::Objective;
use crate::domain::time::Period;
use crate::domain::verdict::Bad;

/// How many bad requests a long window must hold before it alerts: of fewer any share may be chance. Where a budget burns at a third of
/// the rate that is looked for, ten where as many as would just do are due come up less than three times in a thousand.
const LEAST_BAD: u32 = 10;

/// The rules of every service of a spec. Latency is counted at the edge of `edges`, in seconds, that lies next to each limit.
pub fn prometheus_rules(declaration: &Declaration, edges: &[f64]) -> String {
    let mut out = String::from(HEAD);
    // Writing to a String cannot fail.
    let _ = declaration.services.iter().try_for_each(|service| {
        let users = |environment: &&Environment| environment.has_users() && service.deployment(&environment.id).is_some();
        let environments: Vec<&str> = declaration.environments.iter().filter(users).map(|known| known.id.as_str()).collect();
        let rules = Rules { service, environments: &environments, edges };
        rules.recording(&mut out)?;
        rules.alerting(&mut out)
    });
    out
}

const HEAD: &str = "\
# Written by pushdeck from what a spec says its services owe. Have the scrape give each target the labels environment and cell: a cell's
# metrics do not say where they are from. Check it with: promtool check rules FILE
groups:
";

struct Rules<'a> {
    service: &'a Service,
    /// Where it has users: nobody is alerted of the others.
    environments: &'a [&'a str],
    edges: &'a [f64],
}

impl Rules<'_> {
    fn objectives(&self) -> impl Iterator<Item = Objective> {
        // Without an edge there is nothing to count at.
        self.service.slo.objectives().filter(|objective| objective.bad == Bad::Errors || objective.edge(self.edges).is_some())
    }

    fn recording(&self, out: &mut String) -> fmt::Result {
        self.group(out, "recorded")?;
        for window in windows() {
            let (service, window) = (self.service.id.as_str(), Window(window));
            let requests = format!(
                "sum by (environment, cell) (rate(pushdeck_requests_total{{{}}}[{window}]))",
                Matcher::is("service", service)
            );
            self.record(out, &format!("cell:pushdeck_requests:rate{window}"), None, &requests)?;
            for objective in self.objectives() {
                let (bad, all) = self.counted(&objective, window);
                // Where nothing fails there may be no series of failures at all: that is a share of 0. A bucket that is not there says
                // nothing, and so is no share. Nor is there one where nobody asked.
                let bad = if objective.bad == Bad::Errors { format!("({bad} or {all} * 0)") } else { bad };
                let share = format!("{bad} / ({all} > 0)");
                self.record(out, &format!("cell:pushdeck_bad:ratio_rate{window}"), Some(&objective), &share)?;
            }
        }
        Ok(())
    }

    /// Requests that are bad, and all of them, each as a rate.
    fn counted(&self, objective: &Objective, window: Window) -> (String, String) {
        let service = Matcher::is("service", self.service.id.as_str());
        let rate = |name: &str, labels: &str| format!("sum by (environment, cell) (rate({name}{{{labels}}}[{window}]))");
        match objective.edge(self.edges) {
            None => {
                let failed = format!("{service},{}", Matcher::like("code", "5.."));
                (rate("pushdeck_requests_total", &failed), rate("pushdeck_requests_total", &service.to_string()))
            }
            Some(edge) => {
                let all = rate("pushdeck_request_seconds_count", &service.to_string());
                let fast = rate("pushdeck_request_seconds_bucket", &format!("{service},{}", Matcher::edge(edge)));
                (format!("({all} - {fast})"), all)
            }
        }
    }

    fn record(&self, out: &mut String, name: &str, objective: Option<&Objective>, expression: &str) -> fmt::Result {
        writeln!(out, "      - record: {}", quoted(name))?;
        writeln!(out, "        expr: {}", quoted(expression))?;
        writeln!(out, "        labels:")?;
        writeln!(out, "          service: {}", quoted(self.service.id.as_str()))?;
        match objective {
            Some(objective) => writeln!(out, "          objective: {}", quoted(&objective.name())),
            None => Ok(()),
        }
    }

    fn alerting(&self, out: &mut String) -> fmt::Result {
        if self.environments.is_empty() {
            return Ok(());
        }
        self.group(out, "burn")?;
        for objective in self.objectives() {
            for (severity, windows) in severities() {
                self.alert(out, &objective, severity, windows)?;
            }
        }
        Ok(())
    }

    fn alert(&self, out: &mut String, objective: &Objective, severity: &str, windows: BurnWindows) -> fmt::Result {
        let service = self.service.id.as_str();
        let (long, short) = (Window(windows.long), Window(windows.short));
        writeln!(out, "      - alert: \"ErrorBudgetBurn\"")?;
        writeln!(out, "        expr: {}", quoted(&self.burns(objective, windows)))?;
        writeln!(out, "        labels:")?;
        // The labels of an alert are templates, those of a recording are not.
        for (label, value) in
            [("severity", severity), ("service", service), ("objective", &objective.name()), ("window", &long.to_string())]
        {
            writeln!(out, "          {label}: {}", quoted(&templated(value)))?;
        }
        let (rate, what) = (windows.rate, bad_words(objective));
        let part = rate * windows.long.secs_f64() / (f64::from(self.service.slo.window_days.max(1)) * 864.0);
        let summary = format!(
            "{} in {{{{ $labels.cell }}}} of {{{{ $labels.environment }}}} burns its budget {rate} times as fast as it may",
            templated(service)
        );
        let told = format!(
            "Over {long} {{{{ $value | humanizePercentage }}}} of its requests there {what}, and over the last {short} too many still do; {} may ({}). \
             {long} of it takes {part:.1} % of the budget of {} days.",
            share(objective.allowed),
            templated(&objective.to_string()),
            self.service.slo.window_days,
        );
        writeln!(out, "        annotations:")?;
        writeln!(out, "          summary: {}", quoted(&summary))?;
        writeln!(out, "          description: {}", quoted(&told))
    }

    /// Both windows burn, and the long one holds enough bad requests to say so. Its value is the long window's share.
    fn burns(&self, objective: &Objective, BurnWindows { rate, long, short }: BurnWindows) -> String {
        let (service, name) = (Matcher::is("service", self.service.id.as_str()), objective.name());
        let places = Matcher::like("environment", &anywhere(self.environments));
        let limit = written::number(rate * objective.allowed);
        let bad = |window: Period| {
            format!("cell:pushdeck_bad:ratio_rate{}{{{service},{places},{}}}", Window(window), Matcher::is("objective", &name))
        };
        let requests = format!("cell:pushdeck_requests:rate{}{{{service},{places}}}", Window(long));
        let on = "on (service, environment, cell)";
        format!(
            "{} > {limit} and {} > {limit} and {on} ({} * {on} {requests} * {} >= {LEAST_BAD})",
            bad(long),
            bad(short),
            bad(long),
            long.secs()
        )
    }

    fn group(&self, out: &mut String, what: &str) -> fmt::Result {
        writeln!(out, "  - name: {}\n    rules:", quoted(&format!("pushdeck {} {what}", self.service.id)))
    }
}

fn severities() -> impl Iterator<Item = (&'static str, BurnWindows)> {
    burn::PAGE.into_iter().map(|windows| ("page", windows)).chain(burn::TICKET.into_iter().map(|windows| ("ticket", windows)))
}

/// Every window that an alert looks at, the shortest first.
fn windows() -> Vec<Period> {
    let mut all: Vec<Period> = severities().flat_map(|(_, windows)| [windows.short, windows.long]).collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn bad_words(objective: &Objective) -> String {
    match objective.bad {
        Bad::Errors => "fail".to_owned(),
        Bad::SlowerThan { .. } => format!("are {}", objective.bad),
    }
}

/// `0.1 %`.
fn share(allowed: f64) -> String {
    format!("{} %", written::number(allowed * 100.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::slo::LatencyObjective;
    use crate::domain::tiny;

    fn rules(name: &str, users: u64) -> String {
        let mut declared = tiny::declaration("production", 1);
        declared.environments[0].cells[0].users = users;
        declared.services[0].id = name.into();
        declared.services[0].slo.latency = vec![LatencyObjective::of(99.0, 0.3)];
        prometheus_rules(&declared, &[0.1, 0.25, 1.0])
    }

    #[test]
    fn each_window_is_recorded_and_each_burn_alerts_once() {
        let told = rules("cart", 10);
        let names =
            |key: &str| told.lines().filter_map(|line| line.trim().strip_prefix(key)).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(names("- record: ").len(), 7 * 3);
        assert_eq!(names("- alert: ").len(), 4 * 2);
        assert_eq!(names("severity: "), ["\"page\"", "\"page\"", "\"ticket\"", "\"ticket\""].repeat(2));
        assert_eq!(names("window: ")[..4], ["\"1h\"", "\"6h\"", "\"1d\"", "\"3d\""]);
        assert!(
            told.contains(r#"le=~\"0\\\\.25\""#) && told.contains(r#"ratio_rate30m{service=\"cart\",environment=~\"production\""#),
            "{told}"
        );
        assert!(told.contains("> 0.0144 and") && told.contains("> 0.144 and"), "{told}");
        assert!(told.contains("1h of it takes 2.0 % of the budget of 30 days."), "{told}");
    }

    #[test]
    fn where_nobody_is_served_nobody_is_alerted() {
        assert!(!rules("cart", 0).contains("alert:"));
    }

    #[test]
    fn without_edges_latency_is_not_counted() {
        let mut declared = tiny::declaration("production", 1);
        declared.services[0].slo.latency = vec![LatencyObjective::of(99.0, 0.3)];
        assert!(!prometheus_rules(&declared, &[]).contains("p99"));
    }

    #[test]
    fn no_name_can_break_out_of_its_quotes_or_become_a_template() {
        let told = rules("a\"b\\\n{{ end }}é\u{1b}[2J", 10);
        assert!(told.is_ascii() && !told.contains('\u{1b}'), "{told}");
        // What could steer a terminal was made visible where the name was read.
        assert!(told.contains(r#"service: "a\"b\\<U+000A>{{\"{{\"}} end }}\u00e9<U+001B>[2J""#), "{told}");
        assert!(told.contains(r#"service=\"a\\\"b\\\\<U+000A>{{ end }}"#), "{told}");
    }
}
