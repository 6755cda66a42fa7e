//! What is wanted of flags, and what was seen of it.

use super::super::change::Fact;
use super::super::flag::FlagState;
use super::super::fleet::Fleet;
use super::super::time::EngineTime;

impl Fleet {
    pub(super) fn switch(&mut self, fact: &Fact, at: EngineTime) {
        match fact {
            Fact::FlagSwitched { flag, on, by } => {
                let switched = Some((at, by.clone()));
                self.flags.insert(flag.clone(), FlagState { on: *on, switched, ..FlagState::DECLARED });
            }
            Fact::FlagTold { flag, tries } => {
                if let Some(state) = self.flags.get_mut(flag) {
                    state.told = Some((*tries, at));
                }
            }
            Fact::FlagSeen { flag, taken, of } => {
                if let Some(state) = self.flags.get_mut(flag) {
                    state.seen = Some((*taken, *of));
                    if taken >= of && *of > 0 {
                        state.all = state.all.or(Some(at));
                    }
                }
            }
            _ => {}
        }
    }
}
