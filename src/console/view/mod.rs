//! Drawing: from what is known to cells. Pure; may use ratatui's buffer, `theme`, `keymap` and `domain`, never a terminal.

pub mod kit;
