//! What broken and hostile targets say: every line is read rightly or counted, wanted or not, whole or cut.

use super::*;

const FAMILIES: [&str; 8] = ["a", "a:b", "a.b", "a_total", "a_info", "a_gsum", "a_gcount", "ab"];

/// What a line says: a name, labels and a value.
type Says = (&'static str, &'static [(&'static str, &'static str)], f64);

/// Every kind of line that parsers are known to drop, garble or refuse, and what it says, if anything.
const CORPUS: &[(&str, Option<Says>)] = &[
    // Dropped by some without a word.
    ("a:b{x=\"1\"} 1", Some(("a:b", &[("x", "1")], 1.0))),
    ("a{} 1", Some(("a", &[], 1.0))),
    ("a {x=\"2\"} 1", Some(("a", &[("x", "2")], 1.0))),
    ("a{path=\"/v1/{id}\"} 1", Some(("a", &[("path", "/v1/{id}")], 1.0))),
    ("a{path=\"}\"} 1", Some(("a", &[("path", "}")], 1.0))),
    ("{\"a.b\"} 1", Some(("a.b", &[], 1.0))),
    ("{ \"a.b\" , \"x y\" = \"3\" } 1", Some(("a.b", &[("x y", "3")], 1.0))),
    ("a{x=\"4\"}1", Some(("a", &[("x", "4")], 1.0))),
    ("a{x=\"5\"} 0x1p-2", None),
    ("a 0x10", None),
    // Garbled by some.
    ("a{x=\"1,2\"} 1", Some(("a", &[("x", "1,2")], 1.0))),
    ("a{x=\"b=c\",y=\"=\"} 1", Some(("a", &[("x", "b=c"), ("y", "=")], 1.0))),
    (r#"a{x="\"quoted\""} 1"#, Some(("a", &[("x", "\"quoted\"")], 1.0))),
    (r#"a{x="back\\"} 1"#, Some(("a", &[("x", "back\\")], 1.0))),
    (r#"a{x="two\nlines"} 1"#, Some(("a", &[("x", "two\nlines")], 1.0))),
    (r#"a{x="\"} 1"#, None),
    (r#"a{x="\t"} 1"#, None),
    ("a{x=\"6\", y=\"7\"} 1", Some(("a", &[("x", "6"), ("y", "7")], 1.0))),
    ("a{x=\"8\" ,y=\"9\",} 1", Some(("a", &[("x", "8"), ("y", "9")], 1.0))),
    ("a 1 2 3 4", None),
    ("a{x=\"10\"} 1 1395066363.5", Some(("a", &[("x", "10")], 1.0))),
    ("a 1 soon", None),
    ("a 1 NaN", None),
    // Of a type that some do not join or do not know.
    ("a_total 17", Some(("a_total", &[], 17.0))),
    ("a_sum 1.5", Some(("a_sum", &[], 1.5))),
    ("a_count 3", Some(("a_count", &[], 3.0))),
    ("a_info{version=\"1.2\"} 1", Some(("a_info", &[("version", "1.2")], 1.0))),
    ("a{a=\"on\"} 0", Some(("a", &[("a", "on")], 0.0))),
    ("a_bucket{le=\"+Inf\"} 3", Some(("a_bucket", &[("le", "+Inf")], 3.0))),
    ("a_gsum 3", Some(("a_gsum", &[], 3.0))),
    ("a_gcount 3", Some(("a_gcount", &[], 3.0))),
    // Right with most.
    ("a{v=\"1\"} -Inf", Some(("a", &[("v", "1")], f64::NEG_INFINITY))),
    ("a{v=\"2\"} +Inf", Some(("a", &[("v", "2")], f64::INFINITY))),
    ("a{v=\"3\"} 1.5e-3 1395066363000", Some(("a", &[("v", "3")], 0.0015))),
    ("a\t{\tv\t=\t\"4\"\t}\t1\t", Some(("a", &[("v", "4")], 1.0))),
    ("\t  a{v=\"5\"} 1", Some(("a", &[("v", "5")], 1.0))),
    ("a{v=\"6\",empty=\"\"} 1", Some(("a", &[("v", "6")], 1.0))),
    ("a_bucket{le=\"1\"} 2 # {trace=\"t\"} 0.7 1.5", Some(("a_bucket", &[("le", "1")], 2.0))),
    ("a{v=\"\u{e9}\u{4e2d}\u{1f600}\"} 1", Some(("a", &[("v", "\u{e9}\u{4e2d}\u{1f600}")], 1.0))),
    ("a{v=\"\0\"} 1", Some(("a", &[("v", "\0")], 1.0))),
    // Broken.
    ("a\0{x=\"1\"} 1", None),
    ("a\0 1", None),
    ("a", None),
    ("a{", None),
    ("a{x", None),
    ("a}", None),
    ("a{x=\"1\"", None),
    ("a{x=\"1} 1", None),
    ("a{x=1} 1", None),
    ("a{x=\"1\" y=\"2\"} 1", None),
    ("a{x=\"1\",,y=\"2\"} 1", None),
    ("a{x=\"1\",x=\"2\"} 1", None),
    ("a{=\"1\"} 1", None),
    ("a{\"\"=\"1\"} 1", None),
    ("a{\"b\"} 1", None),
    ("{x=\"1\",\"a\"} 1", None),
    ("{\"a", None),
    ("a=1", None),
    ("a 1,5", None),
    ("a one", None),
    ("a{x=\"11\"}", None),
    ("a{x=\"12\"} # {trace=\"t\"} 1", None),
];

/// Lines that say nothing of these families: comments of every kind, blank lines, and other names.
const BETWEEN: [&str; 14] = [
    "# HELP a",
    "# HELP a ",
    "# TYPE a nonsense",
    "# UNIT a seconds",
    "#",
    "",
    " \t",
    "# EOF",
    "a_created 1",
    "abc 1",
    "b{x=\"a\"} 1",
    "{\"b\",x=\"a\"} 1",
    "{x=\"a\"} 1",
    "b{ broken",
];

fn expected(says: Option<Says>) -> Vec<Sample> {
    says.iter().map(|(name, labels, value)| sample(name, labels, *value)).collect()
}

fn body(end: &str) -> String {
    let between = BETWEEN.iter().cycle();
    CORPUS.iter().zip(between).map(|((line, _), between)| format!("{between}{end}{line}{end}")).collect::<Vec<_>>().concat()
}

#[test]
fn each_line_is_read_rightly_or_counted_the_first_time_and_the_second() {
    for (line, says) in CORPUS {
        for text in [format!("{line}\n"), format!("ab 1\n {line}\r\n# EOF"), format!("{line} \n{line}\n")] {
            let mut reader = Reader::default();
            let first = reader.read(&text, &FAMILIES);
            let samples: Vec<Sample> = first.samples.iter().filter(|sample| &*sample.series.name != "ab").cloned().collect();
            assert_eq!(samples, expected(*says), "{text:?}");
            assert_eq!(first.samples.len() as u64 + first.unreadable, wanted_lines(text.as_bytes(), &FAMILIES) as u64, "{text:?}");
            assert_eq!(reader.read(&text, &FAMILIES), first, "{text:?}");
            assert_eq!(reader.read(&text, &["z"]), Exposition::default(), "{text:?}");
        }
    }
}

#[test]
fn all_of_them_in_one_text_are_read_in_its_order() {
    for end in ["\n", "\r\n", "\n\n"] {
        let read = read(&body(end), &FAMILIES);
        assert_eq!(read.samples, CORPUS.iter().flat_map(|(_, says)| expected(*says)).collect::<Vec<_>>());
        assert_eq!(read.unreadable, CORPUS.iter().filter(|(_, says)| says.is_none()).count() as u64);
    }
}

#[test]
fn a_text_cut_anywhere_accounts_for_every_wanted_line_that_began() {
    let body = body("\n").into_bytes();
    let mut knowing = Reader::default();
    knowing.read(&body, &FAMILIES);
    for cut in 0..=body.len() {
        let text = &body[..cut];
        let known = knowing.read(text, &FAMILIES);
        assert_eq!(known.samples.len() as u64 + known.unreadable, wanted_lines(text, &FAMILIES) as u64, "at {cut}");
        if cut % 7 == 0 {
            assert_eq!(Reader::default().read(text, &FAMILIES), known, "at {cut}");
        }
    }
}

#[test]
fn bytes_that_are_no_text_matter_in_wanted_lines_only() {
    let text = b"# HELP a \xff\xfe\nb{x=\"\xe4\"} 1\n\xff\xff 1\na{x=\"1\"} 1\na{x=\"\xe4\"} 1\na\xff 1\n{\"a\xff\"} 1\n{\"a\",x=\"\xff\"} 1\na 1\n";
    let read = Reader::default().read(text, &["a"]);
    assert_eq!((read.samples, read.unreadable), (vec![sample("a", &[("x", "1")], 1.0), sample("a", &[], 1.0)], 3));
}

#[test]
fn a_series_in_other_words_is_said_twice() {
    let text = "a{x=\"1\",y=\"2\"} 1\na{y=\"2\",x=\"1\"} 2\na{x=\"1\",y=\"2\",z=\"\"} 3\n{\"a\",x=\"1\",y=\"2\"} 4\n";
    let mut reader = Reader::default();
    for _ in 0..3 {
        let read = reader.read(text, &["a"]);
        assert_eq!((read.samples, read.unreadable), (vec![sample("a", &[("x", "1"), ("y", "2")], 1.0)], 3));
    }
    // What was said in other words before is the same series when it is said in these.
    let read = reader.read("a{y=\"2\",x=\"1\"} 5\na{x=\"1\",y=\"2\"} 6\n", &["a"]);
    assert_eq!((read.samples, read.unreadable), (vec![sample("a", &[("x", "1"), ("y", "2")], 5.0)], 1));
}

#[test]
fn lines_that_come_go_and_change_places_are_read_like_new_ones() {
    let line = |series: usize, value: usize| match series % 4 {
        0 => format!("a {value}\n"),
        1 => format!("a {{x=\"{series}\"}} {value}\n"),
        2 => format!("a{{x=\"{series}\"}}{value}\n"),
        _ => format!("a{{x=\"{series}\"}} {value}\n"),
    };
    let mut reader = Reader::default();
    for orders in [vec![0, 1, 2, 3, 7], vec![3, 2, 1, 0], vec![1, 0, 7, 5, 3], vec![], vec![0], vec![7, 6, 5, 4, 3, 2, 1]] {
        let text: String = orders.iter().enumerate().map(|(value, series)| line(*series, value)).collect();
        let read = reader.read(&text, &["a"]);
        assert_eq!((read.samples.len(), read.unreadable), (orders.len(), 0));
        assert_eq!(read, Reader::default().read(&text, &["a"]), "{text}");
    }
}

#[test]
fn an_open_metrics_text_is_whole_with_its_end_only() {
    for whole in ["# EOF\n", "a 1\n# EOF", "a 1\n# EOF\n", "a 1\r\n# EOF\r\n"] {
        assert!(is_whole_open_metrics(whole.as_bytes()), "{whole:?}");
    }
    for cut in ["", "a 1\n", "a 1\n# EO", "a{x=\"# EOF\n", "x# EOF\n", "# EOF\na 1\n"] {
        assert!(!is_whole_open_metrics(cut.as_bytes()), "{cut:?}");
    }
}

proptest! {
    #[test]
    fn whatever_becomes_of_a_line_it_is_not_lost(
        lines in prop::collection::vec(0..CORPUS.len(), 1..6),
        changes in prop::collection::vec((any::<prop::sample::Index>(), prop_oneof![
            any::<u8>(), prop::sample::select(b"a{}\"\\=,# \t\r\n019.:_".to_vec()),
        ]), 0..4),
    ) {
        let mut text: Vec<u8> = lines.iter().flat_map(|line| format!("{}\n", CORPUS[*line].0).into_bytes()).collect();
        for (at, byte) in changes {
            let at = at.index(text.len());
            text[at] = byte;
        }
        let mut reader = Reader::default();
        let first = reader.read(&text, &FAMILIES);
        prop_assert_eq!(format!("{:?}", reader.read(&text, &FAMILIES)), format!("{:?}", &first));
        let whole = text.split(|byte| *byte == b'\n').filter_map(|line| std::str::from_utf8(line).ok());
        let whole: Vec<&str> = whole.map(|line| line.trim_matches(line::AROUND)).collect();
        for line in whole.iter().filter(|line| plain::is_plain(line)) {
            prop_assert_eq!(format!("{:?}", plain::read_line(line)), format!("{:?}", read_strictly(line)));
        }
        // Every line that our own reader takes for one of these families is accounted for, however its beginning was looked at.
        let readable = whole.iter().filter_map(|line| read_strictly(line)).filter(|(said, _)| is_of(&said.name, &FAMILIES)).count() as u64;
        prop_assert!(first.samples.len() as u64 <= readable && readable <= first.samples.len() as u64 + first.unreadable);
    }

    #[test]
    fn no_bytes_make_it_fall_over(text in any::<Vec<u8>>()) {
        let _ = Reader::default().read(&text, &["a", ""]);
    }
}
