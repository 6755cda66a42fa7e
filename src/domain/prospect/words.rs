//! What is ahead in words, the same for lines, JSON and dialogs.

use super::super::explain::Moment;
use super::super::fleet::Fleet;
use super::super::requirement;
use super::super::rollback;
use super::{Back, Clash, Contents, Need, Step};

impl Clash {
    /// `production closes at 16:00, the freeze weekend: 33 % cannot be reached before that; it opens Mon 09:00`.
    pub fn words(&self, fleet: &Fleet, moment: &Moment) -> String {
        match self {
            Self::Closed(found) => {
                let (cut, at) = (&found.cut, moment.day_clock(found.cut.closes));
                let opens = found.opens.map_or_else(
                    || "nothing that is declared opens it again".to_owned(),
                    |opens| format!("it opens again {}", moment.day_clock(opens)),
                );
                let (place, by, stage) = (&cut.environment, cut.by.words(), &cut.stage);
                format!("{place} closes at {at}, {by}: {stage} cannot be reached before that; {opens}")
            }
            Self::Waits { stage, environment, shut } => {
                let why = requirement::why_shut(fleet, environment, shut, moment.now);
                format!("{stage} waits: {why}")
            }
            Self::Kept { stage, kind, why, who } => format!("{stage}, {kind}: {why} (cleared by {who})"),
            Self::Misfit(found) => format!("siblings, {}", found.words()),
        }
    }
}

impl Back {
    /// `flag blob_v2 off first, users safe after 30 s, all back in 6 min`, or that there is none.
    pub fn words(&self) -> String {
        let flags = rollback::flags_first(self.flags.iter());
        match (self.barred.first(), self.users_safe.is_zero()) {
            (Some(barred), _) => {
                let kept = if self.kept.is_some() { "; blue is warm and cannot be gone back to" } else { "" };
                format!("no way back: {}; instead: {}{kept}", barred.why, barred.instead)
            }
            (None, safe) if self.kept.is_some() => {
                let users = if safe { String::new() } else { format!("users safe after {}, ", self.users_safe) };
                let keep = self.kept.map(|kept| kept.keep).unwrap_or_default();
                format!("{flags}at once, {users}nothing is installed: blue is kept warm until {keep} after 100 %")
            }
            (None, true) => format!("{flags}all back in {}", self.all_old),
            (None, false) => format!("{flags}users safe after {}, all back in {}", self.users_safe, self.all_old),
        }
    }
}

impl Need {
    /// `2 approvals of oncall, about 15:10`.
    pub fn words(&self, moment: &Moment) -> String {
        let at = self.at.map_or_else(|| "nobody can say when".to_owned(), |at| format!("about {}", moment.day_clock(at)));
        format!("{} of {}, {at}", self.what, self.who)
    }
}

impl Step {
    /// `14:30 to 15:41 at the earliest; usually to 15:50, p95 16:02 (3 passages)`.
    pub fn when(&self, moment: &Moment) -> String {
        let Some(earliest) = self.earliest else { return "never, as things are declared".to_owned() };
        let (from, to) = (moment.day_clock(earliest.enters), moment.day_clock(earliest.leaves));
        let usually = match (self.average, self.p95, self.passages) {
            (Some(average), Some(p95), Some(passages)) => {
                let span = |span: super::Span| format!("{} to {}", moment.day_clock(span.enters), moment.day_clock(span.leaves));
                format!("; on average {}, p95 {} (of {passages})", span(average), span(p95))
            }
            _ => String::new(),
        };
        format!("{from} to {to} at the earliest{usually}")
    }
}

impl Contents {
    /// `9 commits by 3 people since v41`.
    pub fn words(&self) -> String {
        let counted = |number: u32, one: &str, more: &str| format!("{number} {}", if number == 1 { one } else { more });
        match (self.commits, self.people) {
            (Some(commits), Some(people)) => {
                let most = if self.releases > 1 { "at most " } else { "" };
                let (commits, people) = (counted(commits, "commit", "commits"), counted(people, "person", "people"));
                format!("{commits} by {most}{people} since {}", self.running)
            }
            _ => format!("how much has changed since {} is not known", self.running),
        }
    }
}
