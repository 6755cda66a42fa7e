//! Verdicts that may be looked at every second: sequential tests of the new version against the old one beside it.
//!
//! ```text
//!  Counts      bad events of both arms, tick by tick, cell by cell
//!  Mixture     evidence that the new one is worse; its mirror: evidence that it is not so much worse
//!  Bound       evidence that hardly anything is bad, where there is nothing to compare with
//!  Onset       the same for what begins late
//!  Dispersion  how much the counts vary by themselves
//!  Slice       all of these, of one kind of bad event
//!  Verdicts    what the slices of a stage say together
//!  Levels      how sure a verdict must be
//!  outlook     when it will be there, and what a stage can see at all
//! ```

mod bound;
mod counts;
mod dispersion;
mod levels;
mod mixture;
mod onset;
mod outlook;
mod slice;
mod verdicts;

pub use bound::Bound;
pub use counts::{Arm, Counts};
pub use dispersion::Dispersion;
pub use levels::Levels;
pub use mixture::Mixture;
pub(super) use mixture::log_mean_exp;
pub use onset::Onset;
pub use outlook::{Ahead, Belief, Pace, if_it_were, when};
pub use slice::{Margins, Slice};
pub use verdicts::Verdicts;
