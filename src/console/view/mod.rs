//! Drawing: from the model to cells. Pure; may use ratatui's buffer, `model`, `theme`, `keymap` and `domain`, never a terminal, a clock
//! or a backend.
//!
//! ```text
//!  row 1    mode, backend, who I am                       feeds, heartbeat, clock
//!  row 2    tabs with counts                              STALE, where it is
//!  row 3    the one most urgent line, blank when none
//!           the screen; a dialog, the help or a choice over it
//!           the outcome of the last command, for a while
//!           in the past and in a replay: where in time one is
//!  last     what keys will hit, and what can be pressed now
//! ```

mod chrome;
mod columns;
mod dialog;
mod evidence;
mod field;
mod filter;
mod fleet;
mod fleet_columns;
mod fleet_elsewhere;
mod fleet_table;
mod instances;
pub mod kit;
pub mod line;
pub mod mark;
mod page;
mod palette;
mod placed;
pub mod push;
mod scrub_bar;
mod signals;
mod timeline;
mod waiting;
mod wall;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::console::model::{Cut, Model, Overlay, Owner, Screen, Spot, wrap};
use crate::console::theme::{Role, Theme};

use kit::{Painter, Region, Report};

/// Rows above a screen: identity, tabs, urgent.
const HEAD: u16 = 3;

/// What a frame shows, besides its cells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drawn {
    /// What can be pointed at, and where.
    pub regions: Vec<Region>,
    /// What there was no room for. Keys that the footer leaves out are not among it: the help has all of them.
    pub cuts: Vec<Cut>,
}

/// Draws everything into a buffer of any size. Unicode; a caller without it passes the buffer through [`kit::scrub`] afterwards.
pub fn draw(buffer: &mut Buffer, model: &Model, theme: &Theme) -> Drawn {
    let (mut of_screen, mut of_overlay) = (Report::default(), Report::default());
    let mut painter = Painter::new(buffer, theme).reporting(&mut of_screen);
    painter.fill(Role::Base);
    let bar = u16::from(scrub_bar::is_shown(model) && painter.height() > HEAD + 3);
    let middle = Rect::new(0, HEAD, painter.width(), painter.height().saturating_sub(HEAD + 1 + bar));
    let toast = chrome::toast(model, usize::from(painter.width()));
    // What covers the screen leaves room for the outcome of a command, since some can be given in it.
    let above = Rect { height: middle.height.saturating_sub(toast.len() as u16), ..middle };
    match model.overlay() {
        _ if middle.height == 0 => {}
        // These leave nothing of the screen to be seen.
        Some(Overlay::Instances(strip)) => {
            instances::draw(&mut painter.part(above), model, strip);
            outcome(&mut painter, above.bottom(), toast);
        }
        Some(Overlay::Help { scroll }) => {
            page::draw(&mut painter.part(above).reporting(&mut of_overlay), model, *scroll);
            outcome(&mut painter, above.bottom(), toast);
        }
        // It ends with whatever the screen below it has no room for.
        Some(Overlay::Explain(explaining)) => {
            body(&mut painter, middle, model);
            page::draw(&mut painter.part(above).reporting(&mut of_overlay), model, explaining.scroll);
        }
        _ => {
            body(&mut painter, middle, model);
            overlay(&mut painter.part(middle).reporting(&mut of_overlay), model);
        }
    }
    chrome::head(&mut painter, model);
    if bar > 0 {
        let row = painter.height() - 2;
        scrub_bar::draw(&mut painter, model, row);
    }
    if painter.height() > HEAD {
        chrome::foot(&mut painter, model);
    }
    let Report { regions, cuts } = of_screen;
    let below = cuts.into_iter().map(|(row, parted)| (owner(&regions, row, buffer.area.width), parted));
    let over_it = of_overlay.cuts.into_iter().map(|(_, parted)| (Owner::Overlay, parted));
    let cuts = below.chain(over_it).map(|(owner, parted)| Cut { owner, head: parted.head, text: parted.text }).collect();
    Drawn { regions, cuts }
}

/// To what the texts of a row belong. Where something else stands beside it, they belong to the screen.
fn owner(regions: &[Region], row: u16, width: u16) -> Owner {
    let is_whole = |region: &&Region| region.area.width == width && region.area.top() <= row && row < region.area.bottom();
    let mut of_row = regions.iter().rev().filter(is_whole);
    let key = of_row.find_map(|region| if let Spot::Row(key) = &region.spot { Some(key) } else { None });
    key.map_or(Owner::Screen, |key| Owner::Row(key.clone()))
}

/// The screen, and in the rows above the last the outcome of the last command: where these hold anything, the screen does with fewer.
fn body(painter: &mut Painter<'_>, middle: Rect, model: &Model) {
    let toast = chrome::toast(model, usize::from(painter.width()));
    let screen_rows = middle.height.saturating_sub(toast.len() as u16);
    fresh_or_stale(&mut painter.part(middle), model);
    let below = Rect::new(0, HEAD + screen_rows, middle.width, middle.height - screen_rows);
    if !painter.part(below).is_blank() {
        painter.part(middle).fill(Role::Base);
        painter.forget_report();
        fresh_or_stale(&mut painter.part(Rect { height: screen_rows, ..middle }), model);
    }
    outcome(painter, below.y, toast);
}

/// The outcome of the last command, from a row on.
fn outcome(painter: &mut Painter<'_>, first: u16, toast: Vec<line::Line>) {
    for (row, line) in (first..).zip(toast) {
        painter.fill_row(row, Role::Base);
        line.draw(painter, row);
    }
}

fn fresh_or_stale(painter: &mut Painter<'_>, model: &Model) {
    screen(painter, model);
    // The wall says so in its biggest letters, and greys what else it shows.
    if model.freshness().stale.is_some() && !model.is_wall() {
        (0..painter.height()).for_each(|row| painter.overlay_row(row, Role::Stale));
    }
}

fn screen(painter: &mut Painter<'_>, model: &Model) {
    if model.is_wall() {
        wall::draw(painter, model);
        return;
    }
    if !model.has_data() {
        no_data(painter, model);
        return;
    }
    let found = filter::lines(model, usize::from(painter.width()));
    let rows = found.len() as u16;
    for (row, line) in (0..).zip(found) {
        line.draw(painter, row);
    }
    let painter = &mut painter.part(Rect::new(0, rows, painter.width(), painter.height().saturating_sub(rows)));
    match model.screen() {
        Screen::Fleet => fleet::draw(painter, model),
        Screen::Push => {
            let moment = model.moment();
            let (fleet, signals, push) = (model.fleet(), model.signals(), model.selected_push());
            let selected = model.cursor();
            push::draw(painter, &push::Seen { fleet, signals, push, moment: &moment, pinned: model.pinned(), selected });
        }
        Screen::Waiting => waiting::draw(painter, model),
        Screen::Signals => signals::draw(painter, model),
        Screen::Timeline => timeline::draw(painter, model),
    }
}

/// Nothing was heard yet, or nothing ever will be.
fn no_data(painter: &mut Painter<'_>, model: &Model) {
    let (role, text) = match model.ended() {
        Some(why) => (Role::Bad, format!("No data: {why}.")),
        None => (Role::Waiting, format!("No data yet. Waiting for {}.", model.source().uri)),
    };
    let lines = wrap(&text, usize::from(painter.width()).saturating_sub(2));
    for (row, text) in (1..).zip(lines) {
        line::Line::of(role, format!(" {text}")).draw(painter, row);
    }
}

fn overlay(painter: &mut Painter<'_>, model: &Model) {
    match model.overlay() {
        Some(Overlay::Confirm(dialog)) => dialog::confirm(painter, model, dialog),
        Some(Overlay::Which(which)) => dialog::which(painter, which),
        Some(Overlay::Columns(choosing)) => columns::choosing(painter, model, choosing),
        Some(Overlay::Palette(palette)) => palette::draw(painter, model, palette),
        // The row above the screen is where it is typed. The others take the place of the screen.
        Some(Overlay::Filter(_) | Overlay::Instances(_) | Overlay::Help { .. } | Overlay::Explain(_)) | None => {}
    }
}
