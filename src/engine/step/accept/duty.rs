//! Who answers for a push, and what is written on it. Nothing moves by it.

use crate::domain::change::Fact;
use crate::domain::command::Outcome;
use crate::domain::duty::{LONGEST_NOTE, MOST_NOTES, Note};
use crate::domain::id::PushId;
use crate::safe;

use super::{Act, Asked, Verdict, refuse};

impl Asked<'_> {
    pub(super) fn take_over(&self, id: PushId) -> Verdict {
        let push = self.known(id)?;
        self.entitled(push)?;
        if !push.is_open() && self.successor(push).is_some() {
            return refuse(self.over(push));
        }
        if let Some(driver) = push.driver.as_ref().filter(|driver| driver.by == *self.actor) {
            return Err(Outcome::Superseded { by: format!("{} drives it already", driver.by) });
        }
        Ok(vec![Act::Record(Fact::TakenOver { push: id, by: self.actor.clone() })])
    }

    pub(super) fn note(&self, id: PushId, text: &str) -> Verdict {
        let push = self.known(id)?;
        self.named()?;
        let text = safe::clean(text.trim());
        if text.is_empty() {
            return refuse("an empty note says nothing; write a line");
        }
        if text.chars().count() > LONGEST_NOTE {
            return refuse(format!("a note has at most {LONGEST_NOTE} characters; write a shorter one"));
        }
        if push.notes.iter().filter(|note| note.struck.is_none()).count() >= MOST_NOTES {
            return refuse(format!("{} has {MOST_NOTES} notes already; strike one out first", push.plan.name));
        }
        let note = Note { by: self.actor.clone(), at: self.work.now, text, struck: None };
        Ok(vec![Act::Record(Fact::Noted { push: id, note })])
    }

    pub(super) fn strike(&self, id: PushId, index: u32) -> Verdict {
        let push = self.known(id)?;
        self.named()?;
        match push.notes.get(index as usize) {
            None => refuse(format!("{} has no such note; look again", push.plan.name)),
            Some(note) => match &note.struck {
                Some(by) => Err(Outcome::Superseded { by: format!("{by} struck it out already") }),
                None => Ok(vec![Act::Record(Fact::NoteStruck { push: id, note: index, by: self.actor.clone() })]),
            },
        }
    }

    /// Whoever leaves a record is somebody that the spec names.
    fn named(&self) -> Result<(), Outcome> {
        if self.fleet.declaration().people.contains_key(self.actor) {
            Ok(())
        } else {
            refuse(format!("{} has no role here; somebody named in [people] can do this", self.actor))
        }
    }
}
