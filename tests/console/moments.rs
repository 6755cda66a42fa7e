//! Every screen, every state of it and everything that lies over one, each a line of one list: what is shown of it, what is cut of it
//! and whether it can be read are tests over the list. A new screen is a new line.

#![allow(
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "helpers of tests: what is not as it should be fails the test"
)]

use crate::frame::{look, press, remembered, replaying, resize, settle, strike, told};
use crate::story::{self, Story};
use crate::{cuts, screens};
use pushdeck::console::keymap::Access;
use pushdeck::console::model::{Event, Model, update};

/// Columns and rows: the least there is, a plain terminal, two that are larger, and the one the screens were drawn for.
pub const SIZES: [(u16, u16); 5] = [(60, 15), (80, 24), (120, 40), (160, 48), (200, 60)];

/// Who sits there, and how much they have heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seat {
    /// May act, and has heard how things stand.
    Operate,
    /// A wall.
    Watch,
    /// May act, and has heard everything that led here.
    Past,
    /// A replay, ten times as fast as it was lived.
    Replay,
}

/// What a person sees after some keys, struck one a second.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// What its snapshots are called.
    pub name: &'static str,
    tell: fn() -> Story,
    seat: Seat,
    /// As in settings: `3 down enter`.
    keys: &'static str,
}

impl Moment {
    /// The console there, at each size. Told once: a story takes longer than a frame.
    pub fn at_sizes(&self, sizes: &[(u16, u16)]) -> Vec<Model> {
        let story = (self.tell)();
        let size = sizes.first().copied().unwrap_or((80, 24));
        let begun = match self.seat {
            Seat::Operate => told(&story, Access::Operate, "lena", size),
            Seat::Watch => told(&story, Access::Watch, "lena", size),
            Seat::Past => remembered(&story, Access::Operate, "lena", size),
            Seat::Replay => replaying(&story, 10.0, size),
        };
        let at = |size| {
            let mut model = begun.clone();
            resize(&mut model, size);
            for key in self.keys.split(' ') {
                // What is explained was seen, as far as there was room for it.
                if key == "e" {
                    look(&mut model);
                    press(&mut model, key);
                } else {
                    strike(&mut model, key);
                }
                beat(&mut model, self.seat);
            }
            settle(&mut model);
            model
        };
        sizes.iter().map(|size| at(*size)).collect()
    }
}

/// The engine goes on being heard while somebody types; a replay has none.
fn beat(model: &mut Model, seat: Seat) {
    if seat != Seat::Replay {
        let (at, seq, heard) = (model.heard_now(), model.fleet().seq(), model.console_now());
        update(model, Event::Heartbeat { at, seq, heard });
    }
}

/// What everything of the list is held to.
fn seen(name: &str) {
    let moment = MOMENTS.iter().find(|moment| moment.name == name).expect("a moment of the list");
    let models = moment.at_sizes(&SIZES);
    screens::are_as_they_were_read(name, &models);
    for model in models {
        cuts::are_told_whole(name, model);
    }
}

macro_rules! moments {
    ($($name:ident: $tell:ident, $seat:ident, $keys:literal;)+) => {
        /// All of them.
        pub const MOMENTS: &[Moment] =
            &[$(Moment { name: stringify!($name), tell: story::$tell, seat: Seat::$seat, keys: $keys }),+];

        /// A test each, so that they run side by side and fail by name.
        mod seen {
            $(#[test]
            fn $name() {
                super::seen(stringify!($name));
            })+
        }
    };
}

moments! {
    fleet: at_ten_percent, Operate, "";
    fleet_no_push: before_it_is_asked_for, Operate, "";
    fleet_service: no_data, Operate, "down";
    fleet_rolled_back: rolled_back, Operate, "";
    fleet_columns: at_ten_percent, Operate, "C down space";
    fleet_two_columns: no_data, Operate, "C down space down space esc";
    fleet_one_column: no_data, Operate, "C space down down space down space esc";
    fleet_columns_moved: at_ten_percent, Operate, "C end left left left";
    fleet_no_column: no_data, Operate, "C space down space down space down space esc";
    watch_fleet: at_ten_percent, Watch, "";

    push_before_the_first_step: before_the_first_step, Operate, "2";
    push_moving: moving, Operate, "2";
    push_baking: at_ten_percent, Operate, "2";
    push_leaning: leaning, Operate, "2";
    push_undecided: undecided_for_long, Operate, "2";
    push_cleared: cleared, Operate, "2";
    push_ready: ready_for_a_hand, Operate, "2";
    push_waiting_for_approval: waiting_for_approval, Operate, "2";
    push_held: held, Operate, "2";
    push_not_stopped: not_stopped, Operate, "2";
    push_without_data: no_data, Operate, "2";
    push_flag_off: flag_going_off, Operate, "2";
    push_waived: waived, Operate, "2";
    push_exposed: exposed, Operate, "2";
    push_going_back: going_back, Operate, "2";
    push_rollback_failed: rollback_failed, Operate, "2";
    push_rolled_back: rolled_back, Operate, "2";
    push_converged: converged, Operate, "2";
    push_converged_without_all: converged_without_all, Operate, "2";
    push_before_a_freeze: before_a_freeze, Operate, "2";
    push_in_a_freeze: in_a_freeze, Operate, "2";
    push_pinned: at_ten_percent, Operate, "4 down m 2";
    watch_push: going_back, Watch, "2";

    waiting: waiting_for_approval, Operate, "3";
    waiting_before_a_freeze: before_a_freeze, Operate, "3";
    waiting_rolled_back: rolled_back, Operate, "3";
    waiting_undecided: undecided_for_long, Operate, "3";
    waiting_columns: waiting_for_approval, Operate, "3 C end space home space esc";
    waiting_for_nobody: before_it_is_asked_for_and_a_freeze, Operate, "3";

    signals: at_ten_percent, Operate, "2 4";
    signals_compared: leaning, Operate, "2 4 enter";
    signals_regression: exposed, Operate, "2 4";
    signals_without_data: no_data, Operate, "2 4";
    signal_alone: exposed, Operate, "2 4 enter left left left left";
    signal_by_cell: exposed, Operate, "2 4 tab";
    signals_new_errors: new_errors, Operate, "2 4";
    signals_errors_selected: new_errors, Operate, "2 4 up";
    signals_errors_opened: new_errors, Operate, "2 4 up enter";
    signals_no_new_errors: no_new_errors, Operate, "2 4";
    signals_logs_not_read: logs_not_read, Operate, "2 4 up enter";
    push_new_errors: new_errors, Operate, "2";
    push_going_back_with_errors: going_back_with_errors, Operate, "2";

    timeline: rolled_back, Past, "5";
    timeline_every_step: rolled_back, Past, "5 v";
    timeline_columns: rolled_back, Past, "5 C space esc";
    timeline_read: rolled_back, Past, "5 down tab";
    past_fleet: rolled_back, Past, "{ { { { 1";
    past_push: rolled_back, Past, "{ { { { 2";
    past_timeline: rolled_back, Past, "{ { { { 5";
    replay_fleet: rolled_back, Replay, "} } } } } } } } } } } } } } space 1";
    replay_push: rolled_back, Replay, "} } } } } } } } } } } } } } space 2";
    replay_timeline: rolled_back, Replay, "} } } } } } } } } } } } } } space 5";

    help: at_ten_percent, Operate, "?";
    help_end: at_ten_percent, Operate, "? end";
    help_past: rolled_back, Past, "{ ?";
    watch_help: at_ten_percent, Watch, "?";
    palette: at_ten_percent, Operate, ":";
    palette_typed: at_ten_percent, Operate, ": b l o b";
    palette_nothing: at_ten_percent, Operate, ": q x q";
    filter_typed: at_ten_percent, Operate, "/ s t o r";
    filter_faulty: at_ten_percent, Operate, "/ e v n : p r o d";
    filter_long: at_ten_percent, Operate, "/ s t a t u s : f a i l e d space - e n v : s t a g i n g space - c e l l : e u space p 9 9 > 3 0 0 m s";
    filter_listing: at_ten_percent, Operate, "/ s t a t u s : f a i l e d enter";
    filter_nothing: rolled_back, Past, "5 / n o t h i n g enter";

    dialog_approve: waiting_for_approval, Operate, "2 a";
    dialog_reject: waiting_for_approval, Operate, "2 x";
    dialog_promote: ready_for_a_hand, Operate, "2 p";
    dialog_resume: held, Operate, "2 u";
    dialog_waive: no_data, Operate, "2 w enter";
    dialog_roll_back: at_ten_percent, Operate, "2 r";
    dialog_roll_back_fast: at_ten_percent, Operate, "2 R";
    dialog_alone: at_ten_percent, Operate, "2 : s i b l i n g enter enter";
    dialog_drain: at_ten_percent, Operate, "2 : d r a i n enter enter";
    dialog_halt: going_back, Operate, "2 : h a l t enter";
    dialog_start: before_it_is_asked_for_and_a_freeze, Operate, "n enter";
    dialog_fix_forward: held_with_a_fix, Operate, "2 f";
    dialog_flag_on: flag_going_off, Operate, "2 : f l a g space o n enter";
    dialog_note: at_ten_percent, Operate, "2 c s e e space m e";
    dialog_note_long: at_ten_percent, Operate, "2 c e u space c o m p a c t i o n space r u n s space u n t i l space 1 5 : 0 0 space a n d space i s space n o t space t h i s space p u s h ; space a s k space r a j space 遅 い";
    which_requirement: no_data, Operate, "2 w";
    which_start: before_it_is_asked_for, Operate, "n";
    refused_promote: waiting_for_approval, Operate, "2 p";
    refused: at_ten_percent, Operate, "2 : h a l t enter";

    explain_group: at_ten_percent, Operate, "e";
    explain_service: at_ten_percent, Operate, "down e";
    explain_service_end: at_ten_percent, Operate, "down e end";
    explain_stage: at_ten_percent, Operate, "2 e";
    explain_requirement: at_ten_percent, Operate, "2 tab e";
    explain_waiting: waiting_for_approval, Operate, "3 e";
    explain_rolled_back: rolled_back, Past, "3 e";
    explain_chart: exposed, Operate, "2 4 e";
    explain_errors: new_errors, Operate, "2 4 up e";
    explain_entry: rolled_back, Past, "5 e";
}
