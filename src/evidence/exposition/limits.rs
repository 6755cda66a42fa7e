//! How much of a target is taken in. A target is another team's program and may be broken or hostile: whatever it answers, memory and
//! time stay bounded, and what goes beyond a limit in a wanted family is counted as unreadable.

/// The most bytes an answer may have once unpacked: 16 MiB. Ten are a large target of 500 families; an answer that is longer is not
/// read at all, because its counters would seem to have gone away.
pub const BODY: usize = 16 * 1024 * 1024;

/// The most bytes of a line: 16 KiB. A line of 30 labels seldom has one; an `OpenMetrics` exemplar adds less than half of one.
pub const LINE: usize = 16 * 1024;

/// The most labels of a series. Hosted metric stores take 30 or 40, so no exporter that anybody stores has more.
pub const LABELS: usize = 64;

/// The most bytes of a metric's or a label's name, as hosted metric stores have it.
pub const NAME: usize = 1_024;

/// The most bytes of a label's value, likewise.
pub const VALUE: usize = 2_048;

/// The most series, and lines, of wanted families in one scrape; the first of them are read. A cell of 2,000 instances says some 20,000.
pub const SERIES: usize = 100_000;
