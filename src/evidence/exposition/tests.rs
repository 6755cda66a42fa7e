mod hostile;
mod limited;

use proptest::prelude::*;

use super::*;

fn sample(name: &str, labels: &[(&str, &str)], value: f64) -> Sample {
    let said = Said {
        name: name.to_owned(),
        labels: labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
    };
    let mut memory = Memory::default();
    memory.begin_scrape();
    let place = memory.learn(name, said).unwrap();
    Sample { series: memory.say(place).unwrap(), value }
}

fn read(text: &str, wanted: &[&str]) -> Exposition {
    Reader::default().read(text, wanted)
}

/// The sample of a line by our own reader alone.
fn read_strictly(line: &str) -> Option<(Said, f64)> {
    let (series, rest) = line::split(line)?;
    Some((strict::read_series(series)?, line::value(rest)?))
}

/// Whether a sample of this name belongs to one of the families.
fn is_of(name: &str, families: &[&str]) -> bool {
    let family = ["_bucket", "_sum", "_count"].iter().find_map(|suffix| name.strip_suffix(suffix));
    families.iter().any(|known| *known == name || Some(*known) == family)
}

/// How many lines are of a wanted family, found the slow way: they begin with its name, or with braces that hold it.
fn wanted_lines(text: &[u8], wanted: &[&str]) -> usize {
    let is_wanted = |line: &[u8]| {
        let line = String::from_utf8_lossy(line);
        let line = line.trim_start_matches([' ', '\t', '\r']);
        if line.starts_with('{') {
            let parts: Vec<&str> = line.split('}').next().unwrap().split('"').map(str::trim).collect();
            let follows_none = |part: usize| parts.get(part).is_none_or(|after| !after.starts_with('='));
            return (1..parts.len())
                .step_by(2)
                .any(|part| !parts[part - 1].ends_with('=') && follows_none(part + 1) && is_of(parts[part], wanted));
        }
        is_of(line.split(|c: char| !(c.is_ascii_alphanumeric() || "_:.".contains(c))).next().unwrap(), wanted)
    };
    text.split_inclusive(|byte| *byte == b'\n').filter(|line| is_wanted(line)).count()
}

#[test]
fn wanted_families_are_read_in_the_order_of_the_text_and_the_others_left_alone() {
    let text = "# HELP up Whether.\n# TYPE up gauge\nup{service=\"b\"} 1\nup{service=\"a\"} 0 1395066363000\n\
                # TYPE took histogram\ntook_bucket{le=\"+Inf\"} 3\ntook_bucket{le=\"0.1\"} 2\ntook_sum 1.5e-1\ntook_count 3\n\
                up_and_away 7\nother{ broken\n# EOF\n";
    let read = read(text, &["up", "took"]);
    assert_eq!(
        read.samples,
        vec![
            sample("up", &[("service", "b")], 1.0),
            sample("up", &[("service", "a")], 0.0),
            sample("took_bucket", &[("le", "+Inf")], 3.0),
            sample("took_bucket", &[("le", "0.1")], 2.0),
            sample("took_sum", &[], 0.15),
            sample("took_count", &[], 3.0),
        ]
    );
    assert_eq!(read.unreadable, 0);
}

#[test]
fn lines_that_the_crate_would_lose_or_garble_are_read() {
    for (line, expected) in [
        ("a:b{x=\"1\"} 1", sample("a:b", &[("x", "1")], 1.0)),
        ("a{} 1", sample("a", &[], 1.0)),
        ("a {x=\"1\"} 1", sample("a", &[("x", "1")], 1.0)),
        ("a{x=\"/v1/{id}\"} 1", sample("a", &[("x", "/v1/{id}")], 1.0)),
        ("a{x=\"1,2\"} 1", sample("a", &[("x", "1,2")], 1.0)),
        ("a{x=\"b=c\"} 1", sample("a", &[("x", "b=c")], 1.0)),
        (r#"a{x="\"q\"\\\n"} 1"#, sample("a", &[("x", "\"q\"\\\n")], 1.0)),
        ("a{x=\"1\", y=\"2\"} 1", sample("a", &[("x", "1"), ("y", "2")], 1.0)),
        ("a{x=\"1\",} 1", sample("a", &[("x", "1")], 1.0)),
        ("a{x=\"1\"}1", sample("a", &[("x", "1")], 1.0)),
        ("{\"a.b\",x=\"1\"} 1", sample("a.b", &[("x", "1")], 1.0)),
        ("{\"a.b\", \"x y\"=\"1\"} 1", sample("a.b", &[("x y", "1")], 1.0)),
        ("a{x=\"1\"} 1 1.5 # {trace=\"t\"} 0.3", sample("a", &[("x", "1")], 1.0)),
        ("a{x=\"#\"} +Inf", sample("a", &[("x", "#")], f64::INFINITY)),
        ("a\t{\tx = \"1\" }\t1", sample("a", &[("x", "1")], 1.0)),
    ] {
        let read = read(&format!("{line}\n"), &["a", "a:b", "a.b"]);
        assert_eq!((read.samples, read.unreadable), (vec![expected], 0), "{line}");
    }
}

#[test]
fn what_nobody_can_read_is_counted() {
    for line in [
        "a",
        "a{",
        "a{x=\"1\"",
        "a{x=\"1\"}",
        "a{x=1} 1",
        "a{x=\"1\" y=\"2\"} 1",
        "a{x=\"1\",x=\"2\"} 1",
        "a{x=\"\\t\"} 1",
        "a{1x=\"1\"} 1",
        "a one",
        "a 1 2 3 4",
        "a 1 noon",
        "a 0x1p-2",
        "a{\"b\"} 1",
    ] {
        let read = read(&format!("{line}\n"), &["a"]);
        assert_eq!((read.samples, read.unreadable), (vec![], 1), "{line}");
    }
}

#[test]
fn a_line_cut_off_by_the_end_of_the_text_is_not_believed() {
    let read = read("a 1\nb 0.9", &["a", "b"]);
    assert_eq!((read.samples, read.unreadable), (vec![sample("a", &[], 1.0)], 1));
}

#[test]
fn a_series_said_twice_counts_once() {
    let read = read("a{x=\"1\"} 1\na{x=\"1\"} 2\na{ x=\"1\"} 3\n", &["a"]);
    assert_eq!((read.samples.len(), read.unreadable), (1, 2));
}

#[test]
fn a_remembered_series_is_read_like_a_new_one() {
    let mut reader = Reader::default();
    let text = |value: &str| format!("a{{x=\"1\"}} {value}\na {value}\na{{x=\"}}\"}} {value}\n");
    assert_eq!(reader.read(&text("1"), &["a"]).samples.len(), 3);
    for (value, read, unreadable) in
        [("2", 3, 0), ("2 1395066363000", 3, 0), ("NaN", 3, 0), ("x", 0, 3), ("1 2 3", 0, 3), ("", 0, 3)]
    {
        let again = reader.read(&text(value), &["a"]);
        assert_eq!((again.samples.len(), again.unreadable), (read, unreadable), "{value}");
        assert_eq!(format!("{again:?}"), format!("{:?}", Reader::default().read(&text(value), &["a"])));
    }
}

#[test]
fn what_is_remembered_is_bounded() {
    let mut reader = Reader::default();
    for instance in 0..5_000 {
        reader.read(&format!("a{{x=\"{instance}\"}} 1\n"), &["a"]);
    }
    assert!(reader.memory.size().0 <= memory::SPARE + 2);
}

proptest! {
    #[test]
    fn remembering_changes_nothing(text in "(a(\\{x=\"[12}\\\\]{0,2}\"\\}?)? ?[0-9]{0,3}\\n){0,12}") {
        let mut reader = Reader::default();
        let first = reader.read(&text, &["a"]);
        prop_assert_eq!(reader.read(&text, &["a"]), first);
    }

    #[test]
    fn where_both_readers_apply_they_agree(
        name in "[a-z_][a-z0-9_]{0,8}",
        labels in prop::collection::btree_map("[a-z_][a-z0-9_]{0,5}", "[^}\",=\\\\\\n\\r]{0,8}", 0..5),
        value in prop_oneof![any::<f64>().prop_map(|v| v.to_string()), Just("+Inf".to_owned()), Just("NaN".to_owned())],
        timestamp in prop::option::of(any::<i64>()),
    ) {
        let inside: Vec<_> = labels.iter().map(|(name, value)| format!("{name}=\"{value}\"")).collect();
        let braces = if inside.is_empty() { String::new() } else { format!("{{{}}}", inside.join(",")) };
        let stamp = timestamp.map(|t| format!(" {t}")).unwrap_or_default();
        let line = format!("{name}{braces} {value}{stamp}");
        prop_assert!(plain::is_plain(&line), "{}", line);
        prop_assert_eq!(format!("{:?}", plain::read_line(&line)), format!("{:?}", read_strictly(&line)));
    }

    #[test]
    fn a_line_is_plain_only_where_both_readers_agree(line in "[ab:{}=\"\\\\, \\t1.#eE+x-]{0,24}") {
        if plain::is_plain(&line) {
            let ours = read_strictly(&line);
            prop_assert!(ours.is_some(), "{}", line);
            prop_assert_eq!(format!("{:?}", plain::read_line(&line)), format!("{ours:?}"));
        }
    }

    #[test]
    fn every_wanted_line_is_a_sample_or_counted(text in "(a(\\{x=\"[^\\n]{0,6}\"?\\}?)? ?[0-9]{0,3}\\n){0,8}", cut in 0usize..200) {
        let text: String = text.chars().take(cut).collect();
        let lines = wanted_lines(text.as_bytes(), &["a"]);
        let read = read(&text, &["a"]);
        prop_assert_eq!(read.samples.len() as u64 + read.unreadable, lines as u64);
    }

    #[test]
    fn no_text_makes_it_fall_over(text in any::<String>()) {
        let _ = read(&text, &["a", ""]);
    }
}
